/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_EARLY_H
#define INDEX_GLASS_EARLY_H

/* What stands before the lengths and the terms in the table of postings: metadata and values.
 *
 * They come in the order of names or documents and stand in that of their keys: so they are
 * collected here, and written once they are complete.
 */

#include "glass_table.h"

C_BEGIN

struct glass_entry;
struct glass_slot;

struct glass_early {
    struct arena arena;
    struct glass_entry *entry;
    size_t n, cap;
    struct glass_slot *slot;
    size_t nslots;
};

void glass_early_init(struct glass_early *e);
void glass_early_fini(struct glass_early *e);

/* See glass_metadata and glass_value. */
enum st glass_early_metadata(struct glass_early *e, struct str name, struct str value,
                             struct err *err);
enum st glass_early_value(struct glass_early *e, uint32_t docid, uint32_t slot, struct str value,
                          struct err *err);

/* Put all of it into the table. */
enum st glass_early_put(struct glass_early *e, struct glass_table *t, struct err *err);

C_END
#endif
