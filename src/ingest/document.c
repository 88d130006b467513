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
 * The letters of readings are terms with a prefix of their own. Each day that the text mentions is
 * a term as well, and so are their months and years, all of frequency 0: they filter and weigh
 * nothing. A removed reading is no term. An occurrence in the title counts as several.
 */
#include "document.h"
#include "term_table.h"

#include <stdio.h>
#include <stdlib.h>

struct terms {
    struct an *an;
    uint32_t title_weight;
    uint32_t weight; /* of an occurrence in the field at hand */
    struct term_table table;
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

/* The letters of a reading, behind their prefix. */
static bool count_letters(struct terms *t, const struct an_token *tok)
{
    uint32_t cp[3] = {(unsigned char)AN_TERM_LETTERS[0], tok->cp[0]};
    if (tok->ncp == 2)
        cp[2] = tok->cp[1];
    return term_table_count(&t->table, cp, 1 + (size_t)tok->ncp, t->weight, TERM_WHOLE);
}

/* A character that is no word finds and weighs nothing. */
static bool count(struct terms *t, const struct an_token *tok)
{
    switch (tok->kind) {
    case AN_READING:
        return true;
    case AN_LETTERS:
        return count_letters(t, tok);
    case AN_CHAR:
        return term_table_count(&t->table, tok->cp, 1, 0, TERM_LONE);
    default:
        return term_table_count(&t->table, tok->cp, tok->ncp, t->weight, TERM_WHOLE);
    }
}

static enum st take_tokens(void *ctx, const struct an_token *tok, size_t n)
{
    struct terms *t = ctx;
    for (size_t i = 0; i < n; i++) {
        if (!count(t, &tok[i]))
            return ST_NO_MEMORY;
        an_days_take(&t->days, &tok[i]);
    }
    return ST_OK;
}

/* The next term, which ends at end. */
static void push(struct terms *t, char *end, uint32_t wdf)
{
    char *begin = t->bytes.p + t->bytes.n;
    size_t n = (size_t)(end - begin);
    t->term[t->nterms++] = (struct ix_term){.bytes = {begin, n}, .wdf = wdf};
    t->bytes.n += n;
}

#define DAY_BYTES 16 /* of a day spelt out, with room */

/* The days without their last digits, each once: 1 for days, 100 for months, 10000 for years. */
static void push_days(struct terms *t, uint32_t unit)
{
    for (size_t i = 0; i < t->days.n; i++) {
        size_t k = 0;
        uint32_t value = t->days.day[i] / unit;
        while (t->days.day[k] / unit != value)
            k++;
        if (k < i)
            continue;
        char *end = t->bytes.p + t->bytes.n;
        push(t, end + snprintf(end, DAY_BYTES, IX_TERM_DAY "%u", value), 0);
    }
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
    t->nterms = 0;
    return buf_room(&t->bytes, term_table_bytes(&t->table) + days * DAY_BYTES + 1) != NULL;
}

/* Write the terms and the days out. */
static enum st spell(struct terms *t, struct err *err)
{
    if (!make_room(t))
        return err_nomem(err);
    for (size_t i = 0; i < t->table.n; i++)
        if (!term_table_is_idle(&t->table, i))
            push(t, term_table_spell(&t->table, i, t->bytes.p + t->bytes.n),
                 term_table_at(&t->table, i)->wdf);
    push_days(t, 1);
    push_days(t, 100);
    push_days(t, 10000);
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
