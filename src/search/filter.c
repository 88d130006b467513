/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a request asks for beside its text: only documents of an issuer, with a tag, of some time.
 *
 * Each is a node of weight 0; together they are the conditions under which every step of a search
 * runs, so that they neither rank nor are given up when a search is relaxed. Values are those of
 * the documents' fields, byte for byte; the date is that of the document and not one it mentions.
 */
#include "answer.h"

enum { DATE_DIGITS = 8, FILTERS = 3 };

static struct ix_node *value(struct job *j, enum ix_field field, struct str text)
{
    struct ix_node *node = arena_calloc(j->a, 1, sizeof(*node));
    if (node)
        *node = (struct ix_node){.op = IX_TERM, .term = ix_field_term(field, text, j->a)};
    return node;
}

/* YYYY-MM-DD, YYYY-MM or YYYY as the first or the last day that it may stand for. */
static struct str day(struct job *j, struct str date, char rest)
{
    char *out = arena_alloc(j->a, DATE_DIGITS);
    size_t n = 0;
    if (!out)
        return (struct str){0};
    for (size_t i = 0; i < date.n && n < DATE_DIGITS; i++)
        if (date.p[i] != '-')
            out[n++] = date.p[i];
    memset(out + n, rest, DATE_DIGITS - n);
    return str_from(out, DATE_DIGITS);
}

static struct ix_node *period(struct job *j)
{
    const struct srch_request *req = j->req;
    struct ix_node *node = arena_calloc(j->a, 1, sizeof(*node));
    if (node)
        *node = (struct ix_node){.op = IX_RANGE,
                                 .slot = IX_SLOT_DATE,
                                 .term = day(j, req->from, '0'),
                                 .high = req->to.n ? day(j, req->to, '9') : (struct str){0}};
    return node;
}

struct ix_node *srch_filtered(struct job *j, struct ix_node *query)
{
    const struct srch_request *req = j->req;
    struct ix_node *node = arena_calloc(j->a, 1, sizeof(*node));
    struct ix_node **kid = arena_calloc(j->a, 1 + FILTERS, sizeof(struct ix_node *));
    size_t n = 0;
    if (!node || !kid)
        return NULL;
    kid[n++] = query;
    if (req->issuer.n)
        kid[n++] = value(j, IX_ISSUER, req->issuer);
    if (req->tag.n)
        kid[n++] = value(j, IX_TAG, req->tag);
    if (req->from.n || req->to.n)
        kid[n++] = period(j);
    if (j->a->failed)
        return NULL;
    *node = (struct ix_node){.op = IX_FILTER, .kid = kid, .nkid = n};
    return n > 1 ? node : query;
}
