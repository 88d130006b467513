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
 * Weights (match_leaf.c) are of frequencies over all segments, with odds below 2 bent so that no
 * weight is negative.
 *
 * The deadline: once it has passed, the window at hand is given up, and what the windows before
 * found is the result. Only when it passes in a condition on stored text, which takes longer than
 * all the rest, the documents that were taken until then count, and no others.
 */

#include "match_run.h"
#include <math.h>
#include <stdlib.h>

/* ---- time ---- */

static bool past(const struct matcher *m)
{
    return m->m->deadline_ns && clock_ns() >= m->m->deadline_ns;
}

/* Every 16th call reads the clock. */
bool match_give_up(struct matcher *m)
{
    if (!m->late && ++m->calls % 16 == 0 && past(m))
        m->late = m->given_up = true;
    return m->given_up;
}

/* ---- nodes ---- */

/* All of the kids, those that are quickly answered and rare first. */
static enum st eval_and(struct matcher *m, const struct tree *t, const struct match_list *among,
                        struct match_list *out)
{
    struct match_list *now = list_take(m->spare), *old = list_take(m->spare);
    enum st st = now && old ? ST_OK : err_nomem(m->err);
    for (size_t i = 0; i < t->nkid && st == ST_OK; i++) {
        st = match_eval(m, t->order[i], i ? old : among, i + 1 == t->nkid ? out : now);
        struct match_list *got = i + 1 == t->nkid ? out : now;
        if (i > 0)
            list_weigh_from(got, old);
        if (got->n == 0) {
            out->n = 0;
            break;
        }
        struct match_list *spare = old;
        old = now;
        now = spare;
    }
    list_give(m->spare, now);
    list_give(m->spare, old);
    return st;
}

static enum st eval_maybe(struct matcher *m, const struct tree *t, const struct match_list *among,
                          struct match_list *out)
{
    struct match_list *more = list_take(m->spare);
    enum st st = more ? match_eval(m, t->kid[0], among, out) : err_nomem(m->err);
    for (size_t i = 1; i < t->nkid && st == ST_OK; i++) {
        st = match_eval(m, t->kid[i], out, more);
        if (st == ST_OK)
            list_weigh(out, more);
    }
    list_give(m->spare, more);
    return st;
}

/* Take what a node matches out of a list. */
static enum st leave_out(struct matcher *m, struct tree *t, struct match_list *from)
{
    struct match_list *some = list_take(m->spare);
    m->without = !m->without;
    enum st st = some ? match_eval(m, t, from, some) : err_nomem(m->err);
    m->without = !m->without;
    if (st == ST_OK)
        list_leave_out(from, some);
    list_give(m->spare, some);
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
        less = list_take(m->spare);
        if (!less)
            return err_nomem(m->err);
        leaf_all(m, among, less);
        for (size_t i = 1; i < t->nkid && st == ST_OK; i++)
            if (!t->kid[i]->asks)
                st = leave_out(m, t->kid[i], less);
    }
    if (st == ST_OK)
        st = match_eval(m, t->kid[0], less ? less : among, out);
    for (size_t i = 1; i < t->nkid && st == ST_OK; i++)
        if (!less || t->kid[i]->asks)
            st = leave_out(m, t->kid[i], out);
    list_give(m->spare, less);
    return st;
}

/* What the caller says at a glance. */
static enum st glance(struct matcher *m, const struct tree *t, uint32_t docid, enum ix_seen *seen)
{
    struct str extract = {0};
    *seen = IX_READ;
    if (!t->glance)
        return ST_OK;
    if (++m->glances % 64 == 0)
        m->late = past(m);
    enum st st = ST_OK;
    if (!extracts_get(m->m->segment[m->segment].extracts, docid, &extract)) {
        st = m->m->extract(m->m->ctx, m->segment, docid, &extract, m->err);
        m->late = m->late || past(m);
    }
    if (st == ST_OK && extract.n)
        *seen = t->glance(t->accept_ctx, extract);
    return st;
}

/* Whether the caller takes a document. Once time is out nobody is asked any more. */
static enum st ask(struct matcher *m, const struct tree *t, uint32_t docid, bool *yes)
{
    const struct ix_doc *doc;
    enum ix_seen seen;
    *yes = m->late && m->without;
    if (m->late || tomb_has(m->dead, docid))
        return ST_OK;
    enum st st = glance(m, t, docid, &seen);
    if (st != ST_OK || seen != IX_READ) {
        *yes = seen == IX_YES;
        return st;
    }
    m->late = m->late || past(m);
    *yes = m->late && m->without;
    if (m->late)
        return ST_OK;
    st = m->m->load(m->m->ctx, m->segment, docid, &doc, m->err);
    if (st == ST_OK)
        *yes = t->accept(t->accept_ctx, doc);
    return st;
}

static enum st eval_where(struct matcher *m, const struct tree *t, const struct match_list *among,
                          struct match_list *out)
{
    enum { AHEAD = 4 }; /* documents whose extracts are under way */
    const struct extracts *x = m->m->segment[m->segment].extracts;
    size_t n = 0;
    enum st st = match_eval(m, t->kid[0], among, out);
    for (size_t i = 0; i < out->n && st == ST_OK; i++) {
        bool yes = false;
        if (t->glance && i + AHEAD < out->n)
            extracts_ahead(x, out->doc[i + AHEAD]);
        st = ask(m, t, out->doc[i], &yes);
        out->doc[n] = out->doc[i];
        out->w[n] = out->w[i];
        n += yes;
    }
    out->n = n;
    return st;
}

enum st match_eval(struct matcher *m, struct tree *t, const struct match_list *among,
                   struct match_list *out)
{
    out->n = 0;
    if (t->most == 0 || (among && among->n == 0) || match_give_up(m))
        return ST_OK;
    switch (t->op) {
    case IX_TERM:
    case IX_PREFIX:
    case IX_ALL:
    case IX_RANGE:
    case IX_SINCE:
        return leaf_list(m, t, among, out);
    case IX_AND:
    case IX_FILTER:
        return eval_and(m, t, among, out);
    case IX_OR:
    case IX_ENOUGH:
        return match_some(m, t, among, out);
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

/* Those of the kids, rare ones first, one of which a document must have. */
static uint64_t most_with_enough(const struct tree *t, uint64_t documents)
{
    uint64_t sum = 0, rest = match_mass(t);
    for (size_t i = 0; i < t->nkid && rest >= t->least; i++) {
        sum += t->order[i]->most;
        rest -= t->order[i]->mass;
    }
    return sum < documents ? sum : documents;
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
    case IX_ENOUGH:
        return most_with_enough(t, documents);
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

/* No document gets more from a node. */
static double bound_of(const struct tree *t)
{
    double sum = 0;
    if (t->op == IX_TERM || t->op == IX_PREFIX)
        return t->leaf->weight * t->factor;
    for (size_t i = 0; i < t->nkid; i++)
        sum += t->kid[i]->bound;
    return sum;
}

/* Where all weight comes from, when that is from some of the kids. */
static const struct tree *best_of(const struct tree *root)
{
    while (root->op == IX_FILTER || root->op == IX_AND_NOT)
        root = root->kid[0];
    return root->op == IX_OR || root->op == IX_ENOUGH ? root : NULL;
}

static void prepare(const struct matcher *m, struct tree *t)
{
    for (size_t i = 0; i < t->nkid; i++)
        prepare(m, t->kid[i]);
    if (t->nkid > 1)
        qsort(t->order, t->nkid, sizeof(struct tree *), order_of);
    t->most = most_of(m, t);
    t->bound = bound_of(t);
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
    m->best = m->m->least ? best_of(m->b.root) : NULL;
    uint32_t end = columns_documents(s->columns) + 1;
    uint32_t window = m->best ? WINDOW / 8 : WINDOW;
    enum st st = ST_OK;
    for (m->low = 1; m->low < end && st == ST_OK && m->b.root->most && !m->late; m->low = m->high) {
        m->high = end - m->low > window ? m->low + window : end;
        window = window < WINDOW ? 2 * window : WINDOW;
        m->wanted = m->best ? m->m->least(m->m->ctx) : 0;
        m->late = m->given_up = past(m);
        st = match_eval(m, m->b.root, NULL, found);
        if (st == ST_OK && !m->given_up)
            st = deliver(m, found);
    }
    return st;
}

/* ---- all of them ---- */

double match_idf(double documents, uint64_t found)
{
    double n = (double)found < documents ? (double)found : documents;
    double odds = (documents - n + 0.5) / (n + 0.5);
    return log(odds < 2 ? odds * 0.5 + 1 : odds);
}

static enum st find_leaves(struct matcher *m)
{
    for (size_t i = 0; i < m->b.nleaf && !m->late; i++) {
        struct leaf *leaf = m->b.leaf[i];
        uint64_t found = 0;
        for (m->segment = 0; m->segment < m->m->nsegment && !m->late; m->segment++) {
            enum st st = leaf_find(&m->b, leaf, m->segment, m->m->segment[m->segment].columns,
                                   m->m->deadline_ns, &m->late, m->err);
            if (st != ST_OK)
                return st;
            found += leaf->part[m->segment].found;
        }
        leaf->weight = match_idf(m->m->documents, found) * (m->m->k1 + 1); /* at endless wdf */
        m->late = m->late || (i % 16 == 15 && past(m));
    }
    return ST_OK;
}

static enum st run(struct matcher *m)
{
    struct match_list *found = list_take(m->spare);
    enum st st = found ? ST_OK : err_nomem(m->err);
    m->late = past(m);
    if (st == ST_OK)
        st = find_leaves(m);
    if (st != ST_OK || m->late) {
        list_give(m->spare, found);
        return st;
    }
    for (m->segment = 0; m->segment < m->m->nsegment && !m->late; m->segment++) {
        st = run_segment(m, found);
        if (st != ST_OK)
            break;
    }
    list_give(m->spare, found);
    return st;
}

enum st match_run(const struct match *match, struct matched *out, struct err *err)
{
    struct matcher m = {.m = match, .spare = match->spare, .err = err};
    double each = match->average_length > 0 ? 1 / match->average_length : 0;
    m.scale = match->k1 * match->b * each;
    m.least = match->k1 * match->b * BM25_MIN_LENGTH;
    m.rest = match->k1 * (1 - match->b);
    enum st st = built_make(&m.b, match->query, match->nsegment, match->prefix_bytes, err);
    if (st == ST_OK)
        st = run(&m);
    *out =
        (struct matched){.timed_out = m.late, .passed_over = m.passed_over, .segment = m.segment};
    for (size_t i = 0; i < m.b.nleaf; i++)
        out->cut = out->cut || m.b.leaf[i]->cut;
    built_fini(&m.b);
    return st;
}
