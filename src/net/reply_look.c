/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The replies that tell why: EXPLAIN and WHY.
 *
 * In text every row begins with a cell that says what it is, so that one grep takes what somebody
 * is after. JSON has an array of objects for each kind instead.
 */
#include "reply.h"
#include "value.h"

#include <gongbao/json.h>

/* Milliseconds to three places: steps are short. */
static double round_ms(double ms)
{
    return (double)(uint64_t)(ms * 1000 + 0.5) / 1000;
}

/* Begin the rows of a kind; in JSON they are an array of that name. */
static void kind_begin(struct reply *r, const char *array)
{
    if (r->fmt != REPLY_JSON)
        return;
    json_add_key(r->out, array);
    buf_addc(r->out, '[');
    r->any_row = false;
}

static void kind_end(struct reply *r)
{
    if (r->fmt == REPLY_JSON)
        buf_addc(r->out, ']');
}

static void row_begin(struct reply *r, const char *kind)
{
    reply_row_begin(r);
    if (r->fmt == REPLY_TEXT)
        reply_cell(r, "kind", str_of(kind));
}

/* ---- EXPLAIN ---- */

/* What is long is known by its beginning. */
static void brief_cell(struct reply *r, const char *key, struct str v)
{
    const struct str brief = value_brief(v);
    reply_cell(r, key, brief);
    if (brief.n < v.n)
        buf_addz(r->out, "…");
}

/* One row a token in text; in JSON one object a run. */
static void explain_run(struct reply *r, const struct srch_run *run)
{
    if (r->fmt == REPLY_JSON) {
        reply_row_begin(r);
        reply_cell(r, "typed", run->typed);
        kind_begin(r, "tokens");
    }
    for (size_t i = 0; i < run->ntoken; i++) {
        const struct srch_token *t = &run->token[i];
        row_begin(r, "token");
        if (r->fmt == REPLY_TEXT)
            brief_cell(r, "typed", run->typed);
        reply_cell(r, "kind", str_of(an_kind_name(t->kind)));
        reply_cell(r, "term", t->term);
        reply_row_end(r);
    }
    if (r->fmt == REPLY_JSON) {
        kind_end(r);
        reply_row_end(r);
        r->any_row = true;
    }
}

static void explain_step(struct reply *r, const struct srch_step *s)
{
    row_begin(r, "step");
    reply_cell(r, "name", str_of(s->name));
    reply_cell_real(r, "ms", round_ms(s->ms));
    reply_cell_num(r, "postings", s->postings);
    reply_cell_num(r, "hits", s->hits);
    reply_cell(r, "query", s->query);
    reply_row_end(r);
}

/* What a hit's score is made of. */
static void explain_hit(struct reply *r, const struct srch_hit *hit, const struct srch_beside *b)
{
    row_begin(r, "hit");
    reply_cell_num(r, "rank", hit->rank);
    reply_cell(r, "id", hit->doc.id);
    reply_cell_real(r, "score", hit->score);
    reply_cell_real(r, "terms", hit->score - b->closeness - b->title - b->freshness);
    reply_cell_real(r, "closeness", b->closeness);
    reply_cell_real(r, "title", b->title);
    reply_cell_real(r, "freshness", b->freshness);
    reply_row_end(r);
}

static void explain_parsed(struct reply *r, struct str parsed)
{
    if (r->fmt == REPLY_JSON) {
        reply_str(r, "parsed", parsed);
        return;
    }
    row_begin(r, "parsed");
    reply_cell(r, "query", parsed);
    reply_row_end(r);
}

void reply_explained(struct reply *r, const struct srch_explained *x)
{
    const struct srch_result *res = &x->result;
    reply_begin(r, r->fmt == REPLY_JSON ? 200 : 210, "explain");
    reply_num(r, "total", res->total);
    reply_flag(r, "exact", res->exact);
    reply_flag(r, "relaxed", res->relaxed);
    reply_flag(r, "partial", res->partial);
    reply_str(r, "used", str_of(x->used));
    reply_real(r, "ms", round_ms(res->ms));
    reply_num(r, "generation", res->generation);
    reply_meant(r, res->via, res->meant);
    if (r->fmt == REPLY_TEXT)
        reply_rows_begin(r, "rows");
    explain_parsed(r, x->parsed);
    kind_begin(r, "runs");
    for (size_t i = 0; i < x->nrun; i++)
        explain_run(r, &x->run[i]);
    kind_end(r);
    kind_begin(r, "terms");
    for (size_t i = 0; i < x->nterm; i++) {
        row_begin(r, "term");
        reply_cell(r, "term", x->term[i].term);
        reply_cell_num(r, "documents", x->term[i].documents);
        reply_row_end(r);
    }
    kind_end(r);
    kind_begin(r, "steps");
    for (size_t i = 0; i < x->nstep; i++)
        explain_step(r, &x->step[i]);
    kind_end(r);
    kind_begin(r, "hits");
    for (size_t i = 0; i < res->nhit; i++)
        explain_hit(r, &res->hit[i], &x->beside[i]);
    kind_end(r);
    if (r->fmt == REPLY_JSON)
        reply_end(r);
    else
        reply_rows_end(r);
}

/* ---- WHY ---- */

static void why_part(struct reply *r, const struct srch_part *p)
{
    row_begin(r, "part");
    reply_cell(r, "query", p->query);
    if (r->fmt == REPLY_JSON)
        buf_addz(r->out, p->held ? ",\"held\":true" : ",\"held\":false");
    else
        reply_cell(r, "held", p->held ? STR("yes") : STR("no"));
    reply_cell(r, "why", str_of(p->why));
    reply_cell(r, "absent", p->absent);
    reply_row_end(r);
}

static void why_weight(struct reply *r, const struct srch_weight *w)
{
    row_begin(r, "term");
    reply_cell(r, "term", w->term);
    reply_cell_num(r, "documents", w->documents);
    reply_cell_real(r, "weight", w->weight);
    reply_row_end(r);
}

static void why_beside(struct reply *r, const char *name, double weight)
{
    if (weight == 0)
        return;
    row_begin(r, "beside");
    reply_cell(r, "name", str_of(name));
    reply_cell_real(r, "weight", weight);
    reply_row_end(r);
}

void reply_why(struct reply *r, const struct srch_why *why)
{
    reply_begin(r, r->fmt == REPLY_JSON ? 200 : 210, "why");
    reply_str(r, "at", str_of(srch_at_name(why->at)));
    reply_num(r, "rank", why->rank);
    reply_real(r, "score", why->score);
    reply_str(r, "step", str_of(why->step));
    reply_num(r, "total", why->total);
    reply_flag(r, "exact", why->exact);
    reply_real(r, "ms", round_ms(why->ms));
    reply_num(r, "generation", why->generation);
    reply_str(r, "index", str_of(why->index));
    reply_meant(r, why->via, why->meant);
    reply_str(r, "message", str_of(why->message));
    if (r->fmt == REPLY_TEXT)
        reply_rows_begin(r, "rows");
    kind_begin(r, "parts");
    for (size_t i = 0; i < why->npart; i++)
        why_part(r, &why->part[i]);
    kind_end(r);
    kind_begin(r, "terms");
    for (size_t i = 0; i < why->nweight; i++)
        why_weight(r, &why->weight[i]);
    kind_end(r);
    kind_begin(r, "beside");
    why_beside(r, "closeness", why->beside.closeness);
    why_beside(r, "title", why->beside.title);
    why_beside(r, "freshness", why->beside.freshness);
    why_beside(r, "behind", why->beside.behind);
    kind_end(r);
    if (r->fmt == REPLY_JSON)
        reply_end(r);
    else
        reply_rows_end(r);
}
