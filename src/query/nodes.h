/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef QUERY_NODES_H
#define QUERY_NODES_H

/* Building index queries in an arena. NULL stands for no node, and for no memory, which the arena
 * remembers. */

#include "terms.h"

/* Folded characters in UTF-8, behind some bytes. */
struct str q_spell(const struct an_text *t, const char *before, struct arena *a);

struct ix_node *q_node_of(struct arena *a, enum ix_op op, struct ix_node **kid, size_t nkid);

/* A term, counting factor times. */
struct ix_node *q_term_node(struct arena *a, struct str term, double factor);

/* op, which is AND or OR, over the kids that are there: those of a kid of the same op in its
 * place, a single kid for itself. */
struct ix_node *q_join(struct arena *a, enum ix_op op, struct ix_node **kid, size_t nkid);
struct ix_node *q_join2(struct arena *a, enum ix_op op, struct ix_node *x, struct ix_node *y);

/* What finds: a pair of characters, counting factor times, or all that begins with a character
 * (IX_PREFIX). With exact also as letters of a reading. */
struct ix_node *q_find_node(struct arena *a, enum ix_op op, struct str term, double factor,
                            bool exact);

struct ix_node *q_join_terms(struct arena *a, enum ix_op op, const struct term_list *t,
                             double factor);

/* Terms or ORs of them as one OR, each term once. */
struct ix_node *q_unite(struct arena *a, struct ix_node *x, struct ix_node *y);

/* found, ranked by what is in rank as well. */
struct ix_node *q_and_maybe(struct arena *a, struct ix_node *found, struct ix_node *rank);

#endif
