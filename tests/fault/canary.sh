#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Canary queries: a batch after which a search would find less than before is refused, and the index
# is as it was, byte for byte; --force publishes it.

# shellcheck source=tests/fault/shared.bash
. tests/fault/shared.bash

# run STATUS ARGUMENT...
run() {
    local want=$1 status
    shift
    "$ingest" --index D --lexicon "$lexicon" --report report "$@" >out 2>err
    status=$?
    [ $status -eq "$want" ] || fail "exit $status instead of $want: $*"
}

generation() {
    [[ $(tail -n 1 out) == *" generation=$1" ]] || fail "expected generation $1"
}

state() {
    find D -type f -print0 | sort -z | xargs -0 sha256sum
}

cat >a.jsonl <<'END'
{"id":"heat","title":"高温补贴发放通知","body":"六月至九月向户外职工发放高温补贴。"}
{"id":"tea","title":"茶叶收成","body":"全市茶叶产量增长。"}
{"id":"dam","title":"水库检查","body":"水库大坝检查发现隐患三处。"}
END
printf '# 注释\n\n高温补贴\theat\t1\n水库 "大坝"\tdam\t1\r\n火星\tmars\t3\n' >canary.tsv

# ---- the first batch: what no index had cannot get worse ----

run 0 --canary canary.tsv a.jsonl
generation 1
reported '{"canary":"canary.tsv","line":5,"is":"absent","query":"火星","id":"mars","worst":3,"before":0,"now":0'
[ "$(wc -l <report)" -eq 1 ] || fail "more than the bulletin that is not there"

# ---- a bulletin that changes, or goes, or is pushed down ----

before=$(state)
echo '{"id":"heat","title":"通知","body":"改为空调补助。"}' >changed.jsonl
run 5 --canary canary.tsv changed.jsonl
generation 1
said 'canary.tsv:3: 高温补贴: heat would not be among the first 1 any more (it is hit 1 now;'
said 'the index is as it was'
reported '"line":3,"is":"regressed","query":"高温补贴","id":"heat","worst":1,"before":1,"now":0,"why":"not all of the query is in it"}'
[ "$(state)" = "$before" ] || fail "the index changed"

echo dam >gone
run 5 --canary canary.tsv --delete gone
reported '"line":4,"is":"regressed","query":"水库 \"大坝\"","id":"dam","worst":1,"before":1,"now":0,"why":"it was deleted;'
[ "$(state)" = "$before" ] || fail "the index changed"

echo '{"id":"spam","title":"高温补贴高温补贴","body":"高温补贴高温补贴高温补贴高温补贴"}' >spam.jsonl
run 5 --canary canary.tsv spam.jsonl
reported '"is":"regressed","query":"高温补贴","id":"heat","worst":1,"before":1,"now":2,"why":"hit 2 of 2"}'
run 5 --canary canary.tsv --delete gone spam.jsonl
said '2 canary queries regress, the first of them canary.tsv:3'
[ "$(state)" = "$before" ] || fail "the index changed"

# Without --report the same is told on standard error.
"$ingest" --index D --lexicon "$lexicon" --canary canary.tsv spam.jsonl >out 2>err
[ $? -eq 5 ] || fail "exit status without a report"
said '"is":"regressed"'

# ---- what does no harm is published; a batch of nothing asks nothing ----

echo '{"id":"bus","title":"公交","body":"公交改线。"}' >good.jsonl
run 0 --canary canary.tsv good.jsonl
generation 2
run 0 --canary canary.tsv good.jsonl
generation 2
[ -s report ] && fail "canaries were asked for nothing"

# ---- by configuration, and against the will of a canary ----

echo "canary = canary.tsv" >conf
run 5 --conf conf spam.jsonl
generation 2
run 0 --conf conf --force spam.jsonl
generation 3
reported '"is":"regressed"'
[ -s err ] && fail "a complaint about what was forced"

# What is wrong already is told, and stops no other batch.
echo '{"id":"bus","title":"公交","body":"公交再改线。"}' >good.jsonl
run 0 --conf conf good.jsonl
generation 4
reported '"line":3,"is":"failing","query":"高温补贴","id":"heat","worst":1,"before":2,"now":2'

# ... and the batch that puts it right is published like any other.
echo spam >gone
run 0 --conf conf --delete gone
generation 5
grep -q '"line":3' report && fail "a canary that is well again is told"

# --optimize goes the same way.
run 0 --conf conf --optimize
generation 6

# ---- a file that cannot be used is found before anything is done ----

printf '高温补贴\theat\t0\n' >bad.tsv
run 2 --canary bad.tsv a.jsonl
said 'bad.tsv:1: expected QUERY, ID and a rank from 1 to 10000, with tabs between'
printf '\n高温补贴 heat 1\n' >bad.tsv
run 2 --canary bad.tsv a.jsonl
said 'bad.tsv:2:'
run 2 --canary no-such-file a.jsonl
said no-such-file
generation 6

# ---- gongbao asks them: without it nothing is done, and only where there are some ----

mkdir alone
cp "$ingest" alone/
before=$(state)
alone/gongbao-ingest --index D --lexicon "$lexicon" --conf conf spam.jsonl >out 2>err
[ $? -eq 4 ] || fail "exit status without gongbao"
said "alone/gongbao, which asks the canary queries: No such file or directory"
[ "$(state)" = "$before" ] || fail "the index changed"
alone/gongbao-ingest --index D --lexicon "$lexicon" good.jsonl >out 2>err || fail "without canaries"
generation 6

# ---- killed while canaries are asked: as it was ----

for i in $(seq 300); do printf '水库大坝检查发现隐患 %d\tdam\t1\n' "$i"; done >many.tsv
for delay in .005 .02 .04 .06 .1; do
    "$ingest" --index D --lexicon "$lexicon" --canary many.tsv --report report spam.jsonl >out 2>err &
    pid=$!
    sleep $delay
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    "$ingest" --index D --lexicon "$lexicon" a.jsonl >out 2>err || fail "a run after one that was killed"
    grep -q 'generation=6\|generation=7' out || fail "generations"
done
exit 0
