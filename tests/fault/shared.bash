# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
#
# What the tests of this folder begin with: names of the programs, an end that shows what was said,
# and the folder of the test to be in. A command leaves its output in `out` and `err`.

set -u
ingest=$GONGBAO_BIN/gongbao-ingest
gongbao=$GONGBAO_BIN/gongbao
lexicon=$GONGBAO_BIN/gongbao.lex
cd "$GONGBAO_TMP" || exit 1

fail() {
    local f
    echo "FAILED: $*"
    for f in out err report; do
        test -f $f || continue
        echo "--- $f"
        head -c 4000 $f
    done
    exit 1
}

# said TEXT: the last command said so, somewhere; reported TEXT: it is in the report.
said() { grep -qF -- "$1" out err || fail "not said: $1"; }
reported() { grep -qF -- "$1" report || fail "not in the report: $1"; }
