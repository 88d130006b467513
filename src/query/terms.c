/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the tokens of a run to its terms.
 *
 * A sink for the analyzer. Words are kept for ranking and marking, bigrams for finding, single
 * characters only where no bigram covers them, because a bigram proves both of its characters.
 * What stands beside the text is passed over, for whoever asks for 調(diào) means 调; only its
 * single characters are kept, for a run that holds nothing else. What Chinese numerals are in
 * digits is aside too; who means it asks for the run written so (q_digits).
 *
 * The words inside long words, 科学 of 科学家, are kept in a list of their own: they only rank, and
 * whoever made the query is not refused for what he did not type, so no limit counts them.
 *
 * Tokens come in order of their start, the longer first, so when a character arrives, the bigram
 * that begins at it and the one that ends with it have been seen: it is a loner when it ends
 * behind every bigram so far. A loner is text when it is also a word; separators and marks are in
 * no word. Whether the word or the character comes first does not matter here.
 *
 * Lists grow in the arena by doubling. They are short (the limit on terms ends the analysis), so
 * a term is looked up among those before it by going through them.
 */

#include "terms.h"

#include <gongbao/utf8.h>

#define SPACED_MOST 20

struct collecting {
    struct run_terms *out;
    struct arena *a;
    uint64_t max;
    uint32_t base;
    uint32_t covered;    /* end of the last bigram */
    uint32_t word_start; /* of the last word */
    struct str first;    /* the first number or shorthand, and where it ends in the run */
    uint32_t first_end;
};

static enum st count(struct collecting *c)
{
    return ++c->out->n > c->max ? ST_TOO_MUCH : ST_OK;
}

static enum st term_of(struct collecting *c, const struct an_token *tok, struct str *out)
{
    struct buf b;
    buf_init(&b, 1 + 4 * AN_TOKEN_MAX);
    an_term(tok, &b);
    *out = buf_ok(&b) ? arena_str(c->a, buf_str(&b)) : (struct str){NULL, 0};
    buf_fini(&b);
    return out->p ? ST_OK : ST_NO_MEMORY;
}

bool q_has_term(const struct term_list *t, struct str term)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->at[i], term))
            return true;
    return false;
}

static enum st push_term(struct collecting *c, struct term_list *t, struct str term)
{
    struct str *at = arena_room(c->a, t->at, t->n, &t->cap, sizeof(*at));
    if (!at)
        return ST_NO_MEMORY;
    t->at = at;
    t->at[t->n++] = term;
    return ST_OK;
}

/* Add the token's term; *fresh tells whether it is new. */
static enum st add_term(struct collecting *c, struct term_list *t, const struct an_token *tok,
                        bool *fresh)
{
    struct str term;
    enum st st = term_of(c, tok, &term);
    *fresh = st == ST_OK && !q_has_term(t, term);
    if (*fresh)
        st = push_term(c, t, term);
    return st == ST_OK && *fresh ? count(c) : st;
}

static enum st add_piece(struct collecting *c, const struct an_token *tok)
{
    struct str term;
    if (tok->ncp < 2)
        return ST_OK;
    enum st st = term_of(c, tok, &term);
    if (st != ST_OK || q_has_term(&c->out->piece, term))
        return st;
    return push_term(c, &c->out->piece, term);
}

static void extend_text(struct collecting *c, const struct an_token *tok)
{
    struct run_terms *r = c->out;
    uint32_t start = c->base + tok->start, end = c->base + tok->end;
    if (!r->text || start < r->text_start)
        r->text_start = start;
    if (!r->text || end > r->text_end)
        r->text_end = end;
    r->text = true;
}

/* A word's token carries the dictionary's spelling; a text is looked through as it folds. */
static enum st add_spelling(struct collecting *c, const struct an_token *tok)
{
    struct run_terms *r = c->out;
    struct an_text *list =
        arena_room(c->a, r->spelling, r->nspelling, &r->spelling_cap, sizeof(struct an_text));
    uint32_t *cp = arena_alloc(c->a, tok->ncp * sizeof(*cp));
    if (!list || !cp)
        return ST_NO_MEMORY;
    for (size_t i = 0; i < tok->ncp; i++)
        cp[i] = an_fold_char(tok->cp[i]);
    r->spelling = list;
    r->spelling[r->nspelling++] = (struct an_text){.cp = cp, .n = tok->ncp};
    return ST_OK;
}

/* Of the words at the beginning of the run, the longest comes first. */
static enum st keep_first(struct collecting *c, const struct an_token *tok)
{
    if (tok->kind != AN_NUMBER && tok->kind != AN_SHORTHAND)
        return ST_OK;
    if (c->first.n > 0 || c->base + tok->start != c->out->text_start)
        return ST_OK;
    c->first_end = c->base + tok->end;
    return term_of(c, tok, &c->first);
}

static enum st add_word(struct collecting *c, const struct an_token *tok)
{
    struct run_terms *r = c->out;
    extend_text(c, tok);
    c->word_start = tok->start;
    r->letters = r->letters || (tok->kind == AN_LATIN && tok->ncp > 2);
    if (r->nloner > 0 && r->loner[r->nloner - 1].start == c->base + tok->start)
        r->loner[r->nloner - 1].text = true;
    bool fresh = false;
    enum st st = keep_first(c, tok);
    if (st == ST_OK)
        st = add_term(c, &r->word, tok, &fresh);
    return st == ST_OK && fresh && tok->ncp > 1 ? add_spelling(c, tok) : st;
}

static enum st add_bigram(struct collecting *c, const struct an_token *tok)
{
    extend_text(c, tok);
    if (tok->end > c->covered)
        c->covered = tok->end;
    bool fresh;
    return add_term(c, &c->out->bigram, tok, &fresh);
}

static enum st add_loner(struct collecting *c, const struct an_token *tok)
{
    struct run_terms *r = c->out;
    struct loner *list = arena_room(c->a, r->loner, r->nloner, &r->loner_cap, sizeof(*list));
    struct loner one = {.cp = tok->cp[0],
                        .start = c->base + tok->start,
                        .text = c->word_start == tok->start,
                        .aside = tok->aside};
    if (!list)
        return ST_NO_MEMORY;
    enum st st = term_of(c, tok, &one.term);
    if (st != ST_OK)
        return st;
    r->loner = list;
    r->loner[r->nloner++] = one;
    return count(c);
}

static bool is_digit_form(const struct an_token *tok)
{
    return tok->aside && (tok->kind <= AN_BIGRAM ||
                          (tok->kind == AN_CHAR && tok->cp[0] >= '0' && tok->cp[0] <= '9'));
}

static enum st take(void *ctx, const struct an_token *tok, size_t n)
{
    struct collecting *c = ctx;
    enum st st = ST_OK;
    for (size_t i = 0; i < n && st == ST_OK; i++) {
        if (tok[i].kind == AN_READING || tok[i].kind == AN_LETTERS || is_digit_form(&tok[i]))
            continue;
        if (tok[i].kind == AN_BIGRAM)
            st = add_bigram(c, &tok[i]);
        else if (tok[i].kind == AN_PIECE)
            st = add_piece(c, &tok[i]);
        else if (tok[i].kind != AN_CHAR)
            st = add_word(c, &tok[i]);
        else if (tok[i].end > c->covered)
            st = add_loner(c, &tok[i]);
    }
    return st;
}

enum st q_terms(struct an *an, struct str slice, uint32_t base, uint64_t max, struct arena *a,
                struct run_terms *out)
{
    struct collecting c = {.out = out, .a = a, .max = max, .base = base, .word_start = UINT32_MAX};
    *out = (struct run_terms){0};
    an_show_pieces(an, true);
    enum st st = an_analyze(an, slice, take, &c);
    an_show_pieces(an, false);
    if (c.first_end == out->text_end)
        out->whole = c.first;
    return st;
}

static bool is_unit(const struct an_text *fold)
{
    if (fold->n < 2 || fold->n > Q_UNIT_MAX)
        return false;
    for (size_t i = 0; i < fold->n; i++)
        if (!an_is_han(fold->cp[i]))
            return false;
    return true;
}

/* Whether all of the run is one word, whatever its dictionary spelling. */
static bool is_word(const struct run_terms *r, const struct an_text *fold)
{
    for (size_t i = 0; i < r->nspelling; i++)
        if (r->spelling[i].n == fold->n &&
            memcmp(r->spelling[i].cp, fold->cp, fold->n * sizeof(*fold->cp)) == 0)
            return true;
    return false;
}

enum st q_add_unit(const struct an_text *fold, uint64_t max, struct arena *a, struct run_terms *out)
{
    if (!is_unit(fold) || is_word(out, fold))
        return ST_OK;
    struct collecting c = {.out = out, .a = a, .max = max};
    struct an_token unit = {.cp = fold->cp, .ncp = (uint8_t)fold->n, .kind = AN_WORD};
    struct str term;
    enum st st = term_of(&c, &unit, &term);
    if (st == ST_OK)
        st = push_term(&c, &out->word, term);
    return st == ST_OK ? count(&c) : st;
}

static bool is_alnum(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z');
}

/* Whether a text may have a space between two neighbours of a run; of Han only where all is. */
static bool may_part(uint32_t x, uint32_t y, bool han)
{
    return han || an_is_han(x) != an_is_han(y);
}

/* Whether a text may have spaces in the run at all. */
static bool may_be_spaced(const struct an_text *fold)
{
    for (size_t i = 0; i < fold->n; i++)
        if (!an_is_han(fold->cp[i]) && !is_alnum(fold->cp[i]))
            return false;
    return fold->n >= 2 && fold->n <= SPACED_MOST;
}

enum st q_spaced(const struct an *an, const struct an_text *fold, struct arena *a,
                 struct an_text *spaced, struct str *name)
{
    bool han = is_unit(fold);
    *spaced = (struct an_text){0};
    *name = (struct str){0};
    if (!may_be_spaced(fold))
        return ST_OK;
    struct an_text out = {.cp = arena_alloc(a, 2 * fold->n * sizeof(uint32_t))};
    if (!out.cp)
        return ST_NO_MEMORY;
    for (size_t i = 0; i < fold->n; i++) {
        if (i > 0 && may_part(fold->cp[i - 1], fold->cp[i], han))
            out.cp[out.n++] = ' ';
        out.cp[out.n++] = fold->cp[i];
    }
    if (out.n > fold->n)
        *spaced = out;
    if (fold->n != 2 || !an_may_be_spaced(an, fold->cp[0], fold->cp[1]))
        return ST_OK;
    struct collecting c = {.a = a};
    struct an_token tok = {.cp = out.cp, .ncp = (uint8_t)out.n, .kind = AN_NAME};
    return term_of(&c, &tok, name);
}

/* ---- Chinese numerals ---- */

struct rewriting {
    struct str text;
    size_t at; /* of text, what is rewritten so far */
    struct buf out;
};

/* Numbers aside are numerals in digits; of those at one place the longest comes first. */
static enum st rewrite(void *ctx, const struct an_token *tok, size_t n)
{
    struct rewriting *w = ctx;
    for (size_t i = 0; i < n; i++) {
        if (!tok[i].aside || tok[i].kind != AN_NUMBER || tok[i].start < w->at)
            continue;
        buf_adds(&w->out, str_from(w->text.p + w->at, tok[i].start - w->at));
        an_term(&tok[i], &w->out);
        w->at = tok[i].end;
    }
    return ST_OK;
}

enum st q_digits(struct an *an, struct str text, struct arena *a, struct str *out)
{
    struct rewriting w = {.text = text};
    *out = (struct str){0};
    buf_init(&w.out, 4 * text.n + 16);
    enum st st = an_analyze(an, text, rewrite, &w);
    if (st == ST_OK && w.at > 0) {
        buf_adds(&w.out, str_from(text.p + w.at, text.n - w.at));
        *out = buf_ok(&w.out) ? arena_str(a, buf_str(&w.out)) : *out;
        st = out->p ? ST_OK : ST_NO_MEMORY;
    }
    buf_fini(&w.out);
    return st;
}

/* ---- Words across runs ---- */

struct crossing {
    struct collecting c;
    const struct q_node *tree;
    struct term_list *out;
};

/* Whether the slice [start, end) of the tree's text begins in one run and ends in another, neither
 * they nor those between being quoted. */
static bool is_across(const struct q_node *tree, size_t start, size_t end)
{
    size_t touched = 0;
    start += tree->offset;
    end += tree->offset;
    for (size_t i = 0; i < tree->nkid; i++) {
        const struct q_node *kid = tree->kid[i];
        if (kid->offset + kid->text.n <= start || kid->offset >= end)
            continue;
        if (kid->kind != Q_RUN)
            return false;
        touched++;
    }
    return touched > 1;
}

static enum st take_across(void *ctx, const struct an_token *tok, size_t n)
{
    struct crossing *x = ctx;
    for (size_t i = 0; i < n; i++) {
        bool fresh;
        if (tok[i].kind >= AN_BIGRAM || tok[i].aside || x->out->n >= x->c.max ||
            !is_across(x->tree, tok[i].start, tok[i].end))
            continue;
        enum st st = add_term(&x->c, x->out, &tok[i], &fresh);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

enum st q_words_across(struct an *an, const struct q_node *tree, uint64_t max, struct arena *a,
                       struct term_list *out)
{
    struct run_terms unused = {0};
    struct crossing x = {.c = {.out = &unused, .a = a, .max = max}, .tree = tree, .out = out};
    *out = (struct term_list){0};
    return tree->nkid < 2 ? ST_OK : an_analyze(an, tree->text, take_across, &x);
}
