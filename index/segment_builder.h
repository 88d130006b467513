/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SEGMENT_BUILDER_H
#define INDEX_SEGMENT_BUILDER_H

/* What writes a segment: documents in, one glass database out.
 *
 * The writer knows nothing else of how segments come to be, so that another builder can take this
 * one's place. Whoever calls has checked every term; a builder that has failed once can only be
 * freed.
 */

#include "c.h"

C_BEGIN

struct seg_builder;

struct seg_value {
    uint32_t slot;
    struct str bytes; /* not empty */
};

struct seg_doc {
    struct str data;
    const struct ix_term *terms; /* any order, none twice between terms and fields */
    size_t nterms;
    const struct ix_term *fields; /* likewise, with wdf 0 */
    size_t nfields;
    const struct seg_value *values;
    size_t nvalues;
};

/* Begin a segment in a folder that is not there yet. */
enum st seg_builder_new(const char *path, struct seg_builder **out, struct err *err);

/* Have the segment carry an entry of metadata: a name once, neither it nor the value empty. */
enum st seg_builder_metadata(struct seg_builder *b, struct str name, struct str value,
                             struct err *err);

/* Add a document under the next docid, counting from 1. */
enum st seg_builder_add(struct seg_builder *b, const struct seg_doc *doc, struct err *err);

/* The memory that the segment takes until it is finished. */
size_t seg_builder_bytes(const struct seg_builder *b);

/* Write everything out and close the files. Only seg_builder_free may follow. */
enum st seg_builder_finish(struct seg_builder *b, struct err *err);

/* Also drops what was not finished; its folder stays. */
void seg_builder_free(struct seg_builder *b);

C_END
#endif
