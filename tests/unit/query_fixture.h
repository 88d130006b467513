/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_QUERY_FIXTURE_H
#define GONGBAO_QUERY_FIXTURE_H

/* A query from text to plan, over the small lexicon in tests/golden/words.txt. */

#include "harness.h"

#include <gongbao/file.h>
#include <gongbao/query.h>

static const struct q_weights WEIGHTS = {
    .word = 1.0, .bigram = 0.5, .character = 0.3, .piece = 0.5};
static const struct q_limits LIMITS = {.runs = 32, .terms = 256, .depth = 16, .expansion = 1000};

/* Compile the lexicon to path. */
static inline void small_lexicon(const char *path)
{
    struct lex_builder *b;
    struct buf words;
    buf_init(&words, 1 << 20);
    assert_int_equal(file_read("tests/golden/words.txt", &words, NULL), ST_OK);
    assert_int_equal(lex_builder_new(an_fold_char, an_fold_version(), &b, NULL), ST_OK);
    assert_int_equal(lex_builder_words(b, buf_str(&words), "words.txt", NULL), ST_OK);
    assert_int_equal(lex_builder_finish(b, path, NULL), ST_OK);
    lex_builder_free(b);
    buf_fini(&words);
}

struct bench {
    char *folder, *lexicon;
    struct lex *lex;
    struct an *an;
    struct arena a;
    struct q_check check;
    struct q_opts opts;
    struct q_synonyms *synonyms; /* those of opts, if any; owned */
    struct err err;
};

static inline void bench_open(struct bench *b)
{
    *b = (struct bench){.folder = harness_folder(), .err = ERR_INIT};
    assert_true(asprintf(&b->lexicon, "%s/words.lex", b->folder) > 0);
    small_lexicon(b->lexicon);
    assert_int_equal(lex_open(b->lexicon, &b->lex, &b->err), ST_OK);
    assert_int_equal(an_new(b->lex, &b->an, &b->err), ST_OK);
    arena_init(&b->a, 64 << 20);
    q_check_init(&b->check);
    b->opts = (struct q_opts){.limits = LIMITS,
                              .weights = WEIGHTS,
                              .today = {2024, 10, 31}, /* a Thursday */
                              .check = &b->check};
}

/* From here on runs stand for others as this line of a file says; an empty one ends that. */
static inline void bench_synonyms(struct bench *b, struct str line)
{
    struct q_synonyms *made = NULL;
    char *path;
    q_synonyms_close(b->synonyms);
    assert_true(asprintf(&path, "%s/synonyms", b->folder) > 0);
    assert_int_equal(file_put(path, line, 0644, &b->err), ST_OK);
    assert_int_equal(q_synonyms_open(path, &made, &b->err), ST_OK);
    b->opts.synonyms = b->synonyms = made;
    free(path);
}

static inline void bench_close(struct bench *b)
{
    q_synonyms_close(b->synonyms);
    q_check_fini(&b->check);
    arena_fini(&b->a);
    an_free(b->an);
    lex_close(b->lex);
    assert_int_equal(file_remove_tree(b->folder, NULL), ST_OK);
    free(b->lexicon);
    free(b->folder);
}

static inline enum st bench_plan(struct bench *b, struct str text, struct q_plan *out)
{
    struct q_node *tree;
    enum st st = q_parse(text, &b->opts, &b->a, &tree, &b->err);
    return st == ST_OK ? q_lower(b->an, tree, &b->opts, &b->a, out, &b->err) : st;
}

#endif
