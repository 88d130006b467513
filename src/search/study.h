/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SEARCH_STUDY_H
#define SEARCH_STUDY_H

/* What the requests of who studies a collection have in common. */

#include "search.h"

struct study {
    struct srch *s;
    const struct srch_request *req;
    struct arena *a;
    struct err *err;
    enum st (*answer)(struct study *);
    void *out; /* of its kind; answer fills it from nothing */

    struct scope scope;
    struct q_plan plan; /* of study_phrase or study_query */
};

/* Let answer do its work in the scope of the request, again where damage came to light. *ms is the
 * time it took. */
enum st study_run(struct study *j, double *ms);

/* Plan for the request's text as it stands, white space at its ends and one pair of quotes around
 * it taken away; or for the text as a query. */
enum st study_phrase(struct study *j);
enum st study_query(struct study *j);

/* Run the plan under the filters of the request, in an order, with a visitor or NULL. ST_DEADLINE
 * when time ran out before a hit. */
enum st study_search(struct study *j, enum ix_order order, uint64_t limit, ix_visit *visit,
                     void *ctx, struct ix_result *out);

/* Whether an answer from these hits leaves something out. */
bool study_partial(const struct study *j, const struct ix_result *found);

#endif
