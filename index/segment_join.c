/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One segment of several, in one pass over each.
 *
 * First what stands before the terms is taken from one input after the other: metadata, values,
 * and documents, whose stored text is mostly copied as it is; repack.h says when not, and has the
 * dictionaries. Then the terms: the sources stand in a heap,
 * the one with the least term on top, of equal ones the earliest input. Since the documents of an
 * input follow those of the input before, the postings of a term are those of its sources one
 * behind the other. They are unpacked, for chunks are cut elsewhere now, and handed to the
 * writer of glass, which cannot tell them from those of a new segment.
 *
 * Metadata that several inputs have under one name is taken once; it must be the same.
 */

#include "segment_join.h"
#include "glass.h"
#include "glass_unpack.h"
#include "repack.h"
#include <gongbao/map.h>
#include <inttypes.h>
#include <stdlib.h>

struct merge {
    struct glass *glass;
    struct map metadata; /* name -> checksum of the value */
    struct repack *repack;
    size_t from; /* the input that is read, by its number */

    struct post_source **heap;
    size_t *input; /* of each source of the heap, its number */
    size_t n;
    struct glass_posting *posting; /* of one term */
    size_t nposting, cap;
};

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
    return glass_value_at(m->glass, docid, slot, value, err);
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

/* ---- the heap ---- */

/* Whether source a comes before source b. */
static bool before(const struct merge *m, size_t a, size_t b)
{
    const struct post_source *x = m->heap[a], *y = m->heap[b];
    if (x->head != y->head)
        return x->head < y->head;
    int order = str_cmp(x->term, y->term);
    return order ? order < 0 : m->input[a] < m->input[b];
}

static void swap(struct merge *m, size_t a, size_t b)
{
    struct post_source *source = m->heap[a];
    size_t input = m->input[a];
    m->heap[a] = m->heap[b];
    m->input[a] = m->input[b];
    m->heap[b] = source;
    m->input[b] = input;
}

static void sift_down(struct merge *m, size_t i)
{
    for (;;) {
        size_t least = i, left = 2 * i + 1, right = left + 1;
        if (left < m->n && before(m, left, least))
            least = left;
        if (right < m->n && before(m, right, least))
            least = right;
        if (least == i)
            return;
        swap(m, i, least);
        i = least;
    }
}

/* The source on top has moved; one that is at its end goes. */
static void settle(struct merge *m)
{
    if (m->heap[0]->term.n == 0) {
        m->heap[0]->ops->close(m->heap[0]);
        m->n--;
        m->heap[0] = m->heap[m->n];
        m->input[0] = m->input[m->n];
    }
    sift_down(m, 0);
}

static enum st open_sources(struct merge *m, struct segment_input *const *in, size_t n,
                            struct err *err)
{
    m->heap = calloc(n, sizeof(*m->heap));
    m->input = calloc(n, sizeof(*m->input));
    if (!m->heap || !m->input)
        return err_nomem(err);
    for (size_t i = 0; i < n; i++) {
        struct post_source *s;
        enum st st = in[i]->input.ops->open(&in[i]->input, &s, err);
        if (st != ST_OK)
            return st;
        m->heap[m->n] = s;
        m->input[m->n] = i;
        m->n++;
        st = s->ops->seek(s, STR(""), err);
        if (st != ST_OK)
            return st;
        if (s->term.n == 0) {
            s->ops->close(s);
            m->n--;
        }
    }
    for (size_t i = m->n / 2; i-- > 0;)
        sift_down(m, i);
    return ST_OK;
}

/* ---- terms ---- */

static bool reserve(struct merge *m, uint64_t more)
{
    if (more <= m->cap - m->nposting)
        return true;
    if (more > UINT32_MAX)
        return false;
    size_t cap = 2 * m->cap > m->nposting + more ? 2 * m->cap : m->nposting + (size_t)more;
    struct glass_posting *p = reallocarray(m->posting, cap, sizeof(*p));
    if (!p)
        return false;
    m->posting = p;
    m->cap = cap;
    return true;
}

/* A part unpacked behind the postings there are; false when it is not what it says. */
static bool unpack(struct merge *m, const struct post_part *part, uint64_t most)
{
    struct str s = part->packed;
    struct glass_posting *p = m->posting + m->nposting;
    uint32_t docid = part->first, gap;
    for (uint64_t i = 0; i < most; i++) {
        p[i].docid = docid;
        if (!unpack_uint(&s, &p[i].wdf))
            return false;
        m->nposting++;
        if (s.n == 0)
            return docid == part->last;
        if (!unpack_uint(&s, &gap))
            return false;
        docid += gap + 1;
    }
    return false;
}

/* The postings of the term at which a source stands, behind those there are. */
static enum st add_postings(struct merge *m, struct post_source *s, struct err *err)
{
    struct post_part part;
    if (!reserve(m, s->tf))
        return err_nomem(err);
    uint64_t left = s->tf;
    enum st st;
    while ((st = s->ops->part(s, &part, err)) == ST_OK && part.packed.n > 0) {
        size_t had = m->nposting;
        if (!unpack(m, &part, left))
            return err_set(err, ST_DAMAGED, "a list of postings makes no sense");
        left -= m->nposting - had;
    }
    return st;
}

/* The least term, of all sources that stand at it. */
static enum st merge_term(struct merge *m, struct err *err)
{
    char bytes[GLASS_KEY_MAX];
    const struct str term = str_from(bytes, m->heap[0]->term.n);
    memcpy(bytes, m->heap[0]->term.p, term.n);
    m->nposting = 0;
    while (m->n > 0 && str_eq(m->heap[0]->term, term)) {
        struct post_source *s = m->heap[0];
        enum st st = add_postings(m, s, err);
        if (st == ST_OK)
            st = s->ops->next(s, err);
        if (st != ST_OK)
            return st;
        settle(m);
    }
    return glass_term(m->glass, term, m->posting, m->nposting, err);
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

enum st segment_join(struct segment_input *const *in, size_t n, const char *out, struct err *err)
{
    struct merge m = {0};
    map_init(&m.metadata);
    enum st st = glass_new(out, &m.glass, err);
    if (st == ST_OK)
        st = take_all_but_terms(&m, in, n, err);
    if (st == ST_OK)
        st = open_sources(&m, in, n, err);
    while (st == ST_OK && m.n > 0)
        st = merge_term(&m, err);
    if (st == ST_OK)
        st = glass_finish(m.glass, err);
    if (st == ST_INTERNAL)
        st = blame_input(err);
    for (size_t i = 0; i < m.n; i++)
        m.heap[i]->ops->close(m.heap[i]);
    free(m.heap);
    free(m.input);
    free(m.posting);
    map_fini(&m.metadata);
    repack_free(m.repack);
    glass_free(m.glass);
    return st;
}
