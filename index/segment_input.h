/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SEGMENT_INPUT_H
#define INDEX_SEGMENT_INPUT_H

/* A segment as the input of a merge: without its dead documents, its docids those of the result.
 *
 * It is read by the room's own hands, in the order of its keys, and whatever its bytes are, nothing
 * outside them is looked at: what makes no sense is ST_DAMAGED.
 */

#include "glass_read.h"
#include "post_source.h"
#include "tomb.h"

C_BEGIN

struct segment_input {
    struct post_input input; /* its terms */
    char *dir;
    struct glass_about about;
    uint32_t documents; /* dead ones included */
    uint32_t live;
    uint32_t base;        /* the docids of the result start behind it */
    uint32_t *number;     /* the docid in the result of each docid, 0: dead; NULL: none is dead */
    uint64_t deadline_ns; /* ST_DEADLINE once clock_ns() is past it; 0: never */
    bool (*stopped)(const void *ctx); /* ST_STOPPING once it is true; NULL: never */
    const void *stopped_ctx;
};

/* Whether to go on; *calls, 0 at first, counts the questions, so that few look at the clock. */
enum st segment_input_in_time(const struct segment_input *in, unsigned *calls, struct err *err);

/* A segment in the folder `dir`, of so many documents, whose live ones get the docids behind
 * `base`. */
enum st segment_input_new(const char *dir, uint64_t documents, const struct tomb *dead,
                          uint32_t base, struct segment_input **out, struct err *err);

void segment_input_free(struct segment_input *in);

/* Open the table of postings, or that of document data. */
enum st segment_input_postlist(const struct segment_input *in, struct glass_cursor **out,
                               struct err *err);
enum st segment_input_docdata(const struct segment_input *in, struct glass_cursor **out,
                              struct err *err);

/* The docid in the result; 0 when the document is dead. docid is 1 to in->documents. */
static inline uint32_t segment_input_docid(const struct segment_input *in, uint32_t docid)
{
    return in->number ? in->number[docid] : in->base + docid;
}

/* The terms of a segment as the input of a merge. A source of it can also be sought backwards. */
extern const struct post_input_ops segment_terms;

/* What is told of everything but terms; docids are those of the result. */
struct segment_sink {
    void *ctx;
    enum st (*metadata)(void *ctx, struct str name, struct str value, struct err *err);
    enum st (*value)(void *ctx, uint32_t docid, uint32_t slot, struct str value, struct err *err);
    enum st (*document)(void *ctx, uint32_t docid, uint32_t length, struct str data,
                        struct err *err);
};

/* Tell nothing but metadata. */
enum st segment_input_tell_metadata(const struct segment_input *in, const struct segment_sink *sink,
                                    struct err *err);

/* Tell all metadata and values, but no documents; length[docid] becomes the length of each. There
 * is room for docids up to in->documents, and what has no length is left as it is. */
enum st segment_input_tell_early(const struct segment_input *in, const struct segment_sink *sink,
                                 uint32_t *length, struct err *err);

/* Tell all metadata, then all values, slot by slot, then all documents. Within a slot, and among
 * documents, docids ascend. */
enum st segment_input_tell(const struct segment_input *in, const struct segment_sink *sink,
                           struct err *err);

C_END
#endif
