#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A disk that fills up: batches are put into an index on a small tmpfs, each replacing what is there,
# with less and less room, until they fail. After each failure the index passes its check and answers
# as before, the error names a file, and nothing is left lying about; with room again the same batch
# goes in. The same for a backup. Mounting is done in a namespace of its own.

set -u
if [ "${1-}" != --inside ]; then
    unshare -Urm true 2>/dev/null || {
        echo "mounting a tmpfs is not allowed here (unshare -Urm)"
        exit 77
    }
    exec unshare -Urm "$0" --inside
fi

disk=$GONGBAO_TMP/disk
mkdir -p "$disk"
mount -t tmpfs -o size=4m tmpfs "$disk" || {
    echo "a tmpfs cannot be mounted here"
    exit 77
}
index=$disk/index
# shellcheck source=tests/fault/shared.bash
. tests/fault/shared.bash

# texts NUMBER: a batch of 200 bulletins, the same ids each time.
texts() {
    awk -v round="$1" 'BEGIN {
        srand(round)
        for (i = 0; i < 200; i++) {
            printf "{\"id\":\"%d\",\"body\":\"第 %d 轮", i, round
            for (k = 0; k < 40; k++)
                printf "强调%d水库大坝%d", rand() * 1e6, rand() * 1e6
            printf "。\"}\n"
        }
    }' >"batch-$1.jsonl"
}

# put NUMBER: ingest that batch.
put() {
    "$ingest" --index "$index" --lexicon "$lexicon" "batch-$1.jsonl" >out 2>err
}

# fill KIB: leave so much room on the disk.
fill() {
    local free
    rm -f "$disk/filler"
    free=$(df --output=avail -k "$disk" | tail -n 1)
    [ "$free" -le "$1" ] || head -c $(((free - $1) * 1024)) /dev/zero >"$disk/filler"
}

# state: generation, documents and everything else that a check tells.
state() {
    "$gongbao" check --lexicon "$lexicon" "$index" | grep ' ok generation='
}

names() { (cd "$disk" && find . -name filler -o -print | sort); }

texts 1
texts 2
texts 3
put 1 || fail "the first batch"
put 2 || fail "the second batch"
before=$(state) || fail "the index is damaged at first"
listed=$(names)

failures=0
for room in 0 4 16 40 80 120 200 280 360; do
    fill $room
    put 3
    status=$?
    [ $status -eq 0 ] && break
    failures=$((failures + 1))
    [ $status -eq 4 ] || fail "exit $status with $room KiB left"
    grep -q "$disk/index.*No space left on device" err || fail "no file is named with $room KiB left"
    [ "$(state)" = "$before" ] || fail "the index has changed with $room KiB left"
    [ "$(names)" = "$listed" ] || fail "something was left with $room KiB left"
done
[ $failures -ge 3 ] || fail "only $failures batches failed"

rm -f "$disk/filler"
put 3 || fail "with room again"
grep -q ' updated=200 ' out || fail "the batch went in by halves"
state >/dev/null || fail "the index is damaged in the end"

listed=$(names)
for room in 0 8 64 200; do
    fill $room
    "$gongbao" backup --copy "$index" "$disk/backup" >out 2>err
    [ $? -eq 4 ] || fail "a backup with $room KiB left"
    grep -q "$disk/backup.*No space left on device" err || fail "no file of the backup is named"
    [ "$(names)" = "$listed" ] || fail "a part of the backup was left with $room KiB left"
done
rm -f "$disk/filler"
"$gongbao" backup "$index" "$disk/backup" >out 2>err || fail "a backup with room again"
"$gongbao" check --lexicon "$lexicon" "$disk/backup" >out || fail "the backup is damaged"
"$gongbao" backup "$index" "$GONGBAO_TMP/elsewhere" >out 2>err || fail "a backup on another disk"
"$gongbao" check --lexicon "$lexicon" "$GONGBAO_TMP/elsewhere" >out || fail "the copy is damaged"
echo "$failures batches failed"
