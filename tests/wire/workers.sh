#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Workers that are killed, held or cannot be started.
exec python3 tests/wire/workers.py
