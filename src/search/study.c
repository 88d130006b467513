/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Running the requests of who studies a collection: every hit counts, in the order of time, and
 * nothing is relaxed or ranked. The filters of the request hold as they do in a search. Only what
 * is like a document is asked for by score: a query of so many words that b is whole.
 */

#include "study.h"

#include <gongbao/clock.h>

static enum st try_once(struct study *j)
{
    srch_open_missing(j->s);
    enum st st = srch_scope(j->s, j->req->in, j->a, &j->scope, j->err);
    if (st != ST_OK)
        return st;
    st = j->answer(j);
    srch_unscope(&j->scope);
    return st;
}

enum st study_run(struct study *j, double *ms)
{
    const uint64_t begun = clock_ns();
    enum st st;
    do
        st = try_once(j);
    while (srch_again(j->s, st));
    *ms = (double)(clock_ns() - begun) / 1e6;
    return st;
}

static bool unwrap(struct str *text, struct str open, struct str close)
{
    if (text->n < open.n + close.n || !str_starts(*text, open) || !str_ends(*text, close))
        return false;
    *text = str_from(text->p + open.n, text->n - open.n - close.n);
    return true;
}

static struct str without_quotes(struct str text)
{
    text = str_trim(text);
    if (!unwrap(&text, STR("\""), STR("\"")) && !unwrap(&text, STR("“"), STR("”")) &&
        !unwrap(&text, STR("「"), STR("」")))
        unwrap(&text, STR("『"), STR("』"));
    return text;
}

static enum st lower(struct study *j, const struct q_node *tree)
{
    const struct q_opts opts = srch_query_opts(j->s, j->req->strict);
    return q_lower(j->s->an, tree, &opts, j->a, &j->plan, j->err);
}

enum st study_phrase(struct study *j)
{
    const struct str text = without_quotes(j->req->text);
    const struct q_node tree = {
        .kind = Q_EXACT, .text = text, .typed = text, .offset = (size_t)(text.p - j->req->text.p)};
    return lower(j, &tree);
}

enum st study_query(struct study *j)
{
    const struct q_opts opts = srch_query_opts(j->s, j->req->strict);
    struct q_node *tree;
    enum st st = q_parse(j->req->text, &opts, j->a, &tree, j->err);
    return st == ST_OK ? lower(j, tree) : st;
}

enum st study_search(struct study *j, enum ix_order order, uint64_t limit, ix_visit *visit,
                     void *ctx, struct ix_result *out)
{
    const uint64_t documents = ix_view_documents(j->scope.view);
    const struct ix_search search = {
        .query = srch_filtered(j->s, j->req, j->plan.all, j->a),
        .order = order,
        .limit = limit < documents ? limit : documents,
        .deadline_ns = j->req->deadline_ns,
        .k1 = j->s->opts->k1,
        .b = j->s->opts->b,
        .visit = visit,
        .visit_ctx = ctx,
    };
    if (!search.query)
        return err_nomem(j->err);
    j->s->check.st = ST_OK;
    enum st st = ix_search(j->scope.view, &search, j->a, out, j->err);
    if (st == ST_OK && j->s->check.st != ST_OK)
        return err_nomem(j->err);
    if (st == ST_OK && out->timed_out && out->total == 0)
        return err_set(j->err, ST_DEADLINE, "the deadline passed before anything was found");
    return st;
}

bool study_partial(const struct study *j, const struct ix_result *found)
{
    return found->timed_out || found->cut || j->scope.damage.st != ST_OK;
}
