/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a plan to a list of hits, in steps.
 *
 *     all    every run is there
 *     most   most of what the query weighs is there (most.c)
 *     any    some term is there
 *
 * The second is taken only when the first has fewer hits than relax_below, the third when they have
 * fewer together, or fewer than the page asks for. Hits of a step follow behind those of the steps
 * before, whatever they score, so a list of hits is the beginning of any longer one, and pages fit
 * together. A total without the third step is a lower bound, and said to be no more.
 *
 * Document frequencies tell that the first step cannot have a hit, where a term is in no document.
 * What a step finds is ranked by BM25 and then, at the top, by what the text shows (closeness.c).
 */

#include "answer.h"

#include <stdlib.h>

/* How much of b a query of so many words takes. */
static double length_share(size_t words)
{
    return words < 2 ? 0 : 1 - 2 / ((double)words + 1);
}

static enum ix_order order_of(const struct srch_request *req)
{
    static const enum ix_order order[] = {
        [SRCH_BY_SCORE] = IX_BY_SCORE, [SRCH_NEWEST] = IX_NEWEST, [SRCH_OLDEST] = IX_OLDEST};
    return order[req->sort];
}

static void visit(void *ctx, uint64_t doc, double score)
{
    struct job *j = ctx;
    (void)score;
    if (j->facets)
        srch_facets_add(j->facets, doc);
    if (j->reposts)
        srch_reposts_add(j->reposts, ix_view_simhash(j->scope.view, doc));
}

/* `before`: hits that earlier steps have told of. */
static enum st run(struct job *j, enum srch_kind step, struct ix_node *query, uint64_t limit,
                   uint64_t before, struct ix_result *out)
{
    const struct srch_opts *o = j->s->opts;
    uint64_t documents = ix_view_documents(j->scope.view);
    struct ix_search search = {
        .query = srch_filtered(j->s, j->req, query, j->a),
        .order = order_of(j->req),
        .limit = limit < documents ? limit : documents,
        .deadline_ns = j->req->deadline_ns,
        .k1 = o->k1,
        .b = o->b * length_share(j->plan.nword),
        .half_life = o->half_life,
        .today = j->today,
        .best = step == SRCH_ANY,
        .visit = j->facets || j->reposts ? visit : NULL,
        .visit_ctx = j,
    };
    if (j->facets)
        srch_facets_restart(j->facets);
    if (j->reposts)
        srch_reposts_restart(j->reposts);
    uint64_t begun = trace_begin(j->s->trace);
    if (!search.query)
        return err_nomem(j->err);
    j->s->check.st = ST_OK;
    enum st st = ix_search(j->scope.view, &search, j->a, out, j->err);
    if (st == ST_OK)
        trace_search(j->s->trace, step, begun, j->scope.view, &search,
                     out->total > before ? out->total - before : 0);
    return st == ST_OK && j->s->check.st != ST_OK ? err_nomem(j->err) : st;
}

/* ---- what terms weigh ---- */

struct weighed *srch_weighed(const struct weights *w, struct str term)
{
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->at[i].term, term))
            return &w->at[i];
    return NULL;
}

static enum st add_term(struct job *j, struct weights *w, struct str term, double factor)
{
    struct weighed *known = srch_weighed(w, term);
    if (known) {
        known->factor += factor;
        return ST_OK;
    }
    struct weighed *list = arena_room(j->a, w->at, w->n, &w->cap, sizeof(*list));
    if (!list)
        return err_nomem(j->err);
    w->at = list;
    struct weighed *one = &w->at[w->n++];
    *one = (struct weighed){.term = term, .factor = factor};
    return ix_view_frequency(j->scope.view, term, &one->df, j->err);
}

/* Only the first kid of these weighs. */
static bool has_conditions(enum ix_op op)
{
    return op == IX_FILTER || op == IX_AND_NOT || op == IX_WHERE;
}

static enum st collect(struct job *j, const struct ix_node *node, double factor, struct weights *w)
{
    enum st st = ST_OK;
    if (node->op == IX_TERM)
        return add_term(j, w, node->term, factor);
    if (node->op == IX_SCALE)
        factor *= node->factor;
    size_t n = has_conditions(node->op) && node->nkid ? 1 : node->nkid;
    for (size_t i = 0; i < n && st == ST_OK; i++)
        st = collect(j, node->kid[i], factor, w);
    return st;
}

static enum st weigh(struct job *j, struct weights *w)
{
    enum st st = collect(j, j->plan.all, 1, w);
    if (st == ST_OK && j->plan.some)
        st = collect(j, j->plan.some, 0, w);
    for (size_t i = 0; st == ST_OK && i < w->n; i++) {
        struct weighed *one = &w->at[i];
        if (one->df > 0)
            one->idf = ix_view_idf(j->scope.view, one->df);
    }
    return st;
}

/* Whether no document can match, because a term that must be there is in none. */
static bool is_hopeless(const struct weights *w, const struct ix_node *node)
{
    if (node->op == IX_TERM)
        return srch_weighed(w, node->term)->df == 0;
    if (node->op == IX_AND) {
        for (size_t i = 0; i < node->nkid; i++)
            if (is_hopeless(w, node->kid[i]))
                return true;
        return false;
    }
    if (node->op == IX_OR) {
        for (size_t i = 0; i < node->nkid; i++)
            if (!is_hopeless(w, node->kid[i]))
                return false;
        return true;
    }
    bool first = has_conditions(node->op) || node->op == IX_AND_MAYBE || node->op == IX_SCALE;
    return first && node->nkid > 0 && is_hopeless(w, node->kid[0]);
}

/* ---- steps ---- */

static uint64_t larger(uint64_t x, uint64_t y)
{
    return x > y ? x : y;
}

/* Hits that are known already, to be asked by number. */
struct known {
    uint64_t *doc; /* ascending */
    size_t n;
};

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static enum st known_of(struct job *j, const struct found *f, struct known *out)
{
    out->doc = arena_alloc(j->a, (f->n + 1) * sizeof(*out->doc));
    out->n = f->n;
    if (!out->doc)
        return err_nomem(j->err);
    for (size_t i = 0; i < f->n; i++)
        out->doc[i] = f->hit[i].doc;
    qsort(out->doc, out->n, sizeof(*out->doc), by_number);
    return ST_OK;
}

/* What the scores of a step's hits are multiplied by, so that the best of them is no higher than
 * the last one of the steps before. Both lists begin at their first hit, so it is the same for
 * every page. */
static double damping(const struct found *f, double best)
{
    if (f->n == 0 || best <= f->hit[f->n - 1].score)
        return 1;
    return f->hit[f->n - 1].score / best * (1 - 1e-12); /* rounding */
}

/* Put hits of a step behind those of the steps before, which may be among them. */
static enum st append(struct job *j, const struct ix_result *more, struct found *f)
{
    struct known known;
    struct ix_hit *hit = arena_alloc(j->a, (f->n + more->n + 1) * sizeof(*hit)), *added;
    enum st st = hit ? known_of(j, f, &known) : err_nomem(j->err);
    size_t n = 0;
    if (st != ST_OK)
        return st;
    if (f->n)
        memcpy(hit, f->hit, f->n * sizeof(*hit));
    added = hit + f->n;
    for (size_t i = 0; i < more->n; i++)
        if (!bsearch(&more->hit[i].doc, known.doc, known.n, sizeof(*known.doc), by_number))
            added[n++] = more->hit[i];
    st = srch_closeness(j, &f->weights, added, n, &f->timed_out);
    double factor = n > 0 && j->req->sort == SRCH_BY_SCORE ? damping(f, added[0].score) : 1;
    for (size_t i = 0; i < n; i++)
        added[i].score *= factor;
    trace_damped(j->s->trace, factor);
    f->hit = hit;
    f->n += n;
    return st;
}

/* Take a step, of which the first `limit` hits are wanted. */
static enum st take(struct job *j, enum srch_kind step, struct ix_node *query, uint64_t limit,
                    struct found *f)
{
    const struct srch_opts *o = j->s->opts;
    struct ix_result more;
    uint64_t want = larger(larger(limit, o->relax_below), srch_looked_at(j));
    enum st st = run(j, step, query, want + f->n, f->total, &more);
    if (st == ST_OK)
        st = append(j, &more, f);
    if (st != ST_OK)
        return st;
    f->total = larger(more.total, f->n);
    f->exact = more.exact;
    f->timed_out = f->timed_out || more.timed_out;
    f->cut = f->cut || more.cut;
    return ST_OK;
}

/* Append an OR's kids, each with a mass. */
static void spread(struct ix_node *from, uint32_t mass, struct ix_node *to, uint32_t *masses)
{
    size_t n = srch_spread(from, to->kid + to->nkid);
    for (size_t i = 0; i < n; i++)
        masses[to->nkid++] = mass;
}

/* The relaxed query as one list of what finds and what only ranks, where nothing else is asked for:
 * of such a list the best are found without all the others. NULL without memory. */
static struct ix_node *any_of(struct job *j)
{
    struct q_plan flat = j->plan;
    struct ix_node *either = arena_calloc(j->a, 1, sizeof(*either));
    size_t n = flat.rank ? srch_spread(flat.rank, NULL) : 0;
    for (size_t i = 0; i < flat.nunit; i++)
        n += srch_spread(flat.unit[i].any, NULL);
    uint32_t *mass = arena_alloc(j->a, n * sizeof(*mass));
    struct ix_node **kid = arena_alloc(j->a, n * sizeof(struct ix_node *));
    if (!either || !kid || !mass)
        return NULL;
    if (flat.fixed)
        return flat.some;
    *either = (struct ix_node){.op = IX_ENOUGH, .kid = kid, .mass = mass, .least = 1};
    for (size_t i = 0; i < flat.nunit; i++)
        spread(flat.unit[i].any, 1, either, mass);
    if (flat.rank)
        spread(flat.rank, 0, either, mass);
    flat.rank = NULL;
    return q_relaxed(&flat, either, j->a);
}

/* Partial matches. Counting by value takes all of them; else what fills the page is enough. */
static enum st relax(struct job *j, uint64_t limit, struct found *f)
{
    const bool every = j->facets || j->reposts;
    const uint64_t enough = every ? UINT64_MAX : larger(limit, j->s->opts->relax_below);
    struct ix_node *most, *any = any_of(j);
    enum st st = srch_most(j, &f->weights, &most);
    if (st == ST_OK && most)
        st = take(j, SRCH_MOST, most, limit, f);
    if (st == ST_OK && most && !f->timed_out && f->total >= enough)
        f->exact = false; /* those with less were not counted */
    else if (st == ST_OK && !f->timed_out)
        st = any ? take(j, SRCH_ANY, any, limit, f) : err_nomem(j->err);
    f->relaxed = f->n > f->strict;
    return st;
}

enum st srch_steps(struct job *j, uint64_t limit, struct found *out)
{
    uint64_t documents = ix_view_documents(j->scope.view);
    limit = limit < documents ? limit : documents;
    *out = (struct found){.exact = true};
    enum st st = j->plan.some ? weigh(j, &out->weights) : ST_OK;
    if (st == ST_OK && !(j->plan.some && is_hopeless(&out->weights, j->plan.all)))
        st = take(j, SRCH_ALL, j->plan.all, limit, out);
    out->strict = out->n;
    if (st != ST_OK || !j->plan.some || out->timed_out || out->total >= j->s->opts->relax_below)
        return st;
    return relax(j, limit, out);
}

enum st srch_count_strict(struct job *j, struct found *out)
{
    struct ix_result all;
    enum st st = run(j, SRCH_ALL, j->plan.all, 0, 0, &all);
    *out = (struct found){0};
    if (st == ST_OK) {
        out->total = all.total;
        out->exact = all.exact;
        out->timed_out = all.timed_out;
        out->cut = all.cut;
    }
    return st;
}
