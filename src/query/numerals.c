/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A run with its digits as Chinese numerals: 第三十八条 for 第38条.
 *
 * An index has the digits of Chinese numerals beside them, so such a run is found in either script.
 * To be marked it has to be known in both. The rules are those by which the index reads numerals: a
 * number stands before 年 月 日 号 届 条 章 次 万 or 亿; a year of four digits, which may end the
 * run, is written digit by digit, others with 十 百 千. All the numbers of a run are rewritten, or
 * none.
 */

#include "lower.h"

#include <uchar.h>

enum { DIGITS_MOST = 4 };

static bool is_digit(uint32_t cp)
{
    return cp >= '0' && cp <= '9';
}

static bool is_unit(uint32_t cp)
{
    static const char32_t units[] = U"年月日号届条章次万亿";
    for (const char32_t *u = units; *u; u++)
        if (cp == *u)
            return true;
    return false;
}

static uint32_t numeral_of(uint32_t digit)
{
    static const char32_t numeral[] = U"〇一二三四五六七八九";
    return numeral[digit - '0'];
}

static size_t put_places(const uint32_t *digit, size_t n, uint32_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = an_fold_char(numeral_of(digit[i]));
    return n;
}

/* 三十八, 十二, 一百零五: a number without leading zeros. */
static size_t put_number(const uint32_t *digit, size_t n, uint32_t *out)
{
    static const char32_t unit[DIGITS_MOST] = {0, U'十', U'百', U'千'};
    size_t m = 0;
    bool zero = false;
    for (size_t i = 0; i < n; i++) {
        if (digit[i] == '0') {
            zero = true;
            continue;
        }
        if (zero)
            out[m++] = an_fold_char(U'零');
        zero = false;
        if (digit[i] != '1' || i > 0 || n != 2)
            out[m++] = an_fold_char(numeral_of(digit[i]));
        if (i + 1 < n)
            out[m++] = an_fold_char(unit[n - 1 - i]);
    }
    return m;
}

/* The n digits before a character of the run, 0 at its end; 0 when they are no such number. */
static size_t put_digits(const uint32_t *digit, size_t n, uint32_t behind, uint32_t *out)
{
    bool year = n == 4 && (behind == U'年' || behind == 0);
    if (year)
        return put_places(digit, n, out);
    return n > DIGITS_MOST || digit[0] == '0' || !is_unit(behind) ? 0 : put_number(digit, n, out);
}

bool q_numerals(const struct an_text *fold, struct arena *a, struct an_text *out)
{
    struct an_text made = {.cp = arena_alloc(a, (2 * fold->n + 1) * sizeof(uint32_t))};
    bool any = false;
    *out = (struct an_text){0};
    for (size_t i = 0, n; made.cp && i < fold->n; i += n) {
        for (n = 0; i + n < fold->n && is_digit(fold->cp[i + n]);)
            n++;
        if (n == 0) {
            made.cp[made.n++] = fold->cp[i];
            n = 1;
            continue;
        }
        uint32_t behind = i + n < fold->n ? fold->cp[i + n] : 0;
        uint32_t before = i > 0 ? fold->cp[i - 1] : 0;
        size_t put = put_digits(fold->cp + i, n, behind, made.cp + made.n);
        if (put == 0 || (before > 0 && before < 0x80))
            return true;
        made.n += put;
        any = true;
    }
    if (any)
        *out = made;
    return made.cp != NULL;
}
