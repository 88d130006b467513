/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_INVERT_TABLE_H
#define INDEX_INVERT_TABLE_H

/* The insides of an inversion: its memory and its terms; for invert*.c. */

#include "invert.h"
#include <endian.h>

/* ---- memory that only grows ---- */

enum { PAGE = 1 << 21, UNIT = 8, UNITS = PAGE / UNIT };

/* Pages of PAGE bytes, given out in units of UNIT bytes; a place is the number of its first unit.
 */
struct pool {
    unsigned char **page;
    size_t n, cap;
    uint32_t used; /* units of the last page */
};

static inline void *pool_at(const struct pool *p, uint32_t place)
{
    return p->page[place / UNITS] + (size_t)(place % UNITS) * UNIT;
}

/* n bytes, at most PAGE; false without memory. */
bool pool_take(struct pool *p, size_t n, uint32_t *place);

void pool_fini(struct pool *p);

/* ---- terms ---- */

enum {
    HEAD = 8,  /* bytes of a term that are in its entry */
    HERE = 32, /* and of its postings */
};

/* A term, in one line of the cache. Its postings are packed into runs, the first of them here. */
struct entry {
    uint64_t head;   /* the first bytes, padded with NULs, so that numbers sort as terms do */
    uint32_t rest;   /* place of the others, in bytes */
    uint32_t last;   /* docid */
    uint32_t tf;     /* postings */
    uint32_t second; /* place of the second run */
    uint32_t tail;   /* and of the one that is written to */
    uint16_t at;     /* bytes in that one */
    uint8_t step;    /* its number, as far as sizes grow */
    uint8_t length;  /* of the term */
    unsigned char here[HERE];
};

_Static_assert(sizeof(struct entry) == 64, "an entry is a line of the cache");

struct slot {
    uint32_t hash;
    uint32_t entry; /* its number, counting from 1; 0: empty */
};

struct invert {
    struct pool entries, bytes;
    struct slot *slot;
    size_t nslots; /* a power of two */
    uint32_t n;    /* entries */
    uint64_t seed;
};

static inline struct entry *entry_at(const struct invert *v, uint32_t i)
{
    return pool_at(&v->entries, i * (uint32_t)(sizeof(struct entry) / UNIT));
}

static inline uint64_t load_be32(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return be32toh(v);
}

/* The first HEAD of n > 0 bytes as a number that sorts as they do, padded with NULs. Loads that
 * overlap are quicker than a copy of so many bytes that is read back. */
static inline uint64_t head_of(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    if (n >= HEAD)
        return load_be32(p) << 32 | load_be32(p + 4);
    if (n >= 4)
        return load_be32(p) << 32 | load_be32(p + n - 4) << (8 * (8 - n));
    return (uint64_t)p[0] << 56 | (uint64_t)p[n / 2] << (8 * (7 - n / 2)) |
           (uint64_t)p[n - 1] << (8 * (8 - n));
}

/* The number of every entry in the order of their terms, for the caller to free; NULL without
 * memory. There is at least one. */
uint32_t *invert_sort(const struct invert *v);

#endif
