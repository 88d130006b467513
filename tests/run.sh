#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run tests and say how they went:  tests/run.sh BUILD TEST...
#
# A test is a program. It exits with 0 when it passed, with 77 when it cannot run here, having
# printed why, and with anything else when it failed. One line is printed for each; the output of
# those that failed follows, all of it stays in BUILD/log/. The last line is
#
#     N passed, N failed, N skipped
#
# and the exit status is not 0 when something failed or nothing ran. A test finds in its environment
#
#     GONGBAO_BIN   the folder with the programs and gongbao.lex, an absolute path
#     GONGBAO_DATA  the folder with data from outside the repository; it may not be there
#     GONGBAO_TMP   an empty folder of its own, removed when the test has passed
#
# and starts in the root of the sources. TEST_SECONDS (300) is the time each may take, TEST_JOBS (2)
# how many run at once.

set -u
cd "$(dirname "$0")/.." || exit 1

# One test: run it, print its line, leave its result in BUILD/log/NAME.result.
run_one() {
    local build=$1 test=$2 name log status start result note=
    name=${test#"$build"/}
    name=${name#tests/}
    log=$build/log/${name//\//-}.log
    export GONGBAO_TMP=$build/tmp/${name//\//-}
    rm -rf "$GONGBAO_TMP"
    mkdir -p "$GONGBAO_TMP"
    start=$(date +%s)
    # The shell's own word on a test that aborts is not wanted: the line below says it.
    { timeout --kill-after=10 "$seconds" "$test" >"$log" 2>&1 </dev/null; } 2>/dev/null
    status=$?
    case $status in
    0) result=ok ;;
    77) result=skip note=": $(tail -n 1 "$log")" ;;
    124 | 137) result=FAIL note=": stopped after $seconds s" ;;
    *) result=FAIL note=": exit status $status" ;;
    esac
    [ "$result" = FAIL ] || rm -rf "$GONGBAO_TMP"
    echo "$result" >"${log%.log}.result"
    printf '%-4s %s (%s s)%s\n' "$result" "$name" "$(($(date +%s) - start))" "$note"
}

# Leaks cannot be looked for where the process may not be traced twice, as in a debugger or some
# containers: ask a test program that leaks nothing.
can_find_leaks() {
    local probe=$1
    case $probe in *.sh) return 0 ;; esac
    ! ASAN_OPTIONS=detect_leaks=1 "$probe" 2>&1 | grep -q 'LeakSanitizer has encountered a fatal'
}

seconds=${TEST_SECONDS:-300}
if [ "${1-}" = --one ]; then
    run_one "$2" "$3"
    exit 0
fi

build=$(realpath -m "$1")
relative=$1
shift
if [ $# -eq 0 ]; then
    echo "no test has that name"
    exit 1
fi
rm -rf "$build/log" "$build/tmp"
mkdir -p "$build/log" "$build/tmp"

leaks=1
if ! can_find_leaks "$1"; then
    leaks=0
    echo "leaks are not looked for: this process is being traced"
fi
# libxapian's own check of a database deletes a table through its base class; that is not ours.
export ASAN_OPTIONS=new_delete_type_mismatch=0:abort_on_error=1:detect_leaks=$leaks:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1
export GONGBAO_BIN=$build
GONGBAO_DATA=$(realpath -m "${GONGBAO_DATA:-../shared}")
export GONGBAO_DATA
ulimit -c 0

for test; do
    case $test in
    "$relative"/*) printf '%s\0' "$build/${test#"$relative"/}" ;;
    *) printf '%s\0' "$test" ;;
    esac
done | xargs -0 -n 1 -P "${TEST_JOBS:-2}" tests/run.sh --one "$build"

count() { cat "$build"/log/*.result | grep -c "^$1\$"; }

for result in "$build"/log/*.result; do
    [ "$(cat "$result")" = FAIL ] || continue
    log=${result%.result}.log
    printf '\n---- %s, the last 100 lines ----\n' "${log#"$PWD"/}"
    tail -n 100 "$log"
done

failed=$(count FAIL)
printf '%d passed, %d failed, %d skipped\n' "$(count ok)" "$failed" "$(count skip)"
[ "$failed" -eq 0 ] && [ "$(cat "$build"/log/*.result | wc -l)" -eq $# ]
