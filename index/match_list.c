/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of documents and sums by document.
 *
 * Both are as large as a window, so nothing here grows and nothing is checked against an end: a
 * list holds a document of the window once at most. Lists ascend, which two of them are gone
 * through side by side for.
 */

#include "match_list.h"
#include <stdlib.h>

struct match_list *list_take(struct match_memory *spare)
{
    struct match_list *l = spare->lists;
    if (l)
        spare->lists = l->next;
    else
        l = malloc(sizeof(*l));
    if (l)
        l->n = 0;
    return l;
}

void list_give(struct match_memory *spare, struct match_list *l)
{
    if (!l)
        return;
    l->next = spare->lists;
    spare->lists = l;
}

struct match_sum *sum_take(struct match_memory *spare)
{
    struct match_sum *h = spare->sums;
    if (h)
        spare->sums = h->next;
    else
        h = calloc(1, sizeof(*h));
    return h;
}

static inline void sum_zero(struct match_sum *h, uint32_t at)
{
    h->w[at] = 0;
    h->mass[at] = 0;
}

/* A spare one is all zero. */
void sum_give(struct match_memory *spare, struct match_sum *h)
{
    if (!h)
        return;
    for (uint32_t i = 0; i < WINDOW / 64; i++) {
        for (uint64_t bits = h->in[i]; bits; bits &= bits - 1)
            sum_zero(h, 64 * i + (uint32_t)__builtin_ctzll(bits));
        h->in[i] = 0;
    }
    h->next = spare->sums;
    spare->sums = h;
}

void match_memory_fini(struct match_memory *spare)
{
    while (spare->lists) {
        struct match_list *l = spare->lists;
        spare->lists = l->next;
        free(l);
    }
    while (spare->sums) {
        struct match_sum *h = spare->sums;
        spare->sums = h->next;
        free(h);
    }
}

void list_weigh(struct match_list *to, const struct match_list *some)
{
    for (size_t i = 0, k = 0; i < some->n; i++) {
        while (to->doc[k] < some->doc[i])
            k++;
        to->w[k] += some->w[i];
    }
}

void list_weigh_from(struct match_list *to, const struct match_list *from)
{
    for (size_t i = 0, k = 0; i < to->n; i++) {
        while (from->doc[k] < to->doc[i])
            k++;
        to->w[i] += from->w[k];
    }
}

void list_leave_out(struct match_list *from, const struct match_list *some)
{
    size_t n = 0, k = 0;
    for (size_t i = 0; i < from->n; i++) {
        while (k < some->n && some->doc[k] < from->doc[i])
            k++;
        if (k < some->n && some->doc[k] == from->doc[i])
            continue;
        from->doc[n] = from->doc[i];
        from->w[n++] = from->w[i];
    }
    from->n = n;
}

static inline void sum_remove(struct match_sum *h, uint32_t at)
{
    h->in[at / 64] &= ~(UINT64_C(1) << (at % 64));
    sum_zero(h, at);
}

size_t sum_drop(struct match_sum *h, uint64_t mass, double weight)
{
    size_t n = 0;
    for (uint32_t i = 0; i < WINDOW / 64; i++)
        for (uint64_t bits = h->in[i]; bits; bits &= bits - 1) {
            uint32_t at = 64 * i + (uint32_t)__builtin_ctzll(bits);
            if (h->mass[at] >= mass && h->w[at] >= weight)
                n++;
            else
                sum_remove(h, at);
        }
    return n;
}

void sum_list(const struct match_sum *h, uint32_t low, struct match_list *out)
{
    for (uint32_t i = 0; i < WINDOW / 64; i++)
        for (uint64_t bits = h->in[i]; bits; bits &= bits - 1) {
            uint32_t at = 64 * i + (uint32_t)__builtin_ctzll(bits);
            list_push(out, low + at, h->w[at]);
        }
}
