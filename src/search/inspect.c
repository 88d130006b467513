/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking at what is there, without a query: one document, the tokens of a text, the state of the
 * indexes.
 *
 * None of this runs the matcher. Tokens are copied into the request's arena, for the analyzer
 * lends them for the time of a call only; a text's tokens are several times its size, and the
 * arena's cap is what bounds them.
 */

#include "search.h"

#include <gongbao/utf8.h>

static enum st get(struct srch *s, struct str id, struct str in, struct arena *a,
                   struct ix_doc *out, const char **index, struct err *err)
{
    struct scope scope;
    srch_open_missing(s);
    enum st st = srch_scope(s, in, a, &scope, err);
    if (st != ST_OK)
        return st;
    uint64_t doc;
    st = ix_find(scope.view, id, &doc, err);
    if (st == ST_OK)
        st = ix_document(scope.view, doc, a, out, err);
    if (st == ST_OK)
        *index = scope.name[ix_view_reader(scope.view, doc)];
    if (st == ST_NOT_FOUND && scope.damage.st != ST_OK)
        st = err_set(err, ST_DAMAGED, "it is not in what can be read; %s", scope.damage.text);
    srch_unscope(&scope);
    return st;
}

enum st srch_get(struct srch *s, struct str id, struct str in, struct arena *a, struct ix_doc *out,
                 const char **index, struct err *err)
{
    enum st st;
    do
        st = get(s, id, in, a, out, index, err);
    while (srch_again(s, st));
    return st;
}

/* ---- tokens ---- */

struct listing {
    struct str text;
    struct arena *a;
    struct srch_token *token;
    struct srch_edge *edge;
    size_t n, cap;
};

/* Room for more of what the listing lists, each of so many bytes: moved to where there is; NULL
 * without memory. */
static void *room(struct listing *l, void *list, size_t more, size_t size)
{
    if (l->n + more <= l->cap)
        return list;
    size_t cap = 2 * l->cap + more + 64;
    void *wider = arena_alloc(l->a, cap * size);
    if (wider && l->n)
        memcpy(wider, list, l->n * size);
    l->cap = cap;
    return wider;
}

static enum st list(void *ctx, const struct an_token *tok, size_t n)
{
    struct listing *l = ctx;
    l->token = room(l, l->token, n, sizeof(*l->token));
    if (!l->token)
        return ST_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        l->token[l->n++] = (struct srch_token){
            .slice = str_from(l->text.p + tok[i].start, tok[i].end - tok[i].start),
            .term = arena_chars(l->a, tok[i].cp, tok[i].ncp),
            .kind = tok[i].kind,
            .start = tok[i].start,
            .end = tok[i].end,
            .aside = tok[i].aside,
        };
    }
    return l->a->failed ? ST_NO_MEMORY : ST_OK;
}

static double hundredths(uint64_t cost)
{
    uint64_t n = (cost * 100 + LEX_COST_ONE / 2) / LEX_COST_ONE;
    return (double)n / 100;
}

static enum st list_edges(void *ctx, const struct an_edge *edge, size_t n)
{
    struct listing *l = ctx;
    l->edge = room(l, l->edge, n, sizeof(*l->edge));
    if (!l->edge)
        return ST_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        l->edge[l->n++] = (struct srch_edge){
            .slice = str_from(l->text.p + edge[i].start, edge[i].end - edge[i].start),
            .term = arena_chars(l->a, edge[i].cp, edge[i].ncp),
            .kind = edge[i].kind,
            .start = edge[i].start,
            .end = edge[i].end,
            .weight = hundredths(edge[i].cost),
            .total = hundredths(edge[i].total),
            .chosen = edge[i].chosen,
        };
    }
    return l->a->failed ? ST_NO_MEMORY : ST_OK;
}

enum st srch_analyze(struct srch *s, struct str text, struct arena *a, struct srch_token **out,
                     size_t *n, struct err *err)
{
    struct listing l = {.text = text, .a = a};
    an_show_pieces(s->an, true);
    enum st st = an_analyze(s->an, text, list, &l);
    an_show_pieces(s->an, false);
    if (st != ST_OK)
        return err_nomem(err);
    *out = l.token;
    *n = l.n;
    return ST_OK;
}

enum st srch_graph(struct srch *s, struct str text, struct arena *a, struct srch_edge **out,
                   size_t *n, struct err *err)
{
    struct listing l = {.text = text, .a = a};
    if (an_graph(s->an, text, list_edges, &l) != ST_OK)
        return err_nomem(err);
    *out = l.edge;
    *n = l.n;
    return ST_OK;
}

/* ---- statistics ---- */

static void add(struct ix_info *sum, const struct ix_info *one)
{
    sum->generation = one->generation > sum->generation ? one->generation : sum->generation;
    sum->published = one->published > sum->published ? one->published : sum->published;
    sum->documents += one->documents;
    sum->segments += one->segments;
    sum->tombstones += one->tombstones;
    sum->body_bytes += one->body_bytes;
    sum->disk_bytes += one->disk_bytes;
    sum->damaged += one->damaged;
}

/* In one word or in those of its last error; the strings live in the arena. */
static const char *state_of(const struct source *src, struct arena *a)
{
    if (src->err.st == ST_OK)
        return "ok";
    return src->err.st == ST_NO_INDEX ? "missing" : arena_fmt(a, "%s", src->err.text);
}

/* The segments of a reader; their strings too live in the arena. False without memory. */
static bool list_segments(const struct ix_reader *reader, struct arena *a,
                          struct srch_index_stats *out)
{
    out->segment = arena_calloc(a, out->info.segments, sizeof(*out->segment));
    for (size_t i = 0; out->segment && i < out->info.segments; i++) {
        ix_reader_segment(reader, i, &out->segment[i]);
        out->segment[i].name = arena_str(a, out->segment[i].name);
        out->segment[i].damage = arena_str(a, out->segment[i].damage);
    }
    return !a->failed;
}

enum st srch_stats(struct srch *s, struct arena *a, struct srch_stats *out, struct err *err)
{
    srch_open_missing(s);
    *out = (struct srch_stats){.nindex = s->opts->nindex};
    out->each = arena_calloc(a, out->nindex, sizeof(*out->each));
    if (!out->each)
        return err_nomem(err);
    if (s->lex)
        lex_info(s->lex, &out->lexicon);
    for (size_t i = 0; i < out->nindex; i++) {
        out->each[i].name = s->source[i].name->name;
        out->each[i].st = s->source[i].err.st;
        out->each[i].state = state_of(&s->source[i], a);
        if (s->source[i].reader) {
            ix_reader_info(s->source[i].reader, &out->each[i].info);
            add(&out->index, &out->each[i].info);
            if (!list_segments(s->source[i].reader, a, &out->each[i]))
                return err_nomem(err);
        }
    }
    return a->failed ? err_nomem(err) : ST_OK;
}
