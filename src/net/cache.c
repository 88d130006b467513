/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Answers kept for those who ask the same again.
 *
 * A hash table with chains, and a list through all entries in the order of their last use: when a
 * new one would pass the bound in bytes, the least recently used ones go. An entry is one piece of
 * memory, with the request and the bytes of the reply behind it; what the allocator takes beside
 * is counted as a fixed sum. An answer that would take more than a share of the whole is not kept.
 *
 * All entries are of one state of the indexes and of one day, since queries may speak of today. The
 * caller tells the state before it asks, and with another state everything is dropped, so an entry
 * cannot outlive the generation it came from. An answer that comes from a generation other than the
 * one that is published, because the worker had not seen the new one yet or because it is damaged,
 * is not taken.
 *
 * Keys are hashed with a secret seed: nobody can choose requests that fall into one chain.
 */
#include "cache.h"

#include <gongbao/sum.h>
#include <stdlib.h>
#include <sys/random.h>

#define ENTRY_COST 32   /* bytes an allocation takes beside what was asked for, at most */
#define TYPICAL    2048 /* bytes of an entry, for the number of chains */
#define SHARE      16   /* the largest entry is the bound divided by this */
#define CHAINS_MIN 16

struct entry {
    struct entry *chain;         /* next with the same hash */
    struct entry *newer, *older; /* by last use */
    uint64_t hash;
    struct str key;
    struct answer answer;
    char bytes[]; /* of key, then of the answer */
};

struct cache {
    struct entry **chain;
    size_t nchain; /* a power of two */
    struct entry *newest, *oldest;
    size_t n, bytes, max;
    uint64_t state, day, seed;
    uint64_t hits, misses, dropped;
};

struct cache *cache_new(size_t max)
{
    struct cache *c = calloc(1, sizeof(*c));
    size_t nchain = CHAINS_MIN;
    while (nchain < max / TYPICAL)
        nchain *= 2;
    if (c)
        c->chain = calloc(nchain, sizeof(struct entry *));
    if (!c || !c->chain) {
        free(c);
        return NULL;
    }
    c->nchain = nchain;
    c->max = max;
    c->bytes = sizeof(*c) + nchain * sizeof(struct entry *);
    if (getrandom(&c->seed, sizeof(c->seed), GRND_NONBLOCK) != (ssize_t)sizeof(c->seed))
        c->seed = (uint64_t)(uintptr_t)c; /* early in a boot; nobody outside knows it either */
    return c;
}

static size_t cost(const struct entry *e)
{
    return sizeof(*e) + ENTRY_COST + e->key.n + e->answer.bytes.n;
}

/* ---- the list ---- */

static void unlink_entry(struct cache *c, struct entry *e)
{
    *(e->newer ? &e->newer->older : &c->newest) = e->older;
    *(e->older ? &e->older->newer : &c->oldest) = e->newer;
}

static void link_newest(struct cache *c, struct entry *e)
{
    e->newer = NULL;
    e->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = e;
    c->newest = e;
}

/* ---- entries ---- */

static struct entry **place(const struct cache *c, uint64_t hash, struct str key)
{
    struct entry **at = &c->chain[hash & (c->nchain - 1)];
    while (*at && ((*at)->hash != hash || !str_eq((*at)->key, key)))
        at = &(*at)->chain;
    return at;
}

static void drop(struct cache *c, struct entry *e)
{
    struct entry **at = place(c, e->hash, e->key);
    *at = e->chain;
    unlink_entry(c, e);
    c->bytes -= cost(e);
    c->n--;
    free(e);
}

void cache_clear(struct cache *c)
{
    for (struct entry *e = c->oldest, *newer; e; e = newer) {
        newer = e->newer;
        drop(c, e);
    }
}

void cache_free(struct cache *c)
{
    if (!c)
        return;
    cache_clear(c);
    free(c->chain);
    free(c);
}

void cache_at(struct cache *c, uint64_t state, uint64_t day)
{
    if (state != c->state || day != c->day)
        cache_clear(c);
    c->state = state;
    c->day = day;
}

static uint64_t hash_of(const struct cache *c, struct str key)
{
    return sum64_seeded(key, c->seed);
}

const struct answer *cache_get(struct cache *c, struct str key)
{
    struct entry *e = *place(c, hash_of(c, key), key);
    if (!e) {
        c->misses++;
        return NULL;
    }
    c->hits++;
    unlink_entry(c, e);
    link_newest(c, e);
    return &e->answer;
}

static struct entry *entry_new(struct str key, uint64_t hash, const struct answer *a)
{
    struct entry *e = malloc(sizeof(*e) + key.n + a->bytes.n);
    if (!e)
        return NULL;
    *e = (struct entry){.hash = hash, .key = {e->bytes, key.n}, .answer = *a};
    e->answer.bytes.p = e->bytes + key.n;
    memcpy(e->bytes, key.p, key.n);
    memcpy(e->bytes + key.n, a->bytes.p, a->bytes.n);
    return e;
}

void cache_put(struct cache *c, struct str key, const struct answer *a)
{
    size_t need = sizeof(struct entry) + ENTRY_COST + key.n + a->bytes.n;
    uint64_t hash = hash_of(c, key);
    if (!a->may_cache || a->state == 0 || a->state != c->state || need > c->max / SHARE)
        return;
    struct entry *old = *place(c, hash, key);
    if (old)
        drop(c, old);
    for (struct entry *e = c->oldest, *newer; e && c->bytes + need > c->max; e = newer) {
        newer = e->newer;
        drop(c, e);
        c->dropped++;
    }
    if (c->bytes + need > c->max)
        return;
    struct entry *e = entry_new(key, hash, a);
    if (!e)
        return;
    e->chain = c->chain[hash & (c->nchain - 1)];
    c->chain[hash & (c->nchain - 1)] = e;
    link_newest(c, e);
    c->bytes += need;
    c->n++;
}

void cache_counters(const struct cache *c, struct buf *out)
{
    buf_addf(out, "cache.hits=%llu\ncache.misses=%llu\n", (unsigned long long)c->hits,
             (unsigned long long)c->misses);
    buf_addf(out, "cache.dropped=%llu\ncache.entries=%zu\ncache.bytes=%zu\n",
             (unsigned long long)c->dropped, c->n, c->bytes);
}
