/* SPDX-License-Identifier: GPL-2.0-or-later */

/* WHY: at which step of a search a document fell out, or where it stands.
 *
 * The search is run to its last hit, with a trace. Then the document is looked at by itself: each
 * part of the query is lowered alone and asked of it, and where the answer is no, its query is
 * gone down to the terms that are absent. To ask is to run the query filtered by the document's
 * id: the same matcher gives the same answer, and for a single term the weight that it has in the
 * search, since statistics are those of all documents. That is a small search a node: some
 * hundreds of them for the longest query.
 *
 * A document that has every term of a run and not the run is told apart from one that lacks a term:
 * only the stored text can say so, and it was asked.
 */

#include "answer.h"

#include <gongbao/clock.h>

#define SAME_ID 16 /* documents of one id, in different indexes, that are looked through */

static const char *const at_name[] = {
    [SRCH_AT_HIT] = "hit",
    [SRCH_AT_NOT_INDEXED] = "not-indexed",
    [SRCH_AT_TOMBSTONE] = "tombstoned",
    [SRCH_AT_DAMAGE] = "damaged",
    [SRCH_AT_FILTER] = "filter",
    [SRCH_AT_PART] = "part",
    [SRCH_AT_BEHIND] = "behind",
};

const char *srch_at_name(enum srch_at at)
{
    return at_name[at];
}

struct looking {
    struct srch *s;
    const struct srch_request *req;
    struct str id;
    struct arena *a;
    struct scope scope;
    struct trace trace;
    uint64_t number; /* of the document in the view */
    struct ix_doc doc;
    struct ix_node self; /* finds the document, and others of its id */
    struct srch_why *out;
    struct err *err;
};

/* Whether a query finds the document, and with which score. */
static enum st ask(struct looking *l, const struct ix_node *query, bool *yes, double *score)
{
    struct ix_node top = *query, *kid[2] = {&top, &l->self};
    const struct ix_node node = {.op = IX_FILTER, .kid = kid, .nkid = 2};
    struct ix_search search = l->trace.last;
    struct ix_result r;
    search.query = &node;
    search.offset = 0;
    search.limit = SAME_ID;
    search.half_life = 0;
    search.best = false;
    search.deadline_ns = l->req->deadline_ns;
    enum st st = ix_search(l->scope.view, &search, l->a, &r, l->err);
    *yes = false;
    for (size_t i = 0; st == ST_OK && i < r.n && !*yes; i++) {
        *yes = r.hit[i].doc == l->number;
        *score = r.hit[i].score;
    }
    if (st == ST_OK && r.timed_out && !*yes)
        return err_set(l->err, ST_DEADLINE, "the deadline passed before it was known why");
    return st;
}

/* ---- parts of the query ---- */

/* Append a term that the document does not have. */
static void name_absent(struct buf *b, const struct ix_node *leaf)
{
    if (b->n)
        buf_addc(b, ' ');
    buf_adds(b, leaf->term);
    if (leaf->op == IX_PREFIX)
        buf_addc(b, '*');
}

/* What of a query that does not find the document is to blame: the terms go into *absent, and the
 * rest into *why. */
static enum st blame(struct looking *l, const struct ix_node *node, struct buf *absent,
                     const char **why)
{
    double score;
    bool yes;
    enum st st = ask(l, node, &yes, &score);
    if (st != ST_OK || yes)
        return st;
    if (node->op == IX_TERM || node->op == IX_PREFIX) {
        name_absent(absent, node);
        return ST_OK;
    }
    if (node->op == IX_RANGE)
        *why = "date";
    const bool first_alone = node->op == IX_AND_MAYBE || node->op == IX_AND_NOT;
    for (size_t i = 0; st == ST_OK && i < (first_alone && node->nkid ? 1 : node->nkid); i++)
        st = blame(l, node->kid[i], absent, why);
    return st;
}

static struct str dumped(const struct q_node *node, struct arena *a)
{
    struct buf b;
    buf_init(&b, a->max);
    q_dump(node, &b);
    struct str s = arena_str(a, buf_str(&b));
    buf_fini(&b);
    return s;
}

/* What kind of absence it is, where the part of the query tells. */
static void judge_part(const struct q_node *node, struct srch_part *out)
{
    if (node->kind == Q_DATE)
        out->why = "date";
    else if (node->kind == Q_NOT)
        out->why = "excluded";
    else if (node->kind == Q_FIELD && (node->field != Q_TITLE || out->absent.n == 0))
        out->why = "field";
    else if (out->absent.n)
        out->why = "term";
    if (strcmp(out->why, "term") != 0) /* terms of fields are none that anybody typed */
        out->absent = (struct str){0};
}

static enum st explain_absence(struct looking *l, const struct q_node *node,
                               const struct ix_node *query, struct srch_part *out)
{
    struct buf absent;
    buf_init(&absent, l->a->max);
    out->why = "text";
    enum st st = blame(l, query, &absent, &out->why);
    if (st == ST_OK)
        out->absent = arena_str(l->a, buf_str(&absent));
    judge_part(node, out);
    buf_fini(&absent);
    return st;
}

/* Ask one part of the query of the document, by itself. */
static enum st look_at_part(struct looking *l, const struct q_node *node, struct srch_part *out)
{
    const struct q_opts opts = srch_query_opts(l->s, l->req->strict);
    struct q_plan *plan = arena_calloc(l->a, 1, sizeof(*plan));
    double score;
    if (!plan)
        return err_nomem(l->err);
    *out = (struct srch_part){.query = dumped(node, l->a), .why = ""};
    enum st st = q_lower(l->s->an, node, &opts, l->a, plan, l->err);
    if (st == ST_SYNTAX) { /* by itself it asks for nothing; the whole was understood */
        out->held = true;
        out->why = "idle";
        return ST_OK;
    }
    if (st == ST_OK)
        st = ask(l, plan->all, &out->held, &score);
    if (st != ST_OK || out->held)
        return st;
    return explain_absence(l, node, plan->all, out);
}

static bool is_part(const struct q_node *node)
{
    return node->kind != Q_AND;
}

static size_t count_parts(const struct q_node *node)
{
    size_t n = is_part(node);
    for (size_t i = 0; !is_part(node) && i < node->nkid; i++)
        n += count_parts(node->kid[i]);
    return n;
}

static enum st look_at_parts(struct looking *l, const struct q_node *node)
{
    enum st st = ST_OK;
    if (is_part(node))
        return look_at_part(l, node, &l->out->part[l->out->npart++]);
    for (size_t i = 0; st == ST_OK && i < node->nkid; i++)
        st = look_at_parts(l, node->kid[i]);
    return st;
}

/* ---- filters of the request ---- */

enum { FILTERS = 6 };

/* Ask one filter of the document: the others of the request are left out of `only`. */
static enum st look_at_filter(struct looking *l, const char *name, struct str value,
                              const struct srch_request *only)
{
    struct ix_node every = {.op = IX_ALL};
    struct srch_part *part = &l->out->part[l->out->npart];
    double score;
    if (value.n == 0)
        return ST_OK;
    const struct ix_node *query = srch_filtered(l->s, only, &every, l->a);
    if (!query)
        return err_nomem(l->err);
    l->out->npart++;
    *part =
        (struct srch_part){.query = str_of(arena_fmt(l->a, "%s=" STR_FMT, name, STR_ARG(value)))};
    enum st st = ask(l, query, &part->held, &score);
    part->why = part->held ? "" : "filter";
    return st;
}

static enum st look_at_filters(struct looking *l)
{
    const struct srch_request *req = l->req;
    struct str since = req->since ? str_of(arena_fmt(l->a, "%ju", (uintmax_t)req->since)) : STR("");
    const struct {
        const char *name;
        struct str value;
        struct srch_request only;
    } filter[FILTERS] = {
        {"issuer", req->issuer, {.issuer = req->issuer}},
        {"tag", req->tag, {.tag = req->tag}},
        {"who", req->who, {.who = req->who}},
        {"from", req->from, {.from = req->from}},
        {"to", req->to, {.to = req->to}},
        {"since", since, {.since = req->since}},
    };
    enum st st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < FILTERS; i++)
        st = look_at_filter(l, filter[i].name, filter[i].value, &filter[i].only);
    return st;
}

/* ---- weights ---- */

struct weighing {
    struct looking *l;
    struct term_set term;
    double *factor; /* by term, added up over the places where it stands */
};

static void add_factors(struct weighing *w, const struct ix_node *node, double factor)
{
    if (node->op == IX_TERM)
        for (size_t i = 0; i < w->term.n; i++)
            w->factor[i] += str_eq(w->term.term[i], node->term) ? factor : 0;
    if (node->op == IX_SCALE)
        factor *= node->factor;
    const bool first_alone = node->op == IX_AND_NOT || node->op == IX_FILTER;
    for (size_t i = 0; i < (first_alone && node->nkid ? 1 : node->nkid); i++)
        add_factors(w, node->kid[i], factor);
}

static enum st weigh(struct weighing *w, size_t i, struct srch_weight *out)
{
    struct looking *l = w->l;
    struct ix_node term = {.op = IX_TERM, .term = w->term.term[i]};
    struct ix_node *kid = &term;
    struct ix_node scaled = {.op = IX_SCALE, .factor = w->factor[i], .kid = &kid, .nkid = 1};
    bool yes = false;
    double score = 0;
    out->term = term.term;
    enum st st = ix_view_frequency(l->scope.view, term.term, &out->documents, l->err);
    if (st == ST_OK)
        st = ask(l, &scaled, &yes, &score);
    out->weight = st == ST_OK && yes ? score : 0;
    return st;
}

/* The terms of a step's query and what each adds. */
static enum st weigh_terms(struct looking *l, const struct ix_node *query)
{
    struct weighing w = {.l = l, .term = {.a = l->a}};
    trace_terms(query, &w.term);
    w.factor = arena_calloc(l->a, w.term.n, sizeof(*w.factor));
    l->out->weight = arena_calloc(l->a, w.term.n, sizeof(*l->out->weight));
    if (!w.factor || !l->out->weight)
        return err_nomem(l->err);
    add_factors(&w, query, 1);
    for (size_t i = 0; i < w.term.n; i++) {
        if (w.factor[i] <= 0)
            continue;
        enum st st = weigh(&w, i, &l->out->weight[l->out->nweight]);
        if (st != ST_OK)
            return st;
        l->out->nweight++;
    }
    return ST_OK;
}

/* What else the score of a hit is made of. */
static enum st weigh_beside(struct looking *l, const struct ix_node *query)
{
    struct srch_beside *b = &l->out->beside;
    double terms = 0;
    bool yes;
    enum st st = ask(l, query, &yes, &terms);
    if (l->req->sort != SRCH_BY_SCORE || st != ST_OK)
        return st;
    const struct ix_search *search = &l->trace.last;
    double fresh =
        ix_freshness(search->half_life, search->today, ix_view_date(l->scope.view, l->number));
    *b = srch_beside_of(&l->trace, l->number, l->doc.date, l->out->score);
    b->freshness = terms * (fresh - 1);
    double left = l->out->score - terms - b->closeness - b->title - b->freshness;
    b->behind = left < -1e-6 ? left : 0;
    return ST_OK;
}

/* ---- the document ---- */

static void find_rank(struct looking *l)
{
    for (size_t i = 0; i < l->trace.nhit; i++) {
        if (l->trace.hit[i].doc != l->number)
            continue;
        l->out->rank = i + 1;
        l->out->score = l->trace.hit[i].score;
        return;
    }
}

/* The step that brought the document, or else the last one. */
static enum st find_step(struct looking *l, const struct srch_step **out)
{
    const bool partial = l->out->rank > l->trace.whole;
    bool yes = false;
    double score;
    enum st st = ST_OK;
    *out = NULL;
    for (size_t i = 0; st == ST_OK && i < l->trace.n && !yes; i++) {
        const struct srch_step *step = &l->trace.step[i];
        if (!step->lowered)
            continue;
        bool whole = *out == NULL && step->kind == SRCH_ALL;
        *out = step;
        if (l->out->rank > 0 && !(partial && whole))
            st = ask(l, step->lowered, &yes, &score);
    }
    return st;
}

static const char *message(struct looking *l, bool dated)
{
    struct srch_why *out = l->out;
    const uint64_t few = l->s->opts->relax_below;
    switch (out->at) {
    case SRCH_AT_HIT:
        return arena_fmt(l->a, "hit %ju of %s%ju", (uintmax_t)out->rank, out->exact ? "" : "about ",
                         (uintmax_t)out->total);
    case SRCH_AT_FILTER:
        if (!dated)
            return "a filter keeps it out";
        return arena_fmt(l->a, "its date keeps it out: " STR_FMT,
                         STR_ARG(l->doc.date.n ? l->doc.date : STR("it has none")));
    case SRCH_AT_PART:
        if (out->total < few)
            return "not all of the query is in it";
        return arena_fmt(l->a,
                         "not all of the query is in it; partial matches are shown when fewer "
                         "than %ju documents have all of it",
                         (uintmax_t)few);
    default:
        return "all of the query is in it, yet it is not among the hits: time ran out, or another "
               "one stands for it";
    }
}

/* Where a document that is there stands. */
static void judge(struct looking *l)
{
    struct srch_why *out = l->out;
    bool dated = false;
    out->at = out->rank > 0 ? SRCH_AT_HIT : SRCH_AT_BEHIND;
    for (size_t i = 0; out->rank == 0 && i < out->npart; i++) {
        if (out->part[i].held)
            continue;
        bool date = strcmp(out->part[i].why, "date") == 0;
        if (date || strcmp(out->part[i].why, "filter") == 0) {
            out->at = SRCH_AT_FILTER;
            dated = date;
            break;
        }
        out->at = SRCH_AT_PART;
    }
    out->message = message(l, dated);
}

static enum st look_at_document(struct looking *l)
{
    enum st st = ix_document(l->scope.view, l->number, l->a, &l->doc, l->err);
    l->out->index = l->scope.name[ix_view_reader(l->scope.view, l->number)];
    l->self = (struct ix_node){.op = IX_TERM, .term = ix_field_term(IX_ID, l->id, l->a)};
    l->out->part = arena_calloc(l->a, count_parts(l->trace.tree) + FILTERS, sizeof(*l->out->part));
    if (st != ST_OK)
        return st;
    if (!l->self.term.n || !l->out->part)
        return err_nomem(l->err);
    st = look_at_parts(l, l->trace.tree);
    if (st == ST_OK)
        st = look_at_filters(l);
    if (st != ST_OK)
        return st;
    find_rank(l);
    const struct srch_step *step;
    st = find_step(l, &step);
    if (st != ST_OK)
        return st;
    if (l->out->rank > 0 && step)
        l->out->step = step->name;
    judge(l);
    if (st == ST_OK && step)
        st = weigh_terms(l, step->lowered);
    return st == ST_OK && step && l->out->rank > 0 ? weigh_beside(l, step->lowered) : st;
}

/* The document is not in what was searched. */
static enum st look_for_remains(struct looking *l)
{
    struct str segment;
    struct srch_why *out = l->out;
    enum st st = ix_find_dead(l->scope.view, l->id, &segment, l->err);
    if (st == ST_OK) {
        out->at = SRCH_AT_TOMBSTONE;
        out->message =
            arena_fmt(l->a, "it was deleted; " STR_FMT " still holds it", STR_ARG(segment));
        return ST_OK;
    }
    if (st != ST_NOT_FOUND)
        return st;
    out->at = SRCH_AT_NOT_INDEXED;
    out->message = "no document with this id is indexed";
    if (l->scope.damage.st != ST_OK) {
        out->at = SRCH_AT_DAMAGE;
        out->message = arena_fmt(l->a, "it is not in what can be read; %s", l->scope.damage.text);
    }
    return ST_OK;
}

static enum st look(struct looking *l)
{
    enum st st = srch_scope(l->s, l->req->in, l->a, &l->scope, l->err);
    if (st != ST_OK)
        return st;
    st = ix_find(l->scope.view, l->id, &l->number, l->err);
    if (st == ST_OK)
        st = look_at_document(l);
    else if (st == ST_NOT_FOUND)
        st = look_for_remains(l);
    srch_unscope(&l->scope);
    return st;
}

/* Run the search to its last hit. That it ran out of time is no reason not to tell why. */
static enum st search(struct looking *l)
{
    struct srch_request req = *l->req;
    struct srch_result res = {0};
    req.offset = UINT64_MAX / 2;
    req.limit = 1;
    req.snippet = false;
    l->s->trace = &l->trace;
    enum st st = srch_search_plain(l->s, &req, l->a, &res, l->err);
    l->s->trace = NULL;
    l->out->total = res.total;
    l->out->exact = res.exact;
    l->out->generation = res.generation;
    return st;
}

enum st srch_why(struct srch *s, const struct srch_request *req, struct str id, struct arena *a,
                 struct srch_why *out, struct err *err)
{
    uint64_t begun = clock_ns();
    struct srch_request read;
    struct srch_result found;
    enum st st = srch_as_read(s, req, a, &read, &found, err);
    if (st != ST_OK)
        return st;
    do {
        struct looking l = {
            .s = s, .req = &read, .id = id, .a = a, .trace = {.a = a}, .out = out, .err = err};
        *out =
            (struct srch_why){.step = "none", .index = "", .via = found.via, .meant = found.meant};
        st = search(&l);
        if (st == ST_OK)
            st = look(&l);
    } while (srch_again(s, st));
    out->ms = (double)(clock_ns() - begun) / 1e6;
    return st == ST_OK && a->failed ? err_nomem(err) : st;
}
