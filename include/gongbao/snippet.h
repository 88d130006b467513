/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_SNIPPET_H
#define GONGBAO_SNIPPET_H

/* The part of a text that shows why it was found, and what to mark in it.
 *
 * For each run of the query the places are marked where the whole run stands; if it stands nowhere
 * in the text, its words of two characters or more; if none of them does, its pairs of characters.
 * Marks lie on character boundaries of the original bytes and take in the readings behind their
 * characters: 強調(diào) is marked whole. The window is the one that shows most of the query, and
 * is cut at punctuation where it can be; where nothing is to be marked it is the beginning. Where
 * two places together show more of the query than any one, each gets half of the width.
 *
 * Unless it is whole, the text given back is never longer than four bytes a column, and 160 more
 * for a reading that a narrow window shows whole and the two marks of omission, whatever the text
 * is made of.
 */

#include <gongbao/analysis.h>
#include <gongbao/arena.h>
#include <gongbao/err.h>
#include <gongbao/query.h>

struct snip_mark {
    uint32_t offset, length; /* bytes, into the text given back */
};

struct snip {
    struct str text; /* a part of the original, or two with '…' between them; '…' put at an end
                        that was cut; line breaks and other controls are spaces of the same length,
                        so the places of a part move by a constant only */
    struct snip_mark *mark; /* ascending, not overlapping or touching */
    size_t nmark;
};

/* What is shown of a text that is to be shown whole. */
#define SNIP_WHOLE 400

/* Places that are marked in a whole text; those behind them are not. */
#define SNIP_MARKS_MAX 65536

struct snip_opts {
    bool whole;       /* all of the text, whatever its width */
    uint32_t columns; /* width: Han and full width count 2, all others 1, also those that a
                         terminal gives none; 0: the beginning, up to SNIP_WHOLE columns */
};

/* Cut and mark text (under 4 GiB) for the runs of a query. scratch is reused from call to call.
 * Everything in *out lives in the arena. ST_NO_MEMORY. */
enum st snip_cut(struct str text, const struct q_plan *plan, const struct snip_opts *opts,
                 struct an_text *scratch, struct arena *a, struct snip *out, struct err *err);

/* A place where a run stands whole. */
struct snip_place {
    uint32_t offset, length; /* bytes of the text */
    struct snip around;      /* the place alone is marked, in the middle as far as there is text */
};

/* The places where runs of a query stand whole, in order, none over another; `most` at most, of the
 * first SNIP_MARKS_MAX. Each is shown in so many columns, as one of snip_cut is. ST_NO_MEMORY. */
enum st snip_places(struct str text, const struct q_plan *plan, uint32_t columns, size_t most,
                    struct an_text *scratch, struct arena *a, struct snip_place **out, size_t *n,
                    struct err *err);

#endif
