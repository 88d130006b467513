/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How near to each other the parts of a query stand in the best hits.
 *
 * The index knows which pairs of characters a bulletin has and not where, so the text of the best
 * hits is looked at: as it is kept in memory where it is, which is eight times as quick as to read
 * and fold what is stored. Each pair u of neighbouring characters of the query weighs w(u), as it
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
 * worse here.) Titles count further:
 *
 *     in_title * sum of all w * the share of the title that is asked for (title.c)
 *
 * so that who types a title finds its bulletin before those that cite it. A short run by itself may
 * be a name: bulletins that cite it often can be many, so the titles of more hits are looked at.
 *
 * Both only add, and the hits that are looked at are the first of all, whatever the page: the
 * others stay behind them, and pages never overlap.
 */

#include "answer.h"

#include <gongbao/utf8.h>
#include <stdlib.h>

#define TEXT_MAX  20000 /* so many characters of a body are looked at */
#define TABLE     512   /* slots for pairs; a power of two */
#define PAIRS_MAX 200
#define NAME_MAX  9  /* characters of what may be a name */
#define NAMED     60 /* hits whose titles are looked at then */

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
    uint64_t first[65536 / 64]; /* characters that a pair begins with */
    size_t beside; /* of the document at hand: pairs that were met with another one beside them */
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
        if (pair->cp[0] || weight <= 0 || run->cp[i] >= Q_BEYOND || run->cp[i + 1] >= Q_BEYOND)
            continue;
        p->first[run->cp[i] / 64] |= UINT64_C(1) << (run->cp[i] % 64);
        *pair = (struct pair){.cp = {run->cp[i], run->cp[i + 1]}, .weight = weight};
        p->sum += weight;
        p->each[p->n++] = pair;
    }
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

/* Go through a text until every pair has been met with another one beside it: nothing that comes
 * behind makes a difference then. */
static void pass(struct pairs *p, const uint16_t *text, size_t n)
{
    struct pair *last = NULL; /* that was met, and where */
    size_t place = 0;
    for (size_t i = 0; i + 1 < n && p->beside < p->n; i++) {
        if (!(p->first[text[i] / 64] >> (text[i] % 64) & 1))
            continue;
        struct pair *pair = find_pair(p, text[i], text[i + 1]);
        if (!pair->cp[0])
            continue;
        if (last && last != pair) {
            note_near(p, pair, i - place);
            note_near(p, last, i - place);
        }
        last = pair;
        place = i;
    }
}

/* What was met, which is forgotten. */
static double closeness(struct pairs *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->n; i++) {
        sum += p->each[i]->weight * p->each[i]->near;
        p->each[i]->near = 0;
    }
    p->beside = 0;
    return sum;
}

/* A text as an extract has it: all of it, where there may be one, so that it makes no difference
 * which is looked at. NULL without memory. */
static const uint16_t *fold(struct job *j, struct str text, size_t *n)
{
    struct an_text *folded = &j->s->scratch;
    if (an_fold(str_from(text.p, text.n < Q_EXTRACT_MAX ? text.n : Q_EXTRACT_MAX), AN_VIEW_TEXT,
                folded) != ST_OK)
        return NULL;
    uint16_t *out = arena_alloc(j->a, (folded->n + 1) * sizeof(*out));
    *n = folded->n;
    for (size_t i = 0; out && i < folded->n; i++)
        out[i] = (uint16_t)(folded->cp[i] < Q_BEYOND ? folded->cp[i] : Q_BEYOND);
    return out;
}

/* The folded texts of a document: kept in memory, or else made from what is stored. */
static enum st read_texts(struct job *j, uint64_t number, struct q_extracted *out)
{
    struct str extract = ix_view_extracted(j->scope.view, number);
    struct ix_doc *doc;
    if (extract.n > 0 && q_extract_read(extract, out))
        return ST_OK;
    enum st st = srch_document(j, number, &doc);
    if (st != ST_OK)
        return st;
    out->title = fold(j, doc->title, &out->ntitle);
    out->body = fold(j, doc->body, &out->nbody);
    return out->title && out->body ? ST_OK : err_nomem(j->err);
}

/* Add to the score of a hit what its text is worth. `best`: it is among those whose texts are
 * looked at, and not for its title alone. */
static enum st look(struct job *j, struct pairs *p, bool best, struct ix_hit *hit)
{
    const struct srch_opts *o = j->s->opts;
    struct q_extracted text;
    enum st st = read_texts(j, hit->doc, &text);
    if (st != ST_OK)
        return st;
    const double share = srch_title_share(&j->plan, text.title, text.ntitle);
    const double title = o->title * p->sum * share;
    if (p->n > 1 && (best || share >= SRCH_TITLE_IS)) {
        pass(p, text.title, text.ntitle);
        pass(p, text.body, text.nbody < TEXT_MAX ? text.nbody : TEXT_MAX);
    }
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

static enum st look_at_all(struct job *j, struct pairs *p, struct ix_hit *hit, size_t n, bool *late)
{
    struct ranked *ranked = arena_alloc(j->a, n * sizeof(*ranked));
    enum st st = ranked ? ST_OK : err_nomem(j->err);
    for (size_t i = 0; i < n && st == ST_OK && !*late; i++) {
        ranked[i] = (struct ranked){hit[i], i};
        st = look(j, p, i < j->s->opts->closeness_top, &ranked[i].hit);
        *late = i + 1 < n && srch_is_late(j->req);
    }
    if (*late)
        trace_damped(j->s->trace, 0);
    if (st != ST_OK || *late)
        return st;
    qsort(ranked, n, sizeof(*ranked), by_score);
    for (size_t i = 0; i < n; i++)
        hit[i] = ranked[i].hit;
    return ST_OK;
}

uint64_t srch_looked_at(const struct job *j)
{
    const uint64_t top = j->s->opts->closeness_top;
    bool name = j->plan.nrun == 1 && j->plan.run[0].text.n <= NAME_MAX;
    return name && top > 0 && top < NAMED && j->s->opts->title > 0 ? NAMED : top;
}

enum st srch_closeness(struct job *j, const struct weights *w, struct ix_hit *hit, size_t n,
                       bool *late)
{
    const struct srch_opts *o = j->s->opts;
    const uint64_t top = srch_looked_at(j);
    n = n < top ? n : (size_t)top;
    if (j->req->sort != SRCH_BY_SCORE || n < 2 || (o->closeness <= 0 && o->title <= 0))
        return ST_OK;
    struct pairs *p = arena_calloc(j->a, 1, sizeof(*p));
    if (!p)
        return err_nomem(j->err);
    for (size_t i = 0; i < j->plan.nrun; i++)
        add_pairs(p, w, &j->plan.run[i].text);
    if (p->n == 0)
        return ST_OK;
    uint64_t begun = trace_begin(j->s->trace);
    enum st st = look_at_all(j, p, hit, n, late);
    trace_end(j->s->trace, "closeness", begun);
    return st;
}
