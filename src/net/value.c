/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The values of options: numbers, names, dates, words out of a few.
 *
 * A value is taken as it is or refused with a message that tells what would have been right; it is
 * never bent to fit. What an option means, and what it may not be given together with, is the
 * business of the command table.
 */
#include "value.h"

#include <gongbao/day.h>
#include <gongbao/utf8.h>

struct str value_brief(struct str s)
{
    return str_from(s.p, utf8_floor(s.p, s.n, 40));
}

enum st value_number(const struct proto_option *o, uint64_t min, uint64_t max, uint64_t *out,
                     struct err *err)
{
    uint64_t v;
    if (str_u64(o->value, max, &v) && v >= min) {
        *out = v;
        return ST_OK;
    }
    struct str got = value_brief(o->value);
    return err_set(err, ST_BAD_VALUE, STR_FMT "=" STR_FMT " is not a number from %llu to %llu",
                   STR_ARG(o->key), STR_ARG(got), (unsigned long long)min, (unsigned long long)max);
}

enum st value_name(const struct proto_option *o, struct str *out, struct err *err)
{
    if (o->value.n == 0)
        return err_set(err, ST_BAD_VALUE, STR_FMT "= needs a value", STR_ARG(o->key));
    *out = o->value;
    return ST_OK;
}

enum st value_unlike(const struct proto_option *o, const char *example, struct err *err)
{
    struct str got = value_brief(o->value);
    return err_set(err, ST_BAD_VALUE, STR_FMT "=" STR_FMT " is not of the form %s", STR_ARG(o->key),
                   STR_ARG(got), example);
}

static enum st bad_choice(const struct proto_option *o, struct str got, const char *choices,
                          struct err *err)
{
    got = value_brief(got);
    return err_set(err, ST_BAD_VALUE, STR_FMT "=" STR_FMT " is not one of %s", STR_ARG(o->key),
                   STR_ARG(got), choices);
}

enum st value_bad(const struct proto_option *o, const char *choices, struct err *err)
{
    return bad_choice(o, o->value, choices, err);
}

enum st value_flag(const struct proto_option *o, bool *out, struct err *err)
{
    if (!str_eq(o->value, STR("0")) && !str_eq(o->value, STR("1")))
        return value_bad(o, "0, 1", err);
    *out = o->value.p[0] == '1';
    return ST_OK;
}

static size_t find_word(struct str got, const char *const *word, size_t n)
{
    size_t i = 0;
    while (i < n && !str_eq_nocase(got, str_of(word[i])))
        i++;
    return i;
}

enum st value_choice(const struct proto_option *o, const char *const *word, size_t n,
                     const char *choices, size_t *out, struct err *err)
{
    *out = find_word(o->value, word, n);
    return *out < n ? ST_OK : value_bad(o, choices, err);
}

enum st value_choices(const struct proto_option *o, const char *const *word, size_t n,
                      const char *choices, struct err *err)
{
    struct str rest = o->value;
    unsigned seen = 0;
    while (rest.p) {
        struct str got = str_cut(&rest, ',');
        size_t i = find_word(got, word, n);
        if (i == n)
            return bad_choice(o, got, choices, err);
        if (seen & (1u << i))
            return err_set(err, ST_BAD_VALUE, STR_FMT ": %s is given twice", STR_ARG(o->key),
                           word[i]);
        seen |= 1u << i;
    }
    return ST_OK;
}

/* Cut so many digits off the front of *s. */
static bool cut_digits(struct str *s, size_t n, unsigned *out)
{
    *out = 0;
    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        *out = *out * 10 + (unsigned)(s->p[i] - '0');
    }
    *s = str_from(s->p + n, s->n - n);
    return true;
}

static bool cut_dash(struct str *s)
{
    if (s->n == 0 || s->p[0] != '-')
        return false;
    *s = str_from(s->p + 1, s->n - 1);
    return true;
}

static bool is_date(struct str s)
{
    unsigned year, month, day;
    if (!cut_digits(&s, 4, &year))
        return false;
    if (s.n == 0)
        return true;
    if (!cut_dash(&s) || !cut_digits(&s, 2, &month) || month < 1 || month > 12)
        return false;
    if (s.n == 0)
        return true;
    return cut_dash(&s) && cut_digits(&s, 2, &day) && s.n == 0 && day >= 1 &&
           day <= (unsigned)day_last((int)year, (int)month);
}

enum st value_date(const struct proto_option *o, struct str *out, struct err *err)
{
    *out = o->value;
    if (is_date(o->value))
        return ST_OK;
    struct str got = value_brief(o->value);
    return err_set(err, ST_BAD_VALUE,
                   STR_FMT "=" STR_FMT " is no date: write 2024-10-31, 2024-10 or 2024",
                   STR_ARG(o->key), STR_ARG(got));
}
