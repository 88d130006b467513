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
    const struct tree
        *best;        /* the IX_OR or IX_ENOUGH that gives all weight; NULL: all hits are wanted */
    double wanted;    /* ... and hits that score less are not, in this window */
    bool passed_over; /* there may have been such hits */
    bool late;        /* the deadline has passed */
    bool given_up;    /* ... and the window is no good */
    bool without;     /* what is found now is excluded */
    unsigned calls, glances;
    struct match_memory *spare;
    struct err *err;
};

/* What a leaf finds in the window: IX_TERM, IX_PREFIX, IX_ALL, IX_RANGE or IX_SINCE. With `among`
 * only documents of that list are looked at. Appends to out. */
enum st leaf_list(struct matcher *m, const struct tree *t, const struct match_list *among,
                  struct match_list *out);

/* What IX_ALL finds. */
void leaf_all(const struct matcher *m, const struct match_list *among, struct match_list *out);

/* Add all of a term's documents to a sum, without a list of them between; with `known` only those
 * that are in it. */
enum st leaf_sum(struct matcher *m, const struct tree *t, bool known, struct match_sum *h);

/* The documents of the window that a node matches, of those among them when that is not NULL. */
enum st match_eval(struct matcher *m, struct tree *t, const struct match_list *among,
                   struct match_list *out);

/* The same for IX_OR and IX_ENOUGH. */
enum st match_some(struct matcher *m, const struct tree *t, const struct match_list *among,
                   struct match_list *out);

/* The masses of all kids. */
uint64_t match_mass(const struct tree *t);

/* Whether time is out. */
bool match_give_up(struct matcher *m);

C_END
#endif
