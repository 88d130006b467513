/* SPDX-License-Identifier: GPL-2.0-or-later */

/* libFuzzer: any bytes through the analyzer, the views, the counting of damage and the decoder.
 *
 * Checked besides memory: tokens come in order, on character boundaries, with terms of bounded
 * length; the whole text, taken as a query of one line, is found in itself.
 */

#include <gongbao/analysis.h>
#include <gongbao/utf8.h>
#include <stdlib.h>

#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x))                                                                                  \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct watch {
    struct str text;
    unsigned char *begins; /* a character begins at this byte */
    struct an_token last;
    struct buf term;
};

static enum st watch_tokens(void *ctx, const struct an_token *tok, size_t n)
{
    struct watch *w = ctx;
    for (size_t i = 0; i < n; i++) {
        const struct an_token *t = &tok[i];
        CHECK(t->start < t->end && t->end <= w->text.n);
        CHECK(w->begins[t->start] && w->begins[t->end]);
        CHECK(t->start > w->last.start || (t->start == w->last.start && t->end <= w->last.end));
        CHECK(t->ncp > 0 && t->kind < AN_KINDS);
        buf_reset(&w->term);
        an_term(t, &w->term);
        CHECK(w->term.n <= 1 + 4 * AN_TOKEN_MAX);
        w->last = *t;
    }
    return ST_OK;
}

static void mark_beginnings(struct watch *w)
{
    for (size_t at = 0; at < w->text.n;) {
        uint32_t cp;
        unsigned n = utf8_next(w->text.p + at, w->text.p + w->text.n, &cp);
        w->begins[at] = 1;
        at += n ? n : 1;
    }
    w->begins[w->text.n] = 1;
}

static void check_tokens(struct str text)
{
    struct watch w = {.text = text, .begins = calloc(1, text.n + 1), .last = {.end = UINT32_MAX}};
    struct an *an;
    CHECK(w.begins && an_new(NULL, &an, NULL) == ST_OK);
    buf_init(&w.term, 4096);
    mark_beginnings(&w);
    CHECK(an_analyze(an, text, watch_tokens, &w) == ST_OK);
    an_free(an);
    buf_fini(&w.term);
    free(w.begins);
}

static void check_views(struct str text)
{
    struct an_text whole, run;
    an_text_init(&whole);
    an_text_init(&run);
    for (int v = AN_VIEW_TEXT; v <= AN_VIEW_MARKS; v++) {
        CHECK(an_fold(text, (enum an_view)v, &whole) == ST_OK);
        CHECK(an_fold_run(text, (enum an_view)v, &run) == ST_OK);
        CHECK(run.n == 0 || an_find(&whole, &run, 0) != SIZE_MAX);
    }
    an_text_fini(&whole);
    an_text_fini(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_from((const char *)data, size);
    struct an_quality q;
    struct buf out;
    enum an_encoding found;
    if (size == 0)
        return 0;
    check_tokens(text);
    check_views(text);
    an_count_damage(text, &q);
    buf_init(&out, 1 << 24);
    if (an_decode(text, &out, &found, NULL) == ST_OK)
        CHECK(out.n == 0 || utf8_check(out.p, out.n) == out.n);
    else
        CHECK(out.n == 0);
    buf_fini(&out);
    return 0;
}
