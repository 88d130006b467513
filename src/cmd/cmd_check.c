/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao check DIR
 *
 * Checks an index from end to end: manifest, checksums of every file, the structure of every
 * segment, tombstones, and every live document. One line on standard output for each finding; with
 * none, one line that says what is there. A writer may be at work meanwhile: what is checked is
 * the generation in force, and if two batches pass during the check its files may go; the findings
 * then say that they are missing.
 */

#include "cmd.h"
#include <gongbao/index.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_finding(void *ctx, const char *line)
{
    (void)ctx;
    puts(line);
}

static int print_state(const char *dir)
{
    struct err err = ERR_INIT;
    struct ix_reader *r = NULL;
    struct ix_info info;
    if (ix_reader_open(dir, &r, &err) != ST_OK)
        return cmd_fail("check", &err);
    ix_reader_info(r, &info);
    printf("%s: ok generation=%" PRIu64 " documents=%" PRIu64 " segments=%" PRIu64
           " tombstones=%" PRIu64 " body_bytes=%" PRIu64 " disk_bytes=%" PRIu64 "\n",
           dir, info.generation, info.documents, info.segments, info.tombstones, info.body_bytes,
           info.disk_bytes);
    ix_reader_close(r);
    return 0;
}

int cmd_check(int argc, char **argv)
{
    struct err err = ERR_INIT;
    if (argc != 2 || argv[1][0] == '-') {
        bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
        fprintf(help ? stdout : stderr, "usage: gongbao check DIR\n");
        return help ? 0 : 2;
    }
    if (ix_check(argv[1], print_finding, NULL, &err) != ST_OK)
        return cmd_fail("check", &err);
    return print_state(argv[1]);
}
