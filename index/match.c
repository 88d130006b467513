/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Running a query over segments.
 *
 * A segment is gone through in windows of docids. In each, every node of the tree gives the list of
 * the documents that it matches, ascending, with their weights; where only some documents can still
 * count, a node is given the list of these and looks at no others. So of terms that must all be
 * there the rarest is read first and the others only where it is; conditions that look at stored
 * text come last of all. Postings are unpacked where they lie, list after list, which costs some
 * nanoseconds each: a tree of cursors that move together costs several times that for each
 * document, whatever it saves.
 *
 * Weights are BM25 (Robertson and Zaragoza 2009, section 3.4), of frequencies over all segments,
 * with odds below 2 bent so that no weight is negative.
 *
 * The deadline: once it has passed, the window at hand is given up, and what the windows before
 * found is the result. Only when it passes in a condition on stored text, which takes longer than
 * all the rest, the documents that were taken until then count, and no others.
 */

#include "match.h"
#include "match_tree.h"
#include <math.h>
#include <stdlib.h>

enum { WINDOW = 1 << 13, BATCH = 128 }; /* postings that are unpacked at a time */

/* Documents and their weights; `next` of a spare one. */
struct match_list {
    struct match_list *next;
    size_t n;
    uint32_t doc[WINDOW];
    double w[WINDOW];
};

/* A sum by document. */
struct match_heap {
    struct match_heap *next;
    uint64_t in[WINDOW / 64];
    double w[WINDOW];
};

struct matcher {
    const struct match *m;
    struct built b;
    size_t segment; /* at hand, from 0 */
    struct columns *columns;
    struct columns_basic basic;
    const struct tomb *dead;
    uint32_t low, high;        /* the window: docids from low to below high */
    double scale, rest, least; /* of a document's length in the weight */
    bool late;                 /* the deadline has passed */
    bool given_up;             /* ... and the window is no good */
    bool without;              /* what is looked for now is to be left out */
    unsigned calls;
    struct match_memory *spare;
    struct err *err;
};

static enum st eval(struct matcher *m, struct tree *t, const struct match_list *among,
                    struct match_list *out);

/* ---- memory ---- */

static struct match_list *take_list(struct matcher *m)
{
    struct match_list *l = m->spare->lists;
    if (l)
        m->spare->lists = l->next;
    else
        l = malloc(sizeof(*l));
    if (l)
        l->n = 0;
    return l;
}

static void give_list(struct matcher *m, struct match_list *l)
{
    if (!l)
        return;
    l->next = m->spare->lists;
    m->spare->lists = l;
}

static struct match_heap *take_heap(struct matcher *m)
{
    struct match_heap *h = m->spare->heaps;
    if (h)
        m->spare->heaps = h->next;
    else
        h = malloc(sizeof(*h));
    if (h) {
        memset(h->in, 0, sizeof(h->in));
        memset(h->w, 0, sizeof(h->w));
    }
    return h;
}

static void give_heap(struct matcher *m, struct match_heap *h)
{
    h->next = m->spare->heaps;
    m->spare->heaps = h;
}

void match_memory_fini(struct match_memory *spare)
{
    while (spare->lists) {
        struct match_list *l = spare->lists;
        spare->lists = l->next;
        free(l);
    }
    while (spare->heaps) {
        struct match_heap *h = spare->heaps;
        spare->heaps = h->next;
        free(h);
    }
}

/* ---- time ---- */

static bool past(const struct matcher *m)
{
    return m->m->deadline_ns && clock_ns() >= m->m->deadline_ns;
}

/* Every 16th call reads the clock. */
static bool give_up(struct matcher *m)
{
    if (!m->late && ++m->calls % 16 == 0 && past(m))
        m->late = m->given_up = true;
    return m->given_up;
}

/* ---- leaves ---- */

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

static inline void add(struct match_list *out, uint32_t docid, double w)
{
    out->doc[out->n] = docid;
    out->w[out->n++] = w;
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
            add(out, docid, most > 0 ? weight_of(m, most, docid, sum[docid] - 1) : 0);
}

static void eval_all(const struct matcher *m, const struct match_list *among,
                     struct match_list *out)
{
    struct walk w = walk_of(m, among);
    uint32_t docid;
    while (walk_next(&w, &docid))
        add(out, docid, 0);
}

static void eval_range(const struct matcher *m, const struct tree *t,
                       const struct match_list *among, struct match_list *out)
{
    struct walk w = walk_of(m, among);
    uint32_t docid;
    while (walk_next(&w, &docid)) {
        uint32_t date = m->basic.date[docid];
        if (date && date >= t->low && date <= t->high)
            add(out, docid, 0);
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
            add(out, docid, 0);
    }
}

/* ---- lists ---- */

/* Add the weights of some documents of a list to it. */
static void add_weights(struct match_list *to, const struct match_list *some)
{
    for (size_t i = 0, k = 0; i < some->n; i++) {
        while (to->doc[k] < some->doc[i])
            k++;
        to->w[k] += some->w[i];
    }
}

/* The same, where `from` may have documents that `to` has not. */
static void add_known(struct match_list *to, const struct match_list *from)
{
    for (size_t i = 0, k = 0; i < to->n; i++) {
        while (from->doc[k] < to->doc[i])
            k++;
        to->w[i] += from->w[k];
    }
}

/* Take documents out of a list. */
static void take_out(struct match_list *from, const struct match_list *some)
{
    size_t n = 0, k = 0;
    for (size_t i = 0; i < from->n; i++) {
        while (k < some->n && some->doc[k] < from->doc[i])
            k++;
        if (k < some->n && some->doc[k] == from->doc[i])
            continue;
        from->doc[n] = from->doc[i];
        from->w[n++] = from->w[i];
    }
    from->n = n;
}

/* ---- nodes ---- */

/* All of the kids, those that are quickly answered and rare first. */
static enum st eval_and(struct matcher *m, const struct tree *t, const struct match_list *among,
                        struct match_list *out)
{
    struct match_list *now = take_list(m), *old = take_list(m);
    enum st st = now && old ? ST_OK : err_nomem(m->err);
    for (size_t i = 0; i < t->nkid && st == ST_OK; i++) {
        st = eval(m, t->order[i], i ? old : among, i + 1 == t->nkid ? out : now);
        struct match_list *got = i + 1 == t->nkid ? out : now;
        if (i > 0)
            add_known(got, old);
        if (got->n == 0) {
            out->n = 0;
            break;
        }
        struct match_list *spare = old;
        old = now;
        now = spare;
    }
    give_list(m, now);
    give_list(m, old);
    return st;
}

static inline void put_one(const struct matcher *m, struct match_heap *h, uint32_t docid, double w)
{
    uint32_t at = docid - m->low;
    h->w[at] += w;
    h->in[at / 64] |= UINT64_C(1) << (at % 64);
}

static void put_heap(const struct matcher *m, struct match_heap *h, const struct match_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        put_one(m, h, l->doc[i], l->w[i]);
}

/* All of a term's documents, without a list of them between. */
static enum st put_term(struct matcher *m, struct match_heap *h, const struct tree *t)
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
        for (size_t i = 0; i < n; i++)
            put_one(m, h, doc[i], most > 0 ? weight_of(m, most, doc[i], wdf[i]) : 0);
    t->leaf->after = at;
    return ST_OK;
}

static void list_heap(const struct matcher *m, const struct match_heap *h, struct match_list *out)
{
    for (uint32_t i = 0; i < WINDOW / 64; i++)
        for (uint64_t bits = h->in[i]; bits; bits &= bits - 1) {
            uint32_t at = 64 * i + (uint32_t)__builtin_ctzll(bits);
            add(out, m->low + at, h->w[at]);
        }
}

static enum st eval_or(struct matcher *m, const struct tree *t, const struct match_list *among,
                       struct match_list *out)
{
    struct match_heap *h = take_heap(m);
    enum st st = h ? ST_OK : err_nomem(m->err);
    for (size_t i = 0; i < t->nkid && st == ST_OK; i++) {
        struct tree *kid = t->kid[i];
        if (!among && kid->op == IX_TERM && kid->most > 0 && !give_up(m)) {
            st = put_term(m, h, kid);
            continue;
        }
        st = eval(m, kid, among, out);
        if (st == ST_OK)
            put_heap(m, h, out);
    }
    out->n = 0;
    if (!h)
        return st;
    list_heap(m, h, out);
    give_heap(m, h);
    return st;
}

static enum st eval_maybe(struct matcher *m, const struct tree *t, const struct match_list *among,
                          struct match_list *out)
{
    struct match_list *more = take_list(m);
    enum st st = more ? eval(m, t->kid[0], among, out) : err_nomem(m->err);
    for (size_t i = 1; i < t->nkid && st == ST_OK; i++) {
        st = eval(m, t->kid[i], out, more);
        if (st == ST_OK)
            add_weights(out, more);
    }
    give_list(m, more);
    return st;
}

/* Take what a node matches out of a list. */
static enum st leave_out(struct matcher *m, struct tree *t, struct match_list *from)
{
    struct match_list *some = take_list(m);
    m->without = !m->without;
    enum st st = some ? eval(m, t, from, some) : err_nomem(m->err);
    m->without = !m->without;
    if (st == ST_OK)
        take_out(from, some);
    give_list(m, some);
    return st;
}

/* What is not to be there, and quickly told, is taken out of what comes into question first, if the
 * kid that is to be there asks. */
static enum st eval_and_not(struct matcher *m, const struct tree *t, const struct match_list *among,
                            struct match_list *out)
{
    enum st st = ST_OK;
    struct match_list *less = NULL;
    if (t->kid[0]->asks) {
        less = take_list(m);
        if (!less)
            return err_nomem(m->err);
        eval_all(m, among, less);
        for (size_t i = 1; i < t->nkid && st == ST_OK; i++)
            if (!t->kid[i]->asks)
                st = leave_out(m, t->kid[i], less);
    }
    if (st == ST_OK)
        st = eval(m, t->kid[0], less ? less : among, out);
    for (size_t i = 1; i < t->nkid && st == ST_OK; i++)
        if (!less || t->kid[i]->asks)
            st = leave_out(m, t->kid[i], out);
    give_list(m, less);
    return st;
}

/* Whether the caller takes a document. Once time is out nobody is asked any more. */
static enum st ask(struct matcher *m, const struct tree *t, uint32_t docid, bool *yes)
{
    const struct ix_doc *doc;
    m->late = m->late || past(m);
    *yes = m->late && m->without;
    if (m->late || tomb_has(m->dead, docid))
        return ST_OK;
    enum st st = m->m->load(m->m->ctx, m->segment, docid, &doc, m->err);
    if (st == ST_OK)
        *yes = t->accept(t->accept_ctx, doc);
    return st;
}

static enum st eval_where(struct matcher *m, const struct tree *t, const struct match_list *among,
                          struct match_list *out)
{
    size_t n = 0;
    enum st st = eval(m, t->kid[0], among, out);
    for (size_t i = 0; i < out->n && st == ST_OK; i++) {
        bool yes = false;
        st = ask(m, t, out->doc[i], &yes);
        out->doc[n] = out->doc[i];
        out->w[n] = out->w[i];
        n += yes;
    }
    out->n = n;
    return st;
}

/* The documents of the window that a node matches, of those among them when that is not NULL. */
static enum st eval(struct matcher *m, struct tree *t, const struct match_list *among,
                    struct match_list *out)
{
    out->n = 0;
    if (t->most == 0 || (among && among->n == 0) || give_up(m))
        return ST_OK;
    switch (t->op) {
    case IX_TERM:
        return eval_term(m, t, among, out);
    case IX_PREFIX:
        eval_prefix(m, t, among, out);
        return ST_OK;
    case IX_ALL:
        eval_all(m, among, out);
        return ST_OK;
    case IX_RANGE:
        eval_range(m, t, among, out);
        return ST_OK;
    case IX_SINCE:
        eval_since(m, t, among, out);
        return ST_OK;
    case IX_AND:
    case IX_FILTER:
        return eval_and(m, t, among, out);
    case IX_OR:
        return eval_or(m, t, among, out);
    case IX_AND_MAYBE:
        return eval_maybe(m, t, among, out);
    case IX_AND_NOT:
        return eval_and_not(m, t, among, out);
    case IX_WHERE:
        return eval_where(m, t, among, out);
    case IX_NONE:
    case IX_SCALE:
        return ST_OK;
    }
    return ST_OK;
}

/* ---- a segment ---- */

static int order_of(const void *a, const void *b)
{
    const struct tree *x = *(struct tree *const *)a, *y = *(struct tree *const *)b;
    if (x->asks != y->asks)
        return x->asks ? 1 : -1;
    return x->most < y->most ? -1 : x->most > y->most;
}

/* How many documents a node may match, once that is known of its kids. */
static uint64_t most_of(const struct matcher *m, const struct tree *t)
{
    uint64_t documents = columns_documents(m->columns), sum = 0;
    switch (t->op) {
    case IX_TERM:
    case IX_PREFIX:
        return t->leaf->part[m->segment].found;
    case IX_AND:
    case IX_FILTER:
        for (size_t i = 0; i < t->nkid; i++)
            documents = t->kid[i]->most < documents ? t->kid[i]->most : documents;
        return documents;
    case IX_OR:
        for (size_t i = 0; i < t->nkid; i++)
            sum += t->kid[i]->most;
        return sum < documents ? sum : documents;
    case IX_AND_MAYBE:
    case IX_AND_NOT:
    case IX_WHERE:
        return t->kid[0]->most;
    case IX_NONE:
        return 0;
    case IX_ALL:
    case IX_RANGE:
    case IX_SINCE:
    case IX_SCALE:
        return documents;
    }
    return documents;
}

static void prepare(const struct matcher *m, struct tree *t)
{
    for (size_t i = 0; i < t->nkid; i++)
        prepare(m, t->kid[i]);
    if (t->nkid > 1)
        qsort(t->order, t->nkid, sizeof(struct tree *), order_of);
    t->most = most_of(m, t);
}

static enum st deliver(struct matcher *m, const struct match_list *found)
{
    size_t k = 0;
    for (size_t i = 0; i < found->n; i++) {
        while (k < m->dead->n && m->dead->docid[k] < found->doc[i])
            k++;
        if (k < m->dead->n && m->dead->docid[k] == found->doc[i])
            continue;
        enum st st = m->m->hit(m->m->ctx, m->segment, found->doc[i], found->w[i], m->err);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

static enum st run_segment(struct matcher *m, struct match_list *found)
{
    const struct match_segment *s = &m->m->segment[m->segment];
    m->columns = s->columns;
    m->dead = s->dead;
    columns_get_basic(s->columns, &m->basic);
    prepare(m, m->b.root);
    uint32_t end = columns_documents(s->columns) + 1;
    enum st st = ST_OK;
    for (m->low = 1; m->low < end && st == ST_OK && m->b.root->most && !m->late; m->low = m->high) {
        m->high = end - m->low > WINDOW ? m->low + WINDOW : end;
        m->late = m->given_up = past(m);
        st = eval(m, m->b.root, NULL, found);
        if (st == ST_OK && !m->given_up)
            st = deliver(m, found);
    }
    return st;
}

/* ---- all of them ---- */

/* The weight of a leaf at endless wdf. */
static double leaf_weight(const struct match *m, uint64_t found)
{
    double n = (double)found < m->documents ? (double)found : m->documents;
    double odds = (m->documents - n + 0.5) / (n + 0.5);
    return log(odds < 2 ? odds * 0.5 + 1 : odds) * (m->k1 + 1);
}

static enum st find_leaves(struct matcher *m)
{
    for (size_t i = 0; i < m->b.nleaf && !m->late; i++) {
        struct leaf *leaf = m->b.leaf[i];
        uint64_t found = 0;
        for (m->segment = 0; m->segment < m->m->nsegment && !m->late; m->segment++) {
            enum st st = leaf_find(leaf, m->segment, m->m->segment[m->segment].columns,
                                   m->m->deadline_ns, &m->late, m->err);
            if (st != ST_OK)
                return st;
            found += leaf->part[m->segment].found;
        }
        leaf->weight = leaf_weight(m->m, found);
        m->late = m->late || (i % 16 == 15 && past(m));
    }
    return ST_OK;
}

static enum st run(struct matcher *m)
{
    struct match_list *found = take_list(m);
    enum st st = found ? ST_OK : err_nomem(m->err);
    m->late = past(m);
    if (st == ST_OK)
        st = find_leaves(m);
    if (st != ST_OK || m->late) {
        give_list(m, found);
        return st;
    }
    for (m->segment = 0; m->segment < m->m->nsegment && !m->late; m->segment++) {
        st = run_segment(m, found);
        if (st != ST_OK)
            break;
    }
    give_list(m, found);
    return st;
}

enum st match_run(const struct match *match, struct matched *out, struct err *err)
{
    struct matcher m = {.m = match, .spare = match->spare, .err = err};
    double each = match->average_length > 0 ? 1 / match->average_length : 0;
    m.scale = match->k1 * match->b * each;
    m.least = match->k1 * match->b * BM25_MIN_LENGTH;
    m.rest = match->k1 * (1 - match->b);
    enum st st = built_make(&m.b, match->query, match->nsegment, err);
    if (st == ST_OK)
        st = run(&m);
    *out = (struct matched){.timed_out = m.late, .segment = m.segment};
    for (size_t i = 0; i < m.b.nleaf; i++)
        out->cut = out->cut || m.b.leaf[i]->cut;
    built_fini(&m.b);
    return st;
}
