/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of words of all indexes, made beside the requests.
 *
 * It takes a few tenths of a second for a large index, so it is made a few milliseconds at a time
 * whenever there is nothing else to do, over the view that requests on all indexes share. When a
 * reader changes, the view goes and with it what was made over it; the table before goes on serving
 * until the next is whole. Only a request that finds no table at all waits for it.
 *
 * A table may lag behind the indexes, and it is of all of them where a request names some. So
 * whoever takes a word from it sees for himself whether it finds anything.
 */

#include "search.h"

#include <gongbao/clock.h>

#define SLICE_NS UINT64_C(5000000)

void srch_words_drop(struct srch *s)
{
    words_free(s->making);
    s->making = NULL;
    s->words_due = true;
}

/* Go on with the next table until the time given, 0: to its end. */
static enum st make_on(struct srch *s, uint64_t until_ns, struct err *err)
{
    struct arena a;
    struct scope scope;
    bool done = false;
    arena_init(&a, 1 << 20);
    enum st st = srch_scope(s, STR(""), &a, &scope, err);
    if (st == ST_OK) {
        if (!s->making)
            st = words_new(&s->making, err);
        if (st == ST_OK)
            st = words_build(s->making, scope.view, s->lex, until_ns, &done, err);
        srch_unscope(&scope);
    }
    arena_fini(&a);
    if (st != ST_OK) {
        srch_words_drop(s);
        s->words_due = false; /* until a reader changes */
    } else if (done) {
        words_free(s->words);
        s->words = s->making;
        s->making = NULL;
        s->words_due = false;
    }
    return st;
}

bool srch_idle(struct srch *s)
{
    if (s->words_due)
        make_on(s, clock_ns() + SLICE_NS, NULL);
    return s->words_due;
}

enum st srch_words(struct srch *s, struct words **out, struct err *err)
{
    enum st st = s->words ? ST_OK : make_on(s, 0, err);
    *out = s->words;
    return st;
}
