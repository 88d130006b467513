/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The terms of a document.
 *
 * The analyzer gives a stream of tokens, some three for two characters of text; a document has
 * perhaps a third as many distinct terms. They are counted as code points (term_table.h), and only
 * then spelt out.
 *
 * A term is the folded text of its token, so a word of two characters and the pair of them are one
 * term, which counts each place once. A character which is no word is a term only if nothing of two
 * characters begins with it, for whoever asks for a character asks for those as well (IX_PREFIX);
 * it has frequency 0, and so have separators.
 *
 * The letters of readings are terms with a prefix of their own, and so are the names that the
 * analyzer sees, for who asks for a name and not for a text. Each day that the text mentions is
 * a term as well, and so are their months and years, all of frequency 0: they filter and weigh
 * nothing. A removed reading is no term. An occurrence in the title counts as several.
 */
#include "document.h"
#include "term_table.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH 64 /* tokens */

struct terms {
    struct an *an;
    uint32_t title_weight;
    uint32_t weight; /* of an occurrence in the field at hand */
    struct term_table table;
    struct term hit[2 * BATCH]; /* a name makes two */
    struct an_days days;
    struct buf bytes; /* the terms spelt out */
    struct ix_term *term;
    size_t nterms, term_cap;
};

#define TITLE_MAX 65536 /* what a title counts more than a body, at most */

enum st terms_new(const struct lex *lex, uint64_t title_weight, struct terms **out, struct err *err)
{
    struct terms *t = calloc(1, sizeof(*t));
    if (!t)
        return err_nomem(err);
    t->title_weight = title_weight > TITLE_MAX ? TITLE_MAX : (uint32_t)title_weight;
    buf_init(&t->bytes, SIZE_MAX / 2);
    enum st st = term_table_init(&t->table, err);
    if (st == ST_OK)
        st = an_new(lex, &t->an, err);
    if (st != ST_OK) {
        terms_free(t);
        return st;
    }
    an_for_index(t->an, true);
    *out = t;
    return ST_OK;
}

void terms_free(struct terms *t)
{
    if (!t)
        return;
    an_free(t->an);
    term_table_fini(&t->table);
    free(t->term);
    buf_fini(&t->bytes);
    free(t);
}

/* How much an occurrence counts. A pair of characters that is no word, where words meet, is worth
 * half of one; a character that is no word finds and weighs nothing. */
static uint32_t weight_of(const struct terms *t, const struct an_token *tok)
{
    return tok->kind == AN_CHAR ? 0 : t->weight << (tok->kind != AN_BIGRAM);
}

/* The letters of a reading, behind their prefix. */
static uint64_t key_of_letters(const struct an_token *tok)
{
    uint32_t cp[3] = {(unsigned char)AN_TERM_LETTERS[0], tok->cp[0]};
    if (tok->ncp == 2)
        cp[2] = tok->cp[1];
    return term_key(cp, 1 + (size_t)tok->ncp);
}

/* The tokens that are no short term of their text. Returns how many hits there are then. */
static size_t take_special(struct terms *t, const struct an_token *tok, size_t nhits, bool *ok)
{
    if (tok->kind == AN_READING)
        return nhits;
    if (tok->kind == AN_LETTERS) {
        t->hit[nhits] = (struct term){key_of_letters(tok), weight_of(t, tok), TERM_WHOLE};
        return nhits + 1;
    }
    if (!term_table_count_long(&t->table, tok->cp, tok->ncp, weight_of(t, tok)))
        *ok = false;
    return nhits;
}

#define NAME_MAX_CP 32 /* code points */

/* A name is also a term with a prefix of its own, which finds and weighs nothing. */
static size_t take_name(struct terms *t, const struct an_token *tok, size_t nhits, bool *ok)
{
    uint32_t cp[1 + NAME_MAX_CP] = {(unsigned char)IX_TERM_NAME[0]};
    size_t n = 1 + (size_t)tok->ncp;
    if (tok->ncp > NAME_MAX_CP)
        return nhits;
    memcpy(cp + 1, tok->cp, tok->ncp * sizeof(*cp));
    if (n > TERM_SHORT) {
        *ok = *ok && term_table_count_long(&t->table, cp, n, 0);
        return nhits;
    }
    t->hit[nhits] = (struct term){term_key(cp, n), 0, TERM_WHOLE};
    return nhits + 1;
}

static bool take_batch(struct terms *t, const struct an_token *tok, size_t n)
{
    size_t nhits = 0;
    bool ok = true;
    for (size_t i = 0; i < n; i++, tok++) {
        an_days_take(&t->days, tok);
        if (tok->kind == AN_NAME)
            nhits = take_name(t, tok, nhits, &ok);
        if (tok->ncp > TERM_SHORT || tok->kind == AN_READING || tok->kind == AN_LETTERS) {
            nhits = take_special(t, tok, nhits, &ok);
            continue;
        }
        bool whole = tok->kind != AN_CHAR;
        t->hit[nhits++] = (struct term){term_key(tok->cp, tok->ncp), weight_of(t, tok),
                                        whole ? TERM_WHOLE : TERM_LONE};
        term_table_note(&t->table, tok->cp[0], tok->ncp);
    }
    return ok && term_table_count(&t->table, t->hit, nhits);
}

static enum st take_tokens(void *ctx, const struct an_token *tok, size_t n)
{
    for (size_t i = 0; i < n; i += BATCH)
        if (!take_batch(ctx, tok + i, n - i < BATCH ? n - i : BATCH))
            return ST_NO_MEMORY;
    return ST_OK;
}

#define DAY_BYTES 16 /* of a day spelt out, with room */

/* The days without their last digits, each once: 1 for days, 100 for months, 10000 for years. The
 * bytes go to at; returns their end. */
static char *spell_days(struct terms *t, uint32_t unit, char *at)
{
    for (size_t i = 0; i < t->days.n; i++) {
        size_t k = 0;
        uint32_t value = t->days.day[i] / unit;
        while (t->days.day[k] / unit != value)
            k++;
        if (k < i)
            continue;
        size_t n = (size_t)snprintf(at, DAY_BYTES, IX_TERM_DAY "%u", value);
        t->term[t->nterms++] = (struct ix_term){.bytes = {at, n}};
        at += n;
    }
    return at;
}

/* Room for every term, so that bytes stay where they are. */
static bool make_room(struct terms *t)
{
    size_t days = 3 * t->days.n, n = t->table.n + days;
    if (t->term_cap < n) {
        struct ix_term *grown = reallocarray(t->term, n + n / 2, sizeof(*grown));
        if (!grown)
            return false;
        t->term = grown;
        t->term_cap = n + n / 2;
    }
    buf_reset(&t->bytes);
    return buf_room(&t->bytes, term_table_bytes(&t->table) + days * DAY_BYTES + 1) != NULL;
}

/* The terms of the text. The bytes go to at; returns their end. */
static char *spell_table(struct terms *t, char *at)
{
    const struct term *i = t->table.term + 1, *end = i + t->table.n;
    struct ix_term *out = t->term;
    for (; i < end; i++) {
        if (term_table_is_idle(&t->table, i))
            continue;
        char *begin = at;
        at = term_table_spell(&t->table, i, at);
        *out++ = (struct ix_term){.bytes = {begin, (size_t)(at - begin)}, .wdf = i->wdf};
    }
    t->nterms = (size_t)(out - t->term);
    return at;
}

/* Write the terms and the days out. */
static enum st spell(struct terms *t, struct err *err)
{
    if (!make_room(t))
        return err_nomem(err);
    char *at = spell_table(t, t->bytes.p);
    at = spell_days(t, 1, at);
    at = spell_days(t, 100, at);
    spell_days(t, 10000, at);
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
    an_days_init(&t->days, doc->date);
    enum st st = term_table_begin(&t->table, doc->title.n + doc->body.n);
    if (st == ST_OK)
        st = analyze(t, doc->title, t->title_weight);
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
