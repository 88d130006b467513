/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How many hits there are of each issuer, tag, name, year or month.
 *
 * Every hit of a step is counted as it is found, which takes some nanoseconds each; of several
 * steps the last one counts, for it finds what the others found as well. Years and months are
 * counted by the date, the others by the index; of names only those are told that are some (who.c).
 */

#include "answer.h"
#include "months.h"

#include <stdlib.h>

enum {
    ROWS = 50,
    NAMES = 500, /* that are looked at for so many rows */
    FACETS = 5
};

static const char *const name_of[FACETS] = {"issuer", "tag", "who", "year", "month"};

enum { WHO = IX_TALLY_NAME, YEAR = IX_TALLIES /* of those that the date tells */ };

struct facets {
    struct ix_view *view;
    int asked[FACETS]; /* in the order of the request */
    size_t n;
    struct ix_tally *tally[IX_TALLIES];
    struct months *months; /* NULL: neither months nor years are asked for */
};

static int facet_of(struct str name)
{
    for (int i = 0; i < FACETS; i++)
        if (str_eq(name, str_of(name_of[i])))
            return i;
    return -1;
}

static bool is_asked(const struct facets *f, int facet)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->asked[i] == facet)
            return true;
    return false;
}

static enum st open_one(struct job *j, int facet)
{
    static const enum ix_tally_of of[] = {IX_TALLY_ISSUER, IX_TALLY_TAG, IX_TALLY_NAME};
    struct facets *f = j->facets;
    if (is_asked(f, facet))
        return ST_OK;
    f->asked[f->n++] = facet;
    if (facet < IX_TALLIES)
        return ix_tally_open(f->view, of[facet], &f->tally[facet], j->err);
    if (!f->months)
        f->months = calloc(1, sizeof(*f->months));
    return f->months ? ST_OK : err_nomem(j->err);
}

enum st srch_facets_open(struct job *j)
{
    struct str rest = j->req->facet;
    enum st st = ST_OK;
    if (!rest.n)
        return ST_OK;
    j->facets = calloc(1, sizeof(*j->facets));
    if (!j->facets)
        return err_nomem(j->err);
    j->facets->view = j->scope.view;
    while (rest.n && st == ST_OK) {
        struct str name = str_cut(&rest, ',');
        int facet = facet_of(name);
        st = facet >= 0
                 ? open_one(j, facet)
                 : err_set(j->err, ST_BAD_VALUE, "no facet is called " STR_FMT, STR_ARG(name));
    }
    return st;
}

void srch_facets_close(struct job *j)
{
    if (!j->facets)
        return;
    for (size_t i = 0; i < IX_TALLIES; i++)
        ix_tally_close(j->facets->tally[i]);
    free(j->facets->months);
    free(j->facets);
    j->facets = NULL;
}

void srch_facets_restart(struct facets *f)
{
    for (size_t i = 0; i < IX_TALLIES; i++)
        if (f->tally[i])
            ix_tally_reset(f->tally[i]);
    if (f->months)
        memset(f->months, 0, sizeof(*f->months));
}

void srch_facets_add(struct facets *f, uint64_t doc)
{
    for (size_t i = 0; i < IX_TALLIES; i++)
        if (f->tally[i])
            ix_tally_add(f->tally[i], doc);
    if (f->months)
        months_add(f->months, ix_view_date(f->view, doc));
}

/* ---- telling ---- */

static enum st tell_values(struct job *j, int facet, struct srch_facet *out)
{
    const bool names = facet == WHO;
    struct ix_count *count;
    enum st st = ix_tally_top(j->facets->tally[facet], names ? NAMES : ROWS, j->a, &count, &out->n,
                              &out->more, j->err);
    if (st == ST_OK && names)
        st = srch_tell_names(j, count, &out->n, ROWS, &out->more);
    if (st != ST_OK)
        return st;
    out->row = arena_calloc(j->a, out->n, sizeof(*out->row));
    if (!out->row)
        return err_nomem(j->err);
    for (size_t i = 0; i < out->n; i++)
        out->row[i] = (struct srch_facet_row){count[i].value, count[i].n};
    return ST_OK;
}

static enum st tell_months(struct job *j, bool years, struct srch_facet *out)
{
    const struct months_order order = {.years = years, .latest_first = true, .most = ROWS};
    return months_tell(j->facets->months, &order, j->a, out, j->err);
}

enum st srch_facets_tell(struct job *j, struct srch_result *out)
{
    struct facets *f = j->facets;
    enum st st = ST_OK;
    if (!f)
        return ST_OK;
    out->facet = arena_calloc(j->a, f->n, sizeof(*out->facet));
    if (!out->facet)
        return err_nomem(j->err);
    for (size_t i = 0; i < f->n && st == ST_OK; i++) {
        struct srch_facet *facet = &out->facet[out->nfacet++];
        facet->name = str_of(name_of[f->asked[i]]);
        if (f->asked[i] < IX_TALLIES)
            st = tell_values(j, f->asked[i], facet);
        else
            st = tell_months(j, f->asked[i] == YEAR, facet);
    }
    return st;
}
