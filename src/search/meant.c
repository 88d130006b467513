/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was meant by a query that finds nothing as it stands.
 *
 * The query is taken run by run, as white space parts it. A run that finds something by itself is
 * right, and so is whatever has syntax in it; the others are mended one by one, each in a few ways,
 * the likeliest first. What comes of all runs together is tried in the order of how far down the
 * lists it is taken from, until enough of it has found something.
 *
 * A run of letters is read as pinyin (words_spelt, words_read). One that was typed syllable by
 * syllable, li shui shi, is read as one run when its parts give no words by themselves; and in one
 * that has letters among characters, lishui市, the letters are read alone. Runs of characters, and
 * letters that are no pinyin, are mended by what stands near them (mend.c).
 *
 * Whatever is offered has been counted, in the indexes of the request, and finds something.
 */

#include "mending.h"

#include <gongbao/utf8.h>
#include <math.h>

enum {
    RUNS_MAX = 8,  /* of a query; a longer one is left alone */
    RARE = 3,      /* documents; a run that finds no more may be wrong */
    MUCH = 100,    /* as long as there is another that finds so many times as many */
    WAYS_MAX = 24, /* to read letters as several words */
    FOUND_MAX = NEAR_MAX + WAYS_MAX, /* readings that are weighed */
    TRIES_MAX = 8                    /* queries that are counted when several runs were mended */
};

#define READING_COST_MAX 24.0
#define LETTER_COST      3.0

struct query {
    struct mending m;
    struct str run[RUNS_MAX]; /* slices of the text */
    struct options mended[RUNS_MAX];
    size_t n;
    bool changed, read; /* a run was mended; a run was read from letters */
    bool left;          /* a run of letters was not */
};

/* ---- what the files of this share ---- */

enum st mending_count(struct mending *m, struct str text, uint64_t *total)
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

bool mending_is_worse(const struct mending *m, const struct options *o, double cost)
{
    return o->n == m->keep && cost >= o->cost[o->n - 1];
}

void mending_keep(const struct mending *m, struct options *o, struct str text, double cost)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->text[i], text))
            return;
    if (mending_is_worse(m, o, cost))
        return;
    size_t at = o->n < m->keep ? o->n++ : o->n - 1;
    for (; at > 0 && o->cost[at - 1] > cost; at--) {
        o->text[at] = o->text[at - 1];
        o->cost[at] = o->cost[at - 1];
    }
    o->text[at] = text;
    o->cost[at] = cost;
}

static struct str join(const struct mending *m, const struct str *piece, size_t n,
                       const char *between)
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

/* ü, with a tone mark or without. */
static bool is_dotted_u(uint32_t cp)
{
    return cp == 0xfc || cp == 0xdc || (cp >= 0x1d5 && cp <= 0x1dc);
}

/* A run as letters of pinyin, tone marks taken off; empty when it is something else. */
static struct str letters_of(const struct mending *m, struct str run)
{
    char *p = arena_alloc(m->a, run.n + 1);
    const char *at = run.p, *end = run.p + run.n;
    size_t n = 0;
    while (p && at < end) {
        uint32_t cp = 0;
        unsigned len = utf8_next(at, end, &cp);
        uint32_t fold = cp == '\'' || cp == 0x2019 ? '\''
                        : is_dotted_u(cp)          ? 'v'
                                                   : an_fold_char(cp);
        if (len == 0 || (fold != '\'' && (fold < 'a' || fold > 'z')))
            return (struct str){0};
        p[n++] = (char)fold;
        at += len;
    }
    return str_from(p, p ? n : 0);
}

static bool is_one_char(struct str text)
{
    uint32_t cp;
    return utf8_next(text.p, text.p + text.n, &cp) >= text.n;
}

/* More than this, as -ln of a probability, is no reading that somebody may have meant. Each letter
 * of many costs something by itself when it is an initial. */
static double dearest(struct str letters)
{
    return READING_COST_MAX + (letters.n > 4 ? LETTER_COST * (double)(letters.n - 4) : 0);
}

/* In how many documents the two neighbours stand together of which that is the fewest. */
static enum st rarest_pair(struct mending *m, struct ix_view *view, struct str text, uint64_t *out)
{
    const char *p = text.p, *end = p + text.n;
    uint32_t one = 0, other = 0;
    enum st st = ST_OK;
    *out = UINT64_MAX;
    for (p += utf8_next(p, end, &one); p<end && * out> 0 && st == ST_OK; one = other) {
        char term[8];
        uint64_t documents;
        p += utf8_next(p, end, &other);
        size_t n = utf8_put(an_fold_char(one), term);
        n += utf8_put(an_fold_char(other), term + n);
        st = ix_view_frequency(view, str_from(term, n), &documents, m->err);
        if (st == ST_OK && documents < *out)
            *out = documents;
    }
    return st;
}

/* Readings of two characters or more, by what they cost when they find as many documents as their
 * rarest pair does: words that are frequent each need not stand together anywhere. */
static enum st weigh(struct mending *m, const struct words_found *found, size_t n,
                     struct words_found *out, size_t *nout)
{
    struct scope scope;
    *nout = 0;
    enum st st = srch_scope(m->s, m->req->in, m->a, &scope, m->err);
    if (st != ST_OK)
        return st;
    for (size_t i = 0; i < n && st == ST_OK; i++) {
        struct words_found one = found[i];
        if (is_one_char(one.text))
            continue;
        st = rarest_pair(m, scope.view, one.text, &one.documents);
        if (st == ST_OK && one.documents > 0) {
            one.cost = one.edit - log((double)one.documents);
            words_put(out, nout, FOUND_MAX, &one);
        }
    }
    srch_unscope(&scope);
    return st;
}

/* The readings of letters that find the most for what they cost. */
static enum st read_run(struct mending *m, struct str letters, struct options *out)
{
    struct words_found found[FOUND_MAX], more[WAYS_MAX], weighed[FOUND_MAX];
    size_t nmore, likely = 0;
    out->n = 0;
    size_t n = words_spelt(m->words, letters, false, found, NEAR_MAX);
    enum st st =
        words_read(m->words, letters, m->req->deadline_ns, m->a, more, WAYS_MAX, &nmore, m->err);
    for (size_t i = 0; st == ST_OK && i < nmore; i++)
        words_put(found, &n, FOUND_MAX, &more[i]);
    while (likely < n && found[likely].cost < dearest(letters))
        likely++;
    if (st == ST_OK && likely > 0)
        st = weigh(m, found, likely, weighed, &n);
    for (size_t i = 0; likely > 0 && i < n && st == ST_OK; i++) {
        const struct words_found *one = &weighed[i];
        uint64_t total;
        if (mending_is_worse(m, out, one->cost))
            break;
        st = mending_count(m, one->text, &total);
        if (st == ST_OK && total > 0)
            mending_keep(m, out, arena_str(m->a, one->text), one->edit - log((double)total));
    }
    return m->a->failed ? err_nomem(m->err) : st;
}

/* ---- runs of letters and characters ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'';
}

/* Cut a run where letters begin or end; 0: in more than max parts. */
static size_t cut_letters(struct str run, struct str *part, size_t max)
{
    size_t n = 0;
    for (size_t i = 0, begin = 0; i < run.n; i++) {
        if (i + 1 < run.n && is_letter(run.p[i]) == is_letter(run.p[i + 1]))
            continue;
        if (n == max)
            return 0;
        part[n++] = str_from(run.p + begin, i + 1 - begin);
        begin = i + 1;
    }
    return n;
}

/* Read the letters in a run that has other characters, too. */
static enum st read_parts(struct mending *m, struct str run, struct options *out)
{
    struct str part[RUNS_MAX];
    struct options readings;
    const size_t n = cut_letters(run, part, RUNS_MAX);
    bool read = false;
    enum st st = ST_OK;
    out->n = 0;
    for (size_t i = 0; i < n && n > 1 && st == ST_OK; i++) {
        if (part[i].n < 2 || !is_letter(part[i].p[0]))
            continue;
        st = read_run(m, letters_of(m, part[i]), &readings);
        if (st == ST_OK && readings.n > 0) {
            part[i] = readings.text[0];
            read = true;
        }
    }
    for (int apart = 0; read && apart < 2 && st == ST_OK && out->n == 0; apart++) {
        uint64_t total;
        struct str text = join(m, part, n, apart ? " " : "");
        st = mending_count(m, text, &total);
        if (st == ST_OK && total > 0)
            mending_keep(m, out, text, 0);
    }
    return st;
}

/* ---- the query ---- */

/* Cut the text at white space. False when there are too many runs. */
static bool cut(struct query *q, struct str text)
{
    const char *p = text.p, *end = p + text.n, *begin = p;
    while (p <= end) {
        uint32_t cp = ' ';
        unsigned len = p < end ? utf8_next(p, end, &cp) : 1;
        if (p == end || utf8_is_space(cp)) {
            if (p > begin && q->n == RUNS_MAX)
                return false;
            if (p > begin)
                q->run[q->n++] = str_from(begin, (size_t)(p - begin));
            begin = p + len;
        }
        p += len ? len : 1;
    }
    return true;
}

static enum st read_or_mend(struct query *q, struct str run, struct options *out)
{
    struct str letters = letters_of(&q->m, run);
    enum st st = letters.n > 0 ? read_run(&q->m, letters, out) : read_parts(&q->m, run, out);
    q->read |= st == ST_OK && out->n > 0;
    return st == ST_OK && out->n == 0 ? mending_chars(&q->m, run, 0, out) : st;
}

/* What a run may mean; itself when it is right, or past mending. */
static enum st mend_run(struct query *q, struct str run, struct options *out)
{
    uint64_t total;
    enum st st = ST_OK;
    out->n = 0;
    if (q_is_plain(run)) {
        st = mending_count(&q->m, run, &total);
        if (st == ST_OK && total == 0)
            st = read_or_mend(q, run, out);
        else if (st == ST_OK && total <= RARE)
            st = mending_chars(&q->m, run, MUCH * total, out);
    }
    if (st == ST_OK && out->n == 0)
        mending_keep(&q->m, out, run, 0);
    const bool changed = st == ST_OK && out->text[0].p != run.p;
    q->changed |= changed;
    q->left |= !changed && letters_of(&q->m, run).n > 0;
    return st;
}

/* The next choice of one option of each run, in which their numbers add up to sum. */
static bool next_choice(const struct query *q, size_t *at, size_t sum)
{
    for (;;) {
        size_t i = 0, all = 0;
        while (i < q->n && ++at[i] == q->mended[i].n)
            at[i++] = 0;
        if (i == q->n)
            return false;
        for (i = 0; i < q->n; i++)
            all += at[i];
        if (all == sum)
            return true;
    }
}

static enum st try_choice(struct query *q, const size_t *at, struct srch_meant *out)
{
    struct str chosen[RUNS_MAX] = {{0}};
    uint64_t total = 1; /* a run alone is known to be there */
    for (size_t i = 0; i < q->n; i++)
        chosen[i] = q->mended[i].text[at[i]];
    struct str text = q->n > 1 ? join(&q->m, chosen, q->n, " ") : chosen[0];
    enum st st = ST_OK;
    for (size_t i = 0; i < out->n; i++)
        if (str_eq(out->text[i], text))
            return ST_OK;
    if (q->n > 1)
        st = mending_count(&q->m, text, &total);
    if (st == ST_OK && total > 0)
        out->text[out->n++] = text;
    return st;
}

/* Put the mended runs together, the likeliest first, in so many ways at most. */
static enum st put_together(struct query *q, size_t tries, size_t want, struct srch_meant *out)
{
    size_t most = 0;
    enum st st = ST_OK;
    for (size_t i = 0; i < q->n; i++)
        most += q->mended[i].n - 1;
    for (size_t sum = 0; sum <= most; sum++) {
        size_t at[RUNS_MAX] = {0};
        for (bool more = sum == 0 || next_choice(q, at, sum); more;
             more = next_choice(q, at, sum)) {
            if (tries-- == 0 || out->n == want || st != ST_OK)
                return st;
            st = try_choice(q, at, out);
        }
    }
    return st;
}

/* The runs of a query that is nothing but syllables, as one. */
static enum st read_all(struct query *q, size_t want, struct srch_meant *out)
{
    struct str letters[RUNS_MAX];
    struct options readings;
    for (size_t i = 0; i < q->n; i++) {
        letters[i] = letters_of(&q->m, q->run[i]);
        if (letters[i].n == 0)
            return ST_OK;
    }
    enum st st = read_run(&q->m, join(&q->m, letters, q->n, "'"), &readings);
    for (size_t i = 0; st == ST_OK && i < readings.n && out->n < want; i++)
        out->text[out->n++] = readings.text[i];
    q->read |= out->n > 0;
    return st;
}

static enum st mend(struct query *q, size_t want, struct srch_meant *out)
{
    enum st st = ST_OK;
    for (size_t i = 0; i < q->n && st == ST_OK; i++)
        st = mend_run(q, q->run[i], &q->mended[i]);
    if (st == ST_OK && q->read && q->left)
        st = read_all(q, want, out);
    if (st == ST_OK && q->changed && out->n == 0)
        st = put_together(q, 1, want, out);
    bool apart = out->n > 0;
    if (st == ST_OK && !apart && q->n > 1)
        st = read_all(q, want, out);
    if (st == ST_OK && q->changed && (apart || out->n == 0))
        st = put_together(q, TRIES_MAX, want, out);
    if (out->n > 0 && q->read)
        out->via = "pinyin";
    return q->m.a->failed ? err_nomem(q->m.err) : st;
}

enum st srch_meaning(struct srch *s, const struct srch_request *req, size_t want, uint64_t until_ns,
                     struct arena *a, struct srch_meant *out, struct err *err)
{
    struct query q = {.m = {.s = s, .req = req, .a = a, .until_ns = until_ns, .err = err}};
    *out = (struct srch_meant){.via = ""};
    if (!cut(&q, req->text) || q.n == 0 || want == 0)
        return ST_OK;
    want = want < SRCH_MEANT_MAX ? want : SRCH_MEANT_MAX;
    q.m.keep = q.n > 1 ? SRCH_MEANT_MAX : want;
    enum st st = srch_words(s, req->deadline_ns, &q.m.words, err);
    return st == ST_OK && q.m.words ? mend(&q, want, out) : st;
}

enum st srch_spell(struct srch *s, const struct srch_request *req, struct arena *a,
                   struct srch_meant *out, struct err *err)
{
    struct srch_result r;
    const struct srch_request plain = {
        .text = req->text, .in = req->in, .deadline_ns = req->deadline_ns};
    *out = (struct srch_meant){.via = ""};
    enum st st = srch_count(s, &plain, a, &r, err);
    if (st != ST_OK || r.total > RARE)
        return st;
    st = srch_meaning(s, req, (size_t)req->limit, 0, a, out, err);
    if (st == ST_OK && !s->words)
        return err_set(err, ST_DEADLINE, "the deadline passed before the words were counted");
    return st;
}
