/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao analyze [--lexicon FILE] TEXT…: the tokens of each text as a table, one row each with
 * the slice of the original, the term, the kind and the byte offsets; cells are separated by tabs.
 * Letters of a reading, which stand beside the text, are marked by a + behind their kind. Without
 * TEXT each line of standard input is one.
 */

#include "cmd.h"
#include <getopt.h>
#include <gongbao/analysis.h>
#include <gongbao/utf8.h>
#include <places.h> /* made by the Makefile */
#include <stdio.h>
#include <stdlib.h>

struct table {
    struct str text;
    struct buf term;
};

/* Controls would break the table or reach the terminal, and so would bytes that are no UTF-8. */
static void print_cell(struct str s)
{
    while (s.n > 0) {
        uint32_t cp;
        unsigned len = utf8_next(s.p, s.p + s.n, &cp), step = len > 0 ? len : 1;
        if (len > 0 && !utf8_is_control(cp))
            fwrite(s.p, 1, len, stdout);
        else
            putchar(len > 0 ? ' ' : '?');
        s = str_from(s.p + step, s.n - step);
    }
}

static enum st print_tokens(void *ctx, const struct an_token *tok, size_t n)
{
    struct table *t = ctx;
    for (size_t i = 0; i < n; i++) {
        buf_reset(&t->term);
        an_term(&tok[i], &t->term);
        print_cell(str_from(t->text.p + tok[i].start, tok[i].end - tok[i].start));
        putchar('\t');
        print_cell(buf_str(&t->term));
        printf("\t%s%s\t%u\t%u\n", an_kind_name(tok[i].kind), tok[i].aside ? "+" : "", tok[i].start,
               tok[i].end);
    }
    return ferror(stdout) ? ST_IO : ST_OK;
}

static enum st print_text(struct an *an, struct str text, struct err *err)
{
    struct table t = {.text = text};
    if (text.n > UINT32_MAX)
        return err_set(err, ST_REJECTED, "the text is longer than 4 GB");
    buf_init(&t.term, 1024);
    an_show_pieces(an, true);
    enum st st = an_analyze(an, text, print_tokens, &t);
    buf_fini(&t.term);
    return st == ST_OK ? ST_OK : err_set(err, st, "%s", st_info(st)->text);
}

static enum st print_lines(struct an *an, FILE *in, struct err *err)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    enum st st = ST_OK;
    while (st == ST_OK && (n = getline(&line, &cap, in)) > 0)
        st = print_text(an, str_from(line, (size_t)n - (line[n - 1] == '\n')), err);
    if (st == ST_OK && ferror(in))
        st = err_sys(err, "read", "standard input");
    free(line);
    return st;
}

int cmd_analyze(int argc, char **argv)
{
    static const struct option options[] = {
        {"lexicon", required_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *path = GONGBAO_LEXICON;
    struct err err = ERR_INIT;
    struct lex *lex = NULL;
    struct an *an = NULL;
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c != 'l') {
            fprintf(c == 'h' ? stdout : stderr, "usage: gongbao analyze [--lexicon FILE] TEXT…\n");
            return c == 'h' ? 0 : 2;
        }
        path = optarg;
    }
    enum st st = lex_open(path, &lex, &err);
    if (st == ST_OK)
        st = an_new(lex, &an, &err);
    if (st == ST_OK && optind == argc)
        st = print_lines(an, stdin, &err);
    for (int i = optind; i < argc && st == ST_OK; i++)
        st = print_text(an, str_of(argv[i]), &err);
    an_free(an);
    lex_close(lex);
    if (st == ST_OK && fflush(stdout) != 0)
        st = err_sys(&err, "write", "standard output");
    return st == ST_OK ? 0 : cmd_fail("analyze", &err);
}
