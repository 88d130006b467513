/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A hash map from byte strings to numbers.
 *
 * Open addressing with linear probing over a power of two of slots, at most two thirds of them
 * taken, so that a search always meets an empty slot. The hash is XXH3 with a seed drawn from the
 * kernel for each map: a document full of chosen words cannot make the probes long. Keys are
 * copied into an arena one after the other; slots hold the hash as well, so that growing never
 * reads a key.
 *
 * Not here: removing one entry, and any order.
 */

#define XXH_INLINE_ALL
#include <gongbao/map.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

enum { FIRST_CAP = 16 };

void map_init(struct map *m)
{
    *m = (struct map){0};
    arena_init(&m->keys, SIZE_MAX);
}

void map_fini(struct map *m)
{
    free(m->slot);
    arena_fini(&m->keys);
    map_init(m);
}

/* A seed nobody outside can know. Early in a boot the kernel may have none to give; the address
 * and the clock are then better than a constant. */
static uint64_t draw_seed(const struct map *m)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == (ssize_t)sizeof(seed))
        return seed;
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)(uintptr_t)m ^ (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
}

/* The slot of key: its own, or the empty one where it would go. */
static struct map_entry *find(const struct map *m, struct str key, uint64_t hash)
{
    for (size_t at = hash & (m->cap - 1);; at = (at + 1) & (m->cap - 1)) {
        struct map_entry *e = &m->slot[at];
        if (!e->key.p || (e->hash == hash && str_eq(e->key, key)))
            return e;
    }
}

static void move_entries(struct map_entry *to, size_t cap, const struct map *from)
{
    for (size_t i = 0; i < from->cap; i++) {
        if (!from->slot[i].key.p)
            continue;
        size_t at = from->slot[i].hash & (cap - 1);
        while (to[at].key.p)
            at = (at + 1) & (cap - 1);
        to[at] = from->slot[i];
    }
}

static bool grow(struct map *m)
{
    size_t cap = m->cap ? m->cap * 2 : FIRST_CAP;
    struct map_entry *slot = calloc(cap, sizeof(*slot));
    if (!slot)
        return false;
    if (!m->cap)
        m->seed = draw_seed(m);
    move_entries(slot, cap, m);
    free(m->slot);
    m->slot = slot;
    m->cap = cap;
    return true;
}

uint64_t *map_slot(struct map *m, struct str key)
{
    if ((m->n + 1) * 3 > m->cap * 2 && !grow(m))
        return NULL;
    uint64_t hash = XXH3_64bits_withSeed(key.n ? key.p : "", key.n, m->seed);
    struct map_entry *e = find(m, key, hash);
    if (e->key.p)
        return &e->value;
    struct str copy = arena_str(&m->keys, key);
    if (!copy.p)
        return NULL;
    *e = (struct map_entry){.key = copy, .hash = hash};
    m->n++;
    return &e->value;
}

const uint64_t *map_get(const struct map *m, struct str key)
{
    if (m->n == 0)
        return NULL;
    uint64_t hash = XXH3_64bits_withSeed(key.n ? key.p : "", key.n, m->seed);
    const struct map_entry *e = find(m, key, hash);
    return e->key.p ? &e->value : NULL;
}

const struct map_entry *map_next(const struct map *m, size_t *at)
{
    while (*at < m->cap) {
        const struct map_entry *e = &m->slot[(*at)++];
        if (e->key.p)
            return e;
    }
    return NULL;
}
