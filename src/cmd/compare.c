/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Comparing two segmentations line by line.
 *
 * A line is cut into what the analyzer would tell at first sight: at each place the longest token
 * that is a word, name, number or shorthand, or else the character. Quoted units, which lie over
 * the words, are left out. Names and unknown words are guesses, marked by a ?: elsewhere the same
 * characters may be none, so a guess that becomes a word is a change. Two cuts of one line are
 * compared from both ends; what is left in the middle is the change, and is shown with AROUND words
 * on either side.
 */

#include "compare.h"

#include "cmd.h"
#include <gongbao/array.h>
#include <stdio.h>
#include <stdlib.h>

#define AROUND 4

void compare_init(struct compare *c, struct an *without, struct an *with, uint32_t *key, size_t n)
{
    *c = (struct compare){.an = {without, with}, .key = {.cp = key, .n = n}};
    an_text_init(&c->fold);
}

void compare_fini(struct compare *c)
{
    an_text_fini(&c->fold);
    free(c->cut[0].word);
    free(c->cut[1].word);
}

/* ---- Cutting ---- */

static bool is_word(const struct an_token *tok)
{
    switch (tok->kind) {
    case AN_WORD:
        return tok->word != AN_NO_WORD || tok->ncp == 1;
    case AN_NAME:
    case AN_UNKNOWN:
    case AN_LATIN:
    case AN_NUMBER:
    case AN_SHORTHAND:
    case AN_CHAR:
        return true;
    default:
        return false;
    }
}

static enum st take(void *ctx, const struct an_token *tok, size_t n)
{
    struct cut_line *cut = ctx;
    for (size_t i = 0; i < n; i++) {
        uint32_t end = cut->n > 0 ? cut->word[cut->n - 1].end : 0;
        if (tok[i].aside || tok[i].start < end || !is_word(&tok[i]))
            continue;
        struct cut_word *word = array_room(cut->word, cut->n, &cut->cap, sizeof(*word));
        if (!word)
            return ST_NO_MEMORY;
        cut->word = word;
        cut->word[cut->n++] = (struct cut_word){
            .start = tok[i].start,
            .end = tok[i].end,
            .guess = tok[i].kind == AN_NAME || tok[i].kind == AN_UNKNOWN,
        };
    }
    return ST_OK;
}

/* ---- Showing ---- */

static bool same(const struct cut_word *a, const struct cut_word *b)
{
    return a->start == b->start && a->end == b->end && a->guess == b->guess;
}

static void print_word(struct str line, const struct cut_word *w)
{
    cmd_print(str_from(line.p + w->start, w->end - w->start));
    if (w->guess)
        putchar('?');
}

/* Words [from, to) and those around them. */
static void print_cut(char mark, struct str line, const struct cut_line *cut, size_t from,
                      size_t to)
{
    size_t first = from > AROUND ? from - AROUND : 0;
    size_t last = to + AROUND < cut->n ? to + AROUND : cut->n;
    printf("%c %s", mark, first > 0 ? "…|" : "");
    for (size_t i = first; i < last; i++) {
        print_word(line, &cut->word[i]);
        fputs(i + 1 < last ? "|" : "", stdout);
    }
    puts(last < cut->n ? "|…" : "");
}

static void show(struct compare *c, struct str line, const char *name, size_t number)
{
    const struct cut_line *a = &c->cut[0], *b = &c->cut[1];
    size_t head = 0, tail = 0, least = a->n < b->n ? a->n : b->n;
    while (head < least && same(&a->word[head], &b->word[head]))
        head++;
    if (head == a->n && head == b->n)
        return;
    while (tail < least - head && same(&a->word[a->n - 1 - tail], &b->word[b->n - 1 - tail]))
        tail++;
    c->changed++;
    printf("%s:%zu\n", name, number);
    print_cut('-', line, a, head, a->n - tail);
    print_cut('+', line, b, head, b->n - tail);
}

static enum st compare_line(struct compare *c, struct str line, const char *name, size_t number)
{
    c->lines++;
    enum st st = an_fold(line, AN_VIEW_TEXT, &c->fold);
    if (st != ST_OK || an_find(&c->fold, &c->key, 0) == SIZE_MAX)
        return st;
    c->found++;
    for (int i = 0; i < 2 && st == ST_OK; i++) {
        c->cut[i].n = 0;
        st = an_analyze(c->an[i], line, take, &c->cut[i]);
    }
    if (st == ST_OK)
        show(c, line, name, number);
    return st;
}

enum st compare_lines(struct compare *c, struct str text, const char *name, struct err *err)
{
    for (size_t number = 1; text.n > 0; number++)
        if (compare_line(c, str_cut(&text, '\n'), name, number) != ST_OK)
            return err_nomem(err);
    return ferror(stdout) ? err_sys(err, "write", "standard output") : ST_OK;
}
