/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The terms of a table, by several threads.
 *
 * The terms are cut into ranges of about a megabyte, at terms of which the inputs tell that so much
 * lies between them. A hand of a crew merges the inputs over a range and packs entries, key and
 * tag, into a buffer; the buffers are put into the table in the order of the ranges. Each hand
 * keeps its merge from range to range, so one hand alone never seeks. As chunks never go beyond a
 * term, the table does not depend on where the cuts are.
 */

#include "glass_terms.h"
#include "glass_postlist.h"
#include "post_merge.h"
#include <gongbao/crew.h>
#include <stdlib.h>

enum { RANGE = 1 << 20 }; /* bytes of the inputs */

/* ---- ranges ---- */

struct range {
    struct str from, to; /* terms; `to`, empty in the last range, is not in it */
    struct buf out;      /* entries */
};

struct mark {
    struct str term;
    uint64_t bytes;
};

struct ranges {
    struct arena arena;
    struct mark *mark;
    size_t nmark, cap;
    struct range *range;
    size_t n;
};

static enum st add_mark(void *ctx, struct str term, uint64_t bytes, struct err *err)
{
    struct ranges *r = ctx;
    struct mark *more = array_room(r->mark, r->nmark, &r->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    r->mark = more;
    r->mark[r->nmark++] = (struct mark){arena_str(&r->arena, term), bytes};
    return r->arena.failed ? err_nomem(err) : ST_OK;
}

static int by_term(const void *a, const void *b)
{
    return str_cmp(((const struct mark *)a)->term, ((const struct mark *)b)->term);
}

/* Cut at a mark where so many bytes have come together since the last cut. */
static enum st cut(struct ranges *r, struct err *err)
{
    uint64_t bytes = 0;
    struct str from = {0};
    if (r->nmark)
        qsort(r->mark, r->nmark, sizeof(*r->mark), by_term);
    r->range = calloc(r->nmark + 1, sizeof(*r->range));
    if (!r->range)
        return err_nomem(err);
    for (size_t i = 0; i < r->nmark; i++) {
        bytes += r->mark[i].bytes;
        if (bytes < RANGE || str_eq(r->mark[i].term, from))
            continue;
        r->range[r->n++] = (struct range){.from = from, .to = r->mark[i].term};
        from = r->mark[i].term;
        bytes = 0;
    }
    r->range[r->n++] = (struct range){.from = from};
    for (size_t i = 0; i < r->n; i++)
        buf_init(&r->range[i].out, SIZE_MAX);
    return ST_OK;
}

static enum st make_ranges(struct ranges *r, const struct post_input *const *input, size_t n,
                           struct err *err)
{
    enum st st = ST_OK;
    arena_init(&r->arena, SIZE_MAX);
    for (size_t i = 0; i < n && st == ST_OK; i++)
        if (input[i]->ops->sample)
            st = input[i]->ops->sample(input[i], add_mark, r, err);
    return st == ST_OK ? cut(r, err) : st;
}

static void free_ranges(struct ranges *r)
{
    for (size_t i = 0; i < r->n; i++)
        buf_fini(&r->range[i].out);
    free(r->range);
    free(r->mark);
    arena_fini(&r->arena);
}

/* ---- hands ---- */

struct hand {
    const struct post_input *const *input;
    size_t n;
    struct post_source *merge; /* opened when it is needed */
    struct glass_list list;
};

/* Pack the entries of the term at which a source stands. */
static enum st add_term(struct glass_list *l, struct post_source *s, struct err *err)
{
    struct post_part part;
    glass_list_term(l, s->term, s->tf, s->cf);
    enum st st;
    while ((st = s->ops->part(s, &part, err)) == ST_OK && part.packed.n)
        glass_list_add(l, &part);
    glass_list_end(l);
    return st;
}

static enum st do_range(void *tool, void *job, struct err *err)
{
    struct hand *h = tool;
    struct range *r = job;
    h->list.out = &r->out;
    enum st st = h->merge ? ST_OK : post_merge_open(h->input, h->n, &h->merge, err);
    struct post_source *s = h->merge;
    if (st == ST_OK)
        st = s->ops->seek(s, r->from, err);
    while (st == ST_OK && s->term.n && (!r->to.n || str_cmp(s->term, r->to) < 0)) {
        st = add_term(&h->list, s, err);
        if (st == ST_OK)
            st = s->ops->next(s, err);
    }
    if (st != ST_OK && s) { /* it can only be closed, and the hand may be given another range */
        s->ops->close(s);
        h->merge = NULL;
    }
    return st == ST_OK && !buf_ok(&r->out) ? err_nomem(err) : st;
}

static enum st put_range(struct glass_table *t, struct range *r, struct err *err)
{
    enum st st = glass_put_entries(t, buf_str(&r->out), err);
    buf_fini(&r->out);
    return st;
}

static enum st put_ranges(struct glass_table *t, struct ranges *ranges, struct crew *crew,
                          struct err *err)
{
    size_t given = 0;
    enum st st = ST_OK;
    for (size_t i = 0; i < ranges->n && st == ST_OK; i++) {
        void *done;
        while (given < ranges->n && !crew_full(crew))
            crew_give(crew, &ranges->range[given++]);
        st = crew_take(crew, &done, err);
        if (st == ST_OK)
            st = put_range(t, done, err);
    }
    crew_cancel(crew);
    return st;
}

static enum st run_crew(struct glass_table *t, struct ranges *ranges, struct hand *hand,
                        size_t hands, struct err *err)
{
    struct crew *crew;
    void **tool = calloc(hands, sizeof(*tool));
    if (!tool)
        return err_nomem(err);
    for (size_t i = 0; i < hands; i++)
        tool[i] = &hand[i];
    enum st st = crew_new(do_range, tool, hands, hands > 1 ? 2 * hands : 1, &crew, err);
    if (st == ST_OK) {
        st = put_ranges(t, ranges, crew, err);
        crew_free(crew);
    }
    free(tool);
    return st;
}

static enum st put_by_hands(struct glass_table *t, struct ranges *ranges,
                            const struct post_input *const *input, size_t n, size_t hands,
                            uint32_t *wdf_max, struct err *err)
{
    struct hand *hand = calloc(hands, sizeof(*hand));
    if (!hand)
        return err_nomem(err);
    for (size_t i = 0; i < hands; i++)
        hand[i] = (struct hand){.input = input, .n = n};
    enum st st = run_crew(t, ranges, hand, hands, err);
    for (size_t i = 0; i < hands; i++) {
        struct post_source *merge = hand[i].merge;
        if (merge && merge->wdf_max > *wdf_max)
            *wdf_max = merge->wdf_max;
        if (merge)
            merge->ops->close(merge);
    }
    free(hand);
    return st;
}

enum st glass_put_terms(struct glass_table *t, const struct post_input *const *input, size_t n,
                        unsigned jobs, uint32_t *wdf_max, struct err *err)
{
    struct ranges ranges = {0};
    *wdf_max = 0;
    enum st st = make_ranges(&ranges, input, n, err);
    size_t hands = jobs < ranges.n ? jobs : ranges.n;
    if (st == ST_OK)
        st = put_by_hands(t, &ranges, input, n, hands ? hands : 1, wdf_max, err);
    free_ranges(&ranges);
    return st;
}
