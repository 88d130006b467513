/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Numbers, dates, letters and shorthand: tokens that no dictionary lists.
 *
 * An atom is a run of items that are not Han, connectors between letters and digits included:
 * 5+5, 23.4%, covid-19, gb/t. A run of digits takes the units of a date or of an amount behind it
 * along: 2025年, 10月31日, 1.5亿元.
 *
 * What a reader may type of a longer atom is a part of it, a token of its own: 2025 and 10月 of
 * 2025年10月31日, 1.5 of 1.5亿元, covid and 19 of covid-19, 919 of c919. Parts have two characters
 * or more; atoms and parts of more than AN_TOKEN_MAX give no token.
 */

#include "segment.h"

struct reader {
    const struct items *it;
    size_t to;
    struct words *w;
};

static bool is_kind(const struct reader *r, size_t at, enum item_kind kind)
{
    return at < r->to && r->it->kind[at] == kind;
}

static void add_part(struct reader *r, size_t from, size_t to, enum an_kind kind)
{
    struct words *w = r->w;
    size_t sorted = w->nparts;
    words_add_part(w, from, to, kind);
    if (w->nparts == sorted)
        return;
    struct part part = w->part[sorted];
    size_t i = sorted;
    while (i > 0 && words_part_before(&part, &w->part[i - 1])) {
        w->part[i] = w->part[i - 1];
        i--;
    }
    w->part[i] = part;
}

static size_t skip(const struct reader *r, size_t at, enum item_kind kind)
{
    while (is_kind(r, at, kind))
        at++;
    return at;
}

/* 10, 1.5, 23.4 */
static size_t skip_number(const struct reader *r, size_t at)
{
    size_t end = skip(r, at, ITEM_DIGIT);
    if (is_kind(r, end, ITEM_LINK) && r->it->cp[end] == '.')
        end = skip(r, end + 1, ITEM_DIGIT);
    return end;
}

/* The rank of a unit of time, the largest first; 0: none. */
static int time_unit(const struct reader *r, size_t at)
{
    if (at >= r->to)
        return 0;
    switch (r->it->cp[at]) {
    case 0x5e74: /* 年 */
        return 1;
    case 0x6708: /* 月 */
        return 2;
    case 0x65e5: /* 日 */
    case 0x53f7: /* 号 */
        return 3;
    case 0x65f6: /* 时 */
        return 4;
    case 0x5206: /* 分 */
        return 5;
    case 0x79d2: /* 秒 */
        return 6;
    default:
        return 0;
    }
}

/* 2025年, 10月31日: digits and units, each smaller than the one before it. Returns its end, or at.
 * A second component makes each a part; after a year the rest is a part, and so is its number. */
static size_t read_date(struct reader *r, size_t at)
{
    size_t end = at, day = 0, from[8], count = 0;
    int last = 0;
    for (;;) {
        size_t unit = skip(r, end, ITEM_DIGIT);
        int rank = unit > end ? time_unit(r, unit) : 0;
        if (rank <= last)
            break;
        if (last == 1 && rank == 2)
            day = end;
        from[count++] = end;
        end = unit + 1;
        last = rank;
    }
    if (count == 0)
        return at;
    if (is_kind(r, at + 4, ITEM_HAN) && time_unit(r, at + 4) == 1)
        add_part(r, at, at + 4, AN_NUMBER);
    from[count] = end;
    for (size_t i = 0; count > 1 && i < count; i++)
        add_part(r, from[i], from[i + 1], AN_NUMBER);
    if (day != 0 && count > 2)
        add_part(r, day, end, AN_NUMBER);
    return end;
}

/* 1.5亿元, 3万: a number with its magnitude and 元. Returns its end, or at. */
static size_t read_amount(struct reader *r, size_t at)
{
    size_t number = skip_number(r, at), end = number;
    while (end < r->to && end - number < 2 &&
           (r->it->cp[end] == 0x4e07 || r->it->cp[end] == 0x4ebf)) /* 万 亿 */
        end++;
    if (end < r->to && r->it->cp[end] == 0x5143) /* 元 */
        end++;
    if (end == number)
        return at;
    add_part(r, at, number, AN_NUMBER);
    return end;
}

/* A number and nothing else: digits with connectors between them, and % behind. */
static bool is_number(const struct reader *r, size_t from, size_t to)
{
    if (!is_kind(r, from, ITEM_DIGIT))
        return false;
    for (; from < to; from++) {
        bool percent = r->it->cp[from] == '%' || r->it->cp[from] == 0x2030;
        if (r->it->kind[from] != ITEM_DIGIT && r->it->kind[from] != ITEM_LINK && !percent)
            return false;
    }
    return true;
}

/* 1410, 23.4%: one number, whose digits nobody types apart. */
static bool is_decimal(const struct reader *r, size_t from, size_t to)
{
    size_t end = skip_number(r, from);
    return end == to || (end + 1 == to && r->it->kind[end] == ITEM_SYMBOL);
}

static bool is_word_kind(uint8_t kind)
{
    return kind == ITEM_LETTER || kind == ITEM_DIGIT;
}

/* Runs of letters and digits within a shorthand, and runs of either within those. */
static void add_pieces(struct reader *r, size_t from, size_t to)
{
    for (size_t at = from; at < to;) {
        size_t end = at;
        bool letters = false, digits = false;
        for (; end < to && is_word_kind(r->it->kind[end]); end++) {
            letters |= r->it->kind[end] == ITEM_LETTER;
            digits |= r->it->kind[end] == ITEM_DIGIT;
        }
        if (end - at < to - from)
            add_part(r, at, end, !digits ? AN_LATIN : letters ? AN_SHORTHAND : AN_NUMBER);
        for (size_t next; letters && digits && at < end; at = next) {
            enum item_kind kind = r->it->kind[at];
            next = at;
            while (next < end && r->it->kind[next] == kind)
                next++;
            add_part(r, at, next, kind == ITEM_LETTER ? AN_LATIN : AN_NUMBER);
        }
        at = end > at ? end : at + 1;
    }
}

static enum an_kind run_kind(const struct reader *r, size_t from, size_t to)
{
    size_t letters = 0, words = 0;
    for (size_t i = from; i < to; i++) {
        letters += r->it->kind[i] == ITEM_LETTER;
        words += is_word_kind(r->it->kind[i]);
    }
    if (words == 0)
        return AN_KINDS;
    if (letters == to - from)
        return AN_LATIN;
    return is_number(r, from, to) ? AN_NUMBER : AN_SHORTHAND;
}

struct atom atom_read(const struct items *it, size_t at, size_t to, struct words *w)
{
    struct reader r = {it, to, w};
    struct atom atom = {0, AN_NUMBER};
    size_t end = read_date(&r, at);
    if (end == at)
        end = read_amount(&r, at);
    if (end == at) {
        while (end < to && it->kind[end] != ITEM_HAN)
            end++;
        atom.kind = (uint8_t)run_kind(&r, at, end);
        if (atom.kind == AN_SHORTHAND || (atom.kind == AN_NUMBER && !is_decimal(&r, at, end)))
            add_pieces(&r, at, end);
    }
    atom.n = end - at;
    if (atom.n > AN_TOKEN_MAX)
        atom.kind = AN_KINDS;
    return atom;
}
