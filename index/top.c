/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The best of many.
 *
 * Until as many are there as are to be kept they are only appended; then they become a heap with
 * the worst of them first, and one that is better takes its place. Ids are compared only where all
 * else is equal.
 */

#include "top.h"
#include <stdlib.h>

/* The id of a hit; one that had to be read is copied to `room`, as reading the next one moves it.
 */
static struct str id_of(struct top *t, const struct top_hit *h, char room[IX_ID_MAX])
{
    struct columns_ids ids;
    columns_get_ids(t->columns[h->segment], &ids);
    struct str id = columns_id(&ids, h->docid);
    if (id.n)
        return id;
    id = t->id(t->ctx, h->segment, h->docid);
    size_t n = id.n < IX_ID_MAX ? id.n : IX_ID_MAX;
    memcpy(room, id.p, n);
    return str_from(room, n);
}

static int newest_first(uint32_t a, uint32_t b)
{
    return a > b ? -1 : a < b;
}

/* By score; of equal ones those without a date come first, for nobody can say that they are old. */
static int better(const struct top_hit *a, const struct top_hit *b)
{
    if (a->score > b->score)
        return -1;
    return a->score < b->score ? 1 : newest_first(a->date - 1, b->date - 1);
}

/* By date; those without one are last in either direction. */
static int earlier(enum ix_order order, const struct top_hit *a, const struct top_hit *b)
{
    bool backwards = order == IX_OLDEST && a->date && b->date;
    return backwards ? newest_first(b->date, a->date) : newest_first(a->date, b->date);
}

/* Which of two comes first: below 0 for the first one. */
static int compare(struct top *t, const struct top_hit *a, const struct top_hit *b)
{
    int order = t->order == IX_BY_SCORE ? better(a, b) : earlier(t->order, a, b);
    if (order)
        return order;
    if (a->segment == b->segment && a->docid == b->docid)
        return 0;
    char first[IX_ID_MAX], second[IX_ID_MAX];
    struct str x = id_of(t, a, first), y = id_of(t, b, second);
    order = str_cmp(x, y);
    if (order)
        return order;
    return a->segment != b->segment ? (a->segment < b->segment ? -1 : 1)
                                    : (a->docid < b->docid ? -1 : 1);
}

/* Let the hit at i sink to where both below it are better. */
static void sink(struct top *t, size_t i)
{
    struct top_hit h = t->hit[i];
    for (;;) {
        size_t kid = 2 * i + 1;
        if (kid + 1 < t->n && compare(t, &t->hit[kid + 1], &t->hit[kid]) > 0)
            kid++;
        if (kid >= t->n || compare(t, &t->hit[kid], &h) <= 0)
            break;
        t->hit[i] = t->hit[kid];
        i = kid;
    }
    t->hit[i] = h;
}

enum st top_add(struct top *t, const struct top_hit *hit)
{
    if (t->max == 0)
        return ST_OK;
    if (t->n == t->max) {
        if (compare(t, hit, &t->hit[0]) < 0) {
            t->hit[0] = *hit;
            sink(t, 0);
        }
        return t->st;
    }
    struct top_hit *more = array_room(t->hit, t->n, &t->cap, sizeof(*more));
    if (!more)
        return err_nomem(t->err);
    t->hit = more;
    t->hit[t->n++] = *hit;
    if (t->n == t->max)
        for (size_t i = t->n / 2; i-- > 0;)
            sink(t, i);
    return t->st;
}

static int sort_order(const void *a, const void *b, void *t)
{
    return compare(t, a, b);
}

enum st top_sort(struct top *t)
{
    if (t->n > 1)
        qsort_r(t->hit, t->n, sizeof(*t->hit), sort_order, t);
    return t->st;
}

void top_fini(struct top *t)
{
    free(t->hit);
}
