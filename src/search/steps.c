/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a plan to a list of hits, in steps.
 *
 *     all    every run is there
 *     any    some term is there
 *
 * The second is taken only when the first has fewer hits than relax_below. Its hits follow behind
 * those of the first, ranked by all terms; those of the first, which are few then, are left out by
 * their numbers. Document frequencies also tell that the first step cannot have a hit, where a term
 * is in no document.
 *
 * What a step finds is ranked by BM25 and then, at the top, by what the text shows (closeness.c).
 */

#include "answer.h"

#include <math.h>

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
static enum st run(struct job *j, const char *step, struct ix_node *query, uint64_t limit,
                   uint64_t before, struct ix_result *out)
{
    const struct srch_opts *o = j->s->opts;
    uint64_t documents = ix_view_documents(j->scope.view);
    struct ix_search search = {
        .query = srch_filtered(j->s, j->req, query, j->a),
        .order = order_of(j->req),
        .limit = limit < documents ? limit : documents,
        .exact_up_to = documents,
        .deadline_ns = j->req->deadline_ns,
        .k1 = o->k1,
        .b = o->b * length_share(j->plan.nword),
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

static struct weighed *find_term(const struct weights *w, struct str term)
{
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->at[i].term, term))
            return &w->at[i];
    return NULL;
}

static enum st add_term(struct job *j, struct weights *w, struct str term, double factor)
{
    struct weighed *known = find_term(w, term);
    if (known) {
        known->factor += factor;
        return ST_OK;
    }
    if (w->n == w->cap) {
        size_t cap = 2 * w->cap + 32;
        struct weighed *wider = arena_alloc(j->a, cap * sizeof(*wider));
        if (!wider)
            return err_nomem(j->err);
        if (w->n)
            memcpy(wider, w->at, w->n * sizeof(*wider));
        w->at = wider;
        w->cap = cap;
    }
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

/* As the matcher has it. */
static double idf(double documents, double df)
{
    double odds = (documents - df + 0.5) / (df + 0.5);
    return log(odds < 2 ? odds * 0.5 + 1 : odds);
}

static enum st weigh(struct job *j, struct weights *w)
{
    double documents = (double)ix_view_documents(j->scope.view);
    enum st st = collect(j, j->plan.all, 1, w);
    if (st == ST_OK && j->plan.some)
        st = collect(j, j->plan.some, 0, w);
    for (size_t i = 0; st == ST_OK && i < w->n; i++) {
        struct weighed *one = &w->at[i];
        if (one->df > 0)
            one->idf = idf(documents, (double)one->df);
    }
    return st;
}

/* Whether no document can match, because a term that must be there is in none. */
static bool is_hopeless(const struct weights *w, const struct ix_node *node)
{
    if (node->op == IX_TERM)
        return find_term(w, node->term)->df == 0;
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

/* What the scores of partial hits are multiplied by, so that the best of them is no higher than
 * the last strict one. Both lists begin at their first hit, so it is the same for every page. */
static double damping(const struct found *strict, double best)
{
    if (strict->n == 0 || best <= strict->hit[strict->n - 1].score)
        return 1;
    return strict->hit[strict->n - 1].score / best * (1 - 1e-12); /* rounding */
}

static bool is_strict(const struct found *f, uint64_t doc)
{
    for (size_t i = 0; i < f->strict; i++)
        if (f->hit[i].doc == doc)
            return true;
    return false;
}

/* Put partial hits behind the strict ones, which may be among them. */
static enum st append(struct job *j, const struct ix_result *more, struct found *f)
{
    struct ix_hit *hit = arena_alloc(j->a, (f->strict + more->n) * sizeof(*hit));
    double factor = 0;
    if (!hit)
        return err_nomem(j->err);
    if (f->strict)
        memcpy(hit, f->hit, f->strict * sizeof(*hit));
    f->n = f->strict;
    for (size_t i = 0; i < more->n; i++) {
        if (is_strict(f, more->hit[i].doc))
            continue;
        if (f->n == f->strict)
            factor = j->req->sort == SRCH_BY_SCORE ? damping(f, more->hit[i].score) : 1;
        hit[f->n] = more->hit[i];
        hit[f->n++].score *= factor;
    }
    f->hit = hit;
    f->relaxed = f->n > f->strict;
    f->total = larger(more->total, f->n);
    f->exact = more->exact;
    f->timed_out = more->timed_out;
    f->cut = f->cut || more->cut;
    return ST_OK;
}

static enum st relax(struct job *j, uint64_t want, struct found *f)
{
    struct ix_result more;
    f->step = "any";
    enum st st = run(j, f->step, j->plan.some, want + f->strict, f->strict, &more);
    if (st == ST_OK)
        st = srch_closeness(j, &f->weights, more.hit, more.n);
    return st == ST_OK ? append(j, &more, f) : st;
}

enum st srch_steps(struct job *j, uint64_t limit, struct found *out)
{
    const struct srch_opts *o = j->s->opts;
    struct ix_result all = {.exact = true};
    uint64_t documents = ix_view_documents(j->scope.view);
    uint64_t want = larger(limit < documents ? limit : documents, o->relax_below);
    want = larger(want, o->closeness_top);
    *out = (struct found){.step = "all"};
    enum st st = j->plan.some ? weigh(j, &out->weights) : ST_OK;
    if (st == ST_OK && !(j->plan.some && is_hopeless(&out->weights, j->plan.all)))
        st = run(j, "all", j->plan.all, want, 0, &all);
    if (st == ST_OK)
        st = srch_closeness(j, &out->weights, all.hit, all.n);
    if (st != ST_OK)
        return st;
    out->hit = all.hit;
    out->n = out->strict = all.n;
    out->total = all.total;
    out->exact = all.exact;
    out->timed_out = all.timed_out;
    out->cut = all.cut;
    if (!j->plan.some || all.timed_out || all.total >= o->relax_below)
        return ST_OK;
    return relax(j, want, out);
}

enum st srch_count_strict(struct job *j, struct found *out)
{
    struct ix_result all;
    enum st st = run(j, "all", j->plan.all, 0, 0, &all);
    *out = (struct found){.step = "all"};
    if (st == ST_OK) {
        out->total = all.total;
        out->exact = all.exact;
        out->timed_out = all.timed_out;
        out->cut = all.cut;
    }
    return st;
}
