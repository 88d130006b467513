/* SPDX-License-Identifier: GPL-2.0-or-later */

/* EXPLAIN: a search, and how it came to its answer.
 *
 * The search is the real one, run with a trace that every step writes into, so that what is told
 * cannot differ from what is done. What was typed is then shown in its three forms: the tree, the
 * tokens of each run, and the query of each step with the frequency of each of its terms. Telling
 * takes longer than searching; the times told are taken while searching.
 */

#include "search.h"

static struct str tree_text(const struct q_node *tree, struct arena *a)
{
    struct buf b;
    buf_init(&b, a->max);
    q_dump(tree, &b);
    struct str s = arena_str(a, buf_str(&b));
    buf_fini(&b);
    return s;
}

static size_t count_leaves(const struct q_node *node)
{
    size_t n = node->nkid == 0;
    for (size_t i = 0; i < node->nkid; i++)
        n += count_leaves(node->kid[i]);
    return n;
}

/* The runs of a tree from left to right, each with its tokens. */
static enum st list_runs(struct srch *s, const struct q_node *node, struct arena *a,
                         struct srch_explained *out, struct err *err)
{
    enum st st = ST_OK;
    if (node->nkid == 0) {
        struct srch_run *run = &out->run[out->nrun++];
        run->typed = node->text;
        st = srch_analyze(s, node->text, a, &run->token, &run->ntoken, err);
    }
    for (size_t i = 0; st == ST_OK && i < node->nkid; i++)
        st = list_runs(s, node->kid[i], a, out, err);
    return st;
}

static enum st list_terms(struct srch *s, const struct srch_request *req, struct arena *a,
                          struct srch_explained *out, struct err *err)
{
    struct term_set terms = {.a = a};
    struct scope scope;
    for (size_t i = 0; i < out->nstep; i++)
        if (out->step[i].lowered)
            trace_terms(out->step[i].lowered, &terms);
    out->term = arena_calloc(a, terms.n, sizeof(*out->term));
    if (!out->term)
        return err_nomem(err);
    enum st st = srch_scope(s, req->in, a, &scope, err);
    if (st != ST_OK)
        return st;
    for (; st == ST_OK && out->nterm < terms.n; out->nterm++) {
        struct srch_term *t = &out->term[out->nterm];
        t->term = terms.term[out->nterm];
        st = ix_view_frequency(scope.view, t->term, &t->documents, err);
    }
    srch_unscope(&scope);
    return st;
}

/* The step that brought the last of the hits. */
static const char *used(const struct srch_explained *x)
{
    const char *name = "none";
    for (size_t i = 0; i < x->nstep; i++) {
        if (!x->step[i].lowered || x->step[i].hits == 0)
            continue;
        name = x->step[i].name;
        if (!x->result.relaxed)
            break;
    }
    return name;
}

/* A date as the index counts by it, 20241031; 0: none. */
static uint32_t day_of(struct str date)
{
    uint32_t day = 0;
    for (size_t i = 0; i < date.n; i++)
        if (date.p[i] != '-')
            day = 10 * day + (uint32_t)(date.p[i] - '0');
    return day;
}

struct srch_beside srch_beside_of(const struct trace *trace, uint64_t doc, struct str date,
                                  double score)
{
    const struct looked looked = trace_find_looked(trace, doc);
    const struct ix_search *search = &trace->last;
    double rest = score - looked.closeness - looked.title;
    double fresh = ix_freshness(search->half_life, search->today, day_of(date));
    return (struct srch_beside){
        .closeness = looked.closeness, .title = looked.title, .freshness = rest - rest / fresh};
}

static enum st list_beside(const struct trace *trace, struct arena *a, struct srch_explained *out,
                           struct err *err)
{
    const struct srch_result *r = &out->result;
    out->beside = arena_calloc(a, r->nhit, sizeof(*out->beside));
    if (!out->beside)
        return err_nomem(err);
    for (size_t i = 0; i < r->nhit; i++) {
        const struct srch_hit *hit = &r->hit[i];
        uint64_t doc = hit->rank <= trace->nhit ? trace->hit[hit->rank - 1].doc : 0;
        out->beside[i] = srch_beside_of(trace, doc, hit->doc.date, hit->score);
    }
    return ST_OK;
}

static enum st tell(struct srch *s, const struct srch_request *req, const struct trace *trace,
                    struct arena *a, struct srch_explained *out, struct err *err)
{
    out->step = trace->step;
    out->nstep = trace->n;
    out->used = used(out);
    out->parsed = tree_text(trace->tree, a);
    out->run = arena_calloc(a, count_leaves(trace->tree), sizeof(*out->run));
    if (!out->run)
        return err_nomem(err);
    enum st st = list_runs(s, trace->tree, a, out, err);
    if (st == ST_OK)
        st = list_beside(trace, a, out, err);
    return st == ST_OK ? list_terms(s, req, a, out, err) : st;
}

enum st srch_explain(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_explained *out, struct err *err)
{
    struct trace trace = {.a = a};
    struct srch_request read;
    struct srch_result found;
    *out = (struct srch_explained){0};
    enum st st = srch_as_read(s, req, a, &read, &found, err);
    if (st != ST_OK)
        return st;
    s->trace = &trace;
    st = srch_search_plain(s, &read, a, &out->result, err);
    s->trace = NULL;
    if (st == ST_OK)
        st = tell(s, &read, &trace, a, out, err);
    out->result.via = found.via;
    out->result.meant = found.meant;
    return st == ST_OK && a->failed ? err_nomem(err) : st;
}
