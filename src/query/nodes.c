/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Nodes of index queries, and the text of terms in them.
 *
 * Nested ANDs and ORs are joined into one, for the matcher orders the terms of one AND by their
 * frequencies. Everything lives in the arena. Without memory a function returns NULL, and so it
 * does for no kids; the arena remembers which it was.
 */

#include "nodes.h"

#include <gongbao/utf8.h>

struct str q_spell(const struct an_text *t, const char *before, struct arena *a)
{
    const struct str head = str_of(before);
    char *out = arena_alloc(a, head.n + 4 * t->n);
    if (!out)
        return (struct str){0};
    if (head.n)
        memcpy(out, head.p, head.n);
    return str_from(out, head.n + utf8_puts(t->cp, t->n, out + head.n));
}

struct ix_node *q_node_of(struct arena *a, enum ix_op op, struct ix_node **kid, size_t nkid)
{
    struct ix_node *node = arena_calloc(a, 1, sizeof(*node));
    if (node)
        *node = (struct ix_node){.op = op, .kid = kid, .nkid = nkid};
    return node;
}

/* IX_TERM or IX_PREFIX. */
static struct ix_node *leaf(struct arena *a, enum ix_op op, struct str term, double factor)
{
    struct ix_node *node = q_node_of(a, op, NULL, 0);
    if (!node)
        return NULL;
    node->term = term;
    if (factor == 1.0)
        return node;
    struct ix_node **kid = arena_calloc(a, 1, sizeof(struct ix_node *));
    struct ix_node *scaled = kid ? q_node_of(a, IX_SCALE, kid, 1) : NULL;
    if (scaled) {
        kid[0] = node;
        scaled->factor = factor;
    }
    return scaled;
}

struct ix_node *q_term_node(struct arena *a, struct str term, double factor)
{
    return leaf(a, IX_TERM, term, factor);
}

/* How many kids a node brings to one of op. */
static size_t spread(const struct ix_node *node, enum ix_op op)
{
    return !node ? 0 : node->op == op ? node->nkid : 1;
}

struct ix_node *q_join(struct arena *a, enum ix_op op, struct ix_node **kid, size_t nkid)
{
    size_t n = 0;
    for (size_t i = 0; i < nkid; i++)
        n += spread(kid[i], op);
    struct ix_node **flat = arena_calloc(a, n, sizeof(struct ix_node *));
    if (!flat || n == 0)
        return NULL;
    n = 0;
    for (size_t i = 0; i < nkid; i++) {
        size_t more = spread(kid[i], op);
        for (size_t k = 0; k < more; k++)
            flat[n++] = kid[i]->op == op ? kid[i]->kid[k] : kid[i];
    }
    return n == 1 ? flat[0] : q_node_of(a, op, flat, n);
}

struct ix_node *q_join2(struct arena *a, enum ix_op op, struct ix_node *x, struct ix_node *y)
{
    return q_join(a, op, (struct ix_node *[]){x, y}, 2);
}

/* The term of the same letters in a reading, or nothing when term holds other characters. */
static struct str in_reading(struct arena *a, struct str term)
{
    for (size_t i = 0; i < term.n; i++)
        if (term.p[i] < 'a' || term.p[i] > 'z')
            return (struct str){0};
    return str_of(arena_fmt(a, AN_TERM_LETTERS STR_FMT, STR_ARG(term)));
}

/* A quoted run may be a piece of a reading, so letters of one do too. */
struct ix_node *q_find_node(struct arena *a, enum ix_op op, struct str term, double factor,
                            bool exact)
{
    struct str other = exact ? in_reading(a, term) : (struct str){0};
    struct ix_node *node = leaf(a, op, term, factor);
    return other.n ? q_join2(a, IX_OR, node, q_term_node(a, other, factor)) : node;
}

struct ix_node *q_join_terms(struct arena *a, enum ix_op op, const struct term_list *t,
                             double factor)
{
    struct ix_node **kid = arena_calloc(a, t->n, sizeof(struct ix_node *));
    for (size_t i = 0; kid && i < t->n; i++)
        kid[i] = q_term_node(a, t->at[i], factor);
    return kid ? q_join(a, op, kid, t->n) : NULL;
}

static bool is_same(const struct ix_node *x, const struct ix_node *y)
{
    if (x->op == IX_SCALE && y->op == IX_SCALE)
        return x->factor == y->factor && is_same(x->kid[0], y->kid[0]);
    bool leaves = x->op == IX_TERM || x->op == IX_PREFIX;
    return leaves && x->op == y->op && str_eq(x->term, y->term);
}

struct ix_node *q_unite(struct arena *a, struct ix_node *x, struct ix_node *y)
{
    struct ix_node *all = q_join2(a, IX_OR, x, y);
    if (!all || all->op != IX_OR)
        return all;
    size_t n = 0;
    for (size_t i = 0; i < all->nkid; i++) {
        size_t k = 0;
        while (k < n && !is_same(all->kid[k], all->kid[i]))
            k++;
        if (k == n)
            all->kid[n++] = all->kid[i];
    }
    all->nkid = n;
    return all;
}

struct ix_node *q_and_maybe(struct arena *a, struct ix_node *found, struct ix_node *rank)
{
    if (!rank)
        return found;
    struct ix_node **kid = arena_calloc(a, 2, sizeof(struct ix_node *));
    if (!kid || !found)
        return NULL;
    kid[0] = found;
    kid[1] = rank;
    return q_node_of(a, IX_AND_MAYBE, kid, 2);
}
