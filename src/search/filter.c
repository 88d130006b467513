/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a request asks for beside its text: only documents of an issuer, with a tag, that name
 * somebody, of some time, or that were brought since some generation.
 *
 * Each is a node of weight 0; together they are the conditions under which every step of a search
 * runs, so that they neither rank nor are given up when a search is relaxed. Values are those of
 * the documents' fields, byte for byte, but for names, which are folded; the date is that of the
 * document and not one it mentions.
 */
#include "search.h"

#include <gongbao/utf8.h>

enum { DATE_DIGITS = 8, FILTERS = 5 };

static struct ix_node *value(enum ix_field field, struct str text, struct arena *a)
{
    struct ix_node *node = arena_calloc(a, 1, sizeof(*node));
    if (node)
        *node = (struct ix_node){.op = IX_TERM, .term = ix_field_term(field, text, a)};
    return node;
}

/* YYYY-MM-DD, YYYY-MM or YYYY as the first or the last day that it may stand for. */
static struct str day(struct str date, char rest, struct arena *a)
{
    char *out = arena_alloc(a, DATE_DIGITS);
    size_t n = 0;
    if (!out)
        return (struct str){0};
    for (size_t i = 0; i < date.n && n < DATE_DIGITS; i++)
        if (date.p[i] != '-')
            out[n++] = date.p[i];
    memset(out + n, rest, DATE_DIGITS - n);
    return str_from(out, DATE_DIGITS);
}

static struct ix_node *period(const struct srch_request *req, struct arena *a)
{
    struct ix_node *node = arena_calloc(a, 1, sizeof(*node));
    if (node)
        *node = (struct ix_node){.op = IX_RANGE,
                                 .slot = IX_SLOT_DATE,
                                 .term = day(req->from, '0', a),
                                 .high = req->to.n ? day(req->to, '9', a) : (struct str){0}};
    return node;
}

/* A name as its term has it. NULL without memory. */
static struct ix_node *name(struct srch *s, struct str text, struct arena *a)
{
    struct an_text *t = &s->scratch;
    struct ix_node *node = arena_calloc(a, 1, sizeof(*node));
    if (!node || an_fold_run(text, AN_VIEW_TEXT, t) != ST_OK)
        return NULL;
    char *bytes = arena_alloc(a, sizeof(IX_TERM_NAME) + 4 * t->n), *at = bytes;
    if (!bytes)
        return NULL;
    at = mempcpy(at, IX_TERM_NAME, sizeof(IX_TERM_NAME) - 1);
    at += utf8_puts(t->cp, t->n, at);
    *node = (struct ix_node){.op = IX_TERM, .term = str_from(bytes, (size_t)(at - bytes))};
    return node;
}

static struct ix_node *since(uint64_t generation, struct arena *a)
{
    struct ix_node *node = arena_calloc(a, 1, sizeof(*node));
    if (node)
        *node = (struct ix_node){.op = IX_SINCE, .since = generation};
    return node;
}

struct ix_node *srch_filtered(struct srch *s, const struct srch_request *req, struct ix_node *query,
                              struct arena *a)
{
    struct ix_node *node = arena_calloc(a, 1, sizeof(*node));
    struct ix_node **kid = arena_calloc(a, 1 + FILTERS, sizeof(struct ix_node *));
    size_t n = 0;
    if (!node || !kid)
        return NULL;
    kid[n++] = query;
    if (req->issuer.n)
        kid[n++] = value(IX_ISSUER, req->issuer, a);
    if (req->tag.n)
        kid[n++] = value(IX_TAG, req->tag, a);
    if (req->from.n || req->to.n)
        kid[n++] = period(req, a);
    if (req->who.n) {
        kid[n] = name(s, req->who, a);
        if (!kid[n++])
            return NULL;
    }
    if (req->since)
        kid[n++] = since(req->since, a);
    if (a->failed)
        return NULL;
    *node = (struct ix_node){.op = IX_FILTER, .kid = kid, .nkid = n};
    return n > 1 ? node : query;
}
