/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Completing folded text: the words that begin with it stand together in the table. */

#include "table.h"

/* The first word that is not before text. */
static size_t lower_bound(const struct words *w, struct str text)
{
    size_t low = 0, high = w->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (str_cmp(word_text(w, &w->word[mid]), text) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t words_complete(const struct words *w, struct str prefix, struct words_found *out, size_t max)
{
    size_t n = 0;
    for (size_t i = lower_bound(w, prefix); i < w->n; i++) {
        const struct word *word = &w->word[i];
        if (!str_starts(word_text(w, word), prefix))
            break;
        if (word->n < 2 || word->bytes == prefix.n)
            continue;
        const struct words_found one = {.text = word_spelling(w, word),
                                        .documents = word->documents,
                                        .cost = word_cost(w, word)};
        found_put(out, &n, max, &one);
    }
    return n;
}
