/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Making the table of an index's words.
 *
 * Words and pairs of neighbouring characters are alike as terms. What is taken here for a word is a
 * term of three characters of Han or more, which no pair is; one of two that the lexicon has, or
 * that is a name of some document; a character by itself; and letters and digits, three or more,
 * that begin with a letter. Terms come in the order of their bytes, names first, so the table is
 * sorted as it is read, and reading can stop and go on at any of them.
 *
 * When there are more than WORDS_MAX, those in the fewest documents go, and are not taken any more.
 * That bounds the memory: 20 bytes a word, its text, and 4 bytes for each list that it is in; a
 * word whose first two characters have several readings is in several lists.
 *
 * When all are read, the table is finished in a few steps, of some milliseconds each. Numbers of
 * words are sorted by counting, so that their time grows with the table alone.
 */

#include "table.h"

#include <gongbao/array.h>
#include <gongbao/clock.h>
#include <gongbao/utf8.h>
#include <math.h>
#include <stdlib.h>

#define NAME_PREFIX 'W' /* behind it come only a few fields that are no words either */
#define NAMES_MAX   100000

#define WORDS_MAX  500000
#define TEXT_BYTES ((size_t)64 << 20)
#define STEP       256 /* terms between looks at the clock */

struct building {
    struct words *w;
    const struct lex *lex;
    uint64_t until_ns;
    unsigned steps;
    bool paused, failed;
};

enum st words_new(struct words **out, struct err *err)
{
    struct words *w = calloc(1, sizeof(*w));
    if (!w)
        return err_nomem(err);
    buf_init(&w->text, TEXT_BYTES);
    buf_init(&w->from, IX_TERM_MAX + 1);
    buf_addc(&w->from, NAME_PREFIX);
    *out = w;
    return buf_ok(&w->from) ? ST_OK : err_nomem(err);
}

void words_free(struct words *w)
{
    if (!w)
        return;
    buf_fini(&w->text);
    buf_fini(&w->from);
    free(w->word);
    free(w->item);
    free(w->by_use);
    free(w->by_end);
    free(w->end);
    free(w->name);
    free(w);
}

size_t word_chars(struct str text, uint32_t *out, size_t max)
{
    const char *p = text.p, *end = text.p + text.n;
    size_t n = 0;
    unsigned len;
    while (p < end && n < max && (len = utf8_next(p, end, &out[n])) > 0) {
        p += len;
        n++;
    }
    return n;
}

double word_cost(const struct words *w, const struct word *word)
{
    return log(((double)w->documents + 1) / word->documents);
}

size_t words_lower(const struct words *w, struct str text)
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

/* The character that ends at *p, which moves to its first byte. */
static uint32_t char_before(const char **p, const char *begin)
{
    const char *end = *p;
    uint32_t cp = 0;
    if (end == begin)
        return 0;
    do
        --*p;
    while (*p > begin && ((unsigned char)**p & 0xc0) == 0x80);
    utf8_next(*p, end, &cp);
    return cp;
}

uint32_t word_end(const struct words *w, const struct word *word)
{
    struct str text = word_text(w, word);
    const char *p = text.p + text.n;
    uint32_t last = char_before(&p, text.p);
    return end_number(last, char_before(&p, text.p));
}

void words_put(struct words_found *out, size_t *n, size_t max, const struct words_found *one)
{
    if (*n == max && (max == 0 || one->cost >= out[max - 1].cost))
        return;
    size_t at = *n < max ? (*n)++ : max - 1;
    for (; at > 0 && out[at - 1].cost > one->cost; at--)
        out[at] = out[at - 1];
    out[at] = *one;
}

/* ---- terms that are words ---- */

static bool is_latin(struct str term)
{
    if (term.n < 3 || term.n > LATIN_CHARS || term.p[0] < 'a' || term.p[0] > 'z')
        return false;
    for (size_t i = 0; i < term.n; i++)
        if ((unsigned char)term.p[i] >= 0x80)
            return false;
    return true;
}

/* How many characters of Han a term is; 0 when there are others. */
static size_t han_of(struct str term, uint32_t cp[WORD_CHARS + 1])
{
    size_t n = word_chars(term, cp, WORD_CHARS + 1);
    if (n > WORD_CHARS)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!an_is_han(cp[i]))
            return 0;
    return n;
}

/* Drop the words in the fewest documents. */
static void make_room(struct words *w)
{
    size_t n = 0, at = 0;
    w->floor = 2 * w->floor + 1;
    for (size_t i = 0; i < w->n; i++) {
        struct word word = w->word[i];
        size_t bytes = (size_t)word.bytes + word.spelled;
        if (word.documents <= w->floor)
            continue;
        memmove(w->text.p + at, w->text.p + word.at, bytes);
        word.at = (uint32_t)at;
        at += bytes;
        w->word[n++] = word;
    }
    w->n = n;
    w->text.n = at;
}

/* Append how the lexicon spells a word, when it has as many characters as its fold. */
static size_t add_spelling(struct words *w, const struct lex *lex, uint32_t number, size_t n)
{
    size_t length = 0, begin = w->text.n;
    const uint32_t *cp = lex_spelling(lex, number, &length);
    if (!cp || length != n)
        return 0;
    char *at = buf_room(&w->text, 4 * n);
    if (at)
        w->text.n += utf8_puts(cp, n, at);
    return w->text.n - begin;
}

static int compare_names(const uint32_t *a, const uint32_t *b)
{
    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return a[1] < b[1] ? -1 : a[1] > b[1];
}

/* Remember a name of two characters, for the pair that is its term comes later. */
static bool add_name(struct words *w, struct str name, uint64_t documents)
{
    uint32_t cp[WORD_CHARS + 1];
    if (han_of(name, cp) != 2 || w->nname == NAMES_MAX)
        return true;
    struct name *room = array_room(w->name, w->nname, &w->name_cap, sizeof(*room));
    if (!room)
        return false;
    w->name = room;
    w->name[w->nname++] = (struct name){{cp[0], cp[1]}, (uint32_t)documents};
    return true;
}

/* Whether a pair is a name, and of how many documents. Pairs come in the order of names. */
static bool find_name(struct words *w, const uint32_t *cp, uint64_t *documents)
{
    while (w->at_name < w->nname && compare_names(w->name[w->at_name].cp, cp) < 0)
        w->at_name++;
    if (w->at_name == w->nname || compare_names(w->name[w->at_name].cp, cp) != 0)
        return false;
    *documents = w->name[w->at_name].documents;
    return true;
}

static bool add_word(struct building *b, struct str term, uint64_t documents)
{
    struct words *w = b->w;
    uint32_t cp[WORD_CHARS + 1];
    struct lex_match found = {.word = LEX_UNKNOWN};
    bool latin = is_latin(term);
    size_t n = latin ? term.n : han_of(term, cp);
    bool pair = !latin && n == 2;
    if (n == 0 || documents <= w->floor)
        return true;
    bool known = !latin && b->lex && lex_find(b->lex, cp, n, &found);
    if (pair && b->lex && !known && !find_name(w, cp, &documents))
        return true;
    while (w->n >= WORDS_MAX)
        make_room(w);
    if (documents <= w->floor)
        return true;
    struct word *room = array_room(w->word, w->n, &w->cap, sizeof(*room));
    if (!room)
        return false;
    w->word = room;
    struct word *word = &w->word[w->n++];
    *word = (struct word){.at = (uint32_t)w->text.n,
                          .documents = documents > UINT32_MAX ? UINT32_MAX : (uint32_t)documents,
                          .bytes = (uint8_t)term.n,
                          .n = (uint8_t)n,
                          .latin = latin};
    buf_adds(&w->text, term);
    if (known)
        word->spelled = (uint8_t)add_spelling(w, b->lex, found.word, n);
    return buf_ok(&w->text);
}

static bool take(void *ctx, struct str term, uint64_t documents)
{
    struct building *b = ctx;
    if (b->until_ns && ++b->steps % STEP == 0 && clock_ns() > b->until_ns) {
        buf_reset(&b->w->from);
        buf_adds(&b->w->from, term);
        b->paused = true;
        return false;
    }
    bool name = term.n > 0 && term.p[0] == NAME_PREFIX;
    b->failed = !(name ? add_name(b->w, str_from(term.p + 1, term.n - 1), documents)
                       : add_word(b, term, documents));
    return !b->failed;
}

/* ---- orders ---- */

#define KEYS 65536

/* Sort numbers of words by 16 bits of their keys, from in to out; equal ones stay as they are.
 * `count` has KEYS + 1 places. */
static void sort_by(const uint32_t *key, unsigned shift, const uint32_t *in, uint32_t *out,
                    size_t n, uint32_t *count)
{
    memset(count, 0, (KEYS + 1) * sizeof(*count));
    for (size_t i = 0; i < n; i++)
        count[(key[i] >> shift & (KEYS - 1)) + 1]++;
    for (size_t i = 0; i < KEYS; i++)
        count[i + 1] += count[i];
    for (size_t i = 0; i < n; i++)
        out[count[key[in[i]] >> shift & (KEYS - 1)]++] = in[i];
}

/* Numbers of documents in four classes from each power of two to the next, more first: within one
 * they differ by a quarter at most. */
static uint32_t class_of(const struct words *w, const struct word *word)
{
    (void)w;
    uint32_t d = word->documents;
    uint32_t e = 31 - (uint32_t)__builtin_clz(d);
    uint32_t quarter = (e >= 2 ? d >> (e - 2) : d << (2 - e)) & 3;
    return KEYS - 1 - (4 * e + quarter);
}

/* All words by a number of theirs, of its 32 bits or of the lower 16. NULL without memory. */
static uint32_t *sorted(const struct words *w,
                        uint32_t number(const struct words *, const struct word *), bool wide)
{
    size_t n = w->n + 1;
    uint32_t *key = malloc(n * sizeof(*key)), *one = malloc(n * sizeof(*one)),
             *two = malloc(n * sizeof(*two)), *count = malloc((KEYS + 1) * sizeof(*count));
    uint32_t *out = NULL;
    if (key && one && two && count) {
        for (size_t i = 0; i < w->n; i++) {
            key[i] = number(w, &w->word[i]);
            one[i] = (uint32_t)i;
        }
        sort_by(key, 0, one, two, w->n, count);
        if (wide)
            sort_by(key, 16, two, one, w->n, count);
        out = wide ? one : two;
    }
    free(key);
    free(count);
    if (out != one)
        free(one);
    if (out != two)
        free(two);
    return out;
}

/* ---- lists by first letters ---- */

/* A bit for each letter that a reading of the character may begin with. */
static uint32_t letters_of(uint32_t han)
{
    const char *reading[AN_READINGS_MAX];
    size_t n = an_readings(han, reading);
    uint32_t bits = 0;
    for (size_t i = 0; i < n; i++)
        bits |= 1u << (reading[i][0] - 'a');
    return bits;
}

/* Call for each list that a word belongs to: count it, or put it there. */
static void enlist(struct words *w, uint32_t number, uint32_t *end)
{
    const struct word *word = &w->word[number];
    uint32_t cp[2] = {0};
    if (word->latin)
        return;
    size_t n = word_chars(word_spelling(w, word), cp, 2);
    uint32_t first = letters_of(cp[0]);
    uint32_t second = n > 1 ? letters_of(cp[1]) : 1u << NO_OTHER;
    for (; first; first &= first - 1)
        for (uint32_t rest = second; rest; rest &= rest - 1) {
            uint32_t i = (uint32_t)__builtin_ctz(first), k = (uint32_t)__builtin_ctz(rest);
            uint32_t *at = &end[i * (LETTERS + 1) + k];
            if (w->item)
                w->item[*at] = number;
            ++*at;
        }
}

/* ---- steps ---- */

static bool sort_by_end(struct words *w)
{
    w->by_end = sorted(w, word_end, true);
    w->end = malloc((w->n + 1) * sizeof(*w->end));
    for (size_t i = 0; w->by_end && w->end && i < w->n; i++)
        w->end[i] = word_end(w, &w->word[w->by_end[i]]);
    return w->by_end && w->end;
}

static bool sort_by_use(struct words *w)
{
    w->by_use = sorted(w, class_of, false);
    return w->by_use;
}

/* The end of each list is counted at the place behind it, where it is then its beginning. */
static bool count_lists(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        enlist(w, (uint32_t)i, w->list + 1);
    for (size_t i = 0; i < LISTS; i++)
        w->list[i + 1] += w->list[i];
    return true;
}

static bool fill_lists(struct words *w)
{
    uint32_t *end = malloc(LISTS * sizeof(*end));
    w->item = malloc((w->list[LISTS] + (size_t)1) * sizeof(*w->item));
    bool ok = end && w->item;
    if (ok)
        memcpy(end, w->list, LISTS * sizeof(*end));
    for (size_t i = 0; ok && i < w->n; i++)
        enlist(w, w->by_use[i], end);
    free(end);
    free(w->by_use);
    w->by_use = NULL;
    return ok;
}

static bool (*const step[])(struct words *) = {sort_by_end, sort_by_use, count_lists, fill_lists};
enum { STEPS = sizeof(step) / sizeof(step[0]) };

/* Read terms until the time is over, or all of them. */
static enum st read_terms(struct building *b, const struct ix_view *view, struct err *err)
{
    struct words *w = b->w;
    w->documents = ix_view_documents(view);
    enum st st = ix_view_terms(view, buf_str(&w->from), take, b, err);
    if (st == ST_OK && b->failed)
        st = err_nomem(err);
    if (st != ST_OK || b->paused)
        return st;
    w->whole = true;
    free(w->name);
    w->name = NULL;
    w->nname = w->name_cap = w->at_name = 0;
    return ST_OK;
}

enum st words_build(struct words *w, const struct ix_view *view, const struct lex *lex,
                    uint64_t until_ns, bool *done, struct err *err)
{
    struct building b = {.w = w, .lex = lex, .until_ns = until_ns};
    enum st st = w->whole ? ST_OK : read_terms(&b, view, err);
    while (st == ST_OK && w->whole && w->steps < STEPS && !(until_ns && clock_ns() > until_ns))
        st = step[w->steps++](w) ? ST_OK : err_nomem(err);
    *done = w->steps == STEPS;
    return st;
}
