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

struct join {
    struct glass *glass;
    struct map metadata; /* name -> checksum of the value */
    struct repack *repack;
    bool again;  /* more merges are to come */
    size_t from; /* the input that is read, by its number */
};

enum { SOURCES_MAX = 256 }; /* open at a time: each takes a descriptor and some memory */

/* ---- all but terms ---- */

static enum st take_metadata(void *ctx, struct str name, struct str value, struct err *err)
{
    struct join *j = ctx;
    if (str_starts(name, STR(SQUEEZE_DICT_PREFIX)))
        return ST_OK;
    uint64_t *seen = map_slot(&j->metadata, name), sum = sum64_of(value) | 1;
    if (!seen)
        return err_nomem(err);
    if (*seen && *seen != sum)
        return err_set(err, ST_DAMAGED, "metadata of one name is not the same in all segments");
    if (*seen)
        return ST_OK;
    *seen = sum;
    return glass_metadata(j->glass, name, value, err);
}

static enum st take_value(void *ctx, uint32_t docid, uint32_t slot, struct str value,
                          struct err *err)
{
    struct join *j = ctx;
    return glass_value(j->glass, docid, slot, value, err);
}

static enum st take_document(void *ctx, uint32_t docid, uint32_t length, struct str data,
                             struct err *err)
{
    struct join *j = ctx;
    return repack_document(j->repack, j->from, docid, length, data, err);
}

/* ---- stored text ---- */

static enum st put_document(void *ctx, uint32_t docid, uint32_t length, struct str data,
                            struct err *err)
{
    struct join *j = ctx;
    return glass_document(j->glass, docid, length, data, err);
}

static enum st put_dict(void *ctx, struct str name, struct str value, struct err *err)
{
    struct join *j = ctx;
    return glass_metadata(j->glass, name, value, err);
}

static enum st see_dict(void *ctx, struct str name, struct str value, struct err *err)
{
    struct join *j = ctx;
    if (!str_starts(name, STR(SQUEEZE_DICT_PREFIX)))
        return ST_OK;
    return repack_dict(j->repack, j->from, name, value, err);
}

/* Let the stored text know its inputs. */
static enum st begin_text(struct join *j, struct segment_input *const *in, size_t n,
                          struct err *err)
{
    const struct repack_sink to = {j, put_document, put_dict};
    const struct segment_sink sink = {.ctx = j, .metadata = see_dict};
    enum st st = repack_new(n, &to, &j->repack, err);
    for (j->from = 0; j->from < n && st == ST_OK; j->from++) {
        const struct glass_root *text = &in[j->from]->about.docdata; /* its last block */
        repack_input(j->repack, j->from, text->entries ? (text->root + 1ull) * GLASS_BLOCK : 0);
        st = segment_input_tell_metadata(in[j->from], &sink, err);
    }
    return st == ST_OK ? repack_begin(j->repack, j->again, err) : st;
}

static enum st take_all_but_terms(struct join *j, struct segment_input *const *in, size_t n,
                                  struct err *err)
{
    const struct segment_sink sink = {j, take_metadata, take_value, take_document};
    enum st st = begin_text(j, in, n, err);
    for (j->from = 0; j->from < n && st == ST_OK; j->from++)
        st = segment_input_tell(in[j->from], &sink, err);
    return st == ST_OK ? repack_end(j->repack, err) : st;
}

/* ---- terms ---- */

/* Each thread has a source of each input. */
static unsigned affordable_jobs(unsigned jobs, size_t n)
{
    size_t most = n < SOURCES_MAX ? SOURCES_MAX / (n ? n : 1) : 1;
    return jobs < most ? jobs : (unsigned)most;
}

static enum st take_terms(struct join *j, struct segment_input *const *in, size_t n, unsigned jobs,
                          struct err *err)
{
    const struct post_input **input = calloc(n + 1, sizeof(const struct post_input *));
    if (!input)
        return err_nomem(err);
    for (size_t i = 0; i < n; i++)
        input[i] = &in[i]->input;
    enum st st = glass_terms(j->glass, input, n, affordable_jobs(jobs, n), err);
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

enum st segment_join(struct segment_input *const *in, size_t n, bool again, const char *out,
                     unsigned jobs, struct err *err)
{
    struct join j = {.again = again};
    map_init(&j.metadata);
    enum st st = glass_new(out, &j.glass, err);
    if (st == ST_OK)
        st = take_all_but_terms(&j, in, n, err);
    if (st == ST_OK)
        st = take_terms(&j, in, n, jobs, err);
    if (st == ST_OK)
        st = glass_finish(j.glass, err);
    if (st == ST_INTERNAL)
        st = blame_input(err);
    map_fini(&j.metadata);
    repack_free(j.repack);
    glass_free(j.glass);
    return st;
}
