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
 * The characters that may be either are few: they are listed first, then looked at one by one, so
 * the parts come in order.
 */

#include "refine.h"

#define LONGEST 8 /* characters in an unknown word; what is longer is a list */

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

/* List the items where a name may begin, a lone bound character is, or a word that may end the name
 * of a place or an organisation. Whether one is there is as good as random to the processor, so
 * nothing branches on it. */
static size_t find_candidates(const struct name_table *t, const struct items *it, size_t n,
                              struct words *w)
{
    size_t found = 0;
    for (size_t at = 0; at < n; at++) {
        w->candidate[found] = (uint16_t)at;
        found += name_begins(t, it->cp[at]) >> (w->n[at] & 31) & 1;
    }
    return found;
}

/* Whether the word may end a name, 0 or 1: it is like one that does, and something that may be in a
 * name is before it. */
static unsigned may_end(const struct name_table *t, const struct items *it, size_t at,
                        size_t length)
{
    size_t before = at - (at > 0);
    unsigned like =
        name_ends(t, it->cp[at]) >> (length & 31) & name_ends(t, it->cp[at + length - 1]);
    unsigned never = (name_flags(t, it->cp[before]) & (NAME_NEVER | NAME_SINGLE)) != 0;
    return like & (it->kind[before] == ITEM_HAN) & (at > 0) & ((length > 1) | !never);
}

/* Of these, leave those where a name may begin or a lone bound character is; where a word may end
 * the name of a place or an organisation, the item is listed apart. */
static size_t sort_candidates(const struct name_table *t, const struct items *it, size_t n,
                              struct words *w)
{
    size_t left = 0, ends = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = w->candidate[i], length = w->n[at];
        uint32_t cp = it->cp[at];
        w->candidate[left] = (uint16_t)at;
        left += name_starts(name_flags(t, cp)) >> (length & 31) & 1;
        w->ending[ends] = (uint16_t)at;
        ends += may_end(t, it, at, length);
    }
    w->nendings = ends;
    return left;
}

void refine_path(const struct name_table *t, const struct items *it, size_t n, struct words *w)
{
    size_t sorted = w->nparts, found = find_candidates(t, it, n, w);
    found = sort_candidates(t, it, found, w);
    size_t bound = 0, next = 0; /* lone bound characters stand in [bound, next) */
    for (size_t i = 0; i < found; i++) {
        size_t at = w->candidate[i];
        uint8_t flags = name_flags(t, it->cp[at]);
        struct name name = {.end = at};
        if (at < next)
            continue; /* within a name */
        if (flags & (NAME_SURNAME | NAME_COMPOUND))
            name = name_at(t, it, n, w, at);
        size_t spaced = at;
        if (name.end == at && flags & NAME_SURNAME)
            spaced = spaced_name_end(t, it, n, w, at);
        if (spaced > at) {
            join_bound(w, bound, next);
            words_add_part(w, at, spaced, AN_NAME);
            bound = next = spaced;
        } else if (name.end > at) {
            join_bound(w, bound, next);
            keep_name(w, at, name);
            bound = next = name.end;
        } else if (flags & NAME_BOUND && w->n[at] == 1) {
            if (at > next) {
                join_bound(w, bound, next);
                bound = at;
            }
            next = at + 1;
        }
    }
    join_bound(w, bound, next);
    words_merge_parts(w, sorted);
}
