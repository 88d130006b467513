/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The word graph as the search for the best path left it.
 *
 * Nothing is computed anew: the costs of words by their first item, the far edges by the place
 * where they end, and the best way to each place are all still there behind a segmentation
 * (words.h). They are read place by place, as the path was found: of all edges that end at a
 * place the one with the least total is the best way there, and the steps from the end back are the
 * path.
 *
 * Places inside an atom are no nodes, so what begins or ends at one is left out. Where the lexicon
 * has a word for just the items of an atom, the path takes the cheaper of the two costs and the
 * kind of the atom; they are one edge here too.
 *
 * Words that are found over the path (names, unknown words, quoted units) are no edges.
 */

#include "graph.h"

#define WAYS (LEX_WORD_MAX + 1) /* that end at one place: a word of each length, and an atom */

struct way {
    size_t from;
    uint32_t cost, word;
};

struct ways {
    struct way way[WAYS];
    size_t n;
};

/* Keep them in order of from, and of two between the same places the cheaper. */
static void add_way(struct ways *ways, size_t from, uint32_t cost, uint32_t word)
{
    size_t i = ways->n;
    while (i > 0 && ways->way[i - 1].from > from)
        i--;
    struct way *before = i > 0 ? &ways->way[i - 1] : NULL;
    if (before && before->from == from) {
        if (cost < before->cost)
            *before = (struct way){from, cost, word};
        return;
    }
    memmove(ways->way + i + 1, ways->way + i, (ways->n - i) * sizeof(ways->way[0]));
    ways->way[i] = (struct way){from, cost, word};
    ways->n++;
}

static void find_ways(const struct words *w, size_t to, struct ways *out)
{
    out->n = 0;
    for (size_t e = w->graph.far_at[to]; e != 0; e = w->graph.far[e].next)
        if (!w->graph.inside[w->graph.far[e].from])
            add_way(out, w->graph.far[e].from, w->graph.far[e].cost, w->graph.far[e].word);
    for (size_t n = 1; n <= DENSE_MAX && n <= to; n++)
        if (w->graph.cost[n - 1][to - n] < LEX_NO_COST && !w->graph.inside[to - n])
            add_way(out, to - n, w->graph.cost[n - 1][to - n], w->graph.word[n - 1][to - n]);
}

/* Mark the places that the path goes through. */
static void find_path(const struct words *w, size_t n, bool on_path[CHUNK + 1])
{
    memset(on_path, 0, n + 1);
    for (size_t to = n; to > 0; to -= words_step(w, to))
        on_path[to] = true;
}

/* What an edge is. Symbols alone, which make no word, are characters as separators are. */
static enum an_kind kind_of(const struct graph *g, const struct way *way, const struct atom *atom)
{
    if (atom)
        return atom->kind == AN_KINDS ? AN_CHAR : atom->kind;
    return item_is_text(g->it->kind[way->from]) ? AN_WORD : AN_CHAR;
}

static struct an_edge edge_of(const struct graph *g, const struct way *way, size_t to,
                              const struct atom *atom)
{
    const struct items *it = g->it;
    struct an_edge edge = {
        .from = g->place + (uint32_t)way->from,
        .to = g->place + (uint32_t)to,
        .start = it->start[way->from],
        .end = it->end[to - 1],
        .cp = it->cp + way->from,
        .ncp = (uint16_t)(to - way->from),
        .kind = (uint8_t)kind_of(g, way, atom),
        .word = atom ? AN_NO_WORD : way->word,
        .cost = way->cost,
        .total = g->total + words_total(g->w, way->from) + way->cost,
    };
    size_t ncp;
    const uint32_t *spelling =
        edge.word & LEX_SPELLED && g->lex ? lex_spelling(g->lex, edge.word, &ncp) : NULL;
    if (spelling) {
        edge.cp = spelling;
        edge.ncp = (uint16_t)ncp;
    }
    return edge;
}

/* The atom that ends at a place, of the atoms from *next on, which are behind the place before. */
static const struct placed_atom *atom_before(const struct words *w, size_t to, size_t *next)
{
    while (*next < w->graph.natoms && w->graph.atom[*next].from + w->graph.atom[*next].atom.n < to)
        ++*next;
    const struct placed_atom *a = &w->graph.atom[*next];
    return *next < w->graph.natoms && a->from + a->atom.n == to ? a : NULL;
}

enum st graph_chunk(struct graph *g, size_t n)
{
    const struct words *w = g->w;
    bool on_path[CHUNK + 1];
    struct an_edge edge[WAYS];
    struct ways ways;
    size_t next_atom = 0;
    enum st st = ST_OK;
    find_path(w, n, on_path);
    for (size_t to = 1; to <= n && st == ST_OK; to++) {
        if (w->graph.inside[to])
            continue;
        const struct placed_atom *a = atom_before(w, to, &next_atom);
        find_ways(w, to, &ways);
        for (size_t i = 0; i < ways.n; i++) {
            const struct way *way = &ways.way[i];
            edge[i] = edge_of(g, way, to, a && a->from == way->from ? &a->atom : NULL);
            edge[i].chosen = on_path[to] && words_step(w, to) == to - way->from;
        }
        st = g->sink(g->ctx, edge, ways.n);
    }
    g->place += (uint32_t)n;
    g->total += words_total(w, n);
    return st;
}
