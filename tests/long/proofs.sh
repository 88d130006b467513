#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the unit tests prove in short, at length: recall and offsets of many random texts, every bit
# of a lexicon. GONGBAO_SEED repeats a run.
set -eu
export RECALL_FACTOR="${RECALL_FACTOR:-60}" DAMAGE_ALL=1
"$GONGBAO_BIN/tests/unit/test_analysis_recall"
"$GONGBAO_BIN/tests/unit/test_recall"
"$GONGBAO_BIN/tests/unit/test_lexicon_damage"
