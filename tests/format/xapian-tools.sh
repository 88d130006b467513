#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A segment is a standard glass database: the tools that come with libxapian check it, list its
# terms, compact it and serve it to others, and xxh128sum reads its SUMS. The index has segments of several batches,
# replaced and deleted documents, and a document with long and odd values.

set -u
index=$GONGBAO_TMP/index
lexicon=$GONGBAO_BIN/gongbao.lex

fail() {
    echo "$*"
    exit 1
}

for tool in xapian-check xapian-delve xapian-compact; do
    command -v $tool >/dev/null || {
        echo "$tool is not installed (package xapian-tools)"
        exit 77
    }
done

ingest() {
    "$GONGBAO_BIN/gongbao-ingest" --index "$index" --lexicon "$lexicon" "$@" >"$GONGBAO_TMP/out" ||
        fail "gongbao-ingest $*: $(cat "$GONGBAO_TMP/out")"
}

long=$(printf '长%.0s' {1..120})
ingest tests/data/bulletins
ingest - <<END
{"id":"odd/$long","title":"$long","body":"强调 a＋b 23.4%","issuer":"$long","tags":["$long"]}
{"id":"a","body":"经济"}
{"id":"b","body":"民生"}
END
echo b >"$GONGBAO_TMP/deletions"
ingest --delete "$GONGBAO_TMP/deletions" - <<<'{"id":"a","body":"经济发展"}'

segments=0
for segment in "$index"/seg-*; do
    segments=$((segments + 1))
    xapian-check "$segment" >"$GONGBAO_TMP/check" 2>&1 || fail "$segment: $(cat "$GONGBAO_TMP/check")"
    grep -q '^No errors found' "$GONGBAO_TMP/check" || fail "$segment: $(cat "$GONGBAO_TMP/check")"
    named=$(grep -o "^segment ${segment##*/} documents=[0-9]*" "$index/MANIFEST")
    counted=$(xapian-delve "$segment" | sed -n 's/^number of documents = //p')
    [ "${named##*=}" = "$counted" ] || fail "$segment: $counted documents, the manifest: $named"
    xapian-compact --no-full "$segment" "$GONGBAO_TMP/${segment##*/}" >/dev/null 2>&1 ||
        fail "$segment cannot be compacted"
    if command -v xxh128sum >/dev/null; then
        (cd "$segment" && xxh128sum --quiet -c SUMS) || fail "$segment: SUMS do not match"
    fi
done
[ $segments -ge 3 ] || fail "$segments segments instead of three"

xapian-delve -t Qa "$index/seg-2-0" | grep -q 'termfreq 1' || fail "the term of id a is missing"

# ---- a segment served by xapian-tcpsrv shows the same terms; test_glass_served searches it ----

# serve DATABASE: start a server on a port that is free; $served is a database that leads to it.
serve() {
    served=$GONGBAO_TMP/remote
    for _ in {1..20}; do
        port=$((20000 + RANDOM % 20000))
        # Told to end, it tells all of its process group.
        setsid xapian-tcpsrv --quiet --interface 127.0.0.1 --port $port "$1" >"$GONGBAO_TMP/server" 2>&1 &
        server=$!
        echo "remote 127.0.0.1:$port" >"$served"
        for _ in {1..50}; do
            xapian-delve "$served" >/dev/null 2>&1 && return
            kill -0 $server 2>/dev/null || break
            sleep 0.1
        done
        kill $server 2>/dev/null
    done
    fail "xapian-tcpsrv does not serve: $(cat "$GONGBAO_TMP/server")"
}

# same WHAT COMMAND...: it says the same of the segment and of what is served; @ stands for either.
# Over the wire the bound of a wdf is a looser one.
same() {
    local what=$1 here there
    shift
    here=$("${@/#@/$segment}" 2>&1) || fail "$what: $here"
    there=$("${@/#@/$served}" 2>&1) || fail "$what, served: $there"
    here=${here/, wdf_max*)/)} there=${there/, wdf_max*)/)}
    [ "$here" = "$there" ] || fail "$what differs:
$here
$there"
    [ -n "$here" ] || fail "$what says nothing"
}

segment=$index/seg-1-0
if command -v xapian-tcpsrv >/dev/null; then
    serve "$segment"
    trap 'kill $server' EXIT
    term=$(xapian-delve -a -1 "$segment" | awk 'NR > 1 && !/^[A-Z]/ { print; exit }')
    same 'the list of terms' xapian-delve -a -1 @
    same 'a term with its documents' xapian-delve -t "$term" -1 -v @
    kill $server
    wait $server 2>/dev/null
    trap - EXIT
fi

"$GONGBAO_BIN/gongbao" check "$index" || fail "gongbao check found something"
(ulimit -Sn 8 && "$GONGBAO_BIN/gongbao" check "$index") || fail "the soft limit on open files was kept"

# A check that never fails would prove nothing.
printf 'x' | dd of="$index/seg-2-0/postlist.glass" bs=1 seek=3000 conv=notrunc status=none
"$GONGBAO_BIN/gongbao" check "$index" >"$GONGBAO_TMP/out" 2>&1
[ $? -eq 4 ] || fail "gongbao check does not exit with 4 on damage"
grep -q 'seg-2-0/postlist.glass' "$GONGBAO_TMP/out" || fail "the damaged file is not named"
echo "$segments segments"
