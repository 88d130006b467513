/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a request to its hits.
 *
 * The query is parsed, lowered, and run strictly: every run must be there. If that finds fewer
 * hits in all than relax_below, the relaxed query is run for the documents that the strict one
 * did not find, and its hits follow behind. So the order is one list whatever the page: strict
 * hits best first, then partial ones; and the total is the sum of two counts of different
 * documents. Whether to relax depends on the strict total, which every page sees alike. The scores
 * of partial hits are lowered together so that none is above the last strict one.
 *
 * Both runs begin at the first hit and not at the page's: the index has to rank the hits before
 * the page in any case.
 *
 * Exact runs are verified on stored text through the index's callback, in both runs. When the
 * deadline passes, what was seen so far is the answer, and it says so; with nothing on the page
 * it is an error. When a segment turns out to be damaged and partial answers are wanted, all of it
 * is done again without the segment.
 */

#include "search.h"

#include <gongbao/clock.h>

struct job {
    struct srch *s;
    const struct srch_request *req;
    struct arena *a;
    struct scope scope;
    struct q_plan plan;
    enum st verify_st; /* of the callback, which cannot return it */
    struct err *err;
};

static bool accept(void *ctx, const struct ix_doc *doc)
{
    struct job *j = ctx;
    bool yes = false;
    enum st st = q_accept(&j->plan, doc, &j->s->check, &yes);
    if (st != ST_OK)
        j->verify_st = st;
    return yes;
}

/* How much of b a query of so many words takes. */
static double length_share(size_t words)
{
    return words < 2 ? 0 : 1 - 2 / ((double)words + 1);
}

/* What of a query stands in the stored text too, where its terms do not prove it. */
static struct ix_node *proven(struct job *j, struct ix_node *query)
{
    struct ix_node *node = arena_calloc(j->a, 1, sizeof(*node));
    struct ix_node **kid = arena_alloc(j->a, sizeof(struct ix_node *));
    if (!j->plan.verify || !node || !kid)
        return j->plan.verify ? NULL : query;
    kid[0] = query;
    *node =
        (struct ix_node){.op = IX_WHERE, .kid = kid, .nkid = 1, .accept = accept, .accept_ctx = j};
    return node;
}

static enum st run(struct job *j, const char *step, struct ix_node *query, uint64_t limit,
                   uint64_t exact_up_to, struct ix_result *out)
{
    const struct srch_opts *o = j->s->opts;
    uint64_t documents = ix_view_documents(j->scope.view);
    struct ix_search search = {
        .query = proven(j, query),
        .limit = limit < documents ? limit : documents,
        .exact_up_to = exact_up_to < documents ? exact_up_to : documents,
        .deadline_ns = j->req->deadline_ns,
        .k1 = o->k1,
        .b = o->b * length_share(j->plan.nword),
    };
    if (!search.query)
        return err_nomem(j->err);
    uint64_t begun = trace_begin(j->s->trace);
    enum st st = ix_search(j->scope.view, &search, j->a, out, j->err);
    if (st == ST_OK)
        trace_search(j->s->trace, step, begun, j->scope.view, &search, out->total);
    return st == ST_OK && j->verify_st != ST_OK ? err_nomem(j->err) : st;
}

/* Parse and lower the request's text and find out where to look. */
static enum st prepare(struct job *j)
{
    const struct srch_opts *o = j->s->opts;
    struct trace *trace = j->s->trace;
    struct q_node *tree;
    uint64_t begun = trace_begin(trace);
    enum st st = q_parse(j->req->text, &o->limits, j->a, &tree, j->err);
    if (st != ST_OK)
        return st;
    trace_tree(trace, tree);
    trace_end(trace, "parse", begun);
    begun = trace_begin(trace);
    st = q_lower(j->s->an, tree, &o->weights, &o->limits, j->a, &j->plan, j->err);
    if (st != ST_OK)
        return st;
    trace_end(trace, "lower", begun);
    begun = trace_begin(trace);
    srch_open_missing(j->s);
    st = srch_scope(j->s, j->req->in, j->a, &j->scope, j->err);
    trace_end(trace, "scope", begun);
    return st;
}

/* What some finds and all does not. */
static struct ix_node *rest_of(struct job *j)
{
    struct ix_node *node = arena_calloc(j->a, 1, sizeof(*node));
    struct ix_node **kid = arena_calloc(j->a, 2, sizeof(struct ix_node *));
    if (!node || !kid)
        return NULL;
    kid[0] = j->plan.some;
    kid[1] = j->plan.all;
    *node = (struct ix_node){.op = IX_AND_NOT, .kid = kid, .nkid = 2};
    return node;
}

/* What the scores of partial hits are multiplied by, so that the best of them is no higher than
 * the last strict one. Both lists begin at their first hit, so it is the same for every page. */
static double damping(const struct ix_result *strict, const struct ix_result *more)
{
    if (strict->n == 0 || more->n == 0 || more->hit[0].score <= strict->hit[strict->n - 1].score)
        return 1;
    return strict->hit[strict->n - 1].score / more->hit[0].score * (1 - 1e-12); /* rounding */
}

static enum st append(struct job *j, const struct ix_result *more, struct ix_result *found)
{
    struct ix_hit *hit = arena_alloc(j->a, (found->n + more->n) * sizeof(*hit));
    if (!hit)
        return err_nomem(j->err);
    if (found->n)
        memcpy(hit, found->hit, found->n * sizeof(*hit));
    const double factor = damping(found, more);
    for (size_t i = 0; i < more->n; i++) {
        hit[found->n + i] = more->hit[i];
        hit[found->n + i].score *= factor;
    }
    found->hit = hit;
    found->n += more->n;
    found->total += more->total;
    found->exact = found->exact && more->exact;
    found->timed_out = more->timed_out;
    return ST_OK;
}

/* Add the hits of the relaxed query behind those in *found. */
static enum st relax(struct job *j, uint64_t limit, struct ix_result *found)
{
    struct ix_result more;
    struct ix_node *query = rest_of(j);
    if (!query)
        return err_nomem(j->err);
    uint64_t want = limit > found->total ? limit - found->total : 0;
    enum st st = run(j, "any", query, want, j->s->opts->exact_up_to, &more);
    return st == ST_OK ? append(j, &more, found) : st;
}

static enum st show(struct job *j, const struct ix_hit *hit, struct srch_hit *out)
{
    const uint64_t width = j->req->width ? j->req->width : j->s->opts->snippet_columns;
    const struct snip_opts whole = {.columns = 0};
    const struct snip_opts window = {.columns = (uint32_t)width, .whole = j->req->whole};
    out->score = hit->score;
    out->index = j->scope.name[ix_view_reader(j->scope.view, hit->doc)];
    enum st st = ix_document(j->scope.view, hit->doc, j->a, &out->doc, j->err);
    if (st == ST_OK)
        st = snip_cut(out->doc.title, &j->plan, &whole, &j->s->scratch, j->a, &out->title, j->err);
    if (st == ST_OK && j->req->snippet)
        st = snip_cut(out->doc.body, &j->plan, &window, &j->s->scratch, j->a, &out->body, j->err);
    return st;
}

/* The page of the request out of all hits from the first. */
static enum st show_page(struct job *j, const struct ix_result *found, struct srch_result *out)
{
    uint64_t from = j->req->offset < found->n ? j->req->offset : found->n;
    uint64_t n = found->n - from < j->req->limit ? found->n - from : j->req->limit;
    out->hit = arena_calloc(j->a, n, sizeof(*out->hit));
    if (!out->hit)
        return err_nomem(j->err);
    for (uint64_t i = 0; i < n; i++) {
        out->hit[i].rank = from + i + 1;
        enum st st = show(j, &found->hit[from + i], &out->hit[i]);
        if (st != ST_OK)
            return st;
    }
    out->nhit = n;
    return ST_OK;
}

static enum st too_late(struct err *err)
{
    return err_set(err, ST_DEADLINE, "the deadline passed before anything was found");
}

/* How many there are, and how far that is to be believed. */
static void tell(const struct job *j, const struct ix_result *found, struct srch_result *out)
{
    out->total = found->total;
    out->partial = found->timed_out || j->scope.damage.st != ST_OK;
    out->exact = found->exact && !out->partial;
}

static enum st search(struct job *j, struct srch_result *out)
{
    const struct srch_opts *o = j->s->opts;
    struct ix_result found;
    uint64_t limit;
    if (__builtin_add_overflow(j->req->offset, j->req->limit, &limit))
        limit = UINT64_MAX;
    enum st st = run(j, "all", j->plan.all, limit, o->exact_up_to, &found);
    if (st != ST_OK)
        return st;
    if (j->plan.some && !found.timed_out && found.total < o->relax_below) {
        uint64_t strict = found.total;
        st = relax(j, limit, &found);
        out->relaxed = st == ST_OK && found.total > strict;
    }
    trace_hits(j->s->trace, found.hit, found.n);
    uint64_t begun = trace_begin(j->s->trace);
    if (st == ST_OK)
        st = show_page(j, &found, out);
    trace_end(j->s->trace, "page", begun);
    if (st == ST_OK && found.timed_out && out->nhit == 0)
        return too_late(j->err);
    tell(j, &found, out);
    return st;
}

static enum st count(struct job *j, struct srch_result *out)
{
    struct ix_result found;
    enum st st = run(j, "all", j->plan.all, 0, UINT64_MAX, &found);
    if (st == ST_OK && found.timed_out && found.total == 0)
        return too_late(j->err);
    if (st == ST_OK)
        tell(j, &found, out);
    return st;
}

static enum st try_once(struct srch *s, const struct srch_request *req, struct arena *a,
                        enum st (*how)(struct job *, struct srch_result *), struct srch_result *out,
                        struct err *err)
{
    struct job j = {.s = s, .req = req, .a = a, .err = err};
    *out = (struct srch_result){0};
    trace_restart(s->trace);
    enum st st = prepare(&j);
    if (st != ST_OK)
        return st;
    out->generation = j.scope.generation;
    st = how(&j, out);
    srch_unscope(&j.scope);
    return st;
}

static enum st answer(struct srch *s, const struct srch_request *req, struct arena *a,
                      enum st (*how)(struct job *, struct srch_result *), struct srch_result *out,
                      struct err *err)
{
    uint64_t begun = clock_ns();
    enum st st;
    do
        st = try_once(s, req, a, how, out, err);
    while (srch_again(s, st));
    out->ms = (double)(clock_ns() - begun) / 1e6;
    return st;
}

enum st srch_search(struct srch *s, const struct srch_request *req, struct arena *a,
                    struct srch_result *out, struct err *err)
{
    return answer(s, req, a, search, out, err);
}

enum st srch_count(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_result *out, struct err *err)
{
    return answer(s, req, a, count, out, err);
}
