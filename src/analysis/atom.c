/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Numbers, dates, letters and shorthand: tokens that no dictionary lists.
 *
 * An atom is a run of items that are not Han, connectors between letters and digits included:
 * 5+5, 23.4%, covid-19, gb/t. A number takes its magnitude along (1.5亿, 20万). A date is an atom
 * of several pieces, which are the words of the path: 2025|年|10|月|31|日. Its last unit is a piece
 * only where nothing else can be meant, 日 behind 月; elsewhere the path may find 月份, 年度 or
 * 分钟 there.
 *
 * The wholes stand beside the path, and so do the parts that a reader may type: 2025年10月31日,
 * 2025年, 10月31日 and 10月; 1.5亿元 and 1.5; covid and 19 of covid-19; 919 of c919; the host of an
 * address. A range counts as a number: 5-10月, 3~5年. Parts have two characters or more; atoms and
 * parts of more than AN_TOKEN_MAX give no token.
 *
 * What stands right before a number may hint at a whole that Han or a separator is a part of. It is
 * noted for a later pass (wholes.c), when the words around are known.
 */

#include "words.h"

struct reader {
    const struct items *it;
    size_t to;
    struct words *w;
};

static bool is_kind(const struct reader *r, size_t at, enum item_kind kind)
{
    return at < r->to && r->it->kind[at] == kind;
}

static bool is_char(const struct reader *r, size_t at, uint32_t cp)
{
    return at < r->to && r->it->cp[at] == cp;
}

/* Put a part in its place among those of this run, unless it is there. */
static void add_part(struct reader *r, size_t from, size_t to, enum an_kind kind)
{
    struct words *w = r->w;
    size_t last = w->nparts, i = last;
    words_add_part(w, from, to, kind);
    if (w->nparts == last)
        return;
    struct part part = w->part[last];
    while (i > 0 && words_part_before(&part, &w->part[i - 1]))
        i--;
    if (i > 0 && w->part[i - 1].from == part.from && w->part[i - 1].n == part.n) {
        w->nparts--;
        return;
    }
    memmove(w->part + i + 1, w->part + i, (last - i) * sizeof(part));
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
    if (end > at && is_kind(r, end, ITEM_LINK) && is_char(r, end, '.'))
        end = skip(r, end + 1, ITEM_DIGIT);
    return end;
}

static bool is_percent(uint32_t cp)
{
    return cp == '%' || cp == U'‰';
}

/* A number or a range of two: 5-10, 3~5. *second is where the other begins, or at. */
static size_t skip_range(const struct reader *r, size_t at, size_t *second)
{
    size_t end = skip_number(r, at);
    *second = at;
    if (end == at || !(is_char(r, end, '-') || is_char(r, end, '~')) ||
        !is_kind(r, end + 1, ITEM_DIGIT))
        return end;
    *second = end + 1;
    return skip_number(r, end + 1);
}

static void add_piece(struct atom *atom, size_t n, enum an_kind kind)
{
    if (atom->npieces == ATOM_PIECES || n > AN_TOKEN_MAX)
        return;
    atom->piece[atom->npieces] = (uint8_t)n;
    atom->piece_kind[atom->npieces++] = (uint8_t)kind;
    atom->n += n;
}

/* ---- Hints ---- */

static void hint(struct words *w, size_t at, enum hint_kind kind)
{
    if (w->nhints < CHUNK)
        w->hint[w->nhints++] = (struct hint){(uint16_t)at, (uint8_t)kind};
}

/* ---- Dates ---- */

int time_unit(const struct items *it, size_t at, size_t to)
{
    uint32_t next = at + 1 < to ? it->cp[at + 1] : 0;
    if (at >= to)
        return 0;
    switch (it->cp[at]) {
    case U'年': /* but 90年代 */
        return next == U'代' ? 0 : 1;
    case U'月':
        return 2;
    case U'日':
    case U'号':
        return 3;
    case U'时':
        return 4;
    case U'分': /* but 5分钟 */
        return next == U'钟' ? 0 : 5;
    case U'秒':
        return 6;
    default:
        return 0;
    }
}

#define DATE_MOST 6 /* components: as many as units of time */

/* Numbers and units, each unit smaller than the one before it: 2025年10月31日. */
struct date {
    size_t n;                   /* components */
    size_t from[DATE_MOST + 1]; /* where each begins, and the end */
    size_t second[DATE_MOST];   /* of a range; else as from */
    int rank[DATE_MOST];
};

static void find_date(const struct reader *r, size_t at, struct date *d)
{
    d->n = 0;
    d->from[0] = at;
    for (int last = 0;;) {
        size_t from = d->from[d->n], second, unit = skip_range(r, from, &second);
        bool number = unit > from && unit - from <= AN_TOKEN_MAX;
        int rank = number ? time_unit(r->it, unit, r->to) : 0;
        if (rank <= last)
            return;
        d->second[d->n] = second;
        d->rank[d->n++] = last = rank;
        d->from[d->n] = unit + 1;
    }
}

/* The date as a whole, each component, what follows the year, and the month with its year. */
static void add_date_parts(struct reader *r, const struct date *d)
{
    size_t end = d->from[d->n];
    add_part(r, d->from[0], end, AN_NUMBER);
    for (size_t i = 0; i < d->n; i++) {
        if (d->n > 1)
            add_part(r, d->from[i], d->from[i + 1], AN_NUMBER);
        if (d->second[i] == d->from[i])
            continue;
        add_part(r, d->from[i], d->second[i] - 1, AN_NUMBER);
        add_part(r, d->second[i], d->from[i + 1], AN_NUMBER);
        add_part(r, d->second[i], d->from[i + 1] - 1, AN_NUMBER);
    }
    if (d->n < 3 || d->rank[0] != 1 || d->rank[1] != 2)
        return;
    add_part(r, d->from[0], d->from[2], AN_NUMBER);
    add_part(r, d->from[1], end, AN_NUMBER);
}

/* Whether a space, and then a digit or Han, follow the end of the run. */
static bool is_spaced(const struct reader *r, size_t end)
{
    const struct items *it = r->it;
    return end == r->to && end + 1 < it->n && it->kind[end] == ITEM_SPACE &&
           (it->kind[end + 1] == ITEM_DIGIT || it->kind[end + 1] == ITEM_HAN);
}

static bool read_date(struct reader *r, size_t at, struct atom *atom)
{
    struct date d;
    find_date(r, at, &d);
    if (d.n == 0)
        return false;
    add_date_parts(r, &d);
    if (d.rank[d.n - 1] < 3 && is_spaced(r, d.from[d.n]))
        hint(r->w, at, HINT_SPACED);
    atom->kind = AN_NUMBER;
    for (size_t i = 0; i < d.n; i++) {
        bool sure = i + 1 < d.n || (i > 0 && d.rank[i] == 3 && d.rank[i - 1] == 2);
        add_piece(atom, d.from[i + 1] - d.from[i] - 1, AN_NUMBER);
        if (sure)
            add_piece(atom, 1, AN_WORD);
    }
    return true;
}

/* ---- Amounts ---- */

/* 1.5亿元, 3万, 500元: the number with its magnitude is on the path. */
static bool read_amount(struct reader *r, size_t at, struct atom *atom)
{
    size_t second, number = skip_range(r, at, &second), end = number;
    while (end < number + 2 && (is_char(r, end, U'万') || is_char(r, end, U'亿')))
        end++;
    bool money = is_char(r, end, U'元');
    if (number == at || (end == number && !money) || end - at > AN_TOKEN_MAX)
        return false;
    if (money)
        add_part(r, at, end + 1, AN_NUMBER);
    if (end > number)
        add_part(r, at, number, AN_NUMBER);
    if (second > at) {
        add_part(r, at, second - 1, AN_NUMBER);
        add_part(r, second, end + money, AN_NUMBER);
    }
    atom->kind = AN_NUMBER;
    add_piece(atom, end - at, AN_NUMBER);
    return true;
}

/* ---- Runs of letters, digits, connectors and symbols ---- */

static bool is_word_kind(uint8_t kind)
{
    return kind == ITEM_LETTER || kind == ITEM_DIGIT;
}

/* Digits with connectors between them, and % behind: 2025-10-31, 14:30, 23.4%. */
static bool is_number(const struct reader *r, size_t from, size_t to)
{
    if (from == to || r->it->kind[from] != ITEM_DIGIT)
        return false;
    for (; from < to; from++)
        if (r->it->kind[from] != ITEM_DIGIT && r->it->kind[from] != ITEM_LINK &&
            !is_percent(r->it->cp[from]))
            return false;
    return true;
}

static enum an_kind stretch_kind(const struct reader *r, size_t from, size_t to)
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

static void add_stretch(struct reader *r, size_t from, size_t to)
{
    enum an_kind kind = stretch_kind(r, from, to);
    if (kind != AN_KINDS)
        add_part(r, from, to, kind);
}

/* Letters and digits without anything between: themselves, and where they change, runs of either.
 */
static void add_word(struct reader *r, size_t from, size_t to)
{
    add_stretch(r, from, to);
    for (size_t at = from, end; at < to; at = end) {
        end = skip(r, at, r->it->kind[at]);
        if (end - at < to - from)
            add_stretch(r, at, end);
    }
}

/* Connectors that separate more than others: the host of https://host/path and of name@host. */
static bool is_strong(uint32_t cp)
{
    return cp == '/' || cp == '@' || cp == ':';
}

/* The end of the stretch without strong connectors that begins at item at. */
static size_t strong_end(const struct reader *r, size_t at, size_t to)
{
    while (at < to && !(r->it->kind[at] == ITEM_LINK && is_strong(r->it->cp[at])))
        at++;
    return at;
}

/* A stretch between symbols or strong connectors, and the words in it. A decimal is one thing,
 * whose digits nobody types apart, but for the %. */
static void add_stretches(struct reader *r, size_t from, size_t to)
{
    size_t number = skip_number(r, from);
    add_stretch(r, from, to);
    if (number == to)
        return;
    if (number + 1 == to && is_percent(r->it->cp[number])) {
        add_stretch(r, from, number);
        return;
    }
    for (size_t at = from, end; at < to; at = end + 1) {
        for (end = at; end < to && is_word_kind(r->it->kind[end]);)
            end++;
        if (end < to && end - from == 3 && at == from && is_char(r, from, 'w') &&
            is_char(r, from + 1, 'w') && is_char(r, from + 2, 'w'))
            add_stretch(r, end + 1, to); /* a host without its www. */
        add_word(r, at, end);
    }
}

/* The number that a code ends in: 7714-2015 of gb/t7714-2015. */
static void add_tail(struct reader *r, size_t from, size_t to)
{
    size_t at = to;
    while (at > from && r->it->kind[at - 1] != ITEM_LETTER && r->it->kind[at - 1] != ITEM_SYMBOL)
        at--;
    while (at < to && r->it->kind[at] == ITEM_LINK)
        at++;
    if (at > from && is_number(r, at, to))
        add_part(r, at, to, AN_NUMBER);
}

/* What is inside [from, to), where nothing but the whole is on the path. */
static void add_inner(struct reader *r, size_t from, size_t to)
{
    for (size_t at = from, end; at < to; at = end + 1) {
        for (end = at; end < to && (r->it->kind[end] != ITEM_SYMBOL || is_percent(r->it->cp[end]));)
            end++;
        if (end > at)
            add_tail(r, at, end);
        for (size_t next; at < end; at = next + 1) {
            next = strong_end(r, at, end);
            add_stretches(r, at, next);
        }
    }
}

/* Symbols before a word are left to themselves, and beside the path they are one with it: $100, the
 * +5g of 农业+5g. */
static void read_run(struct reader *r, size_t at, struct atom *atom)
{
    size_t core = skip(r, at, ITEM_SYMBOL), end = core;
    while (end < r->to && r->it->kind[end] != ITEM_HAN)
        end++;
    atom->kind = (uint8_t)stretch_kind(r, at, end);
    if (atom->kind == AN_NUMBER && is_spaced(r, end))
        hint(r->w, at, HINT_SPACED);
    if (core > at && atom->kind != AN_KINDS) {
        add_part(r, at, end, AN_SHORTHAND);
        end = core;
        atom->kind = AN_KINDS;
    }
    atom->n = end - at;
    if (atom->kind == AN_SHORTHAND || (atom->kind == AN_NUMBER && skip_number(r, at) != end))
        add_inner(r, at, end);
    if (atom->n > AN_TOKEN_MAX)
        atom->kind = AN_KINDS;
}

/* ---- The door ---- */

/* What the one or two items before a number say of it. */
static void look_back(const struct items *it, size_t at, struct words *w)
{
    enum item_kind before = at > 1 ? it->kind[at - 2] : ITEM_BREAK;
    if (at == 0)
        return;
    switch (it->cp[at - 1]) {
    case U'第':
        hint(w, at, HINT_ORDINAL);
        break;
    case '(':
    case '[':
    case U'【':
    case U'〔':
        hint(w, at, HINT_DOCUMENT);
        break;
    case ' ':
        if (before == ITEM_LETTER)
            hint(w, at, HINT_STANDARD);
        break;
    case U'—':
        if (before == ITEM_DIGIT)
            hint(w, at, HINT_DASH);
        break;
    case ',':
        if (before == ITEM_DIGIT)
            hint(w, at, HINT_THOUSANDS);
        break;
    }
}

struct atom atom_read(const struct items *it, size_t at, size_t to, struct words *w)
{
    struct reader r = {it, to, w};
    struct atom atom = {.n = 0};
    if (it->kind[at] == ITEM_DIGIT)
        look_back(it, at, w);
    else if (it->cp[at] == '+' && at > 0 && it->kind[at - 1] == ITEM_HAN)
        hint(w, at, HINT_PLUS);
    if (it->kind[at] != ITEM_DIGIT || (!read_date(&r, at, &atom) && !read_amount(&r, at, &atom)))
        read_run(&r, at, &atom);
    return atom;
}
