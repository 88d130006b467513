/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_INVERT_TABLE_H
#define INDEX_INVERT_TABLE_H

/* The insides of an inversion; for invert*.c. */

#include "invert.h"

enum { HEAD = 8 }; /* bytes of a term that stand in its slot */

/* A slot of the hash table. Most terms are no longer than a head, so that nothing else is looked
 * at. */
struct slot {
    uint64_t head;
    uint32_t word; /* its number, counting from 1; 0: empty */
    uint32_t tag;  /* bits of the hash, then the term's length in the lowest 8 */
};

struct word {
    uint64_t head;
    uint32_t rest; /* place of what follows the head */
    uint32_t length;
};

/* A term of a document, as it came. */
struct hit {
    uint32_t word, wdf;
};

struct posting {
    uint32_t docid, wdf;
};

struct sort_item {
    uint64_t key;  /* HEAD bytes of the term */
    uint32_t word; /* its number, counting from 0 */
    uint32_t left; /* bytes of the term from these on; HEAD + 1: more than HEAD */
};

/* Memory that only grows. */
struct room {
    void *p;
    size_t bytes;
};

struct invert {
    struct slot *slot;
    size_t nslots; /* a power of two */
    struct room words, hits, ends, postings, places, items, spare;
    size_t n, nhits, ndocs;
    struct buf rest;
    uint64_t seed;
};

/* Room for n things of a size, what is there staying; NULL without memory. */
void *room_for(struct room *r, size_t n, size_t size);

/* The words in the order of their terms; NULL without memory. There is at least one. */
const struct sort_item *invert_sort(struct invert *v);

#endif
