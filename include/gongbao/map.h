/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_MAP_H
#define GONGBAO_MAP_H

/* A hash map from byte strings to 64-bit numbers: open addressing, keys copied into the map.
 * Each map hashes with a secret seed of its own, so that nobody can choose keys that collide.
 *
 *     struct map m;
 *     map_init(&m);
 *     uint64_t *v = map_slot(&m, STR("强调"));   // 0 when new
 *     if (v) ++*v;
 *     map_fini(&m);
 */

#include <gongbao/arena.h>

struct map_entry {
    struct str key; /* p NULL: empty slot */
    uint64_t hash;
    uint64_t value;
};

struct map {
    struct map_entry *slot;
    size_t n, cap; /* cap is 0 or a power of two */
    uint64_t seed; /* of the hash; drawn when the first slots are made */
    struct arena keys;
};

void map_init(struct map *m);

/* Free everything; the map is then as map_init makes it. */
void map_fini(struct map *m);

/* The value of key, made with 0 when it is new; valid until the next map_slot. NULL without
 * memory. */
uint64_t *map_slot(struct map *m, struct str key);

/* The value of key, or NULL. */
const uint64_t *map_get(const struct map *m, struct str key);

/* Entries in no particular order: start with *at = 0; NULL at the end. For tests, which hold a
 * whole map against what they expect. */
const struct map_entry *map_next(const struct map *m, size_t *at);

#endif
