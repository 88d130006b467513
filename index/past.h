/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_PAST_H
#define INDEX_PAST_H

/* The generation that a batch builds on, as a writer sees it: which segments there are, where the
 * live document of an id is, and what is stored of it.
 *
 * A batch of one document must not cost what reading the index costs, so nothing is read that is
 * not asked for, and nothing is held against checksums but the manifest, tombstones, and stored
 * records, which have their own. The rest of the bytes may be anything: a lookup then gives
 * ST_DAMAGED or misses a document, and does no other harm.
 */

#include "tomb.h"

C_BEGIN

struct past;

/* ST_NO_INDEX when there is none. */
enum st past_open(const char *dir, struct past **out, struct err *err);
void past_close(struct past *p);

const struct manifest *past_manifest(const struct past *p);

/* The tombstones of the i-th segment; they live as long as p. */
enum st past_tomb(struct past *p, size_t i, const struct tomb **out, struct err *err);

/* The live document with an id: its segment and its docid there; docid 0 when there is none. */
enum st past_find(struct past *p, struct str id, size_t *segment, uint32_t *docid, struct err *err);

/* The plain record of a document, in the arena. */
enum st past_record(struct past *p, size_t segment, uint32_t docid, struct arena *a,
                    struct str *plain, struct err *err);

C_END
#endif
