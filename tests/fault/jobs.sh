#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gongbao-ingest with several threads: the same sources make the same index, byte for byte, the
# same report and the same summary, whatever the number of threads; a failure in the middle is the
# same failure; and a signal ends the work of all of them at once.

# shellcheck source=tests/fault/shared.bash
. tests/fault/shared.bash

# run JOBS STATUS ARGUMENT...: into the index JOBS/D, with all that is said beside it.
run() {
    local jobs=$1 want=$2 status
    shift 2
    mkdir -p "$jobs"
    "$ingest" --index "$jobs/D" --lexicon "$lexicon" --jobs "$jobs" --report "$jobs/report" "$@" \
        >"$jobs/out" 2>"$jobs/err"
    status=$?
    [ $status -eq "$want" ] || fail "exit $status instead of $want with --jobs $jobs: $(cat "$jobs/err")"
    sed -i 's/seconds=[0-9.]*/seconds=/' "$jobs/out"
}

# The manifest names each segment with a sum of its sums; it also tells when it was published.
same_as_one() {
    local jobs=$1 f
    for f in out err report; do
        cmp -s "1/$f" "$jobs/$f" || fail "$2: $f differs with --jobs $jobs: $(diff "1/$f" "$jobs/$f" | head)"
    done
    for f in 1/D/*/*; do
        cmp -s "$f" "$jobs/${f#1/}" || fail "$2: $f differs with --jobs $jobs"
    done
    [ "$(cd 1/D && echo */*)" = "$(cd "$jobs/D" && echo */*)" ] || fail "$2: other files with --jobs $jobs"
}

# everybody STATUS WHAT ARGUMENT...: the same job with several numbers of threads.
everybody() {
    local status=$1 what=$2 jobs
    shift 2
    for jobs in 1 2 3 8; do
        run $jobs "$status" "$@"
        [ $jobs -eq 1 ] || same_as_one $jobs "$what"
    done
}

# ---- what there is to read ----

# A chunk is full after some megabytes of records. Members that are only kept fill one quickly.
large=$(head -c 300000 /dev/urandom | base64 -w 0)
bulletins() {
    local first=$1 last=$2 word=$3 i
    for ((i = first; i <= last; i++)); do
        printf '{"id":"n%d","title":"第%d号公报","date":"2024-06-01","body":"%s第%d条，強調(diào)' \
            "$i" "$i" "$word" "$i"
        printf '高質(zhì)量發展結構(g。","附件":"%s"}\n' "$large"
        ((i % 7)) || echo '{"id":"bad","title":"没有正文"}'
        ((i % 11)) || echo 'not JSON'
        ((i % 5)) || echo '{"id":"again","body":"又一次 '"$i"' &amp;"}'
    done
}
mkdir -p in
bulletins 1 30 防汛 >in/a.jsonl
echo '一个文件里的公报：張?zhí)熘在会上讲话。' >in/b.txt
bulletins 31 60 抗旱 | gzip -1 >in/c.jsonl.gz
echo '{"id":"gb","body":"关于进一步加强防汛工作的通知"}' | iconv -t gb18030 >in/d.jsonl
echo not a bulletin >in/e.pdf
gzip -c in/a.jsonl | head -c 2000000 >in/f.jsonl.gz
for i in $(seq 3000); do
    echo '{"id":"s'"$i"'","body":"短公报'"$i"'"}'
done >in/g.jsonl
: >in/h.jsonl
printf 'n7\nn8\nnobody\n' >gone

everybody 1 "a first batch" in
grep -q '"line":1,"warning":"damaged readings","count":30' 1/report || fail "30 readings: $(cat 1/report)"
grep -q 'truncated' 1/report || fail "a truncated file is told"
[ "$(grep -c 'not JSON' 1/report)" -eq 5 ] || fail "five lines are not JSON"
grep -q 'added=3063 updated=12 unchanged=6 deleted=0 rejected=14 ' 1/out || fail "$(cat 1/out)"

everybody 1 "the same again" in
grep -q 'added=0 updated=12 unchanged=3069 deleted=0 rejected=14 .*generation=1$' 1/out || fail "$(cat 1/out)"

bulletins 20 50 停电 >changed.jsonl
everybody 1 "changes and deletions" --delete gone changed.jsonl
grep -q ' deleted=2 ' 1/out || fail "$(cat 1/out)"

# ---- bad lines, and a failure in the middle ----

# Lines for the report are not gathered without end where no document comes.
for i in $(seq 30000); do
    echo "no JSON at all $i"
done >many-bad.jsonl
everybody 1 "nothing but bad lines" many-bad.jsonl
[ "$(wc -l <1/report)" -eq 30000 ] || fail "30000 lines: $(wc -l <1/report)"
everybody 4 "a report that cannot be written" --report /dev/full in many-bad.jsonl changed.jsonl
grep -q 'No space left on device' 1/err || fail "the failure is told: $(cat 1/err)"

# ---- the command line ----

run 1 2 --jobs many in
grep -q -- '--jobs' 1/err || fail "a wrong number is told: $(cat 1/err)"
run 1 2 --jobs 65 in
echo 'ingest.jobs = 2' >two.conf
"$ingest" --conf two.conf --index 1/D --lexicon "$lexicon" in/b.txt >out 2>err || fail "$(cat err)"

# ---- an end that is asked for ----

for jobs in 1 8; do
    generation=$(readlink -f $jobs/D/MANIFEST | xargs cat | cksum)
    {
        for round in $(seq 200); do
            bulletins 1 30 "$round" || break
        done
    } 2>/dev/null | "$ingest" --index $jobs/D --lexicon "$lexicon" --jobs $jobs - >out 2>err &
    pid=$!
    until grep -q "FLOCK .* $pid " /proc/locks; do sleep 0.05; done
    sleep 1
    began=$(date +%s%N)
    kill -TERM $pid
    wait $pid
    status=$?
    took=$((($(date +%s%N) - began) / 1000000))
    [ $status -eq 4 ] || fail "exit $status instead of 4 after SIGTERM: $(cat err)"
    grep -q 'interrupted; the index is as it was' err || fail "the interruption is not told: $(cat err)"
    [ $took -lt 15000 ] || fail "it took $took ms to end with --jobs $jobs"
    [ "$generation" = "$(readlink -f $jobs/D/MANIFEST | xargs cat | cksum)" ] || fail "the index changed"
    ls -d $jobs/D/tmp-* 2>/dev/null && fail "something of the batch was left"
    echo "ended after $took ms with --jobs $jobs"
done

echo "all steps passed"
