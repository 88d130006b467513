/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_READER_H
#define INDEX_READER_H

/* What the rest of this room may ask of readers and views beyond the contract. */

#include "tomb.h"

C_BEGIN

/* The manifest that a reader was opened with, and the tombstones of its i-th segment. */
const struct manifest *reader_manifest(const struct ix_reader *r);
const struct tomb *reader_tomb(const struct ix_reader *r, size_t i);

/* Open what a manifest names that is not in force; it is copied. */
enum st reader_of(const char *dir, const struct manifest *m, struct ix_reader **out,
                  struct err *err);

/* The plain record of a document, in the arena. */
enum st view_record(struct ix_view *v, uint64_t doc, struct arena *a, struct str *plain,
                    struct err *err);

/* Have libxapian check the structure of a segment that is known to be the bytes once written; one
 * line to `say` for each complaint. ST_DAMAGED when there was one. */
enum st segment_check(const char *path, ix_say *say, void *ctx, struct err *err);

C_END
#endif
