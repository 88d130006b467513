/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The best path over the word graph.
 *
 * The nodes are the places between the items of a chunk. An edge is a lexicon word, a lone item,
 * or an atom (atom.c), and costs the negative logarithm of its probability, so the cheapest path is
 * the likeliest sequence of words if words did not depend on one another. Places inside an atom are
 * no nodes: a word may step over a whole atom (B超, 卡拉OK) but not into one. No word goes over a
 * separator, which has no code, so that all runs of text are segmented in one go.
 *
 * Each stage is a loop over the whole chunk that hardly ever branches on the text: which words
 * there are is as good as random to the processor, and a branch on it, guessed wrong, costs more
 * than the lookup. So the words are found length by length at all places (lexicon.h); those of up
 * to DENSE_MAX characters, nearly all, lie in arrays by their first item; the few longer ones and
 * the atoms are listed by the place where they end. The path is then computed from left to right by
 * looking back from each place.
 */

#include "words.h"

#define NO_LEXICON_COST (20 * LEX_COST_ONE)

/* A path's cost with the length of its last step in the low bits, inverted, so that of two equally
 * cheap ways the one with the longer last step is the smaller number. */
#define STEP_BITS 16
#define STEP_MASK 0xffffu

static uint64_t path_add(uint64_t path, uint32_t cost, size_t length)
{
    return (path | STEP_MASK) + ((uint64_t)cost << STEP_BITS) - length;
}

#define UNREACHED ((uint64_t)1 << 62)

static size_t path_step(uint64_t path)
{
    return STEP_MASK - (path & STEP_MASK);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- Edges ---- */

static void add_far_edge(struct words *w, size_t from, size_t n, uint32_t cost, uint32_t word)
{
    if (w->graph.nfar == FAR_EDGES)
        return;
    size_t end = from + n;
    w->graph.far[++w->graph.nfar] = (struct far_edge){.word = word,
                                                      .cost = cost,
                                                      .from = (uint16_t)from,
                                                      .n = (uint16_t)n,
                                                      .next = w->graph.far_at[end]};
    w->graph.far_at[end] = (uint16_t)w->graph.nfar;
}

static size_t run_end(const struct items *it, size_t at, size_t n)
{
    while (at < n && item_is_text(it->kind[at]))
        at++;
    return at;
}

static void add_atom(struct words *w, size_t at, const struct atom *atom)
{
    w->graph.atom[w->graph.natoms++] = (struct placed_atom){.from = (uint16_t)at, .atom = *atom};
    if (atom->n > 1) {
        add_far_edge(w, at, atom->n, w->graph.unknown, AN_NO_WORD);
        memset(w->graph.inside + at + 1, 1, atom->n - 1);
    }
}

/* The atoms of the text from item at on, up to the next Han character or separator. */
static size_t read_stretch(const struct items *it, size_t at, size_t n, struct words *w)
{
    size_t end = run_end(it, at, n);
    while (at < end && it->kind[at] != ITEM_HAN) {
        struct atom atom = atom_read(it, at, end, w);
        add_atom(w, at, &atom);
        at += atom.n;
    }
    return at;
}

static void read_atoms(const struct items *it, size_t n, struct words *w)
{
    size_t at = read_stretch(it, 0, n, w); /* what is left of the chunk before */
    for (size_t i = 0; i < it->nothers && it->other[i] < n; i++)
        if (it->other[i] >= at)
            at = read_stretch(it, it->other[i], n, w);
}

/* The words of more than DENSE_MAX characters among n places of front. */
static void find_long_words(const struct lex *lex, struct words *w, struct lex_place *front,
                            struct lex_place *next, size_t n)
{
    uint32_t *cost = w->graph.cost[DENSE_MAX], *word = w->graph.word[DENSE_MAX];
    for (size_t length = DENSE_MAX + 1; n > 0 && length <= LEX_WORD_MAX; length++) {
        n = lex_longer(lex, w->graph.code + length - 1, front, n, next, cost, word);
        for (size_t i = 0; i < n; i++)
            if (cost[next[i].at] < LEX_NO_COST)
                add_far_edge(w, next[i].at, length, cost[next[i].at], word[next[i].at]);
        struct lex_place *swap = front;
        front = next;
        next = swap;
    }
}

/* Separators are in no word and have no code, so that no word goes over one. */
static void find_words(const struct lex *lex, const struct items *it, size_t n, struct words *w)
{
    size_t left = lex_first(lex, it->cp, n, w->graph.code, w->graph.front[0], w->graph.cost[0],
                            w->graph.word[0]);
    unsigned side = 0;
    for (size_t length = 2; length <= DENSE_MAX; length++) {
        memset(w->graph.cost[length - 1], LEX_NO_COST & 0xff, n * sizeof(w->graph.cost[0][0]));
        left =
            lex_longer(lex, w->graph.code + length - 1, w->graph.front[side], left,
                       w->graph.front[!side], w->graph.cost[length - 1], w->graph.word[length - 1]);
        side = !side;
    }
    find_long_words(lex, w, w->graph.front[side], w->graph.front[!side], left);
}

/* ---- The path ---- */

static uint64_t far_path(const struct words *w, size_t to, uint64_t path)
{
    for (size_t e = w->graph.far_at[to]; e != 0; e = w->graph.far[e].next)
        path = least(path, path_add(w->graph.best[w->graph.far[e].from], w->graph.far[e].cost,
                                    w->graph.far[e].n));
    return path;
}

/* The window holds the best ways seen so far to the places ahead, as far as a dense word reaches.
 */
static void find_path(size_t n, struct words *w)
{
    uint64_t now = 0, one = UNREACHED, two = UNREACHED, three = UNREACHED, four = UNREACHED;
    for (size_t at = 0;; at++) {
        if (w->graph.far_at[at] != 0)
            now = far_path(w, at, now);
        if (w->graph.inside[at])
            now = UNREACHED;
        w->graph.best[at] = now;
        if (at == n)
            return;
        one = least(two, path_add(now, w->graph.cost[0][at], 1));
        two = least(three, path_add(now, w->graph.cost[1][at], 2));
        three = least(four, path_add(now, w->graph.cost[2][at], 3));
        four = path_add(now, w->graph.cost[3][at], 4);
        now = one;
    }
}

/* The word of n items at `at` is a lexicon word: its number. */
static uint32_t word_at(const struct words *w, size_t at, size_t n)
{
    if (n <= DENSE_MAX)
        return w->graph.word[n - 1][at];
    for (size_t e = w->graph.far_at[at + n]; e != 0; e = w->graph.far[e].next)
        if (w->graph.far[e].from == at)
            return w->graph.far[e].word;
    return AN_NO_WORD;
}

static void keep_step(const struct items *it, size_t at, size_t n, struct words *w)
{
    w->n[at] = (uint16_t)(item_is_text(it->kind[at]) ? n : 0);
    w->kind[at] = AN_WORD;
    w->id[at] = word_at(w, at, n);
}

static void keep_word(struct words *w, size_t at, size_t n, enum an_kind kind)
{
    w->n[at] = (uint16_t)(kind == AN_KINDS ? 0 : n);
    w->kind[at] = (uint8_t)kind;
    w->id[at] = AN_NO_WORD;
}

static void keep_atom(struct words *w, size_t at, const struct atom *atom)
{
    if (atom->npieces == 0)
        keep_word(w, at, atom->n, atom->kind);
    for (size_t i = 0; i < atom->npieces; i++) {
        keep_word(w, at, atom->piece[i], atom->piece_kind[i]);
        at += atom->piece[i];
    }
}

/* Follow the last steps back from the end and note where each word begins. */
static void keep_path(const struct items *it, size_t n, struct words *w)
{
    size_t atoms = w->graph.natoms;
    memset(w->n, 0, n * sizeof(w->n[0]));
    for (size_t to = n; to > 0;) {
        size_t step = path_step(w->graph.best[to]), at = to - step;
        while (atoms > 0 && w->graph.atom[atoms - 1].from > at)
            atoms--;
        const struct placed_atom *a = atoms > 0 ? &w->graph.atom[atoms - 1] : NULL;
        if (a && a->from == at && a->atom.n == step)
            keep_atom(w, at, &a->atom);
        else
            keep_step(it, at, step, w);
        to = at;
    }
}

/* Without a lexicon every Han character is a word. */
static void find_characters(size_t n, struct words *w)
{
    for (size_t i = 0; i < n; i++) {
        w->graph.cost[0][i] = w->graph.unknown;
        w->graph.word[0][i] = AN_NO_WORD;
        for (size_t k = 1; k < DENSE_MAX; k++)
            w->graph.cost[k][i] = LEX_NO_COST;
    }
}

void segment_items(const struct lex *lex, const struct items *it, size_t n, struct words *w)
{
    w->graph.natoms = w->graph.nfar = 0;
    w->graph.unknown = lex ? lex_unknown_cost(lex) : NO_LEXICON_COST;
    memset(w->graph.far_at, 0, (n + 1) * sizeof(w->graph.far_at[0]));
    memset(w->graph.inside, 0, n + 1);
    read_atoms(it, n, w);
    if (lex) {
        find_words(lex, it, n, w);
    } else {
        find_characters(n, w);
    }
    find_path(n, w);
    keep_path(it, n, w);
}

uint32_t words_cost(const struct words *w, size_t at)
{
    return (uint32_t)(words_total(w, at + w->n[at]) - words_total(w, at));
}

uint64_t words_total(const struct words *w, size_t to)
{
    return w->graph.best[to] >> STEP_BITS;
}

size_t words_step(const struct words *w, size_t to)
{
    return path_step(w->graph.best[to]);
}
