/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The segment builder: stored data and values go to the database as they come, runs are kept until
 * the segment is finished and then merged into it.
 *
 * When the runs in memory are larger than they may be, they are merged into one run in a file. When
 * there are many of these, they are merged into one again: each takes a descriptor, and memory
 * while it is read. Neither changes what is written in the end.
 */

#include "segment_builder.h"
#include "glass.h"
#include "post_merge.h"
#include <stdio.h>
#include <stdlib.h>

enum { SPILLED_MAX = 32 };

struct seg_builder {
    char *dir;
    struct seg_builder_opts opts;
    struct glass *glass;
    struct run **run; /* the spilled ones first */
    size_t n, cap, spilled;
    size_t memory;             /* of the others */
    uint32_t docid, run_docid; /* of the last document, and of the last one in a run */
};

enum st seg_builder_new(const char *path, const struct seg_builder_opts *opts,
                        struct seg_builder **out, struct err *err)
{
    struct seg_builder *b = calloc(1, sizeof(*b));
    if (!b)
        return err_nomem(err);
    b->opts = *opts;
    b->dir = strdup(path);
    enum st st = b->dir ? glass_new(path, &b->glass, err) : err_nomem(err);
    if (st != ST_OK)
        seg_builder_free(b);
    else
        *out = b;
    return st;
}

enum st seg_builder_metadata(struct seg_builder *b, struct str name, struct str value,
                             struct err *err)
{
    return glass_metadata(b->glass, name, value, err);
}

void seg_builder_free(struct seg_builder *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->n; i++)
        run_free(b->run[i]);
    free(b->run);
    glass_free(b->glass);
    free(b->dir);
    free(b);
}

enum st seg_builder_add(struct seg_builder *b, const struct seg_doc *doc, struct err *err)
{
    if (b->docid == UINT32_MAX)
        return err_set(err, ST_REJECTED, "a segment holds no more documents");
    b->docid++;
    enum st st = glass_document(b->glass, b->docid, doc->length, doc->data, err);
    for (size_t i = 0; i < doc->nvalues && st == ST_OK; i++)
        st = glass_value(b->glass, b->docid, doc->values[i].slot, doc->values[i].bytes, err);
    return st;
}

/* ---- runs ---- */

/* The inputs of runs from one on, for the caller to free; NULL without memory. */
static const struct post_input **inputs(const struct seg_builder *b, size_t from)
{
    const struct post_input **input = calloc(b->n - from + 1, sizeof(const struct post_input *));
    for (size_t i = from; input && i < b->n; i++)
        input[i - from] = &b->run[i]->input;
    return input;
}

static enum st merge_runs(const struct seg_builder *b, size_t from, struct run **out,
                          struct err *err)
{
    char *path = NULL;
    struct post_source *merge = NULL;
    const struct post_input **input = inputs(b, from);
    if (!input || asprintf(&path, "%s/spill", b->dir) < 0) {
        free(input);
        return err_nomem(err);
    }
    enum st st = post_merge_open(input, b->n - from, &merge, err);
    if (st == ST_OK)
        st = run_spill(merge, path, out, err);
    if (merge)
        merge->ops->close(merge);
    free(path);
    free(input);
    return st;
}

/* Put one run in a file in the place of those from one on. */
static enum st spill(struct seg_builder *b, size_t from, struct err *err)
{
    struct run *spilled;
    enum st st = merge_runs(b, from, &spilled, err);
    if (st != ST_OK)
        return st;
    for (size_t i = from; i < b->n; i++)
        run_free(b->run[i]);
    b->run[from] = spilled;
    b->n = b->spilled = from + 1;
    b->memory = 0;
    return ST_OK;
}

static enum st add_run(struct seg_builder *b, struct run *take_run, struct err *err)
{
    struct run **more = array_room(b->run, b->n, &b->cap, sizeof(struct run *));
    if (!more) {
        run_free(take_run);
        return err_nomem(err);
    }
    b->run = more;
    b->run[b->n++] = take_run;
    return ST_OK;
}

enum st seg_builder_take(struct seg_builder *b, struct run *take_run, struct err *err)
{
    take_run->base = b->run_docid;
    b->run_docid = b->docid;
    b->memory += run_memory(take_run);
    enum st st = add_run(b, take_run, err);
    if (st == ST_OK && b->memory > b->opts.memory)
        st = spill(b, b->spilled, err);
    return st == ST_OK && b->spilled == SPILLED_MAX ? spill(b, 0, err) : st;
}

enum st seg_builder_finish(struct seg_builder *b, struct err *err)
{
    const struct post_input **input = inputs(b, 0);
    if (!input)
        return err_nomem(err);
    enum st st = glass_terms(b->glass, input, b->n, b->opts.jobs, err);
    free(input);
    return st == ST_OK ? glass_finish(b->glass, err) : st;
}
