#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Gongbao at work: put the sample bulletins into an index, start the daemon, ask it questions with
# netcat and show what went over the wire. On a terminal the daemon then serves until Ctrl-C;
# otherwise, and with DEMO_ONCE=1, it is stopped. Everything is written below the build folder.
#
# `make demo` runs it, and so does `make check`, as a test: a question without an answer fails.

set -u
cd "$(dirname "$0")/.." || exit 1
bin=${GONGBAO_BIN:-build}
work=$bin/demo

# What to ask: Traditional characters, reform shorthand, a name that is in no dictionary, and an
# exact run that stands in Traditional characters, with readings in between, in the bulletin.
questions=(
    'SEARCH limit=2 強調'
    'SEARCH limit=2 5+5'
    'SEARCH limit=2 市委书记逄翀'
    'SEARCH limit=2 "把每一天当作冲刺日来过"'
)

for program in gongbao-ingest gongbaod; do
    test -x "$bin/$program" || { echo "$bin/$program is not built" && exit 77; }
done

rm -rf "$work"
mkdir -p "$work"
cat >"$work/gongbao.conf" <<END
lexicon = $bin/gongbao.lex
log.level = warn
END

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

show "$bin/gongbao-ingest" --index "$work/index" --conf "$work/gongbao.conf" tests/data/bulletins ||
    exit 1

daemon=("$bin/gongbaod" --index "$work/index" --listen 127.0.0.1:0 --conf "$work/gongbao.conf")
printf '\n$ %s\n' "${daemon[*]}"
"${daemon[@]}" >"$work/ready" &
pid=$!
stopped=
stop() {
    [ -n "$stopped" ] && return
    stopped=yes
    kill "$pid" 2>/dev/null
    wait "$pid"
}
trap stop EXIT
trap 'echo; exit 0' INT TERM

for ((i = 0; i < 300; i++)); do
    grep -q '^gongbaod: ready' "$work/ready" && break
    kill -0 "$pid" 2>/dev/null || { echo "the daemon did not start" && exit 1; }
    sleep 0.1
done
cat "$work/ready"
address=$(sed -n 's/^gongbaod: ready.* line=\([^ ]*\).*/\1/p' "$work/ready")
host=${address%:*} port=${address##*:}
[ -n "$port" ] || { echo "the daemon does not say where it listens" && exit 1; }

unanswered=0
for question in "${questions[@]}"; do
    printf "\n\$ printf '%s\\\\n' | nc -N %s %s\n" "$question" "$host" "$port"
    reply=$(printf '%s\n' "$question" | nc -N -w 30 "$host" "$port")
    printf '%s\n' "$reply"
    grep -q '^210 .* total=[1-9]' <<<"$reply" || unanswered=$((unanswered + 1))
done

echo
if [ "$unanswered" -gt 0 ]; then
    echo "$unanswered of the questions found nothing"
    exit 1
fi
if [ -t 1 ] && [ "${DEMO_ONCE:-0}" != 1 ]; then
    echo "The daemon listens on $host port $port: ask it more from another terminal. Ctrl-C ends it."
    wait "$pid"
    exit 0
fi
stop
status=$?
echo "The daemon listened on $host port $port and has been stopped. On a terminal it goes on."
exit "$status"
