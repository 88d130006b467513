/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A k-way merge of sources, which is a source itself.
 *
 * Sources stand in a heap, the one with the least term on top; of equal terms the one whose input
 * comes first. The sources that stand at the term of the merge are taken off the heap, in that
 * order, and their parts are told one after the other. They are moved on and put back when the
 * merge moves on. Heads decide most comparisons.
 */

#include "post_merge.h"
#include <stdlib.h>

struct node {
    uint64_t head;
    struct post_source *source;
    size_t input; /* its number */
};

struct post_merge {
    struct post_source s;
    struct post_source **all;
    size_t n;
    struct node *heap; /* of the sources that are ahead */
    size_t nheap;
    struct node *here; /* the sources at the term */
    size_t nhere;
    size_t at; /* the one of them that parts are taken from */
    bool started;
};

static bool same_term(const struct node *a, const struct node *b)
{
    return a->head == b->head && str_eq(a->source->term, b->source->term);
}

static bool before(const struct node *a, const struct node *b)
{
    if (a->head != b->head)
        return a->head < b->head;
    struct str x = a->source->term, y = b->source->term;
    int order = x.n <= 8 && y.n <= 8 ? (x.n > y.n) - (x.n < y.n) : str_cmp(x, y);
    return order ? order < 0 : a->input < b->input;
}

/* ---- the heap ---- */

static void sift_down(struct node *heap, size_t n, struct node moved)
{
    size_t at = 0;
    for (size_t kid; (kid = 2 * at + 1) < n; at = kid) {
        if (kid + 1 < n && before(&heap[kid + 1], &heap[kid]))
            kid++;
        if (!before(&heap[kid], &moved))
            break;
        heap[at] = heap[kid];
    }
    heap[at] = moved;
}

static struct node pop(struct post_merge *m)
{
    struct node top = m->heap[0], last = m->heap[--m->nheap];
    if (m->nheap)
        sift_down(m->heap, m->nheap, last);
    return top;
}

static void push(struct post_merge *m, struct node moved)
{
    size_t at = m->nheap++;
    for (; at && before(&moved, &m->heap[(at - 1) / 2]); at = (at - 1) / 2)
        m->heap[at] = m->heap[(at - 1) / 2];
    m->heap[at] = moved;
}

/* ---- the source ---- */

/* Put a source back that has been moved, and may know more. */
static void put_back(struct post_merge *m, struct node node)
{
    if (node.source->wdf_max > m->s.wdf_max)
        m->s.wdf_max = node.source->wdf_max;
    node.head = node.source->head;
    if (node.source->term.n)
        push(m, node);
}

/* Take the sources with the least term off the heap. */
static void stand(struct post_merge *m)
{
    m->at = m->nhere = 0;
    m->s.term = (struct str){0};
    m->s.tf = m->s.cf = 0;
    while (m->nheap && (!m->nhere || same_term(&m->heap[0], &m->here[0]))) {
        struct node node = pop(m);
        m->s.tf += node.source->tf;
        m->s.cf += node.source->cf;
        m->here[m->nhere++] = node;
    }
    if (m->nhere) {
        m->s.term = m->here[0].source->term;
        m->s.head = m->here[0].head;
    }
}

static enum st next(struct post_source *source, struct err *err)
{
    struct post_merge *m = (struct post_merge *)source;
    for (size_t i = 0; i < m->nhere; i++) {
        struct post_source *s = m->here[i].source;
        enum st st = s->ops->next(s, err);
        if (st != ST_OK)
            return st;
        put_back(m, m->here[i]);
    }
    stand(m);
    return ST_OK;
}

/* All sources are taken off the heap into `here` and put back one by one. */
static enum st seek(struct post_source *source, struct str term, struct err *err)
{
    struct post_merge *m = (struct post_merge *)source;
    if (m->started && (!m->s.term.n || str_cmp(m->s.term, term) >= 0))
        return ST_OK;
    m->started = true;
    memcpy(m->here + m->nhere, m->heap, m->nheap * sizeof(*m->heap));
    size_t n = m->nhere + m->nheap;
    m->nheap = 0;
    for (size_t i = 0; i < n; i++) {
        struct post_source *s = m->here[i].source;
        bool behind = !s->term.n || str_cmp(s->term, term) < 0;
        enum st st = behind ? s->ops->seek(s, term, err) : ST_OK;
        if (st != ST_OK)
            return st;
        put_back(m, m->here[i]);
    }
    stand(m);
    return ST_OK;
}

static enum st part(struct post_source *source, struct post_part *out, struct err *err)
{
    struct post_merge *m = (struct post_merge *)source;
    *out = (struct post_part){0};
    for (; m->at < m->nhere; m->at++) {
        struct post_source *s = m->here[m->at].source;
        enum st st = s->ops->part(s, out, err);
        if (st != ST_OK || out->packed.n)
            return st;
    }
    return ST_OK;
}

static void close_merge(struct post_source *source)
{
    struct post_merge *m = (struct post_merge *)source;
    for (size_t i = 0; i < m->n; i++)
        m->all[i]->ops->close(m->all[i]);
    free(m->all);
    free(m->heap);
    free(m->here);
    free(m);
}

static const struct post_source_ops merge_ops = {seek, next, part, close_merge};

static enum st open_all(struct post_merge *m, const struct post_input *const *input, size_t n,
                        struct err *err)
{
    m->all = calloc(n + 1, sizeof(struct post_source *));
    m->heap = calloc(n + 1, sizeof(*m->heap));
    m->here = calloc(n + 1, sizeof(*m->here));
    if (!m->all || !m->heap || !m->here)
        return err_nomem(err);
    for (; m->n < n; m->n++) {
        enum st st = input[m->n]->ops->open(input[m->n], &m->all[m->n], err);
        if (st != ST_OK)
            return st;
        m->heap[m->nheap++] = (struct node){.source = m->all[m->n], .input = m->n};
    }
    return ST_OK;
}

enum st post_merge_open(const struct post_input *const *input, size_t n, struct post_source **out,
                        struct err *err)
{
    struct post_merge *m = calloc(1, sizeof(*m));
    if (!m)
        return err_nomem(err);
    m->s.ops = &merge_ops;
    enum st st = open_all(m, input, n, err);
    if (st == ST_OK)
        *out = &m->s;
    else
        close_merge(&m->s);
    return st;
}
