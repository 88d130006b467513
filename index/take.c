/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chunks become segments.
 *
 * A chunk is open until it holds enough, or its segment does: then it is detached, and the next one
 * may belong to the next segment. Chunks come back in the order in which they went, so that one
 * segment is built at a time, some chunks behind the one that is filled. All this depends on the
 * documents alone.
 */

#include "batch.h"
#include "folder.h"
#include <inttypes.h>
#include <stdio.h>

/* ---- open and detached ---- */

enum st batch_add_segment(struct ix_writer *w, struct err *err)
{
    enum st st = batch_reserve_dead(w, err);
    if (st != ST_OK)
        return st;
    size_t number = w->next.n - w->nold;
    struct manifest_segment *s = manifest_add(&w->next);
    if (!s)
        return err_nomem(err);
    snprintf(s->name, sizeof(s->name), "seg-%" PRIu64 "-%zu", w->next.generation, number);
    s->lexicon = w->opts.lexicon;
    s->fold = w->opts.fold;
    return ST_OK;
}

enum st batch_open_chunk(struct ix_writer *w, struct err *err)
{
    if (w->chunk)
        return ST_OK;
    enum st st = w->filling ? ST_OK : batch_add_segment(w, err);
    if (st != ST_OK)
        return st;
    w->filling = true;
    w->chunk = chunk_new(w->next.n - 1, &w->tools);
    return w->chunk ? ST_OK : err_nomem(err);
}

static bool segment_full(const struct ix_writer *w)
{
    const struct manifest_segment *s = &w->next.segment[w->chunk->segment];
    return s->body >= w->opts.segment_bytes || s->documents == UINT32_MAX;
}

bool ix_writer_chunk_full(const struct ix_writer *w)
{
    const struct ix_chunk *c = w->chunk;
    return c && (c->records.n >= CHUNK_BYTES || c->n >= CHUNK_DOCUMENTS || segment_full(w));
}

/* Give a chunk the dictionary of its segment, which is made of the first one. */
static enum st share_dict(struct ix_writer *w, struct ix_chunk *c, struct err *err)
{
    enum st st = w->dict_known ? ST_OK : chunk_make_dict(c, &w->dict, err);
    w->dict_known = true;
    c->dict = squeeze_dict_share(w->dict);
    return st;
}

/* *out is NULL when there is no open chunk. */
static enum st detach(struct ix_writer *w, struct ix_chunk **out, struct err *err)
{
    struct ix_chunk *c = *out = w->chunk;
    if (!c)
        return ST_OK;
    enum st st = share_dict(w, c, err);
    c->last = segment_full(w);
    if (c->last) {
        squeeze_dict_drop(w->dict);
        w->dict = NULL;
        w->dict_known = false;
    }
    w->filling = !c->last;
    w->detached++;
    w->chunk = NULL;
    return st;
}

enum st ix_writer_detach(struct ix_writer *w, struct ix_chunk **out, struct err *err)
{
    *out = NULL;
    if (w->over)
        return err_set(err, ST_INTERNAL, "the batch is over");
    enum st st = detach(w, out, err);
    w->over = st != ST_OK;
    if (w->over) {
        ix_chunk_free(*out);
        *out = NULL;
    }
    return st;
}

/* ---- taken ---- */

static enum st put_dict(struct seg_builder *b, const struct squeeze_dict *dict, struct err *err)
{
    char name[SQUEEZE_DICT_NAME];
    if (!dict)
        return ST_OK;
    squeeze_dict_name(dict, name);
    return seg_builder_metadata(b, str_of(name), buf_str(&dict->bytes), err);
}

/* Begin the segment of a chunk, which is its first. */
static enum st start_segment(struct ix_writer *w, const struct ix_chunk *c, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    const struct seg_builder_opts opts = {.memory = w->opts.memory, .jobs = w->opts.jobs};
    enum st st = batch_tmp_path(w, c->segment, path, err);
    w->building = c->segment;
    if (st == ST_OK)
        st = hold_still(&w->hold, err);
    if (st == ST_OK)
        st = seg_builder_new(path, &opts, &w->builder, err);
    return st == ST_OK ? put_dict(w->builder, c->dict, err) : st;
}

enum st batch_finish_segment(struct ix_writer *w, struct err *err)
{
    if (!w->builder)
        return ST_OK;
    enum st st = seg_builder_finish(w->builder, err);
    if (st != ST_OK)
        err_prefix(err, "%s", w->next.segment[w->building].name);
    seg_builder_free(w->builder);
    w->builder = NULL;
    return st == ST_OK ? batch_seal_segment(w, w->building, err) : st;
}

static enum st add_document(struct ix_writer *w, const struct ix_chunk *c,
                            const struct chunk_doc *d, struct err *err)
{
    struct seg_value value[2];
    size_t n = 0;
    if (d->dated)
        value[n++] = (struct seg_value){IX_SLOT_DATE, str_from(d->date, sizeof(d->date))};
    if (d->hashed)
        value[n++] = (struct seg_value){IX_SLOT_SIMHASH, str_from(d->simhash, SIMHASH_BYTES)};
    const struct seg_doc sd = {.data = str_from(c->data.p + d->data_at, d->data_n),
                               .length = d->length,
                               .values = value,
                               .nvalues = n};
    return seg_builder_add(w->builder, &sd, err);
}

static enum st take(struct ix_writer *w, struct ix_chunk *c, struct err *err)
{
    enum st st = w->builder ? ST_OK : start_segment(w, c, err);
    for (size_t i = 0; i < c->n && st == ST_OK; i++)
        st = add_document(w, c, &c->doc[i], err);
    if (st == ST_OK) {
        struct run *run = c->run;
        c->run = NULL;
        st = seg_builder_take(w->builder, run, err);
    }
    if (st != ST_OK && st != ST_LOCKED) /* which is no matter of a segment */
        err_prefix(err, "%s", w->next.segment[c->segment].name);
    return st == ST_OK && c->last ? batch_finish_segment(w, err) : st;
}

static enum st take_and_free(struct ix_writer *w, struct ix_chunk *take_c, struct err *err)
{
    enum st st = take_c->run ? take(w, take_c, err)
                             : err_set(err, ST_INTERNAL, "a chunk was taken before its end");
    ix_chunk_free(take_c);
    w->detached--;
    return st;
}

enum st ix_writer_take(struct ix_writer *w, struct ix_chunk *take_c, struct err *err)
{
    if (w->over) {
        ix_chunk_free(take_c);
        return err_set(err, ST_INTERNAL, "the batch is over");
    }
    enum st st = take_and_free(w, take_c, err);
    w->over = st != ST_OK;
    return st;
}

enum st batch_take_chunk(struct ix_writer *w, struct err *err)
{
    struct ix_chunk *c;
    enum st st = detach(w, &c, err);
    if (!c)
        return st;
    if (st == ST_OK)
        st = ix_chunk_end(c, err);
    if (st == ST_OK)
        return take_and_free(w, c, err);
    ix_chunk_free(c);
    return st;
}
