/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which of the names that the analyzer has seen in hits are worth telling.
 *
 * The analyzer takes what looks like a name for one where it stands, and of rare words it takes
 * some too (迟报, 沉砂池). But a name is seen for one nearly wherever its characters stand in a
 * row, while such a word is mostly seen for what it is. So of two to four characters those are told
 * that were taken for a name in half of the documents, or more, that have their rarest pair. Longer
 * ones end as names of bodies do and stay. The name of a place (平乐镇, 马颊河) is nobody's.
 *
 * Names that are not told can still be looked for.
 */

#include "answer.h"

#include <gongbao/utf8.h>

enum { SHORT = 4, PAIR_BYTES = 8 };

static const char places[] = "省市县区旗镇乡村屯寨街巷河湖";

/* The characters of a short name without blanks; 0 when there are more. */
static size_t characters(struct str name, uint32_t cp[SHORT])
{
    const char *p = name.p, *end = name.p + name.n;
    size_t n = 0;
    while (p < end) {
        uint32_t c = 0;
        unsigned len = utf8_next(p, end, &c);
        p += len ? len : 1;
        if (c == ' ')
            continue;
        if (n == SHORT)
            return 0;
        cp[n++] = c;
    }
    return n;
}

static bool is_place(struct str name)
{
    const size_t last = utf8_floor(name.p, name.n, name.n - 1);
    return memmem(places, sizeof(places) - 1, name.p + last, name.n - last);
}

static enum st rarest_pair(const struct ix_view *v, const uint32_t *cp, size_t n, uint64_t *out,
                           struct err *err)
{
    *out = UINT64_MAX;
    for (size_t i = 0; i + 1 < n; i++) {
        char pair[PAIR_BYTES];
        uint64_t df;
        enum st st = ix_view_frequency(v, str_from(pair, utf8_puts(cp + i, 2, pair)), &df, err);
        if (st != ST_OK)
            return st;
        *out = df < *out ? df : *out;
    }
    return ST_OK;
}

static enum st look(const struct job *j, struct str name, bool *told)
{
    const struct ix_view *v = j->scope.view;
    const char *term = arena_fmt(j->a, IX_TERM_NAME STR_FMT, STR_ARG(name));
    uint32_t cp[SHORT];
    uint64_t seen = 0, there = 0;
    *told = name.n > 0 && !is_place(name);
    const size_t n = characters(name, cp);
    if (!*told || n < 2)
        return ST_OK;
    enum st st = ix_view_frequency(v, str_of(term), &seen, j->err);
    if (st == ST_OK)
        st = rarest_pair(v, cp, n, &there, j->err);
    *told = 2 * seen >= there;
    return st;
}

enum st srch_tell_names(const struct job *j, struct ix_count *count, size_t *n, size_t max,
                        uint64_t *more)
{
    size_t kept = 0, i = 0;
    for (; i < *n && kept < max; i++) {
        bool told;
        enum st st = look(j, count[i].value, &told);
        if (st != ST_OK)
            return st;
        if (told)
            count[kept++] = count[i];
    }
    *more += *n - i;
    *n = kept;
    return ST_OK;
}
