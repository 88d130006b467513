#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM and SIGHUP: an end, and a configuration and words taken up anew.
exec python3 tests/wire/signals.py
