#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The session of README.md, spoken to a real daemon.
exec python3 tests/wire/readme.py
