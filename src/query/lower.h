/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef QUERY_LOWER_H
#define QUERY_LOWER_H

/* What the files that lower a tree share: lower.c the tree, run.c a run, ways.c the other ways
 * to write it, fields.c what is asked of a field, where.c what is looked for in stored text. */

#include "nodes.h"
#include "terms.h"

struct lowering {
    struct an *an;
    const struct q_opts *opts;
    struct arena *a;
    struct an_text fold;
    uint64_t terms;  /* so far */
    size_t prefixes; /* likewise */
    size_t days;     /* terms of dates, likewise */
    bool apart;      /* words stay apart from bigrams */
    bool plain;      /* runs ask for nothing but what was typed */
    bool others;     /* some run asks for more than was typed */
    enum q_field field;
    struct err *err;
};

struct runs {
    struct q_run *at;
    size_t n;
};

/* A part of the tree, lowered: one of must, filter and without. A NULL node stands for none. */
struct part {
    struct ix_node *must;    /* all of it */
    struct ix_node *filter;  /* the same of what weighs nothing, a date */
    struct ix_node *without; /* what is left out */
    struct ix_node *any;     /* any of it, where it is a unit */
    struct ix_node *rank;
    struct runs runs; /* to be marked */
    struct runs same; /* of a run: the ways to write it, any of which will do; typed first */
    struct term_list word, piece, bigram;
    struct term_list typed; /* what finds of a run as it was typed */
    size_t nany;            /* parts of `any` */
    bool text;              /* more than marks */
    bool unit;              /* a run that may be done without */
};

/* A run as it stands. */
enum st q_lower_typed(struct lowering *l, const struct q_node *node, struct part *out);

/* A leaf that is a run, whatever its field, with all other ways to write it. */
enum st q_lower_run(struct lowering *l, const struct q_node *node, struct part *out);

/* A leaf, in l->field. */
enum st q_lower_leaf(struct lowering *l, const struct q_node *node, struct part *out);

/* Two leaves that stand near each other, in l->field. */
enum st q_lower_near(struct lowering *l, const struct q_node *node, struct part *out);

/* So many ways are asked for beside the run as typed. */
#define Q_WAYS_MAX 32

/* The longest word of a folded run that begins at a character, does not end at an `inside` byte of
 * the run, and stands for others; its characters, or 0. */
size_t q_synonyms_at(const struct q_synonyms *s, const struct an_text *fold, size_t at,
                     const bool *inside, const struct str **other, size_t *n);

/* A text as a view folds it, field 0 or 1; what was folded last of each is kept. NULL without
 * memory. */
const struct an_text *q_check_fold(struct q_check *c, struct str text, enum an_view view,
                                   int field);

/* A folded run with its digits as Chinese numerals, as a text may have it; empty when it has none
 * that can be. False without memory. */
bool q_numerals(const struct an_text *fold, struct arena *a, struct an_text *out);

/* ---- where.c: kid, where something is seen in the stored text. NULL without memory ---- */

/* Any of the runs stands there; in_title: in the title. */
struct ix_node *q_where_stands(struct lowering *l, struct ix_node *kid, const struct runs *runs,
                               bool in_title);

/* The same, at the beginning of a word. */
struct ix_node *q_where_begins(struct lowering *l, struct ix_node *kid, const struct runs *runs,
                               bool in_title);

/* One of x and one of y stand there with so many characters between them at most. */
struct ix_node *q_where_near(struct lowering *l, struct ix_node *kid, const struct runs *x,
                             const struct runs *y, uint32_t distance, bool in_title);

/* The address holds text, whatever the case. */
struct ix_node *q_where_url(struct lowering *l, struct ix_node *kid, struct str text);

#endif
