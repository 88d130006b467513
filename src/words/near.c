/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Words that may have been meant by a word that is not there.
 *
 * Pinyin input gives the wrong characters for the right sounds: those that sound alike come first,
 * and behind them those that sound nearly so, where people do not tell sounds apart (zh and z, in
 * and ing). They stand in the lists of the same first letters. Words that are one edit away
 * (Damerau 1964: another letter, one more, one less, two that changed places) are found by looking
 * at all words, in a millisecond or two; it is done only where a search has found nothing.
 */

#include "table.h"

#include <string.h>

/* Costs, as -ln of probabilities. */
#define COST_SOUND  0.7 /* each character that sounds alike */
#define COST_NEARLY 2.0 /* each that sounds nearly alike */
#define COST_EDIT   4.0
#define COST_SWAP   2.0
#define COST_LATIN  2.0 /* an edit of a letter, of which a word has more */

struct near {
    const struct words *w;
    const uint32_t *cp;
    size_t n;
    bool latin;
    const char *reading[WORDS_NEAR_MAX][AN_READINGS_MAX];
    size_t nreading[WORDS_NEAR_MAX];
    struct words_found *out;
    size_t found, max;
};

static bool is_there(const struct near *j, struct str text)
{
    for (size_t i = 0; i < j->found; i++)
        if (str_eq(j->out[i].text, text))
            return true;
    return false;
}

static void put(struct near *j, const struct word *word, double cost)
{
    const struct words_found one = {.text = word_spelling(j->w, word),
                                    .documents = word->documents,
                                    .cost = cost + word_cost(j->w, word)};
    if (!is_there(j, one.text))
        found_put(j->out, &j->found, j->max, &one);
}

/* ---- the same sound ---- */

/* The letter that counts of those at *p, which moves behind them: h of zh ch sh and g of ng do
 * not. */
static char next_sound(const char **p)
{
    char c = *(*p)++;
    if (c && strchr("zcs", c) && **p == 'h')
        (*p)++;
    else if (c == 'n' && **p == 'g')
        (*p)++;
    return c;
}

static bool sounds_nearly(const char *a, const char *b)
{
    char x, y;
    do {
        x = next_sound(&a);
        y = next_sound(&b);
    } while (x == y && x);
    return x == y;
}

/* What it costs that the i-th character was typed for another one; less than 0: it was not. */
static double sound_cost(const struct near *j, size_t i, uint32_t other)
{
    const char *reading[AN_READINGS_MAX];
    double cost = -1;
    if (j->cp[i] == other)
        return 0;
    size_t n = an_readings(other, reading);
    for (size_t a = 0; a < j->nreading[i]; a++)
        for (size_t b = 0; b < n; b++) {
            if (strcmp(j->reading[i][a], reading[b]) == 0)
                return COST_SOUND;
            if (sounds_nearly(j->reading[i][a], reading[b]))
                cost = COST_NEARLY;
        }
    return cost;
}

static void try_sound(struct near *j, const struct word *word)
{
    uint32_t cp[WORD_CHARS];
    double sum = 0;
    if (word->n != j->n)
        return;
    word_chars(word_text(j->w, word), cp, WORD_CHARS);
    for (size_t i = 0; i < j->n; i++) {
        double cost = sound_cost(j, i, cp[i]);
        if (cost < 0)
            return;
        sum += cost;
    }
    if (sum > 0)
        put(j, word, sum);
}

static uint32_t letters_of(const struct near *j, size_t i)
{
    uint32_t bits = 0;
    for (size_t k = 0; k < j->nreading[i]; k++)
        bits |= 1u << (j->reading[i][k][0] - 'a');
    return bits;
}

static void find_by_sound(struct near *j)
{
    for (size_t i = 0; i < j->n; i++)
        j->nreading[i] = an_readings(j->cp[i], j->reading[i]);
    uint32_t first = letters_of(j, 0), second = letters_of(j, 1);
    for (uint32_t i = 0; i < LETTERS; i++)
        for (uint32_t k = 0; first >> i & 1 && k < LETTERS; k++) {
            uint32_t list = i * (LETTERS + 1) + k;
            for (uint32_t at = j->w->list[list]; second >> k & 1 && at < j->w->list[list + 1]; at++)
                try_sound(j, &j->w->word[j->w->item[at]]);
        }
}

/* ---- one edit ---- */

/* Whether a and b, which differ at i for the first time, are one edit apart; *swap: two neighbours
 * changed places. */
static bool is_edit(const uint32_t *a, size_t na, const uint32_t *b, size_t nb, size_t i,
                    bool *swap)
{
    const size_t rest_a = na - i, rest_b = nb - i, size = sizeof(*a);
    *swap = na == nb && rest_a > 1 && a[i] == b[i + 1] && a[i + 1] == b[i] &&
            memcmp(a + i + 2, b + i + 2, (rest_a - 2) * size) == 0;
    if (*swap)
        return true;
    if (na == nb)
        return rest_a > 0 && memcmp(a + i + 1, b + i + 1, (rest_a - 1) * size) == 0;
    if (na > nb)
        return memcmp(a + i + 1, b + i, rest_b * size) == 0;
    return memcmp(a + i, b + i + 1, rest_a * size) == 0;
}

static void try_edit(struct near *j, const struct word *word)
{
    uint32_t cp[LATIN_CHARS];
    bool swap;
    size_t i = 0;
    word_chars(word_text(j->w, word), cp, LATIN_CHARS);
    while (i < word->n && i < j->n && cp[i] == j->cp[i])
        i++;
    if ((i == j->n && i == word->n) || !is_edit(j->cp, j->n, cp, word->n, i, &swap))
        return;
    put(j, word, swap ? COST_SWAP : j->latin ? COST_LATIN : COST_EDIT);
}

static void find_by_edit(struct near *j)
{
    for (size_t i = 0; i < j->w->n; i++) {
        const struct word *word = &j->w->word[i];
        if (word->latin == j->latin && word->n >= 2 && word->n + 1u >= j->n && word->n <= j->n + 1)
            try_edit(j, word);
    }
}

size_t words_near(const struct words *w, const uint32_t *cp, size_t n, struct words_found *out,
                  size_t max)
{
    struct near j = {.w = w, .cp = cp, .n = n, .out = out, .max = max};
    if (n == 0)
        return 0;
    j.latin = cp[0] >= 'a' && cp[0] <= 'z';
    if (n > (j.latin ? LATIN_CHARS : WORDS_NEAR_MAX) || (j.latin && n < 3))
        return 0;
    if (!j.latin && n > 1)
        find_by_sound(&j);
    find_by_edit(&j);
    return j.found;
}
