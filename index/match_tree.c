/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Plain query trees made ready for the matcher.
 *
 * Factors of weights are carried down to the leaves, equal leaves are made one, bounds of dates
 * become numbers. Whoever made the tree has bounded it by limits of their own; the bounds here keep
 * recursion and memory in hand. Shared nodes count each time they are met. A term that glass cannot
 * hold is in no document.
 */

#include "match_tree.h"
#include "record.h"
#include <math.h>
#include <stdlib.h>

struct making {
    struct built *b;
    size_t nodes, prefixes;
    struct err *err;
};

static enum st make(struct making *m, const struct ix_node *node, unsigned depth, double factor,
                    struct tree **out);

static struct tree *new_tree(struct making *m, enum ix_op op, double factor)
{
    struct tree *t = arena_calloc(&m->b->arena, 1, sizeof(*t));
    if (t) {
        t->op = op;
        t->factor = factor;
    }
    return t;
}

/* ---- leaves ---- */

static struct leaf *same_leaf(const struct built *b, const struct ix_node *node)
{
    for (size_t i = 0; i < b->nleaf; i++) {
        struct leaf *leaf = b->leaf[i];
        if (leaf->prefix == (node->op == IX_PREFIX) && str_eq(leaf->bytes, node->term) &&
            leaf->most == node->most && leaf->take == node->take &&
            leaf->take_ctx == node->take_ctx)
            return leaf;
    }
    return NULL;
}

/* The leaf of a node, made when there is none like it. */
static struct leaf *leaf_of(struct built *b, const struct ix_node *node)
{
    struct leaf *leaf = same_leaf(b, node);
    if (leaf)
        return leaf;
    struct leaf **more = array_room(b->leaf, b->nleaf, &b->leaf_cap, sizeof(struct leaf *));
    if (!more)
        return NULL;
    b->leaf = more;
    leaf = arena_calloc(&b->arena, 1, sizeof(*leaf));
    struct leaf_part *part = arena_calloc(&b->arena, b->nsegment + 1, sizeof(*part));
    if (!leaf || !part)
        return NULL;
    *leaf = (struct leaf){.bytes = node->term,
                          .prefix = node->op == IX_PREFIX,
                          .most = node->most,
                          .take = node->take,
                          .take_ctx = node->take_ctx,
                          .part = part};
    return b->leaf[b->nleaf++] = leaf;
}

static enum st make_leaf(struct making *m, const struct ix_node *node, struct tree *t)
{
    bool prefix = node->op == IX_PREFIX;
    if (prefix && ++m->prefixes > IX_PREFIX_MAX)
        return err_set(m->err, ST_TOO_MUCH, "the query has more than %u characters by themselves",
                       IX_PREFIX_MAX);
    if (node->term.n == 0 || term_cost(node->term) > IX_TERM_MAX) {
        t->op = IX_NONE;
        return ST_OK;
    }
    t->leaf = leaf_of(m->b, node);
    return t->leaf ? ST_OK : err_nomem(m->err);
}

/* The first date, as a number of eight digits, whose digits are not below a string, or with
 * `above`, are above it. */
static uint32_t first_date(struct str bound, bool above)
{
    uint32_t low = 1, high = 100000000;
    while (low < high) {
        char digits[9];
        uint32_t middle = low + (high - low) / 2, v = middle;
        for (int i = 7; i >= 0; i--, v /= 10)
            digits[i] = (char)('0' + v % 10);
        int order = str_cmp(str_from(digits, 8), bound);
        if (order > 0 || (order == 0 && !above))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static enum st make_range(struct making *m, const struct ix_node *node, struct tree *t)
{
    if (node->slot != IX_SLOT_DATE)
        return err_set(m->err, ST_INTERNAL, "a range of values that are no dates");
    t->low = first_date(node->term, false);
    t->high = node->high.n ? first_date(node->high, true) - 1 : UINT32_MAX;
    return ST_OK;
}

/* ---- nodes ---- */

/* What the weights of a kid are multiplied by. */
static double factor_of(const struct ix_node *node, size_t kid, double factor)
{
    bool silent = kid > 0 && (node->op == IX_FILTER || node->op == IX_AND_NOT);
    return silent ? 0 : factor;
}

static enum st make_kids(struct making *m, const struct ix_node *node, unsigned depth,
                         double factor, struct tree *t)
{
    t->kid = arena_calloc(&m->b->arena, 2 * node->nkid + 1, sizeof(struct tree *));
    if (!t->kid)
        return err_nomem(m->err);
    t->order = t->kid + node->nkid;
    for (; t->nkid < node->nkid; t->nkid++) {
        enum st st = make(m, node->kid[t->nkid], depth + 1, factor_of(node, t->nkid, factor),
                          &t->kid[t->nkid]);
        if (st != ST_OK)
            return st;
        t->order[t->nkid] = t->kid[t->nkid];
        t->asks = t->asks || t->kid[t->nkid]->asks;
    }
    if (t->nkid == 0)
        t->op = IX_NONE;
    return ST_OK;
}

static enum st make_scale(struct making *m, const struct ix_node *node, unsigned depth,
                          double factor, struct tree **out)
{
    if (node->nkid != 1 || !isfinite(node->factor) || node->factor < 0)
        return err_set(m->err, ST_INTERNAL, "a scaled query needs one kid and a factor");
    return make(m, node->kid[0], depth + 1, factor * node->factor, out);
}

static enum st make_where(struct making *m, const struct ix_node *node, unsigned depth,
                          double factor, struct tree *t)
{
    if (node->nkid != 1 || !node->accept)
        return err_set(m->err, ST_INTERNAL, "a condition in a query needs one kid");
    t->accept = node->accept;
    t->glance = node->glance;
    t->accept_ctx = node->accept_ctx;
    enum st st = make_kids(m, node, depth, factor, t);
    t->asks = true;
    return st;
}

static enum st make_enough(struct making *m, const struct ix_node *node, unsigned depth,
                           double factor, struct tree *t)
{
    enum st st = make_kids(m, node, depth, factor, t);
    t->least = node->least;
    for (size_t i = 0; i < t->nkid && st == ST_OK; i++) {
        if (node->mass[i] > IX_MASS_MAX)
            return err_set(m->err, ST_INTERNAL, "a mass of %u in a query", node->mass[i]);
        t->kid[i]->mass = node->mass[i];
    }
    return st;
}

static enum st fill(struct making *m, const struct ix_node *node, unsigned depth, double factor,
                    struct tree *t)
{
    switch (node->op) {
    case IX_TERM:
    case IX_PREFIX:
        return make_leaf(m, node, t);
    case IX_RANGE:
        return make_range(m, node, t);
    case IX_WHERE:
        return make_where(m, node, depth, factor, t);
    case IX_ENOUGH:
        return make_enough(m, node, depth, factor, t);
    case IX_AND:
    case IX_OR:
    case IX_AND_MAYBE:
    case IX_FILTER:
    case IX_AND_NOT:
        return make_kids(m, node, depth, factor, t);
    case IX_SINCE:
        t->since = node->since;
        return ST_OK;
    case IX_ALL:
    case IX_NONE:
    case IX_SCALE:
        return ST_OK;
    }
    return err_set(m->err, ST_INTERNAL, "an unknown query operation %d", (int)node->op);
}

static enum st make(struct making *m, const struct ix_node *node, unsigned depth, double factor,
                    struct tree **out)
{
    if (depth > IX_DEPTH_MAX)
        return err_set(m->err, ST_TOO_MUCH, "the query is nested deeper than %u", IX_DEPTH_MAX);
    if (++m->nodes > IX_NODES_MAX)
        return err_set(m->err, ST_TOO_MUCH, "the query has more than %u parts", IX_NODES_MAX);
    if (node->op == IX_SCALE)
        return make_scale(m, node, depth, factor, out);
    *out = new_tree(m, node->op, factor);
    return *out ? fill(m, node, depth, factor, *out) : err_nomem(m->err);
}

enum st built_make(struct built *b, const struct ix_node *query, size_t nsegment, uint64_t room,
                   struct err *err)
{
    *b = (struct built){.nsegment = nsegment, .room = room};
    arena_init(&b->arena, SIZE_MAX);
    struct making m = {.b = b, .err = err};
    return make(&m, query, 0, 1, &b->root);
}

void built_fini(struct built *b)
{
    for (size_t i = 0; i < b->nleaf; i++)
        for (size_t k = 0; k < b->nsegment; k++) {
            struct leaf_part *part = &b->leaf[i]->part[k];
            if (part->postings)
                post_cache_give(part->cache, part->postings);
            free(part->sum);
        }
    free(b->leaf);
    arena_fini(&b->arena);
}

/* ---- looking up ---- */

/* Whether a term with the prefix has no more than one character behind it. */
static bool is_near(struct str term, size_t prefix)
{
    size_t more = 0;
    for (size_t i = prefix; i < term.n; i++)
        more += ((unsigned char)term.p[i] & 0xc0) != 0x80;
    return more <= 1;
}

/* Whether a term that begins so is one of those meant. */
static bool is_meant(const struct leaf *leaf, struct str term)
{
    if (leaf->most == 0)
        return is_near(term, leaf->bytes.n);
    return !leaf->take || leaf->take(leaf->take_ctx, term);
}

/* Sums of nothing for the documents of a segment. */
static enum st new_sums(struct built *b, struct leaf_part *part, uint32_t documents,
                        struct err *err)
{
    const uint64_t bytes = ((uint64_t)documents + 1) * sizeof(*part->sum);
    if (bytes > b->room)
        return err_set(err, ST_TOO_MUCH,
                       "so many prefixes and characters by themselves take too much memory");
    b->room -= bytes;
    part->sum = calloc((size_t)documents + 1, sizeof(*part->sum));
    return part->sum ? ST_OK : err_nomem(err);
}

/* Add the postings of the term at which a source stands. */
static enum st add_term(struct leaf_part *part, struct post_source *s, uint32_t documents,
                        struct err *err)
{
    struct postings p;
    struct postings_place at;
    postings_init(&p);
    enum st st = postings_take(&p, s, err);
    if (st == ST_OK && p.n && p.part[p.n - 1].last > documents)
        st = err_set(err, ST_DAMAGED, "a posting of a document that is not there");
    if (st == ST_OK) {
        postings_enter(&p, &at, 0);
        while (at.docid != UINT32_MAX) {
            uint32_t *sum = &part->sum[at.docid];
            uint64_t more = (uint64_t)*sum + postings_take_wdf(&p, &at) + (*sum == 0);
            part->found += *sum == 0;
            *sum = more < UINT32_MAX ? (uint32_t)more : UINT32_MAX;
        }
    }
    postings_fini(&p);
    return st;
}

/* A character may begin thousands of terms: their postings are read one list after the other, which
 * is what is fastest, and added up by document. */
static enum st find_prefix(struct built *b, struct leaf *leaf, struct leaf_part *part,
                           struct columns *c, uint64_t deadline_ns, bool *late, struct err *err)
{
    struct post_source *s;
    const uint32_t documents = columns_documents(c);
    uint64_t terms = 0;
    enum st st = columns_terms(c, &s, err);
    if (st != ST_OK)
        return st;
    st = s->ops->seek(s, leaf->bytes, err);
    while (st == ST_OK && s->term.n && str_starts(s->term, leaf->bytes)) {
        *late = *late || (deadline_ns && clock_ns() >= deadline_ns);
        if (*late)
            return ST_OK;
        bool meant = is_meant(leaf, s->term);
        if (meant && leaf->most && terms++ == leaf->most) {
            leaf->cut = true;
            return ST_OK;
        }
        if (meant && !part->sum)
            st = new_sums(b, part, documents, err);
        if (meant && st == ST_OK && part->sum)
            st = add_term(part, s, documents, err);
        if (st == ST_OK)
            st = s->ops->next(s, err);
    }
    if (st != ST_OK)
        columns_close_terms(c);
    return st;
}

enum st leaf_find(struct built *b, struct leaf *leaf, size_t segment, struct columns *c,
                  uint64_t deadline_ns, bool *late, struct err *err)
{
    struct leaf_part *part = &leaf->part[segment];
    if (leaf->prefix)
        return find_prefix(b, leaf, part, c, deadline_ns, late, err);
    part->cache = columns_cache(c);
    enum st st = post_cache_take(part->cache, c, leaf->bytes, &part->postings, err);
    part->found = st == ST_OK ? part->postings->tf : 0;
    return st;
}
