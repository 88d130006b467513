#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The transcripts in this folder and the examples of PROTOCOL.md, spoken to a real daemon.
exec python3 tests/wire/transcripts.py
