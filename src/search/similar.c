/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The documents most like one that is there.
 *
 * Its most telling terms (telling.h) are a query, any of which will do, each as heavy as it is
 * frequent in the document; BM25 does the rest, with the document itself left out. Of the hits,
 * the first CANDIDATES are then read and held against the document's body: those that are nearly
 * the same text come first, the more alike the earlier. The others stay as they were ranked.
 */

#include "telling.h"

#include <gongbao/clock.h>
#include <stdlib.h>

enum { CANDIDATES = 50 };

/* From here on two texts are one and the same to a reader: a repost, a corrected date. */
static const double NEAR = 0.8;

struct job {
    struct srch *s;
    const struct srch_request *req;
    struct arena *a;
    struct scope scope;
    struct ix_doc doc; /* the one to compare with */
    struct srch_similar *out;
    struct err *err;
};

static enum st find(struct job *j)
{
    uint64_t doc;
    enum st st = ix_find(j->scope.view, j->req->text, &doc, j->err);
    if (st == ST_OK)
        st = ix_document(j->scope.view, doc, j->a, &j->doc, j->err);
    if (st == ST_NOT_FOUND && j->scope.damage.st != ST_OK)
        return err_set(j->err, ST_DAMAGED, "it is not in what can be read; %s",
                       j->scope.damage.text);
    return st;
}

static struct ix_node *leaf(struct arena *a, struct str term)
{
    struct ix_node *node = arena_calloc(a, 1, sizeof(*node));
    if (node)
        *node = (struct ix_node){.op = IX_TERM, .term = term};
    return node;
}

static struct ix_node *over(struct arena *a, enum ix_op op, struct ix_node *const *kid, size_t n)
{
    struct ix_node *node = arena_calloc(a, 1, sizeof(*node));
    struct ix_node **kids = arena_alloc(a, n * sizeof(*kids));
    if (!node || !kids)
        return NULL;
    memcpy(kids, kid, n * sizeof(*kids));
    *node = (struct ix_node){.op = op, .kid = kids, .nkid = n};
    return node;
}

/* Any of the terms, but not the document. NULL without memory. */
static struct ix_node *query_of(struct job *j, const struct telling *term, size_t n)
{
    struct ix_node *kid[TELLING_MAX];
    for (size_t i = 0; i < n; i++) {
        struct ix_node *one = leaf(j->a, term[i].term);
        kid[i] = one ? over(j->a, IX_SCALE, &one, 1) : NULL;
        if (!kid[i])
            return NULL;
        kid[i]->factor = term[i].weight;
    }
    struct ix_node *any = over(j->a, IX_OR, kid, n);
    struct ix_node *self = leaf(j->a, ix_field_term(IX_ID, j->doc.id, j->a));
    if (!any || !self || j->a->failed)
        return NULL;
    return over(j->a, IX_AND_NOT, (struct ix_node *[]){any, self}, 2);
}

static enum st run(struct job *j, const struct telling *term, size_t n, struct ix_result *found)
{
    const uint64_t limit = j->req->limit > CANDIDATES ? j->req->limit : CANDIDATES;
    const uint64_t documents = ix_view_documents(j->scope.view);
    const struct ix_search search = {
        .query = query_of(j, term, n),
        .limit = limit < documents ? limit : documents,
        .deadline_ns = j->req->deadline_ns,
        .k1 = j->s->opts->k1,
        .b = j->s->opts->b,
    };
    if (!search.query)
        return err_nomem(j->err);
    return ix_search(j->scope.view, &search, j->a, found, j->err);
}

/* Read the first hits and hold them against the document. */
static enum st compare_texts(struct job *j, const struct ix_result *found)
{
    struct srch_similar *out = j->out;
    struct shingles mine, other;
    enum st st = shingles_of(j->doc.body, &j->s->scratch, j->a, &mine);
    out->like = arena_calloc(j->a, found->n, sizeof(*out->like));
    if (st != ST_OK || !out->like)
        return err_nomem(j->err);
    for (size_t i = 0; i < found->n; i++) {
        struct srch_like *like = &out->like[out->n];
        like->score = found->hit[i].score;
        like->index = j->scope.name[ix_view_reader(j->scope.view, found->hit[i].doc)];
        st = ix_document(j->scope.view, found->hit[i].doc, j->a, &like->doc, j->err);
        if (st != ST_OK)
            return st;
        if (shingles_of(like->doc.body, &j->s->scratch, j->a, &other) != ST_OK)
            return err_nomem(j->err);
        like->resemblance = resemblance(&mine, &other);
        out->n++;
    }
    return ST_OK;
}

/* Near duplicates first, the more alike the earlier; else and between equals by rank. */
static int compare_likes(const void *x, const void *y)
{
    const struct srch_like *a = x, *b = y;
    const double near_a = a->resemblance >= NEAR ? a->resemblance : 0;
    const double near_b = b->resemblance >= NEAR ? b->resemblance : 0;
    if (near_a != near_b)
        return near_a > near_b ? -1 : 1;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return str_cmp(a->doc.id, b->doc.id);
}

static enum st list_terms(struct job *j, const struct telling *term, size_t n)
{
    j->out->term = arena_calloc(j->a, n, sizeof(*j->out->term));
    if (!j->out->term)
        return err_nomem(j->err);
    for (size_t i = 0; i < n; i++)
        j->out->term[i] = term[i].term;
    j->out->nterm = n;
    return ST_OK;
}

static enum st similar(struct job *j)
{
    struct telling *term = NULL;
    struct ix_result found = {0};
    size_t n = 0;
    enum st st = telling_terms(j->s, j->scope.view, &j->doc, j->a, &term, &n, j->err);
    if (st == ST_OK)
        st = list_terms(j, term, n);
    if (st == ST_OK && n > 0)
        st = run(j, term, n, &found);
    if (st == ST_OK)
        st = compare_texts(j, &found);
    if (st != ST_OK)
        return st;
    j->out->partial = found.timed_out || j->scope.damage.st != ST_OK;
    if (found.timed_out && found.n == 0)
        return err_set(j->err, ST_DEADLINE, "the deadline passed before anything was found");
    qsort(j->out->like, j->out->n, sizeof(*j->out->like), compare_likes);
    if (j->out->n > j->req->limit)
        j->out->n = j->req->limit;
    return ST_OK;
}

static enum st try_once(struct job *j)
{
    *j->out = (struct srch_similar){0};
    srch_open_missing(j->s);
    enum st st = srch_scope(j->s, j->req->in, j->a, &j->scope, j->err);
    if (st != ST_OK)
        return st;
    j->out->generation = j->scope.generation;
    st = find(j);
    if (st == ST_OK)
        st = similar(j);
    srch_unscope(&j->scope);
    return st;
}

enum st srch_similar(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_similar *out, struct err *err)
{
    struct job j = {.s = s, .req = req, .a = a, .out = out, .err = err};
    const uint64_t begun = clock_ns();
    enum st st;
    do
        st = try_once(&j);
    while (srch_again(s, st));
    out->ms = (double)(clock_ns() - begun) / 1e6;
    return st;
}
