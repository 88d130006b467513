/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_QUERY_H
#define GONGBAO_QUERY_H

/* From what a reader types to what the index runs: parse into a tree, lower into a plan.
 *
 *     query = *( run | exact | date ) all must hold
 *     run   = characters without white space
 *     exact = "…" or “…” or 「…」 or 『…』
 *
 *     date  = "date:" or "日期：" and a day, a month or a year: 2024-10-31, 2024年10月31日, 2024-10
 *
 * A date is a filter: bulletins of that day, month or year, and those that mention a day of it.
 *
 * A quote opens at the beginning of the text or behind white space and is closed by the next
 * quote of its own kind; any other quote is text, and so is one with nothing behind it. What
 * follows a closing quote directly is a run of its own. A quoted run of nothing but white space
 * asks for nothing.
 *
 * A run asks for every pair of neighbouring characters in it, and for its characters that have no
 * neighbour, IX_PREFIX_MAX of them at most in a query; an exact run also asks for its separators,
 * in this order and with nothing between. A run not quoted that is a number or a shorthand is also
 * found where a text has it with spaces, commas or other brackets: 9876元 in 9,876元. So is one
 * that may be a name of two characters where a text sets it with a space: 雷敏 in 雷　敏. Readings,
 * dots and quotes inside a run ask for nothing. A run without any letter, digit or Han character
 * asks for its marks, but when it is not quoted only if no run of the query holds text: 强调 · 部署
 * is 强调 部署.
 *
 *     struct q_node *tree;
 *     struct q_plan plan;
 *     st = q_parse(text, &limits, arena, &tree, err);
 *     if (st == ST_OK)
 *         st = q_lower(an, tree, &weights, &limits, arena, &plan, err);
 *     if (st == ST_OK)
 *         search.query = plan.all;
 */

#include <gongbao/analysis.h>
#include <gongbao/arena.h>
#include <gongbao/err.h>
#include <gongbao/index.h>

enum q_kind { Q_AND, Q_RUN, Q_EXACT, Q_DATE };

struct q_node {
    enum q_kind kind;
    struct str text; /* as typed, without quotes or what names a date */
    size_t offset;   /* of text in the query */
    struct q_node **kid;
    size_t nkid;
};

/* Bounds on a query, before anything reaches the index. */
struct q_limits {
    uint64_t runs;  /* runs and exact runs */
    uint64_t terms; /* different terms of each run, added up; at most Q_TERMS_MAX */
};

/* So many terms, each with a weight, strictly and relaxed, are as much as the index takes. */
#define Q_TERMS_MAX 500

/* Parse text (valid UTF-8). ST_SYNTAX with its place: a quote that is not closed, nothing to look
 * for; ST_TOO_MUCH names the limit and its value. The tree lives in the arena and borrows text. */
enum st q_parse(struct str text, const struct q_limits *limits, struct arena *a,
                struct q_node **out, struct err *err);

/* Append the tree as one line: (and (run 高质量发展) (exact 5+5)). For an administrator who asks
 * how a query was understood, and for tests. */
void q_dump(const struct q_node *node, struct buf *out);

/* How much each kind of term counts, times BM25. A pair of characters that is a word, or a word
 * inside a long word, counts as both together. */
struct q_weights {
    double word, bigram;
    double character; /* one without a neighbour; as a word it counts as such too */
    double piece;     /* a word inside a long word of the query: 科学 of 科学家 */
};

/* One run of the query, for checking stored text and for marking. Of the an_texts only cp and n
 * are set; they live in the arena. */
struct q_run {
    struct str typed;      /* as typed; a slice of the query */
    struct an_text text;   /* folded, AN_VIEW_TEXT; without the marks around a run not quoted */
    struct an_text all;    /* the same, AN_VIEW_ALL; only when it may be a piece of a reading */
    struct an_text marks;  /* folded, AN_VIEW_MARKS; only when text is empty */
    struct an_text spaced; /* a name as a text may have it: 雷 敏 for 雷敏; or empty */
    bool exact;            /* quoted */
    bool verify;           /* its terms do not prove it: it is to be looked for in stored text */
    struct an_text *word;  /* its words of two characters or more, folded, each once */
    size_t nword;
};

/* A query made ready. Everything lives in the arena. */
struct q_plan {
    struct ix_node *all;  /* every run must be there */
    struct ix_node *some; /* relaxed: any term of any run that is not quoted, and all of the
                             exact runs; NULL when it would be no different */
    struct q_run *run;
    size_t nrun;
    size_t nword; /* words of all runs together */
    bool verify;  /* some run needs it: candidates are to be shown to q_accept */
};

/* Make a tree ready. ST_SYNTAX when nothing in it can be looked for, or a date is none; ST_TOO_MUCH
 * names the limit and its value. */
enum st q_lower(struct an *an, const struct q_node *node, const struct q_weights *weights,
                const struct q_limits *limits, struct arena *a, struct q_plan *out,
                struct err *err);

/* Memory for q_accept, reused from document to document. */
struct q_check {
    struct an_text fold[3][2]; /* by enum an_view, of title and body */
};

void q_check_init(struct q_check *c);
void q_check_fini(struct q_check *c);

/* Whether each run that needs it stands in the title or in the body of doc, readings taken away or
 * read as text. ST_NO_MEMORY. */
enum st q_accept(const struct q_plan *p, const struct ix_doc *doc, struct q_check *c, bool *yes);

/* Append the index query as one line, (and-maybe (and 1.5*经济 0.3*强*) 强), 强* being what begins
 * with 强; terms with their document frequencies (经济:1410) when view is not NULL. For the same
 * people as q_dump. */
void q_dump_lowered(const struct ix_node *node, struct ix_view *view, struct buf *out);

#endif
