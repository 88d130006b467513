/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_TOMB_H
#define INDEX_TOMB_H

/* Tombstones of a segment: the docids of its documents that were replaced or deleted. */

#include "manifest.h"

C_BEGIN

struct tomb {
    uint32_t *docid; /* ascending once sorted; tomb_add appends */
    size_t n, cap;
};

void tomb_init(struct tomb *t);
void tomb_fini(struct tomb *t);
enum st tomb_add(struct tomb *t, uint32_t docid, struct err *err);

/* Append all of `more`. */
enum st tomb_join(struct tomb *t, const struct tomb *more, struct err *err);

/* Bring into ascending order; a docid that is there twice is kept once. */
void tomb_sort(struct tomb *t);

bool tomb_has(const struct tomb *t, uint32_t docid);

/* Write the tombstone file of segment s (its name and dead_since). It is durable under its name
 * once dir is fsynced. t is sorted. */
enum st tomb_write(const char *dir, const struct manifest_segment *s, const struct tomb *t,
                   struct err *err);

/* Read the tombstone file of segment s into an empty *out; nothing when s has none. ST_DAMAGED
 * names the file. */
enum st tomb_load(const char *dir, const struct manifest_segment *s, struct tomb *out,
                  struct err *err);

C_END
#endif
