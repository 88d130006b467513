#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Connections: silent, too many, slow, half closed, reset.
exec python3 tests/wire/connections.py
