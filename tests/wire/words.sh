#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What people type wrong or in pinyin, among a part of the statutes; see words.py.
test -f "$GONGBAO_DATA/corpus/statutes.jsonl.gz" || {
    echo "no corpus in $GONGBAO_DATA"
    exit 77
}
exec python3 tests/wire/words.py "$GONGBAO_BIN" "$GONGBAO_DATA" --every 16 --least 45,28
