/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_POSTLIST_H
#define INDEX_GLASS_POSTLIST_H

/* What the table of postings holds beside metadata: lists of postings, lists of values. */

#include "glass.h"
#include "glass_pack.h"
#include "glass_table.h"
#include "post_source.h"

C_BEGIN

/* ---- postings ---- */

enum {
    GLASS_CHUNK_FULL = 2000, /* bytes of postings after which a chunk takes no more */
    GLASS_LIST_KEY = 2 * GLASS_KEY_MAX + 1 + 5, /* room for keys that turn out too long as well */
    GLASS_LIST_BODY = GLASS_CHUNK_FULL + 3 * PACK_MAX
};

/* A list of postings that is being cut into chunks, and the open chunk: postings from `first` to
 * `last`. Entries for the table are appended to `out`, which keeps a failure. */
struct glass_list {
    struct buf *out;
    unsigned char key[GLASS_LIST_KEY];
    size_t key_n; /* in the first chunk, and in all others with what stands before the docid */
    size_t later_n;
    uint64_t tf, cf;
    bool later; /* the open chunk is not the first */
    uint32_t first, last;
    size_t n; /* bytes in body */
    unsigned char body[GLASS_LIST_BODY];
};

/* Begin the list of a term, or that of the lengths of documents. */
void glass_list_term(struct glass_list *l, struct str term, uint64_t tf, uint64_t cf);
void glass_list_lengths(struct glass_list *l);

/* Add postings; docids ascend. */
void glass_list_add(struct glass_list *l, const struct post_part *part);

/* Close the last chunk. There has been a posting. */
void glass_list_end(struct glass_list *l);

/* Put entries that lists have made. A key that is too long is ST_INTERNAL. */
enum st glass_put_entries(struct glass_table *t, struct str entries, struct err *err);

struct glass_length {
    uint32_t docid, length;
};

/* Put the lengths of all documents, if there are any, as the wdf of postings. */
enum st glass_put_lengths(struct glass_table *t, const struct glass_length *length, size_t n,
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
