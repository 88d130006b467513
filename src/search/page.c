/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The page of a request: its hits out of all that were found, as a reader sees them. */

#include "answer.h"

#define PAGE_NS UINT64_C(50000000) /* a page may take so long when no time is left */

enum st srch_document(struct job *j, uint64_t number, struct ix_doc **out)
{
    for (size_t i = 0; i < j->nshown; i++) {
        *out = &j->shown[i].doc;
        if (j->shown[i].number == number)
            return ST_OK;
    }
    struct shown *list = arena_room(j->a, j->shown, j->nshown, &j->shown_cap, sizeof(*list));
    if (!list)
        return err_nomem(j->err);
    j->shown = list;
    struct shown *one = &j->shown[j->nshown];
    one->number = number;
    enum st st = ix_document(j->scope.view, number, j->a, &one->doc, j->err);
    j->nshown += st == ST_OK;
    *out = &one->doc;
    return st;
}

static enum st show(struct job *j, const struct ix_hit *hit, struct srch_hit *out)
{
    const uint64_t width = j->req->width ? j->req->width : j->s->opts->snippet_columns;
    const struct snip_opts whole = {.columns = 0};
    const struct snip_opts window = {.columns = (uint32_t)width, .whole = j->req->whole};
    out->score = hit->score;
    out->index = j->scope.name[ix_view_reader(j->scope.view, hit->doc)];
    struct ix_doc *doc;
    enum st st = srch_document(j, hit->doc, &doc);
    if (st == ST_OK) {
        out->doc = *doc;
        st = snip_cut(out->doc.title, &j->plan, &whole, &j->s->scratch, j->a, &out->title, j->err);
    }
    if (st == ST_OK && j->req->snippet)
        st = snip_cut(out->doc.body, &j->plan, &window, &j->s->scratch, j->a, &out->body, j->err);
    return st;
}

/* A search that used up its time has something to show, too: a page that is quickly made. */
static bool is_over(const struct job *j)
{
    struct srch_request longer = *j->req;
    longer.deadline_ns += longer.deadline_ns ? PAGE_NS : 0;
    return srch_is_late(&longer);
}

enum st srch_page(struct job *j, struct found *found, struct srch_result *out)
{
    uint64_t from = j->req->offset < found->n ? j->req->offset : found->n;
    uint64_t n = found->n - from < j->req->limit ? found->n - from : j->req->limit;
    out->hit = arena_calloc(j->a, n, sizeof(*out->hit));
    if (!out->hit)
        return err_nomem(j->err);
    for (uint64_t i = 0; i < n; i++) {
        if (i > 0 && is_over(j)) {
            found->timed_out = true;
            return ST_OK;
        }
        out->hit[i].rank = from + i + 1;
        out->hit[i].copies = found->copies ? found->copies[from + i] : 0;
        enum st st = show(j, &found->hit[from + i], &out->hit[i]);
        if (st != ST_OK)
            return st;
        out->nhit++;
    }
    return ST_OK;
}
