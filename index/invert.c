/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inversion of as many documents as fit in the cache.
 *
 * A hash table leads from a term to its number. The table holds the first eight bytes of each term,
 * which mostly are all, so that one line of memory tells; and while documents come in, all that is
 * written beside it is a list: the number of a term and its wdf, document after document. In the
 * end the numbers are sorted by their terms, the list is dealt out to them, each getting its
 * postings in the order of documents, and these are packed one term after the other.
 *
 * Terms are taken a batch at a time: the slot of each is asked for while others are worked on.
 *
 * The hash is seeded anew each time, so that no document can be made to collide on purpose. What
 * comes out does not depend on it.
 */

#include "invert_table.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

enum {
    BATCH = 64,
    SLOTS_FIRST = 1024,
    PAGE = 1 << 21,
    KEEP = 64 << 20 /* bytes; what is larger is not kept for the next run */
};

/* ---- memory ---- */

/* Large memory is aligned for the kernel's large pages: much of it is touched in no order. */
static void *large_alloc(size_t n)
{
    void *p = aligned_alloc(PAGE, (n + PAGE - 1) & ~(size_t)(PAGE - 1));
    if (p)
        madvise(p, n, MADV_HUGEPAGE); /* or not */
    return p;
}

void *room_for(struct room *r, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 4)
        return NULL;
    if (bytes <= r->bytes)
        return r->p;
    size_t more = bytes + bytes / 2 + 256;
    void *p = more < PAGE ? realloc(r->p, more) : large_alloc(more);
    if (!p)
        return NULL;
    if (more >= PAGE && r->p) {
        memcpy(p, r->p, r->bytes);
        free(r->p);
    }
    *r = (struct room){p, more};
    return p;
}

static void room_fini(struct room *r)
{
    free(r->p);
    *r = (struct room){0};
}

/* Empty slots; n is a power of two. */
static struct slot *slots_new(size_t n)
{
    size_t bytes = n * sizeof(struct slot);
    struct slot *slot = bytes < PAGE ? malloc(bytes) : large_alloc(bytes);
    if (slot)
        memset(slot, 0, bytes);
    return slot;
}

struct invert *invert_new(void)
{
    struct invert *v = calloc(1, sizeof(*v));
    if (!v)
        return NULL;
    buf_init(&v->rest, UINT32_MAX);
    v->nslots = SLOTS_FIRST;
    v->slot = slots_new(v->nslots);
    if (!v->slot) {
        free(v);
        return NULL;
    }
    if (getrandom(&v->seed, sizeof(v->seed), GRND_NONBLOCK) != (ssize_t)sizeof(v->seed))
        v->seed = (uint64_t)(uintptr_t)v;
    return v;
}

static void free_rooms(struct invert *v, size_t larger_than)
{
    struct room *all[] = {&v->words,  &v->hits,  &v->ends,  &v->postings,
                          &v->places, &v->items, &v->spare, NULL};
    for (struct room **r = all; *r; r++)
        if ((*r)->bytes > larger_than)
            room_fini(*r);
    if (v->rest.cap > larger_than)
        buf_fini(&v->rest);
}

void invert_free(struct invert *v)
{
    if (!v)
        return;
    free_rooms(v, 0);
    free(v->slot);
    free(v);
}

/* ---- terms ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of a head and what follows it, n bytes in all. */
static uint64_t hash_of(const struct invert *v, uint64_t head, const char *rest, size_t n)
{
    uint64_t h = mix(head ^ v->seed, 0x9e3779b97f4a7c15u ^ n);
    for (; n > HEAD; rest += HEAD, n -= HEAD) {
        size_t left = n - HEAD;
        h = mix(h ^ post_head(rest, left < HEAD ? left : HEAD), 0xc2b2ae3d27d4eb4fu);
    }
    return h;
}

static uint32_t tag_of(uint64_t hash, size_t length)
{
    return (uint32_t)(hash >> 32 & 0xffffff00u) | (uint32_t)length;
}

static uint64_t hash_of_word(const struct invert *v, const struct word *w)
{
    return hash_of(v, w->head, v->rest.p + w->rest, w->length);
}

static bool grow_slots(struct invert *v)
{
    size_t n = 2 * v->nslots;
    struct slot *slot = slots_new(n);
    if (!slot)
        return false;
    const struct word *word = v->words.p;
    for (size_t i = 0; i < v->n; i++) {
        uint64_t hash = hash_of_word(v, &word[i]);
        size_t at = hash & (n - 1);
        while (slot[at].word)
            at = (at + 1) & (n - 1);
        slot[at] = (struct slot){word[i].head, (uint32_t)i + 1, tag_of(hash, word[i].length)};
    }
    free(v->slot);
    v->slot = slot;
    v->nslots = n;
    return true;
}

/* Room for n more terms and hits. */
static bool reserve(struct invert *v, size_t n)
{
    if (v->nhits + n > UINT32_MAX || (v->n + n > v->nslots / 2 && !grow_slots(v)))
        return false;
    return room_for(&v->words, v->n + n, sizeof(struct word)) &&
           room_for(&v->hits, v->nhits + n, sizeof(struct hit));
}

static uint32_t add_word(struct invert *v, struct slot *slot, struct str term, uint64_t head,
                         uint32_t tag)
{
    struct word *w = (struct word *)v->words.p + v->n;
    *w = (struct word){head, (uint32_t)v->rest.n, (uint32_t)term.n};
    if (term.n > HEAD)
        buf_add(&v->rest, term.p + HEAD, term.n - HEAD);
    *slot = (struct slot){head, (uint32_t)++v->n, tag};
    return slot->word;
}

static bool has_rest(const struct invert *v, uint32_t number, struct str term)
{
    const struct word *w = (const struct word *)v->words.p + number - 1;
    return memcmp(v->rest.p + w->rest, term.p + HEAD, term.n - HEAD) == 0;
}

/* The number of a term, counting from 1; made when it is new. */
static uint32_t number_of(struct invert *v, struct str term, uint64_t head, uint64_t hash)
{
    uint32_t tag = tag_of(hash, term.n);
    size_t at = hash & (v->nslots - 1);
    for (; v->slot[at].word; at = (at + 1) & (v->nslots - 1)) {
        const struct slot *s = &v->slot[at];
        if (s->head == head && s->tag == tag && (term.n <= HEAD || has_rest(v, s->word, term)))
            return s->word;
    }
    return add_word(v, &v->slot[at], term, head, tag);
}

static enum st add_batch(struct invert *v, const struct ix_term *term, size_t n, struct err *err)
{
    uint64_t head[BATCH], hash[BATCH];
    if (!reserve(v, n))
        return err_nomem(err);
    for (size_t i = 0; i < n; i++) {
        struct str t = term[i].bytes;
        if (!t.n || t.n > IX_TERM_MAX)
            return err_set(err, ST_INTERNAL, "a term of %zu bytes", t.n);
        head[i] = post_head(t.p, t.n);
        hash[i] = hash_of(v, head[i], t.p + HEAD, t.n);
        __builtin_prefetch(&v->slot[hash[i] & (v->nslots - 1)]);
    }
    struct hit *hit = (struct hit *)v->hits.p + v->nhits;
    for (size_t i = 0; i < n; i++) {
        uint32_t number = number_of(v, term[i].bytes, head[i], hash[i]);
        hit[i] = (struct hit){number - 1, term[i].wdf};
    }
    v->nhits += n;
    return buf_ok(&v->rest) ? ST_OK : err_nomem(err);
}

enum st invert_add(struct invert *v, const struct ix_term *term, size_t n, struct err *err)
{
    enum st st = ST_OK;
    for (size_t i = 0; i < n && st == ST_OK; i += BATCH)
        st = add_batch(v, term + i, n - i < BATCH ? n - i : BATCH, err);
    return st;
}

enum st invert_end_document(struct invert *v, struct err *err)
{
    size_t *end = room_for(&v->ends, v->ndocs + 1, sizeof(*end));
    if (!end)
        return err_nomem(err);
    end[v->ndocs++] = v->nhits;
    return ST_OK;
}

/* ---- the run ---- */

/* Deal the hits out to the terms: the postings of each term follow one another, terms in their
 * order. *ends: where those of each word end. */
static struct posting *deal(struct invert *v, const struct sort_item *order, uint32_t **ends)
{
    const struct hit *hit = v->hits.p;
    struct posting *posting = room_for(&v->postings, v->nhits, sizeof(*posting));
    uint32_t *place = room_for(&v->places, v->n, sizeof(*place)), sum = 0;
    size_t i = 0;
    if (!posting || !place)
        return NULL;
    memset(place, 0, v->n * sizeof(*place));
    for (size_t k = 0; k < v->nhits; k++)
        place[hit[k].word]++;
    for (size_t k = 0; k < v->n; k++) {
        uint32_t n = place[order[k].word];
        place[order[k].word] = sum;
        sum += n;
    }
    for (uint32_t d = 0; d < v->ndocs; d++)
        for (size_t end = ((size_t *)v->ends.p)[d]; i < end; i++)
            posting[place[hit[i].word]++] = (struct posting){d + 1, hit[i].wdf};
    *ends = place;
    return posting;
}

/* What is told of the postings of a term. */
struct list {
    uint64_t cf;
    uint32_t wdf_max;
    bool twice; /* in a document */
};

/* Pack n postings at p, up to one of a document that had the term before; the end of them. Two
 * numbers of 32 bits take PACK_MAX. */
static unsigned char *pack_postings(unsigned char *p, const struct posting *posting, size_t n,
                                    struct list *out)
{
    *out = (struct list){posting[0].wdf, posting[0].wdf, false};
    p = pack_uint(p, posting[0].wdf);
    for (size_t i = 1; i < n && !out->twice; i++) {
        uint32_t gap = posting[i].docid - posting[i - 1].docid, wdf = posting[i].wdf;
        p = pack_uint(p, gap - 1);
        p = pack_uint(p, wdf);
        out->cf += wdf;
        out->wdf_max = wdf > out->wdf_max ? wdf : out->wdf_max;
        out->twice = gap == 0;
    }
    return p;
}

static unsigned char *pack_name(unsigned char *p, const struct invert *v, const struct word *w)
{
    *p++ = (unsigned char)w->length;
    uint64_t head = htobe64(w->head);
    memcpy(p, &head, HEAD);
    if (w->length > HEAD)
        memcpy(p + HEAD, v->rest.p + w->rest, w->length - HEAD);
    return p + w->length;
}

/* Append a term. Its postings are packed behind the room for their head, which is known last. */
static enum st put_term(const struct invert *v, struct run *r, const struct word *w,
                        const struct posting *posting, size_t n, struct err *err)
{
    struct list list;
    unsigned char *begin =
        (unsigned char *)buf_room(&r->bytes, RUN_TERM_ROOM + RUN_PART_ROOM + n * PACK_MAX + 1);
    if (!begin)
        return err_nomem(err);
    unsigned char *p = pack_name(begin, v, w);
    if (!run_note(r, r->bytes.n, str_from((const char *)begin + 1, w->length)))
        return err_nomem(err);
    unsigned char *body = p + RUN_PART_ROOM + (size_t)2 * PACK_MAX;
    size_t bytes = (size_t)(pack_postings(body, posting, n, &list) - body);
    if (list.twice)
        return err_set(err, ST_INTERNAL, "a document has a term twice");
    p = pack_uint(pack_uint(p, n), list.cf);
    p = pack_uint(pack_uint(p, bytes), posting[0].docid);
    p = pack_uint(p, posting[n - 1].docid - posting[0].docid);
    memmove(p, body, bytes);
    p[bytes] = 0;
    r->bytes.n += (size_t)(p + bytes + 1 - begin);
    if (list.wdf_max > r->wdf_max)
        r->wdf_max = list.wdf_max;
    return ST_OK;
}

static enum st put_terms(struct invert *v, struct run *r, struct err *err)
{
    enum { AHEAD = 16 }; /* how many terms ahead one is asked for */
    uint32_t *ends, begin = 0;
    const struct sort_item *order = invert_sort(v);
    const struct posting *posting = order ? deal(v, order, &ends) : NULL;
    const struct word *word = v->words.p;
    if (!posting)
        return err_nomem(err);
    enum st st = ST_OK;
    for (size_t i = 0; i < v->n && st == ST_OK; i++) {
        if (v->n - i > AHEAD) {
            __builtin_prefetch(&word[order[i + AHEAD].word]);
            __builtin_prefetch(&ends[order[i + AHEAD].word]);
        }
        uint32_t end = ends[order[i].word];
        st = put_term(v, r, &word[order[i].word], posting + begin, end - begin, err);
        begin = end;
    }
    return st;
}

/* A table that is larger than is worth keeping makes way for a small one, where there is memory. */
static void empty_slots(struct invert *v)
{
    bool large = v->nslots * sizeof(*v->slot) > KEEP;
    struct slot *small = large ? slots_new(SLOTS_FIRST) : NULL;
    if (!small) {
        memset(v->slot, 0, v->nslots * sizeof(*v->slot));
        return;
    }
    free(v->slot);
    v->slot = small;
    v->nslots = SLOTS_FIRST;
}

/* Forget everything, for the next run. */
static void reset(struct invert *v)
{
    free_rooms(v, KEEP);
    empty_slots(v);
    v->n = v->nhits = v->ndocs = 0;
    buf_reset(&v->rest);
}

enum st invert_end(struct invert *v, struct run **out, struct err *err)
{
    enum { GUESS_TERM = 16, GUESS_POSTING = 3 }; /* bytes */
    struct run *r = run_new();
    if (!r)
        return err_nomem(err);
    enum st st = ST_OK;
    if (v->n && !buf_room(&r->bytes, v->n * GUESS_TERM + v->nhits * GUESS_POSTING))
        st = err_nomem(err);
    if (st == ST_OK && v->n)
        st = put_terms(v, r, err);
    r->n = r->bytes.n;
    reset(v);
    if (st == ST_OK)
        *out = r;
    else
        run_free(r);
    return st;
}
