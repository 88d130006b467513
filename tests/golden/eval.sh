#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gongbao eval on an index of four bulletins whose answers are known beforehand.

set -eu

gongbao=$GONGBAO_BIN/gongbao
lexicon=$GONGBAO_BIN/gongbao.lex
tmp=$GONGBAO_TMP

fail() {
    echo "eval.sh: $*" >&2
    exit 1
}

# evaluate STATUS OPTION...: gongbao eval ends with the status; its output is in $tmp/out.
evaluate() {
    want=$1
    shift
    status=0
    "$gongbao" eval --lexicon "$lexicon" "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
    [ "$status" -eq "$want" ] || fail "$*: exit status $status, not $want: $(cat "$tmp/err")"
}

# figure NAME VALUE: a row of the output.
figure() {
    grep -qxF "$(printf '%s\t%s' "$1" "$2")" "$tmp/out" || fail "not $1 $2: $(cat "$tmp/out")"
}

cat >"$tmp/docs.jsonl" <<'END'
{"id": "flood", "title": "全县防汛工作会议召开", "body": "会议要求各乡镇备足抢险物资。"}
{"id": "tea", "title": "茶农增收", "body": "茶农分享加工收益，防汛物资也已备足。"}
{"id": "road", "title": "公路开工", "body": "跨山公路今日开工建设。"}
{"id": "school", "title": "新学期开学", "body": "全县中小学今日开学。"}
END
"$GONGBAO_BIN/gongbao-ingest" --lexicon "$lexicon" --index "$tmp/ix" "$tmp/docs.jsonl" >/dev/null

# The first finds its answer at rank 1, the second both of its two, the third none.
printf 'a\t跨山公路\nb\t防汛\nc\t没有人写过的事\nd\t无人评判\n' >"$tmp/q.tsv"
printf 'a\troad\t1\nb\t0\tflood\t2\nb\t0\ttea\t1\nb\tschool\t0\nc\tgone\t1\n' >"$tmp/r.tsv"
evaluate 0 --index "$tmp/ix" --queries "$tmp/q.tsv" --qrels "$tmp/r.tsv"
figure queries 3
figure failed 0
figure MRR@10 0.6667
figure nDCG@10 0.6667
figure recall@10 0.6667
figure recall@100 0.6667
grep -q '^p50_ms	[0-9]' "$tmp/out" || fail "no times"

# The configuration is the daemon's: a query over its limit fails, is told, and counts as no hit.
printf 'search.max_runs = 1\n' >"$tmp/one.conf"
printf 'a\t跨山公路\nb\t公路 开工\n' >"$tmp/q.tsv"
printf 'a\troad\t1\nb\troad\t1\n' >"$tmp/r.tsv"
evaluate 0 --conf "$tmp/one.conf" --index "$tmp/ix" --queries "$tmp/q.tsv" --qrels "$tmp/r.tsv"
figure failed 1
figure MRR@10 0.5000
grep -q 'query b failed' "$tmp/err" || fail "the failed query is not told: $(cat "$tmp/err")"

# What cannot be used.
printf 'a\troad\n' >"$tmp/bad.tsv"
evaluate 2 --index "$tmp/ix" --queries "$tmp/q.tsv" --qrels "$tmp/bad.tsv"
grep -qF "$tmp/bad.tsv:1: " "$tmp/err" || fail "the bad line is not named: $(cat "$tmp/err")"
printf 'z\troad\t1\n' >"$tmp/other.tsv"
evaluate 2 --index "$tmp/ix" --queries "$tmp/q.tsv" --qrels "$tmp/other.tsv"
evaluate 2 --index "$tmp/ix" --queries "$tmp/q.tsv"
evaluate 4 --index "$tmp/none" --queries "$tmp/q.tsv" --qrels "$tmp/r.tsv"
evaluate 4 --index "$tmp/ix" --queries "$tmp/none.tsv" --qrels "$tmp/r.tsv"
