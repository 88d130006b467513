/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which texts come most often, when nobody knows how many different ones there will be.
 *
 * Space-Saving (Metwally, Agrawal and El Abbadi, Efficient computation of frequent and top-k
 * elements in data streams, 2005): so many counters, each with a text. A text that has one counts
 * there; a new one takes over the counter with the least count, counts on from there, and keeps
 * that count as its possible error. Any text that makes up more than one of n of all that came is
 * among the n kept, and no count is too low.
 *
 * The counters lie in a heap, least count first, and are found by a hash table with chains; both
 * are arrays made at the start, so nothing is allocated later and nothing can fail.
 */
#include "often.h"

#include <gongbao/sum.h>
#include <gongbao/utf8.h>
#include <stdlib.h>
#include <sys/random.h>

#define NONE UINT32_MAX

struct counter {
    uint64_t count, error, total, hash;
    uint32_t chain; /* next with the same hash, or NONE */
    uint32_t place; /* in the heap */
    uint32_t n;
    char text[OFTEN_TEXT];
};

struct often {
    struct counter *counter;
    uint32_t *heap;  /* numbers of counters */
    uint32_t *table; /* the first counter of each chain, or NONE */
    uint32_t n, cap, ntable;
    uint64_t seed;
};

struct often *often_new(size_t n)
{
    struct often *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->cap = (uint32_t)n;
    t->ntable = 16;
    while (t->ntable < n * 2)
        t->ntable *= 2;
    t->counter = calloc(n, sizeof(*t->counter));
    t->heap = calloc(n, sizeof(*t->heap));
    t->table = malloc(t->ntable * sizeof(*t->table));
    if (!t->counter || !t->heap || !t->table) {
        often_free(t);
        return NULL;
    }
    memset(t->table, 0xff, t->ntable * sizeof(*t->table));
    if (getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK) != (ssize_t)sizeof(t->seed))
        t->seed = (uint64_t)(uintptr_t)t; /* early in a boot; nobody outside knows it either */
    return t;
}

void often_free(struct often *t)
{
    if (!t)
        return;
    free(t->counter);
    free(t->heap);
    free(t->table);
    free(t);
}

/* ---- the heap ---- */

static uint64_t count_at(const struct often *t, uint32_t place)
{
    return t->counter[t->heap[place]].count;
}

static void swap(struct often *t, uint32_t a, uint32_t b)
{
    uint32_t was = t->heap[a];
    t->heap[a] = t->heap[b];
    t->heap[b] = was;
    t->counter[t->heap[a]].place = a;
    t->counter[t->heap[b]].place = b;
}

/* A count has grown: move it away from the front. */
static void sink(struct often *t, uint32_t at)
{
    for (;;) {
        uint32_t kid = 2 * at + 1;
        if (kid >= t->n)
            return;
        if (kid + 1 < t->n && count_at(t, kid + 1) < count_at(t, kid))
            kid++;
        if (count_at(t, at) <= count_at(t, kid))
            return;
        swap(t, at, kid);
        at = kid;
    }
}

/* A new count of 1 at the end: nothing is less. */
static void rise(struct often *t, uint32_t at)
{
    while (at > 0 && count_at(t, at) < count_at(t, (at - 1) / 2)) {
        swap(t, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

/* ---- counters ---- */

static uint32_t *chain_of(const struct often *t, uint64_t hash)
{
    return &t->table[hash & (t->ntable - 1)];
}

static struct counter *find(const struct often *t, uint64_t hash, struct str text)
{
    for (uint32_t i = *chain_of(t, hash); i != NONE; i = t->counter[i].chain) {
        struct counter *c = &t->counter[i];
        if (c->hash == hash && str_eq(str_from(c->text, c->n), text))
            return c;
    }
    return NULL;
}

static void unchain(struct often *t, uint32_t number)
{
    uint32_t *at = chain_of(t, t->counter[number].hash);
    while (*at != number)
        at = &t->counter[*at].chain;
    *at = t->counter[number].chain;
}

/* A counter for a text that has none: an unused one, or the one with the least count. */
static struct counter *take_over(struct often *t, uint64_t hash, struct str text)
{
    bool unused = t->n < t->cap;
    uint32_t number = unused ? t->n : t->heap[0];
    struct counter *c = &t->counter[number];
    if (unused) {
        c->place = t->n;
        t->heap[t->n++] = number;
        rise(t, c->place);
    } else {
        unchain(t, number);
    }
    c->error = c->count;
    c->hash = hash;
    c->n = (uint32_t)text.n;
    if (text.n)
        memcpy(c->text, text.p, text.n);
    c->chain = *chain_of(t, hash);
    *chain_of(t, hash) = number;
    return c;
}

void often_add(struct often *t, struct str text, uint64_t total)
{
    text = str_from(text.p, utf8_floor(text.p, text.n, OFTEN_TEXT));
    uint64_t hash = sum64_seeded(text, t->seed);
    struct counter *c = find(t, hash, text);
    if (!c)
        c = take_over(t, hash, text);
    c->count++;
    c->total = total;
    sink(t, c->place);
}

static int by_count(const void *a, const void *b)
{
    const struct often_row *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return str_cmp(x->text, y->text);
}

size_t often_list(const struct often *t, struct often_row *row, size_t n)
{
    struct often_row *all = calloc(t->n + 1, sizeof(*all));
    if (!all)
        return 0;
    for (uint32_t i = 0; i < t->n; i++) {
        const struct counter *c = &t->counter[i];
        all[i] = (struct often_row){str_from(c->text, c->n), c->count, c->error, c->total};
    }
    qsort(all, t->n, sizeof(*all), by_count);
    n = n < t->n ? n : t->n;
    if (n)
        memcpy(row, all, n * sizeof(*row));
    free(all);
    return n;
}
