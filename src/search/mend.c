/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Mending a run of characters that finds nothing.
 *
 * The place that is wrong is the one where two neighbours stand together in the fewest documents.
 * The pieces of text around that place, PIECE_MAX characters at most, are held against the words
 * that there are (words_near), and each piece is replaced by each of those. Of the runs that come
 * out, those are taken of which edit and number of documents together are the most likely: a
 * noisy channel (Kernighan, Church and Gale 1990), with the index as the model of what people
 * write.
 *
 * A run finds no more documents than the rarest pair of neighbours in it. So the runs are counted
 * in the order of what that would make them cost, and counting ends where none can be among the
 * best.
 */

#include "mending.h"

#include <gongbao/clock.h>
#include <gongbao/utf8.h>
#include <math.h>

enum {
    CHARS_MAX = 24, /* of a run that is mended */
    PIECE_MAX = 5,
    PAIRS = 256,
    TRIES_SURE = 4, /* these are counted however long it takes */
    TRIES_MAX = 12  /* runs that are counted at most */
};

#define COST_SWAP 1.5  /* as for words, see words_near */
#define PRIOR     0.75 /* how much the number of documents counts against the edit */

/* A run with one piece replaced. */
struct edited {
    struct str text;
    double least; /* what it costs when it finds as many documents as its rarest pair does */
    double edit;  /* what it costs without the documents that it finds */
};

struct patient {
    struct mending *m;
    struct ix_view *view;
    const uint32_t *cp;
    size_t n;
    double documents; /* of the view */
    struct edited edited[TRIES_MAX];
    size_t nedited;
    struct pair {
        uint32_t one, other; /* 0: none yet */
        uint64_t documents;
    } pair[PAIRS]; /* that were looked up */
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

/* What it costs that something is in so few documents. */
static double rareness(const struct patient *p, uint64_t documents)
{
    return PRIOR * log(p->documents / (double)documents);
}

/* In how many documents two neighbours stand together. */
static enum st frequency(struct patient *p, uint32_t one, uint32_t other, uint64_t *out)
{
    struct pair *known = &p->pair[(one * 31 + other) % PAIRS];
    enum st st = ST_OK;
    if (known->one != one || known->other != other) {
        char term[8];
        size_t n = utf8_put(one, term);
        n += utf8_put(other, term + n);
        *known = (struct pair){one, other, 0};
        st = ix_view_frequency(p->view, str_from(term, n), &known->documents, p->m->err);
    }
    *out = known->documents;
    return st;
}

/* Lower *fewest to the documents in which the characters at `at` and behind it stand together. */
static enum st see_pair(struct patient *p, const uint32_t *cp, size_t at, uint64_t *fewest)
{
    uint64_t documents;
    if (*fewest == 0)
        return ST_OK;
    enum st st = frequency(p, cp[at], cp[at + 1], &documents);
    if (st == ST_OK && documents < *fewest)
        *fewest = documents;
    return st;
}

/* The same for all neighbours of which one or both are in cp[from .. to): first for those of which
 * one is, for the others are often of one word, and there. */
static enum st see_pairs(struct patient *p, const uint32_t *cp, size_t n, size_t from, size_t to,
                         uint64_t *fewest)
{
    enum st st = from > 0 ? see_pair(p, cp, from - 1, fewest) : ST_OK;
    if (st == ST_OK && to < n)
        st = see_pair(p, cp, to - 1, fewest);
    for (size_t i = from; i + 1 < to && st == ST_OK; i++)
        st = see_pair(p, cp, i, fewest);
    return st;
}

/* Put cp, of which [from, to) is new and costs so much, if all its pairs are there. */
static enum st put_chars(struct patient *p, const uint32_t *cp, size_t n, size_t from, size_t to,
                         double cost)
{
    uint64_t fewest = UINT64_MAX;
    if (p->nedited == TRIES_MAX && cost >= p->edited[TRIES_MAX - 1].least)
        return ST_OK;
    enum st st = see_pairs(p, cp, n, from, to, &fewest);
    if (st != ST_OK || fewest == 0)
        return st;
    const struct edited one = {
        .text = arena_chars(p->m->a, cp, n), .least = cost + rareness(p, fewest), .edit = cost};
    if (!one.text.p)
        return err_nomem(p->m->err);
    put_edited(p, &one);
    return ST_OK;
}

/* Replace n characters from `from` on by each word near them. */
static enum st try_piece(struct patient *p, size_t from, size_t n)
{
    struct words_found near[NEAR_MAX];
    uint32_t cp[2 * CHARS_MAX] = {0};
    enum st st = ST_OK;
    size_t found = words_near(p->m->words, p->cp + from, n, near, NEAR_MAX);
    memcpy(cp, p->cp, from * sizeof(*cp));
    for (size_t i = 0; i < found && st == ST_OK; i++) {
        const char *at = near[i].text.p, *end = at + near[i].text.n;
        size_t to = from;
        for (; at < end && to < from + CHARS_MAX; to++) {
            at += utf8_next(at, end, &cp[to]);
            cp[to] = an_fold_char(cp[to]);
        }
        memcpy(cp + to, p->cp + from + n, (p->n - from - n) * sizeof(*cp));
        st = put_chars(p, cp, to + p->n - from - n, from, to, near[i].edit);
    }
    return st;
}

static bool has_passed(uint64_t until_ns)
{
    return until_ns && clock_ns() > until_ns;
}

/* The pieces that have one of the neighbours at `bad` in them, or both. */
static enum st try_pieces(struct patient *p, size_t bad)
{
    enum st st = ST_OK;
    for (size_t n = 2; n <= PIECE_MAX; n++)
        for (size_t from = bad + 1 > n ? bad + 1 - n : 0; from <= bad + 1; from++)
            if (from + n <= p->n && st == ST_OK && !has_passed(p->m->req->deadline_ns))
                st = try_piece(p, from, n);
    for (size_t i = bad; i < bad + 2 && st == ST_OK; i++)
        st = try_piece(p, i, 1);
    return st;
}

/* Where neighbours stand together in the fewest documents. */
static enum st find_bad(struct patient *p, size_t *bad)
{
    uint64_t fewest = UINT64_MAX;
    *bad = 0;
    for (size_t i = 0; i + 1 < p->n; i++) {
        uint64_t documents;
        enum st st = frequency(p, p->cp[i], p->cp[i + 1], &documents);
        if (st != ST_OK)
            return st;
        if (documents < fewest) {
            fewest = documents;
            *bad = i;
        }
    }
    return ST_OK;
}

/* Let the characters at `at` and behind it change places. */
static enum st try_swap(struct patient *p, size_t at)
{
    uint32_t cp[CHARS_MAX] = {0};
    if (at + 1 >= p->n || p->cp[at] == p->cp[at + 1])
        return ST_OK;
    memcpy(cp, p->cp, p->n * sizeof(*cp));
    cp[at] = p->cp[at + 1];
    cp[at + 1] = p->cp[at];
    return put_chars(p, cp, p->n, at, at + 2, COST_SWAP);
}

static enum st try_place(struct patient *p)
{
    size_t bad;
    enum st st = find_bad(p, &bad);
    if (st == ST_OK)
        st = try_pieces(p, bad);
    for (size_t i = bad > 0 ? bad - 1 : 0; i <= bad + 1 && st == ST_OK; i++)
        st = try_swap(p, i);
    return st;
}

/* How long the longest word of the lexicon is that stands at the beginning of folded characters,
 * and how it is spelt; a character by itself is one. */
static size_t longest_word(const struct lex *lex, const uint32_t *cp, size_t n,
                           const uint32_t **spelling)
{
    struct lex_match found;
    size_t length = 0;
    *spelling = cp;
    for (n = n < LEX_WORD_MAX ? n : LEX_WORD_MAX; n > 1; n--) {
        if (!lex_find(lex, cp, n, &found))
            continue;
        const uint32_t *other = lex_spelling(lex, found.word, &length);
        if (other && length == n)
            *spelling = other;
        return n;
    }
    return 1;
}

/* A folded text as it is written: 对象, which folds to 对像. */
static struct str spell(const struct mending *m, struct str folded)
{
    enum { MOST = 2 * CHARS_MAX };
    uint32_t cp[MOST] = {0};
    const char *p = folded.p, *end = p + folded.n;
    char *out = arena_alloc(m->a, (size_t)4 * MOST);
    size_t n = 0, bytes = 0;
    for (; p < end && n < MOST; n++)
        p += utf8_next(p, end, &cp[n]);
    if (!out || !m->s->lex || p < end)
        return folded;
    for (size_t i = 0, k; i < n; i += k) {
        const uint32_t *spelling;
        k = longest_word(m->s->lex, cp + i, n - i, &spelling);
        for (size_t c = 0; c < k; c++)
            bytes += utf8_put(spelling[c], out + bytes);
    }
    return str_from(out, bytes);
}

static enum st choose(const struct patient *p, uint64_t least, struct options *out)
{
    for (size_t i = 0; i < p->nedited; i++) {
        const struct edited *one = &p->edited[i];
        uint64_t total;
        if (mending_is_worse(p->m, out, one->least) ||
            (i >= TRIES_SURE && has_passed(p->m->until_ns)))
            return ST_OK;
        enum st st = mending_count(p->m, one->text, &total);
        if (st != ST_OK)
            return st;
        if (total > 0 && total >= least)
            mending_keep(p->m, out, spell(p->m, one->text), one->edit + rareness(p, total));
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
    st = p->cp[0] < 0x80 ? try_piece(p, 0, p->n) : try_place(p);
    srch_unscope(&scope);
    return st;
}

enum st mending_chars(struct mending *m, struct str run, uint64_t least, struct options *out)
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
        st = choose(&p, least, out);
    an_text_fini(&text);
    return st;
}
