#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The analyzer's speed and words, beside others'; see bench_analysis.py.
exec /usr/bin/python3 tests/bench/bench_analysis.py "$GONGBAO_BIN" "${GONGBAO_DATA:-../shared}"
