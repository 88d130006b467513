/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A chunk of a batch, between the writer's thread, which fills it with documents and takes it back,
 * and some other one, which gives the documents their terms.
 *
 * It holds the plain records until it is ended, and then what goes into a segment. With the writer
 * and other chunks it shares nothing but the dictionary of stored text, which never changes.
 */

#include "chunk.h"
#include "record.h"
#include <stdlib.h>

struct ix_chunk *chunk_new(size_t segment)
{
    struct ix_chunk *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->segment = segment;
    buf_init(&c->records, SIZE_MAX);
    buf_init(&c->data, SIZE_MAX);
    arena_init(&c->arena, SIZE_MAX);
    return c;
}

void ix_chunk_free(struct ix_chunk *c)
{
    if (!c)
        return;
    buf_fini(&c->records);
    buf_fini(&c->data);
    squeeze_dict_drop(c->dict);
    arena_fini(&c->arena);
    free(c->doc);
    free(c);
}

enum st chunk_admit(struct ix_chunk *c, const struct ix_doc *doc, struct str record,
                    struct err *err)
{
    if (c->n == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : 8;
        struct chunk_doc *more = reallocarray(c->doc, cap, sizeof(*more));
        if (!more)
            return err_nomem(err);
        c->doc = more;
        c->cap = cap;
    }
    struct chunk_doc *d = &c->doc[c->n++];
    struct str date;
    *d = (struct chunk_doc){.at = c->records.n, .n = record.n};
    record_date(doc->date, d->date, &date);
    d->dated = date.n > 0;
    buf_adds(&c->records, record);
    return buf_ok(&c->records) ? ST_OK : err_nomem(err);
}

size_t ix_chunk_count(const struct ix_chunk *c)
{
    return c->n;
}

static struct str record_of(const struct ix_chunk *c, size_t i)
{
    return str_from(c->records.p + c->doc[i].at, c->doc[i].n);
}

enum st ix_chunk_doc(const struct ix_chunk *c, size_t i, struct arena *a, struct ix_doc *out,
                     struct err *err)
{
    if (i >= c->n)
        return err_set(err, ST_INTERNAL, "a chunk has no document %zu", i);
    return record_decode(record_of(c, i), a, out, err);
}

/* ---- terms ---- */

enum st chunk_check_terms(const struct ix_term *terms, size_t n, struct err *err)
{
    uint64_t length = 0;
    for (size_t i = 0; i < n; i++) {
        struct str t = terms[i].bytes;
        length += terms[i].wdf;
        if (t.n == 0 || term_cost(t) > IX_TERM_MAX)
            return err_set(err, ST_REJECTED, "a term of %zu bytes: 1 to %d are possible", t.n,
                           IX_TERM_MAX);
        if (field_owns(t))
            return err_set(err, ST_REJECTED, "a term begins with %c, which stands for a field",
                           t.p[0]);
    }
    if (length > UINT32_MAX)
        return err_set(err, ST_REJECTED, "the document is too long to be counted");
    return ST_OK;
}

static enum st copy_terms(struct ix_chunk *c, struct chunk_doc *d, const struct ix_term *terms,
                          size_t n, struct err *err)
{
    struct ix_term *copy = arena_calloc(&c->arena, n, sizeof(*copy));
    for (size_t i = 0; i < n && copy; i++) {
        copy[i] = (struct ix_term){arena_str(&c->arena, terms[i].bytes), terms[i].wdf};
        d->length += terms[i].wdf;
    }
    d->terms = copy;
    d->nterms = n;
    return c->arena.failed ? err_nomem(err) : ST_OK;
}

static enum st put_fields(struct ix_chunk *c, size_t i, struct err *err)
{
    struct ix_doc doc;
    struct ix_term *fields;
    enum st st = record_decode(record_of(c, i), &c->arena, &doc, err);
    if (st == ST_OK)
        st = record_terms(&doc, &c->arena, &fields, &c->doc[i].nfields, err);
    if (st == ST_OK)
        c->doc[i].fields = fields;
    return st;
}

enum st ix_chunk_put(struct ix_chunk *c, size_t i, const struct ix_term *terms, size_t nterms,
                     struct err *err)
{
    if (i >= c->n || i != c->put || c->ended)
        return err_set(err, ST_INTERNAL, "a chunk is given document %zu, not %zu", i, c->put);
    struct err mine = ERR_INIT;
    if (chunk_check_terms(terms, nterms, &mine) != ST_OK)
        return err_set(err, ST_INTERNAL, "%s", mine.text);
    c->put++;
    enum st st = copy_terms(c, &c->doc[i], terms, nterms, err);
    return st == ST_OK ? put_fields(c, i, err) : st;
}

/* ---- stored text ---- */

enum st chunk_make_dict(const struct ix_chunk *c, struct squeeze_dict **out, struct err *err)
{
    struct str *record = calloc(c->n + 1, sizeof(*record));
    if (!record)
        return err_nomem(err);
    for (size_t i = 0; i < c->n; i++)
        record[i] = record_of(c, i);
    enum st st = squeeze_dict_make(record, c->n, out, err);
    free(record);
    return st;
}

static enum st pack_records(struct ix_chunk *c, struct err *err)
{
    struct squeeze s;
    enum st st = ST_OK;
    squeeze_init(&s);
    for (size_t i = 0; i < c->n && st == ST_OK; i++) {
        c->doc[i].data_at = c->data.n;
        st = squeeze_record(&s, c->dict, record_of(c, i), &c->data, err);
        c->doc[i].data_n = c->data.n - c->doc[i].data_at;
    }
    squeeze_fini(&s);
    buf_fini(&c->records);
    return st;
}

enum st ix_chunk_end(struct ix_chunk *c, struct err *err)
{
    if (c->put < c->n || c->ended)
        return err_set(err, ST_INTERNAL, "a chunk has terms for %zu documents out of %zu", c->put,
                       c->n);
    c->ended = true;
    return pack_records(c, err);
}
