/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao backup [--copy] INDEX DIR
 * gongbao restore [--copy] [--force] DIR INDEX
 *
 * A backup is an index of its own, made while the index is in use: of hard links where that is
 * possible, of copies where it is not or with --copy. Restoring puts such a copy in the place of an
 * index and keeps what was there beside it. One line on standard output says what was done.
 */

#include "cmd.h"

#include <getopt.h>
#include <gongbao/index.h>
#include <inttypes.h>
#include <stdio.h>

struct folders {
    struct ix_copy_opts opts;
    const char *from, *to;
    int status; /* -1: go on */
};

/* Read the command line; usage is printed when it was asked for or is needed. */
static struct folders parse(int argc, char **argv, bool forces, const char *usage)
{
    const struct option options[] = {{"copy", no_argument, NULL, 'c'},
                                     {"help", no_argument, NULL, 'h'},
                                     {forces ? "force" : NULL, no_argument, NULL, 'f'},
                                     {0}};
    struct folders f = {.status = -1};
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) == 'c' || c == 'f')
        *(c == 'c' ? &f.opts.copy : &f.opts.force) = true;
    if (c != -1 || argc - optind != 2) {
        fprintf(c == 'h' ? stdout : stderr, "usage: gongbao %s\n", usage);
        f.status = c == 'h' ? 0 : 2;
        return f;
    }
    f.from = argv[optind];
    f.to = argv[optind + 1];
    return f;
}

int cmd_backup(int argc, char **argv)
{
    struct folders f = parse(argc, argv, false, "backup [--copy] INDEX DIR");
    struct err err = ERR_INIT;
    uint64_t generation;
    if (f.status >= 0)
        return f.status;
    if (ix_backup(f.from, f.to, &f.opts, &generation, &err) != ST_OK)
        return cmd_fail("backup", &err);
    printf("%s: generation %" PRIu64 " of %s\n", f.to, generation, f.from);
    return 0;
}

int cmd_restore(int argc, char **argv)
{
    struct folders f = parse(argc, argv, true, "restore [--copy] [--force] DIR INDEX");
    struct err err = ERR_INIT;
    struct ix_restored done;
    if (f.status >= 0)
        return f.status;
    enum st st = ix_restore(f.from, f.to, &f.opts, &done, &err);
    if (st == ST_REJECTED)
        fprintf(stderr, "gongbao restore: %s; --force puts it aside\n", err.text);
    if (st != ST_OK)
        return st == ST_REJECTED ? 2 : cmd_fail("restore", &err);
    printf("%s: generation %" PRIu64 " of %s\n", f.to, done.generation, f.from);
    if (done.aside[0])
        printf("%s: what was there before\n", done.aside);
    return 0;
}
