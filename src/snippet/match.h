/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SNIPPET_MATCH_H
#define SNIPPET_MATCH_H

/* Places in a text where parts of a query stand. */

#include <gongbao/snippet.h>

/* Of a folded character. */
static inline bool is_digit(uint32_t cp)
{
    return cp >= '0' && cp <= '9';
}

struct match {
    uint32_t start, end; /* bytes of the original, readings included */
    uint32_t pattern;
};

struct matches {
    struct match *at; /* by start, at the same start the longer first */
    size_t n, cap;
    uint32_t *worth; /* by pattern: its characters */
    uint32_t npattern;
};

/* Find the runs of the plan in text, whole or in parts, the first `most` places at most. Leaves the
 * text's AN_VIEW_TEXT in scratch. ST_NO_MEMORY. */
enum st snip_find(struct str text, const struct q_plan *plan, size_t most, struct an_text *scratch,
                  struct arena *a, struct matches *out);

/* A part of a text. */
struct window {
    uint32_t start, end; /* bytes, on the boundaries of characters and their readings */
    bool before, after;  /* text was left out there */
};

enum { PASSAGES = 2 };

/* What is shown of a text: in order, with text left out between them. */
struct windows {
    struct window at[PASSAGES];
    size_t n;
};

/* What shows most of the query in a width, in one window or two. fold is the text's AN_VIEW_TEXT.
 */
enum st snip_window(struct str text, const struct an_text *fold, const struct matches *m,
                    const struct snip_opts *opts, struct arena *a, struct windows *out);

/* The places where runs of the plan stand whole, the first `most` at most. Leaves the text's
 * AN_VIEW_TEXT in scratch. ST_NO_MEMORY. */
enum st snip_find_whole(struct str text, const struct q_plan *plan, size_t most,
                        struct an_text *scratch, struct arena *a, struct matches *out);

/* The window of a width that has a place in its middle, as far as there is text. */
struct window snip_around(struct str text, const struct an_text *fold, uint32_t start, uint32_t end,
                          uint32_t columns);

#endif
