/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_POSTLIST_H
#define INDEX_GLASS_POSTLIST_H

/* The table of postings: its keys, and the lists in it. */

#include "glass_pack.h"
#include "glass_table.h"
#include "post_source.h"

C_BEGIN

/* The kinds of entries, in their order in the table. The keys of all but terms begin with a NUL and
 * one of these bytes; that of a term begins with the term, and a NUL in it is followed by ff. */
enum glass_kind {
    GLASS_METADATA = 0xc0,
    GLASS_BOUNDS = 0xd0, /* of the values in a slot, and how many there are */
    GLASS_VALUES = 0xd8,
    GLASS_LENGTHS = 0xe0,
    GLASS_TERM = 0xff
};

enum { GLASS_KIND_KEY = 2 }; /* bytes that tell the kind, but of a term */

/* Write the beginning of a key; returns its end. */
static inline unsigned char *glass_begin_key(unsigned char *key, enum glass_kind kind)
{
    key[0] = 0;
    key[1] = (unsigned char)kind;
    return key + GLASS_KIND_KEY;
}

/* ---- lists of postings ---- */

enum {
    GLASS_CHUNK_FULL = 2000, /* bytes of postings after which a chunk takes no more */
    GLASS_LIST_KEY =
        2 * GLASS_KEY_MAX + 1 + PACK_SORT_MAX, /* room for keys that turn out too long as well */
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

/* Begin the list of a term. */
void glass_list_term(struct glass_list *l, struct str term, uint64_t tf, uint64_t cf);

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

C_END
#endif
