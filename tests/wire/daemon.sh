#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The life of the daemon: signals, workers that die, new generations, limits, addresses.
exec python3 tests/wire/daemon.py
