/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading pinyin: from letters to words of the table.
 *
 * A word is held against the letters character by character. Each reading of a character may stand
 * whole (li), or as its initial alone (l; z or zh); what is left is for the characters behind it.
 * So fang'an and fan'gan need not be told apart beforehand, and initials, whole syllables and
 * mixtures of them are read by the same few lines. Only words from the lists whose two letters can
 * begin the first two characters are looked at.
 *
 * A run of several words is cut by the best path, as a text is cut into words: a few best ways are
 * kept for every number of letters read, and each is made longer by every word that fits behind it.
 * There initials count only where the run is nothing else, or any English word could be read.
 */

#include "table.h"

#include <gongbao/clock.h>
#include <gongbao/utf8.h>
#include <math.h>
#include <string.h>

/* Costs, as -ln of probabilities, that measure against how frequent words are. */
#define COST_UNUSUAL 1.5 /* a reading that is not the character's usual one */
#define COST_INITIAL 3.0 /* an initial for a syllable */
#define COST_WORD    1.0 /* each word of a run of several */
#define COST_SINGLE  3.0 /* one of a single character in such a run */
#define COST_REST    0.4 /* a character behind what was typed */
#define COST_NUMBER  4.0 /* a word of numerals, 六十五, which people type as digits */

#define NEVER 1e9

struct letters {
    char p[WORDS_READ_MAX + 1];
    bool border[WORDS_READ_MAX + 1]; /* a ' stands before this letter */
    bool dots[WORDS_READ_MAX + 1];   /* this u was typed as v, for ü */
    size_t n;
};

/* Without apostrophes, v as u. False when there is something else, nothing, or too much. */
static bool read_letters(struct str s, struct letters *out)
{
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\'') {
            out->border[out->n] = true;
            continue;
        }
        if (c < 'a' || c > 'z' || out->n == WORDS_READ_MAX)
            return false;
        out->dots[out->n] = c == 'v';
        out->p[out->n++] = c == 'v' ? 'u' : c;
    }
    return out->n > 0;
}

struct match {
    const struct letters *l;
    const uint32_t *cp;
    size_t n;
    bool begins;                    /* letters may end before the word does */
    bool initials;                  /* an initial may stand for a syllable */
    double end[WORDS_READ_MAX + 1]; /* least cost of a match up to here */
};

/* No border inside l->p[at .. at + n). */
static bool in_one(const struct letters *l, size_t at, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (l->border[at + i])
            return false;
    return true;
}

/* What is read lü, nü, lüe or nüe; elsewhere ü is either u or cannot be told from it. */
static bool has_dots(uint32_t cp)
{
    static const char all[] =
        "吕呂侣侶旅铝鋁屡屢缕縷履律虑慮绿綠率氯滤濾驴驢闾閭褛褸膂捋女略掠虐疟瘧";
    char utf8[4];
    return memmem(all, sizeof(all) - 1, utf8, utf8_put(cp, utf8)) != NULL;
}

/* Whether a reading at `at` has a u where ü was typed. */
static bool wants_dots(const struct letters *l, size_t at, const char *reading)
{
    return l->dots[at + 1] && strchr("ln", reading[0]) && reading[1] == 'u';
}

static void match_from(struct match *m, size_t i, size_t at, double cost);

/* A part of a reading, or all of it, stands at `at`. */
static void match_part(struct match *m, size_t i, size_t at, const char *reading, size_t n,
                       double cost)
{
    if (at + n <= m->l->n && memcmp(m->l->p + at, reading, n) == 0 && in_one(m->l, at, n))
        match_from(m, i + 1, at + n, cost);
}

static size_t initial_length(const char *reading)
{
    return strchr("zcs", reading[0]) && reading[1] == 'h' ? 2 : 1;
}

static void match_reading(struct match *m, size_t i, size_t at, const char *reading, double cost)
{
    size_t n = strlen(reading), left = m->l->n - at;
    match_part(m, i, at, reading, n, cost);
    if (m->initials && n > 1)
        match_part(m, i, at, reading, 1, cost + COST_INITIAL);
    if (m->initials && initial_length(reading) == 2)
        match_part(m, i, at, reading, 2, cost + COST_INITIAL);
    if (m->begins && left > 1 && left < n)
        match_part(m, i, at, reading, left, cost);
}

/* Characters from the i-th on against letters from `at` on. */
static void match_from(struct match *m, size_t i, size_t at, double cost)
{
    const char *reading[AN_READINGS_MAX];
    bool typed = at == m->l->n;
    if (i == m->n || (m->begins && typed)) {
        cost += COST_REST * (double)(m->n - i);
        if (cost < m->end[at])
            m->end[at] = cost;
        return;
    }
    if (typed)
        return;
    size_t n = an_readings(m->cp[i], reading);
    for (size_t k = 0; k < n; k++)
        if (reading[k][0] == m->l->p[at] &&
            (!wants_dots(m->l, at, reading[k]) || has_dots(m->cp[i])))
            match_reading(m, i, at, reading[k], cost + (k > 0 ? COST_UNUSUAL : 0));
}

/* ---- the words that fit behind `at` ---- */

struct reading {
    const struct words *w;
    struct letters l;
    bool begins, initials;
    double needed; /* a word in fewer documents is not wanted */
    void (*take)(void *ctx, const struct word *word, size_t end, double cost);
    void *ctx;
};

/* Which letters may begin the second character of a word at `at`; NO_OTHER: there need be none. */
static uint32_t second_letters(const struct reading *r, size_t at)
{
    uint32_t bits = 1u << NO_OTHER;
    for (size_t i = at + 1; i < r->l.n && i <= at + 6; i++)
        bits |= 1u << (r->l.p[i] - 'a');
    if (r->begins && r->l.n - at <= 6)
        bits = ~0u;
    return bits;
}

static bool is_number(const uint32_t *cp, size_t n)
{
    static const char numerals[] = "〇零一二两三四五六七八九十百千万亿第";
    for (size_t i = 0; i < n; i++) {
        char utf8[4];
        if (!memmem(numerals, sizeof(numerals) - 1, utf8, utf8_put(cp[i], utf8)))
            return false;
    }
    return n > 1;
}

static void try_word(const struct reading *r, const struct word *word, size_t at)
{
    uint32_t cp[WORD_CHARS];
    struct match m = {.l = &r->l, .cp = cp, .begins = r->begins, .initials = r->initials};
    m.n = word_chars(word_spelling(r->w, word), cp, WORD_CHARS);
    for (size_t i = at; i <= r->l.n; i++)
        m.end[i] = NEVER;
    match_from(&m, 0, at, 0);
    for (size_t i = at + 1; i <= r->l.n; i++)
        if (m.end[i] < NEVER)
            r->take(r->ctx, word, i,
                    m.end[i] + word_cost(r->w, word) + (is_number(cp, m.n) ? COST_NUMBER : 0));
}

static void try_list(const struct reading *r, uint32_t list, size_t at)
{
    const struct words *w = r->w;
    for (uint32_t i = w->list[list]; i < w->list[list + 1]; i++) {
        const struct word *word = &w->word[w->item[i]];
        if (word_documents_most(word) < r->needed)
            return;
        try_word(r, word, at);
    }
}

static void each_word(const struct reading *r, size_t at)
{
    uint32_t first = (uint32_t)(r->l.p[at] - 'a'), second = second_letters(r, at);
    for (uint32_t k = 0; k <= LETTERS; k++) {
        uint32_t list = first * (LETTERS + 1) + k;
        if (second >> k & 1)
            try_list(r, list, at);
    }
}

/* ---- one word ---- */

static bool is_there(const struct words_found *list, size_t n, struct str text)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].text, text))
            return true;
    return false;
}

struct choice {
    struct reading *r;
    struct words_found *out;
    size_t n, max;
};

static void take_whole(void *ctx, const struct word *word, size_t end, double cost)
{
    struct choice *c = ctx;
    if (end != c->r->l.n || word->n < 2 || is_there(c->out, c->n, word_spelling(c->r->w, word)))
        return; /* it may stand in several lists */
    const struct words_found one = {.text = word_spelling(c->r->w, word),
                                    .documents = word->documents,
                                    .edit = cost - word_cost(c->r->w, word),
                                    .cost = cost};
    words_put(c->out, &c->n, c->max, &one);
    if (c->n == c->max && c->max > 0)
        c->r->needed = ((double)c->r->w->documents + 1) / exp(c->out[c->max - 1].cost);
}

size_t words_spelt(const struct words *w, struct str letters, bool begins, struct words_found *out,
                   size_t max)
{
    struct reading r = {.w = w, .begins = begins, .initials = true, .take = take_whole};
    struct choice c = {.r = &r, .out = out, .max = max};
    r.ctx = &c;
    if (!read_letters(letters, &r.l))
        return 0;
    each_word(&r, 0);
    return c.n;
}

bool words_sounds(struct str letters, const uint32_t *cp, size_t n)
{
    struct letters l;
    if (!read_letters(letters, &l))
        return false;
    struct match m = {.l = &l, .cp = cp, .n = n, .begins = true, .initials = true};
    m.end[l.n] = NEVER;
    match_from(&m, 0, 0, 0);
    return m.end[l.n] < NEVER;
}

/* ---- a run of words ---- */

#define WAYS 24 /* kept for each number of letters */

struct way {
    const struct word *word; /* the last one */
    size_t at;               /* letters before it */
    size_t before;           /* which of the ways there it goes on from */
    double cost;
};

struct lattice {
    struct reading r;
    size_t at;                                 /* where words are being looked for */
    struct way fits[WORDS_READ_MAX + 1][WAYS]; /* from there up to some letter */
    size_t nfits[WORDS_READ_MAX + 1];
    struct way way[WORDS_READ_MAX + 1][WAYS];
    size_t nway[WORDS_READ_MAX + 1];
};

static void way_put(struct way *way, size_t *n, const struct way *one)
{
    for (size_t i = 0; i < *n; i++)
        if (way[i].word == one->word && way[i].at == one->at && way[i].before == one->before)
            return; /* of a word in several lists, whose cost is the same */
    if (*n == WAYS && one->cost >= way[WAYS - 1].cost)
        return;
    size_t at = *n < WAYS ? (*n)++ : WAYS - 1;
    for (; at > 0 && way[at - 1].cost > one->cost; at--)
        way[at] = way[at - 1];
    way[at] = *one;
}

static void take_part(void *ctx, const struct word *word, size_t end, double cost)
{
    struct lattice *l = ctx;
    const struct way one = {
        .word = word, .at = l->at, .cost = cost + COST_WORD + (word->n == 1 ? COST_SINGLE : 0)};
    way_put(l->fits[end], &l->nfits[end], &one);
}

static void go_on(struct lattice *l)
{
    for (size_t end = l->at + 1; end <= l->r.l.n; end++)
        for (size_t i = 0; i < l->nfits[end]; i++)
            for (size_t k = 0; k < (l->at ? l->nway[l->at] : 1); k++) {
                struct way one = l->fits[end][i];
                one.before = k;
                one.cost += l->at ? l->way[l->at][k].cost : 0;
                way_put(l->way[end], &l->nway[end], &one);
            }
}

/* The text of a way, and the fewest documents that a word of it is in. */
static bool spell_out(const struct lattice *l, const struct way *end, struct arena *a,
                      struct words_found *out)
{
    const struct way *word[WORDS_READ_MAX];
    struct buf b;
    size_t n = 0;
    for (const struct way *w = end;; w = &l->way[w->at][w->before]) {
        word[n++] = w;
        if (w->at == 0)
            break;
    }
    buf_init(&b, (size_t)4 * WORDS_READ_MAX);
    *out = (struct words_found){
        .documents = end->word->documents, .edit = end->cost, .cost = end->cost};
    while (n-- > 0) {
        buf_adds(&b, word_spelling(l->r.w, word[n]->word));
        out->edit -= word_cost(l->r.w, word[n]->word);
        if (word[n]->word->documents < out->documents)
            out->documents = word[n]->word->documents;
    }
    out->text = arena_str(a, buf_str(&b));
    bool ok = buf_ok(&b) && !a->failed;
    buf_fini(&b);
    return ok;
}

enum st words_read(const struct words *w, struct str letters, uint64_t until_ns, struct arena *a,
                   struct words_found *out, size_t max, size_t *n, struct err *err)
{
    struct lattice *l = arena_calloc(a, 1, sizeof(*l));
    *n = 0;
    if (!l)
        return err_nomem(err);
    l->r = (struct reading){.w = w, .take = take_part, .ctx = l};
    if (!read_letters(letters, &l->r.l))
        return ST_OK;
    l->r.initials = !strpbrk(l->r.l.p, "aeiou");
    for (l->at = 0; l->at < l->r.l.n; l->at++) {
        if (l->at > 0 && l->nway[l->at] == 0)
            continue;
        if (until_ns && clock_ns() > until_ns)
            return ST_OK;
        memset(l->nfits, 0, sizeof(l->nfits));
        each_word(&l->r, l->at);
        go_on(l);
    }
    for (size_t i = 0; i < l->nway[l->r.l.n] && *n < max; i++) {
        if (!spell_out(l, &l->way[l->r.l.n][i], a, &out[*n]))
            return err_nomem(err);
        *n += !is_there(out, *n, out[*n].text);
    }
    return ST_OK;
}
