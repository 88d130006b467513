/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Suffixes in order: by the first character with a counting sort, behind it by a multikey quicksort
 * (Bentley and Sedgewick, Fast algorithms for sorting and searching strings, 1997), to a depth of
 * MINE_WORD_MAX characters: beyond it no word is looked for, and texts that repeat each other word
 * by word cost no more than others. Four bytes a suffix.
 */

#include "mine.h"

#include <stdlib.h>

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t keep = *a;
    *a = *b;
    *b = keep;
}

static uint16_t median(uint16_t a, uint16_t b, uint16_t c)
{
    if (a < b)
        return b < c ? b : a < c ? c : a;
    return a < c ? a : b < c ? c : b;
}

/* Order at[0..n), which agree in depth characters. The largest of the three parts is left to the
 * loop, so the stack grows with the logarithm of n and the depth only. */
static void sort_suffixes(const uint16_t *code, uint32_t *at, size_t n, size_t depth)
{
    while (n > 1 && depth < MINE_WORD_MAX) {
        const uint16_t *c = code + depth;
        uint16_t pivot = median(c[at[0]], c[at[n / 2]], c[at[n - 1]]);
        size_t less = 0, i = 0, more = n;
        while (i < more) {
            uint16_t here = c[at[i]];
            if (here < pivot)
                swap(&at[less++], &at[i++]);
            else if (here > pivot)
                swap(&at[i], &at[--more]);
            else
                i++;
        }
        size_t deeper = pivot == 0 ? 0 : more - less; /* a 0 ends the string */
        sort_suffixes(code, at + less, deeper, depth + 1);
        if (less < n - more) {
            sort_suffixes(code, at, less, depth);
            at += more;
            n -= more;
        } else {
            sort_suffixes(code, at + more, n - more, depth);
            n = less;
        }
    }
}

/* A suffix of one character is no word and has none inside it. */
static bool is_suffix(const struct mine_text *t, size_t i)
{
    return t->code[i] != 0 && i + 1 < t->n && t->code[i + 1] != 0;
}

static void fill(const struct mine_text *t, struct mine_suffixes *s)
{
    for (size_t i = 0; i < t->n; i++) {
        s->count[t->code[i]]++;
        if (is_suffix(t, i))
            s->first[t->code[i] + 1]++;
    }
    for (size_t c = 1; c <= t->ncodes; c++)
        s->first[c] += s->first[c - 1];
    s->n = s->first[t->ncodes];
    for (size_t i = 0; i < t->n; i++)
        if (is_suffix(t, i))
            s->at[s->first[t->code[i]]++] = (uint32_t)i;
    for (size_t c = t->ncodes; c > 0; c--)
        s->first[c] = s->first[c - 1];
    s->first[0] = 0;
}

enum st mine_sort(const struct mine_text *t, struct mine_suffixes *out, struct err *err)
{
    *out = (struct mine_suffixes){.at = malloc((t->n + 1) * sizeof(*out->at)),
                                  .first = calloc(t->ncodes + 2, sizeof(*out->first)),
                                  .count = calloc(t->ncodes + 1, sizeof(*out->count))};
    if (!out->at || !out->first || !out->count) {
        mine_suffixes_fini(out);
        return err_nomem(err);
    }
    fill(t, out);
    for (size_t c = 0; c < t->ncodes; c++)
        sort_suffixes(t->code, out->at + out->first[c], out->first[c + 1] - out->first[c], 1);
    return ST_OK;
}

void mine_suffixes_fini(struct mine_suffixes *s)
{
    free(s->at);
    free(s->first);
    free(s->count);
    *s = (struct mine_suffixes){0};
}

/* How the suffix at `at` compares with n codes, of which it may be longer: <0, 0, >0. */
static int compare(const uint16_t *text, const uint16_t *code, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] != code[i])
            return text[i] < code[i] ? -1 : 1;
    return 0;
}

/* The first suffix in [low, high) that is not before the codes, or with `behind` is behind them. */
static size_t bound(const struct mine_text *t, const struct mine_suffixes *s, size_t low,
                    size_t high, const uint16_t *code, size_t n, bool behind)
{
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = compare(t->code + s->at[mid], code, n);
        if (order < 0 || (behind && order == 0))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void mine_range(const struct mine_text *t, const struct mine_suffixes *s, const uint16_t *code,
                size_t n, size_t *from, size_t *to)
{
    size_t low = s->first[code[0]], high = s->first[code[0] + 1];
    *from = bound(t, s, low, high, code, n, false);
    *to = bound(t, s, *from, high, code, n, true);
}

size_t mine_count(const struct mine_text *t, const struct mine_suffixes *s, const uint16_t *code,
                  size_t n)
{
    size_t from, to;
    if (n == 1)
        return s->count[code[0]];
    mine_range(t, s, code, n, &from, &to);
    return to - from;
}
