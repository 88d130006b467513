/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Listing the words of a compiled lexicon, and finding one.
 *
 * A double array is made for going down. To list its words every node is taken that ends one, and
 * the way up to the root gives its characters: no two nodes share a base, so the base that a node
 * hangs on, its own place less its code, tells its parent. Codes are turned back into code points
 * by reading the code map the other way round.
 *
 * A damaged file gives wrong words or fewer: a way up that leaves the array, or is longer than a
 * word may be, is no word.
 */

#include "format.h"
#include <stdlib.h>

#define NO_NODE UINT32_MAX

struct walk {
    const struct lex_node *node;
    size_t nnode;
    uint32_t *owner; /* of each base: the node that has it, or NO_NODE */
    uint32_t *cp;    /* of each code */
};

static enum st find_owners(struct walk *w, struct err *err)
{
    w->owner = malloc((w->nnode + 1) * sizeof(*w->owner));
    if (!w->owner)
        return err_nomem(err);
    for (size_t i = 0; i < w->nnode; i++)
        w->owner[i] = NO_NODE;
    for (size_t i = 0; i < w->nnode; i++)
        if (w->node[i].base != 0 && w->node[i].base < w->nnode &&
            (i == 0 || w->node[i].code != LEX_FREE))
            w->owner[w->node[i].base] = (uint32_t)i;
    return ST_OK;
}

static enum st find_characters(const struct lex *lex, struct walk *w, struct err *err)
{
    uint16_t code;
    w->cp = calloc((size_t)UINT16_MAX + 1, sizeof(*w->cp));
    if (!w->cp)
        return err_nomem(err);
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        lex_codes(lex, &cp, 1, &code);
        w->cp[code] = code != LEX_NO_CODE ? cp : 0;
    }
    return ST_OK;
}

/* The characters of the word that ends at node i, in out; their number, 0 when it is no word. */
static uint32_t characters_of(const struct walk *w, size_t i, uint32_t out[LEX_WORD_MAX])
{
    uint32_t back[LEX_WORD_MAX], n = 0;
    while (i != 0) {
        uint16_t code = w->node[i].code;
        if (n == LEX_WORD_MAX || code == 0 || w->cp[code] == 0 || code >= i)
            return 0;
        back[n++] = w->cp[code];
        i = w->owner[i - code];
        if (i == NO_NODE)
            return 0;
    }
    for (uint32_t k = 0; k < n; k++)
        out[k] = back[n - 1 - k];
    return n;
}

static enum st take_words(const struct walk *w, lex_take *take, void *ctx)
{
    uint32_t cp[LEX_WORD_MAX];
    enum st st = ST_OK;
    for (size_t i = 1; i < w->nnode && st == ST_OK; i++) {
        if (w->node[i].code == LEX_FREE || w->node[i].cost == LEX_NO_WORD)
            continue;
        struct lex_match m = {.length = characters_of(w, i, cp),
                              .word = lex_number(w->node[i], i),
                              .cost = lex_node_cost(w->node[i])};
        if (m.length != 0)
            st = take(ctx, cp, &m);
    }
    return st;
}

enum st lex_each(const struct lex *lex, lex_take *take, void *ctx, struct err *err)
{
    struct walk w = {0};
    w.node = lex_section(lex, LEX_SEC_NODES, sizeof(*w.node), &w.nnode);
    if (!w.node)
        return err_set(err, ST_DAMAGED, "lexicon: a section lies out of bounds");
    enum st st = find_owners(&w, err);
    if (st == ST_OK)
        st = find_characters(lex, &w, err);
    if (st == ST_OK)
        st = take_words(&w, take, ctx);
    free(w.owner);
    free(w.cp);
    return st;
}

bool lex_find(const struct lex *lex, const uint32_t *cp, size_t n, struct lex_match *out)
{
    uint16_t code[LEX_WORD_MAX];
    struct lex_match match[LEX_WORD_MAX];
    if (n == 0 || n > LEX_WORD_MAX)
        return false;
    lex_codes(lex, cp, n, code);
    size_t found = lex_prefixes_of(lex, code, n, match, LEX_WORD_MAX);
    if (found == 0 || match[found - 1].length != n)
        return false;
    *out = match[found - 1];
    return true;
}
