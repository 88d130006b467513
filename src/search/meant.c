/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was meant by a query that finds nothing as it stands.
 *
 * The query is taken run by run, as white space parts it. A run that finds something by itself is
 * right, and so is whatever has syntax in it; the others are mended one by one.
 *
 * A run of letters is read as pinyin (words_spelt, words_read). One that was typed syllable by
 * syllable, li shui shi, is read as one run when its parts give no words by themselves.
 *
 * In a run of characters the place that is wrong is the one where two neighbours stand together in
 * the fewest documents. The pieces of text around that place, PIECE_MAX characters at most, are
 * held against the words that there are (words_near), and each piece is replaced by each of those.
 * Of the runs that come out, the one is taken of which edit and number of documents together are
 * the most likely: a noisy channel (Kernighan, Church and Gale 1990), with the index as the model
 * of what people write.
 *
 * Whatever is offered has been counted, in the indexes of the request, and finds something.
 */

#include "search.h"

#include <gongbao/clock.h>
#include <gongbao/utf8.h>
#include <math.h>

enum {
    RUNS_MAX = 8,   /* of a query; a longer one is left alone */
    CHARS_MAX = 24, /* of a run that is mended */
    PIECE_MAX = 4,
    TRIES_MAX = 16, /* runs that are counted for one that is mended */
    NEAR_MAX = 8    /* words for one piece, readings for one run */
};

/* More than this, as -ln of a probability, is no reading that somebody may have meant. */
#define READING_COST_MAX 24.0

struct mending {
    struct srch *s;
    const struct srch_request *req;
    struct arena *a;
    struct words *words;
    struct ix_view *view; /* while pairs are being counted */
    double documents;
    struct str run[RUNS_MAX]; /* slices of the query */
    struct str mended[RUNS_MAX];
    size_t n;
    bool read; /* some run was read from letters */
    struct err *err;
};

/* ---- whether something is found ---- */

static enum st count(struct mending *m, struct str text, uint64_t *total)
{
    const struct srch_request req = {
        .text = text, .in = m->req->in, .deadline_ns = m->req->deadline_ns};
    struct srch_result r;
    struct err err = ERR_INIT;
    *total = 0;
    enum st st = srch_count(m->s, &req, m->a, &r, &err);
    if (st == ST_OK)
        *total = r.total;
    if (st == ST_SYNTAX || st == ST_TOO_MUCH || st == ST_DEADLINE)
        return ST_OK;
    if (st != ST_OK && m->err)
        *m->err = err;
    return st;
}

static struct str join(struct mending *m, const struct str *piece, size_t n, const char *between)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_addz(&b, between);
        buf_adds(&b, piece[i]);
    }
    struct str all = buf_ok(&b) ? arena_str(m->a, buf_str(&b)) : (struct str){0};
    buf_fini(&b);
    return all;
}

/* ---- letters ---- */

/* A run as letters of pinyin, tone marks taken off; empty when it is something else. */
static struct str letters_of(struct mending *m, struct str run)
{
    char *p = arena_alloc(m->a, run.n + 1);
    const char *at = run.p, *end = run.p + run.n;
    size_t n = 0;
    while (p && at < end) {
        uint32_t cp = 0;
        unsigned len = utf8_next(at, end, &cp);
        uint32_t fold = cp == '\'' || cp == 0x2019 ? '\'' : an_fold_char(cp);
        if (len == 0 || (fold != '\'' && (fold < 'a' || fold > 'z')))
            return (struct str){0};
        p[n++] = (char)fold;
        at += len;
    }
    return str_from(p, p ? n : 0);
}

/* The readings of letters that find something, the likeliest of them. */
static enum st read_run(struct mending *m, struct str letters, struct str *out)
{
    struct words_found found[2 * NEAR_MAX], more[NEAR_MAX];
    size_t nmore;
    size_t n = words_spelt(m->words, letters, false, found, NEAR_MAX);
    enum st st = words_read(m->words, letters, m->a, more, NEAR_MAX, &nmore, m->err);
    for (size_t i = 0; st == ST_OK && i < nmore; i++) {
        size_t at = n++;
        for (; at > 0 && found[at - 1].cost > more[i].cost; at--)
            found[at] = found[at - 1];
        found[at] = more[i];
    }
    for (size_t i = 0; st == ST_OK && i < n && found[i].cost < READING_COST_MAX; i++) {
        uint64_t total;
        st = count(m, found[i].text, &total);
        if (total == 0)
            continue;
        *out = arena_str(m->a, found[i].text);
        m->read = true;
        return out->p ? st : err_nomem(m->err);
    }
    return st;
}

/* ---- characters ---- */

struct
try {
    struct str text;
    double cost; /* of the edit alone */
};

struct tries {
    struct try at[TRIES_MAX];
    size_t n;
};

static void put_try(struct tries *t, struct str text, double cost)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->at[i].text, text))
            return;
    if (t->n == TRIES_MAX && cost >= t->at[TRIES_MAX - 1].cost)
        return;
    size_t at = t->n < TRIES_MAX ? t->n++ : TRIES_MAX - 1;
    for (; at > 0 && t->at[at - 1].cost > cost; at--)
        t->at[at] = t->at[at - 1];
    t->at[at] = (struct try){text, cost};
}

static void add_chars(struct buf *b, const uint32_t *cp, size_t n)
{
    char utf8[4];
    for (size_t i = 0; i < n; i++)
        buf_add(b, utf8, utf8_put(cp[i], utf8));
}

/* In how many documents two neighbours stand together. */
static enum st frequency(struct mending *m, const uint32_t *two, uint64_t *out)
{
    char term[8];
    size_t n = utf8_put(two[0], term);
    n += utf8_put(two[1], term + n);
    return ix_view_frequency(m->view, str_from(term, n), out, m->err);
}

/* Put cp[from .. from + n) replaced by each word near it among the tries. */
static enum st try_piece(struct mending *m, const uint32_t *cp, size_t all, size_t from, size_t n,
                         struct tries *tries)
{
    struct words_found near[NEAR_MAX];
    size_t found = words_near(m->words, cp + from, n, near, NEAR_MAX);
    for (size_t i = 0; i < found; i++) {
        struct buf b;
        buf_init(&b, 1 << 12);
        add_chars(&b, cp, from);
        buf_adds(&b, near[i].text);
        add_chars(&b, cp + from + n, all - from - n);
        struct str text = buf_ok(&b) ? arena_str(m->a, buf_str(&b)) : (struct str){0};
        buf_fini(&b);
        if (!text.p)
            return err_nomem(m->err);
        double prior = log(((double)ix_view_documents(m->view) + 1) / (double)near[i].documents);
        put_try(tries, text, near[i].cost - (n == all ? 0 : 0.5 * prior));
    }
    return ST_OK;
}

/* The pieces that have the neighbours at `bad`, or one of them alone, which may want another. */
static enum st try_pieces(struct mending *m, const uint32_t *cp, size_t all, size_t bad,
                          struct tries *tries)
{
    enum st st = ST_OK;
    for (size_t n = 2; n <= PIECE_MAX; n++)
        for (size_t from = bad + 2 > n ? bad + 2 - n : 0; from <= bad; from++)
            if (from + n <= all && st == ST_OK)
                st = try_piece(m, cp, all, from, n, tries);
    for (size_t i = bad; i < bad + 2 && st == ST_OK; i++)
        st = try_piece(m, cp, all, i, 1, tries);
    return st;
}

/* Where neighbours stand together in the fewest documents. */
static enum st find_bad(struct mending *m, const uint32_t *cp, size_t n, size_t *bad,
                        uint64_t *fewest)
{
    *fewest = UINT64_MAX;
    *bad = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        uint64_t documents;
        enum st st = frequency(m, cp + i, &documents);
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
static enum st try_places(struct mending *m, const uint32_t *cp, size_t n, struct tries *tries)
{
    size_t bad;
    uint64_t fewest, next;
    enum st st = find_bad(m, cp, n, &bad, &fewest);
    if (st == ST_OK)
        st = try_pieces(m, cp, n, bad, tries);
    if (st != ST_OK || bad + 2 >= n)
        return st;
    st = frequency(m, cp + bad + 1, &next);
    return st == ST_OK && next == fewest ? try_pieces(m, cp, n, bad + 1, tries) : st;
}

/* The try that edit and number of documents speak for. */
static enum st choose(struct mending *m, const struct tries *tries, struct str *out)
{
    double best = INFINITY;
    for (size_t i = 0; i < tries->n; i++) {
        uint64_t total;
        enum st st = count(m, tries->at[i].text, &total);
        if (st != ST_OK)
            return st;
        double cost = tries->at[i].cost + 0.5 * log(m->documents / ((double)total + 1e-9));
        if (total > 0 && cost < best) {
            best = cost;
            *out = tries->at[i].text;
        }
    }
    return ST_OK;
}

/* The view is given back before anything is counted, for that may find damage and close it. */
static enum st find_tries(struct mending *m, const uint32_t *cp, size_t n, struct tries *tries)
{
    struct scope scope;
    enum st st = srch_scope(m->s, m->req->in, m->a, &scope, m->err);
    if (st != ST_OK)
        return st;
    m->view = scope.view;
    m->documents = (double)ix_view_documents(m->view) + 1;
    st = cp[0] < 0x80 ? try_piece(m, cp, n, 0, n, tries) : try_places(m, cp, n, tries);
    srch_unscope(&scope);
    return st;
}

static enum st mend_chars(struct mending *m, struct str run, struct str *out)
{
    struct an_text text;
    struct tries tries = {.n = 0};
    an_text_init(&text);
    enum st st = an_fold_run(run, AN_VIEW_TEXT, &text);
    if (st != ST_OK)
        st = err_nomem(m->err);
    else if (text.n > 1 && text.n <= CHARS_MAX)
        st = find_tries(m, text.cp, text.n, &tries);
    an_text_fini(&text);
    return st == ST_OK ? choose(m, &tries, out) : st;
}

/* ---- the query ---- */

/* Cut the query at white space. False when there are too many runs. */
static bool cut(struct mending *m)
{
    const char *p = m->req->text.p, *end = p + m->req->text.n, *begin = p;
    while (p <= end) {
        uint32_t cp = ' ';
        unsigned len = p < end ? utf8_next(p, end, &cp) : 1;
        if (p == end || utf8_is_space(cp)) {
            if (p > begin && m->n == RUNS_MAX)
                return false;
            if (p > begin)
                m->run[m->n++] = str_from(begin, (size_t)(p - begin));
            begin = p + len;
        }
        p += len ? len : 1;
    }
    return true;
}

/* Whether a run has something in it by which a query is more than text. */
static bool has_syntax(struct str run)
{
    if (str_eq(run, STR("OR")) || str_eq(run, STR("AND")) || str_eq(run, STR("NOT")))
        return true;
    for (size_t i = 0; i < run.n; i++)
        if (strchr("\":()|*~", run.p[i]) || (i == 0 && run.p[i] == '-'))
            return true;
    static const char *const wide[] = {"“", "”", "「", "」", "『", "』", "：", "（", "）"};
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        if (memmem(run.p, run.n, wide[i], strlen(wide[i])))
            return true;
    return false;
}

static enum st mend_run(struct mending *m, struct str run, struct str *out)
{
    uint64_t total;
    *out = run;
    if (has_syntax(run))
        return ST_OK;
    enum st st = count(m, run, &total);
    if (st != ST_OK || total > 0)
        return st;
    struct str letters = letters_of(m, run);
    if (letters.n > 0)
        st = read_run(m, letters, out);
    return st == ST_OK && out->p == run.p ? mend_chars(m, run, out) : st;
}

/* The runs of a query that is nothing but syllables, as one. */
static enum st read_all(struct mending *m, struct str *out)
{
    struct str letters[RUNS_MAX];
    for (size_t i = 0; i < m->n; i++) {
        letters[i] = letters_of(m, m->run[i]);
        if (letters[i].n == 0)
            return ST_OK;
    }
    return read_run(m, join(m, letters, m->n, "'"), out);
}

/* Whether each run was mended to a word of two characters at least, or was right. */
static bool all_words(const struct mending *m)
{
    uint32_t cp[2] = {0};
    for (size_t i = 0; i < m->n; i++) {
        const char *p = m->mended[i].p, *end = p + m->mended[i].n;
        unsigned len = utf8_next(p, end, cp);
        if (m->mended[i].p != m->run[i].p && p + len >= end)
            return false;
    }
    return true;
}

static enum st mend(struct mending *m, struct str *out)
{
    bool changed = false;
    uint64_t total;
    enum st st = ST_OK;
    for (size_t i = 0; i < m->n && st == ST_OK; i++) {
        st = mend_run(m, m->run[i], &m->mended[i]);
        changed |= m->mended[i].p != m->run[i].p;
    }
    struct str text = {0};
    if (st == ST_OK && changed && all_words(m)) {
        text = join(m, m->mended, m->n, " ");
        st = count(m, text, &total);
        text = total > 0 ? text : (struct str){0};
    }
    if (st == ST_OK && text.n == 0 && m->n > 1) {
        m->read = false;
        st = read_all(m, &text);
    }
    *out = text;
    return m->a->failed ? err_nomem(m->err) : st;
}

enum st srch_meaning(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct str *meant, const char **via, struct err *err)
{
    struct mending m = {.s = s, .req = req, .a = a, .err = err};
    *meant = (struct str){0};
    *via = "";
    if (!cut(&m) || m.n == 0)
        return ST_OK;
    enum st st = srch_words(s, &m.words, err);
    if (st == ST_OK)
        st = mend(&m, meant);
    if (st == ST_OK && meant->n > 0 && m.read)
        *via = "pinyin";
    return st;
}

enum st srch_spell(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct str *meant, const char **via, struct err *err)
{
    struct srch_result r;
    const struct srch_request plain = {
        .text = req->text, .in = req->in, .deadline_ns = req->deadline_ns};
    *meant = (struct str){0};
    *via = "";
    enum st st = srch_count(s, &plain, a, &r, err);
    return st == ST_OK && r.total == 0 ? srch_meaning(s, req, a, meant, via, err) : st;
}
