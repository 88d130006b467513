/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A corpus in memory, two bytes a character.
 *
 * Only Han characters are kept, folded, as codes in the order in which they were met; whatever
 * stands between two of them (marks, letters, numbers, a line break) is one 0. Readings are not
 * there. Where the analyzer's words begin is kept beside the characters: a proposed word should
 * not cut words in two. That is told by tokens with a number in the lexicon, the longest at each
 * place, and by characters that no such token covers; names and quoted units, which the analyzer
 * lays over them, say nothing about it.
 *
 * A run between “ ”, ‘ ’, 「 」, 『 』 or 《 》 of nothing but Han characters is remembered.
 */

#include "mine.h"

#include <gongbao/array.h>
#include <gongbao/utf8.h>
#include <stdlib.h>

#define HAN_END 0x40000 /* no Han character from here on */

/* ---- One text ---- */

struct reader {
    struct mine_text *t;
    struct str text;
    uint32_t path_end;  /* bytes: where the word of the path ends */
    uint32_t block_end; /* where the number or shorthand ends */
    uint32_t last_end;  /* of the last character that was kept */
    size_t open;        /* where a quote opened, or SIZE_MAX */
    bool cut;           /* a word begins at the next character */
};

static void put(struct mine_text *t, uint16_t code, bool cut)
{
    if (t->n + (code != 0) >= t->cap) /* the last place is for a 0 */
        return;
    if (code == 0 && (t->n == 0 || t->code[t->n - 1] == 0))
        return;
    t->cut[t->n] = cut;
    t->code[t->n++] = code;
}

static uint16_t code_of(struct mine_text *t, uint32_t cp)
{
    if (!an_is_han(cp))
        return 0;
    if (t->code_of[cp] == 0 && t->ncodes <= UINT16_MAX) {
        t->code_of[cp] = (uint16_t)t->ncodes;
        t->cp_of[t->ncodes++] = cp;
    }
    return t->code_of[cp];
}

static bool add_quote(struct mine_text *t, size_t at, size_t n)
{
    struct mine_quote *quote = array_room(t->quote, t->nquotes, &t->quote_cap, sizeof(*quote));
    if (!quote)
        return false;
    t->quote = quote;
    t->quote[t->nquotes++] = (struct mine_quote){(uint32_t)at, (uint32_t)n};
    return true;
}

/* A character that is not text: it ends a run, and may open or close a quote. */
static bool take_mark(struct reader *r, const struct an_token *tok)
{
    uint32_t raw = 0;
    bool ok = true;
    utf8_next(r->text.p + tok->start, r->text.p + r->text.n, &raw);
    switch (raw) {
    case U'“':
    case U'‘':
    case U'《':
    case U'「':
    case U'『':
        put(r->t, 0, true);
        r->open = r->t->n;
        return true;
    case U'”':
    case U'’':
    case U'》':
    case U'」':
    case U'』':
        if (r->open < r->t->n && r->t->n - r->open >= 2 && r->t->n - r->open <= MINE_WORD_MAX)
            ok = add_quote(r->t, r->open, r->t->n - r->open);
        break;
    default:
        break;
    }
    r->open = SIZE_MAX;
    put(r->t, 0, true);
    return ok;
}

static bool take_character(struct reader *r, const struct an_token *tok)
{
    uint16_t code = tok->aside || tok->start < r->block_end ? 0 : code_of(r->t, tok->cp[0]);
    if (code == 0)
        return take_mark(r, tok);
    if (tok->start != r->last_end && r->t->n != r->open) {
        put(r->t, 0, true); /* a line break has no token */
        r->open = SIZE_MAX;
    }
    put(r->t, code, r->cut || tok->start >= r->path_end);
    r->cut = false;
    r->last_end = tok->end;
    return true;
}

/* A token that stands for one word, or one number, of the segmentation. */
static void take_word(struct reader *r, const struct an_token *tok)
{
    bool number = tok->kind == AN_NUMBER || tok->kind == AN_SHORTHAND || tok->kind == AN_LATIN;
    if (tok->aside || tok->start < r->path_end || (!number && tok->kind != AN_WORD))
        return;
    if (!number && tok->word == AN_NO_WORD && tok->ncp > 1)
        return; /* a quoted unit lies over words */
    r->path_end = tok->end;
    r->cut = true;
    if (number)
        r->block_end = tok->end;
}

static enum st take(void *ctx, const struct an_token *tok, size_t n)
{
    struct reader *r = ctx;
    for (size_t i = 0; i < n; i++) {
        if (tok[i].kind != AN_CHAR)
            take_word(r, &tok[i]);
        else if (!take_character(r, &tok[i]))
            return ST_NO_MEMORY;
    }
    return ST_OK;
}

enum st mine_text_add(struct mine_text *t, struct str text)
{
    struct reader r = {.t = t, .text = text, .open = SIZE_MAX};
    enum st st = an_analyze(t->an, text, take, &r);
    put(t, 0, true);
    return st;
}

/* ---- The corpus ---- */

enum st mine_text_init(struct mine_text *t, struct an *an, size_t characters, struct err *err)
{
    *t = (struct mine_text){.an = an, .cap = characters, .ncodes = 1};
    t->code = malloc(characters * sizeof(*t->code));
    t->cut = malloc(characters);
    t->code_of = calloc(HAN_END, sizeof(*t->code_of));
    t->cp_of = calloc((size_t)UINT16_MAX + 1, sizeof(*t->cp_of));
    if (t->code && t->cut && t->code_of && t->cp_of)
        return ST_OK;
    mine_text_fini(t);
    return err_nomem(err);
}

void mine_text_fini(struct mine_text *t)
{
    free(t->code);
    free(t->cut);
    free(t->code_of);
    free(t->cp_of);
    free(t->document);
    free(t->quote);
    *t = (struct mine_text){0};
}

enum st mine_text_document(struct mine_text *t)
{
    uint32_t *document =
        array_room(t->document, t->ndocuments, &t->document_cap, sizeof(*document));
    if (!document)
        return ST_NO_MEMORY;
    t->document = document;
    t->document[t->ndocuments++] = (uint32_t)t->n;
    return ST_OK;
}

size_t mine_text_document_of(const struct mine_text *t, size_t at)
{
    size_t low = 0, high = t->ndocuments;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (t->document[mid] <= at)
            low = mid;
        else
            high = mid;
    }
    return low;
}
