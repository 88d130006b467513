/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The terms of a segment with their postings, as a merge reads them.
 *
 * A list of postings is chunks under keys that follow one another: the first under the term, the
 * others under the term and their first docid. While no document is dead a chunk's postings are
 * handed on as they lie there: docids are gaps, so only the first and the last of a chunk change
 * when the segment's documents are numbered anew. They are walked through once all the same, since
 * whoever takes them counts on it that the gaps lead to the last docid and the counts are right.
 *
 * Where documents are dead, a term's postings are all read, the dead ones left out and the rest
 * packed again, before the term is told: how many there are is known only then, and a term may
 * be left without any.
 */

#include "glass_pack.h"
#include "glass_unpack.h"
#include "segment_input.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct source {
    struct post_source source;
    const struct segment_input *in;
    unsigned calls; /* of segment_input_in_time */
    struct glass_cursor *cursor;
    unsigned char term[GLASS_KEY_MAX];

    struct post_part part; /* of the segment, docids as they are there */
    bool ready;            /* it is to be handed out */
    bool last;             /* no part follows it */
    uint64_t tf, cf;       /* of the parts read so far */
    uint64_t told_tf, told_cf;

    bool repacked;        /* what is left of the term is to be handed out */
    struct post_part own; /* its postings */
    struct buf packed;
};

static enum st damaged(const struct source *s, const char *what, struct err *err)
{
    return err_set(err, ST_DAMAGED, "%s/postlist.glass: %s", s->in->dir, what);
}

/* ---- chunks ---- */

/* Walk through a part: whether its gaps lead to its last docid. Counts its postings. */
static bool walk(const struct post_part *part, uint64_t *tf, uint64_t *cf)
{
    struct str s = part->packed;
    uint64_t docid = part->first;
    uint32_t gap, wdf;
    if (!unpack_uint(&s, &wdf))
        return false;
    *tf += 1;
    *cf += wdf;
    while (s.n > 0) {
        if (!unpack_uint(&s, &gap) || !unpack_uint(&s, &wdf))
            return false;
        docid += (uint64_t)gap + 1;
        *tf += 1;
        *cf += wdf;
    }
    return docid == part->last;
}

/* Take the chunk that a tag holds, whose postings begin with docid `first`. */
static enum st take_chunk(struct source *s, struct str tag, uint32_t first, struct err *err)
{
    uint32_t span;
    bool good = unpack_chunk(&tag, &s->last, &span) && first > s->part.last &&
                first <= s->in->documents && span <= s->in->documents - first;
    s->part = (struct post_part){.first = first, .last = good ? first + span : 0, .packed = tag};
    if (!good || !walk(&s->part, &s->tf, &s->cf))
        return damaged(s, "a list of postings makes no sense", err);
    if (s->last && (s->tf != s->told_tf || s->cf != s->told_cf))
        return damaged(s, "a list of postings has other counts than it says", err);
    s->ready = true;
    return ST_OK;
}

/* The next chunk of the term, into s->part; there must be one. */
static enum st next_chunk(struct source *s, struct err *err)
{
    struct glass_item item;
    unsigned char term[GLASS_KEY_MAX];
    size_t n = 0;
    uint32_t first = 0;
    enum st st = glass_cursor_next(s->cursor, &item, err);
    if (st != ST_OK)
        return st;
    struct str rest = item.key;
    if (!unpack_term(&rest, term, &n) || !str_eq(s->source.term, str_from((const char *)term, n)) ||
        !unpack_docid(&rest, &first) || rest.n > 0 || item.deflated)
        return damaged(s, "a list of postings breaks off", err);
    return take_chunk(s, item.tag, first, err);
}

/* The first chunk of the next term; without one the source stands behind its end. */
static enum st next_list(struct source *s, struct err *err)
{
    struct glass_item item;
    size_t n = 0;
    uint32_t tf, before;
    uint64_t cf;
    s->source.term = str_from(NULL, 0);
    s->ready = s->repacked = false;
    s->last = true;
    enum st st = segment_input_in_time(s->in, &s->calls, err);
    if (st == ST_OK)
        st = glass_cursor_next(s->cursor, &item, err);
    if (st != ST_OK || item.key.n == 0)
        return st;
    struct str rest = item.key, tag = item.tag;
    if (!unpack_term(&rest, s->term, &n) || rest.n > 0 || item.deflated ||
        !unpack_uint(&tag, &tf) || !str_varint(&tag, &cf) || !unpack_uint(&tag, &before) ||
        before == UINT32_MAX || tf == 0)
        return damaged(s, "a list of postings has no beginning", err);
    s->source.term = str_from((const char *)s->term, n);
    s->source.head = post_head(s->term, n);
    s->source.tf = s->told_tf = tf;
    s->source.cf = s->told_cf = cf;
    s->part.last = 0;
    s->tf = s->cf = 0;
    return take_chunk(s, tag, before + 1, err);
}

/* ---- without the dead ---- */

/* Pack a posting behind those before. */
static void append(struct source *s, uint32_t docid, uint32_t wdf)
{
    unsigned char *p = (unsigned char *)buf_room(&s->packed, 2 * PACK_MAX);
    if (!p)
        return;
    unsigned char *end = p;
    if (s->source.tf++ == 0)
        s->own.first = docid;
    else
        end = pack_uint(end, docid - s->own.last - 1);
    end = pack_uint(end, wdf);
    s->packed.n += (size_t)(end - p);
    s->own.last = docid;
    s->source.cf += wdf;
}

/* The living of a part, which has been walked through. */
static void repack_part(struct source *s)
{
    struct str packed = s->part.packed;
    uint32_t docid = s->part.first, gap = 0, wdf = 0;
    unpack_uint(&packed, &wdf);
    for (;;) {
        uint32_t number = s->in->number[docid];
        if (number)
            append(s, number, wdf);
        if (packed.n == 0)
            return;
        unpack_uint(&packed, &gap);
        unpack_uint(&packed, &wdf);
        docid += gap + 1;
    }
}

static enum st repack(struct source *s, struct err *err)
{
    enum st st = ST_OK;
    buf_reset(&s->packed);
    s->source.tf = s->source.cf = 0;
    for (;;) {
        repack_part(s);
        if (s->last)
            break;
        st = next_chunk(s, err);
        if (st != ST_OK)
            return st;
    }
    s->own.packed = buf_str(&s->packed);
    s->ready = false;
    s->repacked = s->source.tf > 0;
    return buf_ok(&s->packed) ? ST_OK : err_nomem(err);
}

/* ---- as a source ---- */

/* The next term that has a living posting. */
static enum st next_term(struct source *s, struct err *err)
{
    for (;;) {
        enum st st = next_list(s, err);
        if (st != ST_OK || s->source.term.n == 0 || !s->in->number)
            return st;
        st = repack(s, err);
        if (st != ST_OK || s->source.tf > 0)
            return st;
    }
}

static enum st source_next(struct post_source *source, struct err *err)
{
    struct source *s = (struct source *)source;
    enum st st = ST_OK;
    while (st == ST_OK && s->source.term.n > 0 && !s->last)
        st = next_chunk(s, err);
    return st == ST_OK ? next_term(s, err) : st;
}

static enum st source_part(struct post_source *source, struct post_part *out, struct err *err)
{
    struct source *s = (struct source *)source;
    *out = (struct post_part){0};
    if (s->in->number) {
        if (s->repacked)
            *out = s->own;
        s->repacked = false;
        return ST_OK;
    }
    enum st st = s->ready || s->last ? ST_OK : next_chunk(s, err);
    if (st != ST_OK || !s->ready)
        return st;
    *out = s->part;
    out->first += s->in->base;
    out->last += s->in->base;
    s->ready = false;
    return ST_OK;
}

/* Keys of terms are behind those that begin with a NUL and something else. */
static enum st source_seek(struct post_source *source, struct str term, struct err *err)
{
    struct source *s = (struct source *)source;
    unsigned char key[2 * GLASS_KEY_MAX];
    size_t n = (size_t)(pack_string_sort(key, term) - key);
    struct str from = n > 0 ? str_from((const char *)key, n) : STR("\x00\xff");
    enum st st = glass_cursor_seek(s->cursor, from, err);
    return st == ST_OK ? next_term(s, err) : st;
}

static void source_close(struct post_source *source)
{
    struct source *s = (struct source *)source;
    glass_cursor_free(s->cursor);
    buf_fini(&s->packed);
    free(s);
}

enum st segment_source_open(const struct post_input *input, struct post_source **out,
                            struct err *err)
{
    static const struct post_source_ops ops = {source_seek, source_next, source_part, source_close};
    const struct segment_input *in = (const struct segment_input *)input;
    char path[PATH_MAX];
    struct source *s = calloc(1, sizeof(*s));
    if (!s)
        return err_nomem(err);
    s->source.ops = &ops;
    s->in = in;
    s->last = true;
    buf_init(&s->packed, SIZE_MAX);
    enum st st = snprintf(path, sizeof(path), "%s/postlist.glass", in->dir) < PATH_MAX
                     ? ST_OK
                     : err_set(err, ST_IO, "%s: the path is too long", in->dir);
    if (st == ST_OK)
        st = glass_cursor_new(path, &in->about.postlist, &s->cursor, err);
    if (st != ST_OK)
        source_close(&s->source);
    else
        *out = &s->source;
    return st;
}
