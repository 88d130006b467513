/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_QUERY_H
#define INDEX_QUERY_H

/* Query trees as libxapian takes them. */

#include "prefix.h"

/* What the parts of a query need to know of the view that is searched: the statistics for weighing
 * prefixes, and its stored documents. Both live as long as the query. */
struct query_scope {
    std::shared_ptr<prefix_stats> stats;
    std::shared_ptr<Candidates> candidates;
};

/* ST_TOO_MUCH when the tree is too deep or too large; ST_INTERNAL when it makes no sense. */
enum st query_build(const struct ix_node *node, const struct query_scope &scope, Xapian::Query *out,
                    struct err *err);

#endif
