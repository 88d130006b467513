/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Documents as bytes.
 *
 * A plain record is every field with its length before it, in one order, the body last; FORMAT.md
 * lists it. Decoding copies nothing: the fields are slices of the record. Field terms are the
 * values behind a prefix letter; one too long for glass is replaced by its checksum behind a byte
 * that no UTF-8 has, so the two kinds cannot meet.
 */

#include "record.h"
#include <stdlib.h>

/* ---- records ---- */

static void put_list(struct buf *out, const struct str *v, size_t n)
{
    buf_varint(out, n);
    for (size_t i = 0; i < n; i++)
        buf_varstr(out, v[i]);
}

void record_encode(const struct ix_doc *doc, struct buf *out)
{
    buf_varstr(out, doc->id);
    buf_varstr(out, doc->title);
    buf_varstr(out, doc->date);
    buf_varstr(out, doc->issuer);
    buf_varstr(out, doc->url);
    buf_varstr(out, doc->extra);
    put_list(out, doc->tags, doc->ntags);
    put_list(out, doc->audience, doc->naudience);
    buf_varstr(out, doc->body);
}

/* A list costs a byte an item at least, so a count larger than what is left is damage. */
static bool take_list(struct str *s, struct arena *a, const struct str **out, size_t *n)
{
    uint64_t count;
    if (!str_varint(s, &count) || count > s->n)
        return false;
    struct str *v = arena_calloc(a, (size_t)count, sizeof(*v));
    if (!v)
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!str_varstr(s, &v[i]))
            return false;
    *out = v;
    *n = (size_t)count;
    return true;
}

enum st record_decode(struct str plain, struct arena *a, struct ix_doc *out, struct err *err)
{
    *out = (struct ix_doc){0};
    bool good = str_varstr(&plain, &out->id) && str_varstr(&plain, &out->title) &&
                str_varstr(&plain, &out->date) && str_varstr(&plain, &out->issuer) &&
                str_varstr(&plain, &out->url) && str_varstr(&plain, &out->extra) &&
                take_list(&plain, a, &out->tags, &out->ntags) &&
                take_list(&plain, a, &out->audience, &out->naudience) &&
                str_varstr(&plain, &out->body) && plain.n == 0;
    if (good)
        return ST_OK;
    return a->failed ? err_nomem(err)
                     : err_set(err, ST_DAMAGED, "a stored document cannot be decoded");
}

/* ---- terms ---- */

static const char prefix[] = {
    [IX_ID] = 'Q',     [IX_DATE] = 'D', [IX_MONTH] = 'M',    [IX_YEAR] = 'Y',
    [IX_ISSUER] = 'I', [IX_TAG] = 'K',  [IX_AUDIENCE] = 'V',
};

size_t term_cost(struct str term)
{
    size_t n = term.n;
    for (size_t i = 0; i < term.n; i++)
        n += term.p[i] == '\0';
    return n;
}

bool field_is_hashed(struct str value)
{
    return value.n >= IX_TERM_MAX || term_cost(value) >= IX_TERM_MAX;
}

bool field_owns(struct str term)
{
    return term.n > 0 && memchr(prefix, term.p[0], sizeof(prefix)) != NULL;
}

struct str ix_field_term(enum ix_field field, struct str value, struct arena *a)
{
    char hashed[1 + SUM_HEX];
    if (field_is_hashed(value)) {
        hashed[0] = (char)0xff;
        sum_hex(sum128_of(value), hashed + 1);
        value = str_from(hashed, sizeof(hashed) - 1);
    }
    char *p = arena_alloc(a, 1 + value.n);
    if (!p)
        return (struct str){0};
    p[0] = prefix[field];
    if (value.n > 0)
        memcpy(p + 1, value.p, value.n);
    return str_from(p, 1 + value.n);
}

bool record_date(struct str date, char out[8], struct str *value)
{
    *value = (struct str){0};
    if (date.n == 0)
        return true;
    if (date.n != 10 || date.p[4] != '-' || date.p[7] != '-')
        return false;
    size_t n = 0;
    for (size_t i = 0; i < 10; i++) {
        if (i == 4 || i == 7)
            continue;
        if (date.p[i] < '0' || date.p[i] > '9')
            return false;
        out[n++] = date.p[i];
    }
    *value = str_from(out, n);
    return true;
}

struct terms {
    struct ix_term *v;
    size_t n;
    struct arena *a;
};

static void add(struct terms *t, enum ix_field field, struct str value)
{
    if (value.n > 0)
        t->v[t->n++] = (struct ix_term){ix_field_term(field, value, t->a), 0};
}

static int term_order(const void *a, const void *b)
{
    return str_cmp(((const struct ix_term *)a)->bytes, ((const struct ix_term *)b)->bytes);
}

/* A list may hold a value twice; its term goes in once. */
static void sort_unique(struct terms *t)
{
    qsort(t->v, t->n, sizeof(*t->v), term_order);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (n == 0 || !str_eq(t->v[i].bytes, t->v[n - 1].bytes))
            t->v[n++] = t->v[i];
    t->n = n;
}

enum st record_terms(const struct ix_doc *doc, struct arena *a, struct ix_term **out, size_t *n,
                     struct err *err)
{
    char digits[8];
    struct str date;
    if (!record_date(doc->date, digits, &date))
        return err_set(err, ST_REJECTED, "the date is not written as YYYY-MM-DD");
    struct terms t = {.a = a};
    t.v = arena_calloc(a, 5 + doc->ntags + doc->naudience, sizeof(*t.v));
    if (!t.v)
        return err_nomem(err);
    add(&t, IX_ID, doc->id);
    if (date.n > 0) {
        add(&t, IX_DATE, date);
        add(&t, IX_MONTH, str_from(date.p, 6));
        add(&t, IX_YEAR, str_from(date.p, 4));
    }
    add(&t, IX_ISSUER, doc->issuer);
    for (size_t i = 0; i < doc->ntags; i++)
        add(&t, IX_TAG, doc->tags[i]);
    for (size_t i = 0; i < doc->naudience; i++)
        add(&t, IX_AUDIENCE, doc->audience[i]);
    if (a->failed)
        return err_nomem(err);
    sort_unique(&t);
    *out = t.v;
    *n = t.n;
    return ST_OK;
}
