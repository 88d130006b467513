/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_SNIPPET_H
#define GONGBAO_SNIPPET_H

/* The part of a text that shows why it was found, and what to mark in it.
 *
 * A place is marked where a whole run of the query stands; where no whole run does, its words;
 * where no word does, its bigrams. Marks lie on character boundaries of the original bytes and
 * take in the readings behind their characters: 強調(diào) is marked whole. The window is the one
 * that shows most of the query, and is cut at punctuation where it can be.
 */

#include <gongbao/analysis.h>
#include <gongbao/arena.h>
#include <gongbao/err.h>
#include <gongbao/query.h>

struct snip_mark {
    uint32_t offset, length; /* bytes, into the text given back */
};

struct snip {
    struct str text; /* a slice of the original, '…' put at an end that was cut; line breaks and
                        other controls are spaces of the same length, so offsets stay good */
    struct snip_mark *mark; /* ascending, not overlapping */
    size_t nmark;
};

struct snip_opts {
    uint32_t columns; /* width: Han and full width count 2, others 1; 0: the whole text */
};

/* Cut and mark text for the runs of a query. scratch is reused from call to call. Everything in
 * *out lives in the arena. */
enum st snip_cut(struct str text, const struct q_plan *plan, const struct snip_opts *opts,
                 struct an_text *scratch, struct arena *a, struct snip *out, struct err *err);

#endif
