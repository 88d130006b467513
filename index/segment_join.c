/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One segment of several, in one pass over each.
 *
 * First what stands before the terms is taken from one input after the other: metadata, values,
 * and documents, whose stored text is mostly copied as it is; repack.h says when not, and has the
 * dictionaries. Then the terms: since the documents of an input follow those of the input before,
 * the postings of a term are those of the inputs one behind the other, which are merged by what
 * merges the runs of a new segment.
 *
 * Metadata that several inputs have under one name is taken once; it must be the same.
 */

#include "segment_join.h"
#include "glass.h"
#include "repack.h"
#include <gongbao/map.h>
#include <inttypes.h>
#include <stdlib.h>

struct merge {
    struct glass *glass;
    struct map metadata; /* name -> checksum of the value */
    struct repack *repack;
    size_t from; /* the input that is read, by its number */
};

enum { SOURCES_MAX = 256 }; /* open at a time: each takes a descriptor and some memory */

/* ---- all but terms ---- */

static enum st take_metadata(void *ctx, struct str name, struct str value, struct err *err)
{
    struct merge *m = ctx;
    if (str_starts(name, STR(SQUEEZE_DICT_PREFIX)))
        return ST_OK;
    uint64_t *seen = map_slot(&m->metadata, name), sum = sum64_of(value) | 1;
    if (!seen)
        return err_nomem(err);
    if (*seen && *seen != sum)
        return err_set(err, ST_DAMAGED, "metadata of one name is not the same in all segments");
    if (*seen)
        return ST_OK;
    *seen = sum;
    return glass_metadata(m->glass, name, value, err);
}

static enum st take_value(void *ctx, uint32_t docid, uint32_t slot, struct str value,
                          struct err *err)
{
    struct merge *m = ctx;
    return glass_value(m->glass, docid, slot, value, err);
}

static enum st take_document(void *ctx, uint32_t docid, uint32_t length, struct str data,
                             bool deflated, struct err *err)
{
    struct merge *m = ctx;
    if (deflated)
        return err_set(err, ST_DAMAGED, "stored text that something else has compressed");
    return repack_document(m->repack, m->from, docid, length, data, err);
}

/* ---- stored text ---- */

static enum st put_document(void *ctx, uint32_t docid, uint32_t length, struct str data,
                            struct err *err)
{
    struct merge *m = ctx;
    return glass_document(m->glass, docid, length, data, err);
}

static enum st put_dict(void *ctx, struct str name, struct str value, struct err *err)
{
    struct merge *m = ctx;
    return glass_metadata(m->glass, name, value, err);
}

static enum st see_dict(void *ctx, struct str name, struct str value, struct err *err)
{
    struct merge *m = ctx;
    if (!str_starts(name, STR(SQUEEZE_DICT_PREFIX)))
        return ST_OK;
    return repack_dict(m->repack, m->from, name, value, err);
}

/* Let the stored text know its inputs. */
static enum st begin_text(struct merge *m, struct segment_input *const *in, size_t n,
                          struct err *err)
{
    const struct repack_sink to = {m, put_document, put_dict};
    const struct segment_sink sink = {.ctx = m, .metadata = see_dict};
    enum st st = repack_new(n, &to, &m->repack, err);
    for (m->from = 0; m->from < n && st == ST_OK; m->from++) {
        const struct glass_root *text = &in[m->from]->about.docdata; /* its last block */
        repack_input(m->repack, m->from, text->entries ? (text->root + 1ull) * GLASS_BLOCK : 0);
        st = segment_input_tell_metadata(in[m->from], &sink, err);
    }
    return st == ST_OK ? repack_begin(m->repack, err) : st;
}

static enum st take_all_but_terms(struct merge *m, struct segment_input *const *in, size_t n,
                                  struct err *err)
{
    const struct segment_sink sink = {m, take_metadata, take_value, take_document};
    enum st st = begin_text(m, in, n, err);
    for (m->from = 0; m->from < n && st == ST_OK; m->from++)
        st = segment_input_tell(in[m->from], &sink, err);
    return st == ST_OK ? repack_end(m->repack, err) : st;
}

/* ---- terms ---- */

/* Each thread has a source of each input. */
static unsigned affordable_jobs(unsigned jobs, size_t n)
{
    size_t most = n < SOURCES_MAX ? SOURCES_MAX / (n ? n : 1) : 1;
    return jobs < most ? jobs : (unsigned)most;
}

static enum st take_terms(struct merge *m, struct segment_input *const *in, size_t n, unsigned jobs,
                          struct err *err)
{
    const struct post_input **input = calloc(n + 1, sizeof(const struct post_input *));
    if (!input)
        return err_nomem(err);
    for (size_t i = 0; i < n; i++)
        input[i] = &in[i]->input;
    enum st st = glass_terms(m->glass, input, n, affordable_jobs(jobs, n), err);
    free(input);
    return st;
}

/* What the writer of glass refuses no segment has: values out of order, a wdf above every length.
 * So an input is not what was once written. */
static enum st blame_input(struct err *err)
{
    struct err why = ERR_INIT;
    if (err)
        why = *err;
    return err_set(err, ST_DAMAGED, "a segment that was to be merged makes no sense: %s", why.text);
}

enum st segment_join(struct segment_input *const *in, size_t n, const char *out, unsigned jobs,
                     struct err *err)
{
    struct merge m = {0};
    map_init(&m.metadata);
    enum st st = glass_new(out, &m.glass, err);
    if (st == ST_OK)
        st = take_all_but_terms(&m, in, n, err);
    if (st == ST_OK)
        st = take_terms(&m, in, n, jobs, err);
    if (st == ST_OK)
        st = glass_finish(m.glass, err);
    if (st == ST_INTERNAL)
        st = blame_input(err);
    map_fini(&m.metadata);
    repack_free(m.repack);
    glass_free(m.glass);
    return st;
}
