/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef QUERY_TERMS_H
#define QUERY_TERMS_H

/* The terms of one run, sorted by what they are good for. */

#include <gongbao/query.h>

struct term_list {
    struct str *at; /* each once, in order of place */
    size_t n, cap;
};

bool q_has_term(const struct term_list *t, struct str term);

/* A character that has no neighbour: text between separators, a separator, or a mark. */
struct loner {
    struct str term;
    uint32_t cp;
    uint32_t start; /* in the run */
    bool text;
    bool aside; /* a dropped mark, or a piece of a reading */
};

struct run_terms {
    struct term_list bigram;
    struct term_list word;
    struct term_list piece;   /* words of two characters or more inside its long words */
    struct an_text *spelling; /* words of two characters or more as they fold in a text */
    size_t nspelling, spelling_cap;
    struct loner *loner; /* each place */
    size_t nloner, loner_cap;
    uint32_t text_start, text_end; /* from the first character of text to behind the last */
    bool text;                     /* there is one */
    bool letters;                  /* a word of it has three letters or more */
    struct str whole;              /* the number or shorthand that all of it is, or nothing */
    uint64_t n;                    /* terms and loners; pieces are not counted */
};

/* Collect the terms of slice, a part of a run that begins at base in it. Everything lives in the
 * arena. ST_TOO_MUCH, without a text, when n passes max; ST_NO_MEMORY. */
enum st q_terms(struct an *an, struct str slice, uint32_t base, uint64_t max, struct arena *a,
                struct run_terms *out);

/* A run of 2 to Q_UNIT_MAX Han characters, given as it folds, may be a name or stand in quotes in a
 * text, and is a word there: add it to the words of out unless it is one of them. ST_TOO_MUCH when
 * out has max terms already; ST_NO_MEMORY. */
enum st q_add_unit(const struct an_text *fold, uint64_t max, struct arena *a,
                   struct run_terms *out);

/* A run, given as it folds, as a text may set it with spaces: 附 则, a few Han characters each by
 * itself, or 第 34 条, Han beside digits. Empty when it is neither. If it may be a name of two
 * characters, *name is the term of that: 雷 敏. ST_NO_MEMORY. */
enum st q_spaced(const struct an *an, const struct an_text *fold, struct arena *a,
                 struct an_text *spaced, struct str *name);

#define Q_UNIT_MAX 8

/* ---- date.c ---- */

/* What filters by a date: in Chinese numerals too. ST_SYNTAX with its place when it is none, or
 * strictly when it is a range that ends before it begins;
 * ST_NO_MEMORY. */
enum st q_date(struct an *an, const struct q_node *node, const struct q_opts *opts, struct arena *a,
               struct ix_node **out, struct err *err);

/* ---- terms.c ---- */

/* The run with its Chinese numerals as digits: 2024年会议 for 二〇二四年会议. Empty when it has
 * none. ST_NO_MEMORY. */
enum st q_digits(struct an *an, struct str text, struct arena *a, struct str *out);

/* The words of a query that reach from one run into another, GB/T 7714-2015, none of the runs they
 * touch being quoted; at most max. ST_NO_MEMORY. */
enum st q_words_across(struct an *an, const struct q_node *tree, uint64_t max, struct arena *a,
                       struct term_list *out);

#endif
