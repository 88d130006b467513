/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef QUERY_MARKS_H
#define QUERY_MARKS_H

/* The characters of a query that may be more than text, in all the forms that keyboards have for
 * them: white space, brackets, operators, quotes. */

#include <gongbao/str.h>

struct quotes {
    struct str open, close;
};

/* The text from a place on. */
struct str mark_behind(struct str text, size_t at);

/* The character at a place, 0 at the end; *n is its length. */
uint32_t mark_at(struct str text, size_t at, size_t *n);

/* ASCII for a character of full width; others as they are. */
uint32_t mark_narrow(uint32_t cp);

bool mark_opens(uint32_t cp);
bool mark_closes(uint32_t cp);
bool mark_is_bar(uint32_t cp);
bool mark_is_minus(uint32_t cp);
bool mark_is_star(uint32_t cp);
bool mark_is_digit(uint32_t cp);

/* A letter of any script or a Han character. */
bool mark_is_letter(uint32_t cp);

/* Shows nothing, and comes with text that was copied from a page. */
bool mark_is_unseen(uint32_t cp);

bool mark_space_at(struct str text, size_t at);
bool mark_is_blank(struct str s);

/* How much of text is this word, in full width too; 0 for none. */
size_t mark_begins_word(struct str text, struct str word, bool any_case);
bool mark_is_word(struct str text, struct str word);

/* Where the quote that opens at a place is closed; 0 when none opens there or it is never. */
size_t mark_quote_close(struct str text, size_t at, const struct quotes **q);

#endif
