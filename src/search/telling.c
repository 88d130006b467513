/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The terms that tell a document from others, and the resemblance of two texts.
 *
 * Terms are those that the index has, so what is counted here is found there: words of two
 * characters or more, names, words of letters and shorthand. Numbers and dates are left out, for
 * any two bulletins of a year share those; so are words of one character. Without a lexicon there
 * are no such words, and pairs of characters take their place.
 *
 * Each term is worth (1 + ln tf) · idf, tf counting the title several times. Only terms that
 * some other document has can find one. A long document has tens of thousands of terms, each of
 * which would be looked up; those that it has most often are enough.
 */

#include "telling.h"

#include <gongbao/map.h>
#include <math.h>
#include <stdlib.h>

enum { TITLE_WORTH = 3, LOOKED_UP = 400, TEXT_CHARS = 20000 };

/* ---- terms ---- */

struct counting {
    struct map n; /* by term */
    struct buf term;
    uint64_t weight; /* of an occurrence in the field at hand */
    bool pairs;      /* are as good as words */
};

static bool may_tell(const struct counting *c, const struct an_token *tok)
{
    if (tok->aside || tok->ncp < 2)
        return false;
    switch (tok->kind) {
    case AN_WORD:
    case AN_NAME:
    case AN_UNKNOWN:
    case AN_LATIN:
    case AN_SHORTHAND:
        return true;
    case AN_BIGRAM:
        return c->pairs;
    default:
        return false;
    }
}

static enum st count(void *ctx, const struct an_token *tok, size_t n)
{
    struct counting *c = ctx;
    for (size_t i = 0; i < n; i++) {
        if (!may_tell(c, &tok[i]))
            continue;
        buf_reset(&c->term);
        an_term(&tok[i], &c->term);
        uint64_t *times = buf_ok(&c->term) ? map_slot(&c->n, buf_str(&c->term)) : NULL;
        if (!times)
            return ST_NO_MEMORY;
        *times += c->weight;
    }
    return ST_OK;
}

static enum st count_text(struct srch *s, struct counting *c, struct str text, uint64_t weight)
{
    c->weight = weight;
    an_for_index(s->an, true);
    enum st st = an_analyze(s->an, text, count, c);
    an_for_index(s->an, false);
    return st;
}

/* The worthier first; terms make it a total order. */
static int compare_worth(const void *x, const void *y)
{
    const struct telling *a = x, *b = y;
    if (a->worth != b->worth)
        return a->worth > b->worth ? -1 : 1;
    return str_cmp(a->term, b->term);
}

/* The counted terms, the most frequent first. */
static struct telling *list_counted(const struct counting *c, struct arena *a)
{
    struct telling *list = arena_calloc(a, c->n.n, sizeof(*list));
    const struct map_entry *e;
    size_t n = 0;
    for (size_t at = 0; list && (e = map_next(&c->n, &at)) != NULL;) {
        double weight = 1 + log((double)e->value);
        list[n++] = (struct telling){arena_str(a, e->key), weight, weight};
    }
    if (!list || a->failed)
        return NULL;
    qsort(list, n, sizeof(*list), compare_worth);
    return list;
}

/* Put in the inverse document frequencies; a term that only one document has is worth nothing. */
static enum st weigh(struct ix_view *view, struct telling *list, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t df = 0;
        enum st st = ix_view_frequency(view, list[i].term, &df, err);
        if (st != ST_OK)
            return st;
        list[i].worth = df > 1 ? list[i].weight * ix_view_idf(view, df) : 0;
    }
    return ST_OK;
}

static enum st choose(const struct counting *c, struct ix_view *view, struct arena *a,
                      struct telling **out, size_t *n, struct err *err)
{
    struct telling *list = list_counted(c, a);
    size_t some = c->n.n < LOOKED_UP ? c->n.n : LOOKED_UP;
    if (!list)
        return err_nomem(err);
    enum st st = weigh(view, list, some, err);
    if (st != ST_OK)
        return st;
    if (some)
        qsort(list, some, sizeof(*list), compare_worth);
    *out = list;
    *n = 0;
    while (*n < some && *n < TELLING_MAX && list[*n].worth > 0)
        ++*n;
    return ST_OK;
}

enum st telling_terms(struct srch *s, struct ix_view *view, const struct ix_doc *doc,
                      struct arena *a, struct telling **out, size_t *n, struct err *err)
{
    struct counting c = {.pairs = !s->lex};
    map_init(&c.n);
    buf_init(&c.term, IX_TERM_MAX);
    enum st st = count_text(s, &c, doc->title, TITLE_WORTH);
    if (st == ST_OK)
        st = count_text(s, &c, doc->body, 1);
    st = st == ST_OK ? choose(&c, view, a, out, n, err) : err_nomem(err);
    buf_fini(&c.term);
    map_fini(&c.n);
    return st;
}

/* ---- resemblance ---- */

static int compare_pair(const void *x, const void *y)
{
    const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

enum st shingles_of(struct str text, struct an_text *scratch, struct arena *a, struct shingles *out)
{
    *out = (struct shingles){0};
    enum st st = an_fold(text, AN_VIEW_TEXT, scratch);
    if (st != ST_OK)
        return st;
    size_t n = scratch->n < TEXT_CHARS ? scratch->n : TEXT_CHARS;
    out->pair = arena_alloc(a, (n + 1) * sizeof(*out->pair));
    if (!out->pair)
        return ST_NO_MEMORY;
    for (size_t i = 0; i + 1 < n; i++)
        out->pair[i] = (uint64_t)scratch->cp[i] << 32 | scratch->cp[i + 1];
    if (n < 2)
        return ST_OK;
    qsort(out->pair, n - 1, sizeof(*out->pair), compare_pair);
    for (size_t i = 0; i + 1 < n; i++)
        if (out->n == 0 || out->pair[out->n - 1] != out->pair[i])
            out->pair[out->n++] = out->pair[i];
    return ST_OK;
}

double resemblance(const struct shingles *a, const struct shingles *b)
{
    size_t i = 0, j = 0, both = 0;
    while (i < a->n && j < b->n) {
        const uint64_t x = a->pair[i], y = b->pair[j];
        both += x == y;
        i += x <= y;
        j += y <= x;
    }
    const size_t all = a->n + b->n - both;
    return all ? (double)both / (double)all : 1;
}
