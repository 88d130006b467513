/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the runs of a query stand in a text.
 *
 * A run is looked for whole; if it stands nowhere, and may be marked in parts, by its words; if
 * none of them does, by its pairs of characters (but for pairs of letters or digits). Each of these
 * steps is one pass over the folded text for all runs that are still without a match: a bit set
 * over the low bits of each pattern's first character rules most places out, so a pass costs about
 * one load a character however many patterns there are.
 *
 * The text is folded without its readings. Only for a run that was cut out of a reading
 * (diào in 調(diào)), or that is made of marks alone, it is folded once more in another way.
 * Matches are byte places in the original, so those of several ways go together; they are sorted
 * once at the end.
 *
 * There is a bound on the matches of one text: what stands behind the first few thousand places
 * would not make a better window, and nobody reads as many marks. The first place of each run
 * counts beyond it, so that a frequent run does not hide a rare one.
 */

#include "match.h"

#include <stdlib.h>

enum { FIRST_BITS = 1024 };

struct pattern {
    const uint32_t *cp;
    size_t n;
    size_t run;
};

struct finder {
    const struct q_plan *plan;
    struct arena *a;
    struct matches *out;
    size_t *lead; /* by run: itself, or the one that it is another way to write */
    bool *found;  /* by run that leads */
    struct pattern *pattern;
    size_t npattern, first; /* all, and those of earlier passes */
    size_t cap;
    size_t most; /* places */
};

/* Whether another run asked for the same: showing it twice shows no more of the query. */
static bool is_wanted(const struct finder *f, const uint32_t *cp, size_t n)
{
    for (size_t k = 0; f->plan->nrun > 1 && k < f->npattern; k++)
        if (f->pattern[k].n == n && memcmp(f->pattern[k].cp, cp, n * sizeof(*cp)) == 0)
            return true;
    return false;
}

static void want(struct finder *f, const uint32_t *cp, size_t n, size_t run)
{
    if (n > 0 && f->npattern < f->cap) {
        f->out->worth[f->npattern] = is_wanted(f, cp, n) ? 0 : (uint32_t)n;
        f->pattern[f->npattern++] = (struct pattern){cp, n, run};
    }
}

static enum st add(struct finder *f, uint32_t start, uint32_t end, size_t pattern)
{
    struct matches *m = f->out;
    bool *found = &f->found[f->lead[f->pattern[pattern].run]];
    if (m->n >= f->most && *found)
        return ST_OK;
    struct match *at = arena_room(f->a, m->at, m->n, &m->cap, sizeof(*at));
    if (!at)
        return ST_NO_MEMORY;
    m->at = at;
    m->at[m->n++] = (struct match){start, end, (uint32_t)pattern};
    *found = true;
    return ST_OK;
}

/* Match the patterns of this pass at one place. */
static enum st match_at(struct finder *f, const struct an_text *fold, size_t i)
{
    enum st st = ST_OK;
    for (size_t k = f->first; k < f->npattern && st == ST_OK; k++) {
        const struct pattern *p = &f->pattern[k];
        if (p->n <= fold->n - i && memcmp(p->cp, fold->cp + i, p->n * sizeof(*p->cp)) == 0)
            st = add(f, fold->start[i], fold->end[i + p->n - 1], k);
    }
    return st;
}

/* One pass over the text for the patterns wanted since the last one. */
static enum st pass(struct finder *f, const struct an_text *fold)
{
    uint64_t begins[FIRST_BITS / 64] = {0};
    for (size_t k = f->first; k < f->npattern; k++) {
        uint32_t bit = f->pattern[k].cp[0] % FIRST_BITS;
        begins[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    enum st st = ST_OK;
    for (size_t i = 0; f->first < f->npattern && i < fold->n && st == ST_OK; i++) {
        uint32_t bit = fold->cp[i] % FIRST_BITS;
        if (begins[bit / 64] >> bit % 64 & 1)
            st = match_at(f, fold, i);
    }
    f->first = f->npattern;
    return st;
}

static enum st find_whole(struct finder *f, const struct an_text *fold)
{
    for (size_t r = 0; r < f->plan->nrun; r++) {
        const struct an_text *t = &f->plan->run[r].text;
        want(f, t->cp, t->n, r);
    }
    return pass(f, fold);
}

/* Runs that may stand in the text only when it is read in another way. */
static enum st find_otherwise(struct finder *f, struct str text, enum an_view view,
                              struct an_text *scratch, bool *folded)
{
    for (size_t r = 0; r < f->plan->nrun; r++) {
        const struct q_run *run = &f->plan->run[r];
        if (view == AN_VIEW_MARKS)
            want(f, run->marks.cp, run->marks.n, r);
        else if (!f->found[f->lead[r]])
            want(f, run->all.cp, run->all.n, r);
    }
    if (f->first == f->npattern)
        return ST_OK;
    *folded = true;
    enum st st = an_fold(text, view, scratch);
    return st == ST_OK ? pass(f, scratch) : st;
}

static enum st find_words(struct finder *f, const struct an_text *fold)
{
    for (size_t r = 0; r < f->plan->nrun; r++) {
        const struct q_run *run = &f->plan->run[r];
        for (size_t i = 0; i < run->nword && !f->found[f->lead[r]] && !run->whole; i++)
            want(f, run->word[i].cp, run->word[i].n, r);
        if (!f->found[f->lead[r]])
            want(f, run->spaced.cp, run->spaced.n, r);
    }
    return pass(f, fold);
}

/* Two letters say nothing, nor does one digit of a number: 10 in 10月 is no trace of 1410, and 1年
 * in 2001年 none of 2011年. */
static bool is_telling(const uint32_t *pair)
{
    bool letters = pair[0] < 0x80 && pair[1] < 0x80;
    return !letters && !is_digit(pair[0]) && !is_digit(pair[1]);
}

static enum st find_pairs(struct finder *f, const struct an_text *fold)
{
    for (size_t r = 0; r < f->plan->nrun; r++) {
        const struct q_run *run = &f->plan->run[r];
        const struct an_text *t = &run->text;
        if (f->found[f->lead[r]] || run->whole || run->again)
            continue;
        for (size_t i = 0; i + 1 < t->n; i++)
            if (is_telling(t->cp + i))
                want(f, t->cp + i, 2, r);
    }
    return pass(f, fold);
}

static enum st find_runs(struct finder *f, struct str text, struct an_text *scratch)
{
    bool other = false;
    enum st st = an_fold(text, AN_VIEW_TEXT, scratch);
    if (st == ST_OK)
        st = find_whole(f, scratch);
    if (st == ST_OK)
        st = find_otherwise(f, text, AN_VIEW_ALL, scratch, &other);
    if (st == ST_OK)
        st = find_otherwise(f, text, AN_VIEW_MARKS, scratch, &other);
    if (st == ST_OK && other)
        st = an_fold(text, AN_VIEW_TEXT, scratch);
    return st;
}

static enum st find_all(struct finder *f, struct str text, struct an_text *scratch)
{
    enum st st = find_runs(f, text, scratch);
    if (st == ST_OK)
        st = find_words(f, scratch);
    return st == ST_OK ? find_pairs(f, scratch) : st;
}

/* By start, at the same start the longer first, then by pattern: a total order. */
static int compare(const void *x, const void *y)
{
    const struct match *a = x, *b = y;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end > b->end ? -1 : 1;
    return (a->pattern > b->pattern) - (a->pattern < b->pattern);
}

/* The most patterns that there can be. */
static size_t patterns_of(const struct q_plan *plan)
{
    size_t n = 0;
    for (size_t r = 0; r < plan->nrun; r++)
        n += 4 + plan->run[r].nword + plan->run[r].text.n;
    return n;
}

/* Find in one of the ways above. */
static enum st find(struct finder *f, struct str text, struct an_text *scratch,
                    enum st (*how)(struct finder *, struct str, struct an_text *))
{
    const struct q_plan *plan = f->plan;
    struct matches *out = f->out;
    *out = (struct matches){0};
    f->cap = patterns_of(plan);
    f->lead = arena_alloc(f->a, plan->nrun * sizeof(*f->lead));
    f->found = arena_calloc(f->a, plan->nrun, sizeof(*f->found));
    f->pattern = arena_alloc(f->a, f->cap * sizeof(*f->pattern));
    out->worth = arena_alloc(f->a, f->cap * sizeof(*out->worth));
    if (!f->lead || !f->found || !f->pattern || !out->worth)
        return ST_NO_MEMORY;
    for (size_t r = 0; r < plan->nrun; r++)
        f->lead[r] = r > 0 && plan->run[r].again ? f->lead[r - 1] : r;
    enum st st = how(f, text, scratch);
    out->npattern = (uint32_t)f->npattern;
    if (out->n > 1)
        qsort(out->at, out->n, sizeof(*out->at), compare);
    return st;
}

enum st snip_find(struct str text, const struct q_plan *plan, size_t most, struct an_text *scratch,
                  struct arena *a, struct matches *out)
{
    struct finder f = {.plan = plan, .a = a, .out = out, .most = most};
    return find(&f, text, scratch, find_all);
}

enum st snip_find_whole(struct str text, const struct q_plan *plan, size_t most,
                        struct an_text *scratch, struct arena *a, struct matches *out)
{
    struct finder f = {.plan = plan, .a = a, .out = out, .most = most};
    return find(&f, text, scratch, find_runs);
}
