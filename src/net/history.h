/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_HISTORY_H
#define NET_HISTORY_H

#include "reply.h"

/* What the loop remembers of the requests that went through it since its start: TOP and SLOWLOG. */

enum top_by { TOP_QUERIES, TOP_EMPTY, TOP_DAY };

struct history;

/* NULL without memory. */
struct history *history_new(void);
void history_free(struct history *h); /* NULL is allowed */

/* A request that has been answered by a worker or from the cache. */
struct seen {
    const char *verb;
    struct str text, in; /* in: the indexes it was asked of, as typed; empty: all */
    int code;
    uint64_t us;        /* from its arrival to its answer */
    uint64_t worked_us; /* what a worker took of that */
    uint64_t total;     /* hits; of a search that was answered */
    bool search;        /* a SEARCH for the first page, answered */
    bool slow;          /* to be kept for SLOWLOG */
};

void history_add(struct history *h, const struct seen *seen);

#define HISTORY_FREQUENT 200 /* queries that history_frequent gives at most */

/* Append the most frequent queries that came more than once to the same indexes and found
 * something, the most frequent first, for history_next: what is looked for in one index is not told
 * to those who ask another. They may be a second old. h may be NULL: there are none. */
void history_frequent(struct history *h, struct str in, struct buf *out);

/* Take the first of them off; its text is a slice. False at the end. */
bool history_next(struct str *list, struct srch_query *out);

/* Whole replies. h may be NULL: nothing is known. */
void history_top(const struct history *h, struct reply *r, enum top_by by, uint64_t limit);
void history_slow(const struct history *h, struct reply *r, uint64_t limit);

#endif
