/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of words of all indexes, made beside the requests.
 *
 * It takes a few tenths of a second for a large index, so it is made a few milliseconds at a time
 * whenever there is nothing else to do, over the view that requests on all indexes share. When a
 * reader changes, the view goes and with it what was made over it; the table before goes on serving
 * until the next is whole. Only a request that finds no table at all goes on with it itself, until
 * its deadline; then it does without. What failed is tried again after a while. After a table
 * that took more than a few slices the next one rests REST times as long, so that batch after batch
 * does not cost a pass over all words each.
 *
 * A table may lag behind the indexes, and it is of all of them where a request names some. So
 * whoever takes a word from it sees for himself whether it finds anything.
 */

#include "search.h"

#include <gongbao/clock.h>

#define SLICE_NS UINT64_C(5000000)
#define RETRY_NS UINT64_C(10000000000) /* from a failure to the next attempt */
#define REST     100
#define QUICK_NS (4 * SLICE_NS) /* a table that is made in this time is made again at once */

void srch_words_drop(struct srch *s)
{
    words_free(s->making);
    s->making = NULL;
    s->making_ns = 0;
    s->words_due = true;
    s->words_err.st = ST_OK;
}

static void take_up(struct srch *s)
{
    words_free(s->words);
    s->words = s->making;
    s->making = NULL;
    s->words_due = false;
    s->words_rest_ns = s->making_ns > QUICK_NS ? clock_ns() + REST * s->making_ns : 0;
}

static void note_failure(struct srch *s, const struct err *err)
{
    srch_words_drop(s);
    s->words_err = *err;
    s->words_rest_ns = clock_ns() + RETRY_NS;
}

/* Go on with the next table until the time given, 0: to its end. */
static void make_on(struct srch *s, uint64_t until_ns)
{
    struct err err = ERR_INIT;
    struct arena a;
    struct scope scope;
    bool done = false;
    uint64_t begun = clock_ns();
    arena_init(&a, 1 << 20);
    enum st st = srch_scope(s, STR(""), &a, &scope, &err);
    if (st == ST_OK) {
        if (!s->making)
            st = words_new(&s->making, &err);
        if (st == ST_OK)
            st = words_build(s->making, scope.view, s->lex, until_ns, &done, &err);
        srch_unscope(&scope);
    }
    arena_fini(&a);
    s->making_ns += clock_ns() - begun;
    if (st != ST_OK)
        note_failure(s, &err);
    else if (done)
        take_up(s);
}

static bool due(const struct srch *s)
{
    return s->words_due && (s->making || clock_ns() >= s->words_rest_ns);
}

/* Fold texts ahead for phrases. */
static void warm(struct srch *s)
{
    struct arena a;
    struct scope scope;
    arena_init(&a, 1 << 20);
    enum st st = srch_scope(s, STR(""), &a, &scope, NULL);
    s->cold = false; /* until a reader changes, if it fails */
    if (st == ST_OK) {
        st = ix_view_warm(scope.view, clock_ns() + SLICE_NS, &s->cold, NULL);
        s->cold = s->cold && st == ST_OK;
        srch_unscope(&scope);
    }
    arena_fini(&a);
}

bool srch_idle(struct srch *s)
{
    if (due(s))
        make_on(s, clock_ns() + SLICE_NS);
    else if (s->cold)
        warm(s);
    return due(s) || s->cold;
}

enum st srch_words(struct srch *s, uint64_t until_ns, struct words **out, struct err *err)
{
    if (!s->words && (s->words_err.st == ST_OK || clock_ns() >= s->words_rest_ns))
        make_on(s, until_ns);
    *out = s->words;
    if (s->words || s->words_err.st == ST_OK)
        return ST_OK;
    if (err)
        *err = s->words_err;
    return s->words_err.st;
}
