/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_RUN_H
#define INDEX_RUN_H

/* A run: the terms of documents that follow one another, sorted, with their postings; in memory or
 * spilled to a file.
 *
 *     length, term            a byte, then the term
 *     tf, cf                  numbers as glass packs them
 *     n, first, span, bytes   a part of its postings, n bytes; from the first docid to the last it
 *                             is `span`
 *     ...
 *     0                       no more parts
 *
 * Every so often a term is noted with its place, so that a source need not read all before a term
 * that it seeks.
 */

#include "glass_pack.h"
#include "post_source.h"

C_BEGIN

enum {
    RUN_TERM_ROOM = 1 + IX_TERM_MAX + 2 * PACK_MAX, /* for a term and its counts */
    RUN_PART_ROOM = 3 * PACK_MAX                    /* for the head of a part */
};

struct run_mark {
    uint64_t at; /* of its term in the run */
    size_t name; /* and in names */
    uint8_t length;
};

struct run {
    struct post_input input;
    uint32_t wdf_max; /* the highest */
    struct buf bytes; /* of a run in memory */
    int fd;           /* of one in a file; -1 otherwise */
    char *path;       /* of that file, for messages */
    uint64_t n;       /* bytes of the run */
    uint32_t base;    /* added to all docids */
    struct run_mark *mark;
    size_t nmark, mark_cap;
    struct buf names; /* terms of the marks */
};

/* An empty run in memory; NULL without memory. The caller appends to bytes. */
struct run *run_new(void);
void run_free(struct run *r);

/* Note the term that begins at a place, if there is none close before it; false without memory. */
bool run_note(struct run *r, uint64_t at, struct str term);

/* The memory that it takes. */
size_t run_memory(const struct run *r);

/* What a source tells, as one run in a new file, which has no name any more. */
enum st run_spill(struct post_source *s, const char *path, struct run **out, struct err *err);

C_END
#endif
