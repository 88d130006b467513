/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names and unknown words among the lone characters of a path.
 *
 * Where no word of the lexicon fits, the best path leaves single characters: 梅|莉|迪|丝, 碧|湖,
 * but also 在|这|里. Which of them belong together is told by the characters. Some are bound: they
 * hardly ever are a word by themselves (bound_table.h), and when such a one is alone on the path,
 * then because the word around it is unknown. Two and more of them in a row are that word,
 * 梅莉迪丝. A free character stays alone: joined wrongly it would hide itself and spoil its
 * neighbour. Where a name is believed (names.c), its surname stands alone and its given name is one
 * word.
 *
 * What is found stands over the path, whose single characters stay words: in another text they may
 * not be joined, and then they are what both have in common.
 *
 * One walk over the run, one look at the flags of each lone character; the parts come in order.
 */

#include "refine.h"

#define LONGEST 8 /* characters in an unknown word; what is longer is a list */

static bool lone(const struct items *it, const struct words *w, size_t at)
{
    return w->n[at] == 1 && it->kind[at] == ITEM_HAN;
}

/* The lone bound characters [from, to) are a word, if they are two or more. */
static void join_bound(struct words *w, size_t from, size_t to)
{
    if (to - from > 1 && to - from <= LONGEST)
        words_add_part(w, from, to, AN_UNKNOWN);
}

/* The lone characters [from, to), if there are several, are a part of a name. */
static void join_part(struct words *w, size_t from, size_t to)
{
    if (to - from > 1 && w->n[from] == 1)
        words_add_part(w, from, to, AN_UNKNOWN);
}

static void keep_name(struct words *w, size_t at, struct name name)
{
    words_add_part(w, at, name.end, AN_NAME);
    join_part(w, at, name.given);
    join_part(w, name.given, name.end);
}

void refine_path(const struct name_table *t, const struct items *it, size_t n, struct words *w)
{
    size_t sorted = w->nparts, bound = 0; /* lone bound characters stand in [bound, at) */
    for (size_t at = 0, next; at < n; at = next) {
        next = at + (item_is_text(it->kind[at]) && w->n[at] > 0 ? w->n[at] : 1);
        uint8_t flags = it->kind[at] == ITEM_HAN ? name_flags(t, it->cp[at]) : 0;
        struct name name = {.end = at};
        if (flags & (NAME_SURNAME | NAME_COMPOUND) && next - at <= 2)
            name = name_at(t, it, n, w, at);
        if (name.end == at && flags & NAME_BOUND && lone(it, w, at))
            continue;
        join_bound(w, bound, at);
        if (name.end > at) {
            keep_name(w, at, name);
            next = name.end;
        }
        bound = next;
    }
    join_bound(w, bound, n);
    words_merge_parts(w, 0, sorted);
}
