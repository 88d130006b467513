#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Queries that are large, or out of time.
exec python3 tests/wire/queries.py
