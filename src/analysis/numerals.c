/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chinese numerals in dates and numbers, as digits.
 *
 *    二〇二四年十月三十一日    2024年10月31日, and its parts as atom.c has them
 *    第三十二条                第32条
 *    一百二十三号              123号
 *    二十届, 第二十一次        20届, 第21次
 *    三百五十万                350万
 *    国发〔二〇一九〕五号      国发20195号, 2019, 5号
 *
 * Beside the text goes all that the digits would have given: words, bigrams and characters, so that
 * who asks for 2024年 finds 二〇二四年. They are aside, over the characters that they stand for;
 * the digits of 三十一 have all of it as their slice.
 *
 * A numeral counts only before 年 月 日 号 届 or, behind 第, 条 章 次: 年 wants four digits, 月 and
 * 日 a number that they can have. Before 万 and 亿 it has two characters at least (一万 is typed
 * so) and is all of the number. It begins where a word of the path does, so that 统一号码 has none.
 *
 * Not here: other measure words (三个), whose digits hardly anybody types, and hours.
 *
 * The units are listed by one pass without branches; only where a numeral stands before one, more
 * is done.
 */

#include "words.h"
#include <uchar.h>

#define NUMERAL_MOST 9 /* characters in one */
#define FORM_MOST    48
#define ORDINAL      U'第'

/* A numeral and the unit behind it. */
struct component {
    size_t from, to; /* items of the numeral; its unit is item `to` */
    int rank;        /* as units of time; an ordinal is OTHER */
    unsigned value;
    bool places; /* written digit by digit, more than one of them */
    char digit[12];
};

enum { YEAR = 1, MONTH, DAY, OTHER };

/* What the text would be with digits: characters, and the items that each stands for. */
struct form {
    size_t n, spelt;
    uint32_t cp[FORM_MOST];
    uint16_t from[FORM_MOST], to[FORM_MOST];
    bool fresh[FORM_MOST]; /* not in the text itself */
};

struct finder {
    const struct items *it;
    struct words *w;
    struct component date[3]; /* adjacent components, each smaller than the one before */
    size_t ndate;
};

/* ---- Reading numerals ---- */

/* 0 to 9, 10, 20, 30, 100 or 1000; -1: no numeral. 0 and the letter O are written for 〇, 二O二四.
 * No two of them have the same low seven bits. */
static int numeral(uint32_t cp)
{
    static const struct {
        uint16_t cp;
        int16_t value;
    } by_low_bits[128] = {
        [U'廿' & 127] = {U'廿', 20}, [U'卅' & 127] = {U'卅', 30},  [U'0' & 127] = {U'0', 0},
        [U'o' & 127] = {U'o', 0},    [U'一' & 127] = {U'一', 1},   [U'二' & 127] = {U'二', 2},
        [U'三' & 127] = {U'三', 3},  [U'四' & 127] = {U'四', 4},   [U'五' & 127] = {U'五', 5},
        [U'六' & 127] = {U'六', 6},  [U'七' & 127] = {U'七', 7},   [U'八' & 127] = {U'八', 8},
        [U'九' & 127] = {U'九', 9},  [U'〇' & 127] = {U'〇', 0},   [U'零' & 127] = {U'零', 0},
        [U'十' & 127] = {U'十', 10}, [U'百' & 127] = {U'百', 100}, [U'千' & 127] = {U'千', 1000},
    };
    return by_low_bits[cp & 127].cp == cp ? by_low_bits[cp & 127].value : -1;
}

/* 三十二, 一百零三: the value, or -1. */
static int positional(const uint32_t *cp, size_t n)
{
    int total = 0, digit = -1, last = 10000;
    for (size_t i = 0; i < n; i++) {
        int v = numeral(cp[i]);
        if (v < 10) {
            if (digit > 0 || (v == 0 && i + 1 == n))
                return -1;
            digit = v;
        } else if (v > 10 && v < 100) { /* 廿, 卅 */
            if (digit > 0 || last <= 10)
                return -1;
            total += v;
            last = 10;
            digit = -1;
        } else {
            if (v >= last || (digit <= 0 && v > 10))
                return -1;
            total += (digit <= 0 ? 1 : digit) * v;
            last = v;
            digit = -1;
        }
    }
    return digit < 0 ? total : total + digit;
}

/* A value of at most four digits; printf would take longer than all the rest. */
static void write_digits(char *to, int value)
{
    for (int unit = 1000; unit > 0; unit /= 10)
        if (value >= unit || unit == 1)
            *to++ = (char)('0' + value / unit % 10);
    *to = '\0';
}

/* Digit by digit, or with 十 百 千. */
static bool read_numeral(const struct items *it, struct component *c)
{
    const uint32_t *cp = it->cp + c->from;
    size_t n = c->to - c->from;
    bool by_place = true;
    for (size_t i = 0; i < n; i++)
        by_place &= numeral(cp[i]) < 10;
    c->places = by_place && n > 1;
    if (!c->places) {
        int value = n > 0 ? positional(cp, n) : -1;
        if (n == 1 && by_place)
            value = numeral(cp[0]);
        if (value <= 0)
            return false;
        c->value = (unsigned)value;
        write_digits(c->digit, value);
        return true;
    }
    c->value = 0;
    for (size_t i = 0; i < n; i++) {
        c->digit[i] = (char)('0' + numeral(cp[i]));
        c->value = c->value * 10 + (unsigned)numeral(cp[i]);
    }
    c->digit[n] = '\0';
    return c->value > 0;
}

static bool has_zero(const struct component *c)
{
    return strchr(c->digit, '0') != NULL;
}

/* Whether more of a number stands around the component, which ends with 万 or 亿: 三千万零二百. */
static bool goes_on(const struct items *it, const struct component *c)
{
    uint32_t before = c->from > 0 ? it->cp[c->from - 1] : 0;
    bool behind = item_is_text(it->kind[c->to + 1]) && numeral(it->cp[c->to + 1]) >= 0;
    return before == U'万' || before == U'亿' || behind;
}

/* The rank of the component by its unit; 0: it is none. */
static int rank_of(const struct finder *f, const struct component *c)
{
    bool ordinal = c->from > 0 && f->it->cp[c->from - 1] == ORDINAL;
    if (f->w->n[c->from] == 0 && !ordinal && f->ndate == 0)
        return 0;
    switch (f->it->cp[c->to]) {
    case U'年':
        return c->places && c->to - c->from == 4 && c->value >= 1000 && c->value < 3000 ? YEAR : 0;
    case U'月':
        return !c->places && c->value <= 12 ? MONTH : 0;
    case U'日':
        return !c->places && c->value <= 31 ? DAY : 0;
    case U'号':
    case U'届':
        return !c->places || has_zero(c) ? OTHER : 0;
    case U'万':
    case U'亿':
        return !c->places && c->to - c->from > 1 && !goes_on(f->it, c) ? OTHER : 0;
    default: /* 条 章 次 */
        return ordinal && (!c->places || has_zero(c)) ? OTHER : 0;
    }
}

/* ---- Forms ---- */

/* Only the count: to clear the arrays takes longer than to fill what is needed. */
static void form_begin(struct form *m)
{
    m->n = 0;
}

static void form_add(struct form *m, uint32_t cp, size_t from, size_t to, bool fresh)
{
    if (m->n == FORM_MOST)
        return;
    m->cp[m->n] = cp;
    m->from[m->n] = (uint16_t)from;
    m->to[m->n] = (uint16_t)to;
    m->fresh[m->n++] = fresh;
}

static void form_add_item(struct form *m, const struct items *it, size_t at)
{
    form_add(m, it->cp[at], at, at + 1, false);
}

/* The digits of a component. A digit written by itself has its own character as its slice. */
static void form_add_digits(struct form *m, const struct component *c)
{
    for (size_t i = 0; c->digit[i]; i++) {
        size_t from = c->places ? c->from + i : c->from, to = c->places ? from + 1 : c->to;
        form_add(m, (unsigned char)c->digit[i], from, to, true);
    }
}

/* Keep the characters of the form, which is then complete. */
static bool form_keep(struct form *m, struct words *w)
{
    if (SPELT - w->nspelt < m->n)
        return false;
    memcpy(w->spelt + w->nspelt, m->cp, m->n * sizeof(m->cp[0]));
    m->spelt = w->nspelt;
    w->nspelt += m->n;
    return true;
}

/* The characters [i, j) of the form as a token. */
static void add_token(const struct form *m, size_t i, size_t j, enum an_kind kind, struct words *w)
{
    if (i >= j || w->nparts == PARTS)
        return;
    w->part[w->nparts++] = (struct part){.from = m->from[i],
                                         .n = (uint16_t)(m->to[j - 1] - m->from[i]),
                                         .kind = (uint8_t)kind,
                                         .aside = 1,
                                         .ncp = (uint16_t)(j - i),
                                         .cp = (uint16_t)(m->spelt + i)};
}

/* The bigrams and characters that the text does not have. */
static void add_pairs(const struct form *m, struct words *w)
{
    for (size_t i = 0; i < m->n; i++) {
        if (m->fresh[i])
            add_token(m, i, i + 1, AN_CHAR, w);
        if (i + 1 < m->n && (m->fresh[i] || m->fresh[i + 1]) && m->from[i + 1] <= m->to[i])
            add_token(m, i, i + 2, AN_BIGRAM, w);
    }
}

/* ---- Dates and numbers ---- */

/* The character before, of which the first digit has a bigram. */
static void form_add_before(struct form *m, const struct items *it, size_t at)
{
    if (at > 0 && item_is_text(it->kind[at - 1]))
        form_add_item(m, it, at - 1);
}

/* Words as atom.c and wholes.c have them; place[i] is where component i begins in the form. */
static void add_words(const struct finder *f, const struct form *m, const size_t place[4])
{
    const struct component *c = f->date;
    size_t n = f->ndate;
    if (c->from > 0 && f->it->cp[c->from - 1] == ORDINAL) {
        add_token(m, place[0] - 1, m->n, AN_NUMBER, f->w);
        add_token(m, place[0] - 1, m->n - 1, AN_NUMBER, f->w);
        return;
    }
    add_token(m, place[0], m->n, AN_NUMBER, f->w);
    for (size_t i = 0; i < n; i++) {
        if (n > 1)
            add_token(m, place[i], place[i + 1], AN_NUMBER, f->w);
        add_token(m, place[i], place[i + 1] - 1, AN_NUMBER, f->w);
    }
    if (n == 3) {
        add_token(m, place[0], place[2], AN_NUMBER, f->w);
        add_token(m, place[1], m->n, AN_NUMBER, f->w);
    }
}

/* A year is one word of the path, as its digits are: 二〇二四|年. */
static void put_year(struct words *w, const struct component *c)
{
    size_t last = c->to;
    while (last > c->from && w->n[last] == 0)
        last--;
    if (w->n[c->from] == 0 || (last < c->to && last + w->n[last] != c->to + 1))
        return;
    if (last < c->to) { /* a word ends with 年 */
        w->n[c->to] = 1;
        w->kind[c->to] = AN_WORD;
        w->id[c->to] = AN_NO_WORD;
    }
    memset(w->n + c->from, 0, (c->to - c->from) * sizeof(w->n[0]));
    w->n[c->from] = (uint16_t)(c->to - c->from);
    w->kind[c->from] = AN_NUMBER;
    w->id[c->from] = AN_NO_WORD;
}

static void end_date(struct finder *f)
{
    struct form m;
    size_t place[4];
    if (f->ndate == 0)
        return;
    form_begin(&m);
    if (f->date[0].rank == YEAR)
        put_year(f->w, &f->date[0]);
    form_add_before(&m, f->it, f->date[0].from);
    for (size_t i = 0; i < f->ndate; i++) {
        place[i] = m.n;
        form_add_digits(&m, &f->date[i]);
        form_add_item(&m, f->it, f->date[i].to);
    }
    place[f->ndate] = m.n;
    if (form_keep(&m, f->w)) {
        add_pairs(&m, f->w);
        add_words(f, &m, place);
    }
    f->ndate = 0;
}

/* ---- Documents ---- */

/* The year in brackets before 五号, whose numeral begins at item at. */
static bool read_bracket(const struct finder *f, size_t at, struct component *year)
{
    const struct items *it = f->it;
    at -= at > 0 && it->cp[at - 1] == ORDINAL;
    at -= at > 0 && it->kind[at - 1] == ITEM_SPACE;
    if (at < 6 || it->kind[at - 1] != ITEM_SEPARATOR || it->kind[at - 6] != ITEM_SEPARATOR)
        return false;
    *year = (struct component){.from = at - 5, .to = at - 1};
    for (size_t i = year->from; i < year->to; i++)
        if (numeral(it->cp[i]) < 0)
            return false;
    return read_numeral(it, year) && year->places;
}

/* 国发〔二〇一九〕五号: the whole, and its year. The number has its own form. */
static void add_document(struct finder *f, const struct component *year,
                         const struct component *number)
{
    struct form m;
    size_t from[AGENCY_MOST], n = agencies_before(f->it, f->w, year->from - 1, from);
    size_t first = n > 0 ? from[n - 1] : year->from;
    form_begin(&m);
    for (size_t i = first; i < year->from; i++)
        if (item_is_text(f->it->kind[i]))
            form_add_item(&m, f->it, i);
    size_t digits = m.n;
    form_add_digits(&m, year);
    size_t year_end = m.n;
    if (f->it->cp[number->from - 1] == ORDINAL)
        form_add_item(&m, f->it, number->from - 1);
    form_add_digits(&m, number);
    form_add_item(&m, f->it, number->to);
    if (!form_keep(&m, f->w))
        return;
    for (size_t i = 0; i < n; i++)
        add_token(&m, from[i] - first, m.n, AN_SHORTHAND, f->w);
    add_token(&m, digits, year_end, AN_NUMBER, f->w);
    m.n = year_end;
    add_pairs(&m, f->w);
}

/* ---- Looking ---- */

/* Item u is a unit and the one before it a numeral. */
static void take_unit(struct finder *f, size_t u)
{
    struct component c = {.from = u, .to = u}, year;
    size_t least = f->ndate > 0 ? f->date[f->ndate - 1].to + 1 : 0;
    while (c.from > least && numeral(f->it->cp[c.from - 1]) >= 0)
        c.from--;
    bool joined = f->ndate > 0 && c.from == least;
    if (!joined)
        end_date(f);
    if (c.to - c.from > NUMERAL_MOST || !read_numeral(f->it, &c))
        return;
    c.rank = rank_of(f, &c);
    if (joined && c.rank == OTHER && f->date[f->ndate - 1].rank == MONTH && c.value <= 31)
        c.rank = DAY; /* 十月一号 */
    if (joined && c.rank <= f->date[f->ndate - 1].rank)
        end_date(f);
    if (c.rank == 0)
        return;
    if (c.rank == OTHER && f->ndate == 0 && read_bracket(f, c.from, &year))
        add_document(f, &year, &c);
    f->date[f->ndate++] = c;
    if (c.rank >= DAY)
        end_date(f);
}

/* A unit: no two of them have the same low seven bits. */
static bool is_unit(uint32_t cp)
{
    static const uint16_t by_low_bits[128] = {
        [U'年' & 127] = U'年', [U'月' & 127] = U'月', [U'日' & 127] = U'日', [U'号' & 127] = U'号',
        [U'条' & 127] = U'条', [U'章' & 127] = U'章', [U'次' & 127] = U'次', [U'届' & 127] = U'届',
        [U'万' & 127] = U'万', [U'亿' & 127] = U'亿',
    };
    return by_low_bits[cp & 127] == cp;
}

/* List the units. Nothing branches on whether one is there, which cannot be guessed. */
static size_t find_units(const struct items *it, size_t n, struct words *w)
{
    size_t found = 0;
    for (size_t at = 0; at < n; at++) {
        w->candidate[found] = (uint16_t)at;
        found += is_unit(it->cp[at]);
    }
    return found;
}

void numerals_find(const struct items *it, size_t n, struct words *w)
{
    struct finder f = {.it = it, .w = w};
    size_t sorted = w->nparts, found = find_units(it, n, w);
    for (size_t i = 0; i < found; i++) {
        size_t u = w->candidate[i];
        if (u > 0 && numeral(it->cp[u - 1]) >= 0)
            take_unit(&f, u);
    }
    end_date(&f);
    words_settle(w, sorted);
}
