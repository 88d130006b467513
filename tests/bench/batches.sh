#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Many batches of one document, each by a gongbao-ingest of its own, against one batch of all of
# them: how many times the CPU that takes, and how many segments are left. BATCHES says how many;
# TMPDIR says on which disk, for half of the time goes into files.
set -eu

n=${BATCHES:-10000}
data=${GONGBAO_DATA:-../shared}/corpus/statutes.jsonl.gz
[ -r "$data" ] || { echo "bench-batches: $data is not there, skipped"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
zcat "$data" | awk -v n="$n" 'NR > n { exit } { print }' > "$work/all.jsonl"
mkdir "$work/one"
split -l 1 -a 6 -d --additional-suffix=.jsonl "$work/all.jsonl" "$work/one/"

# Seconds of CPU that the programs started so far have taken; in a file, for a subshell has none.
cpu() {
    times > "$work/times"
    awk 'NR == 2 { gsub("s", ""); split($1, u, "m"); split($2, s, "m")
                   printf "%.3f\n", 60 * (u[1] + s[1]) + u[2] + s[2] }' "$work/times" > "$1"
}

ingest() {
    "$GONGBAO_BIN/gongbao-ingest" --lexicon "$GONGBAO_BIN/gongbao.lex" --report /dev/null "$@" \
        > "$work/said" || [ $? -eq 1 ] || { cat "$work/said" >&2; exit 1; }
}

cpu "$work/t0"
ingest --index "$work/whole" "$work/all.jsonl"
cpu "$work/t1"
for file in "$work/one"/*; do
    ingest --index "$work/many" "$file"
done
cpu "$work/t2"

paste "$work/t0" "$work/t1" "$work/t2" | awk -v n="$n" \
    -v segments="$(grep -c '^segment' "$work/many/MANIFEST")" '{
    one = $2 - $1; many = $3 - $2
    printf "one batch of %d documents: %.2f CPU s\n", n, one
    printf "%d batches of one: %.2f CPU s, %.2f ms each\n", n, many, 1000 * many / n
    printf "ratio: %.1f; segments left: %d\n", many / one, segments }'
