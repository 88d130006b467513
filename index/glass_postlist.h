/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_POSTLIST_H
#define INDEX_GLASS_POSTLIST_H

/* What the table of postings holds beside metadata: lists of postings, lists of values. */

#include "glass.h"
#include "glass_table.h"

C_BEGIN

/* ---- postings ---- */

/* What a list tells about itself: 0 and 0 for the list of document lengths. */
struct glass_counts {
    uint64_t tf, cf;
};

/* Put a list of n > 0 postings, in chunks. The first stands under key, the others under key, `then`
 * (one byte or none) and their first docid. */
enum st glass_put_list(struct glass_table *t, struct str key, struct str then,
                       struct glass_counts counts, const struct glass_posting *posting, size_t n,
                       struct err *err);

/* Put a term. */
enum st glass_put_term(struct glass_table *t, struct str term, uint64_t cf,
                       const struct glass_posting *posting, size_t n, struct err *err);

/* Put the lengths of all documents, if there are any, as the wdf of postings. */
enum st glass_put_lengths(struct glass_table *t, const struct glass_posting *length, size_t n,
                          struct err *err);

/* ---- what stands before the lengths ---- */

struct glass_entry {
    struct str key, tag;
};

struct glass_slot;

/* Metadata and values come in the order of names or documents and stand in that of their keys: they
 * are collected here, and written once they are complete. */
struct glass_early {
    struct arena arena;
    struct glass_entry *entry;
    size_t n, cap;
    struct glass_slot *slot;
    size_t nslots;
};

void glass_early_init(struct glass_early *e);
void glass_early_fini(struct glass_early *e);
enum st glass_early_metadata(struct glass_early *e, struct str name, struct str value,
                             struct err *err);
enum st glass_early_value(struct glass_early *e, uint32_t docid, uint32_t slot, struct str value,
                          struct err *err);
enum st glass_early_put(struct glass_early *e, struct glass_table *t, struct err *err);

C_END
#endif
