/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a merge reads of a segment beside its terms: metadata, values, lengths, data.
 *
 * All but the data stand before the terms, in the order of their keys; the bounds of values
 * are passed by, since whoever writes values counts them anew. Lengths are kept, four bytes a
 * document, until the data has been told, which lies in a table of its own.
 */

#include "segment_input.h"
#include "folder.h"
#include "glass_postlist.h"
#include "glass_unpack.h"
#include <stdlib.h>

static enum st damaged(const struct segment_input *in, const char *what, struct err *err)
{
    return err_set(err, ST_DAMAGED, "%s: %s", in->dir, what);
}

/* ---- beginning and end ---- */

/* Number the living anew. */
static enum st number_living(struct segment_input *in, const struct tomb *dead, struct err *err)
{
    in->number = calloc((size_t)in->documents + 1, sizeof(*in->number));
    if (!in->number)
        return err_nomem(err);
    uint32_t next = in->base;
    size_t k = 0;
    for (uint32_t docid = 1; docid <= in->documents; docid++) {
        while (k < dead->n && dead->docid[k] < docid)
            k++;
        if (k == dead->n || dead->docid[k] != docid)
            in->number[docid] = ++next;
    }
    in->live = next - in->base;
    return ST_OK;
}

enum st segment_input_new(const char *dir, uint64_t documents, const struct tomb *dead,
                          uint32_t base, struct segment_input **out, struct err *err)
{
    struct segment_input *in = calloc(1, sizeof(*in));
    if (!in)
        return err_nomem(err);
    in->dir = strdup(dir);
    enum st st = in->dir ? glass_about_read(dir, &in->about, err) : err_nomem(err);
    if (st == ST_OK && (in->about.documents != documents || in->about.last_docid != documents ||
                        documents >= UINT32_MAX - base))
        st = damaged(in, "it has another number of documents than the manifest says", err);
    in->input.ops = &segment_terms;
    in->documents = in->live = (uint32_t)documents;
    in->base = base;
    if (st == ST_OK && dead && dead->n > 0)
        st = number_living(in, dead, err);
    if (st != ST_OK)
        segment_input_free(in);
    else
        *out = in;
    return st;
}

void segment_input_free(struct segment_input *in)
{
    if (!in)
        return;
    free(in->number);
    free(in->dir);
    free(in);
}

enum st segment_input_in_time(const struct segment_input *in, unsigned *calls, struct err *err)
{
    enum { EVERY = 256 };
    if ((*calls)++ % EVERY)
        return ST_OK;
    if (in->stopped && in->stopped(in->stopped_ctx))
        return err_set(err, ST_STOPPING, "interrupted");
    if (in->deadline_ns && clock_ns() >= in->deadline_ns)
        return err_set(err, ST_DEADLINE, "%s: the time for merging is over", in->dir);
    return ST_OK;
}

static enum st open_table(const struct segment_input *in, const char *name,
                          const struct glass_root *root, struct glass_cursor **out, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, in->dir, name, err);
    return st == ST_OK ? glass_cursor_new(path, root, out, err) : st;
}

enum st segment_input_postlist(const struct segment_input *in, struct glass_cursor **out,
                               struct err *err)
{
    return open_table(in, "postlist.glass", &in->about.postlist, out, err);
}

enum st segment_input_docdata(const struct segment_input *in, struct glass_cursor **out,
                              struct err *err)
{
    return open_table(in, "docdata.glass", &in->about.docdata, out, err);
}

/* ---- what stands before the terms ---- */

struct telling {
    const struct segment_input *in;
    const struct segment_sink *sink;
    uint32_t *length; /* of each docid */
    uint32_t listed;  /* docid that a length was read of last */
};

/* Values of a slot: each behind the gap from the document before. */
static enum st tell_values(const struct telling *t, struct str key, struct str tag, struct err *err)
{
    uint32_t slot, docid, gap;
    struct str value;
    if (!unpack_uint(&key, &slot) || !unpack_docid(&key, &docid) || key.n > 0)
        return damaged(t->in, "a key of values makes no sense", err);
    for (;;) {
        if (docid == 0 || docid > t->in->documents || !str_varstr(&tag, &value) || value.n == 0)
            return damaged(t->in, "a list of values makes no sense", err);
        uint32_t number = segment_input_docid(t->in, docid);
        enum st st = number ? t->sink->value(t->sink->ctx, number, slot, value, err) : ST_OK;
        if (st != ST_OK || tag.n == 0)
            return st;
        if (!unpack_uint(&tag, &gap) || gap >= t->in->documents - docid)
            return damaged(t->in, "a list of values makes no sense", err);
        docid += gap + 1;
    }
}

/* A chunk of lengths. The first one has two counts of 0, and its docid in the tag. */
static enum st keep_lengths(struct telling *t, struct str key, struct str tag, struct err *err)
{
    uint32_t docid, span, gap = 0, tf = 0, cf = 0;
    bool last;
    bool good = key.n > 0 ? unpack_docid(&key, &docid) && key.n == 0
                          : unpack_uint(&tag, &tf) && unpack_uint(&tag, &cf) &&
                                unpack_uint(&tag, &docid) && docid++ < UINT32_MAX;
    good = good && unpack_chunk(&tag, &last, &span) && docid > t->listed;
    for (;;) {
        if (!good || docid > t->in->documents || !unpack_uint(&tag, &t->length[docid]))
            return damaged(t->in, "the list of lengths makes no sense", err);
        t->listed = docid;
        if (tag.n == 0)
            return ST_OK;
        good = unpack_uint(&tag, &gap) && gap < t->in->documents - docid;
        docid += gap + 1;
    }
}

static int kind_of(struct str key)
{
    return key.n < GLASS_KIND_KEY || key.p[0] ? GLASS_TERM : (unsigned char)key.p[1];
}

/* What follows the bytes of a key that tell its kind. */
static struct str behind_kind(struct str key)
{
    return key.n < GLASS_KIND_KEY ? key : str_from(key.p + GLASS_KIND_KEY, key.n - GLASS_KIND_KEY);
}

/* An entry; *done once it is a term's. */
static enum st take_entry(struct telling *t, const struct glass_item *item, bool *done,
                          struct err *err)
{
    int kind = kind_of(item->key);
    struct str rest = behind_kind(item->key);
    *done = kind == GLASS_TERM;
    switch (kind) {
    case GLASS_METADATA:
        return t->sink->metadata(t->sink->ctx, rest, item->tag, err);
    case GLASS_VALUES:
        return tell_values(t, rest, item->tag, err);
    case GLASS_LENGTHS:
        return keep_lengths(t, rest, item->tag, err);
    case GLASS_BOUNDS:
    case GLASS_TERM:
        return ST_OK;
    default:
        return damaged(t->in, "an entry of an unknown kind", err);
    }
}

static enum st tell_early(struct telling *t, struct err *err)
{
    struct glass_cursor *c;
    struct glass_item item;
    bool done = false;
    enum st st = segment_input_postlist(t->in, &c, err);
    if (st != ST_OK)
        return st;
    while (st == ST_OK && !done) {
        st = glass_cursor_next(c, &item, err);
        if (st == ST_OK)
            st = take_entry(t, &item, &done, err);
    }
    glass_cursor_free(c);
    return st;
}

enum st segment_input_tell_early(const struct segment_input *in, const struct segment_sink *sink,
                                 uint32_t *length, struct err *err)
{
    struct telling t = {.in = in, .sink = sink, .length = length};
    return tell_early(&t, err);
}

enum st segment_input_tell_metadata(const struct segment_input *in, const struct segment_sink *sink,
                                    struct err *err)
{
    struct glass_cursor *c;
    struct glass_item item;
    enum st st = segment_input_postlist(in, &c, err);
    if (st != ST_OK)
        return st;
    while ((st = glass_cursor_next(c, &item, err)) == ST_OK &&
           kind_of(item.key) == GLASS_METADATA) {
        st = sink->metadata(sink->ctx, behind_kind(item.key), item.tag, err);
        if (st != ST_OK)
            break;
    }
    glass_cursor_free(c);
    return st;
}

/* ---- documents ---- */

/* The next document that has data, or one behind the last. */
static enum st next_data(const struct telling *t, struct glass_cursor *c, struct glass_item *item,
                         uint32_t *docid, struct err *err)
{
    *docid = UINT32_MAX;
    enum st st = glass_cursor_next(c, item, err);
    if (st != ST_OK || item->key.n == 0)
        return st;
    struct str key = item->key;
    if (!unpack_docid(&key, docid) || key.n > 0 || *docid == 0 || *docid > t->in->documents)
        return damaged(t->in, "data of a document that is not there", err);
    if (item->deflated)
        return damaged(t->in, "stored text that something else has compressed", err);
    return ST_OK;
}

static enum st tell_documents(const struct telling *t, struct err *err)
{
    struct glass_cursor *c;
    struct glass_item item;
    uint32_t with_data = UINT32_MAX;
    unsigned calls = 0;
    enum st st = segment_input_docdata(t->in, &c, err);
    if (st != ST_OK)
        return st;
    st = next_data(t, c, &item, &with_data, err);
    for (uint32_t docid = 1; docid <= t->in->documents && st == ST_OK; docid++) {
        uint32_t number = segment_input_docid(t->in, docid);
        bool has = docid == with_data;
        struct str data = has ? item.tag : str_from(NULL, 0);
        st = segment_input_in_time(t->in, &calls, err);
        if (st == ST_OK && number)
            st = t->sink->document(t->sink->ctx, number, t->length[docid], data, err);
        if (st == ST_OK && has)
            st = next_data(t, c, &item, &with_data, err);
    }
    glass_cursor_free(c);
    return st;
}

enum st segment_input_tell(const struct segment_input *in, const struct segment_sink *sink,
                           struct err *err)
{
    struct telling t = {.in = in, .sink = sink};
    t.length = calloc((size_t)in->documents + 1, sizeof(*t.length));
    if (!t.length)
        return err_nomem(err);
    enum st st = tell_early(&t, err);
    if (st == ST_OK)
        st = tell_documents(&t, err);
    free(t.length);
    return st;
}
