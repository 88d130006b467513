/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_MATCH_LIST_H
#define INDEX_MATCH_LIST_H

/* Documents of a window with their weights, as lists and as sums: for the files of the matcher. */

#include "match.h"

C_BEGIN

enum { WINDOW = 1 << 13 }; /* docids */

/* Documents and their weights; `next` of a spare one. */
struct match_list {
    struct match_list *next;
    size_t n;
    uint32_t doc[WINDOW];
    double w[WINDOW];
};

/* Sums by document: of weights, and of masses where they are asked for. Where a document is not in,
 * they are zero. */
struct match_sum {
    struct match_sum *next;
    uint64_t in[WINDOW / 64];
    double w[WINDOW];
    uint32_t mass[WINDOW];
};

/* A list without documents and a sum of nothing, spare ones where there are any; NULL without
 * memory. They are given back to where they came from; NULL is nothing to give. */
struct match_list *list_take(struct match_memory *spare);
void list_give(struct match_memory *spare, struct match_list *l);
struct match_sum *sum_take(struct match_memory *spare);
void sum_give(struct match_memory *spare, struct match_sum *h);

static inline void list_push(struct match_list *l, uint32_t docid, double w)
{
    l->doc[l->n] = docid;
    l->w[l->n++] = w;
}

/* Add the weights of some documents of a list to it. */
void list_weigh(struct match_list *to, const struct match_list *some);

/* The same, where `from` has all documents of `to`, and may have others. */
void list_weigh_from(struct match_list *to, const struct match_list *from);

/* Take documents out of a list. */
void list_leave_out(struct match_list *from, const struct match_list *some);

/* Add the weight of a document of the window that begins with low. */
static inline void sum_put(struct match_sum *h, uint32_t low, uint32_t docid, double w)
{
    uint32_t at = docid - low;
    h->w[at] += w;
    h->in[at / 64] |= UINT64_C(1) << (at % 64);
}

static inline bool sum_has(const struct match_sum *h, uint32_t low, uint32_t docid)
{
    uint32_t at = docid - low;
    return h->in[at / 64] >> (at % 64) & 1;
}

/* The same with a mass. */
static inline void sum_put_mass(struct match_sum *h, uint32_t low, uint32_t docid, double w,
                                uint32_t mass)
{
    sum_put(h, low, docid, w);
    h->mass[docid - low] += mass;
}

/* Take out the documents with a mass or a weight below these; how many are left. */
size_t sum_drop(struct match_sum *h, uint64_t mass, double weight);

/* Append what has come together. */
void sum_list(const struct match_sum *h, uint32_t low, struct match_list *out);

C_END
#endif
