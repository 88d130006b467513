/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Words that may have been meant by a word that is not there.
 *
 * Pinyin input gives the wrong characters for the right sounds: those that sound alike come first,
 * and behind them those that sound nearly so, where people do not tell sounds apart (zh and z, in
 * and ing, n and l). They stand in the lists of the same first letters, where the most frequent
 * words come first, so that looking ends when no word can be among the best any more.
 *
 * Of a word that is one edit away (Damerau 1964: another letter, one more, one less, two that
 * changed places) either the first half or the second is as it was typed. So it stands in the table
 * with those that begin alike, or in by_end with those that end alike. Only two that changed places
 * across the middle are in neither, and there is one word that they make.
 */

#include "table.h"

#include <gongbao/utf8.h>
#include <math.h>

/* Costs, as -ln of probabilities. */
#define COST_SOUND   0.7 /* each character that sounds alike */
#define COST_NEARLY  2.8 /* each that sounds nearly alike */
#define COST_SHAPE   1.5 /* a character that looks alike */
#define COST_SWAP    1.5
#define COST_DOUBLED 1.5 /* a character typed twice */
#define COST_MISSING 3.0
#define COST_OTHER   4.5 /* a character for another one */
#define COST_EXTRA   5.0
#define COST_LATIN   2.0 /* an edit of a letter, of which a word has more */
#define COST_LEAST   0.7

#define PRIOR 0.5 /* how much it counts how frequent a word is */

#define UNLIKE (-1.0) /* no cost: a character was not typed for another one */

/* What was heard of a character, so that it is compared once for the many words that have it. */
struct heard {
    uint32_t cp;
    float cost;
};

#define HEARD     64
#define ALIKE_MAX 16

struct near {
    const struct words *w;
    const uint32_t *cp;
    size_t n;
    bool latin;
    struct typed {
        const char *reading[AN_READINGS_MAX];
        size_t n;
        struct heard heard[HEARD]; /* by the low bits of a character */
    } typed[WORDS_NEAR_MAX];
    struct alike {
        uint32_t cp[ALIKE_MAX];
        size_t n;
    } alike[WORDS_NEAR_MAX];
    struct words_found *out;
    size_t found, max;
    double needed; /* a word in fewer documents cannot be among the best */
};

static bool is_there(const struct near *j, struct str text)
{
    for (size_t i = 0; i < j->found; i++)
        if (str_eq(j->out[i].text, text))
            return true;
    return false;
}

/* Whether a word is in too few documents to be among the best, whatever it costs else. */
static bool is_too_rare(const struct near *j, double documents)
{
    return documents < j->needed;
}

static void put(struct near *j, const struct word *word, double cost)
{
    const struct words_found one = {.text = word_spelling(j->w, word),
                                    .documents = word->documents,
                                    .edit = cost,
                                    .cost = cost + PRIOR * word_cost(j->w, word)};
    if (is_there(j, one.text))
        return;
    words_put(j->out, &j->found, j->max, &one);
    if (j->found == j->max)
        j->needed =
            ((double)j->w->documents + 1) * exp((COST_LEAST - j->out[j->max - 1].cost) / PRIOR);
}

/* ---- the same sound ---- */

/* The first letters that some do not tell apart. */
static char first_sound(char c)
{
    return c == 'n' ? 'l' : c == 'f' ? 'h' : c;
}

/* The letter that counts of those at *p, which moves behind them: h of zh ch sh and g of ng do
 * not. */
static char next_sound(const char **p)
{
    char c = *(*p)++;
    if ((c && strchr("zcs", c) && **p == 'h') || (c == 'n' && **p == 'g'))
        (*p)++;
    return c;
}

static bool sounds_nearly(const char *a, const char *b)
{
    char x = first_sound(next_sound(&a)), y = first_sound(next_sound(&b));
    while (x == y && x) {
        x = next_sound(&a);
        y = next_sound(&b);
    }
    return x == y;
}

static double compare_sounds(const struct typed *t, uint32_t other)
{
    const char *reading[AN_READINGS_MAX];
    double cost = UNLIKE;
    size_t n = an_readings(other, reading);
    for (size_t a = 0; a < t->n; a++)
        for (size_t b = 0; b < n; b++) {
            if (strcmp(t->reading[a], reading[b]) == 0)
                return COST_SOUND;
            if (sounds_nearly(t->reading[a], reading[b]))
                cost = COST_NEARLY;
        }
    return cost;
}

/* What it costs that the i-th character was typed for another one, or UNLIKE. */
static double sound_cost(struct near *j, size_t i, uint32_t other)
{
    struct heard *h = &j->typed[i].heard[other % HEARD];
    if (j->cp[i] == other)
        return 0;
    if (h->cp != other)
        *h = (struct heard){other, (float)compare_sounds(&j->typed[i], other)};
    return h->cost;
}

static void try_sound(struct near *j, const struct word *word)
{
    struct str text = word_text(j->w, word);
    const char *p = text.p, *end = text.p + text.n;
    double sum = 0;
    for (size_t i = 0; i < j->n; i++) {
        uint32_t cp = 0;
        p += utf8_next(p, end, &cp);
        double cost = sound_cost(j, i, cp);
        if (cost < 0)
            return;
        sum += cost;
    }
    if (sum > 0)
        put(j, word, sum);
}

static void try_list(struct near *j, uint32_t list)
{
    const struct words *w = j->w;
    for (uint32_t at = w->list[list]; at < w->list[list + 1]; at++) {
        const struct word *word = &w->word[w->item[at]];
        if (is_too_rare(j, word_documents_most(word)))
            return;
        if (word->n == j->n)
            try_sound(j, word);
    }
}

/* A bit for each letter with which a reading may begin that sounds like the i-th character. */
static uint32_t letters_of(const struct near *j, size_t i)
{
    uint32_t bits = 0;
    for (size_t k = 0; k < j->typed[i].n; k++)
        for (int c = 'a'; c <= 'z'; c++)
            if (first_sound((char)c) == first_sound(j->typed[i].reading[k][0]))
                bits |= 1u << (c - 'a');
    return bits;
}

static void find_by_sound(struct near *j)
{
    for (size_t i = 0; i < j->n; i++) {
        struct typed *t = &j->typed[i];
        t->n = an_readings(j->cp[i], t->reading);
        memset(t->heard, 0, sizeof(t->heard));
    }
    uint32_t first = letters_of(j, 0), second = letters_of(j, 1);
    for (uint32_t i = 0; i < LETTERS; i++)
        for (uint32_t k = 0; first >> i & 1 && k < LETTERS; k++)
            if (second >> k & 1)
                try_list(j, i * (LETTERS + 1) + k);
}

/* ---- one edit ---- */

static bool looks_alike(const struct near *j, size_t i, uint32_t other)
{
    for (size_t k = 0; k < j->alike[i].n; k++)
        if (j->alike[i].cp[k] == other)
            return true;
    return false;
}

/* What it costs that n characters b were typed as the word a, or UNLIKE when more than one edit
 * lies between them, or none. */
static double edit_cost(const struct near *j, const uint32_t *a, size_t na)
{
    const uint32_t *b = j->cp;
    const size_t nb = j->n, size = sizeof(*a);
    size_t i = 0;
    while (i < na && i < nb && a[i] == b[i])
        i++;
    const size_t rest_a = na - i, rest_b = nb - i;
    if (na == nb && rest_a > 1 && a[i] == b[i + 1] && a[i + 1] == b[i])
        return memcmp(a + i + 2, b + i + 2, (rest_a - 2) * size) == 0 ? COST_SWAP : UNLIKE;
    if (na == nb && rest_a > 0 && memcmp(a + i + 1, b + i + 1, (rest_a - 1) * size) == 0)
        return j->latin ? COST_LATIN : looks_alike(j, i, a[i]) ? COST_SHAPE : COST_OTHER;
    if (na == nb + 1 && memcmp(a + i + 1, b + i, rest_b * size) == 0)
        return j->latin ? COST_LATIN : COST_MISSING;
    if (nb == na + 1 && memcmp(a + i, b + i + 1, rest_a * size) == 0)
        return i > 0 && b[i] == b[i - 1] ? COST_DOUBLED : j->latin ? COST_LATIN : COST_EXTRA;
    return UNLIKE;
}

static void try_edit(struct near *j, const struct word *word)
{
    uint32_t cp[LATIN_CHARS];
    if (word->latin != j->latin || word->n < 2 || word->n + 1u < j->n || word->n > j->n + 1 ||
        is_too_rare(j, word->documents))
        return;
    word_chars(word_text(j->w, word), cp, LATIN_CHARS);
    double cost = edit_cost(j, cp, word->n);
    if (cost >= 0)
        put(j, word, cost);
}

/* Words whose first n characters are as they were typed. */
static void try_beginning(struct near *j, size_t n)
{
    char text[4 * LATIN_CHARS];
    const struct str begin = str_from(text, utf8_puts(j->cp, n, text));
    for (size_t i = words_lower(j->w, begin); i < j->w->n; i++) {
        if (!str_starts(word_text(j->w, &j->w->word[i]), begin))
            return;
        try_edit(j, &j->w->word[i]);
    }
}

/* Words whose last n characters are, as far as by_end tells. */
static void try_end(struct near *j, size_t n)
{
    const struct words *w = j->w;
    const uint32_t shift = n > 1 ? 0 : 16;
    const uint32_t end = end_number(j->cp[j->n - 1], n > 1 ? j->cp[j->n - 2] : 0) >> shift;
    size_t low = 0, high = w->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (w->end[mid] >> shift < end)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < w->n && w->end[low] >> shift == end; low++)
        try_edit(j, &w->word[w->by_end[low]]);
}

/* The word that the characters before and behind `at` make when they change places. */
static void try_swap(struct near *j, size_t at)
{
    char text[4 * LATIN_CHARS];
    size_t n = 0;
    for (size_t i = 0; i < j->n; i++)
        n += utf8_put(j->cp[i == at ? i - 1 : i + 1 == at ? at : i], text + n);
    size_t i = words_lower(j->w, str_from(text, n));
    if (i < j->w->n && str_eq(word_text(j->w, &j->w->word[i]), str_from(text, n)))
        try_edit(j, &j->w->word[i]);
}

static void find_by_edit(struct near *j)
{
    size_t half = j->n / 2;
    for (size_t i = 0; !j->latin && i < j->n; i++)
        j->alike[i].n = look_alikes(j->cp[i], j->alike[i].cp, ALIKE_MAX);
    try_beginning(j, half ? half : 1);
    try_end(j, j->n - half);
    if (half > 0)
        try_swap(j, half);
}

size_t words_near(const struct words *w, const uint32_t *cp, size_t n, struct words_found *out,
                  size_t max)
{
    struct near j;
    j.w = w;
    j.cp = cp;
    j.n = n;
    j.out = out;
    j.found = 0;
    j.max = max;
    j.needed = 0;
    if (n == 0 || max == 0)
        return 0;
    j.latin = cp[0] >= 'a' && cp[0] <= 'z';
    if (n > (j.latin ? LATIN_CHARS : WORDS_NEAR_MAX) || (j.latin && n < 3))
        return 0;
    if (!j.latin && n > 1)
        find_by_sound(&j);
    find_by_edit(&j);
    return j.found;
}
