/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao analyze --graph: the word graph of a text, its weights, and the path that was chosen.
 *
 * As a table, for each place in the text the edges that end there. Of these the one with the least
 * total is the best way to that place, so who looks at two rivals, 研究生 and 生 in 研究生命起源,
 * sees by how much one lost. A weight is -ln of a probability: weights along a path add up. The
 * path follows below, found by a second walk over the graph, so nothing is kept of the first.
 *
 * For graphviz, places are nodes and the path is drawn thick; `dot -Tsvg` makes a picture of it.
 */

#include "analyze.h"
#include "cmd.h"

#include <gongbao/utf8.h>
#include <inttypes.h>
#include <stdio.h>

static double weight(uint64_t cost)
{
    return (double)cost / LEX_COST_ONE;
}

static struct str slice_of(struct str text, const struct an_edge *e)
{
    return str_from(text.p + e->start, e->end - e->start);
}

/* The folded characters, where they are not what the text has there. */
static void print_term(const struct an_edge *e, struct str slice)
{
    char term[4 * AN_TOKEN_MAX];
    const size_t n = utf8_puts(e->cp, e->ncp < AN_TOKEN_MAX ? e->ncp : AN_TOKEN_MAX, term);
    if (str_eq(str_from(term, n), slice))
        return;
    fputs(" = ", stdout);
    cmd_print(str_from(term, n));
    if (e->ncp > AN_TOKEN_MAX)
        fputs("…", stdout);
}

static enum st written(void)
{
    return ferror(stdout) ? ST_IO : ST_OK;
}

/* ---- As a table ---- */

static enum st print_rows(void *ctx, const struct an_edge *edge, size_t n)
{
    const struct str *text = ctx;
    for (size_t i = 0; i < n; i++) {
        const struct an_edge *e = &edge[i];
        struct str slice = slice_of(*text, e);
        printf("%c %6" PRIu32 " %6" PRIu32 " %8.2f %9.2f  %-9s  ", e->chosen ? '*' : ' ', e->start,
               e->end, weight(e->cost), weight(e->total), an_kind_name(e->kind));
        cmd_print(slice);
        print_term(e, slice);
        putchar('\n');
    }
    putchar('\n');
    return written();
}

struct path {
    struct str text;
    uint64_t total;
    bool any;
};

static enum st print_step(void *ctx, const struct an_edge *edge, size_t n)
{
    struct path *p = ctx;
    for (size_t i = 0; i < n; i++) {
        if (!edge[i].chosen)
            continue;
        fputs(p->any ? "|" : "path: ", stdout);
        cmd_print(slice_of(p->text, &edge[i]));
        p->total = edge[i].total;
        p->any = true;
    }
    return written();
}

enum st analyze_print_graph(struct an *an, struct str text)
{
    struct path p = {.text = text};
    puts("   start    end   weight     total  kind       text");
    enum st st = an_graph(an, text, print_rows, &text);
    if (st == ST_OK)
        st = an_graph(an, text, print_step, &p);
    if (st == ST_OK)
        printf("%stotal: %.2f\n", p.any ? "\n" : "", weight(p.total));
    return st == ST_OK ? written() : st;
}

/* ---- For graphviz ---- */

/* Between quotes: cmd_print leaves only these to escape. */
static void print_quoted(struct str s)
{
    for (size_t at = 0; s.n > 0; at = 0) {
        while (at < s.n && s.p[at] != '"' && s.p[at] != '\\')
            at++;
        cmd_print(str_from(s.p, at));
        if (at < s.n)
            printf("\\%c", s.p[at++]);
        s = str_from(s.p + at, s.n - at);
    }
}

static enum st print_arrows(void *ctx, const struct an_edge *edge, size_t n)
{
    const struct str *text = ctx;
    for (size_t i = 0; i < n; i++) {
        printf("    %" PRIu32 " -> %" PRIu32 " [label=\"", edge[i].from, edge[i].to);
        print_quoted(slice_of(*text, &edge[i]));
        printf("\\n%.2f\"%s];\n", weight(edge[i].cost), edge[i].chosen ? ", penwidth=3" : "");
    }
    return written();
}

enum st analyze_print_dot(struct an *an, struct str text)
{
    puts("digraph words {\n    rankdir=LR;\n    node [shape=circle];");
    enum st st = an_graph(an, text, print_arrows, &text);
    puts("}");
    return st == ST_OK ? written() : st;
}
