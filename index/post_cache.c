/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A cache of postings by term.
 *
 * Queries have terms in common, the steps of one query nearly all of them, and the terms that cost
 * most are the frequent ones, which come again soonest. What is kept has been walked through once,
 * and is as it lies on disk, two or three bytes a posting. A term that is in no document is kept
 * too, for it is as dear to look up as any.
 *
 * Entries hang in a table by a hash of the term, and in a ring by use: the one behind the ring's
 * head was given back last. Who holds an entry may load it, so its size is looked at when it is
 * given back; one that is held is not in the ring, so that it stays.
 */

#include "post_cache.h"
#include <stdlib.h>

struct entry {
    struct postings postings; /* first: who gives it back has only this */
    struct entry *same;       /* the next one in the table's row */
    struct entry *newer, *older;
    size_t holders;
    size_t bytes;    /* as counted in */
    struct str term; /* lies behind */
};

struct post_cache {
    struct entry **row;
    size_t rows; /* a power of two */
    struct entry ring;
    uint64_t bytes, most;
};

enum { ROW_BYTES = 1024, ROWS_MIN = 16 }; /* a row for so many bytes of the most there may be */

enum st post_cache_new(uint64_t bytes, struct post_cache **out, struct err *err)
{
    struct post_cache *k = calloc(1, sizeof(*k));
    if (!k)
        return err_nomem(err);
    k->most = bytes;
    k->rows = ROWS_MIN;
    while (k->rows < bytes / ROW_BYTES)
        k->rows *= 2;
    k->ring.newer = k->ring.older = &k->ring;
    k->row = calloc(k->rows, sizeof(struct entry *));
    if (!k->row) {
        post_cache_free(k);
        return err_nomem(err);
    }
    *out = k;
    return ST_OK;
}

static void entry_free(struct entry *e)
{
    postings_fini(&e->postings);
    free(e);
}

void post_cache_free(struct post_cache *k)
{
    if (!k)
        return;
    for (size_t i = 0; k->row && i < k->rows; i++)
        while (k->row[i]) {
            struct entry *e = k->row[i];
            k->row[i] = e->same;
            entry_free(e);
        }
    free(k->row);
    free(k);
}

static struct entry **row_of(const struct post_cache *k, struct str term)
{
    return &k->row[sum64_of(term) & (k->rows - 1)];
}

static void leave_ring(struct entry *e)
{
    e->newer->older = e->older;
    e->older->newer = e->newer;
}

static void drop(struct post_cache *k, struct entry *e)
{
    struct entry **at = row_of(k, e->term);
    while (*at != e)
        at = &(*at)->same;
    *at = e->same;
    leave_ring(e);
    k->bytes -= e->bytes;
    entry_free(e);
}

static enum st look_up(struct post_cache *k, struct columns *c, struct str term, struct entry **out,
                       struct err *err)
{
    struct entry *e = calloc(1, sizeof(*e) + term.n);
    if (!e)
        return err_nomem(err);
    postings_init(&e->postings);
    memcpy(e + 1, term.p, term.n);
    e->term = str_from((char *)(e + 1), term.n);
    enum st st = postings_find(&e->postings, c, term, err);
    if (st != ST_OK) {
        entry_free(e);
        return st;
    }
    struct entry **row = row_of(k, term);
    e->same = *row;
    *row = *out = e;
    return ST_OK;
}

enum st post_cache_take(struct post_cache *k, struct columns *c, struct str term,
                        struct postings **out, struct err *err)
{
    struct entry *e = *row_of(k, term);
    while (e && !str_eq(e->term, term))
        e = e->same;
    if (e && e->holders == 0)
        leave_ring(e);
    enum st st = e ? ST_OK : look_up(k, c, term, &e, err);
    if (st != ST_OK)
        return st;
    e->holders++;
    *out = &e->postings;
    return ST_OK;
}

void post_cache_give(struct post_cache *k, struct postings *p)
{
    struct entry *e = (struct entry *)p;
    if (--e->holders)
        return;
    k->bytes -= e->bytes;
    e->bytes = sizeof(*e) + e->term.n + p->packed.cap + p->cap * sizeof(*p->part);
    k->bytes += e->bytes;
    e->older = k->ring.older;
    e->newer = &k->ring;
    e->older->newer = e;
    k->ring.older = e;
    for (struct entry *old = k->ring.newer, *next; k->bytes > k->most && old != &k->ring;
         old = next) {
        next = old->newer;
        drop(k, old);
    }
}
