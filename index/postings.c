/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Postings of a term, held packed.
 *
 * They stay as they lie on disk, two or three bytes each, and are unpacked as often as they are
 * walked through; parts that hold none of the docids wanted are passed by. Whoever hands parts out
 * has walked through them before, so what is unpacked here makes sense.
 *
 * A term is looked up by reading its first part, which tells how many there are; the others are
 * read when they are wanted, if ever: where a rarer term of the same query matches nothing, they
 * are not.
 */

#include "postings.h"
#include <stdlib.h>

void postings_init(struct postings *p)
{
    *p = (struct postings){.whole = true};
    buf_init(&p->packed, SIZE_MAX);
}

void postings_fini(struct postings *p)
{
    buf_fini(&p->packed);
    free(p->part);
    postings_init(p);
}

static enum st add_part(struct postings *p, const struct post_part *part, struct err *err)
{
    struct postings_part *more = array_room(p->part, p->n, &p->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    p->part = more;
    p->part[p->n++] = (struct postings_part){part->first, part->last, p->packed.n, part->packed.n};
    buf_adds(&p->packed, part->packed);
    return buf_ok(&p->packed) ? ST_OK : err_nomem(err);
}

enum st postings_take(struct postings *p, struct post_source *s, struct err *err)
{
    struct post_part part;
    enum st st;
    while ((st = s->ops->part(s, &part, err)) == ST_OK && part.packed.n)
        if ((st = add_part(p, &part, err)) != ST_OK)
            return st;
    return st;
}

/* A source at a term; *there tells whether it is that one. */
static enum st seek(struct columns *c, struct str term, struct post_source **out, bool *there,
                    struct err *err)
{
    enum st st = columns_terms(c, out, err);
    if (st == ST_OK)
        st = (*out)->ops->seek(*out, term, err);
    *there = st == ST_OK && str_eq((*out)->term, term);
    if (st != ST_OK)
        columns_close_terms(c);
    return st;
}

enum st postings_find(struct postings *p, struct columns *c, struct str term, struct err *err)
{
    struct post_source *s;
    struct post_part part;
    bool there;
    enum st st = seek(c, term, &s, &there, err);
    if (st != ST_OK || !there)
        return st;
    p->tf = s->tf;
    st = s->ops->part(s, &part, err);
    if (st == ST_OK)
        st = add_part(p, &part, err);
    if (st == ST_OK) {
        struct str packed = part.packed;
        uint64_t n = 0;
        for (size_t i = 0; i < packed.n; i++)
            n += !((unsigned char)packed.p[i] & 0x80); /* numbers: two a posting but one */
        p->whole = (n + 1) / 2 == p->tf;
    }
    if (st != ST_OK)
        columns_close_terms(c);
    return st;
}

enum st postings_load(struct postings *p, struct columns *c, struct str term, struct err *err)
{
    struct post_source *s;
    bool there;
    if (p->whole)
        return ST_OK;
    p->n = 0;
    buf_reset(&p->packed);
    enum st st = seek(c, term, &s, &there, err);
    if (st != ST_OK)
        return st;
    if (there)
        st = postings_take(p, s, err);
    if (st != ST_OK)
        columns_close_terms(c);
    p->whole = st == ST_OK;
    return st;
}
