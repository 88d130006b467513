/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How much of a title a query is.
 *
 * It is the share of the title's characters that are runs of the query, each standing whole. What a
 * title is about stands at its end in Chinese: 中华人民共和国刑法 is the 刑法, and
 * 关于适用刑法的解释 is something else. So a run that ends the title makes the share at least
 * SRCH_TITLE_IS, which was chosen by 39 short names of laws and by whole titles. What stands in
 * brackets behind, the number of a part or 试行, is not counted.
 */

#include "answer.h"

static bool stands_at(const uint16_t *text, const struct an_text *run)
{
    size_t k = 0;
    while (k < run->n && text[k] == run->cp[k])
        k++;
    return k == run->n;
}

static bool has_run(const uint16_t *text, size_t n, const struct an_text *run)
{
    for (size_t i = 0; i + run->n <= n; i++)
        if (stands_at(text + i, run))
            return true;
    return false;
}

/* The characters of a title before what stands in brackets at its end. */
static size_t core_of(const uint16_t *title, size_t n)
{
    size_t at = n;
    if (n == 0 || title[n - 1] != ')')
        return n;
    while (at > 0 && title[at - 1] != '(')
        at--;
    return at > 1 ? at - 1 : n;
}

double srch_title_share(const struct q_plan *plan, const uint16_t *title, size_t n)
{
    const size_t core = core_of(title, n);
    size_t asked = 0;
    bool head = false;
    for (size_t i = 0; i < plan->nrun; i++) {
        const struct an_text *run = &plan->run[i].text;
        if (run->n < 2 || !has_run(title, n, run))
            continue;
        asked += run->n;
        head = head || (run->n <= core && stands_at(title + core - run->n, run));
    }
    double share = asked == 0 ? 0 : asked < core ? (double)asked / (double)core : 1;
    return head ? SRCH_TITLE_IS + (1 - SRCH_TITLE_IS) * share : share;
}
