/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How near to each other the parts of a query stand in the best hits.
 *
 * The index knows which pairs of characters a bulletin has and not where, so the stored text of the
 * best hits is looked at. Each pair u of neighbouring characters of the query weighs w(u), as it
 * does in BM25. The folded text is gone through once, and for each pair d(u) is the distance, in
 * characters, to the nearest other pair of the query beside it. The score of the hit grows by
 *
 *     closeness * sum of w(u) / d(u)
 *
 * So a run that stands whole, all of its pairs one apart, counts most, then words side by side, and
 * words at the two ends of a bulletin hardly. (That pairs of neighbours tell of closeness:
 * Büttcher, Clarke and Lushman, Term proximity scoring for ad-hoc retrieval on very large text
 * collections, 2006; that the smallest distance does and not the sum over all places: Tao and Zhai,
 * An exploration of proximity measures in information retrieval, 2007. Sums, and squares of d, were
 * worse here.) Runs that stand whole in the title count further:
 *
 *     in_title * sum of all w * the share of the title that is such runs
 *
 * so that who types a title finds its bulletin before those that cite it.
 *
 * Both only add, and the hits that are looked at are the first of all, whatever the page: the
 * others stay behind them, and pages never overlap.
 */

#include "answer.h"

#include <gongbao/utf8.h>
#include <stdlib.h>

#define TEXT_MAX  ((size_t)64 << 10) /* so many bytes of a body are looked at */
#define BLOCK     ((size_t)3 << 10)  /* about so many at a time */
#define TABLE     512                /* slots for pairs; a power of two */
#define PAIRS_MAX 200

struct pair {
    uint32_t cp[2]; /* 0, 0: none */
    double weight;
    double near; /* 1 over the distance to its nearest neighbour; 0: it was not met */
};

struct pairs {
    struct pair slot[TABLE];
    struct pair *each[PAIRS_MAX];
    size_t n;
    double sum;
    /* Of the document at hand: */
    size_t beside;     /* pairs that were met with another one right beside them */
    struct pair *last; /* the last one that was met, and where */
    size_t place;
    size_t passed; /* characters */
};

static size_t slot_of(uint32_t first, uint32_t second)
{
    return (first * 2654435761u ^ second * 2246822519u) >> 23 & (TABLE - 1);
}

static struct pair *find_pair(struct pairs *p, uint32_t first, uint32_t second)
{
    size_t i = slot_of(first, second);
    while (p->slot[i].cp[0] && (p->slot[i].cp[0] != first || p->slot[i].cp[1] != second))
        i = (i + 1) & (TABLE - 1);
    return &p->slot[i];
}

/* What a pair weighs in the query; one that is no term of it weighs nothing. */
static double weight_of(const struct weights *w, uint32_t first, uint32_t second)
{
    char text[8];
    size_t n = utf8_put(first, text);
    n += utf8_put(second, text + n);
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->at[i].term, str_from(text, n)))
            return w->at[i].factor * w->at[i].idf;
    return 0;
}

static void add_pairs(struct pairs *p, const struct weights *w, const struct an_text *run)
{
    for (size_t i = 0; i + 1 < run->n && p->n < PAIRS_MAX; i++) {
        struct pair *pair = find_pair(p, run->cp[i], run->cp[i + 1]);
        double weight = weight_of(w, run->cp[i], run->cp[i + 1]);
        if (pair->cp[0] || weight <= 0)
            continue;
        *pair = (struct pair){.cp = {run->cp[i], run->cp[i + 1]}, .weight = weight};
        p->sum += weight;
        p->each[p->n++] = pair;
    }
}

/* Cut a block off a text, behind a line if there is one in it, else behind a character. */
static struct str cut_block(struct str *text)
{
    size_t n = text->n < BLOCK ? text->n : BLOCK;
    const char *line = n < text->n ? memrchr(text->p, '\n', n) : NULL;
    if (line)
        n = (size_t)(line - text->p) + 1;
    while (!line && n < text->n && ((unsigned char)text->p[n] & 0xc0) == 0x80)
        n++;
    struct str block = str_from(text->p, n);
    *text = str_from(text->p + n, text->n - n);
    return block;
}

/* A pair stands so far from another one. */
static void note_near(struct pairs *p, struct pair *pair, size_t distance)
{
    double near = 1 / (double)distance;
    if (near <= pair->near)
        return;
    pair->near = near;
    p->beside += distance == 1;
}

static void pass(struct pairs *p, const struct an_text *text)
{
    for (size_t i = 0; i + 1 < text->n; i++) {
        struct pair *pair = find_pair(p, text->cp[i], text->cp[i + 1]);
        if (!pair->cp[0])
            continue;
        size_t place = p->passed + i;
        if (p->last && p->last != pair) {
            note_near(p, pair, place - p->place);
            note_near(p, p->last, place - p->place);
        }
        p->last = pair;
        p->place = place;
    }
    p->passed += text->n;
}

/* Go through a text until every pair has been met with another one beside it: nothing that comes
 * behind makes a difference then. */
static enum st pass_all(struct pairs *p, struct str text, struct an_text *fold)
{
    p->last = NULL;
    while (text.n > 0 && p->beside < p->n) {
        if (an_fold(cut_block(&text), AN_VIEW_TEXT, fold) != ST_OK)
            return ST_NO_MEMORY;
        pass(p, fold);
    }
    return ST_OK;
}

/* What was met, which is forgotten. */
static double closeness(struct pairs *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->n; i++) {
        sum += p->each[i]->weight * p->each[i]->near;
        p->each[i]->near = 0;
    }
    p->beside = p->passed = 0;
    return sum;
}

/* The share of the title that is runs of the query. */
static double title_share(const struct q_plan *plan, const struct an_text *title)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->nrun; i++) {
        const struct an_text *run = &plan->run[i].text;
        if (run->n > 1 && an_find(title, run, 0) != SIZE_MAX)
            n += run->n;
    }
    return title->n == 0 ? 0 : n < title->n ? (double)n / (double)title->n : 1;
}

static enum st look(struct job *j, struct pairs *p, struct ix_hit *hit)
{
    const struct srch_opts *o = j->s->opts;
    struct an_text *text = &j->s->scratch;
    struct ix_doc *doc;
    enum st st = srch_document(j, hit->doc, &doc);
    if (st != ST_OK)
        return st;
    if (an_fold(doc->title, AN_VIEW_TEXT, text) != ST_OK)
        return err_nomem(j->err);
    const double title = o->title * p->sum * title_share(&j->plan, text);
    p->last = NULL;
    pass(p, text);
    struct str body = str_from(doc->body.p, doc->body.n < TEXT_MAX ? doc->body.n : TEXT_MAX);
    if (pass_all(p, body, text) != ST_OK)
        return err_nomem(j->err);
    const double near = o->closeness * closeness(p);
    hit->score += title + near;
    trace_looked(j->s->trace, hit->doc, near, title);
    return ST_OK;
}

/* Best first; what was equal keeps its order, which the numbers tell. */
struct ranked {
    struct ix_hit hit;
    size_t rank;
};

static int by_score(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->hit.score != y->hit.score)
        return x->hit.score < y->hit.score ? 1 : -1;
    return x->rank < y->rank ? -1 : 1;
}

static enum st look_at_all(struct job *j, struct pairs *p, struct ix_hit *hit, size_t n)
{
    struct ranked *ranked = arena_alloc(j->a, n * sizeof(*ranked));
    enum st st = ranked ? ST_OK : err_nomem(j->err);
    for (size_t i = 0; i < n && st == ST_OK; i++) {
        st = look(j, p, &hit[i]);
        ranked[i] = (struct ranked){hit[i], i};
    }
    if (st != ST_OK)
        return st;
    qsort(ranked, n, sizeof(*ranked), by_score);
    for (size_t i = 0; i < n; i++)
        hit[i] = ranked[i].hit;
    return ST_OK;
}

enum st srch_closeness(struct job *j, const struct weights *w, struct ix_hit *hit, size_t n,
                       uint64_t need)
{
    (void)need;
    const struct srch_opts *o = j->s->opts;
    n = n < o->closeness_top ? n : (size_t)o->closeness_top;
    if (j->req->sort != SRCH_BY_SCORE || n < 2 || w->n < 2 || (o->closeness <= 0 && o->title <= 0))
        return ST_OK;
    struct pairs *p = arena_calloc(j->a, 1, sizeof(*p));
    if (!p)
        return err_nomem(j->err);
    for (size_t i = 0; i < j->plan.nrun; i++)
        add_pairs(p, w, &j->plan.run[i].text);
    if (p->n < 2)
        return ST_OK;
    uint64_t begun = trace_begin(j->s->trace);
    enum st st = look_at_all(j, p, hit, n);
    trace_end(j->s->trace, "closeness", begun);
    return st;
}
