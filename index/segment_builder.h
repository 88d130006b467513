/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SEGMENT_BUILDER_H
#define INDEX_SEGMENT_BUILDER_H

/* What writes a segment: documents and runs of their terms in, one glass database out.
 *
 *     seg_builder_new(path, &opts, &b, err);
 *     seg_builder_add(b, &doc, err);           documents, under the docids 1, 2 and so on
 *     seg_builder_take(b, run, err);           the terms of those added since the last run
 *     ...
 *     seg_builder_finish(b, err);
 *     seg_builder_free(b);
 *
 * Whoever calls has checked every term. A builder that has failed once can only be freed.
 */

#include "run.h"

C_BEGIN

struct seg_builder;

struct seg_builder_opts {
    uint64_t memory; /* of runs; more are spilled */
    unsigned jobs;   /* threads that merge them */
};

struct seg_value {
    uint32_t slot;
    struct str bytes; /* not empty */
};

struct seg_doc {
    struct str data;
    uint32_t length; /* sum of wdf */
    const struct seg_value *values;
    size_t nvalues;
};

/* Begin a segment in a folder that is not there yet. */
enum st seg_builder_new(const char *path, const struct seg_builder_opts *opts,
                        struct seg_builder **out, struct err *err);

/* Have the segment carry an entry of metadata: a name once, neither it nor the value empty. */
enum st seg_builder_metadata(struct seg_builder *b, struct str name, struct str value,
                             struct err *err);

/* Add a document under the next docid, counting from 1. */
enum st seg_builder_add(struct seg_builder *b, const struct seg_doc *doc, struct err *err);

/* Take the terms of the documents added since the last run, numbered from 1. */
enum st seg_builder_take(struct seg_builder *b, struct run *take_run, struct err *err);

/* Write everything out and close the files. Only seg_builder_free may follow. */
enum st seg_builder_finish(struct seg_builder *b, struct err *err);

/* Also drops what was not finished; its folder stays. */
void seg_builder_free(struct seg_builder *b);

C_END
#endif
