/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Building the double array.
 *
 * The words come in order, so the children of a node are runs of neighbouring words with the same
 * next code. Nodes are placed depth by depth, at each depth those of the most frequent characters
 * first, so that what most lookups touch lies close together. A node's base is the first for which
 * all its children fall on free places; free places are linked in ascending order, and the search
 * starts at the first free one for the smallest code. Places that stay behind because nothing fits
 * would make each search longer, so after TRIES_MAX misses in vain the search moves its start
 * forward.
 *
 * Invariant: no two nodes have the same base, so that a node's code is enough to tell its parent.
 */

#include "format.h"
#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 4096

struct place {
    uint32_t next, prev; /* in the ring of free places; place 0 is its head */
    bool base_taken;
};

struct trie {
    struct lex_node *node;
    struct place *place;
    size_t n;       /* places there are */
    size_t used;    /* one more than the last place taken */
    uint32_t start; /* where a search begins: 0, or a free place */
    bool failed;
};

/* A node whose children are still to be placed: words [from, to) share its first depth codes. */
struct pending {
    uint32_t node, depth;
    size_t from, to;
};

static void grow(struct trie *t, size_t need)
{
    size_t n = t->n ? t->n : 1024;
    while (n < need)
        n += n / 2;
    struct lex_node *node = realloc(t->node, n * sizeof(*node));
    if (node)
        t->node = node;
    struct place *place = realloc(t->place, n * sizeof(*place));
    if (place)
        t->place = place;
    if (!node || !place || n > UINT32_MAX) {
        t->failed = true;
        return;
    }
    memset(node + t->n, 0, (n - t->n) * sizeof(*node));
    for (size_t i = t->n; i < n; i++) {
        node[i].cost = LEX_NO_WORD;
        place[i] = (struct place){.next = i + 1 < n ? (uint32_t)(i + 1) : 0,
                                  .prev = i > t->n ? (uint32_t)(i - 1) : 0};
    }
    if (t->n == 0) {
        place[0].prev = (uint32_t)(n - 1);
    } else {
        uint32_t last = place[0].prev;
        place[last].next = (uint32_t)t->n;
        place[t->n].prev = last;
        place[0].prev = (uint32_t)(n - 1);
    }
    t->n = n;
}

static bool is_free(const struct trie *t, size_t at)
{
    return at >= t->n || (at > 0 && t->node[at].code == 0);
}

static bool fits(const struct trie *t, size_t base, const uint16_t *code, size_t n)
{
    if (base < t->n && t->place[base].base_taken)
        return false;
    for (size_t i = 1; i < n; i++)
        if (!is_free(t, base + code[i]))
            return false;
    return true;
}

/* A base for children with these codes, ascending. */
static size_t find_base(struct trie *t, const uint16_t *code, size_t n)
{
    uint32_t at = t->start ? t->start : t->place[0].next;
    size_t tries = 0;
    for (; at != 0; at = t->place[at].next) {
        if (at > code[0] && fits(t, at - code[0], code, n))
            return at - code[0];
        if (++tries == TRIES_MAX)
            t->start = at;
    }
    size_t base = t->n > code[0] ? t->n - code[0] : 1;
    while (!fits(t, base, code, n) || !is_free(t, base + code[0]))
        base++;
    return base;
}

static void take(struct trie *t, uint32_t at, uint16_t code)
{
    struct place *p = &t->place[at];
    t->place[p->prev].next = p->next;
    t->place[p->next].prev = p->prev;
    if (t->start == at)
        t->start = p->next;
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
    size_t base = find_base(t, code, n);
    size_t need = base + code[n - 1] + 1;
    if (need > t->n)
        grow(t, need);
    if (t->failed)
        return 0;
    t->node[p.node].base = (uint32_t)base;
    t->place[base].base_taken = true;
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
    uint16_t *code = malloc(65536 * sizeof(*code));
    size_t left = 1;
    grow(&t, 1024);
    t.failed |= !node || !next || !code;
    if (!t.failed)
        node[0] = (struct pending){0, 0, 0, n};
    while (left > 0 && !t.failed) {
        left = place_depth(&t, word, node, left, code, next);
        struct pending *done = node;
        node = next;
        next = done;
    }
    free(node);
    free(next);
    free(code);
    free(t.place);
    if (t.failed) {
        free(t.node);
        return err_nomem(err);
    }
    *nodes = t.node;
    *nnodes = t.used;
    return ST_OK;
}
