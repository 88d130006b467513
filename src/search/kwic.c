/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A phrase in its contexts, in the order of time: every occurrence, or the first and the last.
 *
 * The phrase is an exact run, so each document that is found has it in its title or its body, and
 * the places there are found in the stored text as a snippet finds them. Documents come by date;
 * in a document the title's places come first, then the body's in their order. No more documents
 * are read than there are occurrences to show and to pass over, and none after the deadline.
 */

#include "study.h"

struct list {
    struct study *j;
    const char *index;
    struct srch_use *use;
    size_t n, cap;
    uint64_t max; /* uses that are wanted */
    bool late;    /* not all documents could be read in time */
};

static enum st add_places(struct list *l, const struct ix_doc *doc, bool title)
{
    struct study *j = l->j;
    const uint64_t columns = j->req->width ? j->req->width : j->s->opts->snippet_columns;
    struct snip_place *place;
    size_t n;
    enum st st = snip_places(title ? doc->title : doc->body, &j->plan, (uint32_t)columns,
                             l->max - l->n, &j->s->scratch, j->a, &place, &n, j->err);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct srch_use *room = arena_room(j->a, l->use, l->n, &l->cap, sizeof(*room));
        if (!room)
            return err_nomem(j->err);
        l->use = room;
        l->use[l->n++] = (struct srch_use){.index = l->index,
                                           .id = doc->id,
                                           .date = doc->date,
                                           .title = doc->title,
                                           .in_title = title,
                                           .place = place[i]};
    }
    return st;
}

/* The places of the hits, one after another, until there are enough. */
static enum st list_uses(struct list *l, const struct ix_result *found)
{
    struct study *j = l->j;
    enum st st = ST_OK;
    for (size_t i = 0; i < found->n && l->n < l->max && st == ST_OK; i++) {
        struct ix_doc doc;
        if (i > 0 && srch_is_late(j->req)) {
            l->late = true;
            break;
        }
        l->index = j->scope.name[ix_view_reader(j->scope.view, found->hit[i].doc)];
        st = ix_document(j->scope.view, found->hit[i].doc, j->a, &doc, j->err);
        if (st == ST_OK)
            st = add_places(l, &doc, true);
        if (st == ST_OK && l->n < l->max)
            st = add_places(l, &doc, false);
    }
    return st;
}

/* Append the first uses in an order, until there are l->max. */
static enum st find_uses(struct list *l, enum ix_order order)
{
    struct study *j = l->j;
    struct srch_uses *out = j->out;
    struct ix_result found;
    enum st st = study_search(j, order, l->max, NULL, NULL, &found);
    if (st == ST_OK)
        st = list_uses(l, &found);
    if (st != ST_OK)
        return st;
    out->documents = found.total;
    out->partial = out->partial || l->late || study_partial(j, &found);
    out->exact = found.exact && !out->partial;
    return ST_OK;
}

static enum st begin(struct study *j)
{
    struct srch_uses *out = j->out;
    *out = (struct srch_uses){.generation = j->scope.generation};
    return study_phrase(j);
}

static enum st kwic(struct study *j)
{
    struct srch_uses *out = j->out;
    const enum ix_order order = j->req->sort == SRCH_OLDEST ? IX_OLDEST : IX_NEWEST;
    const uint64_t offset = j->req->offset;
    struct list l = {.j = j};
    if (__builtin_add_overflow(offset, j->req->limit, &l.max))
        l.max = UINT64_MAX;
    enum st st = begin(j);
    if (st == ST_OK)
        st = find_uses(&l, order);
    if (st != ST_OK)
        return st;
    const uint64_t over = offset < l.n ? offset : l.n;
    out->n = l.n - over;
    out->use = l.n ? l.use + over : NULL;
    return ST_OK;
}

static enum st first_and_last(struct study *j)
{
    struct srch_uses *out = j->out;
    struct list l = {.j = j, .max = 1};
    enum st st = begin(j);
    if (st == ST_OK)
        st = find_uses(&l, IX_OLDEST);
    l.max = 2;
    if (st == ST_OK && l.n > 0)
        st = find_uses(&l, IX_NEWEST);
    out->use = l.use;
    out->n = l.n;
    return st;
}

enum st srch_kwic(struct srch *s, const struct srch_request *req, struct arena *a,
                  struct srch_uses *out, struct err *err)
{
    struct study j = {.s = s, .req = req, .a = a, .err = err, .answer = kwic, .out = out};
    return study_run(&j, &out->ms);
}

enum st srch_first(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_uses *out, struct err *err)
{
    struct study j = {.s = s, .req = req, .a = a, .err = err, .answer = first_and_last, .out = out};
    return study_run(&j, &out->ms);
}
