/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The leaves of a query: what they find in a window, and with what weight.
 *
 * Weights are BM25 (Robertson and Zaragoza 2009, section 3.4). A term keeps its place from window
 * to window, and may be read more than once in one, as it may stand in the query more than once.
 */

#include "match_run.h"

enum { BATCH = 128 }; /* postings that are unpacked at a time */

static inline double weight_of(const struct matcher *m, double most, uint32_t docid, uint32_t wdf)
{
    double length = m->basic.length[docid] * m->scale;
    double norm = (length > m->least ? length : m->least) + m->rest;
    return most * (wdf / (norm + wdf));
}

/* Where to begin reading a term in this window. */
static enum st begin_term(struct matcher *m, struct leaf *leaf, struct postings_place *at)
{
    struct postings *p = leaf->part[m->segment].postings;
    enum st st = postings_load(p, m->columns, leaf->bytes, m->err);
    if (st != ST_OK)
        return st;
    if (leaf->segment != m->segment + 1) {
        leaf->segment = m->segment + 1;
        leaf->window = m->low;
        postings_enter(p, &leaf->at, 0);
        postings_skip(p, &leaf->at, m->low);
    } else if (leaf->window != m->low) {
        leaf->window = m->low;
        leaf->at = leaf->after;
        postings_skip(p, &leaf->at, m->low);
    }
    *at = leaf->after = leaf->at;
    return ST_OK;
}

static void term_all(const struct matcher *m, const struct postings *p, struct postings_place *at,
                     double most, struct match_list *out)
{
    uint32_t wdf[BATCH];
    size_t n;
    while ((n = postings_take_some(p, at, m->high, BATCH, out->doc + out->n, wdf)) > 0)
        for (size_t i = 0; i < n; i++, out->n++)
            out->w[out->n] = most > 0 ? weight_of(m, most, out->doc[out->n], wdf[i]) : 0;
}

static void term_among(const struct matcher *m, const struct postings *p, struct postings_place *at,
                       double most, const struct match_list *among, struct match_list *out)
{
    for (size_t i = 0; i < among->n; i++) {
        uint32_t docid = among->doc[i];
        postings_skip(p, at, docid);
        if (at->docid != docid)
            continue;
        uint32_t wdf = postings_take_wdf(p, at);
        out->doc[out->n] = docid;
        out->w[out->n++] = most > 0 ? weight_of(m, most, docid, wdf) : 0;
    }
}

static enum st eval_term(struct matcher *m, const struct tree *t, const struct match_list *among,
                         struct match_list *out)
{
    struct postings_place at;
    const struct postings *p = t->leaf->part[m->segment].postings;
    const double most = t->leaf->weight * t->factor;
    enum st st = begin_term(m, t->leaf, &at);
    if (st != ST_OK)
        return st;
    if (among)
        term_among(m, p, &at, most, among, out);
    else
        term_all(m, p, &at, most, out);
    t->leaf->after = at;
    return ST_OK;
}

/* Documents of the window, or of those among them, one after the other. */
struct walk {
    const struct match_list *among;
    size_t i, n;
    uint32_t low;
};

static struct walk walk_of(const struct matcher *m, const struct match_list *among)
{
    return (struct walk){among, 0, among ? among->n : m->high - m->low, m->low};
}

static inline bool walk_next(struct walk *w, uint32_t *docid)
{
    if (w->i == w->n)
        return false;
    *docid = w->among ? w->among->doc[w->i] : w->low + (uint32_t)w->i;
    w->i++;
    return true;
}

static void eval_prefix(const struct matcher *m, const struct tree *t,
                        const struct match_list *among, struct match_list *out)
{
    const uint32_t *sum = t->leaf->part[m->segment].sum;
    const double most = t->leaf->weight * t->factor;
    struct walk w = walk_of(m, among);
    uint32_t docid;
    while (walk_next(&w, &docid))
        if (sum[docid])
            list_push(out, docid, most > 0 ? weight_of(m, most, docid, sum[docid] - 1) : 0);
}

void leaf_all(const struct matcher *m, const struct match_list *among, struct match_list *out)
{
    struct walk w = walk_of(m, among);
    uint32_t docid;
    while (walk_next(&w, &docid))
        list_push(out, docid, 0);
}

static void eval_range(const struct matcher *m, const struct tree *t,
                       const struct match_list *among, struct match_list *out)
{
    struct walk w = walk_of(m, among);
    uint32_t docid;
    while (walk_next(&w, &docid)) {
        uint32_t date = m->basic.date[docid];
        if (date && date >= t->low && date <= t->high)
            list_push(out, docid, 0);
    }
}

static void eval_since(const struct matcher *m, const struct tree *t,
                       const struct match_list *among, struct match_list *out)
{
    const struct born *b = columns_born(m->columns);
    struct walk w = walk_of(m, among);
    size_t range = 0;
    uint32_t docid, end = 1 + b->range[0].documents;
    while (walk_next(&w, &docid)) {
        while (docid >= end)
            end += b->range[++range].documents;
        if (b->range[range].generation > t->since)
            list_push(out, docid, 0);
    }
}

enum st leaf_list(struct matcher *m, const struct tree *t, const struct match_list *among,
                  struct match_list *out)
{
    switch (t->op) {
    case IX_TERM:
        return eval_term(m, t, among, out);
    case IX_PREFIX:
        eval_prefix(m, t, among, out);
        return ST_OK;
    case IX_ALL:
        leaf_all(m, among, out);
        return ST_OK;
    case IX_RANGE:
        eval_range(m, t, among, out);
        return ST_OK;
    case IX_SINCE:
        eval_since(m, t, among, out);
        return ST_OK;
    default:
        return err_set(m->err, ST_INTERNAL, "an operation %d is no leaf", (int)t->op);
    }
}

enum st leaf_sum(struct matcher *m, const struct tree *t, bool known, struct match_sum *h)
{
    struct postings_place at;
    const double most = t->leaf->weight * t->factor;
    enum st st = begin_term(m, t->leaf, &at);
    if (st != ST_OK)
        return st;
    const struct postings *p = t->leaf->part[m->segment].postings;
    uint32_t doc[BATCH], wdf[BATCH];
    size_t n;
    while ((n = postings_take_some(p, &at, m->high, BATCH, doc, wdf)) > 0)
        for (size_t i = 0; i < n; i++) {
            if (known && !sum_has(h, m->low, doc[i]))
                continue;
            double w = most > 0 ? weight_of(m, most, doc[i], wdf[i]) : 0;
            sum_put_mass(h, m->low, doc[i], w, t->mass);
        }
    t->leaf->after = at;
    return ST_OK;
}
