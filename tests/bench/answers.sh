#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# How well queries are answered, and what each weight does for that; see bench_answers.py.
exec python3 tests/bench/bench_answers.py "$GONGBAO_BIN" "${GONGBAO_DATA:-../shared}"
