/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_QUERY_H
#define INDEX_QUERY_H

/* Query trees as libxapian takes them. */

#include "c.h"
#include <xapian.h>

/* ST_TOO_MUCH when the tree is too deep or too large; ST_INTERNAL when it makes no sense. */
enum st query_build(const struct ix_node *node, Xapian::Query *out, struct err *err);

#endif
