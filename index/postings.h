/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_POSTINGS_H
#define INDEX_POSTINGS_H

/* The postings of a term in one segment, read in windows of docids that ascend. */

#include "columns.h"
#include "glass_unpack.h"

C_BEGIN

/* A part as it lies in `packed`. */
struct postings_part {
    uint32_t first, last;
    size_t at, n;
};

/* The next posting: which part it is in, where its bytes begin, its docid. */
struct postings_place {
    size_t part;
    const unsigned char *p;
    uint32_t docid;
};

struct postings {
    uint64_t tf; /* 0: the term is not there */
    bool whole;  /* all parts are here, not only the first */
    struct buf packed;
    struct postings_part *part;
    size_t n, cap;
};

void postings_init(struct postings *p);
void postings_fini(struct postings *p);

/* Look a term up: how many postings it has, and the first part of them. */
enum st postings_find(struct postings *p, struct columns *c, struct str term, struct err *err);

/* Have all parts here. */
enum st postings_load(struct postings *p, struct columns *c, struct str term, struct err *err);

/* Add the parts of the term at which a source stands. */
enum st postings_take(struct postings *p, struct post_source *s, struct err *err);

/* Begin with the first posting of a part; behind the last part there is none. */
static inline void postings_enter(const struct postings *p, struct postings_place *at, size_t part)
{
    at->part = part;
    at->p = part < p->n ? (const unsigned char *)p->packed.p + p->part[part].at : NULL;
    at->docid = part < p->n ? p->part[part].first : UINT32_MAX;
}

/* Take the wdf of the posting and go on to the next one. */
static inline uint32_t postings_take_wdf(const struct postings *p, struct postings_place *at)
{
    const struct postings_part *part = &p->part[at->part];
    uint64_t wdf, gap;
    at->p = unpack_sure(at->p, &wdf);
    if (at->p == (const unsigned char *)p->packed.p + part->at + part->n) {
        postings_enter(p, at, at->part + 1);
    } else {
        at->p = unpack_sure(at->p, &gap);
        at->docid += (uint32_t)gap + 1;
    }
    return (uint32_t)wdf;
}

/* Take the next postings below a docid, n of them at most; how many they were. */
static inline size_t postings_take_some(const struct postings *p, struct postings_place *at,
                                        uint32_t below, size_t n, uint32_t *doc, uint32_t *wdf)
{
    size_t taken = 0;
    while (taken < n && at->docid < below) {
        const struct postings_part *part = &p->part[at->part];
        const unsigned char *b = at->p;
        const unsigned char *end = (const unsigned char *)p->packed.p + part->at + part->n;
        uint32_t docid = at->docid;
        uint64_t frequency, gap;
        do {
            b = unpack_sure(b, &frequency);
            doc[taken] = docid;
            wdf[taken++] = (uint32_t)frequency;
            if (b == end)
                break;
            b = unpack_sure(b, &gap);
            docid += (uint32_t)gap + 1;
        } while (docid < below && taken < n);
        if (b == end) {
            postings_enter(p, at, at->part + 1);
        } else {
            at->p = b;
            at->docid = docid;
        }
    }
    return taken;
}

/* Go on to the first posting that is not before a docid. */
static inline void postings_skip(const struct postings *p, struct postings_place *at,
                                 uint32_t docid)
{
    if (at->docid >= docid)
        return;
    size_t part = at->part;
    while (part < p->n && p->part[part].last < docid)
        part++;
    if (part != at->part)
        postings_enter(p, at, part);
    if (at->docid >= docid)
        return;
    const unsigned char *b = at->p;
    uint32_t here = at->docid;
    do { /* the part has one that is not before it */
        uint64_t gap;
        b = skip_sure(b); /* wdf */
        b = unpack_sure(b, &gap);
        here += (uint32_t)gap + 1;
    } while (here < docid);
    at->p = b;
    at->docid = here;
}

C_END
#endif
