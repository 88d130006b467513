/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How many documents of each month or year a query finds.
 *
 * Every hit is visited and counted under the year and the month of its date, in one pass whatever
 * the number of months. Months in which nothing was found are left out.
 */

#include "months.h"
#include "study.h"

struct tally {
    struct study *j;
    struct months *months;
    uint64_t undated;
};

static void count(void *ctx, uint64_t doc, double score)
{
    struct tally *t = ctx;
    (void)score;
    t->undated += !months_add(t->months, ix_view_date(t->j->scope.view, doc));
}

static enum st trend(struct study *j)
{
    struct srch_trend *out = j->out;
    struct tally t = {.j = j, .months = arena_calloc(j->a, 1, sizeof(struct months))};
    struct ix_result found;
    *out = (struct srch_trend){.generation = j->scope.generation};
    if (!t.months)
        return err_nomem(j->err);
    enum st st = study_query(j);
    if (st == ST_OK)
        st = study_search(j, IX_BY_SCORE, 0, count, &t, &found);
    if (st != ST_OK)
        return st;
    out->total = found.total;
    out->undated = t.undated;
    out->partial = study_partial(j, &found);
    out->exact = found.exact && !out->partial;
    struct srch_facet rows = {0};
    st = months_tell(t.months, &(struct months_order){.years = j->req->by_year}, j->a, &rows,
                     j->err);
    out->row = rows.row;
    out->n = rows.n;
    return st;
}

enum st srch_trend(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_trend *out, struct err *err)
{
    struct study j = {.s = s, .req = req, .a = a, .err = err, .answer = trend, .out = out};
    return study_run(&j, &out->ms);
}
