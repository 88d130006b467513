#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the index writes against what libxapian writes, with as many documents as a segment has.
DOCUMENTS=70000 exec "$GONGBAO_BIN/tests/unit/test_glass"
