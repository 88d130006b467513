/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Completing folded text: the words that begin with it stand together in the table. */

#include "table.h"

size_t words_complete(const struct words *w, struct str prefix, struct words_found *out, size_t max)
{
    size_t n = 0;
    for (size_t i = words_lower(w, prefix); i < w->n; i++) {
        const struct word *word = &w->word[i];
        if (!str_starts(word_text(w, word), prefix))
            break;
        if (word->n < 2 || word->bytes == prefix.n)
            continue;
        const struct words_found one = {.text = word_spelling(w, word),
                                        .documents = word->documents,
                                        .cost = word_cost(w, word)};
        words_put(out, &n, max, &one);
    }
    return n;
}
