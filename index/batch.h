/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_BATCH_H
#define INDEX_BATCH_H

/* The insides of a writer, shared by writer.c, which fills a batch, take.c, which makes segments of
 * its chunks, merge.c, which keeps the segments few, and publish.c, which ends it.
 */

#include "chunk.h"
#include "folder.h"
#include "hold.h"
#include "past.h"
#include "segment_builder.h"
#include <gongbao/map.h>

/* Where the latest version of an id that this batch touched is. */
struct place {
    bool live;    /* false: deleted */
    bool differs; /* from what the generation before has of the id */
    size_t segment;
    uint32_t docid;
    uint64_t body;
    struct sum128 record; /* checksum of the plain record */
};

struct ix_writer {
    char *dir;
    struct hold hold;
    struct ix_writer_opts opts;
    struct past *past; /* the generation before; NULL when there is none */

    struct manifest next; /* old segments, then new ones */
    size_t nold;
    struct tomb *dead; /* one a segment of next: tombstones of this batch */
    size_t dead_cap;
    bool filling; /* documents are admitted to the last segment of next */
    struct tools tools;
    struct ix_chunk *chunk;      /* the open one, or NULL */
    struct squeeze_dict *dict;   /* of that segment, once a chunk of it was detached, or NULL */
    bool dict_known;             /* whether it has one is settled */
    uint64_t detached;           /* chunks that are out and not taken */
    struct seg_builder *builder; /* of the segment that chunks are taken into, or NULL */
    size_t building;             /* its number in next */

    struct map touched; /* id -> number of its place, counting from 1 */
    struct place *place;
    size_t nplace, place_cap;

    struct buf record;
    struct arena arena;
    size_t differing; /* places that differ */
    bool changed;     /* there are some */
    bool over;        /* published, or failed: it can only be closed */
    bool ready;       /* all of it is written, but for the manifest: it can be published too */
    bool idle;        /* it is over, and there was nothing to publish */
    bool first;       /* there was no index: it has just been begun */
    bool hands_off;   /* the new manifest may be in force: what it names must stay */
};

/* The folder of the i-th segment of next: under its temporary name, or its own. */
enum st batch_tmp_path(const struct ix_writer *w, size_t i, char out[FOLDER_PATH_MAX],
                       struct err *err);
enum st batch_path(const struct ix_writer *w, size_t i, char out[FOLDER_PATH_MAX], struct err *err);

/* Room for the tombstones of one more segment than next has. */
enum st batch_reserve_dead(struct ix_writer *w, struct err *err);

/* One more segment at the end of next, with its name and the batch's stamps. */
enum st batch_add_segment(struct ix_writer *w, struct err *err);

/* Make room for a document in the open chunk, which is made when there is none. */
enum st batch_open_chunk(struct ix_writer *w, struct err *err);

/* End the open chunk and take it. */
enum st batch_take_chunk(struct ix_writer *w, struct err *err);

/* Finish the segment being built, if there is one: whole, under its own name. */
enum st batch_finish_segment(struct ix_writer *w, struct err *err);

/* Make the i-th segment, written under its temporary name, whole under its own. */
enum st batch_seal_segment(struct ix_writer *w, size_t i, struct err *err);

/* Remove what was written of the i-th segment, if the index is still the writer's. */
void batch_discard_segment(const struct ix_writer *w, size_t i);

/* Append what the generation before has of tombstones of its i-th segment. */
enum st batch_join_old_tombs(struct ix_writer *w, size_t i, struct tomb *out, struct err *err);

/* Merge segments of which there are too many of a size into new ones at the end of next. All
 * documents of an input then count as dead, so that it is left out of the manifest. */
enum st batch_merge(struct ix_writer *w, struct err *err);

/* Whether there is something to merge although the batch has changed nothing. */
bool batch_wants_merge(const struct ix_writer *w);

/* Nothing is added any more; do all that comes before the manifest. w->idle: nothing does. */
enum st batch_get_ready(struct ix_writer *w, struct err *err);

/* Leave out of a manifest the segments without a live document. */
void batch_drop_empty(struct manifest *m);

#endif
