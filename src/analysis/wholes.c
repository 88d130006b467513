/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Wholes that reach over Han, a space or a separator.
 *
 * atom.c leaves a hint where a number, or a +, may belong to one; here the words around it are
 * known and tell:
 *
 *    第3条             on the path 第3, and 第3条 beside it
 *    2024 年 10 月     dates with spaces in them, as some sites set them, and 第 3 条
 *    农业+             the word before the + with it, or two lone characters: 绿电+
 *    国发〔2019〕5号   Han, a year in brackets of any kind, a number, 号. Where the agency begins
 *                      cannot be known (根据国发…): a whole begins at each word of the path within
 *                      AGENCY_MOST characters, up to one that is in no agency's name
 *    GB/T 7714-2015    a prefix of Latin letters, one space, a number. Either the prefix is that of
 *                      a standard, or the number ends in a year
 *    1,234.5           groups of three digits, the first may be shorter; 万, 亿, 元 behind
 *
 * A whole that crosses separators is spelt without them, but for a long dash, which is a '-':
 * 国发20195号, gb/t7714-2015, 1234.5. So it meets every way to write it: other brackets, no space,
 * no comma. Everything inside stays a token as well.
 */

#include "words.h"
#include <uchar.h>

#define AGENCY_LEAST 2
#define PREFIX_MOST  10 /* items before the space of a standard */
#define DASH         U'—'

struct whole {
    const struct items *it;
    size_t n; /* items there are */
    struct words *w;
    size_t done; /* the end of the last date */
};

static bool is_kind(const struct whole *f, size_t at, enum item_kind kind)
{
    return at < f->n && f->it->kind[at] == kind;
}

static bool is_char(const struct whole *f, size_t at, uint32_t cp)
{
    return at < f->n && f->it->cp[at] == cp;
}

static size_t skip(const struct whole *f, size_t at, enum item_kind kind)
{
    while (is_kind(f, at, kind))
        at++;
    return at;
}

/* Digits, letters and connectors: what is one run with the item at. */
static bool is_code(const struct whole *f, size_t at)
{
    return is_kind(f, at, ITEM_LETTER) || is_kind(f, at, ITEM_DIGIT) || is_kind(f, at, ITEM_LINK);
}

/* A part that is spelt without the separators inside; [from, to) begins and ends with text. Where
 * nothing is left out the text may have it as it is. */
static void add_spelt(struct whole *f, size_t from, size_t to, enum an_kind kind)
{
    struct words *w = f->w;
    size_t before = w->nparts, cp = w->nspelt;
    if (SPELT - cp < to - from)
        return;
    words_add_part(w, from, to, kind);
    if (w->nparts == before)
        return;
    for (size_t i = from; i < to; i++)
        if (item_is_text(f->it->kind[i]) || f->it->cp[i] == DASH)
            w->spelt[w->nspelt++] = f->it->cp[i] == DASH ? '-' : f->it->cp[i];
    if (w->nspelt - cp == to - from && !memchr(f->it->kind + from, ITEM_SEPARATOR, to - from)) {
        w->nspelt = cp;
        return;
    }
    w->part[before].cp = (uint16_t)cp;
    w->part[before].ncp = (uint16_t)(w->nspelt - cp);
}

/* The end of the word of the path that begins at item at; at when none does. */
static size_t word_end(const struct whole *f, size_t at)
{
    return at < f->n ? at + f->w->n[at] : at;
}

/* ---- Ordinals and shorthand with Han ---- */

static void find_ordinal(struct whole *f, size_t at)
{
    struct words *w = f->w;
    size_t from = at - 1, number = word_end(f, at), end = number;
    if (number == at || w->kind[at] != AN_NUMBER || w->n[from] != 1)
        return;
    w->n[from] = (uint16_t)(number - from);
    w->kind[from] = AN_NUMBER;
    w->id[from] = AN_NO_WORD;
    w->n[at] = 0;
    if (is_kind(f, end, ITEM_HAN))
        end = word_end(f, end);
    if (end > number && end - number <= 2)
        words_add_part(w, from, end, AN_NUMBER);
}

static size_t skip_space(const struct whole *f, size_t at)
{
    return at + is_kind(f, at, ITEM_SPACE);
}

/* 第 3 条: the unit, 条 or another, is one character. */
static bool find_spaced_ordinal(struct whole *f, size_t at, size_t end)
{
    size_t unit = skip_space(f, end), before = at - (at > 0 && is_kind(f, at - 1, ITEM_SPACE));
    if (before == 0 || !is_char(f, before - 1, U'第') || !is_kind(f, unit, ITEM_HAN))
        return false;
    add_spelt(f, before - 1, unit + 1, AN_NUMBER);
    add_spelt(f, before - 1, end, AN_NUMBER);
    return true;
}

/* The tokens of a date with spaces in it, as atom.c has them for one without. */
static void find_spaced(struct whole *f, size_t at)
{
    size_t from[8] = {at}, end[8], n = 0;
    int last = 0, first = 0;
    if (at < f->done || find_spaced_ordinal(f, at, skip(f, at, ITEM_DIGIT)))
        return;
    for (size_t next = at; n < 6; n++) {
        size_t digits = skip(f, next, ITEM_DIGIT), unit = skip_space(f, digits);
        int rank = digits > next ? time_unit(f->it, unit, f->n) : 0;
        if (rank <= last)
            break;
        first = n == 0 ? rank : first;
        from[n] = next;
        end[n] = unit + 1;
        add_spelt(f, next, end[n], AN_NUMBER);
        next = skip_space(f, end[n]);
        last = rank;
    }
    if (n == 0)
        return;
    f->done = end[n - 1];
    if (n > 1)
        add_spelt(f, at, f->done, AN_NUMBER);
    if (n < 3 || first != 1)
        return;
    add_spelt(f, at, end[1], AN_NUMBER);
    add_spelt(f, from[1], f->done, AN_NUMBER);
}

static void find_plus(struct whole *f, size_t at)
{
    size_t from = at - 1;
    while (from > 0 && f->w->n[from] == 0 && f->it->kind[from - 1] == ITEM_HAN)
        from--;
    if (word_end(f, from) != at)
        return;
    words_add_part(f->w, from, at + 1, AN_SHORTHAND);
    if (from + 1 == at && from > 0 && is_kind(f, from - 1, ITEM_HAN) && f->w->n[from - 1] == 1)
        words_add_part(f->w, from - 1, at + 1, AN_SHORTHAND);
}

/* ---- Documents ---- */

/* Characters before an agency, and of no agency's name. */
static bool ends_agency(uint32_t cp)
{
    static const char32_t none[] = U"据照按依和与及以的于由见原为是";
    for (const char32_t *c = none; *c; c++)
        if (cp == *c)
            return true;
    return false;
}

/* From the digits of a year in brackets to behind 号; at when it is no document's number. */
static size_t document_end(const struct whole *f, size_t at)
{
    size_t close = skip(f, at, ITEM_DIGIT);
    if (close != at + 4 || !is_kind(f, close, ITEM_SEPARATOR))
        return at;
    size_t number = close + 1;
    number += is_kind(f, number, ITEM_SPACE);
    number += is_char(f, number, U'第');
    number += is_kind(f, number, ITEM_SPACE);
    size_t end = skip(f, number, ITEM_DIGIT);
    if (end == number)
        return at;
    end += is_kind(f, end, ITEM_SPACE);
    return is_char(f, end, U'号') ? end + 1 : at;
}

size_t agencies_before(const struct items *it, const struct words *w, size_t bracket,
                       size_t from[AGENCY_MOST])
{
    size_t end = bracket, n = 0;
    end -= end > 0 && it->kind[end - 1] == ITEM_SPACE;
    for (size_t at = end; at > 0 && end - at < AGENCY_MOST; at--) {
        if (it->kind[at - 1] != ITEM_HAN || ends_agency(it->cp[at - 1]))
            break;
        if (end - at + 1 >= AGENCY_LEAST && w->n[at - 1] > 0)
            from[n++] = at - 1;
    }
    return n;
}

static void find_document(struct whole *f, size_t at)
{
    size_t from[AGENCY_MOST], end = document_end(f, at);
    size_t n = end > at ? agencies_before(f->it, f->w, at - 1, from) : 0;
    for (size_t i = 0; i < n; i++)
        add_spelt(f, from[i], end, AN_SHORTHAND);
}

/* ---- Standards ---- */

static bool equals(const struct whole *f, size_t from, size_t to, const char *s)
{
    for (; from < to && *s; from++, s++)
        if (f->it->cp[from] != (unsigned char)*s)
            return false;
    return from == to && !*s;
}

/* gb, gb/t, iso, db33/t, yy/t: what numbers of standards begin with. */
static bool is_standard(const struct whole *f, size_t from, size_t to)
{
    static const char *const known[] = {"gb", "gbj", "iso", "iec", "iso/iec", "jgj", "cjj", "db"};
    if (to - from > 2 && equals(f, to - 2, to, "/t"))
        return true;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (equals(f, from, to, known[i]))
            return true;
    return to - from > 2 && equals(f, from, from + 2, "db") && skip(f, from + 2, ITEM_DIGIT) == to;
}

/* Four digits and no more, of this century or the last. */
static bool is_year(const struct whole *f, size_t at)
{
    return skip(f, at, ITEM_DIGIT) == at + 4 && ((is_char(f, at, '1') && is_char(f, at + 1, '9')) ||
                                                 (is_char(f, at, '2') && is_char(f, at + 1, '0')));
}

/* The number of a standard that begins at item at: where it ends, and where its year begins, or
 * the same when there is none. */
static size_t standard_end(const struct whole *f, size_t at, size_t *year)
{
    size_t end = skip(f, at, ITEM_DIGIT);
    while (is_kind(f, end, ITEM_LINK) && is_char(f, end, '.') && is_kind(f, end + 1, ITEM_DIGIT))
        end = skip(f, end + 1, ITEM_DIGIT);
    bool joined = is_char(f, end, '-') || is_char(f, end, ':') || is_char(f, end, DASH);
    *year = joined && is_year(f, end + 1) ? end + 1 : end;
    return *year > end ? *year + 4 : end;
}

static void find_standard(struct whole *f, size_t at)
{
    size_t space = at - 1, from = space, year, end = standard_end(f, at, &year);
    while (from > 0 && is_code(f, from - 1) && space - from <= PREFIX_MOST)
        from--;
    if (space - from > PREFIX_MOST || !is_kind(f, from, ITEM_LETTER) || is_code(f, end))
        return;
    bool known = is_standard(f, from, space), dated = year < end;
    if (!known && !dated)
        return;
    add_spelt(f, from, end, AN_SHORTHAND);
    if (known && dated)
        add_spelt(f, from, year - 1, AN_SHORTHAND);
    if (dated && is_char(f, year - 1, DASH))
        add_spelt(f, at, end, AN_NUMBER);
}

/* A year behind a long dash ends a code: gb/t7714—2015. */
static void find_dash(struct whole *f, size_t at)
{
    size_t from = at - 1;
    bool letters = false;
    while (from > 0 && is_code(f, from - 1))
        letters |= f->it->kind[--from] == ITEM_LETTER;
    if (letters && is_year(f, at) && !is_code(f, at + 4))
        add_spelt(f, from, at + 4, AN_SHORTHAND);
}

/* ---- Thousands ---- */

/* A comma of one byte; the wide one separates the items of a list. */
static bool is_comma(const struct whole *f, size_t at)
{
    return is_char(f, at, ',') && f->it->end[at] - f->it->start[at] == 1;
}

static bool is_group(const struct whole *f, size_t at)
{
    return skip(f, at, ITEM_DIGIT) == at + 3;
}

/* A comma right behind a number; behind 万元 it separates. */
static bool follows_group(const struct whole *f, size_t at)
{
    return at > 1 && is_comma(f, at - 1) && is_kind(f, at - 2, ITEM_DIGIT);
}

/* Where the number begins whose last group is at item at; at when it is none. */
static size_t thousands_begin(const struct whole *f, size_t at)
{
    size_t from = at;
    while (follows_group(f, from)) {
        size_t comma = from - 1;
        from = comma;
        while (from > 0 && is_kind(f, from - 1, ITEM_DIGIT))
            from--;
        if (comma - from > 3)
            return at;
        if (comma - from < 3)
            break;
    }
    bool alone = from == 0 || !(is_code(f, from - 1) || follows_group(f, from));
    return alone ? from : at;
}

static void find_thousands(struct whole *f, size_t at)
{
    size_t end = at + 3;
    if (!is_group(f, at) || (is_comma(f, end) && is_kind(f, end + 1, ITEM_DIGIT)))
        return;
    size_t from = thousands_begin(f, at);
    if (from == at)
        return;
    if (is_kind(f, end, ITEM_LINK) && is_char(f, end, '.'))
        end = skip(f, end + 1, ITEM_DIGIT);
    if (is_code(f, end))
        return;
    add_spelt(f, from, end, AN_NUMBER);
    size_t unit = end;
    while (unit < end + 2 && (is_char(f, unit, U'万') || is_char(f, unit, U'亿')))
        unit++;
    unit += is_char(f, unit, U'元');
    if (unit > end)
        add_spelt(f, from, unit, AN_NUMBER);
}

void wholes_find(const struct items *it, size_t n, struct words *w)
{
    static void (*const find[])(struct whole *, size_t) = {
        [HINT_ORDINAL] = find_ordinal,     [HINT_SPACED] = find_spaced,     [HINT_PLUS] = find_plus,
        [HINT_DOCUMENT] = find_document,   [HINT_STANDARD] = find_standard, [HINT_DASH] = find_dash,
        [HINT_THOUSANDS] = find_thousands,
    };
    struct whole f = {it, n, w, 0};
    size_t sorted = w->nparts;
    for (size_t i = 0; i < w->nhints; i++)
        find[w->hint[i].kind](&f, w->hint[i].at);
    words_settle(w, sorted);
}
