#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Indexes that change while the daemon runs.
exec python3 tests/wire/generations.py
