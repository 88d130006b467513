/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A chunk of a batch, between the writer's thread, which fills it with documents and takes it back,
 * and some other one, which gives the documents their terms.
 *
 * It holds the plain records until it is ended, and then document data and a run. It shares
 * nothing with the writer or other chunks but the dictionary of stored text, which never changes,
 * and tools that it takes for a while.
 */

#include "chunk.h"
#include "record.h"
#include <stdlib.h>

/* ---- tools ---- */

void tools_init(struct tools *t)
{
    *t = (struct tools){.n = 0};
    pthread_mutex_init(&t->lock, NULL);
}

void tools_fini(struct tools *t)
{
    while (t->n > 0)
        invert_free(t->spare[--t->n]);
    pthread_mutex_destroy(&t->lock);
}

/* NULL without memory. */
static struct invert *take_invert(struct tools *t)
{
    pthread_mutex_lock(&t->lock);
    struct invert *v = t->n ? t->spare[--t->n] : NULL;
    pthread_mutex_unlock(&t->lock);
    return v ? v : invert_new();
}

static void give_back(struct tools *t, struct invert *v)
{
    pthread_mutex_lock(&t->lock);
    bool kept = t->n < TOOLS_MAX;
    if (kept)
        t->spare[t->n++] = v;
    pthread_mutex_unlock(&t->lock);
    if (!kept)
        invert_free(v);
}

/* ---- documents ---- */

struct ix_chunk *chunk_new(size_t segment, struct tools *tools)
{
    struct ix_chunk *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->segment = segment;
    c->tools = tools;
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
    invert_free(c->invert);
    run_free(c->run);
    free(c->doc);
    free(c);
}

enum st chunk_admit(struct ix_chunk *c, const struct ix_doc *doc, struct str record,
                    struct err *err)
{
    struct chunk_doc *more = array_room(c->doc, c->n, &c->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    c->doc = more;
    struct chunk_doc *d = &c->doc[c->n++];
    struct str date;
    *d = (struct chunk_doc){.at = c->records.n, .n = record.n};
    record_date(doc->date, d->date, &date);
    d->dated = date.n > 0;
    buf_adds(&c->records, record);
    return buf_ok(&c->records) ? ST_OK : err_nomem(err);
}

static struct str record_of(const struct ix_chunk *c, size_t i)
{
    return str_from(c->records.p + c->doc[i].at, c->doc[i].n);
}

bool ix_chunk_huge(const struct ix_chunk *c)
{
    return c->records.n > 2 * (size_t)CHUNK_BYTES;
}

enum st ix_chunk_doc(const struct ix_chunk *c, size_t i, struct arena *a, struct ix_doc *out,
                     struct err *err)
{
    if (i >= c->n)
        return err_set(err, ST_INTERNAL, "a chunk has no document %zu", i);
    return record_decode(record_of(c, i), a, out, err);
}

/* ---- terms ---- */

enum st chunk_check_terms(const struct ix_term *terms, size_t n, uint32_t *length, struct err *err)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        struct str t = terms[i].bytes;
        sum += terms[i].wdf;
        if (t.n == 0 || (t.n > IX_TERM_MAX / 2 && term_cost(t) > IX_TERM_MAX))
            return err_set(err, ST_REJECTED, "a term of %zu bytes: 1 to %d are possible", t.n,
                           IX_TERM_MAX);
        bool capital = t.p[0] >= 'A' && t.p[0] <= 'Z'; /* hardly ever */
        if (capital && field_owns(t))
            return err_set(err, ST_REJECTED, "a term begins with %c, which stands for a field",
                           t.p[0]);
    }
    if (sum > UINT32_MAX)
        return err_set(err, ST_REJECTED, "the document is too long to be counted");
    *length = (uint32_t)sum;
    return ST_OK;
}

static enum st put_terms(struct ix_chunk *c, size_t i, const struct ix_term *terms, size_t n,
                         struct err *err)
{
    struct ix_doc doc;
    struct ix_term *fields;
    size_t nfields;
    arena_reset(&c->arena);
    if (!c->invert)
        c->invert = take_invert(c->tools);
    enum st st = c->invert ? record_decode(record_of(c, i), &c->arena, &doc, err) : err_nomem(err);
    if (st == ST_OK)
        st = record_terms(&doc, &c->arena, &fields, &nfields, err);
    if (st == ST_OK)
        st = invert_add(c->invert, terms, n, err);
    if (st == ST_OK)
        st = invert_add(c->invert, fields, nfields, err);
    return st == ST_OK ? invert_end_document(c->invert, err) : st;
}

enum st ix_chunk_put(struct ix_chunk *c, size_t i, const struct ix_term *terms, size_t nterms,
                     struct err *err)
{
    if (i >= c->n || i != c->put || c->run)
        return err_set(err, ST_INTERNAL, "a chunk is given document %zu, not %zu", i, c->put);
    struct err mine = ERR_INIT;
    if (chunk_check_terms(terms, nterms, &c->doc[i].length, &mine) != ST_OK)
        return err_set(err, ST_INTERNAL, "%s", mine.text);
    uint64_t simhash;
    c->doc[i].hashed = simhash_of(terms, nterms, &simhash);
    simhash = htobe64(simhash);
    memcpy(c->doc[i].simhash, &simhash, SIMHASH_BYTES);
    c->put++;
    return put_terms(c, i, terms, nterms, err);
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
    if (c->put < c->n || !c->n || c->run)
        return err_set(err, ST_INTERNAL, "a chunk has terms for %zu documents out of %zu", c->put,
                       c->n);
    enum st st = pack_records(c, err);
    if (st == ST_OK)
        st = invert_end(c->invert, &c->run, err);
    if (st != ST_OK)
        return st;
    give_back(c->tools, c->invert);
    c->invert = NULL;
    arena_fini(&c->arena);
    return ST_OK;
}
