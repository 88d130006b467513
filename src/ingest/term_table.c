/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A hash table of terms; see its header.
 *
 * The key of a term of one to three code points has each of them plus one in 21 bits, the first at
 * the top, so that no two terms share a key and none is 0. A longer term has the top bit and a hash
 * in the others. The slot of a key is the top of its product with a random odd factor
 * (Dietzfelbinger and others, A reliable randomized algorithm for the closest-pair problem, 1997,
 * section 2.2), and the next free one from there. At most half of the slots hold a term.
 */

#include "term_table.h"

#include <gongbao/utf8.h>
#include <stdlib.h>
#include <sys/random.h>

#define LONG_KEY  (UINT64_C(1) << 63)
#define CP_BITS   21
#define CP_MASK   ((UINT64_C(1) << CP_BITS) - 1)
#define SHORT_MAX 3 /* code points in a short key */
#define START     1024
#define SLOTS_MAX (UINT64_C(1) << 31)

enum st term_table_init(struct term_table *t, struct err *err)
{
    *t = (struct term_table){0};
    if (getrandom(&t->factor, sizeof(t->factor), 0) != sizeof(t->factor))
        return err_sys(err, "cannot read", "random bytes");
    t->factor |= 1;
    return ST_OK;
}

void term_table_fini(struct term_table *t)
{
    free(t->slot);
    free(t->order);
    free(t->pool);
}

static void use(struct term_table *t, size_t size)
{
    t->size = size;
    t->shift = (unsigned)__builtin_clzll(size) + 1;
}

/* Room for so many slots, all of them empty. */
static bool make_room(struct term_table *t, size_t size)
{
    if (size <= t->room)
        return true;
    struct term_slot *slot = size <= SLOTS_MAX ? calloc(size, sizeof(*slot)) : NULL;
    uint32_t *order = slot ? reallocarray(t->order, size / 2 + 1, sizeof(*order)) : NULL;
    if (!order) {
        free(slot);
        return false;
    }
    free(t->slot);
    t->slot = slot;
    t->order = order;
    t->room = size;
    return true;
}

enum st term_table_begin(struct term_table *t, size_t bytes)
{
    size_t size = START;
    for (size_t i = 0; i < t->n; i++)
        t->slot[t->order[i]].key = 0;
    t->n = t->npool = 0;
    memset(t->begins, 0, sizeof(t->begins));
    while (size < bytes / 2 && size < t->room)
        size *= 2;
    if (!make_room(t, size))
        return ST_NO_MEMORY;
    use(t, size);
    return ST_OK;
}

static inline size_t place_of(const struct term_table *t, uint64_t key)
{
    return (size_t)(key * t->factor >> t->shift);
}

/* Twice the slots. Terms keep their order. */
static bool grow(struct term_table *t)
{
    struct term_slot *old = malloc(t->n * sizeof(*old));
    if (!old)
        return false;
    for (size_t i = 0; i < t->n; i++) {
        old[i] = t->slot[t->order[i]];
        t->slot[t->order[i]].key = 0;
    }
    bool ok = make_room(t, t->size * 2);
    if (ok)
        use(t, t->size * 2);
    for (size_t i = 0; i < t->n; i++) {
        size_t at = place_of(t, old[i].key);
        while (t->slot[at].key)
            at = (at + 1) & (t->size - 1);
        t->slot[at] = old[i];
        t->order[i] = (uint32_t)at;
    }
    free(old);
    return ok;
}

static bool keep_long(struct term_table *t, const uint32_t *cp, size_t n, uint32_t *place)
{
    if (t->pool_cap - t->npool < n + 1) {
        size_t cap = 2 * t->pool_cap + START + n;
        uint32_t *grown = cap < UINT32_MAX ? reallocarray(t->pool, cap, sizeof(*grown)) : NULL;
        if (!grown)
            return false;
        t->pool = grown;
        t->pool_cap = cap;
    }
    *place = (uint32_t)t->npool;
    t->pool[t->npool++] = (uint32_t)n;
    memcpy(t->pool + t->npool, cp, n * sizeof(*cp));
    t->npool += n;
    return true;
}

static bool add(struct term_table *t, size_t at, struct term_slot slot)
{
    t->slot[at] = slot;
    t->order[t->n++] = (uint32_t)at;
    return t->n * 2 < t->size || grow(t);
}

static inline void count_more(struct term_slot *s, uint32_t weight)
{
    s->wdf = s->wdf > UINT32_MAX - weight ? UINT32_MAX : s->wdf + weight;
}

static bool same_long(const struct term_table *t, const struct term_slot *s, const uint32_t *cp,
                      size_t n)
{
    const uint32_t *kept = t->pool + s->more;
    return kept[0] == n && memcmp(kept + 1, cp, n * sizeof(*cp)) == 0;
}

static bool count_long(struct term_table *t, const uint32_t *cp, size_t n, uint32_t weight)
{
    uint64_t key = n;
    for (size_t i = 0; i < n; i++) {
        key = (key + cp[i]) * t->factor;
        key ^= key >> 32;
    }
    key |= LONG_KEY;
    size_t at = place_of(t, key);
    for (; t->slot[at].key; at = (at + 1) & (t->size - 1))
        if (t->slot[at].key == key && same_long(t, &t->slot[at], cp, n)) {
            count_more(&t->slot[at], weight);
            return true;
        }
    uint32_t place;
    return keep_long(t, cp, n, &place) &&
           add(t, at, (struct term_slot){.key = key, .wdf = weight, .more = place});
}

bool term_table_count(struct term_table *t, const uint32_t *cp, size_t n, uint32_t weight,
                      enum term_sort sort)
{
    if (n > SHORT_MAX)
        return count_long(t, cp, n, weight);
    uint64_t key = (uint64_t)(cp[0] + 1) << 2 * CP_BITS;
    if (n > 1)
        key |= (uint64_t)(cp[1] + 1) << CP_BITS;
    if (n > 2)
        key |= cp[2] + 1;
    size_t at = place_of(t, key);
    for (; t->slot[at].key; at = (at + 1) & (t->size - 1))
        if (t->slot[at].key == key) {
            count_more(&t->slot[at], weight);
            t->slot[at].more |= sort;
            return true;
        }
    if (n == 2 && cp[0] < 64 * TERM_BEGINS)
        t->begins[cp[0] / 64] |= UINT64_C(1) << cp[0] % 64;
    return add(t, at, (struct term_slot){.key = key, .wdf = weight, .more = sort});
}

bool term_table_is_idle(const struct term_table *t, size_t i)
{
    const struct term_slot *s = term_table_at(t, i);
    uint64_t cp = (s->key >> 2 * CP_BITS) - 1;
    if (s->more != TERM_LONE || s->key & LONG_KEY || cp >= 64 * TERM_BEGINS)
        return false;
    return t->begins[cp / 64] >> cp % 64 & 1;
}

char *term_table_spell(const struct term_table *t, size_t i, char *at)
{
    const struct term_slot *s = term_table_at(t, i);
    if (s->key & LONG_KEY) {
        const uint32_t *cp = t->pool + s->more;
        for (uint32_t k = 1; k <= cp[0]; k++)
            at += utf8_put(cp[k], at);
        return at;
    }
    for (uint64_t rest = s->key << 1; rest; rest <<= CP_BITS)
        at += utf8_put((uint32_t)(rest >> (64 - CP_BITS)) - 1, at);
    return at;
}

size_t term_table_bytes(const struct term_table *t)
{
    return 4 * (SHORT_MAX * t->n + t->npool);
}
