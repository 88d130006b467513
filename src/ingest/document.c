/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The terms of a document.
 *
 * The analyzer gives a stream of tokens, some three for each character of text; a document has
 * perhaps a third as many distinct terms. They are counted in a hash table whose keys are a group
 * (word, bigram, character, letters) and the folded code points, so that no term is spelt out
 * before it is known to be a new one. Group and one or two code points fit into 64 bits and are
 * their own key; a longer one is hashed, and its code points are compared.
 *
 * Entries lie densely in order of first occurrence; the table holds their numbers. Both are kept
 * from document to document, and emptying them costs what the last document put in. Nothing is
 * allocated for a token once they have grown to the size of a large document.
 *
 * Each day that the text mentions is a term as well, and so are their months and years, all of
 * frequency 0: they filter and weigh nothing.
 *
 * A removed reading is no term. An occurrence in the title counts as several; frequencies stop at
 * the largest number rather than wrap.
 */
#include "document.h"

#include <stdlib.h>
#include <sys/random.h>

enum group { GROUP_WORD, GROUP_BIGRAM, GROUP_CHAR, GROUP_LETTERS };

#define LONG_KEY (UINT64_C(1) << 63)
#define EMPTY    UINT32_MAX

struct entry {
    uint64_t key;
    uint32_t place; /* in the table */
    uint32_t from;  /* its code points in the pool */
    uint32_t wdf;
    uint16_t ncp;
    uint8_t kind; /* an_kind that stands for the group */
};

struct terms {
    struct an *an;
    uint64_t seed; /* of the hash */
    uint32_t title_weight;
    uint32_t weight; /* of an occurrence in the field at hand */

    struct entry *entry;
    size_t n, cap;
    uint32_t *table; /* numbers of entries, or EMPTY */
    size_t mask;     /* size of the table - 1 */
    uint32_t *pool;  /* code points of all entries */
    size_t npool, pool_cap;

    struct an_days days;

    struct buf bytes; /* the terms spelt out */
    struct ix_term *term;
    size_t nterms, term_cap;
};

#define TABLE_START 8192

/* A table of empty places. */
static uint32_t *new_table(size_t size)
{
    uint32_t *table = malloc(size * sizeof(*table));
    if (table)
        memset(table, 0xff, size * sizeof(*table));
    return table;
}

enum st terms_new(const struct lex *lex, uint64_t title_weight, struct terms **out, struct err *err)
{
    struct terms *t = calloc(1, sizeof(*t));
    if (!t)
        return err_nomem(err);
    t->title_weight = title_weight > UINT32_MAX ? UINT32_MAX : (uint32_t)title_weight;
    t->table = new_table(TABLE_START);
    t->mask = TABLE_START - 1;
    buf_init(&t->bytes, SIZE_MAX / 2);
    enum st st = t->table ? an_new(lex, &t->an, err) : err_nomem(err);
    if (st == ST_OK && getrandom(&t->seed, sizeof(t->seed), 0) != sizeof(t->seed))
        st = err_sys(err, "cannot read", "random bytes");
    if (st != ST_OK) {
        terms_free(t);
        return st;
    }
    *out = t;
    return ST_OK;
}

void terms_free(struct terms *t)
{
    if (!t)
        return;
    an_free(t->an);
    free(t->entry);
    free(t->table);
    free(t->pool);
    free(t->term);
    buf_fini(&t->bytes);
    free(t);
}

static void forget(struct terms *t)
{
    for (size_t i = 0; i < t->n; i++)
        t->table[t->entry[i].place] = EMPTY;
    t->n = t->npool = 0;
}

static enum group group_of(uint8_t kind)
{
    switch (kind) {
    case AN_BIGRAM:
        return GROUP_BIGRAM;
    case AN_CHAR:
        return GROUP_CHAR;
    case AN_LETTERS:
        return GROUP_LETTERS;
    default:
        return GROUP_WORD;
    }
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 29;
}

/* Where to look for a key first. The seed keeps a document from being made so that its terms meet.
 */
static size_t place_of(const struct terms *t, uint64_t key)
{
    return mix(mix(key ^ t->seed)) & t->mask;
}

static uint64_t key_of(const struct terms *t, enum group group, const uint32_t *cp, size_t n)
{
    if (n <= 2)
        return (uint64_t)group << 50 | (uint64_t)n << 48 | (uint64_t)cp[0] << 24 |
               (n == 2 ? cp[1] : 0);
    uint64_t h = t->seed + (uint64_t)group;
    for (size_t i = 0; i < n; i++)
        h = mix(h ^ cp[i]) + n;
    return h | LONG_KEY;
}

static bool same(const struct terms *t, const struct entry *e, uint64_t key,
                 const struct an_token *tok)
{
    if (e->key != key)
        return false;
    if (!(key & LONG_KEY))
        return true;
    return e->ncp == tok->ncp && group_of(e->kind) == group_of(tok->kind) &&
           memcmp(t->pool + e->from, tok->cp, tok->ncp * sizeof(*tok->cp)) == 0;
}

/* Twice the table, when half of it is in use. */
static bool grow_table(struct terms *t)
{
    size_t size = (t->mask + 1) * 2;
    uint32_t *table = new_table(size);
    if (!table)
        return false;
    free(t->table);
    t->table = table;
    t->mask = size - 1;
    for (size_t i = 0; i < t->n; i++) {
        size_t at = place_of(t, t->entry[i].key);
        while (table[at] != EMPTY)
            at = (at + 1) & t->mask;
        t->entry[i].place = (uint32_t)at;
        table[at] = (uint32_t)i;
    }
    return true;
}

static bool grow_entries(struct terms *t, size_t ncp)
{
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : TABLE_START / 2;
        struct entry *grown = cap < EMPTY ? reallocarray(t->entry, cap, sizeof(*grown)) : NULL;
        if (!grown)
            return false;
        t->entry = grown;
        t->cap = cap;
    }
    if (t->pool_cap - t->npool < ncp) {
        size_t cap = (t->pool_cap ? t->pool_cap * 2 : TABLE_START) + ncp;
        uint32_t *grown = cap < EMPTY ? reallocarray(t->pool, cap, sizeof(*grown)) : NULL;
        if (!grown)
            return false;
        t->pool = grown;
        t->pool_cap = cap;
    }
    return true;
}

static bool add_entry(struct terms *t, uint64_t key, const struct an_token *tok, size_t at)
{
    static const uint8_t stands[] = {AN_WORD, AN_BIGRAM, AN_CHAR, AN_LETTERS};
    if (!grow_entries(t, tok->ncp))
        return false;
    memcpy(t->pool + t->npool, tok->cp, tok->ncp * sizeof(*tok->cp));
    t->entry[t->n] = (struct entry){.key = key,
                                    .place = (uint32_t)at,
                                    .from = (uint32_t)t->npool,
                                    .wdf = t->weight,
                                    .ncp = tok->ncp,
                                    .kind = stands[group_of(tok->kind)]};
    t->npool += tok->ncp;
    t->table[at] = (uint32_t)t->n++;
    return t->n * 2 <= t->mask || grow_table(t);
}

static bool count(struct terms *t, const struct an_token *tok)
{
    uint64_t key = key_of(t, group_of(tok->kind), tok->cp, tok->ncp);
    size_t at = place_of(t, key);
    for (; t->table[at] != EMPTY; at = (at + 1) & t->mask) {
        struct entry *e = &t->entry[t->table[at]];
        if (same(t, e, key, tok)) {
            e->wdf = e->wdf > UINT32_MAX - t->weight ? UINT32_MAX : e->wdf + t->weight;
            return true;
        }
    }
    return add_entry(t, key, tok, at);
}

static enum st take_tokens(void *ctx, const struct an_token *tok, size_t n)
{
    struct terms *t = ctx;
    for (size_t i = 0; i < n; i++) {
        if (tok[i].kind != AN_READING && tok[i].ncp > 0 && !count(t, &tok[i]))
            return ST_NO_MEMORY;
        an_days_take(&t->days, &tok[i]);
    }
    return ST_OK;
}

/* Append the next term, which is the bytes from `from` on; where they lie is not settled yet. */
static void push(struct terms *t, size_t from, uint32_t wdf)
{
    t->term[t->nterms++] = (struct ix_term){.bytes = {NULL, t->bytes.n - from}, .wdf = wdf};
}

/* The days without their last digits, each once: 1 for days, 100 for months, 10000 for years. */
static void push_days(struct terms *t, uint32_t unit)
{
    for (size_t i = 0; i < t->days.n; i++) {
        size_t before = t->bytes.n, k = 0;
        uint32_t value = t->days.day[i] / unit;
        while (t->days.day[k] / unit != value)
            k++;
        if (k < i)
            continue;
        buf_addf(&t->bytes, IX_TERM_DAY "%u", value);
        push(t, before, 0);
    }
}

/* Write the entries and the days out as terms. */
static enum st spell(struct terms *t, struct err *err)
{
    if (t->term_cap < t->n + 3 * t->days.n) {
        size_t cap = t->cap + (size_t)3 * AN_DAYS_MAX;
        struct ix_term *grown = reallocarray(t->term, cap, sizeof(*grown));
        if (!grown)
            return err_nomem(err);
        t->term = grown;
        t->term_cap = cap;
    }
    buf_reset(&t->bytes);
    t->nterms = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct entry *e = &t->entry[i];
        struct an_token tok = {.cp = t->pool + e->from, .ncp = (uint8_t)e->ncp, .kind = e->kind};
        size_t before = t->bytes.n;
        an_term(&tok, &t->bytes);
        push(t, before, e->wdf);
    }
    push_days(t, 1);
    push_days(t, 100);
    push_days(t, 10000);
    if (!buf_ok(&t->bytes))
        return err_nomem(err);
    const char *p = t->bytes.p;
    for (size_t i = 0; i < t->nterms; i++) {
        t->term[i].bytes.p = p;
        p += t->term[i].bytes.n;
    }
    return ST_OK;
}

/* One bad term would cost the whole batch; the bounds of the analyzer are not taken on trust. */
static enum st check_terms(const struct terms *t, struct err *err)
{
    for (size_t i = 0; i < t->nterms; i++)
        if (t->term[i].bytes.n == 0 || t->term[i].bytes.n > IX_TERM_MAX)
            return err_set(err, ST_REJECTED, "a term of %zu bytes", t->term[i].bytes.n);
    return ST_OK;
}

static enum st analyze(struct terms *t, struct str text, uint32_t weight)
{
    t->weight = weight;
    an_days_begin(&t->days, text);
    return an_analyze(t->an, text, take_tokens, t);
}

enum st terms_of(struct terms *t, const struct ix_doc *doc, const struct ix_term **out, size_t *n,
                 struct err *err)
{
    forget(t);
    an_days_init(&t->days, doc->date);
    enum st st = analyze(t, doc->title, t->title_weight);
    if (st == ST_OK)
        st = analyze(t, doc->body, 1);
    if (st != ST_OK)
        return err_nomem(err);
    st = spell(t, err);
    if (st == ST_OK)
        st = check_terms(t, err);
    *out = t->term;
    *n = t->nterms;
    return st;
}
