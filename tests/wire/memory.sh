#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Finished replies that are given again, frequent queries and slow ones.
exec python3 tests/wire/memory.py
