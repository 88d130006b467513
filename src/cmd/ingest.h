/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CMD_INGEST_H
#define GONGBAO_CMD_INGEST_H

/* What gongbao-ingest does, for it and for gongbao. */

#include <gongbao/ingest.h>

#define INGEST_MUST_ASK (-1)

/* One batch from a command line, with its output; the exit status. ask is canary_approve, or NULL
 * in a program that cannot search: INGEST_MUST_ASK when there are canary queries then, nothing
 * having been done or said. */
int ingest_main(int argc, char **argv, ing_approve *ask);

#endif
