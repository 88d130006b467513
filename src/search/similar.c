/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The documents most like one that is there.
 *
 * Its most telling terms (telling.h) are a query, each as heavy as it is frequent in the document;
 * BM25 does the rest, with the document itself left out. Any of the FINDING best will do, the
 * others only rank: they are words that half of the collection has. Of the hits,
 * the first CANDIDATES are then read and held against the document's body: those that are nearly
 * the same text come first, the more alike the earlier. The others stay as they were ranked.
 */

#include "study.h"
#include "telling.h"

#include <stdlib.h>

enum { CANDIDATES = 50, FINDING = 8 };

/* From here on two texts are one and the same to a reader: a repost, a corrected date. */
static const double NEAR = 0.8;

static enum st find(struct study *j, struct ix_doc *out)
{
    uint64_t doc;
    enum st st = ix_find(j->scope.view, j->req->text, &doc, j->err);
    if (st == ST_OK)
        st = ix_document(j->scope.view, doc, j->a, out, j->err);
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
    struct ix_node **kids = arena_alloc(a, n * sizeof(struct ix_node *));
    if (!node || !kids)
        return NULL;
    memcpy(kids, kid, n * sizeof(struct ix_node *));
    *node = (struct ix_node){.op = op, .kid = kids, .nkid = n};
    return node;
}

static struct ix_node *weighted(struct arena *a, const struct telling *term)
{
    struct ix_node *one = leaf(a, term->term);
    struct ix_node *node = one ? over(a, IX_SCALE, &one, 1) : NULL;
    if (node)
        node->factor = term->weight;
    return node;
}

/* Any of the best terms, the others weighing too, but not the document. NULL without memory. */
static struct ix_node *query_of(struct arena *a, const struct telling *term, size_t n,
                                struct str id)
{
    struct ix_node *kid[TELLING_MAX + 1];
    const size_t best = n < FINDING ? n : FINDING;
    for (size_t i = 0; i < n; i++)
        kid[i] = weighted(a, &term[i]);
    if (a->failed)
        return NULL;
    struct ix_node *any = over(a, IX_OR, kid, best);
    if (any && n > best) {
        kid[best - 1] = any;
        any = over(a, IX_AND_MAYBE, kid + best - 1, n - best + 1);
    }
    struct ix_node *self = leaf(a, ix_field_term(IX_ID, id, a));
    if (!any || !self || a->failed)
        return NULL;
    return over(a, IX_AND_NOT, (struct ix_node *[]){any, self}, 2);
}

/* Read the first hits and hold them against the document's body, as many as there is time for. */
static enum st compare_texts(struct study *j, struct str body, struct ix_result *found)
{
    struct srch_similar *out = j->out;
    struct shingles mine, other;
    enum st st = shingles_of(body, &j->s->scratch, j->a, &mine);
    out->like = arena_calloc(j->a, found->n, sizeof(*out->like));
    if (st != ST_OK || !out->like)
        return err_nomem(j->err);
    for (size_t i = 0; i < found->n; i++) {
        struct srch_like *like = &out->like[out->n];
        if (i > 0 && srch_is_late(j->req)) {
            found->timed_out = true;
            break;
        }
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

static enum st list_terms(struct study *j, const struct telling *term, size_t n)
{
    struct srch_similar *out = j->out;
    out->term = arena_calloc(j->a, n, sizeof(*out->term));
    if (!out->term)
        return err_nomem(j->err);
    for (size_t i = 0; i < n; i++)
        out->term[i] = term[i].term;
    out->nterm = n;
    return ST_OK;
}

/* The candidates in the order of the terms. */
static enum st search(struct study *j, const struct ix_doc *doc, struct ix_result *found)
{
    struct telling *term = NULL;
    size_t n = 0;
    enum st st = telling_terms(j->s, j->scope.view, doc, j->a, &term, &n, j->err);
    if (st == ST_OK)
        st = list_terms(j, term, n);
    *found = (struct ix_result){0};
    if (st != ST_OK || n == 0)
        return st;
    j->plan.all = query_of(j->a, term, n, doc->id);
    if (!j->plan.all)
        return err_nomem(j->err);
    const uint64_t limit = j->req->limit > CANDIDATES ? j->req->limit : CANDIDATES;
    return study_search(j, IX_BY_SCORE, limit, NULL, NULL, found);
}

static enum st similar(struct study *j)
{
    struct srch_similar *out = j->out;
    struct ix_result found;
    struct ix_doc doc = {0};
    *out = (struct srch_similar){.generation = j->scope.generation};
    enum st st = find(j, &doc);
    if (st == ST_OK)
        st = search(j, &doc, &found);
    if (st == ST_OK)
        st = compare_texts(j, doc.body, &found);
    if (st != ST_OK)
        return st;
    out->partial = study_partial(j, &found);
    if (out->n > 0)
        qsort(out->like, out->n, sizeof(*out->like), compare_likes);
    if (out->n > j->req->limit)
        out->n = j->req->limit;
    return ST_OK;
}

enum st srch_similar(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_similar *out, struct err *err)
{
    struct study j = {.s = s, .req = req, .a = a, .err = err, .answer = similar, .out = out};
    return study_run(&j, &out->ms);
}
