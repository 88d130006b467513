/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SEARCH_TRACE_H
#define SEARCH_TRACE_H

/* What a search does, noted step by step for those who ask how an answer came about. A searcher
 * notes nothing unless its `trace` is set; every function here does nothing when given NULL. */

#include <gongbao/search.h>

struct trace {
    struct arena *a;
    struct srch_step *step;
    size_t n, cap;
    const struct q_node *tree; /* the query as parsed */
    struct ix_search last;     /* of the last step that ran one, without its visitor */
    const struct ix_hit *hit;  /* as many of all hits, from the first, as the page called for */
    size_t nhit;
    size_t whole; /* so many of them, the first, have all of the query */
    struct looked {
        uint64_t doc;
        double closeness, title;
    } * looked; /* documents that were looked at, and what they got for it */
    size_t nlooked, looked_cap, damped;
};

/* Forget what was noted: the request is run from the beginning. */
void trace_restart(struct trace *t);

/* The time at which a step begins; 0 without a trace. */
uint64_t trace_begin(const struct trace *t);

/* A step that has no query. */
void trace_end(struct trace *t, const char *name, uint64_t begun);

/* A step that ran a query over a view, and found so many hits. */
void trace_search(struct trace *t, enum srch_kind kind, uint64_t begun, struct ix_view *view,
                  const struct ix_search *search, uint64_t hits);

/* What a document that was looked at got for it; and what all scores since the last call of the
 * second were multiplied by. */
void trace_looked(struct trace *t, uint64_t doc, double closeness, double title);
void trace_damped(struct trace *t, double factor);

/* What a document got; nothing when it was not looked at. */
struct looked trace_find_looked(const struct trace *t, uint64_t doc);

/* What of a hit's score is not of terms. */
struct srch_beside srch_beside_of(const struct trace *t, uint64_t doc, struct str date,
                                  double score);

/* The query as it was parsed. */
void trace_tree(struct trace *t, const struct q_node *tree);

/* The hits in the order in which pages show them; the first `whole` have all of the query. */
void trace_hits(struct trace *t, const struct ix_hit *hit, size_t n, size_t whole);

/* Terms, each once, in the order in which they were met; in the arena. */
struct term_set {
    struct str *term;
    size_t n, cap;
    struct arena *a;
};

/* Add the terms of a query; those that an IX_PREFIX stands for are not among them. */
void trace_terms(const struct ix_node *node, struct term_set *out);

#endif
