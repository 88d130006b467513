/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Similarity hashing (Charikar, Similarity estimation techniques from rounding algorithms, 2002,
 * section 3): each bit is what most of the terms' hashes have there.
 *
 * The 64 counts are kept in slices, a word for each binary digit of all of them, so that a hash is
 * added to all at once. Eight hashes go through a tree of full adders before anything is carried
 * further, which makes some five operations a term. In the end all counts are compared with the
 * half at once, from the highest digit down.
 */

#include "simhash.h"
#include "post_source.h"

enum { GROUP = 8, SLICES = 32 };

struct counts {
    uint64_t slice[SLICES]; /* the lowest digit first */
    unsigned used;
};

static uint64_t hash_of(struct str term)
{
    uint64_t h = term.n;
    for (; term.n > 0; term = str_from(term.p + 8, term.n > 8 ? term.n - 8 : 0)) {
        h = (h ^ post_head(term.p, term.n < 8 ? term.n : 8)) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
        if (term.n <= 8)
            break;
    }
    h *= 0xc2b2ae3d27d4eb4fu;
    return h ^ h >> 29;
}

/* Add a word to the slices from one on. */
static void ripple(struct counts *c, unsigned from, uint64_t carry)
{
    for (unsigned i = from; carry && i < SLICES; i++) {
        uint64_t both = c->slice[i] & carry;
        c->slice[i] ^= carry;
        carry = both;
        if (i >= c->used)
            c->used = i + 1;
    }
}

/* The sum of three words: its low digits stay, the high ones are returned. */
static inline uint64_t add3(uint64_t *sum, uint64_t a, uint64_t b)
{
    uint64_t either = *sum ^ a, high = (*sum & a) | (either & b);
    *sum = either ^ b;
    return high;
}

static void add_group(struct counts *c, const uint64_t h[GROUP])
{
    uint64_t *one = &c->slice[0], *two = &c->slice[1], *four = &c->slice[2];
    uint64_t a = add3(one, h[0], h[1]), b = add3(one, h[2], h[3]);
    uint64_t x = add3(two, a, b);
    a = add3(one, h[4], h[5]);
    b = add3(one, h[6], h[7]);
    uint64_t y = add3(two, a, b);
    if (c->used < 3)
        c->used = 3;
    ripple(c, 3, add3(four, x, y));
}

/* The bits whose count is above this. */
static uint64_t above(const struct counts *c, uint64_t half)
{
    uint64_t more = 0, equal = UINT64_MAX;
    for (unsigned i = SLICES; i-- > 0;) {
        uint64_t digit = i < c->used ? c->slice[i] : 0;
        if (half >> i & 1) {
            equal &= digit;
        } else {
            more |= equal & digit;
            equal &= ~digit;
        }
    }
    return more;
}

bool simhash_of(const struct ix_term *terms, size_t n, uint64_t *out)
{
    struct counts c = {.used = 0};
    uint64_t group[GROUP], added = 0;
    for (size_t i = 0; i < n; i++) {
        if (!terms[i].wdf)
            continue;
        group[added++ % GROUP] = hash_of(terms[i].bytes);
        if (added % GROUP == 0)
            add_group(&c, group);
    }
    for (size_t i = 0; i < added % GROUP; i++)
        ripple(&c, 0, group[i]);
    *out = above(&c, added / 2);
    return added > 0;
}
