/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SEARCH_ANSWER_H
#define SEARCH_ANSWER_H

/* A request on its way to its answer; for the files that take part in it. */

#include "search.h"

struct job {
    struct srch *s;
    const struct srch_request *req;
    struct arena *a;
    struct scope scope;
    struct q_plan plan;
    uint32_t today; /* as 20241031 */
    struct shown {  /* documents that were looked at */
        uint64_t number;
        struct ix_doc doc;
    } * shown;
    size_t nshown, shown_cap;
    struct facets *facets;   /* NULL: none are asked for */
    struct reposts *reposts; /* NULL: hits are not collapsed */
    struct err *err;
};

/* A term that the query weighs. */
struct weighed {
    struct str term;
    double factor; /* what BM25 is multiplied by, of all its places together */
    uint64_t df;
    double idf;
};

struct weights {
    struct weighed *at;
    size_t n, cap;
};

/* Hits of one step after another. */
struct found {
    struct ix_hit *hit; /* best first */
    size_t n;
    uint64_t *copies; /* of each, when they are collapsed; else NULL */
    size_t strict;    /* so many of them have all of the query */
    uint64_t total;
    bool exact, timed_out, relaxed;
    bool cut; /* a prefix stands for more terms than it may */
    struct weights weights;
};

/* Have the stop words of the plan weigh little. */
enum st srch_soften(struct job *j);

/* Find at least the best `limit` hits. */
enum st srch_steps(struct job *j, uint64_t limit, struct found *out);

/* Count the hits that have all of the query. */
enum st srch_count_strict(struct job *j, struct found *out);

/* What is known of a term, or NULL. */
struct weighed *srch_weighed(const struct weights *w, struct str term);

/* The kids of an OR, or anything else by itself; out may be NULL. */
size_t srch_spread(struct ix_node *any, struct ix_node **out);

/* A query for the documents that have most of what the plan asks for; NULL where that is no
 * different from any of it. */
enum st srch_most(struct job *j, const struct weights *w, struct ix_node **out);

/* Look at the text of the first hits of a step, and rank them anew; they are best first. The first
 * srch_looked_at of a list are then in their places whatever its length. When time runs out they
 * stay as they are, and *late is set. */
enum st srch_closeness(struct job *j, const struct weights *w, struct ix_hit *hit, size_t n,
                       bool *late);
uint64_t srch_looked_at(const struct job *j);

/* The share of a folded title that is what the query asks for, 0 to 1; from SRCH_TITLE_IS on it is
 * what the title is about. */
#define SRCH_TITLE_IS 0.8
double srch_title_share(const struct q_plan *plan, const uint16_t *title, size_t n);

/* The document of a hit, read once a request. */
enum st srch_document(struct job *j, uint64_t number, struct ix_doc **out);

/* The same, where of hits with nearly the same text only the first is kept, and how many others
 * there are is in out->copies. */
enum st srch_collapse(struct job *j, uint64_t limit, struct found *out);
void srch_reposts_restart(struct reposts *r);
void srch_reposts_add(struct reposts *r, uint64_t hash);

/* Counting hits by the values asked for: opened before the steps, told of each hit of a step, of
 * which the last one counts, and told in the result. */
enum st srch_facets_open(struct job *j);
void srch_facets_restart(struct facets *f);
void srch_facets_add(struct facets *f, uint64_t doc);
enum st srch_facets_tell(struct job *j, struct srch_result *out);
void srch_facets_close(struct job *j);

/* Of names by how often they are met, keep the first `max` that are worth telling (who.c); *more
 * grows by those that were not looked at any more. */
enum st srch_tell_names(const struct job *j, struct ix_count *count, size_t *n, size_t max,
                        uint64_t *more);

/* Show the hits of the page out of what was found; with found->timed_out set, some of them only. */
enum st srch_page(struct job *j, struct found *found, struct srch_result *out);

#endif
