/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SEARCH_MENDING_H
#define SEARCH_MENDING_H

/* What the files share that find out what was meant. */

#include "search.h"

/* Texts that find something, the likeliest first. */
struct options {
    struct str text[SRCH_MEANT_MAX];
    double cost[SRCH_MEANT_MAX];
    size_t n;
};

enum { NEAR_MAX = 8 }; /* words for one piece of a run, readings of one run */

struct mending {
    struct srch *s;
    const struct srch_request *req;
    struct arena *a;
    struct words *words;
    uint64_t until_ns; /* see srch_meaning */
    size_t keep;       /* options of a run that are wanted, SRCH_MEANT_MAX at most */
    struct err *err;
};

/* How many documents a text finds, in the indexes of the request; 0 too when it is no query, or
 * when the deadline has passed. */
enum st mending_count(struct mending *m, struct str text, uint64_t *total);

/* Put a text among the m->keep best. */
void mending_keep(const struct mending *m, struct options *o, struct str text, double cost);

/* Whether what costs so much is not among them. */
bool mending_is_worse(const struct mending *m, const struct options *o, double cost);

/* Runs of characters that may have been meant by one that finds nothing, or next to nothing, and
 * that find at least so many documents. */
enum st mending_chars(struct mending *m, struct str run, uint64_t least, struct options *out);

#endif
