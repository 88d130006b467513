#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Ingest at its limit, beside others' writers; see bench_ingest.py.
exec python3 tests/bench/bench_ingest.py "$GONGBAO_BIN" "${GONGBAO_DATA:-../shared}"
