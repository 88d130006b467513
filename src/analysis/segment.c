/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The best path over the word graph.
 *
 * The nodes are the places between the items of a run of text. An edge is a lexicon word, a lone
 * character, or an atom (atom.c), and costs the negative logarithm of its probability, so the
 * cheapest path is the likeliest sequence of words if words did not depend on one another. Costs
 * are whole numbers; a path of 4,096 characters of the largest cost fits 32 bits. Places inside an
 * atom are no nodes: a word may step over a whole atom (B超, 卡拉OK) but not into one.
 *
 * The graph is walked once from left to right; nothing is allocated.
 */

#include "segment.h"

#define NO_LEXICON_COST (20 * LEX_COST_ONE)
#define AHEAD           6 /* places between fetching and looking up */

static void relax(struct words *w, size_t from, size_t to, uint32_t cost, enum an_kind kind,
                  uint32_t id)
{
    uint32_t total = w->best[from] + cost;
    if (total >= w->best[to])
        return;
    w->best[to] = total;
    w->length[to] = (uint16_t)(to - from);
    w->step[to] = (uint8_t)kind;
    w->via[to] = id;
}

/* An atom is one edge, or one for each of its pieces. */
static void relax_atom(struct words *w, size_t at, const struct atom *atom, uint32_t cost)
{
    if (atom->npieces == 0)
        relax(w, at, at + atom->n, cost, atom->kind, AN_NO_WORD);
    for (size_t i = 0; i < atom->npieces; i++) {
        relax(w, at, at + atom->piece[i], cost, atom->piece_kind[i], AN_NO_WORD);
        at += atom->piece[i];
        cost = 0;
    }
}

/* The edges from a node: the atom or lone character that begins there, and the lexicon's words,
 * none of which may end within the atom. Returns the next place that is a node. */
static size_t add_edges(const struct lex *lex, const struct items *it, size_t at, size_t to,
                        struct words *w)
{
    uint32_t unknown = lex ? lex_unknown_cost(lex) : NO_LEXICON_COST;
    struct lex_match match[LEX_WORD_MAX];
    size_t node = at, next = at + 1;
    if (it->kind[at] == ITEM_HAN) {
        relax(w, at, next, unknown, AN_WORD, AN_NO_WORD);
    } else {
        struct atom atom = atom_read(it, at, to, w);
        node = next = at + atom.n;
        relax_atom(w, at, &atom, unknown);
    }
    if (!lex)
        return next;
    if (at + AHEAD < to)
        lex_fetch(lex, w->code + at + AHEAD, to - at - AHEAD);
    size_t n = lex_prefixes_of(lex, w->code + at, to - at, match, LEX_WORD_MAX);
    for (size_t i = 0; i < n; i++)
        if (at + match[i].length > node)
            relax(w, at, at + match[i].length, match[i].cost, AN_WORD, match[i].word);
    return next;
}

/* Follow the last steps back from the end and note where each word begins. */
static void keep_path(struct words *w, size_t from, size_t to)
{
    while (to > from) {
        size_t at = to - w->length[to];
        w->n[at] = w->step[to] == AN_KINDS ? 0 : w->length[to];
        w->kind[at] = w->step[to];
        w->id[at] = w->via[to];
        to = at;
    }
}

void segment_run(const struct lex *lex, const struct items *it, size_t from, size_t to,
                 struct words *w)
{
    memset(w->n + from, 0, (to - from) * sizeof(w->n[0]));
    memset(w->best + from + 1, 0xff, (to - from) * sizeof(w->best[0]));
    w->best[from] = 0;
    if (lex)
        lex_codes(lex, it->cp + from, to - from, w->code + from);
    for (size_t at = from; at < to;)
        at = add_edges(lex, it, at, to, w);
    keep_path(w, from, to);
}
