/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The days that a text mentions.
 *
 * Dates are tokens already (atom.c, wholes.c, numerals.c); here their characters are read. Which
 * year a date without one is in, is decided by the first of these that applies:
 *
 *    1. 今年 去年 明年 before it: the year of the bulletin, the one before, the one after. It is
 *       no day behind another 年 (次年, or a year of another reckoning), behind 农历, and in a
 *       sentence with 每年 at most NEAR bytes before.
 *    2. The last date with a year, when it stands in the same sentence, at most NEAR bytes before:
 *       2023年9月1日至10月31日. A range that would run backwards ends in the next year.
 *    3. The bulletin's own date: the year in which the date is nearest to it, at most half a year
 *       away. A bulletin without a date leaves it open, and it is no day.
 *
 * A day without a month (10月28日至31日) is taken only right behind a date that it continues. Of a
 * range of at most RANGE_MOST days, those between are mentioned too. What the calendar does not
 * have (2月30日) is no day.
 */

#include <gongbao/analysis.h>
#include <gongbao/day.h>
#include <stdlib.h>
#include <string.h>

#define NEAR       120 /* bytes between a date with a year and one that borrows it */
#define HALF_YEAR  183 /* days */
#define RANGE_MOST 31  /* days in a range of which each is indexed */
#define JOIN_MOST  16  /* bytes between a date and a day that continues it */

static bool is_day(const struct an_date *d)
{
    return d->year >= 1800 && d->year < 2200 && day_exists(d->year, d->month, d->day);
}

/* A number that grows by one with each day of the calendar. */
static int serial(const struct an_date *d)
{
    return (int)day_number(d->year, d->month, d->day);
}

/* ---- Reading ---- */

struct reading {
    const uint32_t *cp;
    size_t n, at;
};

/* A number of at most four digits; its length is added to *digits. -1: none. */
static int read_number(struct reading *r, int *digits)
{
    int value = 0;
    *digits = 0;
    while (r->at < r->n && r->cp[r->at] >= '0' && r->cp[r->at] <= '9' && *digits < 5) {
        value = value * 10 + (int)(r->cp[r->at++] - '0');
        ++*digits;
    }
    return *digits > 0 && *digits < 5 ? value : -1;
}

static bool take(struct reading *r, uint32_t cp)
{
    if (r->at == r->n || r->cp[r->at] != cp)
        return false;
    r->at++;
    return true;
}

/* 2024-10-31, with - . or / twice. */
static bool read_points(struct reading *r, int year, struct an_date *d)
{
    int digits;
    uint32_t point = r->at < r->n ? r->cp[r->at] : 0;
    if (point != '-' && point != '.' && point != '/')
        return false;
    r->at++;
    *d = (struct an_date){.year = year, .month = read_number(r, &digits)};
    if (d->month < 0 || digits > 2)
        return false;
    if (r->at == r->n)
        return true;
    bool more = take(r, point);
    d->day = read_number(r, &digits);
    return more && d->day >= 0 && digits <= 2 && r->at == r->n;
}

/* 31日, 31号, 28-31日: the day, and the other one of a range. */
static bool read_days(struct reading *r, int day, struct an_date *d, int *other)
{
    int digits;
    *other = 0;
    if (take(r, '-') || take(r, '~')) {
        *other = day;
        day = read_number(r, &digits);
    }
    d->day = day;
    return day > 0 && (take(r, U'日') || take(r, U'号'));
}

/* What is not told is 0. */
static bool read_date(const uint32_t *cp, size_t n, struct an_date *d, int *other)
{
    struct reading r = {cp, n, 0};
    int digits, value = read_number(&r, &digits);
    *d = (struct an_date){0};
    *other = 0;
    if (value < 0)
        return false;
    if (digits == 4 && read_points(&r, value, d))
        return true;
    if (take(&r, U'年')) {
        if (digits != 4)
            return false;
        d->year = value;
        if (r.at == n)
            return true;
        value = read_number(&r, &digits);
    }
    if (value > 0 && take(&r, U'月')) {
        d->month = value;
        if (r.at == n)
            return d->year > 0;
        value = read_number(&r, &digits);
    } else if (d->year > 0) {
        return false;
    }
    return value > 0 && read_days(&r, value, d, other);
}

bool an_read_date(const uint32_t *cp, size_t n, struct an_date *out)
{
    int other;
    if (!read_date(cp, n, out, &other) || other || out->year == 0)
        return false;
    struct an_date whole = {out->year, out->month ? out->month : 1, out->day ? out->day : 1};
    return is_day(&whole);
}

/* ---- Which year ---- */

static bool ends_with(struct str s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

static struct str without_space(struct str s)
{
    while (s.n > 0 && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

static bool has_sentence_end(struct str s)
{
    static const char *const ends[] = {"。", "；", "！", "？", "\n"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (memmem(s.p, s.n, ends[i], strlen(ends[i])))
            return true;
    return false;
}

enum join { APART, LIST, RANGE };

/* 至, 、 and the like: what joins the last date and the one at `start`. */
static enum join join_of(const struct an_days *d, uint32_t start)
{
    static const char *const joins[] = {"、", "和", "及", "至",   "到", "-", "—",
                                        "——", "－", "–",  "起至", "~",  "～"};
    if (d->end == 0 || start - d->end > JOIN_MOST)
        return APART;
    struct str gap = without_space(str_from(d->text.p + d->end, start - d->end));
    while (gap.n > 0 && gap.p[0] == ' ')
        gap = str_from(gap.p + 1, gap.n - 1);
    for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++)
        if (str_eq(gap, str_of(joins[i])))
            return i < 3 ? LIST : RANGE;
    return APART;
}

/* Whether the day is meant in every year, or in a calendar with other months. */
static bool is_general(const struct an_days *d, struct str before)
{
    static const char *const lunar[] = {"农历", "農曆", "农曆", "阴历", "陰曆"};
    for (size_t i = 0; i < sizeof(lunar) / sizeof(lunar[0]); i++)
        if (ends_with(before, lunar[i]))
            return true;
    size_t n = before.n < NEAR ? before.n : NEAR;
    struct str near = str_from(d->text.p + before.n - n, n);
    const char *every = memmem(near.p, near.n, "每年", strlen("每年"));
    return every && !has_sentence_end(str_from(every, (size_t)(near.p + near.n - every)));
}

static int nearest_year(const struct an_days *d, const struct an_date *date)
{
    for (int step = 0; step < 3; step++) {
        struct an_date there = *date;
        there.year = d->own.year + (step == 2 ? -1 : step);
        if (is_day(&there) && abs(serial(&there) - serial(&d->own)) <= HALF_YEAR)
            return there.year;
    }
    return 0;
}

/* The year of a date at `start` that has none; 0: it cannot be told. */
static int year_of(const struct an_days *d, const struct an_date *date, uint32_t start)
{
    struct str before = without_space(str_from(d->text.p, start));
    if (is_general(d, before))
        return 0;
    if (ends_with(before, "年") || ends_with(before, "年度")) {
        int step = ends_with(before, "去年") ? -1 : ends_with(before, "明年");
        bool told = step != 0 || ends_with(before, "今年");
        return told && d->own.year ? d->own.year + step : 0;
    }
    if (d->last.year && start - d->year_end <= NEAR &&
        !has_sentence_end(str_from(d->text.p + d->year_end, start - d->year_end))) {
        bool back = date->month < d->last.month ||
                    (date->month == d->last.month && date->day < d->last.day);
        return d->last.year + (back && join_of(d, start) != APART);
    }
    return d->own.year ? nearest_year(d, date) : 0;
}

/* ---- Collecting ---- */

static void add_day(struct an_days *d, const struct an_date *date)
{
    uint32_t day = (uint32_t)(date->year * 10000 + date->month * 100 + date->day);
    if (!is_day(date) || d->n == AN_DAYS_MAX)
        return;
    for (size_t i = 0; i < d->n; i++)
        if (d->day[i] == day)
            return;
    d->day[d->n++] = day;
}

/* The days between the two of a range, unless they are too many to be meant one by one. */
static void add_between(struct an_days *d, struct an_date day, const struct an_date *to)
{
    if (!is_day(&day) || !is_day(to) || serial(to) - serial(&day) > RANGE_MOST)
        return;
    for (int left = serial(to) - serial(&day); left > 1; left--) {
        if (++day.day > day_last(day.year, day.month)) {
            day.day = 1;
            day.month = day.month % 12 + 1;
            day.year += day.month == 1;
        }
        add_day(d, &day);
    }
}

void an_days_init(struct an_days *d, struct str own)
{
    uint32_t cp[10];
    d->n = 0;
    d->own = (struct an_date){0};
    if (own.n == sizeof(cp) / sizeof(cp[0])) {
        for (size_t i = 0; i < own.n; i++)
            cp[i] = (unsigned char)own.p[i];
        if (!an_read_date(cp, own.n, &d->own))
            d->own = (struct an_date){0};
    }
    an_days_begin(d, STR(""));
}

void an_days_begin(struct an_days *d, struct str text)
{
    d->text = text;
    d->end = d->year_end = 0;
    d->last = d->whole = (struct an_date){0};
}

/* Complete a date by what is known before it; false when it is none. */
static bool complete(struct an_days *d, struct an_date *date, const struct an_token *tok)
{
    if (date->month == 0) {
        if (!d->whole.year || join_of(d, tok->start) == APART || date->day <= d->whole.day)
            return false;
        date->year = d->whole.year;
        date->month = d->whole.month;
    } else if (date->year == 0) {
        date->year = year_of(d, date, tok->start);
    } else {
        d->last = *date;
        d->year_end = tok->end;
    }
    return date->year > 0 && date->day > 0;
}

void an_days_take_number(struct an_days *d, const struct an_token *tok)
{
    struct an_date date;
    int other;
    if (tok->start < d->end || !read_date(tok->cp, tok->ncp, &date, &other)) {
        /* A year of two digits, or of another reckoning, hides its month and day. */
        if (tok->start >= d->end && tok->ncp > 6 && tok->cp[tok->ncp - 1] == U'日')
            d->end = tok->end;
        return;
    }
    bool point = date.day == 0 && tok->cp[tok->ncp - 1] != U'月'; /* 2024.5 is an amount */
    if (date.day == 0 && (date.month == 0 || point))
        return;
    bool range = join_of(d, tok->start) == RANGE && d->whole.year;
    bool known = complete(d, &date, tok);
    if (known) {
        struct an_date first = {date.year, date.month, other};
        if (range)
            add_between(d, d->whole, other ? &first : &date);
        if (other) {
            add_day(d, &first);
            add_between(d, first, &date);
        }
        add_day(d, &date);
        if (d->last.year && date.year >= d->last.year && d->year_end)
            d->last = date;
    }
    d->whole = known ? date : (struct an_date){0};
    if (known || date.month)
        d->end = tok->end;
}
