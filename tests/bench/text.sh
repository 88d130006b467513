#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# How small stored text gets and how fast it is packed; see bench_text.c.
data=${GONGBAO_DATA:-../shared}/corpus/statutes.jsonl.gz
test -e "$data" || {
    echo "bench-text: $data is not there, skipped"
    exit 0
}
exec "$GONGBAO_BIN/tests/bench/bench_text" "$data"
