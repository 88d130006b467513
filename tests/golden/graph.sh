#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gongbao analyze as a person uses it: the word graph against golden files, where texts come from,
# and where the lexicon is found. GOLDEN_WRITE=1 rewrites the files.

set -eu

gongbao=$GONGBAO_BIN/gongbao
tmp=$GONGBAO_TMP
golden=tests/golden/graph

fail() {
    echo "graph.sh: $*" >&2
    exit 1
}

# is FILE: what $tmp/out holds is the golden file.
is() {
    [ -z "${GOLDEN_WRITE-}" ] || cp "$tmp/out" "$golden/$1"
    diff "$golden/$1" "$tmp/out" || fail "$1 is not what is made now"
}

# A small lexicon of its own, so that the weights stay what they are.
"$gongbao" lexicon compile --words $golden/words.txt --out "$tmp/small.lex" >/dev/null
small() { "$gongbao" analyze --lexicon "$tmp/small.lex" "$@" >"$tmp/out"; }

small --graph 研究生命起源 北京大学生 市委書記吳舜澤 2025年10月31日 是B超檢查 '乾隆(qián)是“日”，'
is graph.txt
small --graph=dot 研究生命起源 '日"\年'
is dot.txt
small '市委書記(jì)' 二〇二五年
is tokens.txt
small --graph ''
grep -qx 'total: 0.00' "$tmp/out" || fail "no text has no path: $(cat "$tmp/out")"

# The lexicon beside the program is found, and cuts the classics right.
path() {
    "$gongbao" analyze --graph "$1" >"$tmp/out"
    grep -qxF "path: $2" "$tmp/out" || fail "$1: $(grep '^path' "$tmp/out")"
}
path 研究生命起源 '研究|生命|起源'
path 北京大学生 '北京|大学生'
path 市委書記吳舜澤 '市委書記|吳|舜|澤'
path 2025年10月31日 '2025年10月31日'
path 做B超检查 '做|B超|检查'

# The same program elsewhere uses what is beside it there, or names the installed one that is missing.
cp "$gongbao" "$tmp/gongbao"
"$tmp/gongbao" analyze 词 >/dev/null 2>"$tmp/said" || grep -q '/gongbao.lex' "$tmp/said" ||
    fail "it does not tell which lexicon is missing: $(cat "$tmp/said")"
cp "$tmp/small.lex" "$tmp/gongbao.lex"
"$tmp/gongbao" analyze --graph 研究 | grep -qE '^\* +0 +6 +3\.08 ' || fail "it is not found beside the program"

# Texts as arguments, as lines, and as both.
printf '大学\n\n学生' | small
[ "$(grep -c '^$' "$tmp/out")" -eq 2 ] || fail "three lines: $(cat "$tmp/out")"
grep -qP '^学生\t学生\tword\t0\t6$' "$tmp/out" || fail "the last line: $(cat "$tmp/out")"
cp "$tmp/out" "$tmp/lines"
small 大学 '' 学生
diff "$tmp/lines" "$tmp/out" || fail "arguments are not as lines"
printf '大学\n\n' | small - 学生
diff "$tmp/lines" "$tmp/out" || fail "- is not standard input"

# Neither the table nor the graph lets through what a terminal would obey.
for form in '' --graph --graph=dot; do
    small ${form:+"$form"} "$(printf '年\302\23331m\233\033[2J月')"
    ! LC_ALL=C grep -q "$(printf '[\302\033]')" "$tmp/out" || fail "a control is printed: $form"
done

status=0
"$gongbao" analyze --graph=svg 词 >"$tmp/out" 2>&1 || status=$?
[ $status -eq 2 ] || fail "--graph=svg is taken"
