/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The segment builder: stored data and values go to the database as they come, terms through an
 * inversion, which hands them on when the segment is finished.
 */

#include "segment_builder.h"
#include "glass.h"
#include "invert.h"
#include <stdlib.h>

struct seg_builder {
    struct glass *glass;
    struct invert *invert;
    uint32_t docid; /* of the last document */
};

enum st seg_builder_new(const char *path, struct seg_builder **out, struct err *err)
{
    struct seg_builder *b = calloc(1, sizeof(*b));
    if (!b)
        return err_nomem(err);
    enum st st = glass_new(path, &b->glass, err);
    if (st == ST_OK)
        st = invert_new(&b->invert, err);
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

static uint32_t length_of(const struct seg_doc *doc)
{
    uint32_t length = 0;
    for (size_t i = 0; i < doc->nterms; i++)
        length += doc->terms[i].wdf;
    return length;
}

enum st seg_builder_add(struct seg_builder *b, const struct seg_doc *doc, struct err *err)
{
    if (b->docid == UINT32_MAX)
        return err_set(err, ST_REJECTED, "a segment holds no more documents");
    b->docid++;
    enum st st = glass_document(b->glass, b->docid, length_of(doc), doc->data, err);
    for (size_t i = 0; i < doc->nvalues && st == ST_OK; i++)
        st = glass_value(b->glass, doc->values[i].slot, doc->values[i].bytes, err);
    if (st == ST_OK)
        st = invert_add(b->invert, b->docid, doc->terms, doc->nterms, err);
    return st == ST_OK ? invert_add(b->invert, b->docid, doc->fields, doc->nfields, err) : st;
}

size_t seg_builder_bytes(const struct seg_builder *b)
{
    return invert_bytes(b->invert);
}

enum st seg_builder_finish(struct seg_builder *b, struct err *err)
{
    enum st st = invert_write(b->invert, b->glass, err);
    return st == ST_OK ? glass_finish(b->glass, err) : st;
}

void seg_builder_free(struct seg_builder *b)
{
    if (!b)
        return;
    glass_free(b->glass);
    invert_free(b->invert);
    free(b);
}
