#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line of the daemon, its socket and its addresses.
exec python3 tests/wire/start.py
