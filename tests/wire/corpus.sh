#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Real bulletins through the whole house, among a part of the statutes; see corpus.py.
test -f "$GONGBAO_DATA/corpus/statutes.jsonl.gz" || {
    echo "no corpus in $GONGBAO_DATA"
    exit 77
}
exec python3 tests/wire/corpus.py "$GONGBAO_BIN" "$GONGBAO_DATA" --documents 1500 --pieces 300 \
    ${GONGBAO_SEED:+--seed "$GONGBAO_SEED"}
