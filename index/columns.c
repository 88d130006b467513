/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Columns of a segment, made of what is on disk anyway.
 *
 * Lengths and values lie in front of the terms and are read in one pass, and ids are the terms with
 * the prefix of ids: both are read when the segment is opened, in some ten milliseconds for 60,000
 * documents, so that no search has to wait for them. Values of fields are read when they are first
 * counted. The table of postings stays open meanwhile, so that its name may go away. A failure
 * leaves what was there before.
 */

#include "columns.h"
#include "post_cache.h"
#include "postings.h"
#include "record.h"
#include "segment_input.h"
#include "simhash.h"
#include <stdlib.h>

/* Bytes of the postings that are kept, for each document: an eighth of what its own take. */
enum { CACHED = 128 };

/* The values of a field. */
struct values {
    uint32_t *begin, *value;
    struct buf bytes;
    uint64_t *end;
    size_t n, cap;
};

static void values_free(struct values *v)
{
    if (!v)
        return;
    free(v->begin);
    free(v->value);
    free(v->end);
    buf_fini(&v->bytes);
    free(v);
}

struct columns {
    uint32_t documents;
    struct segment_input *in;
    struct post_source *terms; /* NULL: none is open */
    struct post_cache *cache;
    uint32_t *length, *date;
    uint64_t *simhash;
    struct born born;
    struct values *values[IX_TALLIES]; /* NULL: not read yet */
    char *id_bytes;
    uint64_t *id_end;
};

/* ---- what is read at opening ---- */

static enum st pass_metadata(void *ctx, struct str name, struct str value, struct err *err)
{
    (void)ctx, (void)name, (void)value, (void)err;
    return ST_OK;
}

static enum st take_value(void *ctx, uint32_t docid, uint32_t slot, struct str value,
                          struct err *err)
{
    struct columns *c = ctx;
    uint64_t date;
    (void)err;
    if (slot == IX_SLOT_DATE && str_u64(value, UINT32_MAX, &date))
        c->date[docid] = (uint32_t)date;
    if (slot == IX_SLOT_SIMHASH && value.n == SIMHASH_BYTES) {
        memcpy(&c->simhash[docid], value.p, SIMHASH_BYTES);
        c->simhash[docid] = be64toh(c->simhash[docid]);
    }
    return ST_OK;
}

static enum st read_basic(struct columns *c, struct err *err)
{
    const struct segment_sink sink = {c, pass_metadata, take_value, NULL};
    c->length = calloc((size_t)c->documents + 1, sizeof(*c->length));
    c->date = calloc((size_t)c->documents + 1, sizeof(*c->date));
    c->simhash = calloc((size_t)c->documents + 1, sizeof(*c->simhash));
    if (!c->length || !c->date || !c->simhash)
        return err_nomem(err);
    enum st st = segment_input_tell_early(c->in, &sink, c->length, err);
    return st == ST_OK ? born_read(c->in->dir, c->documents, &c->born, err) : st;
}

uint32_t columns_documents(const struct columns *c)
{
    return c->documents;
}

enum st columns_terms(struct columns *c, struct post_source **out, struct err *err)
{
    enum st st = c->terms ? ST_OK : segment_terms.open(&c->in->input, &c->terms, err);
    *out = c->terms;
    return st;
}

void columns_close_terms(struct columns *c)
{
    if (c->terms)
        c->terms->ops->close(c->terms);
    c->terms = NULL;
}

struct post_cache *columns_cache(const struct columns *c)
{
    return c->cache;
}

void columns_get_basic(const struct columns *c, struct columns_basic *out)
{
    *out = (struct columns_basic){c->length, c->date, c->simhash};
}

const struct born *columns_born(const struct columns *c)
{
    return &c->born;
}

/* ---- ids ---- */

/* Ids as they come, by bytes: where each stands, by docid. */
struct id_walk {
    struct buf bytes;
    uint64_t *begin;  /* by docid */
    uint32_t *length; /* 0: not met */
};

static enum st note_id(struct columns *c, struct id_walk *w, uint32_t docid, size_t begin, size_t n,
                       struct err *err)
{
    if (docid > c->documents)
        return err_set(err, ST_DAMAGED, "an id is of a document that is not there");
    w->begin[docid] = begin;
    w->length[docid] = (uint32_t)n;
    return ST_OK;
}

/* The documents of a part of the term at hand: one that lives, and those that it replaced. */
static enum st take_id_part(struct columns *c, struct id_walk *w, const struct post_part *part,
                            size_t begin, size_t n, struct err *err)
{
    const unsigned char *p = (const unsigned char *)part->packed.p, *end = p + part->packed.n;
    uint32_t docid = part->first;
    uint64_t gap;
    enum st st = note_id(c, w, docid, begin, n, err);
    for (p = skip_sure(p); p < end && st == ST_OK; p = skip_sure(p)) {
        p = unpack_sure(p, &gap);
        docid += (uint32_t)gap + 1;
        st = note_id(c, w, docid, begin, n, err);
    }
    return st;
}

/* A long id is told by a checksum, behind a byte that no id has. */
static enum st take_id(struct columns *c, struct id_walk *w, struct post_source *s, struct err *err)
{
    struct post_part part;
    struct str id = str_from(s->term.p + 1, s->term.n - 1);
    size_t begin = w->bytes.n;
    enum st st;
    if ((unsigned char)id.p[0] == 0xff)
        return ST_OK;
    buf_adds(&w->bytes, id);
    if (!buf_ok(&w->bytes))
        return err_nomem(err);
    while ((st = s->ops->part(s, &part, err)) == ST_OK && part.packed.n)
        if ((st = take_id_part(c, w, &part, begin, id.n, err)) != ST_OK)
            return st;
    return st;
}

static enum st walk_ids(struct columns *c, struct id_walk *w, struct err *err)
{
    struct post_source *s;
    enum st st = columns_terms(c, &s, err);
    if (st != ST_OK)
        return st;
    for (st = s->ops->seek(s, STR("Q"), err); st == ST_OK && s->term.n > 1 && s->term.p[0] == 'Q';
         st = s->ops->next(s, err)) {
        st = take_id(c, w, s, err);
        if (st != ST_OK)
            break;
    }
    if (st != ST_OK)
        columns_close_terms(c);
    return st;
}

/* Put the ids that were met into the order of docids. */
static bool arrange_ids(struct columns *c, const struct id_walk *w)
{
    size_t sum = 1; /* an id may have been put several times */
    for (uint32_t d = 1; d <= c->documents; d++)
        sum += w->length[d];
    char *bytes = malloc(sum);
    uint64_t *end = calloc((size_t)c->documents + 1, sizeof(*end));
    if (!bytes || !end) {
        free(bytes);
        free(end);
        return false;
    }
    for (uint32_t d = 1; d <= c->documents; d++) {
        end[d] = end[d - 1] + w->length[d];
        if (w->length[d])
            memcpy(bytes + end[d - 1], w->bytes.p + w->begin[d], w->length[d]);
    }
    c->id_bytes = bytes;
    c->id_end = end;
    return true;
}

static enum st read_ids(struct columns *c, struct err *err)
{
    struct id_walk w;
    buf_init(&w.bytes, SIZE_MAX);
    w.begin = calloc((size_t)c->documents + 1, sizeof(*w.begin));
    w.length = calloc((size_t)c->documents + 1, sizeof(*w.length));
    enum st st = w.begin && w.length ? walk_ids(c, &w, err) : err_nomem(err);
    if (st == ST_OK && !arrange_ids(c, &w))
        st = err_nomem(err);
    buf_fini(&w.bytes);
    free(w.begin);
    free(w.length);
    return st;
}

void columns_get_ids(const struct columns *c, struct columns_ids *out)
{
    *out = (struct columns_ids){c->id_bytes, c->id_end};
}

/* ---- beginning and end ---- */

enum st columns_new(const char *dir, uint32_t documents, struct columns **out, struct err *err)
{
    struct columns *c = calloc(1, sizeof(*c));
    if (!c)
        return err_nomem(err);
    c->documents = documents;
    enum st st = segment_input_new(dir, documents, NULL, 0, &c->in, err);
    if (st == ST_OK)
        st = read_basic(c, err);
    if (st == ST_OK)
        st = read_ids(c, err);
    columns_close_terms(c); /* it holds blocks that were read ahead */
    if (st == ST_OK)
        st = segment_terms.open(&c->in->input, &c->terms, err);
    if (st == ST_OK)
        st = post_cache_new((uint64_t)documents * CACHED, &c->cache, err);
    if (st == ST_OK)
        *out = c;
    else
        columns_free(c);
    return st;
}

void columns_free(struct columns *c)
{
    if (!c)
        return;
    columns_close_terms(c);
    post_cache_free(c->cache);
    segment_input_free(c->in);
    free(c->length);
    free(c->date);
    free(c->simhash);
    born_fini(&c->born);
    for (size_t i = 0; i < IX_TALLIES; i++)
        values_free(c->values[i]);
    free(c->id_bytes);
    free(c->id_end);
    free(c);
}

/* ---- values ---- */

/* A document and a value that it has, by its number. */
struct having {
    uint32_t docid, value;
};

struct value_walk {
    struct values *v;
    struct having *having;
    size_t n, cap;
};

static enum st note_having(struct columns *c, struct value_walk *w, uint32_t docid, struct err *err)
{
    struct having *more = array_room(w->having, w->n, &w->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    w->having = more;
    if (docid > c->documents)
        return err_set(err, ST_DAMAGED, "a value is of a document that is not there");
    w->having[w->n++] = (struct having){docid, (uint32_t)w->v->n};
    w->v->begin[docid + 1]++;
    return ST_OK;
}

/* The value that the term at hand is, and who has it. */
static enum st take_one_value(struct columns *c, struct value_walk *w, struct post_source *s,
                              struct err *err)
{
    struct values *v = w->v;
    struct postings p;
    struct postings_place at;
    uint64_t *more = array_room(v->end, v->n, &v->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    v->end = more;
    buf_add(&v->bytes, s->term.p + 1, s->term.n - 1);
    v->end[v->n] = v->bytes.n;
    postings_init(&p);
    enum st st = buf_ok(&v->bytes) ? postings_take(&p, s, err) : err_nomem(err);
    postings_enter(&p, &at, 0);
    while (st == ST_OK && at.docid != UINT32_MAX) {
        st = note_having(c, w, at.docid, err);
        postings_take_wdf(&p, &at);
    }
    v->n++;
    postings_fini(&p);
    return st;
}

static enum st walk_values(struct columns *c, struct value_walk *w, char letter, struct err *err)
{
    struct post_source *s;
    enum st st = columns_terms(c, &s, err);
    if (st != ST_OK)
        return st;
    for (st = s->ops->seek(s, str_from(&letter, 1), err);
         st == ST_OK && s->term.n > 1 && s->term.p[0] == letter; st = s->ops->next(s, err)) {
        if ((unsigned char)s->term.p[1] == 0xff)
            continue;
        st = take_one_value(c, w, s, err);
        if (st != ST_OK)
            break;
    }
    if (st != ST_OK)
        columns_close_terms(c);
    return st;
}

/* Put what documents have into the order of docids; v->begin has their numbers. */
static enum st arrange_values(struct columns *c, const struct value_walk *w, struct err *err)
{
    struct values *v = w->v;
    v->value = calloc(w->n + 1, sizeof(*v->value));
    if (!v->value)
        return err_nomem(err);
    for (uint32_t d = 1; d <= c->documents + 1; d++)
        v->begin[d] += v->begin[d - 1];
    for (size_t i = w->n; i-- > 0;)
        v->value[--v->begin[w->having[i].docid + 1]] = w->having[i].value;
    memmove(v->begin, v->begin + 1, ((size_t)c->documents + 1) * sizeof(*v->begin));
    v->begin[c->documents + 1] = (uint32_t)w->n;
    return ST_OK;
}

static enum st read_values(struct columns *c, char letter, struct values **out, struct err *err)
{
    struct value_walk w = {.v = calloc(1, sizeof(*w.v))};
    if (!w.v)
        return err_nomem(err);
    buf_init(&w.v->bytes, SIZE_MAX);
    w.v->begin = calloc((size_t)c->documents + 3, sizeof(*w.v->begin));
    enum st st = w.v->begin ? walk_values(c, &w, letter, err) : err_nomem(err);
    if (st == ST_OK)
        st = arrange_values(c, &w, err);
    free(w.having);
    if (st == ST_OK)
        *out = w.v;
    else
        values_free(w.v);
    return st;
}

enum st columns_get_values(struct columns *c, enum ix_tally_of of, struct columns_values *out,
                           struct err *err)
{
    static const char letter[IX_TALLIES] = {
        [IX_TALLY_ISSUER] = 'I', [IX_TALLY_TAG] = 'K', [IX_TALLY_NAME] = 'W'};
    enum st st = c->values[of] ? ST_OK : read_values(c, letter[of], &c->values[of], err);
    if (st != ST_OK)
        return st;
    const struct values *v = c->values[of];
    *out = (struct columns_values){v->begin, v->value, v->bytes.p, v->end, (uint32_t)v->n};
    return ST_OK;
}
