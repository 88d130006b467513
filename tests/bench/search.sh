#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The time of searches, beside others' on the same documents; see bench_search.py.
exec python3 tests/bench/bench_search.py "$GONGBAO_BIN" "${GONGBAO_DATA:-../shared}"
