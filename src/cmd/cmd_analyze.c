/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao analyze [--lexicon FILE] [--graph[=dot]] [TEXT…]
 *
 * The tokens of each text as a table, one row each with the slice of the original, the term, the
 * kind and the byte offsets; cells are separated by tabs. What stands beside the text, as the
 * letters of a reading do, is marked by a + behind its kind. With --graph, the word graph instead
 * (analyze_graph.c). Without TEXT, and for the TEXT "-", each line of standard input is one. An
 * empty line separates the answers for several.
 *
 * Without --lexicon it is that of lexicon_default.
 */

#include "analyze.h"
#include "cmd.h"
#include "lexicon.h"

#include <getopt.h>
#include <gongbao/utf8.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum form { TOKENS, GRAPH, DOT };

struct analysis {
    struct an *an;
    enum form form;
    bool any; /* something is printed already */
};

struct table {
    struct str text;
    struct buf term;
};

/* The term as it is indexed; of what is not, the folded characters. */
static void add_term(const struct an_token *tok, struct buf *out)
{
    an_term(tok, out);
    char *at = tok->kind == AN_READING ? buf_room(out, 4 * (size_t)tok->ncp) : NULL;
    if (at)
        out->n += utf8_puts(tok->cp, tok->ncp, at);
}

static enum st print_tokens(void *ctx, const struct an_token *tok, size_t n)
{
    struct table *t = ctx;
    for (size_t i = 0; i < n; i++) {
        buf_reset(&t->term);
        add_term(&tok[i], &t->term);
        cmd_print(str_from(t->text.p + tok[i].start, tok[i].end - tok[i].start));
        putchar('\t');
        cmd_print(buf_str(&t->term));
        printf("\t%s%s\t%u\t%u\n", an_kind_name(tok[i].kind), tok[i].aside ? "+" : "", tok[i].start,
               tok[i].end);
    }
    return ferror(stdout) ? ST_IO : ST_OK;
}

static enum st print_table(struct an *an, struct str text)
{
    struct table t = {.text = text};
    buf_init(&t.term, 1024);
    an_show_pieces(an, true);
    enum st st = an_analyze(an, text, print_tokens, &t);
    buf_fini(&t.term);
    return st;
}

static enum st print_text(struct analysis *a, struct str text, struct err *err)
{
    enum st st;
    if (text.n > UINT32_MAX)
        return err_set(err, ST_REJECTED, "the text is longer than 4 GB");
    if (a->any)
        putchar('\n');
    a->any = true;
    if (a->form == TOKENS)
        st = print_table(a->an, text);
    else
        st = a->form == GRAPH ? analyze_print_graph(a->an, text) : analyze_print_dot(a->an, text);
    return st == ST_OK ? ST_OK : err_set(err, st, "%s", st_info(st)->text);
}

static enum st print_lines(struct analysis *a, FILE *in, struct err *err)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    enum st st = ST_OK;
    while (st == ST_OK && (n = getline(&line, &cap, in)) > 0)
        st = print_text(a, str_from(line, (size_t)n - (line[n - 1] == '\n')), err);
    if (st == ST_OK && ferror(in))
        st = err_sys(err, "read", "standard input");
    free(line);
    return st;
}

static enum st print_all(struct analysis *a, char **text, size_t n, struct err *err)
{
    enum st st = n == 0 ? print_lines(a, stdin, err) : ST_OK;
    for (size_t i = 0; i < n && st == ST_OK; i++)
        st = strcmp(text[i], "-") == 0 ? print_lines(a, stdin, err)
                                       : print_text(a, str_of(text[i]), err);
    if (st == ST_OK && fflush(stdout) != 0)
        st = err_sys(err, "write", "standard output");
    return st;
}

static bool read_form(const char *value, enum form *out)
{
    *out = value ? DOT : GRAPH;
    return !value || strcmp(value, "dot") == 0;
}

int cmd_analyze(int argc, char **argv)
{
    static const struct option options[] = {{"lexicon", required_argument, NULL, 'l'},
                                            {"graph", optional_argument, NULL, 'g'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    char beside[PATH_MAX];
    const char *path = lexicon_default(beside);
    struct analysis a = {.form = TOKENS};
    struct err err = ERR_INIT;
    struct lex *lex = NULL;
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'l') {
            path = optarg;
        } else if (c != 'g' || !read_form(optarg, &a.form)) {
            fprintf(c == 'h' ? stdout : stderr,
                    "usage: gongbao analyze [--lexicon FILE] [--graph[=dot]] [TEXT…]\n");
            return c == 'h' ? 0 : 2;
        }
    }
    enum st st = lex_open(path, &lex, &err);
    if (st == ST_OK)
        st = an_new(lex, &a.an, &err);
    if (st == ST_OK)
        st = print_all(&a, argv + optind, (size_t)(argc - optind), &err);
    an_free(a.an);
    lex_close(lex);
    return st == ST_OK ? 0 : cmd_fail("analyze", &err);
}
