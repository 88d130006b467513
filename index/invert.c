/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inversion in flat memory.
 *
 * A hash table leads from a term to its entry, which fills one line of the cache and holds the
 * first eight bytes of the term and the first postings; most terms never need more. Further bytes
 * of a term and further postings lie in pages that are only appended to. The postings of a term are
 * runs: 32 bytes in the entry, then runs of 32 bytes to 2 KiB, each twice as long as the one
 * before, with the place of the next one at the end. A posting is the gap from the docid before,
 * times two, plus one where the wdf is 1; another wdf follows. So its first byte is never 0, and a
 * 0 says that the next posting did not fit in a run.
 *
 * Memory is far away: terms are taken a batch at a time, and what each will touch is asked for
 * while others are worked on: the slot, then the entry, then the end of the last run. Pages are
 * large and aligned so that the kernel can map them as one.
 *
 * The hash is seeded anew each time, so that no document can be made to collide on purpose; the
 * order of terms does not depend on it.
 */

#include "glass_pack.h"
#include "invert_table.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

enum {
    BATCH = 64,
    SLOTS_FIRST = 1024,
    RUN_FIRST = 32,
    STEPS = 7,              /* runs grow up to RUN_FIRST << (STEPS - 1) */
    LINK = sizeof(uint32_t) /* at the end of a run but for the one in the entry */
};

/* ---- memory ---- */

/* Large memory, aligned for large pages of the kernel's; n is a multiple of PAGE. */
static void *large_alloc(size_t n)
{
    void *p = aligned_alloc(PAGE, n);
    if (p)
        madvise(p, n, MADV_HUGEPAGE); /* or not */
    return p;
}

static bool pool_grow(struct pool *p)
{
    if (p->n == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 16;
        unsigned char **more = realloc(p->page, cap * sizeof(*more));
        if (!more)
            return false;
        p->page = more;
        p->cap = cap;
    }
    unsigned char *page = p->n < UINT32_MAX / UNITS ? large_alloc(PAGE) : NULL;
    if (!page)
        return false;
    p->page[p->n++] = page;
    p->used = 0;
    return true;
}

bool pool_take(struct pool *p, size_t n, uint32_t *place)
{
    uint32_t units = (uint32_t)((n + UNIT - 1) / UNIT);
    if ((!p->n || UNITS - p->used < units) && !pool_grow(p))
        return false;
    *place = (uint32_t)(p->n - 1) * UNITS + p->used;
    p->used += units;
    return true;
}

void pool_fini(struct pool *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->page[i]);
    free(p->page);
}

/* Empty slots; n is a power of two. */
static struct slot *slots_new(size_t n)
{
    size_t bytes = n * sizeof(struct slot);
    if (bytes < PAGE)
        return calloc(n, sizeof(struct slot));
    struct slot *slot = large_alloc(bytes);
    if (slot)
        memset(slot, 0, bytes);
    return slot;
}

enum st invert_new(struct invert **out, struct err *err)
{
    struct invert *v = calloc(1, sizeof(*v));
    if (!v)
        return err_nomem(err);
    v->nslots = SLOTS_FIRST;
    v->slot = slots_new(v->nslots);
    if (!v->slot) {
        free(v);
        return err_nomem(err);
    }
    if (getrandom(&v->seed, sizeof(v->seed), GRND_NONBLOCK) != (ssize_t)sizeof(v->seed))
        v->seed = (uint64_t)(uintptr_t)v;
    *out = v;
    return ST_OK;
}

void invert_free(struct invert *v)
{
    if (!v)
        return;
    pool_fini(&v->entries);
    pool_fini(&v->bytes);
    free(v->slot);
    free(v);
}

size_t invert_bytes(const struct invert *v)
{
    enum { SORTING = 36 }; /* bytes a term */
    return (v->entries.n + v->bytes.n) * PAGE + v->nslots * sizeof(*v->slot) +
           (size_t)v->n * SORTING;
}

/* ---- terms ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_of(const struct invert *v, struct str term, uint64_t head)
{
    uint64_t hash = mix(head ^ v->seed, 0x9e3779b97f4a7c15 ^ term.n);
    for (size_t i = HEAD; i < term.n; i += HEAD)
        hash = mix(hash ^ head_of(term.p + i, term.n - i), 0xd6e8feb86659fd93);
    return (uint32_t)(hash >> 32);
}

/* Have slots for n more entries, and a third of them empty. */
static bool reserve(struct invert *v, size_t n)
{
    if ((v->n + n) * 3 <= v->nslots * 2)
        return true;
    size_t nslots = 2 * v->nslots;
    struct slot *slot = slots_new(nslots);
    if (!slot)
        return false;
    for (size_t i = 0; i < v->nslots; i++) {
        if (!v->slot[i].entry)
            continue;
        size_t at = v->slot[i].hash & (nslots - 1);
        while (slot[at].entry)
            at = (at + 1) & (nslots - 1);
        slot[at] = v->slot[i];
    }
    free(v->slot);
    v->slot = slot;
    v->nslots = nslots;
    return true;
}

static bool is_term(const struct invert *v, const struct entry *e, struct str term, uint64_t head)
{
    return e->head == head && e->length == term.n &&
           (term.n <= HEAD ||
            memcmp(pool_at(&v->bytes, e->rest), term.p + HEAD, term.n - HEAD) == 0);
}

/* The entry that a term most likely has, or NULL. */
static const struct entry *likely_entry(const struct invert *v, uint32_t hash)
{
    size_t at = hash & (v->nslots - 1);
    while (v->slot[at].entry && v->slot[at].hash != hash)
        at = (at + 1) & (v->nslots - 1);
    return v->slot[at].entry ? entry_at(v, v->slot[at].entry - 1) : NULL;
}

static struct entry *add_entry(struct invert *v, struct slot *slot, struct str term, uint64_t head,
                               uint32_t hash)
{
    uint32_t place, rest = 0;
    if (term.n > HEAD) {
        if (!pool_take(&v->bytes, term.n - HEAD, &rest))
            return NULL;
        memcpy(pool_at(&v->bytes, rest), term.p + HEAD, term.n - HEAD);
    }
    if (!pool_take(&v->entries, sizeof(struct entry), &place))
        return NULL;
    *slot = (struct slot){.hash = hash, .entry = ++v->n};
    struct entry *e = pool_at(&v->entries, place);
    *e = (struct entry){.head = head, .rest = rest, .length = (uint8_t)term.n};
    return e;
}

/* The entry of a term, made when it is new; NULL without memory. */
static struct entry *entry_of(struct invert *v, struct str term, uint64_t head, uint32_t hash)
{
    size_t at = hash & (v->nslots - 1);
    for (; v->slot[at].entry; at = (at + 1) & (v->nslots - 1)) {
        if (v->slot[at].hash != hash)
            continue;
        struct entry *e = entry_at(v, v->slot[at].entry - 1);
        if (is_term(v, e, term, head))
            return e;
    }
    return add_entry(v, &v->slot[at], term, head, hash);
}

/* ---- runs ---- */

/* The bytes for postings in a run of this step. */
static size_t run_room(unsigned step)
{
    return step ? ((size_t)RUN_FIRST << (step - 1)) - LINK : HERE;
}

static unsigned char *tail_of(const struct invert *v, struct entry *e)
{
    return e->step ? pool_at(&v->bytes, e->tail) : e->here;
}

static bool add_run(struct invert *v, struct entry *e)
{
    unsigned char *tail = tail_of(v, e);
    size_t room = run_room(e->step);
    unsigned step = e->step < STEPS ? e->step + 1u : STEPS;
    uint32_t place;
    if (!pool_take(&v->bytes, run_room(step) + LINK, &place))
        return false;
    if (e->at < room)
        tail[e->at] = 0;
    if (e->step)
        memcpy(tail + room, &place, LINK);
    else
        e->second = place;
    e->tail = place;
    e->at = 0;
    e->step = (uint8_t)step;
    return true;
}

static bool append(struct invert *v, struct entry *e, uint32_t docid, uint32_t wdf)
{
    unsigned char posting[2 * PACK_MAX], *p = posting;
    p = pack_uint(p, (uint64_t)(docid - e->last) << 1 | (wdf == 1));
    if (wdf != 1)
        p = pack_uint(p, wdf);
    size_t n = (size_t)(p - posting);
    if (n > run_room(e->step) - e->at && !add_run(v, e))
        return false;
    unsigned char *to = tail_of(v, e) + e->at;
    for (size_t i = 0; i < n; i++) /* one or two bytes */
        to[i] = posting[i];
    e->at = (uint16_t)(e->at + n);
    e->last = docid;
    e->tf++;
    return true;
}

/* ---- adding ---- */

static enum st add_batch(struct invert *v, uint32_t docid, const struct ix_term *term, size_t n,
                         struct err *err)
{
    uint64_t head[BATCH];
    uint32_t hash[BATCH];
    struct entry *entry[BATCH];
    if (!reserve(v, n))
        return err_nomem(err);
    for (size_t i = 0; i < n; i++) {
        if (!term[i].bytes.n || term[i].bytes.n > IX_TERM_MAX)
            return err_set(err, ST_INTERNAL, "a term of %zu bytes", term[i].bytes.n);
        head[i] = head_of(term[i].bytes.p, term[i].bytes.n);
        hash[i] = hash_of(v, term[i].bytes, head[i]);
        __builtin_prefetch(&v->slot[hash[i] & (v->nslots - 1)]);
    }
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(likely_entry(v, hash[i]), 1);
    for (size_t i = 0; i < n; i++) {
        entry[i] = entry_of(v, term[i].bytes, head[i], hash[i]);
        if (!entry[i])
            return err_nomem(err);
        __builtin_prefetch(tail_of(v, entry[i]) + entry[i]->at, 1);
    }
    for (size_t i = 0; i < n; i++) {
        if (docid <= entry[i]->last)
            return err_set(err, ST_INTERNAL, "document %u has a term twice", docid);
        if (!append(v, entry[i], docid, term[i].wdf))
            return err_nomem(err);
    }
    return ST_OK;
}

enum st invert_add(struct invert *v, uint32_t docid, const struct ix_term *term, size_t n,
                   struct err *err)
{
    enum st st = ST_OK;
    for (size_t i = 0; i < n && st == ST_OK; i += BATCH)
        st = add_batch(v, docid, term + i, n - i < BATCH ? n - i : BATCH, err);
    return st;
}

/* ---- writing ---- */

struct writing {
    const struct invert *v;
    struct glass *glass;
    struct glass_posting *posting; /* of one term */
    size_t cap;
};

static const unsigned char *unpack_uint(const unsigned char *p, uint64_t *out)
{
    uint64_t value = *p & 0x7f;
    for (unsigned shift = 7; *p++ & 0x80; shift += 7)
        value |= (uint64_t)(*p & 0x7f) << shift;
    *out = value;
    return p;
}

static void unpack_runs(const struct invert *v, const struct entry *e, struct glass_posting *out)
{
    const unsigned char *p = e->here, *end = p + HERE;
    uint32_t docid = 0, next = e->second;
    unsigned step = 0;
    for (uint32_t i = 0; i < e->tf; i++) {
        if (p == end || !*p) {
            if (step)
                memcpy(&next, end, LINK);
            step = step < STEPS ? step + 1 : STEPS;
            p = pool_at(&v->bytes, next);
            end = p + run_room(step);
        }
        uint64_t gap, wdf = 1;
        p = unpack_uint(p, &gap);
        if (!(gap & 1))
            p = unpack_uint(p, &wdf);
        docid += (uint32_t)(gap >> 1);
        out[i] = (struct glass_posting){docid, (uint32_t)wdf};
    }
}

static bool reserve_postings(struct writing *w, size_t n)
{
    if (n <= w->cap)
        return true;
    size_t cap = n > 2 * w->cap ? n : 2 * w->cap;
    struct glass_posting *more = realloc(w->posting, cap * sizeof(*more));
    if (!more)
        return false;
    w->posting = more;
    w->cap = cap;
    return true;
}

static enum st write_term(struct writing *w, const struct entry *e, struct err *err)
{
    if (!reserve_postings(w, e->tf))
        return err_nomem(err);
    unpack_runs(w->v, e, w->posting);
    unsigned char term[HEAD + IX_TERM_MAX];
    uint64_t head = htobe64(e->head);
    memcpy(term, &head, HEAD);
    if (e->length > HEAD)
        memcpy(term + HEAD, pool_at(&w->v->bytes, e->rest), (size_t)e->length - HEAD);
    return glass_term(w->glass, str_from((char *)term, e->length), w->posting, e->tf, err);
}

enum st invert_write(const struct invert *v, struct glass *g, struct err *err)
{
    enum { FAR = 16, NEAR = 8 }; /* how many terms ahead an entry and its second run are fetched */
    if (!v->n)
        return ST_OK;
    uint32_t *order = invert_sort(v);
    if (!order)
        return err_nomem(err);
    struct writing w = {.v = v, .glass = g};
    enum st st = ST_OK;
    for (uint32_t i = 0; i < v->n && st == ST_OK; i++) {
        if (v->n - i > FAR)
            __builtin_prefetch(entry_at(v, order[i + FAR]));
        if (v->n - i > NEAR && entry_at(v, order[i + NEAR])->step)
            __builtin_prefetch(pool_at(&v->bytes, entry_at(v, order[i + NEAR])->second));
        st = write_term(&w, entry_at(v, order[i]), err);
    }
    free(w.posting);
    free(order);
    return st;
}
