/* SPDX-License-Identifier: GPL-2.0-or-later */

/* date: what filters by a day, a month or a year.
 *
 * A day is that of the bulletin itself or one that it mentions, and a month or a year is one of
 * such a day, so that a month finds all that its days find. Ingest makes terms of both.
 */

#include "nodes.h"

#include <stdio.h>

static struct ix_node *date_node(struct arena *a, const struct an_date *d)
{
    char digits[9], mention[sizeof(IX_TERM_DAY) + 8];
    snprintf(digits, sizeof(digits), "%04u%02u%02u", (unsigned)d->year % 10000,
             (unsigned)d->month % 100, (unsigned)d->day % 100);
    struct str value = str_from(digits, d->day ? 8 : d->month ? 6 : 4);
    enum ix_field field = d->day ? IX_DATE : d->month ? IX_MONTH : IX_YEAR;
    struct str own = ix_field_term(field, value, a);
    if (!own.p)
        return NULL;
    int n = snprintf(mention, sizeof(mention), IX_TERM_DAY STR_FMT, STR_ARG(value));
    struct str term = arena_str(a, str_from(mention, (size_t)n));
    return q_join2(a, IX_OR, q_term_node(a, own, 1), term.p ? q_term_node(a, term, 1) : NULL);
}

/* Read text, folded; a lone number of four digits is a year. */
static enum st read_date(struct str text, struct an_date *d, bool *yes)
{
    struct an_text fold;
    uint32_t year[5];
    an_text_init(&fold);
    enum st st = an_fold_run(text, AN_VIEW_MARKS, &fold);
    *yes = st == ST_OK && an_read_date(fold.cp, fold.n, d);
    if (st == ST_OK && !*yes && fold.n == 4) {
        memcpy(year, fold.cp, 4 * sizeof(*year));
        year[4] = U'年';
        *yes = an_read_date(year, 5, d);
    }
    an_text_fini(&fold);
    return st;
}

enum st q_date(struct an *an, const struct q_node *node, const struct an_date *today,
               struct arena *a, struct ix_node **out, struct err *err)
{
    (void)today;
    struct str text = node->text, digits;
    struct an_date date;
    bool yes = false;
    enum st st = q_digits(an, text, a, &digits);
    if (st == ST_OK)
        st = read_date(digits.n ? digits : text, &date, &yes);
    if (st != ST_OK)
        return err_nomem(err);
    if (!yes)
        return err_at(err, ST_SYNTAX, node->offset,
                      STR_FMT " is no date: write 2024-10-31, 2024-10 or 2024", STR_ARG(text));
    *out = date_node(a, &date);
    return *out && !a->failed ? ST_OK : err_nomem(err);
}
