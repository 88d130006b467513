/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The words of each line of standard input, as the analyzer's best path cuts it:
 * bench_words LEXICON
 *
 * A line goes out as it came in, with a blank between words. The words of the path are those word
 * tokens that do not begin inside another; each character outside of them stands alone, as
 * punctuation does. White space in a line is not kept.
 */

#include <gongbao/analysis.h>
#include <gongbao/utf8.h>
#include <stdio.h>
#include <stdlib.h>

struct cutter {
    struct str line;
    size_t at; /* what lies before it has been printed */
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

static enum st print_words(void *ctx, const struct an_token *tok, size_t n)
{
    struct cutter *c = ctx;
    for (size_t i = 0; i < n; i++) {
        if (tok[i].kind > AN_SHORTHAND || tok[i].aside || tok[i].start < c->at)
            continue;
        print_alone(c, tok[i].start);
        fwrite(c->line.p + tok[i].start, 1, tok[i].end - tok[i].start, stdout);
        putchar(' ');
        c->at = tok[i].end;
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
    if (argc != 2)
        die("usage: bench_words LEXICON <TEXT");
    if (lex_open(argv[1], &lex, &err) != ST_OK || an_new(lex, &an, &err) != ST_OK)
        die(err.text);
    while (getline(&line, &cap, stdin) > 0) {
        struct cutter c = {str_trim(str_of(line)), 0};
        if (an_analyze(an, c.line, print_words, &c) != ST_OK)
            die("a line cannot be analysed");
        print_alone(&c, c.line.n);
        putchar('\n');
    }
    free(line);
    an_free(an);
    lex_close(lex);
    return 0;
}
