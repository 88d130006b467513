/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Metadata and values: what stands before the lengths and the postings of a database.
 *
 * Values are kept a second time apart from their documents, a list a slot, in chunks under the
 * first docid: a value, then for each further document the gap less one, and its value. For each
 * slot there is also how many values it has and between which bounds. Slots do not sort by their
 * numbers, and the bounds, which come first, are known last: so all entries are collected in an
 * arena, and sorted by their keys in the end. Values are few and short, a date a document.
 *
 * Slots are looked for one after the other: there are not many.
 */

#include "glass_early.h"
#include "glass_postlist.h"
#include <stdlib.h>

struct glass_entry {
    struct str key, tag;
};

struct glass_slot {
    uint32_t slot;
    uint32_t n;
    struct buf low, high; /* the bounds */
    struct buf chunk;     /* the open one, empty or not */
    uint32_t first, last; /* docids in it */
};

void glass_early_init(struct glass_early *e)
{
    *e = (struct glass_early){0};
    arena_init(&e->arena, SIZE_MAX);
}

void glass_early_fini(struct glass_early *e)
{
    for (size_t i = 0; i < e->nslots; i++) {
        buf_fini(&e->slot[i].low);
        buf_fini(&e->slot[i].high);
        buf_fini(&e->slot[i].chunk);
    }
    free(e->slot);
    free(e->entry);
    arena_fini(&e->arena);
}

static enum st add_entry(struct glass_early *e, struct str key, struct str tag, struct err *err)
{
    struct glass_entry *more = array_room(e->entry, e->n, &e->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    e->entry = more;
    struct glass_entry *entry = &e->entry[e->n];
    entry->key = arena_str(&e->arena, key);
    entry->tag = arena_str(&e->arena, tag);
    if (e->arena.failed)
        return err_nomem(err);
    e->n++;
    return ST_OK;
}

enum st glass_early_metadata(struct glass_early *e, struct str name, struct str value,
                             struct err *err)
{
    unsigned char key[GLASS_KEY_MAX];
    if (!name.n || name.n > sizeof(key) - GLASS_KIND_KEY || !value.n)
        return err_set(err, ST_INTERNAL, "metadata with a name of %zu bytes and a value of %zu",
                       name.n, value.n);
    memcpy(glass_begin_key(key, GLASS_METADATA), name.p, name.n);
    return add_entry(e, str_from((char *)key, GLASS_KIND_KEY + name.n), value, err);
}

/* ---- values ---- */

/* The slot of a number, made when it is new; NULL without memory. */
static struct glass_slot *slot_of(struct glass_early *e, uint32_t number)
{
    for (size_t i = 0; i < e->nslots; i++)
        if (e->slot[i].slot == number)
            return &e->slot[i];
    struct glass_slot *more = realloc(e->slot, (e->nslots + 1) * sizeof(*more));
    if (!more)
        return NULL;
    e->slot = more;
    struct glass_slot *s = &e->slot[e->nslots++];
    *s = (struct glass_slot){.slot = number};
    buf_init(&s->low, SIZE_MAX);
    buf_init(&s->high, SIZE_MAX);
    buf_init(&s->chunk, SIZE_MAX);
    return s;
}

static enum st close_chunk(struct glass_early *e, struct glass_slot *s, struct err *err)
{
    unsigned char key[GLASS_KIND_KEY + PACK_MAX + PACK_SORT_MAX];
    unsigned char *end = pack_uint(glass_begin_key(key, GLASS_VALUES), s->slot);
    end = pack_uint_sort(end, s->first);
    enum st st = add_entry(e, str_from((char *)key, (size_t)(end - key)), buf_str(&s->chunk), err);
    buf_reset(&s->chunk);
    return st;
}

static void replace(struct buf *b, struct str s)
{
    buf_reset(b);
    buf_adds(b, s);
}

static void widen_bounds(struct glass_slot *s, struct str value)
{
    if (!s->n || str_cmp(value, buf_str(&s->low)) < 0)
        replace(&s->low, value);
    if (!s->n || str_cmp(value, buf_str(&s->high)) > 0)
        replace(&s->high, value);
}

enum st glass_early_value(struct glass_early *e, uint32_t docid, uint32_t slot, struct str value,
                          struct err *err)
{
    struct glass_slot *s = slot_of(e, slot);
    if (!s)
        return err_nomem(err);
    if (!value.n || (s->n && docid <= s->last))
        return err_set(err, ST_INTERNAL, "slot %u: an empty value, or a second one", slot);
    widen_bounds(s, value);
    s->n++;
    if (!s->chunk.n)
        s->first = docid;
    else
        buf_varint(&s->chunk, docid - s->last - 1);
    s->last = docid;
    buf_varstr(&s->chunk, value);
    if (!buf_ok(&s->low) || !buf_ok(&s->high) || !buf_ok(&s->chunk))
        return err_nomem(err);
    return s->chunk.n >= GLASS_CHUNK_FULL ? close_chunk(e, s, err) : ST_OK;
}

/* How many values a slot has, and between which bounds. */
static enum st add_bounds(struct glass_early *e, const struct glass_slot *s, struct err *err)
{
    unsigned char key[GLASS_KIND_KEY + sizeof(s->slot)];
    unsigned char *end = pack_uint_last(glass_begin_key(key, GLASS_BOUNDS), s->slot);
    struct buf tag;
    buf_init(&tag, SIZE_MAX);
    buf_varint(&tag, s->n);
    buf_varstr(&tag, buf_str(&s->low));
    if (!str_eq(buf_str(&s->low), buf_str(&s->high)))
        buf_adds(&tag, buf_str(&s->high));
    struct str whole = str_from((char *)key, (size_t)(end - key));
    enum st st = buf_ok(&tag) ? add_entry(e, whole, buf_str(&tag), err) : err_nomem(err);
    buf_fini(&tag);
    return st;
}

static int by_key(const void *a, const void *b)
{
    const struct glass_entry *x = a, *y = b;
    return str_cmp(x->key, y->key);
}

enum st glass_early_put(struct glass_early *e, struct glass_table *t, struct err *err)
{
    enum st st = ST_OK;
    for (size_t i = 0; i < e->nslots && st == ST_OK; i++) {
        st = add_bounds(e, &e->slot[i], err);
        if (st == ST_OK && e->slot[i].chunk.n)
            st = close_chunk(e, &e->slot[i], err);
    }
    if (e->n)
        qsort(e->entry, e->n, sizeof(*e->entry), by_key);
    for (size_t i = 0; i < e->n && st == ST_OK; i++)
        st = glass_table_put(t, e->entry[i].key, e->entry[i].tag, false, err);
    return st;
}
