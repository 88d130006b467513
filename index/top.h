/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_TOP_H
#define INDEX_TOP_H

/* The best of all hits, in their order: by score or by date; of equal scores those without a date
 * first, then the newest; then by id. So the order is one, whatever part of it is asked for. */

#include "columns.h"

C_BEGIN

struct top_hit {
    double score;
    uint32_t date, segment, docid;
};

struct top {
    enum ix_order order;
    struct columns *const *columns; /* of the segments */
    size_t max;                     /* how many are kept */
    struct top_hit *hit;            /* a heap, the worst first, once it is full */
    size_t n, cap;
    /* Read an id that its column does not have, good until the next one is read; "" when that
     * fails. */
    struct str (*id)(void *ctx, uint32_t segment, uint32_t docid);
    void *ctx;
    enum st st; /* of reading ids */
    struct err *err;
};

enum st top_add(struct top *t, const struct top_hit *hit);

/* Whether a hit with this score is already known not to be kept. */
static inline bool top_is_full_of_better(const struct top *t, double score)
{
    if (t->n < t->max)
        return false;
    return t->max == 0 || (t->order == IX_BY_SCORE && score < t->hit[0].score);
}

/* Bring what was kept into its order. */
enum st top_sort(struct top *t);

void top_fini(struct top *t);

C_END
#endif
