#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every call that a batch, a merge, a rollback, a backup, a restore or a whole job makes fails once,
# without drawing lots: what test_index_fault and test_ingest_fault do with a sample.

set -u
export GONGBAO_FAULTS=0
"$GONGBAO_BIN/tests/unit/test_index_fault" && "$GONGBAO_BIN/tests/unit/test_ingest_fault"
