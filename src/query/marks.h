/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef QUERY_MARKS_H
#define QUERY_MARKS_H

/* The characters of a query that may be more than text, in all the forms that keyboards have for
 * them: white space, brackets, operators, quotes. */

#include <gongbao/analysis.h>
#include <gongbao/str.h>
#include <gongbao/utf8.h>

static inline struct str behind(struct str text, size_t at)
{
    return str_from(text.p + at, text.n - at);
}

/* The character at a place, 0 at the end; *n is its length. */
static inline uint32_t char_at(struct str text, size_t at, size_t *n)
{
    uint32_t cp = 0;
    *n = 0;
    if (at >= text.n)
        return 0;
    *n = utf8_next(text.p + at, text.p + text.n, &cp);
    *n = *n ? *n : 1;
    return cp;
}

static inline bool is_space_at(struct str text, size_t at)
{
    size_t n;
    return at < text.n && utf8_is_space(char_at(text, at, &n));
}

/* ASCII for a character of full width; others as they are. */
static inline uint32_t narrow(uint32_t cp)
{
    return cp >= 0xff01 && cp <= 0xff5e ? cp - 0xff01 + '!' : cp;
}

static inline bool is_opening(uint32_t cp)
{
    return narrow(cp) == '(';
}

static inline bool is_closing(uint32_t cp)
{
    return narrow(cp) == ')';
}

static inline bool is_bar(uint32_t cp)
{
    return narrow(cp) == '|';
}

static inline bool is_minus(uint32_t cp)
{
    return narrow(cp) == '-';
}

static inline bool is_star(uint32_t cp)
{
    return narrow(cp) == '*';
}

static inline bool is_digit(uint32_t cp)
{
    cp = narrow(cp);
    return cp >= '0' && cp <= '9';
}

/* Shows nothing, and comes with text that was copied from a page. */
static inline bool is_unseen(uint32_t cp)
{
    return cp == 0xad || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) ||
           (cp >= 0x2060 && cp <= 0x2069) || cp == 0xfeff;
}

static inline uint32_t lower_case(uint32_t cp)
{
    return cp >= 'A' && cp <= 'Z' ? cp + ('a' - 'A') : cp;
}

/* How much of text is this word, in full width too; 0 for none. */
static inline size_t begins_word(struct str text, struct str word, bool any_case)
{
    size_t at = 0;
    for (size_t i = 0, n, m; i < word.n; i += m, at += n) {
        uint32_t cp = narrow(char_at(text, at, &n)), wanted = char_at(word, i, &m);
        if (n == 0 || (any_case ? lower_case(cp) : cp) != wanted)
            return 0;
    }
    return at;
}

static inline bool is_word(struct str text, struct str word)
{
    return begins_word(text, word, false) == text.n;
}

/* A letter of any script or a Han character. */
static inline bool is_letter(uint32_t cp)
{
    uint32_t folded = an_lexicon_char(cp);
    if (folded == 0 || folded == LEX_NOT_TEXT)
        return false;
    return folded >= 0x80 || (folded >= 'a' && folded <= 'z');
}

struct quotes {
    struct str open, close;
};

static inline const struct quotes *quotes_at(struct str s)
{
    static const struct quotes pairs[] = {
        {{"\"", 1}, {"\"", 1}}, {{"“", 3}, {"”", 3}},   {{"「", 3}, {"」", 3}},
        {{"『", 3}, {"』", 3}}, {{"＂", 3}, {"＂", 3}},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (str_starts(s, pairs[i].open))
            return &pairs[i];
    return NULL;
}

/* Where the quote that opens at a place is closed; 0 when none opens there or it is never. */
static inline size_t quote_close(struct str text, size_t at, const struct quotes **q)
{
    *q = quotes_at(behind(text, at));
    if (!*q)
        return 0;
    struct str in = behind(text, at + (*q)->open.n);
    const char *close = memmem(in.p, in.n, (*q)->close.p, (*q)->close.n);
    return close ? (size_t)(close - text.p) : 0;
}

static inline bool is_blank(struct str s)
{
    size_t at = 0, n;
    while (at < s.n && utf8_is_space(char_at(s, at, &n)))
        at += n;
    return at == s.n;
}

#endif
