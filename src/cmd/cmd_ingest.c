/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao ingest: what gongbao-ingest does, and canary queries are asked. */

#include "canary.h"
#include "cmd.h"
#include "ingest.h"

int cmd_ingest(int argc, char **argv)
{
    return ingest_main(argc, argv, canary_approve);
}
