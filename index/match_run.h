/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_MATCH_RUN_H
#define INDEX_MATCH_RUN_H

/* A run of the matcher, between the file that goes through the tree and the one that reads its
 * leaves. */

#include "match_list.h"
#include "match_tree.h"

C_BEGIN

struct matcher {
    const struct match *m;
    struct built b;
    size_t segment; /* at hand, from 0 */
    struct columns *columns;
    struct columns_basic basic;
    const struct tomb *dead;
    uint32_t low, high;        /* the window: docids from low to below high */
    double scale, rest, least; /* of a document's length in the weight */
    bool late;                 /* the deadline has passed */
    bool given_up;             /* ... and the window is no good */
    bool without;              /* what is found now is excluded */
    unsigned calls;
    struct match_memory *spare;
    struct err *err;
};

/* What a leaf finds in the window: IX_TERM, IX_PREFIX, IX_ALL, IX_RANGE or IX_SINCE. With `among`
 * only documents of that list are looked at. Appends to out. */
enum st leaf_list(struct matcher *m, const struct tree *t, const struct match_list *among,
                  struct match_list *out);

/* What IX_ALL finds. */
void leaf_all(const struct matcher *m, const struct match_list *among, struct match_list *out);

/* All of a term's documents, without a list of them between. */
enum st leaf_sum(struct matcher *m, const struct tree *t, struct match_heap *h);

C_END
#endif
