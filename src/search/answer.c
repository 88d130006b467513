/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a request to its hits.
 *
 * The query is parsed and lowered, its hits are found in steps (steps.c), each of them from the
 * first hit on and not from the page's: the index has to rank the hits before the page in any
 * case. Of all those the page is shown (page.c).
 *
 * When the deadline passes, what was seen so far is the answer, and it says so; with nothing on
 * the page it is an error. When a segment turns out to be damaged and partial answers are wanted,
 * all of it is done again without the segment.
 */

#include "answer.h"

#include <gongbao/clock.h>

/* Parse and lower the request's text and find out where to look. */
static enum st prepare(struct job *j)
{
    const struct q_opts opts = srch_query_opts(j->s, j->req->strict);
    j->today = srch_day(&opts.today);
    struct trace *trace = j->s->trace;
    struct q_node *tree;
    uint64_t begun = trace_begin(trace);
    enum st st = q_parse(j->req->text, &opts, j->a, &tree, j->err);
    if (st != ST_OK)
        return st;
    trace_tree(trace, tree);
    trace_end(trace, "parse", begun);
    begun = trace_begin(trace);
    st = q_lower(j->s->an, tree, &opts, j->a, &j->plan, j->err);
    if (st == ST_OK)
        st = srch_soften(j);
    if (st != ST_OK)
        return st;
    trace_end(trace, "lower", begun);
    begun = trace_begin(trace);
    srch_open_missing(j->s);
    st = srch_scope(j->s, j->req->in, j->a, &j->scope, j->err);
    trace_end(trace, "scope", begun);
    return st;
}

static enum st too_late(struct err *err)
{
    return err_set(err, ST_DEADLINE, "the deadline passed before anything was found");
}

/* How many there are, and how far that is to be believed. */
static void tell(const struct job *j, const struct found *found, struct srch_result *out)
{
    out->total = found->total;
    out->partial = found->timed_out || found->cut || j->scope.damage.st != ST_OK;
    out->exact = found->exact && !out->partial;
    out->relaxed = found->relaxed;
}

static enum st search(struct job *j, struct srch_result *out)
{
    struct found found;
    uint64_t limit;
    if (__builtin_add_overflow(j->req->offset, j->req->limit, &limit))
        limit = UINT64_MAX;
    enum st st = srch_facets_open(j);
    if (st == ST_OK)
        st = j->req->collapse ? srch_collapse(j, limit, &found) : srch_steps(j, limit, &found);
    if (st == ST_OK)
        st = srch_facets_tell(j, out);
    srch_facets_close(j);
    if (st != ST_OK)
        return st;
    trace_hits(j->s->trace, found.hit, found.n, found.strict);
    uint64_t begun = trace_begin(j->s->trace);
    st = srch_page(j, &found, out);
    trace_end(j->s->trace, "page", begun);
    if (st != ST_OK)
        return st;
    tell(j, &found, out);
    out->missed = found.strict == 0 && !found.timed_out;
    return found.timed_out && out->nhit == 0 ? too_late(j->err) : ST_OK;
}

static enum st count(struct job *j, struct srch_result *out)
{
    struct found found;
    enum st st = srch_count_strict(j, &found);
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
    *out = (struct srch_result){.via = ""};
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

enum st srch_search_plain(struct srch *s, const struct srch_request *req, struct arena *a,
                          struct srch_result *out, struct err *err)
{
    return answer(s, req, a, search, out, err);
}

/* Of a query with more bytes parts say what was meant, and looking for more would take too long. */
#define SHORT 27

/* What may have been meant is looked for no longer than this where parts were found. */
#define MEANT_NS UINT64_C(2000000)

/* What a guess may fail with, of an answer that is there without it. */
static bool is_grave(enum st st)
{
    return st == ST_NO_MEMORY || st == ST_DAMAGED;
}

/* Search for what was read. Where nothing comes of it, the answer is what it was. */
static enum st search_read(struct srch *s, const struct srch_request *req,
                           const struct srch_meant *meant, struct arena *a, struct srch_result *out,
                           struct err *err)
{
    struct srch_request again = *req;
    struct srch_result read;
    struct err why = ERR_INIT;
    again.text = meant->text[0];
    enum st st = srch_search_plain(s, &again, a, &read, &why);
    if (is_grave(st)) {
        *err = why;
        return st;
    }
    if (st != ST_OK || read.total == 0) {
        out->partial = true; /* it was found when it was counted */
        return ST_OK;
    }
    *out = read;
    out->via = meant->via;
    return ST_OK;
}

/* Search for what was read, and tell; or tell only. */
static enum st search_meant(struct srch *s, const struct srch_request *req, struct arena *a,
                            struct srch_result *out, struct err *err)
{
    struct srch_meant meant;
    struct err why = ERR_INIT;
    uint64_t until_ns = out->total > 0 ? clock_ns() + MEANT_NS : 0;
    enum st st = srch_meaning(s, req, 1, until_ns, a, &meant, &why);
    if (is_grave(st)) {
        *err = why;
        return st;
    }
    if (st != ST_OK || srch_is_late(req))
        out->partial = true; /* something else may have been meant */
    if (st != ST_OK || meant.n == 0)
        return ST_OK;
    if (meant.via[0])
        st = search_read(s, req, &meant, a, out, err);
    out->meant = meant.text[0];
    return st;
}

enum st srch_search(struct srch *s, const struct srch_request *req, struct arena *a,
                    struct srch_result *out, struct err *err)
{
    uint64_t begun = clock_ns();
    enum st st = srch_search_plain(s, req, a, out, err);
    if (st != ST_OK || !out->missed || (out->total > 0 && req->text.n > SHORT))
        return st;
    st = search_meant(s, req, a, out, err);
    out->ms = (double)(clock_ns() - begun) / 1e6;
    return st;
}

enum st srch_as_read(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_request *out, struct srch_result *found, struct err *err)
{
    struct srch_request first = *req;
    first.limit = 1;
    first.offset = 0;
    first.snippet = false;
    *out = *req;
    enum st st = srch_search(s, &first, a, found, err);
    if (st == ST_OK && found->via[0])
        out->text = found->meant;
    return st;
}

enum st srch_count(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_result *out, struct err *err)
{
    return answer(s, req, a, count, out, err);
}
