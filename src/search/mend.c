/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Mending a run of characters that finds nothing.
 *
 * The place that is wrong is the one where two neighbours stand together in the fewest documents.
 * The pieces of text around that place, PIECE_MAX characters at most, are held against the words
 * that there are (words_near), and each piece is replaced by each of those. Of the runs that come
 * out, those are taken of which edit, word and number of documents together are the most likely: a
 * noisy channel (Kernighan, Church and Gale 1990), with the index as the model of what people
 * write.
 *
 * A run finds about as many documents as the word in it at most. So the runs are counted in the
 * order of what that would make them cost, and counting ends where no run can be among the best.
 */

#include "mending.h"

#include <gongbao/utf8.h>
#include <math.h>

enum {
    CHARS_MAX = 24, /* of a run that is mended */
    PIECE_MAX = 4,
    TRIES_MAX = 16 /* runs that are counted at most */
};

/* A run with one piece replaced. */
struct edited {
    struct str text;
    double least; /* what it costs when it finds as many documents as the word has */
    double known; /* what it costs without the documents that it finds */
};

struct patient {
    struct mending *m;
    struct ix_view *view;
    const uint32_t *cp;
    size_t n;
    double documents; /* of the view */
    struct edited edited[TRIES_MAX];
    size_t nedited;
};

static void put_edited(struct patient *p, const struct edited *one)
{
    struct edited *t = p->edited;
    for (size_t i = 0; i < p->nedited; i++)
        if (str_eq(t[i].text, one->text))
            return;
    if (p->nedited == TRIES_MAX && one->least >= t[TRIES_MAX - 1].least)
        return;
    size_t at = p->nedited < TRIES_MAX ? p->nedited++ : TRIES_MAX - 1;
    for (; at > 0 && t[at - 1].least > one->least; at--)
        t[at] = t[at - 1];
    t[at] = *one;
}

static void add_chars(struct buf *b, const uint32_t *cp, size_t n)
{
    char utf8[4];
    for (size_t i = 0; i < n; i++)
        buf_add(b, utf8, utf8_put(cp[i], utf8));
}

/* Half of what it costs that something is in so few documents. */
static double rareness(const struct patient *p, uint64_t documents)
{
    return 0.5 * log(p->documents / (double)documents);
}

/* Replace n characters from `from` on by each word near them. */
static enum st try_piece(struct patient *p, size_t from, size_t n)
{
    struct words_found near[NEAR_MAX];
    size_t found = words_near(p->m->words, p->cp + from, n, near, NEAR_MAX);
    for (size_t i = 0; i < found; i++) {
        struct buf b;
        buf_init(&b, 1 << 12);
        add_chars(&b, p->cp, from);
        buf_adds(&b, near[i].text);
        add_chars(&b, p->cp + from + n, p->n - from - n);
        const struct edited one = {.text = buf_ok(&b) ? arena_str(p->m->a, buf_str(&b))
                                                      : (struct str){0},
                                   .least = near[i].cost,
                                   .known = near[i].cost - rareness(p, near[i].documents)};
        buf_fini(&b);
        if (!one.text.p)
            return err_nomem(p->m->err);
        put_edited(p, &one);
    }
    return ST_OK;
}

/* The pieces that have the neighbours at `bad`, or one of them alone, which may want another. */
static enum st try_pieces(struct patient *p, size_t bad)
{
    enum st st = ST_OK;
    for (size_t n = 2; n <= PIECE_MAX; n++)
        for (size_t from = bad + 2 > n ? bad + 2 - n : 0; from <= bad; from++)
            if (from + n <= p->n && st == ST_OK)
                st = try_piece(p, from, n);
    for (size_t i = bad; i < bad + 2 && st == ST_OK; i++)
        st = try_piece(p, i, 1);
    return st;
}

/* In how many documents the characters at `at` and behind it stand together. */
static enum st frequency(const struct patient *p, size_t at, uint64_t *out)
{
    char term[8];
    size_t n = utf8_put(p->cp[at], term);
    n += utf8_put(p->cp[at + 1], term + n);
    return ix_view_frequency(p->view, str_from(term, n), out, p->m->err);
}

/* Where neighbours stand together in the fewest documents. */
static enum st find_bad(const struct patient *p, size_t *bad, uint64_t *fewest)
{
    *fewest = UINT64_MAX;
    *bad = 0;
    for (size_t i = 0; i + 1 < p->n; i++) {
        uint64_t documents;
        enum st st = frequency(p, i, &documents);
        if (st != ST_OK)
            return st;
        if (documents < *fewest) {
            *fewest = documents;
            *bad = i;
        }
    }
    return ST_OK;
}

/* A wrong character spoils the pairs on both sides, so what is wrong may be at the next pair too.
 */
static enum st try_places(struct patient *p)
{
    size_t bad;
    uint64_t fewest, next;
    enum st st = find_bad(p, &bad, &fewest);
    if (st == ST_OK)
        st = try_pieces(p, bad);
    if (st != ST_OK || bad + 2 >= p->n)
        return st;
    st = frequency(p, bad + 1, &next);
    return st == ST_OK && next == fewest ? try_pieces(p, bad + 1) : st;
}

static enum st choose(const struct patient *p, struct options *out)
{
    for (size_t i = 0; i < p->nedited; i++) {
        const struct edited *one = &p->edited[i];
        uint64_t total;
        if (mending_is_late(p->m, out, one->least))
            return ST_OK;
        enum st st = mending_count(p->m, one->text, &total);
        if (st != ST_OK)
            return st;
        if (total > 0)
            mending_keep(p->m, out, one->text, one->known + rareness(p, total));
    }
    return ST_OK;
}

/* The view is given back before anything is counted, for that may find damage and close it. */
static enum st find_edited(struct patient *p)
{
    struct scope scope;
    enum st st = srch_scope(p->m->s, p->m->req->in, p->m->a, &scope, p->m->err);
    if (st != ST_OK)
        return st;
    p->view = scope.view;
    p->documents = (double)ix_view_documents(p->view) + 1;
    st = p->cp[0] < 0x80 ? try_piece(p, 0, p->n) : try_places(p);
    srch_unscope(&scope);
    return st;
}

enum st mending_chars(struct mending *m, struct str run, struct options *out)
{
    struct an_text text;
    an_text_init(&text);
    enum st st = an_fold_run(run, AN_VIEW_TEXT, &text);
    struct patient p = {.m = m, .cp = text.cp, .n = text.n};
    out->n = 0;
    if (st != ST_OK)
        st = err_nomem(m->err);
    else if (p.n > 1 && p.n <= CHARS_MAX)
        st = find_edited(&p);
    if (st == ST_OK)
        st = choose(&p, out);
    an_text_fini(&text);
    return st;
}
