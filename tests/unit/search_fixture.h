/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_SEARCH_FIXTURE_H
#define GONGBAO_SEARCH_FIXTURE_H

/* Little indexes and a searcher over them. Documents are put in with the terms that ingest gives
 * them. */

#include "../../src/ingest/document.h"
#include "query_fixture.h"

#include <gongbao/search.h>

struct shelf {
    struct bench b;
    char *dir[2];
    struct srch_index index[2];
    struct srch_opts opts;
    struct srch *srch;
};

static inline void shelf_open(struct shelf *s, size_t nindex)
{
    static const char *const name[2] = {"east", "west"};
    bench_open(&s->b);
    for (size_t i = 0; i < 2; i++) {
        assert_true(asprintf(&s->dir[i], "%s/%s", s->b.folder, name[i]) > 0);
        s->index[i] = (struct srch_index){.name = name[i], .dir = s->dir[i]};
    }
    s->opts = (struct srch_opts){
        .index = s->index,
        .nindex = nindex,
        .lexicon = s->b.lexicon,
        .weights = WEIGHTS,
        .k1 = 1.2,
        .b = 0.75,
        .limits = LIMITS,
        .text_bytes = 1 << 20,
        .relax_below = 10,
        .most = 0.85,
        .snippet_columns = 60,
    };
    s->srch = NULL;
}

static inline void shelf_close(struct shelf *s)
{
    srch_close(s->srch);
    free(s->dir[0]);
    free(s->dir[1]);
    bench_close(&s->b);
}

static inline void shelf_put(struct shelf *s, struct ix_writer *w, const struct ix_doc *doc)
{
    struct terms *terms;
    const struct ix_term *term;
    size_t n;
    assert_int_equal(terms_new(s->b.lex, 3, &terms, &s->b.err), ST_OK);
    assert_int_equal(terms_of(terms, doc, &term, &n, &s->b.err), ST_OK);
    enum st st = ix_writer_put(w, doc, term, n, &s->b.err);
    if (st != ST_OK)
        print_error("%s\n", s->b.err.text);
    assert_int_equal(st, ST_OK);
    terms_free(terms);
}

/* One batch of rows {id, title, body}. */
static inline void shelf_fill(struct shelf *s, size_t index, const char *const row[][3], size_t n)
{
    struct ix_writer *w;
    const struct ix_writer_opts opts = {.fold = an_fold_version()};
    uint64_t generation;
    assert_int_equal(ix_writer_open(s->dir[index], &opts, &w, &s->b.err), ST_OK);
    for (size_t i = 0; i < n; i++) {
        const struct ix_doc doc = {.id = str_of(row[i][0]),
                                   .title = str_of(row[i][1]),
                                   .body = str_of(row[i][2]),
                                   .date = STR("2024-10-31")};
        shelf_put(s, w, &doc);
    }
    assert_int_equal(ix_writer_publish(w, &generation, &s->b.err), ST_OK);
    ix_writer_close(w);
}

#define SHELF_FILL(s, index, rows)                                                                 \
    shelf_fill((s), (index), (rows), sizeof(rows) / sizeof((rows)[0]))

static inline void shelf_serve(struct shelf *s)
{
    assert_int_equal(srch_open(&s->opts, &s->srch, &s->b.err), ST_OK);
}

static inline enum st shelf_try(struct shelf *s, const char *text, uint64_t offset, uint64_t limit,
                                struct srch_result *out)
{
    const struct srch_request req = {
        .text = str_of(text), .offset = offset, .limit = limit, .snippet = true};
    arena_reset(&s->b.a);
    s->b.err = (struct err)ERR_INIT;
    return srch_search(s->srch, &req, &s->b.a, out, &s->b.err);
}

/* The first hits; they hold until the next search. */
static inline struct srch_result shelf_search(struct shelf *s, const char *text)
{
    struct srch_result r;
    enum st st = shelf_try(s, text, 0, 20, &r);
    if (st != ST_OK)
        print_error("%s: %s\n", text, s->b.err.text);
    assert_int_equal(st, ST_OK);
    return r;
}

/* The ids of a page, "a b c"; the caller frees it. */
static inline char *shelf_ids(const struct srch_result *r)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_addz(&b, "");
    for (size_t i = 0; i < r->nhit; i++) {
        if (i)
            buf_addc(&b, ' ');
        buf_adds(&b, r->hit[i].doc.id);
    }
    char *ids = buf_take(&b);
    return ids ? ids : strdup("");
}

/* A query gives these ids in this order. */
static inline void shelf_expect(struct shelf *s, const char *text, const char *ids)
{
    struct srch_result r = shelf_search(s, text);
    char *got = shelf_ids(&r);
    if (strcmp(got, ids) != 0)
        print_error("%s: \"%s\" instead of \"%s\"\n", text, got, ids);
    assert_string_equal(got, ids);
    free(got);
}

#endif
