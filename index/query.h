/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_QUERY_H
#define INDEX_QUERY_H

/* Query trees as libxapian takes them. */

#include "prefix.h"

/* stats: of the view that is searched, for weighing prefixes; its clock lives as long as the query.
 * ST_TOO_MUCH when the tree is too deep or too large; ST_INTERNAL when it makes no sense. */
enum st query_build(const struct ix_node *node, const struct prefix_stats &stats,
                    Xapian::Query *out, struct err *err);

#endif
