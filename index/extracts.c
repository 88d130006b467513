/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Extracts of documents: bytes by docid.
 *
 * Each stands behind its length in memory that is taken in blocks and given back with the segment;
 * none is ever replaced, for a document never changes. So that reading one costs no more than two
 * places in memory, there is a pointer for each document, made when the first extract comes.
 */

#include "extracts.h"
#include <stdlib.h>

struct item {
    size_t n;
    char bytes[];
};

struct extracts {
    uint32_t documents, known, next;
    const struct item **item; /* by docid; NULL: nothing is known */
    struct arena arena;
};

static const struct item nothing;

enum st extracts_new(uint32_t documents, struct extracts **out, struct err *err)
{
    struct extracts *x = calloc(1, sizeof(*x));
    if (!x)
        return err_nomem(err);
    x->documents = documents;
    x->next = 1;
    arena_init(&x->arena, SIZE_MAX);
    *out = x;
    return ST_OK;
}

void extracts_free(struct extracts *x)
{
    if (!x)
        return;
    arena_fini(&x->arena);
    free(x->item);
    free(x);
}

bool extracts_get(const struct extracts *x, uint32_t docid, struct str *out)
{
    const struct item *item = x->item ? x->item[docid] : NULL;
    if (item)
        *out = str_from(item->bytes, item->n);
    return item != NULL;
}

void extracts_ahead(const struct extracts *x, uint32_t docid)
{
    enum { LINE = 64, LINES = 6 };
    const char *item = x->item ? (const char *)x->item[docid] : NULL;
    for (size_t i = 0; item && i < LINES; i++)
        __builtin_prefetch(item + i * LINE);
}

static const struct item *copy_of(struct extracts *x, struct str bytes)
{
    if (bytes.n == 0)
        return &nothing;
    struct item *item = arena_alloc(&x->arena, sizeof(*item) + bytes.n);
    x->arena.failed = false; /* there may be memory the next time */
    if (!item)
        return NULL;
    item->n = bytes.n;
    memcpy(item->bytes, bytes.p, bytes.n);
    return item;
}

enum st extracts_put(struct extracts *x, uint32_t docid, struct str bytes, struct err *err)
{
    if (!x->item)
        x->item = calloc((size_t)x->documents + 1, sizeof(struct item *));
    if (!x->item)
        return err_nomem(err);
    x->item[docid] = copy_of(x, bytes);
    x->known += x->item[docid] != NULL;
    return x->item[docid] ? ST_OK : err_nomem(err);
}

uint32_t extracts_next(struct extracts *x)
{
    while (x->next <= x->documents && x->item && x->item[x->next])
        x->next++;
    return x->next;
}

uint32_t extracts_unknown(const struct extracts *x)
{
    return x->documents - x->known;
}

uint64_t extracts_bytes(const struct extracts *x)
{
    return x->arena.used + (x->item ? ((uint64_t)x->documents + 1) * sizeof(struct item *) : 0);
}
