/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading word lists, alias lists, a compiled lexicon, and user words.
 *
 * Each different spelling of the lists is kept once, with the frequency that was given last, so
 * that a list given later can correct an earlier one. User words stand apart, each line of them in
 * the order read. Nothing is decided here: what shares a fold, which spelling stands for it, and
 * what a word without a frequency gets, is known only when all has been read (compile.c).
 */

#include "builder.h"
#include <gongbao/array.h>
#include <gongbao/utf8.h>
#include <math.h>
#include <stdlib.h>

#define STRINGS_MAX ((size_t)1 << 30)

/* From here on characters are CJK: a spelling keeps them. Below, it takes the folded form. */
#define FIRST_CJK 0x2e80

enum st lex_builder_new(lex_fold *fold, uint32_t fold_version, struct lex_builder **out,
                        struct err *err)
{
    struct lex_builder *b = calloc(1, sizeof(*b));
    if (!b)
        return err_nomem(err);
    b->fold = fold;
    b->fold_version = fold_version;
    arena_init(&b->strings, STRINGS_MAX);
    map_init(&b->by_text);
    *out = b;
    return ST_OK;
}

void lex_builder_free(struct lex_builder *b)
{
    if (!b)
        return;
    arena_fini(&b->strings);
    map_fini(&b->by_text);
    free(b->spelling);
    free(b);
}

/* Fold text into sp->key and sp->cp. False when it is no word: too long, empty, or with a
 * separator in it. text is valid UTF-8. */
static bool fold_spelling(struct lex_builder *b, struct str text, struct spelling *sp)
{
    uint32_t key[LEX_WORD_MAX], cp[LEX_WORD_MAX], n = 0;
    const char *p = text.p, *end = text.p + text.n;
    while (p < end) {
        uint32_t c = 0;
        p += utf8_next(p, end, &c);
        uint32_t f = b->fold(c);
        if (f == 0)
            continue;
        if (f == LEX_NOT_TEXT || n == LEX_WORD_MAX)
            return false;
        key[n] = f;
        cp[n++] = f < FIRST_CJK ? f : c;
    }
    if (n == 0)
        return false;
    uint32_t *copy = arena_alloc(&b->strings, (size_t)2 * n * sizeof(*copy));
    if (!copy)
        return false;
    memcpy(copy, key, n * sizeof(*copy));
    memcpy(copy + n, cp, n * sizeof(*copy));
    sp->key = copy;
    sp->cp = copy + n;
    sp->nkey = sp->ncp = n;
    return true;
}

/* NULL without memory. */
static struct spelling *add_spelling(struct lex_builder *b, const struct spelling *sp)
{
    struct spelling *spelling = array_room(b->spelling, b->n, &b->cap, sizeof(*spelling));
    if (!spelling)
        return NULL;
    b->spelling = spelling;
    b->spelling[b->n] = *sp;
    return &b->spelling[b->n++];
}

/* The spelling of text, made when it is new. NULL when text is no word, or without memory, which
 * is told apart by the arena and *nomem. */
static struct spelling *spelling_of(struct lex_builder *b, struct str text, bool *nomem)
{
    uint64_t *slot = map_slot(&b->by_text, text);
    *nomem = !slot;
    if (!slot)
        return NULL;
    if (*slot != 0)
        return &b->spelling[*slot - 1];
    struct spelling sp = {0};
    if (!fold_spelling(b, text, &sp)) {
        *nomem = b->strings.failed;
        return NULL;
    }
    struct spelling *added = add_spelling(b, &sp);
    *nomem = !added;
    *slot = b->n;
    return added;
}

static enum st add_word(struct lex_builder *b, struct str line, struct err *err)
{
    struct str word = str_cut(&line, ' ');
    struct str number = str_cut(&line, ' ');
    uint64_t frequency = 0;
    if (number.n != 0 && (!str_u64(number, UINT32_MAX, &frequency) || frequency == 0))
        return err_set(err, ST_REJECTED, "a frequency is a number from 1 to %u, not " STR_FMT,
                       UINT32_MAX, STR_ARG(number));
    bool nomem;
    struct spelling *sp = spelling_of(b, word, &nomem);
    if (!sp)
        return nomem ? err_nomem(err) : ST_OK;
    sp->frequency = (double)frequency;
    sp->guess = number.n == 0;
    sp->target = (struct str){NULL, 0};
    return ST_OK;
}

static enum st add_alias(struct lex_builder *b, struct str line, struct err *err)
{
    struct str phrase = str_cut(&line, '\t');
    struct str target = str_cut(&line, ' ');
    if (target.n == 0)
        return err_set(err, ST_REJECTED, "a phrase, a tab and its spelling are expected");
    const uint64_t *known = map_get(&b->by_text, phrase);
    if (known && *known != 0)
        return ST_OK; /* a dictionary word is its own spelling */
    bool nomem;
    struct spelling *sp = spelling_of(b, phrase, &nomem);
    if (!sp)
        return nomem ? err_nomem(err) : ST_OK;
    sp->target = arena_str(&b->strings, target);
    return sp->target.p ? ST_OK : err_nomem(err);
}

static enum st each_line(struct lex_builder *b, struct str text, const char *name,
                         enum st (*take)(struct lex_builder *, struct str, struct err *),
                         struct err *err)
{
    unsigned number = 0;
    size_t bad = utf8_check(text.p, text.n);
    while (text.n > 0) {
        struct str line = str_cut(&text, '\n');
        number++;
        if (bad < line.n)
            return err_set(err, ST_REJECTED, "%s:%u: not UTF-8", name, number);
        bad -= line.n < bad ? line.n + 1 : bad;
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        enum st st = take(b, line, err);
        if (st != ST_OK) {
            err_prefix(err, "%s:%u", name, number);
            return st;
        }
    }
    return ST_OK;
}

enum st lex_builder_words(struct lex_builder *b, struct str text, const char *name, struct err *err)
{
    return each_line(b, text, name, add_word, err);
}

enum st lex_builder_aliases(struct lex_builder *b, struct str text, const char *name,
                            struct err *err)
{
    return each_line(b, text, name, add_alias, err);
}

/* ---- User words ---- */

static enum st add_user(struct lex_builder *b, struct str line, struct err *err)
{
    struct user_line u;
    uint32_t key[LEX_WORD_MAX], nkey;
    enum st st = user_read_line(line, b->fold, &u, key, &nkey, err);
    if (st != ST_OK)
        return st;
    uint32_t *copy = arena_alloc(&b->strings, nkey * sizeof(*copy));
    if (!copy)
        return err_nomem(err);
    memcpy(copy, key, nkey * sizeof(*copy));
    const struct spelling sp = {.key = copy,
                                .cp = copy,
                                .nkey = nkey,
                                .ncp = nkey,
                                .frequency = (double)u.weight,
                                .guess = u.weight == 0,
                                .removed = u.removed,
                                .user = ++b->users};
    return add_spelling(b, &sp) ? ST_OK : err_nomem(err);
}

enum st lex_builder_user(struct lex_builder *b, struct str text, const char *name, struct err *err)
{
    return each_line(b, text, name, add_user, err);
}

/* ---- A compiled lexicon ---- */

struct base {
    struct lex_builder *b;
    const struct lex *lex;
};

static enum st add_base_word(void *ctx, const uint32_t *key, const struct lex_match *m)
{
    const struct base *base = ctx;
    size_t ncp = 0;
    const uint32_t *cp = lex_spelling(base->lex, m->word, &ncp);
    uint32_t *copy = arena_alloc(&base->b->strings, (m->length + ncp) * sizeof(*copy));
    if (!copy)
        return ST_NO_MEMORY;
    memcpy(copy, key, m->length * sizeof(*copy));
    if (cp)
        memcpy(copy + m->length, cp, ncp * sizeof(*copy));
    const struct spelling sp = {.key = copy,
                                .cp = cp ? copy + m->length : copy,
                                .nkey = m->length,
                                .ncp = cp ? (uint32_t)ncp : m->length,
                                .frequency = base->b->total * exp(-(double)m->cost / LEX_COST_ONE)};
    return add_spelling(base->b, &sp) ? ST_OK : ST_NO_MEMORY;
}

enum st lex_builder_base(struct lex_builder *b, const struct lex *lex, struct err *err)
{
    struct base base = {b, lex};
    struct lex_info info;
    lex_info(lex, &info);
    if (info.fold != b->fold_version)
        return err_set(err, ST_DAMAGED,
                       "the base lexicon was compiled with other fold tables: compile it again");
    b->total = exp((double)lex_unknown_cost(lex) / LEX_COST_ONE);
    enum st st = lex_each(lex, add_base_word, &base, err);
    return st == ST_NO_MEMORY ? err_nomem(err) : st;
}
