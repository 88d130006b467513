/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A run and the other ways to write it, any of which will do.
 *
 * A run with Chinese numerals is lowered twice, the second time with digits in their place. One
 * with digits is lowered once, for the index has them beside numerals, but is marked in both. A run
 * that holds words with synonyms is lowered once more for each way to put those in:
 *
 *     农三师职能    (or 农三师职能 农作师职能 农商师职能 农匠师职能)
 *
 * A word is only seen where it fills the words that the run is cut into: 民主 is none of
 * 人民|主张, and 书记 none of 市委书记. Of words that begin at one place the longest counts, and
 * the next begins behind it. With several such words in a run, ways that change one of them come
 * first; there are Q_WAYS_MAX of them at most, and none for a run longer than LONGEST. A quoted run
 * is literal.
 *
 * Nobody typed these, so they never make a query too long: where the limits on terms and on single
 * characters leave no room for a way, the run goes without it, and q_lower does so for all runs
 * when what was added leaves no room for what was typed.
 */

#include "lower.h"

/* Characters of a run that is looked through for words with synonyms: more is a text, not a query,
 * and would have to be lowered as often as there are ways. */
enum { LONGEST = 100 };

/* Another way to write the same: either will do. */
static bool add_way(struct lowering *l, const struct part *other, struct part *out)
{
    size_t n = out->same.n + other->same.n;
    struct q_run *at = arena_alloc(l->a, n * sizeof(*at));
    if (!at)
        return false;
    memcpy(at, out->same.at, out->same.n * sizeof(*at));
    memcpy(at + out->same.n, other->same.at, other->same.n * sizeof(*at));
    out->same = (struct runs){at, n};
    out->must = q_join2(l->a, IX_OR, out->must, other->must);
    out->any = q_unite(l->a, out->any, other->any);
    out->rank = q_unite(l->a, out->rank, other->rank);
    out->nany += other->nany;
    return !l->a->failed;
}

/* Lower what was not typed, for which there may be no room: then *out has nothing. */
static enum st lower_other(struct lowering *l, const struct q_node *node, struct part *out)
{
    const size_t prefixes = l->prefixes;
    const uint64_t terms = l->terms;
    struct err *err = l->err;
    l->err = NULL;
    enum st st = q_lower_typed(l, node, out);
    l->err = err;
    if (st == ST_TOO_MUCH) {
        l->prefixes = prefixes;
        l->terms = terms;
        *out = (struct part){0};
        return ST_OK;
    }
    l->others = true;
    return st == ST_OK ? st : err_nomem(l->err);
}

/* ---- digits ---- */

/* The words of both runs. */
static bool add_words(struct arena *a, struct q_run *run, const struct q_run *other)
{
    struct an_text *word = arena_calloc(a, run->nword + other->nword, sizeof(*word));
    if (!word)
        return false;
    for (size_t i = 0; i < run->nword; i++)
        word[i] = run->word[i];
    for (size_t i = 0; i < other->nword; i++)
        word[run->nword + i] = other->word[i];
    run->word = word;
    run->nword += other->nword;
    return true;
}

/* A run with Chinese numerals that is not quoted asks for them in digits as well: 二〇二四年 or
 * 2024年. A word of both counts once. */
static enum st lower_twice(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct q_node digits = *node;
    struct part other;
    bool may = node->kind != Q_EXACT && !l->plain;
    if (may && q_digits(l->an, node->text, l->a, &digits.text) != ST_OK)
        return err_nomem(l->err);
    l->apart = may && digits.text.n > 0;
    enum st st = q_lower_typed(l, node, out);
    if (st == ST_OK && l->apart) {
        st = lower_other(l, &digits, &other);
        if (st == ST_OK && other.same.n > 0 &&
            (!add_words(l->a, &out->same.at[0], &other.same.at[0]) || !add_way(l, &other, out)))
            st = err_nomem(l->err);
    }
    l->apart = false;
    return st;
}

/* ---- synonyms ---- */

/* A word of a run, and what it stands for. */
struct spot {
    uint32_t start, end; /* bytes of the run */
    const struct str *other;
    size_t n;
};

struct spots {
    struct spot at[Q_WAYS_MAX];
    size_t n;
};

/* Mark the bytes inside words, at which none begins or ends. */
static enum st mark_inside(void *ctx, const struct an_token *tok, size_t n)
{
    bool *inside = ctx;
    for (size_t i = 0; i < n; i++) {
        bool word = tok[i].kind < AN_BIGRAM && tok[i].kind != AN_UNKNOWN && !tok[i].aside &&
                    (!tok[i].beside || tok[i].kind == AN_NAME);
        if (word)
            memset(inside + tok[i].start + 1, true, tok[i].end - tok[i].start - 1);
    }
    return ST_OK;
}

/* The words of a run that stand for others, from left to right. */
static enum st find_spots(struct lowering *l, struct str text, struct spots *out)
{
    bool *inside = arena_calloc(l->a, text.n + 1, sizeof(*inside));
    if (!inside || an_analyze(l->an, text, mark_inside, inside) != ST_OK ||
        an_fold_run(text, AN_VIEW_TEXT, &l->fold) != ST_OK)
        return err_nomem(l->err);
    const struct an_text *fold = &l->fold;
    if (fold->n > LONGEST)
        return ST_OK;
    for (size_t i = 0, n; i < fold->n && out->n < Q_WAYS_MAX; i += n ? n : 1) {
        struct spot spot = {.start = fold->start[i]};
        n = inside[spot.start]
                ? 0
                : q_synonyms_at(l->opts->synonyms, fold, i, inside, &spot.other, &spot.n);
        if (n == 0)
            continue;
        spot.end = fold->end[i + n - 1];
        out->at[out->n++] = spot;
    }
    return ST_OK;
}

/* The run with other words: pick has for each spot the number of the other word, counting from 1,
 * or 0 for what was typed. */
static struct str put_in(struct lowering *l, struct str text, const struct spots *s,
                         const size_t pick[])
{
    size_t n = text.n, at = 0;
    for (size_t i = 0; i < s->n; i++)
        n += pick[i] ? s->at[i].other[pick[i] - 1].n : 0;
    char *bytes = arena_alloc(l->a, n + 1), *p = bytes;
    if (!bytes)
        return (struct str){0};
    for (size_t i = 0; i < s->n; i++) {
        const struct spot *spot = &s->at[i];
        struct str word = pick[i] ? spot->other[pick[i] - 1]
                                  : str_from(text.p + spot->start, spot->end - spot->start);
        p = mempcpy(p, text.p + at, spot->start - at);
        p = mempcpy(p, word.p, word.n);
        at = spot->end;
    }
    p = mempcpy(p, text.p + at, text.n - at);
    return str_from(bytes, (size_t)(p - bytes));
}

/* Whether one of the ways so far is spelt like this. */
static bool is_known(const struct part *out, const struct an_text *text)
{
    for (size_t i = 0; i < out->same.n; i++) {
        const struct an_text *known = &out->same.at[i].text;
        if (known->n == text->n && memcmp(known->cp, text->cp, text->n * sizeof(*text->cp)) == 0)
            return true;
    }
    return false;
}

/* Lower the run with other words and add it to out; *room tells if there is room for more. A run
 * that is such a word and nothing else is marked only where the other stands whole. */
static enum st add_synonym(struct lowering *l, const struct q_node *node, const struct spots *s,
                           const size_t pick[], struct part *out, bool *room)
{
    struct part other;
    const struct str text = put_in(l, node->text, s, pick);
    const struct q_node way = {.kind = Q_RUN, .text = text, .typed = text};
    enum st st = text.p ? lower_other(l, &way, &other) : err_nomem(l->err);
    *room = st == ST_OK && other.same.n > 0;
    if (!*room || !other.must || is_known(out, &other.same.at[0].text))
        return st;
    struct q_run *run = &other.same.at[0];
    run->again = true;
    run->whole = s->n == 1 && s->at[0].end - s->at[0].start == node->text.n;
    run->nword = run->whole ? 0 : run->nword;
    return add_way(l, &other, out) ? ST_OK : err_nomem(l->err);
}

/* Count pick on to the next choice; false behind the last. */
static bool next_pick(const struct spots *s, size_t pick[], size_t *changed)
{
    for (size_t i = 0; i < s->n; i++) {
        *changed += pick[i] == 0;
        if (++pick[i] <= s->at[i].n)
            return true;
        pick[i] = 0;
        --*changed;
    }
    return false;
}

/* One word changed, each in turn, then several. */
static enum st add_all(struct lowering *l, const struct q_node *node, const struct spots *s,
                       struct part *out)
{
    size_t ways = 0, changed = 0;
    bool room = true;
    enum st st = ST_OK;
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 1; k <= s->at[i].n && st == ST_OK && room && ways++ < Q_WAYS_MAX; k++) {
            size_t pick[Q_WAYS_MAX] = {0};
            pick[i] = k;
            st = add_synonym(l, node, s, pick, out, &room);
        }
    size_t pick[Q_WAYS_MAX] = {0};
    while (st == ST_OK && room && ways < Q_WAYS_MAX && next_pick(s, pick, &changed)) {
        if (changed < 2)
            continue;
        ways++;
        st = add_synonym(l, node, s, pick, out, &room);
    }
    return st;
}

/* A run with words that stand for others. Of the ways to write it with digits only the first is
 * marked by itself. */
static enum st add_synonyms(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct spots spots = {.n = 0};
    const size_t first = out->same.n;
    enum st st = find_spots(l, node->text, &spots);
    if (st == ST_OK && spots.n > 0)
        st = add_all(l, node, &spots, out);
    if (st != ST_OK || out->same.n == first)
        return st;
    const size_t more = out->same.n - first;
    out->runs.at = arena_calloc(l->a, 1 + more, sizeof(struct q_run));
    if (!out->runs.at)
        return err_nomem(l->err);
    out->runs.at[0] = out->same.at[0];
    for (size_t i = 0; i < more; i++)
        out->runs.at[1 + i] = out->same.at[first + i];
    out->runs.n = 1 + more;
    return ST_OK;
}

/* ---- numerals ---- */

/* The words of a run that have digits, as numerals. */
static bool numeral_words(struct lowering *l, const struct q_run *typed, struct q_run *run)
{
    run->word = arena_calloc(l->a, typed->nword, sizeof(*run->word));
    for (size_t i = 0; run->word && i < typed->nword; i++) {
        struct an_text *word = &run->word[run->nword];
        if (!q_numerals(&typed->word[i], l->a, word))
            return false;
        run->nword += word->n > 0;
    }
    return run->word != NULL;
}

/* A run with digits is found in Chinese numerals too, whose digits the index has, and marked there:
 * another run to be marked, which asks for nothing. */
static enum st mark_numerals(struct lowering *l, struct part *out)
{
    struct runs all = {.n = out->runs.n + 1};
    const struct q_run *typed = &out->runs.at[0];
    struct q_run run = {.again = true, .whole = typed->whole};
    if (!q_numerals(&typed->text, l->a, &run.text))
        return err_nomem(l->err);
    if (run.text.n == 0)
        return ST_OK;
    all.at = arena_alloc(l->a, all.n * sizeof(*all.at));
    if (!all.at || !numeral_words(l, typed, &run))
        return err_nomem(l->err);
    memcpy(all.at, out->runs.at, out->runs.n * sizeof(*all.at));
    all.at[out->runs.n] = run;
    out->runs = all;
    return ST_OK;
}

enum st q_lower_run(struct lowering *l, const struct q_node *node, struct part *out)
{
    enum st st = lower_twice(l, node, out);
    if (st != ST_OK)
        return st;
    out->runs = (struct runs){out->same.at, 1};
    out->unit = node->kind == Q_RUN && l->field == Q_ANYWHERE;
    if (node->kind == Q_RUN && l->opts->synonyms && !l->plain && out->must)
        st = add_synonyms(l, node, out);
    return st == ST_OK && node->kind == Q_RUN && !l->plain ? mark_numerals(l, out) : st;
}
