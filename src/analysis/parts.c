/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tokens beside the path: keeping them in order, what stands between quotes, and what spaces set
 * apart.
 *
 * Each finder walks a chunk from left to right, so its parts come in order; a merge puts them among
 * those that are there, in time linear in both.
 *
 * Two to eight characters between quotes, nothing but text among them, are a unit that somebody
 * gave a name: “三大战略任务”, 《全年红》. It is a part unless the path has just that word. Of
 * quotes in quotes the inner ones count. A quote that looks the same on both sides opens and closes
 * in turn, each line anew; a cut between chunks forgets an open one.
 *
 * Headings of two characters are set with a space to be as wide as longer ones: 附　则. Two Han
 * characters with a space between them and no text on either other side are a pair as well, beside
 * the text: who asks for 附则 finds it.
 */

#include "words.h"

#define UNIT_LEAST 2
#define UNIT_MOST  8

void words_add_part(struct words *w, size_t from, size_t to, enum an_kind kind)
{
    if (to - from < 2 || to - from > AN_TOKEN_MAX || w->nparts == PARTS)
        return;
    w->part[w->nparts++] = (struct part){.from = (uint16_t)from,
                                         .n = (uint16_t)(to - from),
                                         .kind = (uint8_t)kind,
                                         .word = AN_NO_WORD};
}

void words_add_piece(struct words *w, size_t from, size_t to)
{
    if (w->nparts < PARTS)
        w->part[w->nparts++] = (struct part){.from = (uint16_t)from,
                                             .n = (uint16_t)(to - from),
                                             .kind = AN_PIECE,
                                             .word = AN_NO_WORD};
}

void words_reset(struct words *w)
{
    w->nparts = w->nspelt = w->nhints = 0;
}

static bool same_items(const struct part *a, const struct part *b)
{
    return a->from == b->from && a->n == b->n && a->ncp == 0 && b->ncp == 0;
}

/* The parts before the first of the later ones stay where they are. */
static size_t merge_begin(const struct words *w, size_t sorted)
{
    size_t at = sorted;
    while (at > 0 && words_part_before(&w->part[sorted], &w->part[at - 1]))
        at--;
    return at;
}

void words_merge_parts(struct words *w, size_t sorted)
{
    if (w->nparts == sorted)
        return;
    size_t first = merge_begin(w, sorted), n = w->nparts - first;
    const struct part *a = w->late, *b = a + (sorted - first), *enda = b, *endb = a + n;
    memcpy(w->late, w->part + first, n * sizeof(w->part[0]));
    w->nparts = first;
    while (a < enda || b < endb) {
        bool late = b < endb && (a == enda || words_part_before(b, a));
        const struct part *next = late ? b++ : a++;
        if (w->nparts == 0 || !same_items(&w->part[w->nparts - 1], next))
            w->part[w->nparts++] = *next;
    }
}

void words_settle(struct words *w, size_t sorted)
{
    for (size_t i = sorted + 1; i < w->nparts; i++) {
        struct part part = w->part[i];
        size_t to = i;
        for (; to > sorted && words_part_before(&part, &w->part[to - 1]); to--)
            w->part[to] = w->part[to - 1];
        w->part[to] = part;
    }
    words_merge_parts(w, sorted);
}

static void add_unit(const struct items *it, size_t from, size_t to, struct words *w)
{
    if (to < from + UNIT_LEAST || to > from + UNIT_MOST || w->n[from] == to - from)
        return;
    for (size_t i = from; i < to; i++)
        if (!item_is_text(it->kind[i]))
            return;
    words_add_part(w, from, to, AN_WORD);
}

void quoted_units(const struct items *it, size_t n, struct words *w)
{
    const size_t none = SIZE_MAX - UNIT_MOST;
    size_t open = none, sorted = w->nparts;
    bool inside = false; /* of quotes that look the same on both sides */
    for (size_t k = 0; k < it->nmarks && it->mark[k].at <= n; k++) {
        enum mark_kind kind = it->mark[k].kind;
        size_t at = it->mark[k].at;
        if (kind == MARK_DOT)
            continue;
        if (kind == MARK_CLOSE || (kind == MARK_QUOTE && inside))
            add_unit(it, open, at, w);
        inside = kind == MARK_QUOTE ? !inside : inside && kind != MARK_BREAK;
        open = kind == MARK_OPEN || (kind == MARK_QUOTE && inside) ? at : none;
    }
    words_merge_parts(w, sorted);
}

/* Whether the space at an item stands between two characters that stand by themselves. */
static bool sets_apart(const struct items *it, size_t n, size_t space)
{
    if (space == 0 || space + 1 >= n)
        return false;
    bool begins = space == 1 || !item_is_text(it->kind[space - 2]);
    bool ends = !item_is_text(it->kind[space + 2]);
    return begins && ends && it->kind[space - 1] == ITEM_HAN && it->kind[space + 1] == ITEM_HAN;
}

static void add_pair(const struct items *it, size_t space, struct words *w)
{
    if (w->nparts == PARTS || SPELT - w->nspelt < 2)
        return;
    w->part[w->nparts++] = (struct part){.from = (uint16_t)(space - 1),
                                         .n = 3,
                                         .word = AN_NO_WORD,
                                         .kind = AN_BIGRAM,
                                         .aside = 1,
                                         .ncp = 2,
                                         .cp = (uint16_t)w->nspelt};
    w->spelt[w->nspelt++] = it->cp[space - 1];
    w->spelt[w->nspelt++] = it->cp[space + 1];
}

void spaced_pairs(const struct items *it, size_t n, struct words *w)
{
    size_t sorted = w->nparts;
    const uint8_t *space = memchr(it->kind, ITEM_SPACE, n);
    while (space) {
        size_t at = (size_t)(space - it->kind);
        if (sets_apart(it, n, at))
            add_pair(it, at, w);
        space = memchr(space + 1, ITEM_SPACE, n - at - 1);
    }
    words_merge_parts(w, sorted);
}
