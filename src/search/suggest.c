/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Completing what somebody is typing.
 *
 * What many have looked for stands first. Words come from the table of words (words.h): those that
 * begin with the text, or when it is letters, those whose reading does. Where no word begins with
 * all of the text, what is completed is its longest end with which one does, 安全生 of
 * 浙江省安全生, and the whole is counted before it is offered. Titles are those, among the best
 * hits of the text as a query, that have the text in them; a text read as pinyin is looked for as
 * the likeliest of its readings. Looking for titles, and for words behind others, have a time limit
 * of their own, LOOKING_NS: a suggestion that comes late is none.
 *
 * Texts are folded before they are compared, so that nothing is offered in two spellings.
 */

#include "search.h"

#include <gongbao/clock.h>
#include <gongbao/utf8.h>

enum {
    LIST_MAX = 100,
    TITLES = 20,      /* hits whose titles are looked at */
    QUERY_CHARS = 40, /* of a query that is held against letters */
    TITLE_CHARS = 60  /* a longer title is no suggestion */
};

#define LOOKING_NS UINT64_C(2000000)

struct list {
    struct srch *s;
    const struct srch_request *req;
    struct arena *a;
    struct srch_suggestion *at;
    size_t n, max;
    struct str *fold; /* of each */
    struct err *err;
};

/* A text folded, in UTF-8; empty when there is nothing in it. */
static enum st fold(struct list *l, struct str text, struct str *out)
{
    struct an_text t;
    an_text_init(&t);
    enum st st = an_fold_run(text, AN_VIEW_TEXT, &t);
    *out = st == ST_OK ? arena_chars(l->a, t.cp, t.n) : (struct str){0};
    an_text_fini(&t);
    return out->p ? ST_OK : err_nomem(l->err);
}

static enum st add(struct list *l, const struct srch_suggestion *one)
{
    struct str folded;
    enum st st = fold(l, one->text, &folded);
    if (st != ST_OK || l->n == l->max)
        return st;
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->fold[i], folded))
            return ST_OK;
    l->at[l->n] = *one;
    l->at[l->n].text = arena_str(l->a, one->text);
    l->fold[l->n++] = folded;
    return l->a->failed ? err_nomem(l->err) : ST_OK;
}

static bool is_letters(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\'' && (text.p[i] < 'a' || text.p[i] > 'z'))
            return false;
    return text.n > 0;
}

/* ---- queries ---- */

/* Whether a query can be read as letters are, blanks aside. */
static bool sounds_so(struct str query, struct str letters)
{
    uint32_t cp[QUERY_CHARS];
    const char *p = query.p, *end = p + query.n;
    size_t n = 0;
    unsigned len;
    for (; p < end && n < QUERY_CHARS && (len = utf8_next(p, end, &cp[n])) > 0; p += len)
        n += !utf8_is_space(cp[n]);
    return words_sounds(letters, cp, n);
}

static enum st add_queries(struct list *l, struct str text, bool letters)
{
    size_t room = (l->max + 1) / 2;
    for (size_t i = 0; i < l->req->nfrequent && l->n < room; i++) {
        const struct srch_query *q = &l->req->frequent[i];
        struct str folded;
        enum st st = fold(l, q->text, &folded);
        if (st != ST_OK)
            return st;
        bool longer = folded.n > text.n && str_starts(folded, text);
        if (!longer && !(letters && sounds_so(q->text, text)))
            continue;
        const struct srch_suggestion one = {
            .text = q->text, .kind = SRCH_QUERY, .documents = q->documents};
        st = add(l, &one);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

/* ---- words ---- */

static enum st add_words(struct list *l, const struct words_found *found, size_t n)
{
    enum st st = ST_OK;
    for (size_t i = 0; i < n && st == ST_OK; i++) {
        const struct srch_suggestion one = {
            .text = found[i].text, .kind = SRCH_WORD, .documents = found[i].documents};
        st = add(l, &one);
    }
    return st;
}

/* When looking for something in the documents is to end. */
static uint64_t soon(const struct list *l)
{
    const uint64_t end = clock_ns() + LOOKING_NS, asked = l->req->deadline_ns;
    return asked && asked < end ? asked : end;
}

/* head and then each word, as far as that is found, and found soon. */
static enum st add_ends(struct list *l, struct str head, const struct words_found *found, size_t n)
{
    const uint64_t deadline = soon(l);
    for (size_t i = 0; i < n; i++) {
        struct srch_result r;
        struct srch_suggestion one = {.text = str_of(arena_fmt(l->a, STR_FMT STR_FMT, STR_ARG(head),
                                                               STR_ARG(found[i].text)))};
        const struct srch_request req = {
            .text = one.text, .in = l->req->in, .deadline_ns = deadline};
        enum st st = l->a->failed ? err_nomem(l->err) : srch_count(l->s, &req, l->a, &r, l->err);
        if (st == ST_DEADLINE || (st == ST_OK && r.partial))
            return ST_OK;
        if (st != ST_OK)
            return st;
        one.documents = r.total;
        if (r.total > 0)
            st = add(l, &one);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

/* Words that go on from the whole folded text, or from its longest end that some do. */
static enum st complete(struct list *l, const struct words *w, struct str text)
{
    struct words_found found[LIST_MAX];
    const char *end = text.p + text.n;
    uint32_t cp;
    size_t n = words_complete(w, text, found, l->max);
    if (n > 0 || is_letters(text))
        return add_words(l, found, n);
    for (const char *p = text.p + utf8_next(text.p, end, &cp); p < end;
         p += utf8_next(p, end, &cp)) {
        n = words_complete(w, str_from(p, (size_t)(end - p)), found, l->max < 5 ? l->max : 5);
        if (n > 0)
            return add_ends(l, str_from(text.p, (size_t)(p - text.p)), found, n);
    }
    return ST_OK;
}

static enum st read_letters(struct list *l, const struct words *w, struct str letters,
                            struct str *likeliest)
{
    struct words_found found[LIST_MAX], run[2];
    size_t nrun;
    size_t n = words_spelt(w, letters, true, found, l->max);
    enum st st = add_words(l, found, n);
    if (n > 0)
        *likeliest = found[0].text;
    if (st != ST_OK || n > 0)
        return st;
    st = words_read(w, letters, soon(l), l->a, run, 2, &nrun, l->err);
    if (st == ST_OK && nrun > 0) {
        *likeliest = run[0].text;
        st = add_ends(l, STR(""), run, nrun);
    }
    return st;
}

static enum st find_words(struct list *l, const struct words *w, struct str text,
                          struct str *likeliest)
{
    enum st st = is_letters(text) ? read_letters(l, w, text, likeliest) : ST_OK;
    return st == ST_OK ? complete(l, w, text) : st;
}

/* ---- titles ---- */

/* What has the text in its title, that title; those that begin with it come first. */
static enum st add_titles(struct list *l, const struct srch_result *r, struct str text, bool begin)
{
    for (size_t i = 0; i < r->nhit; i++) {
        struct str title = str_trim(r->hit[i].doc.title), folded;
        if (title.n == 0 || title.n > (size_t)4 * TITLE_CHARS)
            continue;
        enum st st = fold(l, title, &folded);
        if (st != ST_OK)
            return st;
        if (str_starts(folded, text) != begin || !memmem(folded.p, folded.n, text.p, text.n))
            continue;
        const struct srch_suggestion one = {.text = title, .kind = SRCH_TITLE, .documents = 1};
        st = add(l, &one);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

static enum st find_titles(struct list *l, struct str text)
{
    struct srch_result r;
    const struct srch_request req = {
        .text = text, .in = l->req->in, .limit = TITLES, .deadline_ns = soon(l)};
    enum st st = srch_search_plain(l->s, &req, l->a, &r, l->err);
    if (st == ST_DEADLINE || st == ST_SYNTAX || st == ST_TOO_MUCH)
        return ST_OK;
    if (st == ST_OK)
        st = add_titles(l, &r, text, true);
    return st == ST_OK ? add_titles(l, &r, text, false) : st;
}

/* More than one character, or as many as letters make a syllable of: fewer are in every title. */
static bool is_telling(struct str text)
{
    return text.n >= 4;
}

enum st srch_suggest(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_suggestion **out, size_t *n, struct err *err)
{
    struct list l = {.s = s, .req = req, .a = a, .err = err};
    struct words *w;
    struct str text;
    l.max = req->limit < LIST_MAX ? req->limit : LIST_MAX;
    const size_t max = l.max;
    l.at = arena_calloc(a, l.max, sizeof(*l.at));
    l.fold = arena_calloc(a, l.max, sizeof(*l.fold));
    *n = 0;
    *out = l.at;
    if (!l.at || !l.fold)
        return err_nomem(err);
    srch_open_missing(s);
    enum st st = srch_words(s, req->deadline_ns, &w, err);
    if (st == ST_OK)
        st = fold(&l, req->text, &text);
    if (st != ST_OK || text.n == 0)
        return st;
    struct str wanted = text;
    st = add_queries(&l, text, is_letters(text));
    l.max -= l.max / 4;
    if (st == ST_OK && w)
        st = find_words(&l, w, text, &wanted);
    bool more = l.n == l.max;
    l.max = max;
    if (st == ST_OK && l.n < l.max && is_telling(wanted))
        st = find_titles(&l, wanted);
    if (st == ST_OK && w && more && l.n < l.max)
        st = find_words(&l, w, text, &wanted);
    *n = l.n;
    return st;
}
