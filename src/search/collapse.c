/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reposts as one hit.
 *
 * Two texts are nearly the same when the 64 bits that their terms make (simhash) differ in three at
 * most (Manku, Jain and Das Sarma, Detecting near-duplicates for web crawling, 2007). The first hit
 * of the list that is near no hit kept before is kept. Which are kept depends on the hits before
 * alone, so pages fit together; more hits are looked for until the page is full or there are none.
 * In the end each hit of all counts for the first kept one that it is near to.
 */

#include "answer.h"

#include <gongbao/array.h>
#include <stdlib.h>

enum { NEAR = 3, FIRST_FETCH = 200, MORE = 4 };

struct reposts {
    uint64_t *hash; /* of every hit of a step */
    size_t n, cap;
    bool failed;
};

void srch_reposts_restart(struct reposts *r)
{
    r->n = 0;
}

void srch_reposts_add(struct reposts *r, uint64_t hash)
{
    uint64_t *more = array_room(r->hash, r->n, &r->cap, sizeof(*more));
    if (!more) {
        r->failed = true;
        return;
    }
    r->hash = more;
    r->hash[r->n++] = hash;
}

/* The first of n kept ones that a text is near to; n when there is none. */
static size_t first_near(const uint64_t *kept, size_t n, uint64_t hash)
{
    size_t i = 0;
    while (i < n && (!hash || !kept[i] || __builtin_popcountll(kept[i] ^ hash) > NEAR))
        i++;
    return i;
}

/* Keep at most `limit` of what was found; their hashes go to kept. */
static void keep(struct job *j, uint64_t limit, uint64_t *kept, struct found *f)
{
    size_t n = 0, strict = 0;
    for (size_t i = 0; i < f->n && n < limit; i++) {
        uint64_t hash = ix_view_simhash(j->scope.view, f->hit[i].doc);
        if (first_near(kept, n, hash) < n)
            continue;
        kept[n] = hash;
        f->hit[n++] = f->hit[i];
        strict += i < f->strict;
    }
    f->n = n;
    f->strict = strict;
}

static enum st count_copies(struct job *j, const uint64_t *kept, struct found *f)
{
    const struct reposts *r = j->reposts;
    f->copies = arena_calloc(j->a, f->n, sizeof(*f->copies));
    if (!f->copies || r->failed)
        return err_nomem(j->err);
    for (size_t i = 0; i < r->n; i++) {
        size_t of = first_near(kept, f->n, r->hash[i]);
        if (of < f->n)
            f->copies[of]++;
    }
    for (size_t i = 0; i < f->n; i++)
        f->copies[i] -= f->copies[i] > 0; /* itself */
    return ST_OK;
}

static enum st collapse(struct job *j, uint64_t limit, struct found *f)
{
    const uint64_t documents = ix_view_documents(j->scope.view);
    uint64_t fetch = limit < documents ? limit : documents;
    limit = fetch;
    fetch = fetch < FIRST_FETCH ? FIRST_FETCH : fetch;
    for (;; fetch *= MORE) {
        enum st st = srch_steps(j, fetch, f);
        if (st != ST_OK)
            return st;
        bool all = f->n < fetch || fetch >= documents;
        uint64_t *kept = arena_alloc(j->a, (f->n + 1) * sizeof(*kept));
        if (!kept)
            return err_nomem(j->err);
        keep(j, limit, kept, f);
        if (f->n >= limit || all || f->timed_out)
            return count_copies(j, kept, f);
    }
}

enum st srch_collapse(struct job *j, uint64_t limit, struct found *out)
{
    struct reposts reposts = {.hash = NULL};
    j->reposts = &reposts;
    enum st st = collapse(j, limit, out);
    j->reposts = NULL;
    free(reposts.hash);
    return st;
}
