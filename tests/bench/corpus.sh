#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job in figures; see bench_corpus.py.
exec python3 tests/bench/bench_corpus.py "$GONGBAO_BIN" "${GONGBAO_DATA:-../shared}"
