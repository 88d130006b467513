#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Speed of the analyzer over the bodies of the statutes.

set -eu

bin=${GONGBAO_BIN:-build}
corpus=${GONGBAO_DATA:-../shared}/corpus/statutes.jsonl.gz
test -e "$corpus" || {
    echo "analysis: no $corpus, skipped"
    exit 77
}
exec "$bin/tests/bench/bench_analysis" "$bin/gongbao.lex" "$corpus"
