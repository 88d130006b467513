#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Going back a generation, backup and restore as an administrator types them: what is done, what is
# said, and the exit status.

# shellcheck source=tests/fault/shared.bash
. tests/fault/shared.bash

# run STATUS COMMAND...: run it and keep what it says.
run() {
    local want=$1 status
    shift
    "$@" >out 2>err
    status=$?
    [ $status -eq "$want" ] || fail "exit $status instead of $want: $*"
}

ingest() { run "$1" "$ingest" --index index --lexicon "$lexicon" "${@:2}"; }

# holds DIR DOCUMENTS: it is sound and has so many.
holds() {
    run 0 "$gongbao" check --lexicon "$lexicon" "$1"
    said " documents=$2 "
}

echo '{"id":"a","body":"防汛会议。"}' >a.jsonl
printf '{"id":"a","body":"错了。"}\n{"id":"b","body":"错了。"}\n' >wrong.jsonl

# ---- rollback ----

ingest 2 --rollback
said 'index: there is no index here'
[ -e index ] && fail "an index was made"
ingest 0 a.jsonl
ingest 2 --rollback
said 'there is no generation before 1'
ingest 2 --rollback a.jsonl
said '--rollback stands alone'
ingest 0 wrong.jsonl
holds index 2
ingest 0 --rollback
said 'added=0 updated=0 unchanged=0 deleted=0 rejected=0 body_bytes=0'
said ' generation=3'
holds index 1
ingest 0 a.jsonl
said ' unchanged=1 '
ingest 0 wrong.jsonl
said ' generation=4'

# ---- backup ----

run 0 "$gongbao" backup index backup
said 'backup: generation 4 of index'
holds backup 2
run 2 "$gongbao" backup index backup
said 'backup: it is there already'
run 2 "$gongbao" backup index index/backup
said 'lies in the folder of the index'
run 4 "$gongbao" backup nowhere other
said 'nowhere: there is no index here'
[ -e other ] && fail "a backup of nothing"
run 4 "$gongbao" backup index no/such/place
said 'no/such/place.partial'
run 2 "$gongbao" backup index
said 'usage: gongbao backup [--copy] INDEX DIR'
run 0 "$gongbao" backup --copy index copy
segment=$(cd copy && echo seg-*)
[ "$(stat -c %h "copy/$segment/docdata.glass")" = 1 ] || fail "--copy made links"
[ "$(stat -c %h "backup/$segment/docdata.glass")" -ge 2 ] || fail "files were not linked"

# ---- restore ----

ingest 0 --delete <(echo a)
holds index 1
run 2 "$gongbao" restore backup index
said 'generation 5 is there, the backup is of generation 4; --force puts it aside'
holds index 1
run 0 "$gongbao" restore --force backup index
said 'index: generation 4 of backup'
said 'index.old: what was there before'
holds index 2
holds index.old 1
rm -r index
run 0 "$gongbao" restore backup index
holds index 2
ingest 0 a.jsonl
holds index 2

# An index behind a link: the link stays.
ln -s index link
run 0 "$gongbao" restore --force backup link/
[ -L link ] || fail "the link was replaced"
holds link 2
[ -d index.old-2 ] || fail "what was there before is not beside the index"

# ---- while a batch runs ----

mkfifo pipe
"$ingest" --index index --lexicon "$lexicon" - <pipe >out.batch 2>&1 &
batch=$!
exec 3>pipe
until grep -q "FLOCK .* $batch " /proc/locks; do sleep 0.05; done
ingest 3 --rollback
said "index: another writer holds the index: process $batch"
run 3 "$gongbao" restore --force backup index
said "another writer holds the index: process $batch"
run 0 "$gongbao" backup index meanwhile
run 0 "$gongbao" check --lexicon "$lexicon" index
exec 3>&-
wait $batch || fail "the batch: $(cat out.batch)"

# ---- modes: those of the umask, for every file ----

(umask 027 && "$ingest" --index private --lexicon "$lexicon" wrong.jsonl &&
    "$ingest" --index private --lexicon "$lexicon" a.jsonl) >out 2>err || fail "umask"
[ "$(find private -type f -printf '%m\n' | sort -u)" = 640 ] || fail "modes: $(find private -printf '%m %p\n')"

# ---- a limit on the size of files ----

(ulimit -f 4 && ingest 4 a.jsonl && said 'File too large') || exit 1
holds index 2

# ---- a manifest that is lost ----

rm index/MANIFEST
run 4 "$gongbao" check --lexicon "$lexicon" index
said 'MANIFEST is missing, but MANIFEST.'
ingest 4 a.jsonl
said 'is whole: gongbao-ingest --rollback brings it back'
ingest 0 --rollback
holds index 2

# A damaged backup does not come back.
printf X | dd of="copy/$segment/postlist.glass" bs=1 seek=100 conv=notrunc status=none
run 4 "$gongbao" restore --force copy index
said "$segment/postlist.glass: its checksum does not match"
holds index 2
[ -z "$(find . -name '*.partial')" ] || fail "something was left behind"
echo "all steps passed"
