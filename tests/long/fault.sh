#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every call that a batch, a merge, a rollback, a backup or a restore makes fails once, without
# drawing lots: what test_index_fault does with a sample.

set -u
GONGBAO_FAULTS=0 "$GONGBAO_BIN/tests/unit/test_index_fault"
