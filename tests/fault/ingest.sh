#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gongbao-ingest from outside: every exit status, every bad input, and what stays as it was. Each
# step does what a person would do; one that goes wrong says what was expected and ends the test.

# shellcheck source=tests/fault/shared.bash
. tests/fault/shared.bash

# run STATUS ARGUMENT...: run it on the index D; the last line of its output is left in $summary.
run() {
    local want=$1 status form
    shift
    "$ingest" --index D --lexicon "$lexicon" --report report "$@" >out 2>err
    status=$?
    summary=$(tail -n 1 out)
    [ $status -eq "$want" ] || fail "exit $status instead of $want: $*"
    form='^ingest: added=[0-9]+ updated=[0-9]+ unchanged=[0-9]+ deleted=[0-9]+ rejected=[0-9]+'
    form="$form body_bytes=[0-9]+ seconds=[0-9.]+ generation=[0-9]+\$"
    [[ $summary =~ $form ]] || fail "not a summary: $summary"
}

# counts ADDED UPDATED UNCHANGED DELETED REJECTED GENERATION, of the last run
counts() {
    local want="ingest: added=$1 updated=$2 unchanged=$3 deleted=$4 rejected=$5 "
    [[ $summary == "$want"*" generation=$6" ]] || fail "expected ${want}generation=$6: $summary"
}

# ---- a job, and the same job again ----

cat >a.jsonl <<'END'
{"id":"1","title":"防汛会议","body":"全市防汛工作会议召开。","date":"2024-06-01","tags":["会议"],"源":1}
{"id":"2","title":"停电通知","body":"明日停电。"}

{"body":"没有编号的公报。"}
END
run 0 a.jsonl
counts 3 0 0 0 0 1
[ -s report ] && fail "a report about good documents"
[ -s err ] && fail "a line of progress where there is no terminal"
run 0 a.jsonl
counts 0 0 3 0 0 1

sed -i 's/明日停电/后天停电/' a.jsonl
run 0 a.jsonl
counts 0 1 2 0 0 2
sed -i 's/"源":1/"源":2/' a.jsonl # a member that is only kept is a change too
run 0 a.jsonl
counts 0 1 2 0 0 3

# The same id twice in one job: the later one stays.
printf '{"id":"d","body":"前"}\n{"id":"d","body":"后"}\n' >twice.jsonl
run 0 twice.jsonl
counts 1 1 0 0 0 4
run 0 twice.jsonl # and running the job again makes no generation
counts 0 2 0 0 0 4

# ---- deletions ----

printf '2\r\n\nno-such-id\nd\n' >gone
run 0 --delete gone
counts 0 0 0 2 0 5
run 0 --delete gone
counts 0 0 0 0 0 5
run 0 --delete gone a.jsonl # what is listed is not there afterwards, though a source brings it
[[ $summary == *" deleted=1 rejected=0 "* ]] || fail "a listed id stayed: $summary"
run 0 --delete /dev/null
run 0 --delete <(echo no-such-id)
run 0 --delete - </dev/null
counts 0 0 0 0 0 5
run 2 --delete - - </dev/null
said 'standard input is both a source and the deletions'
run 2 --delete .
said 'deletions .: a folder'
printf '%01100d\n' 0 >gone
run 1 --delete gone
reported '{"source":"gone","line":1,"reason":"the id is over 1024 bytes"}'
run 0 a.jsonl
counts 1 0 2 0 0 6

# ---- bad documents among good ones ----

cat >bad.jsonl <<'END'
{"id":"x1","body":"好的一条。"}
not json
{"id":"x3","title":"没有正文"}
{"id":"x4","body":"日期","date":"2024-02-30"}
{"id":"x5","body":12}
{"id":"x6","body":"\ud800"}
{"id":"x7","body":"NUL\u0000"}
["x8"]
{"id":"x9","body":"又一条。","body":"重复"}
{"id":"x10","body":"后一条。"}
END
printf '{"id":"x11","body":"\xe5\x85\xa8\xe5\xb8\x82\xff\xe4\xbc\x9a\xe8\xae\xae"}\n' >>bad.jsonl
printf '{"id":"%01100d","body":"x"}\n' 0 >>bad.jsonl
run 1 bad.jsonl
counts 2 0 0 0 10 7
[ "$(wc -l <report)" -eq 10 ] || fail "ten lines of report"
reported '{"source":"bad.jsonl","line":2,"reason":"not JSON'
reported '{"source":"bad.jsonl","line":3,"id":"x3","reason":"no body"}'
reported '"line":4,"id":"x4","reason":"\"date\" is not a day written YYYY-MM-DD: 2024-02-30"}'
reported '"line":5,"id":"x5","reason":"\"body\" is not a string"}'
reported '"line":6,'
reported '"line":7,"id":"x7","reason":"\"body\" contains a NUL character"}'
reported '"line":8,"reason":"not a JSON object"}'
reported '"line":9,'
reported '"line":11,'
reported '"reason":"the id is over 1024 bytes"}'
run 1 bad.jsonl
counts 0 0 2 0 10 7

# Without --report, the same is said on standard error.
"$ingest" --index D --lexicon "$lexicon" bad.jsonl >out 2>err
[ $? -eq 1 ] || fail "exit status without a report"
said '"line":3,"id":"x3","reason":"no body"}'

# ---- limits from the configuration ----

printf 'ingest.body_max = 40\ningest.line_max = 1K\n' >small.conf
{
    echo '{"id":"s1","body":"短"}'
    printf '{"id":"s2","body":"%050d"}\n' 0
    printf '{"id":"s3","body":"%02000d"}\n' 0
    echo '{"id":"s4","body":"也短"}'
} >limits.jsonl
run 1 --conf small.conf limits.jsonl
counts 2 0 0 0 2 8
reported '"line":2,"id":"s2","reason":"the body is over 40 bytes (ingest.body_max)"}'
reported '"line":3,"reason":"the line is over 1024 bytes (ingest.line_max)"}'

# ---- encodings ----

# 会议强调，要全面贯彻落实会议精神。 in GB18030, as a line among others
gbk='\xbb\xe1\xd2\xe9\xc7\xbf\xb5\xf7\xa3\xac\xd2\xaa\xc8\xab\xc3\xe6'
gbk="$gbk"'\xb9\xe1\xb3\xb9\xc2\xe4\xca\xb5\xbb\xe1\xd2\xe9\xbe\xab\xc9\xf1\xa1\xa3'
printf '{"id":"g1","body":"一行 UTF-8。"}\n{"id":"g2","body":"%b"}\n' "$gbk" >mixed.jsonl
echo '{"id":"g2","body":"会议强调，要全面贯彻落实会议精神。"}' >same.jsonl
run 0 mixed.jsonl
counts 2 0 0 0 0 9
reported '{"source":"mixed.jsonl","warning":"converted from'
run 0 same.jsonl
counts 0 0 1 0 0 9
# 會議強調，要全面貫徹落實會議精神。 in Big5
big5='\xb7\x7c\xc4\xb3\xb1\x6a\xbd\xd5\xa1\x41\xad\x6e\xa5\xfe\xad\xb1'
big5="$big5"'\xb3\x65\xb9\xfd\xb8\xa8\xb9\xea\xb7\x7c\xc4\xb3\xba\xeb\xaf\xab\xa1\x43'
printf '{"id":"g2","body":"%b"}\n' "$gbk" "$big5" "$gbk" >mixed.jsonl
"$ingest" --index E --lexicon "$lexicon" --report report mixed.jsonl >out 2>err || fail "mixed"
reported '{"source":"mixed.jsonl","warning":"converted from gb18030","count":2}'
reported '{"source":"mixed.jsonl","warning":"converted from big5","count":1}'

# ---- flaws, by source ----

{
    echo '{"id":"d1","body":"強調(diào)，質量"}'
    echo '{"id":"d2","title":"張?zhí)熘","body":"結構(g，質量&nbsp;強國"}'
    echo '{"id":"d3","body":"調(diàg)&ldquo;兩重&rdquo;"}'
} >flaws.jsonl
printf '質量月\n質量&amp;安全\n' >flaws.txt
"$ingest" --index F --lexicon "$lexicon" --report report flaws.jsonl flaws.txt >out 2>err || fail "flaws"
reported '{"source":"flaws.jsonl","line":2,"warning":"damaged readings","count":3}'
reported '{"source":"flaws.jsonl","line":2,"warning":"HTML entities left in the text","count":3}'
reported '{"source":"flaws.txt","warning":"HTML entities left in the text","count":1}'

# ---- gzip ----

seq 2000 | awk '{ printf "{\"id\":\"z%d\",\"body\":\"第 %d 条 %s\"}\n", $1, $1, rand() * 1e9 }' >many.jsonl
gzip -9 -k many.jsonl
run 0 many.jsonl.gz
counts 2000 0 0 0 0 10
head -c -2000 many.jsonl.gz >cut.jsonl.gz
run 1 cut.jsonl.gz
reported '"reason":"gzip: truncated"'
[[ $summary == *"added=0 updated=0 unchanged=1"* ]] || fail "what was before the cut is read: $summary"
head -c -8 many.jsonl.gz >crc.jsonl.gz
printf '\0\0\0\0\0\0\0\0' >>crc.jsonl.gz
run 1 crc.jsonl.gz
reported '"reason":"gzip: damaged: incorrect data check"'
{ cat many.jsonl.gz; echo rubbish; } >tail.jsonl.gz
run 1 tail.jsonl.gz
reported '"reason":"gzip: foreign bytes after the end"'
counts 0 0 2000 0 1 10
gzip -c many.jsonl.gz >nested.jsonl.gz
run 1 nested.jsonl.gz
counts 0 0 0 0 1 10
reported 'gzipped data where text is expected'
head -c 40000000 /dev/zero | gzip -9 >bomb.txt.gz
run 1 bomb.txt.gz
counts 0 0 0 0 1 10
reported 'gzip: inflates to over 300 times its size'

# ---- text files and folders ----

mkdir -p in/sub
printf '停水通知\n明日停水。\n' >in/b.txt
{
    printf '10月31日上午,全市“奋斗实干、担当争先”效能建设活动三季度赛比争先交流会召开,'
    printf '市委书记在会上强调要深入学习贯彻全会精神并全面落实部署要求。\n第二段。\n'
} >in/sub/a.txt
gzip -c in/b.txt >in/c.txt.gz
echo '{"id":"in","body":"文件夹里的一行。"}' >in/sub/d.jsonl
echo secret >outside.txt
ln -s ../outside.txt in/link.txt
ln -s .. in/up
mkfifo in/fifo.txt
echo x >in/notes.doc
echo x >in/.hidden.txt
run 0 in
counts 4 0 0 0 0 11
[ "$(wc -l <report)" -eq 4 ] || fail "four files are passed over"
reported '{"source":"in/link.txt","skipped":"a link"}'
reported '{"source":"in/fifo.txt","skipped":"not a regular file"}'
run 0 in/ # with a slash or without, the ids are the same
counts 0 0 4 0 0 11
run 0 in/sub/a.txt in/c.txt.gz
counts 0 0 2 0 0 11
printf 'in/b.txt\nin/sub/a.txt\nin/c.txt.gz\nin\n' >gone
run 0 --delete gone
counts 0 0 0 4 0 12

# ---- standard input ----

echo '{"id":"stdin","body":"从管道来。"}' >line
run 0 - <line
counts 1 0 0 0 0 13
run 0 - < <(cat line)
counts 0 0 1 0 0 13

# ---- a line of progress, on a terminal only ----

if command -v script >/dev/null; then
    TERM=xterm script -qec "'$ingest' --index D --lexicon '$lexicon' many.jsonl" typescript \
        </dev/null >/dev/null || fail "a run on a terminal"
    grep -q 'documents, .* MB/s' typescript || fail "no progress on a terminal"
    grep -q '2000 documents, .* MB, writing the index' typescript || fail "the end of reading is told"
    grep -q 'ingest: added=0 updated=0 unchanged=2000 ' typescript ||
        fail "no summary on a terminal"
fi

# ---- what is refused before anything is read ----

run 2 a.jsonl no-such.jsonl
said 'no-such.jsonl: No such file or directory'
counts 0 0 0 0 0 13
run 2 small.conf
said 'small.conf: of no known kind'
run 2
said 'nothing to do'
run 2 --nonsense a.jsonl
said 'unknown option --nonsense'
run 2 --delete no-such-list
said 'no-such-list: No such file or directory'
echo 'ingest.boddy_max = 1' >wrong.conf
run 2 --conf wrong.conf a.jsonl
said 'wrong.conf:1:'
echo 'ingest.body_max = much' >wrong.conf
run 2 --conf wrong.conf a.jsonl
said 'wrong.conf:1:'
run 2 --lexicon no-such.lex a.jsonl
said 'no-such.lex'
run 2 --report no/such/report a.jsonl
said 'no/such/report'
"$ingest" a.jsonl >out 2>err
[ $? -eq 2 ] || fail "an index has to be named"
said '--index is missing'
"$ingest" --help >out || fail "--help"
grep -q '^usage: gongbao-ingest' out || fail "--help shows no usage"

# ---- the report never takes the place of something else ----

cp a.jsonl kept.jsonl
ln a.jsonl hard-link
mkdir -p folder
ln a.jsonl folder/x.jsonl
echo 2 >gone
cp D/MANIFEST manifest
ln -s D index-link
ln -s D/no-report leads-nowhere
run 2 --report a.jsonl a.jsonl
said 'report a.jsonl: the same file as a.jsonl, which is to be read'
run 2 --report ./hard-link a.jsonl
run 2 --report hard-link folder
said 'the same file as folder/x.jsonl'
run 2 --report hard-link - <a.jsonl
run 2 --report gone --delete gone
said 'report gone: the same file as gone'
run 2 --report D/MANIFEST a.jsonl
said 'report D/MANIFEST: lies in the folder of the index'
run 2 --report index-link/no-report a.jsonl
run 2 --report leads-nowhere a.jsonl
cmp -s a.jsonl kept.jsonl || fail "the source was changed"
[ "$(cat gone)" = 2 ] || fail "the list of deletions was changed"
cmp -s D/MANIFEST manifest || fail "the manifest was changed"
[ -e D/no-report ] && fail "something was made in the index"

# With nothing done, the report before stays, and none is made.
echo before >report
run 2 no-such.jsonl
[ "$(cat report)" = before ] || fail "exit 2 emptied the report"
run 2 --report new-report no-such.jsonl
[ -e new-report ] && fail "exit 2 left a report"

# ---- another writer holds the index ----

mkfifo hold
"$ingest" --index D --lexicon "$lexicon" - <hold >held.out 2>held.err &
holder=$!
exec 9>hold
echo '{"id":"held","body":"占着。"}' >&9
for _ in $(seq 200); do
    readlink /proc/$holder/fd/* 2>/dev/null | grep -q '/LOCK$' && break
    sleep 0.05
done
"$ingest" --index D --lexicon "$lexicon" --report report a.jsonl >out 2>err
status=$?
[ "$(cat report)" = before ] || fail "exit 3 emptied the report"
[ $status -eq 3 ] || fail "exit $status instead of 3 beside another writer"
summary=$(tail -n 1 out)
counts 0 0 0 0 0 13

# ---- an end that is asked for ----

kill -TERM $holder
wait $holder
status=$?
exec 9>&-
[ $status -eq 4 ] || fail "exit $status instead of 4 after SIGTERM"
grep -q 'interrupted; the index is as it was' held.err || fail "the interruption is not told"
run 0 a.jsonl
counts 0 0 3 0 0 13

# ---- a failing disk, and a damaged index ----

"$ingest" --index D --lexicon "$lexicon" --report /dev/full bad.jsonl limits.jsonl >out 2>err
[ $? -eq 4 ] || fail "a report that cannot be written is a failure"
said 'No space left on device'
echo 'something else' >a-file
"$ingest" --index a-file --lexicon "$lexicon" a.jsonl >out 2>err
[ $? -eq 4 ] || fail "a file is no index"
"$ingest" --index /proc/none/D --lexicon "$lexicon" a.jsonl >out 2>err
[ $? -eq 4 ] || fail "a folder that cannot be made"
run 0 a.jsonl
counts 0 0 3 0 0 13

[ -f D/MANIFEST ] || fail "no manifest in the index"
printf 'X' | dd of=D/MANIFEST bs=1 seek=20 conv=notrunc 2>/dev/null
"$ingest" --index D --lexicon "$lexicon" a.jsonl >out 2>err
[ $? -eq 4 ] || fail "a damaged manifest is told"

echo "all steps passed"
