/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How many documents of each month or year a query finds.
 *
 * Every hit is visited and counted under the year and the month of its date, in one pass whatever
 * the number of months. Months in which nothing was found are left out.
 */

#include "study.h"

enum { YEARS = 10000, MONTHS = 12 };

struct tally {
    struct study *j;
    uint32_t *n; /* by year and month */
    uint64_t undated;
};

static void count(void *ctx, uint64_t doc, double score)
{
    struct tally *t = ctx;
    const uint32_t date = ix_view_date(t->j->scope.view, doc);
    const uint32_t year = date / 10000, month = date / 100 % 100;
    (void)score;
    if (date == 0 || year >= YEARS || month < 1 || month > MONTHS)
        t->undated++;
    else
        t->n[year * MONTHS + month - 1]++;
}

/* A row for each month, or for each year, that has something. */
static enum st list_counts(const struct tally *t, bool years, struct srch_trend *out)
{
    struct arena *a = t->j->a;
    const uint32_t step = years ? MONTHS : 1;
    size_t n = 0;
    for (uint32_t i = 0; i < YEARS * MONTHS; i++)
        n += t->n[i] > 0;
    out->row = arena_calloc(a, n, sizeof(*out->row));
    for (uint32_t i = 0; out->row && i < YEARS * MONTHS; i += step) {
        uint64_t sum = 0;
        for (uint32_t k = i; k < i + step; k++)
            sum += t->n[k];
        if (sum == 0)
            continue;
        struct srch_facet_row *row = &out->row[out->n++];
        row->value = str_of(years ? arena_fmt(a, "%04u", i / MONTHS)
                                  : arena_fmt(a, "%04u-%02u", i / MONTHS, i % MONTHS + 1));
        row->n = sum;
    }
    return a->failed ? err_nomem(t->j->err) : ST_OK;
}

static enum st trend(struct study *j)
{
    struct srch_trend *out = j->out;
    struct tally t = {.j = j, .n = arena_calloc(j->a, YEARS * MONTHS, sizeof(uint32_t))};
    struct ix_result found;
    *out = (struct srch_trend){.generation = j->scope.generation};
    if (!t.n)
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
    return list_counts(&t, j->req->by_year, out);
}

enum st srch_trend(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_trend *out, struct err *err)
{
    struct study j = {.s = s, .req = req, .a = a, .err = err, .answer = trend, .out = out};
    return study_run(&j, &out->ms);
}
