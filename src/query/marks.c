/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The characters of a query that may be more than text.
 *
 * A mark counts in every form that keyboards have for it: in ASCII, in full width, and quotes also
 * in their Chinese and Japanese forms. An opening quote is closed by the next one of its own kind.
 * Which of the marks mean something where they stand is for the scanner to say.
 */

#include "marks.h"

#include <gongbao/query.h>

#include <gongbao/analysis.h>
#include <gongbao/utf8.h>

struct str mark_behind(struct str text, size_t at)
{
    return str_from(text.p + at, text.n - at);
}

uint32_t mark_at(struct str text, size_t at, size_t *n)
{
    uint32_t cp = 0;
    *n = 0;
    if (at >= text.n)
        return 0;
    *n = utf8_next(text.p + at, text.p + text.n, &cp);
    *n = *n ? *n : 1;
    return cp;
}

bool mark_space_at(struct str text, size_t at)
{
    size_t n;
    return at < text.n && utf8_is_space(mark_at(text, at, &n));
}

uint32_t mark_narrow(uint32_t cp)
{
    return cp >= 0xff01 && cp <= 0xff5e ? cp - 0xff01 + '!' : cp;
}

bool mark_opens(uint32_t cp)
{
    return mark_narrow(cp) == '(';
}

bool mark_closes(uint32_t cp)
{
    return mark_narrow(cp) == ')';
}

bool mark_is_bar(uint32_t cp)
{
    return mark_narrow(cp) == '|';
}

bool mark_is_minus(uint32_t cp)
{
    return mark_narrow(cp) == '-';
}

bool mark_is_star(uint32_t cp)
{
    return mark_narrow(cp) == '*';
}

bool mark_is_digit(uint32_t cp)
{
    cp = mark_narrow(cp);
    return cp >= '0' && cp <= '9';
}

bool mark_is_unseen(uint32_t cp)
{
    return cp == 0xad || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) ||
           (cp >= 0x2060 && cp <= 0x2069) || cp == 0xfeff;
}

static uint32_t lower_case(uint32_t cp)
{
    return cp >= 'A' && cp <= 'Z' ? cp + ('a' - 'A') : cp;
}

size_t mark_begins_word(struct str text, struct str word, bool any_case)
{
    size_t at = 0;
    for (size_t i = 0, n, m; i < word.n; i += m, at += n) {
        uint32_t cp = mark_narrow(mark_at(text, at, &n)), wanted = mark_at(word, i, &m);
        if (n == 0 || (any_case ? lower_case(cp) : cp) != wanted)
            return 0;
    }
    return at;
}

bool mark_is_word(struct str text, struct str word)
{
    return mark_begins_word(text, word, false) == text.n;
}

bool mark_is_letter(uint32_t cp)
{
    uint32_t folded = an_lexicon_char(cp);
    if (folded == 0 || folded == LEX_NOT_TEXT)
        return false;
    return folded >= 0x80 || (folded >= 'a' && folded <= 'z');
}

static const struct quotes *quotes_at(struct str s)
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

size_t mark_quote_close(struct str text, size_t at, const struct quotes **q)
{
    *q = quotes_at(mark_behind(text, at));
    if (!*q)
        return 0;
    struct str in = mark_behind(text, at + (*q)->open.n);
    const char *close = memmem(in.p, in.n, (*q)->close.p, (*q)->close.n);
    return close ? (size_t)(close - text.p) : 0;
}

bool mark_is_blank(struct str s)
{
    size_t at = 0, n;
    while (at < s.n && utf8_is_space(mark_at(s, at, &n)))
        at += n;
    return at == s.n;
}

static bool is_operator(struct str run)
{
    return mark_is_word(run, STR("OR")) || mark_is_word(run, STR("AND")) ||
           mark_is_word(run, STR("NOT"));
}

bool q_is_plain(struct str run)
{
    static const char marks[] = "\"“”「」『』():|*~";
    for (size_t at = 0, n; at < run.n; at += n) {
        char utf8[4];
        uint32_t cp = mark_narrow(mark_at(run, at, &n));
        if (memmem(marks, sizeof(marks) - 1, utf8, utf8_put(cp, utf8)) ||
            (at == 0 && mark_is_minus(cp)))
            return false;
    }
    return !is_operator(run);
}
