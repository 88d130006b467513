/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reposts as one hit.
 *
 * Two texts are nearly the same when the 64 bits that their terms make (simhash; Charikar 2002)
 * differ in NEAR at most. Three are what is usual for long pages (Manku, Jain and Das Sarma,
 * Detecting near-duplicates for web crawling, 2007); bulletins are short, and a line more turns
 * some bits. Of 200 texts of some 530 characters so many are within
 *
 *                                         3    5    6    7    8    9   10 bits
 *     with another headline              48  124  143  165  177  187  194
 *     with a sentence less              126  154  167  178  190  193  198
 *     with other dates                   49  119  149  170  185  192  199
 *     with a line of source in front     31   88  120  141  164  179  188
 *     with a line of editors behind      92  163  181  191  197  199  200
 *     with five words changed            30  108  134  158  179  190  194
 *     without the last tenth             48  100  125  155  169  178  186
 *     in Traditional characters         200  200  200  200  200  200  200
 *
 * and of the pairs of 56,850 pieces of statutes that are just so far apart, these per cent share
 * less than six, and less than half, of their pairs of characters in ten
 *
 *     less than 0.6                       0    1    3    5    6   33   72
 *     less than 0.5                       0    0    2    3    0   21   40
 *
 * From nine on chance begins to bring texts together that have nothing in common.
 *
 * The first hit of the list that is near no hit kept before is kept. Which are kept depends on the
 * hits before alone, so pages fit together; more hits are looked for until the page is full or
 * there are none. In the end each hit of all counts for the first kept one that it is near to.
 *
 * The first kept ones are looked through; those behind them are in a table for each quarter of the
 * hash. Where no more than seven bits differ, a quarter is the same but for one bit, so that a
 * look into the 17 places of each table finds every one that is near, among few others. After the
 * deadline what is not compared yet is left out.
 */

#include "answer.h"

#include <gongbao/array.h>
#include <stdlib.h>

enum {
    NEAR = 7,
    FIRST_FETCH = 200,
    MORE = 16,
    FIRST = 64, /* kept ones that are not in tables */
    QUARTERS = 4,
    BITS = 16,  /* of a quarter */
    LOOK = 1024 /* hits from one look at the clock to the next */
};

_Static_assert(NEAR < 2 * QUARTERS, "one quarter differs in a single bit at most");

struct reposts {
    uint64_t *hash; /* of every hit of a step */
    size_t n, cap;
    bool failed;
};

/* The hits that are kept. */
struct kept {
    uint64_t *hash;
    size_t n, max;
    uint32_t *head[QUARTERS]; /* by a quarter's bits: one more than the last that has them, or 0 */
    uint32_t *next[QUARTERS]; /* of each: one more than the one before it, or 0 */
};

void srch_reposts_restart(struct reposts *r)
{
    r->n = 0;
}

void srch_reposts_add(struct reposts *r, uint64_t hash)
{
    uint64_t *more = array_room(r->hash, r->n, &r->cap, sizeof(*more));
    if (!more) {
        r->failed = true;
        return;
    }
    r->hash = more;
    r->hash[r->n++] = hash;
}

/* ---- the kept ones ---- */

static enum st kept_init(struct kept *k, size_t max, struct arena *a, struct err *err)
{
    *k = (struct kept){.max = max};
    k->hash = arena_alloc(a, (max + 1) * sizeof(*k->hash));
    for (size_t q = 0; q < QUARTERS && max > FIRST; q++) {
        k->head[q] = arena_calloc(a, (size_t)1 << BITS, sizeof(*k->head[q]));
        k->next[q] = arena_alloc(a, max * sizeof(*k->next[q]));
    }
    return a->failed ? err_nomem(err) : ST_OK;
}

static size_t quarter(uint64_t hash, size_t q)
{
    return hash >> (q * BITS) & (((size_t)1 << BITS) - 1);
}

static void kept_add(struct kept *k, uint64_t hash)
{
    const size_t i = k->n++;
    k->hash[i] = hash;
    for (size_t q = 0; q < QUARTERS && i >= FIRST; q++) {
        uint32_t *head = &k->head[q][quarter(hash, q)];
        k->next[q][i] = *head;
        *head = (uint32_t)i + 1;
    }
}

static bool is_near(uint64_t x, uint64_t y)
{
    return x && y && __builtin_popcountll(x ^ y) <= NEAR;
}

/* The first of those in a place of a table, when it is before `best`; else that. */
static size_t first_in(const struct kept *k, size_t q, size_t place, uint64_t hash, size_t best)
{
    for (size_t i = k->head[q][place]; i > 0; i = k->next[q][i - 1])
        if (i - 1 < best && is_near(k->hash[i - 1], hash))
            best = i - 1;
    return best;
}

/* The first kept one that a text is near to; k->n when there is none. */
static size_t first_near(const struct kept *k, uint64_t hash)
{
    size_t best = k->n;
    for (size_t i = 0; i < k->n && i < FIRST; i++)
        if (is_near(k->hash[i], hash))
            return i;
    for (size_t q = 0; q < QUARTERS && k->n > FIRST; q++) {
        const size_t place = quarter(hash, q);
        best = first_in(k, q, place, hash, best);
        for (size_t bit = 0; bit < BITS; bit++)
            best = first_in(k, q, place ^ (size_t)1 << bit, hash, best);
    }
    return best;
}

/* ---- hits ---- */

static bool is_late(const struct job *j, size_t i)
{
    return i % LOOK == LOOK - 1 && srch_is_late(j->req);
}

/* Keep at most k->max of what was found. */
static void keep(struct job *j, struct kept *k, struct found *f)
{
    size_t strict = 0;
    for (size_t i = 0; i < f->n && k->n < k->max && !f->timed_out; i++) {
        uint64_t hash = ix_view_simhash(j->scope.view, f->hit[i].doc);
        f->timed_out = is_late(j, i);
        if (first_near(k, hash) < k->n)
            continue;
        f->hit[k->n] = f->hit[i];
        kept_add(k, hash);
        strict += i < f->strict;
    }
    f->n = k->n;
    f->strict = strict;
}

static enum st count_copies(struct job *j, const struct kept *k, struct found *f)
{
    const struct reposts *r = j->reposts;
    f->copies = arena_calloc(j->a, f->n, sizeof(*f->copies));
    if (!f->copies || r->failed)
        return err_nomem(j->err);
    for (size_t i = 0; i < r->n && !f->timed_out; i++) {
        size_t of = first_near(k, r->hash[i]);
        if (of < f->n)
            f->copies[of]++;
        f->timed_out = is_late(j, i);
    }
    for (size_t i = 0; i < f->n; i++)
        f->copies[i] -= f->copies[i] > 0; /* itself */
    return ST_OK;
}

static enum st collapse(struct job *j, uint64_t limit, struct found *f)
{
    const uint64_t documents = ix_view_documents(j->scope.view);
    uint64_t fetch = limit < documents ? limit : documents;
    limit = fetch;
    fetch = fetch < FIRST_FETCH ? FIRST_FETCH : fetch;
    for (;; fetch *= MORE) {
        struct kept kept;
        enum st st = srch_steps(j, fetch, f);
        bool all = st == ST_OK && (f->n < fetch || fetch >= documents);
        if (st == ST_OK)
            st = kept_init(&kept, f->n < limit ? f->n : limit, j->a, j->err);
        if (st != ST_OK)
            return st;
        keep(j, &kept, f);
        if (f->n >= limit || all || f->timed_out)
            return count_copies(j, &kept, f);
    }
}

enum st srch_collapse(struct job *j, uint64_t limit, struct found *out)
{
    struct reposts reposts = {.hash = NULL};
    j->reposts = &reposts;
    enum st st = collapse(j, limit, out);
    j->reposts = NULL;
    free(reposts.hash);
    return st;
}
