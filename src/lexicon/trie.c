/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Building the double array.
 *
 * The words come in order, so the children of a node are runs of neighbouring words with the same
 * next code. Nodes are placed depth by depth, at each depth those of the most frequent characters
 * first, so that what most lookups touch lies close together. A node's base is the first for which
 * all its children fall on free places. It is looked for among 64 bases at a time: the places that
 * are taken are bits, and those that one child would fall on for each of 64 bases are 64 bits in a
 * row. The fewer megabytes the nodes lie in, the faster is looking words up.
 *
 * Invariant: no two nodes have the same base, so that a node's code is enough to tell its parent.
 */

#include "format.h"
#include <stdlib.h>
#include <string.h>

#define CODES ((size_t)65536) /* more than there can be */
#define FEW   8               /* children that fit nearly anywhere */

struct trie {
    struct lex_node *node;
    uint64_t *taken;   /* a bit for each place */
    uint64_t *based;   /* a bit for each place that is a base */
    size_t n;          /* places there are, a multiple of 64 */
    size_t used;       /* one more than the last place taken */
    size_t start[FEW]; /* where to look for the base of so many children, in words of bits */
    bool failed;
};

/* A node whose children are still to be placed: words [from, to) share its first depth codes. */
struct pending {
    uint32_t node, depth;
    size_t from, to;
};

static void *more(struct trie *t, void *p, size_t n, size_t need, size_t size)
{
    char *grown = realloc(p, need * size);
    if (!grown) {
        t->failed = true;
        return p;
    }
    memset(grown + n * size, 0, (need - n) * size);
    return grown;
}

/* Make room for a node with any children behind the last place. */
static void reserve(struct trie *t)
{
    size_t n = t->n ? t->n : 4 * CODES;
    while (n < t->used + 2 * CODES)
        n += n / 2 / 64 * 64;
    if (n == t->n)
        return;
    t->node = more(t, t->node, t->n, n, sizeof(*t->node));
    t->taken = more(t, t->taken, t->n / 64, n / 64, sizeof(*t->taken));
    t->based = more(t, t->based, t->n / 64, n / 64, sizeof(*t->based));
    t->failed |= n > UINT32_MAX;
    for (size_t i = t->n; i < n && !t->failed; i++)
        t->node[i] = (struct lex_node){.code = LEX_FREE, .cost = LEX_NO_WORD};
    t->n = n;
}

/* The 64 bits from place `at` on. */
static uint64_t taken_from(const struct trie *t, size_t at)
{
    uint64_t low = t->taken[at / 64] >> at % 64;
    return at % 64 == 0 ? low : low | t->taken[at / 64 + 1] << (64 - at % 64);
}

/* Those of the 64 bases from 64 * word on that cannot be. */
static uint64_t unfit(const struct trie *t, size_t word, const uint16_t *code, size_t n)
{
    uint64_t bad = t->based[word];
    for (size_t i = 0; i < n && ~bad != 0; i++)
        bad |= taken_from(t, word * 64 + code[i]);
    return bad;
}

/* The first base for n children with these codes. A few children, which is what most nodes have,
 * fit nearly anywhere, so that looking for as many goes on where the last ones were put. */
static size_t find_base(struct trie *t, const uint16_t *code, size_t n)
{
    size_t word = n < FEW ? t->start[n] : 0;
    uint64_t bad;
    while (~(bad = unfit(t, word, code, n)) == 0)
        word++;
    if (n < FEW)
        t->start[n] = word;
    return word * 64 + (size_t)__builtin_ctzll(~bad);
}

static void set(uint64_t *bits, size_t at)
{
    bits[at / 64] |= (uint64_t)1 << at % 64;
}

static void take(struct trie *t, size_t at, uint16_t code)
{
    set(t->taken, at);
    t->node[at].code = code;
    if (at >= t->used)
        t->used = at + 1;
}

/* Gather the different codes at a depth of words [from, to). */
static size_t child_codes(const struct trie_word *word, const struct pending *p, uint16_t *code)
{
    size_t n = 0;
    for (size_t i = p->from; i < p->to; i++) {
        uint16_t c = word[i].code[p->depth];
        if (n == 0 || code[n - 1] != c)
            code[n++] = c;
    }
    return n;
}

/* Place the children of p and push them. Returns how many were pushed. */
static size_t place_children(struct trie *t, const struct trie_word *word, struct pending p,
                             uint16_t *code, struct pending *push)
{
    size_t n = child_codes(word, &p, code), from = p.from;
    reserve(t);
    if (t->failed)
        return 0;
    size_t base = find_base(t, code, n);
    t->node[p.node].base = (uint32_t)base;
    set(t->based, base);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = (uint32_t)base + code[i];
        take(t, at, code[i]);
        size_t to = from;
        while (to < p.to && word[to].code[p.depth] == code[i])
            to++;
        push[i] = (struct pending){at, p.depth + 1, from, to};
        from = to;
    }
    return n;
}

/* A word that ends at p is the first of its words, for it is the shortest. */
static void end_word(struct trie *t, const struct trie_word *word, struct pending *p)
{
    if (p->depth > 0 && word[p->from].n == p->depth) {
        t->node[p->node].cost = word[p->from].cost;
        p->from++;
    }
}

/* Place the children of all nodes of one depth; those that have words beyond are written to next.
 * Returns how many. */
static size_t place_depth(struct trie *t, const struct trie_word *word, struct pending *node,
                          size_t n, uint16_t *code, struct pending *next)
{
    size_t children = 0;
    for (size_t i = 0; i < n && !t->failed; i++) {
        end_word(t, word, &node[i]);
        if (node[i].from < node[i].to)
            children += place_children(t, word, node[i], code, next + children);
    }
    return children;
}

enum st trie_build(const struct trie_word *word, size_t n, struct lex_node **nodes, size_t *nnodes,
                   struct err *err)
{
    struct trie t = {.used = 1};
    /* Each word is in at most one node of a depth, and each of those has a word. */
    struct pending *node = calloc(n + 1, sizeof(*node)), *next = calloc(n + 1, sizeof(*next));
    uint16_t *code = malloc(CODES * sizeof(*code));
    size_t left = 1;
    reserve(&t);
    t.failed |= !node || !next || !code;
    if (!t.failed) {
        node[0] = (struct pending){0, 0, 0, n};
        set(t.taken, 0); /* the root, which is no base either */
        set(t.based, 0);
    }
    while (left > 0 && !t.failed) {
        left = place_depth(&t, word, node, left, code, next);
        struct pending *done = node;
        node = next;
        next = done;
    }
    free(node);
    free(next);
    free(code);
    free(t.taken);
    free(t.based);
    if (t.failed) {
        free(t.node);
        return err_nomem(err);
    }
    *nodes = t.node;
    *nnodes = t.used;
    return ST_OK;
}
