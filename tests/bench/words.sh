#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is suggested for words typed wrong or in pinyin, over all statutes; see tests/wire/words.py.
exec python3 tests/wire/words.py "$GONGBAO_BIN" "${GONGBAO_DATA:-../shared}"
