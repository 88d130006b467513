/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_QUERY_H
#define GONGBAO_QUERY_H

/* From what a reader types to what the index runs: lex, parse into a tree, lower into a plan.
 *
 *     query = *( run | exact )            all must hold
 *     run   = characters without white space
 *     exact = "…" in straight or Chinese quotes
 */

#include <gongbao/analysis.h>
#include <gongbao/arena.h>
#include <gongbao/err.h>
#include <gongbao/index.h>

enum q_kind { Q_AND, Q_RUN, Q_EXACT };

struct q_node {
    enum q_kind kind;
    struct str text;       /* run or exact: as typed, without the quotes */
    size_t offset;         /* of text in the query */
    struct q_node **kid;
    size_t nkid;
};

/* Bounds on a query, before anything reaches the index. */
struct q_limits {
    uint64_t runs;  /* runs and quoted runs */
    uint64_t terms; /* after analysis */
};

/* Parse text (valid UTF-8). ST_SYNTAX with its place: an unclosed quote, nothing to look for;
 * ST_TOO_MUCH names the limit. The tree lives in the arena and borrows text. */
enum st q_parse(struct str text, const struct q_limits *limits, struct arena *a,
                struct q_node **out, struct err *err);

/* Append the tree as one line: (and (run 高质量发展) (exact 5+5)). */
void q_dump(const struct q_node *node, struct buf *out);

/* How much each kind of term counts, times BM25. */
struct q_weights {
    double word, bigram, character;
};

/* One run of the query, for checking stored text and for marking. */
struct q_run {
    struct an_text text;  /* folded, AN_VIEW_TEXT */
    struct an_text all;   /* folded, AN_VIEW_ALL */
    struct an_text marks; /* folded, AN_VIEW_MARKS; used when the others are empty */
    bool exact;           /* must stand in the stored text as it is */
    struct an_text *word; /* its words of two characters or more, folded */
    size_t nword;
};

/* A query made ready. Owned by the caller, q_plan_fini; nodes live in the arena. */
struct q_plan {
    const struct ix_node *all;  /* every run must be there */
    const struct ix_node *some; /* relaxed: any part of any unquoted run; exact runs stay exact */
    struct q_run *run;
    size_t nrun;
    bool has_exact; /* a run of three characters or more, or of marks: candidates need q_accept */
};

enum st q_lower(struct an *an, const struct q_node *node, const struct q_weights *weights,
                const struct q_limits *limits, struct arena *a, struct q_plan *out,
                struct err *err);
void q_plan_fini(struct q_plan *p);

/* Whether every exact run of the plan stands in the title or in the body. scratch is reused. */
bool q_accept(const struct q_plan *p, const struct ix_doc *doc, struct an_text *scratch);

/* Append the index query as one line, terms with their document frequencies when view is not
 * NULL. */
void q_dump_lowered(const struct ix_node *node, struct ix_view *view, struct buf *out);

#endif
