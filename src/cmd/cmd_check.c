/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao check [--lexicon FILE] DIR
 *
 * Checks an index from end to end: manifest, checksums of every file, the structure of every
 * segment, tombstones, and every live document; that its segments were built with the fold of this
 * program; and the checksum of the lexicon. One line on standard output for each finding; with
 * none, a line each that says what is there. A writer may be at work meanwhile: what is checked is
 * the generation in force, and if two batches pass during the check its files may go; the findings
 * then say that they are missing.
 *
 * Without --lexicon it is that of lexicon_default, and where there is none that is no finding: the
 * daemon may have been given another.
 */

#include "cmd.h"
#include "lexicon.h"

#include <getopt.h>
#include <gongbao/index.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_finding(void *ctx, const char *line)
{
    (void)ctx;
    puts(line);
}

/* A text folded otherwise than the queries are is not found by all of them. */
static size_t check_folds(const struct ix_reader *r, const struct ix_info *info)
{
    size_t found = 0;
    for (size_t i = 0; i < info->segments; i++) {
        struct ix_segment_info s;
        ix_reader_segment(r, i, &s);
        if (s.fold == an_fold_version())
            continue;
        printf(STR_FMT ": built with other fold tables: ingest its %" PRIu64 " documents again\n",
               STR_ARG(s.name), s.documents - s.tombstones);
        found++;
    }
    return found;
}

static int check_state(const char *dir)
{
    struct err err = ERR_INIT;
    struct ix_reader *r = NULL;
    struct ix_info info;
    if (ix_reader_open(dir, &r, &err) != ST_OK)
        return cmd_fail("check", &err);
    ix_reader_info(r, &info);
    size_t found = check_folds(r, &info);
    if (found == 0)
        printf("%s: ok generation=%" PRIu64 " documents=%" PRIu64 " segments=%" PRIu64
               " tombstones=%" PRIu64 " body_bytes=%" PRIu64 " disk_bytes=%" PRIu64 "\n",
               dir, info.generation, info.documents, info.segments, info.tombstones,
               info.body_bytes, info.disk_bytes);
    ix_reader_close(r);
    return found ? 4 : 0;
}

static int check_index(const char *dir)
{
    struct err err = ERR_INIT;
    if (ix_check(dir, print_finding, NULL, &err) != ST_OK)
        return cmd_fail("check", &err);
    return check_state(dir);
}

static int check_lexicon(const char *path)
{
    struct err err = ERR_INIT;
    struct lex_info info;
    char beside[PATH_MAX];
    bool named = path != NULL;
    path = named ? path : lexicon_default(beside);
    if (!named && access(path, F_OK) != 0) {
        printf("%s: not there, so no lexicon was checked\n", path);
        return 0;
    }
    enum st st = lexicon_check(path, &info, &err);
    if (st == ST_DAMAGED) {
        puts(err.text);
        return 4;
    }
    if (st != ST_OK)
        return cmd_fail("check", &err);
    printf("%s: ok words=%" PRIu32 " bytes=%" PRIu64 " stamp=%016" PRIx64 "\n", path, info.words,
           info.bytes, info.stamp);
    return 0;
}

int cmd_check(int argc, char **argv)
{
    static const struct option options[] = {
        {"lexicon", required_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *lexicon = NULL;
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) == 'l')
        lexicon = optarg;
    if (c != -1 || argc - optind != 1) {
        fprintf(c == 'h' ? stdout : stderr, "usage: gongbao check [--lexicon FILE] DIR\n");
        return c == 'h' ? 0 : 2;
    }
    int index = check_index(argv[optind]), words = check_lexicon(lexicon);
    return index ? index : words;
}
