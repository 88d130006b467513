#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The walls of the house: which room may include what. Rooms see each other only through the
# contract headers, and only downward; <xapian.h> and C++ stay in the engine room.
#
# With a folder as argument the house is looked for there instead of in the current one.

set -u
self=$(realpath "$0")

# room       the rooms whose headers it may include, besides its own
floors='
base
lexicon      base
index        base
analysis     base lexicon
query        base analysis index
words        base analysis lexicon index
snippet      base analysis query
ingest       base analysis lexicon index
mine         base lexicon analysis
search       base analysis index query snippet words
net          base search
cmd          base lexicon analysis index words query snippet mine ingest search net
'

# Only these rooms may include a header of the library.
libraries='
xapian.h     index
event2/      net
zlib.h       index ingest
xxhash.h     base
'

# room       its contract headers: <gongbao/NAME.h>
headers='
base         err str buf utf8 arena array map file json log cfg clock day sum crew
lexicon      lexicon
index        index
analysis     analysis
query        query
words        words
snippet      snippet
mine         mine
ingest       ingest
search       search
net          net
cmd
'

broken=0
complain() {
    echo "$1"
    broken=1
}

# row TABLE KEY: what stands behind KEY in the table.
row() { awk -v key="$2" '$1 == key { $1 = ""; print; exit }' <<<"$1"; }

# has WORD LIST...
has() {
    local word=$1
    shift
    case " $* " in *" $word "*) return 0 ;; esac
    return 1
}

# The room a contract header belongs to, or nothing.
room_of_header() {
    awk -v name="$1" '{ for (i = 2; i <= NF; i++) if ($i == name) { print $1; exit } }' <<<"$headers"
}

# One line of a file in a room:  check_include ROOM FILE WHAT, where WHAT is <...> or "..."
check_include() {
    local room=$1 file=$2 what=$3 name library allowed owner
    name=${what:1:-1}
    while read -r library allowed; do
        # shellcheck disable=SC2086
        if [ -n "$library" ] && [[ $name == "$library"* ]] && ! has "$room" $allowed; then
            complain "$file: $what belongs to: $allowed"
        fi
    done <<<"$libraries"
    case $what in
    '<gongbao/'*)
        name=${name#gongbao/}
        owner=$(room_of_header "${name%.h}")
        [ -n "$owner" ] || { complain "$file: $what is no room's header" && return; }
        # shellcheck disable=SC2046
        [ "$owner" = "$room" ] || has "$owner" $(row "$floors" "$room") ||
            complain "$file: $room does not see $owner ($what)"
        ;;
    '"'*)
        # Private headers lie in the room's own folder.
        if [[ $name == */* ]] || ! [ -e "${file%/*}/$name" ]; then
            complain "$file: $what is not in its own room"
        fi
        ;;
    esac
}

includes() { sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\([<"][^>"]*[>"]\).*/\1/p' "$1"; }

check_file() {
    local room=$1 file=$2 what
    case $file in
    *.cc | *.hh) [ "$room" = index ] || complain "$file: C++ outside index/" ;;
    esac
    while read -r what; do
        check_include "$room" "$file" "$what"
    done < <(includes "$file")
}

cd "${1:-.}" || exit 1
shopt -s nullglob
files=0
for file in src/*/*.[ch] src/*/*.cc src/*/*.hh index/*.[ch] index/*.cc index/*.hh include/gongbao/*.h; do
    case $file in
    index/*) room=index ;;
    include/*) room=$(room_of_header "$(basename "$file" .h)") ;;
    src/*) room=${file#src/} room=${room%%/*} ;;
    esac
    grep -q "^${room:-?}\b" <<<"$floors" || { complain "$file: in no room of the table" && continue; }
    check_file "$room" "$file"
    files=$((files + 1))
done
echo "$files files looked at"
[ "$files" -gt 0 ] && [ "$broken" -eq 0 ] || exit 1
[ $# -eq 0 ] || exit 0

# The walls hold; now see that each of them would be noticed if it fell.
trial=$(mktemp -d "${GONGBAO_TMP:-/tmp}/walls-XXXXXX")
trap 'rm -rf "$trial"' EXIT
mkdir -p "$trial/src/net" "$trial/src/base" "$trial/src/query" "$trial/index" "$trial/include/gongbao"

# must_fall FILE LINE: a file with this line breaks a wall; must_stand: it does not.
verdict() {
    echo "$2" >"$trial/$1"
    "$self" "$trial" >"$trial/out" 2>&1
    local status=$?
    rm "$trial/$1"
    return $status
}
must_fall() { ! verdict "$1" "$2" || complain "not noticed: $2 in $1"; }
must_stand() { verdict "$1" "$2" || complain "taken for a fault: $2 in $1: $(cat "$trial/out")"; }

must_stand src/net/a.c '#include <gongbao/search.h>'
must_stand src/query/a.c '#include <gongbao/query.h>'
must_stand index/a.cc '#include <xapian.h>'
must_stand src/net/a.c '#include <event2/event.h>'
must_stand include/gongbao/index.h '#include <gongbao/err.h>'
must_fall src/net/a.c '#include <xapian.h>'
must_fall src/net/a.c '  #  include <gongbao/index.h>'
must_fall src/net/a.c '#include <gongbao/analysis.h>'
must_fall src/query/a.c '#include <gongbao/search.h>'
must_fall src/base/a.c '#include <gongbao/lexicon.h>'
must_fall src/base/a.c '#include <event2/event.h>'
must_fall src/base/a.c '#include "../net/conn.h"'
must_fall src/base/a.c '#include <gongbao/nothing.h>'
must_fall index/a.cc '#include <gongbao/analysis.h>'
must_fall src/base/a.cc '#include <gongbao/err.h>'
must_fall include/gongbao/index.h '#include <gongbao/analysis.h>'
must_fall include/gongbao/unknown.h ''
mkdir "$trial/src/attic"
must_fall src/attic/a.c ''
[ "$broken" -eq 0 ]
