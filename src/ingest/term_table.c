/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A hash table of terms; see its header.
 *
 * The key of a short term is the term; a longer one has the top bit and a hash in the others. The
 * slot of a key is the top of its product with a random odd factor (Dietzfelbinger and others, A
 * reliable randomized algorithm for the closest-pair problem, 1997, section 2.2), and the next free
 * one from there.
 *
 * Whether a term is new is as good as a toss of a coin, which a processor would guess wrong. So a
 * new one is written behind the others before it is looked up, and an empty slot stands for it:
 * what is then found holds the key, unless two keys want one slot.
 */

#include "term_table.h"

#include <stdlib.h>
#include <sys/random.h>

#define START     2048
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
    free(t->term);
    free(t->slot);
    free(t->pool);
}

/* So many slots, all of them empty, and room for the terms that they lead to. */
static bool use(struct term_table *t, size_t size)
{
    if (size > t->room) {
        bool possible = size <= SLOTS_MAX;
        struct term *term = possible ? reallocarray(t->term, size / 2 + 2, sizeof(*term)) : NULL;
        if (!term)
            return false;
        t->term = term;
        uint32_t *slot = reallocarray(NULL, size, sizeof(*slot));
        if (!slot)
            return false;
        free(t->slot);
        t->slot = slot;
        t->room = size;
    }
    t->size = size;
    t->shift = (unsigned)__builtin_clzll(size) + 1;
    memset(t->slot, 0, size * sizeof(*t->slot));
    return true;
}

enum st term_table_begin(struct term_table *t, size_t bytes)
{
    size_t size = START;
    t->n = t->npool = 0;
    memset(t->begins, 0, sizeof(t->begins));
    while (size < bytes && size < t->room)
        size *= 2;
    return use(t, size) ? ST_OK : ST_NO_MEMORY;
}

static inline size_t place_of(const struct term_table *t, uint64_t key)
{
    return (size_t)(key * t->factor >> t->shift);
}

/* Room for n more terms. */
static bool reserve(struct term_table *t, size_t n)
{
    size_t size = t->size;
    while (size / 2 < t->n + n)
        size *= 2;
    if (size == t->size)
        return true;
    if (!use(t, size))
        return false;
    for (uint32_t i = 1; i <= t->n; i++) {
        size_t at = place_of(t, t->term[i].key);
        while (t->slot[at])
            at = (at + 1) & (size - 1);
        t->slot[at] = i;
    }
    return true;
}

static inline void count_more(struct term *term, uint32_t weight)
{
    uint32_t sum = term->wdf + weight;
    term->wdf = sum < weight ? UINT32_MAX : sum;
}

/* The slot of a key, or the empty one for it, from a slot on that another key has. */
static __attribute__((noinline)) size_t seek(const struct term_table *t, size_t at, uint64_t key)
{
    do
        at = (at + 1) & (t->size - 1);
    while (t->slot[at] && t->term[t->slot[at]].key != key);
    return at;
}

/* What a slot leads to when an empty one leads to `next`; without a branch. */
static inline uint32_t number_in(uint32_t slot, uint32_t next)
{
    return slot | (next & -(uint32_t)(slot == 0));
}

bool term_table_count(struct term_table *t, const struct term *hit, size_t n)
{
    if (!reserve(t, n))
        return false;
    struct term *term = t->term;
    uint32_t *slot = t->slot, next = (uint32_t)t->n + 1;
    for (size_t i = 0; i < n; i++) {
        uint64_t key = hit[i].key;
        size_t at = place_of(t, key);
        uint32_t number = number_in(slot[at], next);
        term[next].key = key;
        term[next].wdf = 0;
        term[next].more = TERM_LONE;
        if (term[number].key != key) {
            at = seek(t, at, key);
            number = number_in(slot[at], next);
        }
        slot[at] = number;
        next += number == next;
        count_more(&term[number], hit[i].wdf);
        term[number].more |= hit[i].more;
    }
    t->n = next - 1;
    return true;
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

static bool same_long(const struct term_table *t, const struct term *term, const uint32_t *cp,
                      size_t n)
{
    const uint32_t *kept = t->pool + term->more;
    return kept[0] == n && memcmp(kept + 1, cp, n * sizeof(*cp)) == 0;
}

bool term_table_count_long(struct term_table *t, const uint32_t *cp, size_t n, uint32_t weight)
{
    uint64_t key = n;
    for (size_t i = 0; i < n; i++) {
        key = (key + cp[i]) * t->factor;
        key ^= key >> 32;
    }
    key |= TERM_LONG;
    if (!reserve(t, 1))
        return false;
    size_t at = place_of(t, key);
    for (; t->slot[at]; at = (at + 1) & (t->size - 1)) {
        struct term *term = &t->term[t->slot[at]];
        if (term->key == key && same_long(t, term, cp, n)) {
            count_more(term, weight);
            return true;
        }
    }
    uint32_t place;
    if (!keep_long(t, cp, n, &place))
        return false;
    t->term[++t->n] = (struct term){.key = key, .wdf = weight, .more = place};
    t->slot[at] = (uint32_t)t->n;
    return true;
}

char *term_table_spell_long(const struct term_table *t, const struct term *term, char *at)
{
    const uint32_t *cp = t->pool + term->more;
    for (uint32_t k = 1; k <= cp[0]; k++)
        at += utf8_put(cp[k], at);
    return at;
}

size_t term_table_bytes(const struct term_table *t)
{
    return 4 * (TERM_SHORT * t->n + t->npool);
}
