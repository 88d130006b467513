/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CANARY_H
#define GONGBAO_CANARY_H

/* Canary queries: searches that must go on finding what they find.
 *
 *     canary_load(path, &mem, &set, &err);
 *     set.search = &opts; set.index = dir; set.force = false;
 *     ... .approve = canary_approve, .approve_ctx = &set ...
 *
 * A file of them has one a line, QUERY<tab>ID<tab>RANK: the bulletin with this id is to be among
 * the first RANK hits. Empty lines and those that begin with # say nothing. */

#include <gongbao/ingest.h>
#include <gongbao/search.h>

#define CANARY_MEMORY (64u << 20) /* a good cap for the arena */

struct canary {
    size_t line;
    struct str query, id;
    uint64_t worst; /* rank */
};

struct canary_set {
    const char *path;
    struct canary *canary;
    size_t n;
    const struct srch_opts *search; /* how to search; the indexes in it are not looked at */
    const char *index;              /* the folder */
    bool force;                     /* whatever regresses is told, and approved */
};

/* Everything in *out lives in the arena; path is borrowed. ST_CONFIG names the file and the line.
 */
enum st canary_load(const char *path, struct arena *a, struct canary_set *out, struct err *err);

/* An ing_approve with a struct canary_set. What is not as it should be is reported; ST_CANARY when
 * something is worse than it was before. */
enum st canary_approve(void *ctx, struct ix_writer *w, struct buf *lines, struct err *err);

#endif
