/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The words that each line of standard input is cut into: bench_words LEXICON [--whole]
 *
 * A line goes out as it came in, with a blank between words: those of the best path, and instead of
 * a long one its pieces, unless --whole is given. Each character outside of them stands alone, as
 * punctuation does. White space in a line is not kept.
 */

#include <gongbao/analysis.h>
#include <gongbao/utf8.h>
#include <stdio.h>
#include <stdlib.h>

struct cutter {
    struct str line;
    size_t at;   /* what lies before it has been printed */
    size_t word; /* end of the word that begins there and has shown no piece yet, or at */
};

static void die(const char *what)
{
    fprintf(stderr, "bench_words: %s\n", what);
    exit(1);
}

/* Print the characters up to a place one by one. */
static void print_alone(struct cutter *c, size_t to)
{
    while (c->at < to) {
        uint32_t cp;
        unsigned len = utf8_next(c->line.p + c->at, c->line.p + c->line.n, &cp);
        len = len > 0 ? len : 1;
        if (c->line.p[c->at] != ' ') {
            fwrite(c->line.p + c->at, 1, len, stdout);
            putchar(' ');
        }
        c->at += len;
    }
}

static void print_word(struct cutter *c, size_t to)
{
    fwrite(c->line.p + c->at, 1, to - c->at, stdout);
    putchar(' ');
    c->at = to;
}

/* Print up to a place, the word that waits to be seen whole first. */
static void print_up_to(struct cutter *c, size_t to)
{
    if (c->word > c->at)
        print_word(c, c->word);
    print_alone(c, to);
}

static enum st take_words(void *ctx, const struct an_token *tok, size_t n)
{
    struct cutter *c = ctx;
    for (size_t i = 0; i < n; i++) {
        bool word = tok[i].kind < AN_BIGRAM && !tok[i].beside && !tok[i].aside;
        bool piece = tok[i].kind == AN_PIECE;
        if (piece && tok[i].start == c->at) {
            c->word = tok[i].end; /* shorter than what waits there */
        } else if (piece || (word && tok[i].start >= c->word)) {
            print_up_to(c, tok[i].start);
            c->word = tok[i].end;
        }
    }
    return ST_OK;
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    struct lex *lex;
    struct an *an;
    char *line = NULL;
    size_t cap = 0;
    if (argc != 2 && argc != 3)
        die("usage: bench_words LEXICON [--whole] <TEXT");
    if (lex_open(argv[1], &lex, &err) != ST_OK || an_new(lex, &an, &err) != ST_OK)
        die(err.text);
    an_show_pieces(an, argc == 2);
    while (getline(&line, &cap, stdin) > 0) {
        struct cutter c = {str_trim(str_of(line)), 0, 0};
        if (an_analyze(an, c.line, take_words, &c) != ST_OK)
            die("a line cannot be analysed");
        print_up_to(&c, c.line.n);
        putchar('\n');
    }
    free(line);
    an_free(an);
    lex_close(lex);
    return 0;
}
