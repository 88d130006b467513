#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Queries made to take long meet their deadline.
exec python3 tests/wire/deadline.py
