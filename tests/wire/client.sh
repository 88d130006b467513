#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gongbao as a client: what it prints for scripts, and how it exits.

set -u
bin=${GONGBAO_BIN:-build/check}
tmp=${GONGBAO_TMP:-build/tmp/client}
failed=0

for program in gongbao gongbaod gongbao-ingest gongbao.lex; do
    test -e "$bin/$program" || { echo "$program is not built" && exit 77; }
done
mkdir -p "$tmp"
echo "lexicon = $bin/gongbao.lex" >"$tmp/conf"
"$bin/gongbao-ingest" --index "$tmp/main" --conf "$tmp/conf" tests/wire/bulletins.jsonl || exit 1

socket=$(realpath --relative-to=. "$tmp")/socket # a short path: 107 bytes is the most
"$bin/gongbaod" --index "$tmp/main" --conf "$tmp/conf" --unix "$socket" --workers 1 >"$tmp/ready" &
daemon=$!
trap 'kill "$daemon" 2>/dev/null' EXIT
for ((i = 0; i < 300; i++)); do
    grep -q '^gongbaod: ready' "$tmp/ready" && break
    sleep 0.1
done

# try STATUS EXPECTED ARG...: EXPECTED is a pattern that the first line of the output matches.
try() {
    local status=$1 expected=$2 said
    shift 2
    said=$("$bin/gongbao" "$@" 2>&1)
    local got=$?
    # shellcheck disable=SC2053
    if [ "$got" -eq "$status" ] && [[ ${said%%$'\n'*} == $expected ]]; then
        echo "ok   gongbao $*"
    else
        echo "FAIL gongbao $*: $got, $said"
        failed=1
    fi
}

here=(--unix "$socket")
try 0 $'1\t*\t2024-06-03\tqx-2024-031\t*[[]值守[]]*' search "${here[@]}" 值守
try 0 $'1\t*\t2024-06-03\tqx-2024-031\t*' search 值守 一河一策 --limit 1 "${here[@]}"
try 0 '{"code":210,"name":"hits","total":1,*' search --json "${here[@]}" 值守
try 0 $'1\t*\t2024-10-31\tqx-2024-077\t*' search --sort date "${here[@]}" 强调
try 0 $'1\t*\t2024-06-03\tqx-2024-031\t*' search --to 2024-06 --tag 防汛 "${here[@]}" 强调
try 0 1 count --from 2024-10 "${here[@]}" 强调
try 2 'gongbao search: 400 bad-value *' search --from 10月 "${here[@]}" 强调
try 1 '' search --issuer 'a b' "${here[@]}" 强调
try 2 'gongbao search: --issuer takes no value with a quote before a space' search --issuer 'a" b' "${here[@]}" 强调
try 1 '' search "${here[@]}" 鼋鼍
try 1 '{"code":210,"name":"hits","total":0,*' search --json "${here[@]}" 鼋鼍
try 1 '{"code":200,"name":"count","n":0,*' count --json "${here[@]}" 鼋鼍
try 0 '{"code":200,"name":"count","n":1,*' count --json "${here[@]}" 值守
try 1 '{"code":404,"name":"not-found",*' get --json "${here[@]}" nix
try 0 1 count "${here[@]}" 值守
try 1 0 count "${here[@]}" '"值守鼋"'
try 0 'id: notes/meeting minutes 5.txt' get "${here[@]}" 'notes/meeting minutes 5.txt'
try 1 'gongbao get: 404 not-found *' get "${here[@]}" nix
try 0 'total=1 exact=1 * used=all *' explain "${here[@]}" 值守
try 0 'at=hit rank=1 *' why "${here[@]}" qx-2024-031 值守 一河一策
try 0 'at=not-indexed *' why "${here[@]}" nix 值守
try 0 '{"code":200,"name":"why","at":"part",*' why --json "${here[@]}" qx-2024-077 '"值守"'
try 2 'usage: gongbao why *' why "${here[@]}" qx-2024-031
try 0 'at=part rank=0 *' why "${here[@]}" 'notes/meeting minutes 5.txt' 值守
try 0 'at=not-indexed *' why "${here[@]}" 'a b' 值守
try 0 $'generation\t1' stats "${here[@]}"
try 2 'gongbao search: 400 bad-value *' search "${here[@]}" --limit 1000 值守
try 2 'gongbao search: 422 too-complex *' search "${here[@]}" "$(printf '一 %.0s' {1..33})"
try 2 'gongbao search: 422 syntax offset=7 *, at 强调 ^(防汛' search "${here[@]}" --strict 1 '强调 (防汛'
# Under the query stands a caret; a Han character takes two columns.
shown=$'  强调 (防汛\n       ^'
[ "$("$bin/gongbao" search "${here[@]}" --strict 1 '强调 (防汛' 2>&1 | tail -n 2)" = "$shown" ] ||
    { echo "FAIL: no caret under the bracket" && failed=1; }
try 2 'usage: gongbao count *' count "${here[@]}"
try 2 'usage: gongbao stats *' stats --limit 3 "${here[@]}"
try 2 'gongbao search: a request is one line*' search "${here[@]}" $'a\nQUIT'
try 0 'gongbao [0-9]*.[0-9]*' --version
try 0 'usage: gongbao COMMAND*' --help
for command in search count get explain why stats analyze check lexicon; do
    try 0 "usage: gongbao $command *" "$command" --help
    [ -z "$("$bin/gongbao" "$command" --help 2>&1 >/dev/null)" ] || { echo "FAIL: not on stdout" && failed=1; }
done
try 0 'usage: gongbao lexicon *' lexicon compile --help
try 4 'gongbao search: cannot connect to *' search --unix "$tmp/nobody" 值守
exit "$failed"
