#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Real bulletins through the whole house, among all of the statutes; see corpus.py.
test -f "$GONGBAO_DATA/corpus/statutes.jsonl.gz" || {
    echo "no corpus in $GONGBAO_DATA"
    exit 77
}
exec python3 tests/wire/corpus.py "$GONGBAO_BIN" "$GONGBAO_DATA" --pieces 1000 \
    ${GONGBAO_SEED:+--seed "$GONGBAO_SEED"}
