#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Indexes that cannot be read, whole or in part.
exec python3 tests/wire/damage.py
