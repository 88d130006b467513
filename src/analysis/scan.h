/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_SCAN_H
#define GONGBAO_ANALYSIS_SCAN_H

/* From bytes to folded characters with their places. */

#include "fold.h"
#include <gongbao/analysis.h>
#include <gongbao/utf8.h>

/* What a character that stays is. Text comes first: item_is_text. */
enum item_kind {
    ITEM_HAN,
    ITEM_LETTER,
    ITEM_DIGIT,
    ITEM_SYMBOL,
    ITEM_LINK, /* a connector between two ASCII letters or digits */
    ITEM_SEPARATOR,
    ITEM_SPACE, /* a run of white space */
    ITEM_BREAK
};

static inline bool item_is_text(enum item_kind kind)
{
    return kind <= ITEM_LINK;
}

/* A mark that says something about the items beside it. */
enum mark_kind {
    MARK_DOT,   /* · */
    MARK_OPEN,  /* “ ‘ 「 『 《 */
    MARK_CLOSE, /* ” ’ 」 』 》 */
    MARK_QUOTE, /* " opens or closes */
    MARK_BREAK  /* a line break */
};

struct mark {
    uint32_t at; /* the item behind it; when it is an item itself and does not open, that */
    uint8_t kind;
};

/* Parallel arrays of the caller's. kind, and with it mark, other and gap, may be NULL;
 * marks beyond mark_cap are lost, gap has room for one more than cap. */
struct items {
    uint32_t *cp, *start, *end;
    uint8_t *kind;
    size_t n, cap;
    struct mark *mark;
    size_t nmarks, mark_cap;
    uint32_t *other; /* items at which text begins that is not Han, and some that are; ascending */
    size_t nothers;
    uint32_t *gap; /* numbers of items behind which something was dropped, ascending */
    size_t ngaps;
};

struct scan {
    struct str text;
    size_t at; /* bytes read */
    enum an_view view;
    bool alnum;   /* the last character kept is an ASCII letter or digit */
    uint32_t han; /* the character just read, unfolded, if it is Han; otherwise 0 */
};

void scan_init(struct scan *s, struct str text, enum an_view view);

/* Append items until the arrays are full or the text is at its end, which it then says. The last
 * item may yet grow by what follows it, so it must stay in the arrays for the next call. */
bool scan_fill(struct scan *s, struct items *it);

/* Decode and look up the character at text[at]: its length in bytes; an invalid byte is FOLD_BAD
 * of length 1. */
static inline unsigned scan_char(struct str text, size_t at, uint32_t *raw, uint32_t *entry)
{
    unsigned n = utf8_next(text.p + at, text.p + text.n, raw);
    if (n == 0) {
        *raw = FOLD_BAD;
        n = 1;
    }
    *entry = fold_entry(*raw);
    return n;
}

#endif
