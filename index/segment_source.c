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
 * collected into one part, before the term is told: how many there are is known only then, and a
 * term may be left without any. A chunk none of whose documents is dead is copied, others are
 * packed again.
 */

#include "glass_pack.h"
#include "glass_unpack.h"
#include "segment_input.h"
#include <stdlib.h>

struct counts {
    uint64_t tf, cf;
    uint32_t wdf_max;
};

struct source {
    struct post_source source;
    const struct segment_input *in;
    unsigned calls; /* of segment_input_in_time */
    struct glass_cursor *cursor;
    unsigned char term[GLASS_KEY_MAX];

    struct post_part part; /* of the segment, docids as they are there */
    struct counts counts;  /* of it */
    bool last;             /* no part follows it */
    uint64_t tf, cf;       /* of the parts read so far */
    uint64_t told_tf, told_cf;

    struct post_part living; /* where documents are dead: what is left of the term */
    struct buf packed;       /* its postings */
    bool ready;              /* there is a part to be handed out: that one, or the segment's */
};

static enum st damaged(const struct source *s, const char *what, struct err *err)
{
    return err_set(err, ST_DAMAGED, "%s/postlist.glass: %s", s->in->dir, what);
}

/* ---- chunks ---- */

/* Walk through a part: whether its gaps lead to its last docid. */
static bool walk(const struct post_part *part, struct counts *out)
{
    struct str s = part->packed;
    uint64_t docid = part->first;
    uint32_t gap, wdf;
    if (!unpack_uint(&s, &wdf))
        return false;
    *out = (struct counts){1, wdf, wdf};
    while (s.n > 0) {
        if (!unpack_uint(&s, &gap) || !unpack_uint(&s, &wdf))
            return false;
        docid += (uint64_t)gap + 1;
        out->tf++;
        out->cf += wdf;
        out->wdf_max = wdf > out->wdf_max ? wdf : out->wdf_max;
    }
    return docid == part->last;
}

/* A posting that will be in the result has this wdf. */
static void know_wdf(struct source *s, uint32_t wdf)
{
    if (wdf > s->source.wdf_max)
        s->source.wdf_max = wdf;
}

/* Take the chunk that a tag holds, whose postings begin with docid `first`. */
static enum st take_chunk(struct source *s, struct str tag, uint32_t first, struct err *err)
{
    uint32_t span;
    bool good = unpack_chunk(&tag, &s->last, &span) && first > s->part.last &&
                first <= s->in->documents && span <= s->in->documents - first;
    s->part = (struct post_part){.first = first, .last = good ? first + span : 0, .packed = tag};
    if (!good || !walk(&s->part, &s->counts))
        return damaged(s, "a list of postings makes no sense", err);
    s->tf += s->counts.tf;
    s->cf += s->counts.cf;
    if (!s->in->number)
        know_wdf(s, s->counts.wdf_max);
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
    s->ready = false;
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

/* Room for n bytes of postings behind those before, and the gap to the first of them packed there;
 * the end of it, NULL without memory. */
static unsigned char *begin_append(struct source *s, uint32_t first, size_t n)
{
    unsigned char *p = (unsigned char *)buf_room(&s->packed, PACK_MAX + n);
    if (s->source.tf == 0)
        s->living.first = first;
    else if (p)
        p = pack_uint(p, first - s->living.last - 1);
    return p;
}

/* So many postings, up to this docid, have been packed, which end at p. */
static void end_append(struct source *s, const unsigned char *p, uint32_t last,
                       const struct counts *counts)
{
    s->packed.n = (size_t)(p - (const unsigned char *)s->packed.p);
    s->living.last = last;
    s->source.tf += counts->tf;
    s->source.cf += counts->cf;
    know_wdf(s, counts->wdf_max);
}

static void append(struct source *s, uint32_t docid, uint32_t wdf)
{
    unsigned char *p = begin_append(s, docid, PACK_MAX);
    if (p)
        end_append(s, pack_uint(p, wdf), docid, &(struct counts){1, wdf, wdf});
}

/* The part whose first and last docids become these, with all that are between. */
static void copy_part(struct source *s, uint32_t first, uint32_t last)
{
    size_t n = s->part.packed.n;
    unsigned char *p = begin_append(s, first, n);
    if (!p)
        return;
    memcpy(p, s->part.packed.p, n);
    end_append(s, p + n, last, &s->counts);
}

/* The living of the part, posting by posting; it has been walked through. */
static void repack_part(struct source *s)
{
    const unsigned char *p = (const unsigned char *)s->part.packed.p, *end = p + s->part.packed.n;
    uint64_t gap, wdf;
    uint32_t docid = s->part.first;
    p = unpack_sure(p, &wdf);
    for (;;) {
        uint32_t number = s->in->number[docid];
        if (number)
            append(s, number, (uint32_t)wdf);
        if (p == end)
            return;
        p = unpack_sure(unpack_sure(p, &gap), &wdf);
        docid += (uint32_t)gap + 1;
    }
}

/* The living of the part. Numbers ascend by one from one that lives to the next. */
static void take_living(struct source *s)
{
    uint32_t first = s->in->number[s->part.first], last = s->in->number[s->part.last];
    if (first && last && last - first == s->part.last - s->part.first)
        copy_part(s, first, last);
    else
        repack_part(s);
}

static enum st collect_living(struct source *s, struct err *err)
{
    enum st st = ST_OK;
    buf_reset(&s->packed);
    s->source.tf = s->source.cf = 0;
    for (;;) {
        take_living(s);
        if (s->last)
            break;
        st = next_chunk(s, err);
        if (st != ST_OK)
            return st;
    }
    s->living.packed = buf_str(&s->packed);
    s->ready = s->source.tf > 0;
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
        st = collect_living(s, err);
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
    enum st st = s->ready || s->last ? ST_OK : next_chunk(s, err);
    if (st != ST_OK || !s->ready)
        return st;
    s->ready = false;
    *out = s->in->number ? s->living : s->part;
    if (!s->in->number) {
        out->first += s->in->base;
        out->last += s->in->base;
    }
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

/* ---- as an input ---- */

static enum st open_source(const struct post_input *input, struct post_source **out,
                           struct err *err)
{
    static const struct post_source_ops ops = {source_seek, source_next, source_part, source_close};
    const struct segment_input *in = (const struct segment_input *)input;
    struct source *s = calloc(1, sizeof(*s));
    if (!s)
        return err_nomem(err);
    s->source.ops = &ops;
    s->in = in;
    s->last = true;
    buf_init(&s->packed, SIZE_MAX);
    enum st st = segment_input_postlist(in, &s->cursor, err);
    if (st != ST_OK)
        source_close(&s->source);
    else
        *out = &s->source;
    return st;
}

/* Where a cut is told, and the bytes up to it. */
struct sampling {
    post_sample *tell;
    void *ctx;
    uint64_t bytes;
};

/* A leaf whose key tells no whole term, or something else than one, goes with those behind. */
static enum st sample_leaf(void *ctx, struct str key, struct err *err)
{
    struct sampling *s = ctx;
    unsigned char term[GLASS_KEY_MAX];
    size_t n;
    s->bytes += GLASS_BLOCK;
    if (!unpack_term(&key, term, &n))
        return ST_OK;
    uint64_t bytes = s->bytes;
    s->bytes = 0;
    return s->tell(s->ctx, str_from((const char *)term, n), bytes, err);
}

static enum st sample(const struct post_input *input, post_sample *tell, void *ctx, struct err *err)
{
    struct sampling s = {.tell = tell, .ctx = ctx};
    struct glass_cursor *c;
    enum st st = segment_input_postlist((const struct segment_input *)input, &c, err);
    if (st != ST_OK)
        return st;
    st = glass_cursor_leaves(c, sample_leaf, &s, err);
    glass_cursor_free(c);
    return st;
}

const struct post_input_ops segment_terms = {open_source, sample};
