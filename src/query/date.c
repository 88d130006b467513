/* SPDX-License-Identifier: GPL-2.0-or-later */

/* date: what filters by a day, a month, a year, or a range of days.
 *
 * A day is that of the bulletin itself or one that it mentions, and a month or a year is one of
 * such a day, so that a month finds all that its days find. Ingest makes terms of both.
 *
 * A range is cut into years, months and days for the terms of what is mentioned, for which an open
 * end is taken to be a century away; a bulletin's own date is a value, so its range is exact. Words
 * for days, 昨天 or 近7天, are ranges counted from today; a week begins on Monday. A range told the
 * wrong way round is turned.
 */

#include "nodes.h"

#include <gongbao/day.h>
#include <gongbao/utf8.h>
#include <stdio.h>
#include <uchar.h>

#define OLDEST_YEAR 1900
#define LATEST_YEAR 2100
#define DAYS_MAX    36500 /* 近100000天 is any day up to today */

/* The first and the last day. A year of 0: no bound. */
struct range {
    struct an_date first, last;
};

/* ---- the calendar ---- */

static struct an_date next_day(struct an_date d)
{
    if (++d.day > day_last(d.year, d.month)) {
        d.day = 1;
        if (++d.month > 12) {
            d.month = 1;
            d.year++;
        }
    }
    return d;
}

static struct an_date day_before(struct an_date d)
{
    if (--d.day < 1) {
        if (--d.month < 1) {
            d.month = 12;
            d.year--;
        }
        d.day = day_last(d.year, d.month);
    }
    return d;
}

static struct an_date days_before(struct an_date d, int n)
{
    while (n-- > 0)
        d = day_before(d);
    return d;
}

static struct an_date days_behind(struct an_date d, int n)
{
    while (n-- > 0)
        d = next_day(d);
    return d;
}

/* 0 for Monday. (Sakamoto's rule.) */
static int weekday(struct an_date d)
{
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int y = d.year - (d.month < 3);
    return (y + y / 4 - y / 100 + y / 400 + shift[d.month - 1] + d.day + 6) % 7;
}

static int number_of(struct an_date d)
{
    return (d.year * 100 + d.month) * 100 + d.day;
}

/* The first day of a day, month or year, and its last. */
static struct an_date first_of(struct an_date d)
{
    return (struct an_date){d.year, d.month ? d.month : 1, d.day ? d.day : 1};
}

static struct an_date last_of(struct an_date d)
{
    int month = d.month ? d.month : 12;
    return (struct an_date){d.year, month, d.day ? d.day : day_last(d.year, month)};
}

/* ---- reading ---- */

/* Digits alone: a year, with its month or its month and day: 2024, 202410, 20241031. */
static bool read_digits(const struct an_text *fold, struct an_date *d)
{
    uint32_t spelt[10];
    size_t n = 0;
    if (fold->n != 4 && fold->n != 6 && fold->n != 8)
        return false;
    for (size_t i = 0; i < fold->n; i++) {
        if (i == 4 || i == 6)
            spelt[n++] = '-';
        spelt[n++] = fold->cp[i];
    }
    if (n == 4)
        spelt[n++] = U'年';
    return an_read_date(spelt, n, d);
}

/* Read text, folded. */
static enum st read_date(struct str text, struct an_date *d, bool *yes)
{
    struct an_text fold;
    an_text_init(&fold);
    enum st st = an_fold_run(text, AN_VIEW_MARKS, &fold);
    *yes = st == ST_OK && (an_read_date(fold.cp, fold.n, d) || read_digits(&fold, d));
    an_text_fini(&fold);
    return st;
}

/* A..B, A.. or ..B; a date by itself is from its first day to its last. B..A is turned. */
static enum st read_range(struct str text, struct range *r, bool *turned, bool *yes)
{
    const char *dots = memmem(text.p, text.n, "..", 2);
    struct str a = dots ? str_from(text.p, (size_t)(dots - text.p)) : text;
    struct str b = dots ? str_from(dots + 2, (size_t)(text.p + text.n - dots) - 2) : text;
    struct an_date first = {0}, last = {0};
    bool from = true, to = true;
    enum st st = a.n ? read_date(a, &first, &from) : ST_OK;
    if (st == ST_OK && b.n)
        st = read_date(b, &last, &to);
    *yes = st == ST_OK && from && to && (a.n || b.n);
    if (!*yes)
        return st;
    *r = (struct range){0};
    if (a.n && b.n && number_of(first_of(first)) > number_of(last_of(last))) {
        struct an_date late = first;
        first = last;
        last = late;
        *turned = true;
    }
    if (a.n)
        r->first = first_of(first);
    if (b.n)
        r->last = last_of(last);
    return ST_OK;
}

/* A number under a thousand in Chinese numerals, or one in digits of any width. */
static bool read_count(struct str s, uint32_t *n)
{
    static const char32_t numerals[] = U"零一二三四五六七八九十";
    uint32_t cp = 0, digits = 0, sum = 0;
    unsigned len;
    for (*n = 0; s.n > 0; s = str_from(s.p + len, s.n - len)) {
        if ((len = utf8_next(s.p, s.p + s.n, &cp)) == 0)
            return false;
        cp = an_fold_char(cp);
        uint32_t v = 0;
        while (numerals[v] && numerals[v] != cp)
            v++;
        if (cp >= '0' && cp <= '9') {
            *n = *n < DAYS_MAX ? *n * 10 + cp - '0' : *n;
        } else if (v == 10 && digits < 100) {
            sum = (digits ? digits : 1) * 10;
            digits = 0;
        } else if (v < 10 && digits == 0) {
            digits = v;
        } else {
            return false;
        }
    }
    *n += sum + digits;
    return true;
}

/* 近7天: today and the days before it. */
static bool read_last_days(struct str text, struct an_date today, struct range *r)
{
    uint32_t n;
    if (!str_starts(text, STR("近")) || !str_ends(text, STR("天")) || text.n <= 6 ||
        !read_count(str_from(text.p + 3, text.n - 6), &n) || n == 0)
        return false;
    *r = (struct range){.last = today};
    if (n <= DAYS_MAX)
        r->first = days_before(today, (int)n - 1);
    return true;
}

/* A word for some days. */
static bool read_word(struct str text, struct an_date today, struct range *r)
{
    struct an_date month = {today.year, today.month, 0}, year = {today.year, 0, 0};
    struct an_date monday = days_before(today, weekday(today));
    struct an_date last_month = day_before(first_of(month));
    const struct {
        struct str word;
        struct range range;
    } words[] = {
        {{"今天", 6}, {today, today}},
        {{"昨天", 6}, {day_before(today), day_before(today)}},
        {{"本周", 6}, {monday, days_behind(monday, 6)}},
        {{"上周", 6}, {days_before(monday, 7), day_before(monday)}},
        {{"本月", 6}, {first_of(month), last_of(month)}},
        {{"上月", 6}, {(struct an_date){last_month.year, last_month.month, 1}, last_month}},
        {{"今年", 6}, {first_of(year), last_of(year)}},
        {{"去年", 6}, {{today.year - 1, 1, 1}, {today.year - 1, 12, 31}}},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!str_eq(words[i].word, text))
            continue;
        *r = words[i].range;
        return true;
    }
    return read_last_days(text, today, r);
}

/* ---- nodes ---- */

/* A day, month or year, without what is 0, that is mentioned. */
static struct ix_node *mention(struct arena *a, struct an_date d)
{
    const char *term = d.day     ? arena_fmt(a, IX_TERM_DAY "%04d%02d%02d", d.year, d.month, d.day)
                       : d.month ? arena_fmt(a, IX_TERM_DAY "%04d%02d", d.year, d.month)
                                 : arena_fmt(a, IX_TERM_DAY "%04d", d.year);
    return q_term_node(a, str_of(term), 1);
}

/* The largest of year, month and day that begins with d and ends with `last` at the latest. */
static struct an_date largest(struct an_date d, struct an_date last)
{
    struct an_date month = {d.year, d.month, 0}, year = {d.year, 0, 0};
    if (d.day == 1 && d.month == 1 && number_of(last_of(year)) <= number_of(last))
        return year;
    if (d.day == 1 && number_of(last_of(month)) <= number_of(last))
        return month;
    return d;
}

/* What is mentioned of a range: some 200 terms at most. */
static struct ix_node *mentions(struct arena *a, const struct range *r)
{
    struct an_date at = {OLDEST_YEAR, 1, 1}, last = {LATEST_YEAR, 12, 31};
    struct ix_node *kid[LATEST_YEAR - OLDEST_YEAR + 128];
    size_t n = 0;
    if (number_of(r->first) > number_of(at))
        at = r->first;
    if (r->last.year && number_of(r->last) < number_of(last))
        last = r->last;
    while (number_of(at) <= number_of(last) && n < sizeof(kid) / sizeof(kid[0])) {
        struct an_date part = largest(at, last);
        kid[n++] = mention(a, part);
        at = next_day(last_of(part));
    }
    return q_join(a, IX_OR, kid, n);
}

/* A bulletin's own date. */
static struct ix_node *own(struct arena *a, const struct range *r)
{
    struct ix_node *node = q_node_of(a, IX_RANGE, NULL, 0);
    if (!node)
        return NULL;
    node->slot = IX_SLOT_DATE;
    node->term = str_of(arena_fmt(a, "%08d", number_of(r->first)));
    if (r->last.year)
        node->high = str_of(arena_fmt(a, "%08d", number_of(r->last)));
    return node;
}

/* A day, month or year is one term. */
static struct ix_node *own_term(struct arena *a, struct an_date d)
{
    enum ix_field field = d.day ? IX_DATE : d.month ? IX_MONTH : IX_YEAR;
    struct ix_node *said = mention(a, d);
    struct str digits = said ? said->term : STR("T");
    struct str term = ix_field_term(field, str_from(digits.p + 1, digits.n - 1), a);
    return term.p ? q_term_node(a, term, 1) : NULL;
}

static struct ix_node *date_node(struct arena *a, const struct range *r)
{
    struct an_date one = largest(r->first, r->last);
    bool whole = r->first.year && r->last.year && number_of(last_of(one)) == number_of(r->last);
    return q_join2(a, IX_OR, whole ? own_term(a, one) : own(a, r), mentions(a, r));
}

enum st q_date(struct an *an, const struct q_node *node, const struct q_opts *opts, struct arena *a,
               struct ix_node **out, struct err *err)
{
    struct str text = node->text, digits;
    struct range range;
    bool yes = false, turned = false;
    enum st st = q_digits(an, text, a, &digits);
    if (digits.n == 0)
        digits = text;
    if (st == ST_OK && opts->today.year)
        yes = read_word(digits, opts->today, &range);
    if (st == ST_OK && !yes)
        st = read_range(digits, &range, &turned, &yes);
    if (st != ST_OK)
        return err_nomem(err);
    if (!yes)
        return err_at(err, ST_SYNTAX, node->offset,
                      STR_FMT " is no date: write 2024-10-31, 2024-10 or 2024", STR_ARG(text));
    if (turned && opts->strict)
        return err_at(err, ST_SYNTAX, node->offset, STR_FMT " ends before it begins",
                      STR_ARG(text));
    *out = date_node(a, &range);
    return *out && !a->failed ? ST_OK : err_nomem(err);
}
