/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Notes of a search while it runs.
 *
 * The search calls in at the end of each of its steps. The postings of a step are those in the
 * lists of its terms, each list once: what it may have to read, of which it passes over what
 * cannot be among the best. Those of an IX_PREFIX are not known before they are read, and are not
 * counted. Everything lives in the arena of the request; when that has no room, notes are lost and
 * the arena tells.
 */

#include "trace.h"

#include <gongbao/clock.h>

void trace_restart(struct trace *t)
{
    if (t)
        *t = (struct trace){.a = t->a};
}

uint64_t trace_begin(const struct trace *t)
{
    return t ? clock_ns() : 0;
}

void trace_tree(struct trace *t, const struct q_node *tree)
{
    if (t)
        t->tree = tree;
}

void trace_hits(struct trace *t, const struct ix_hit *hit, size_t n, size_t whole)
{
    if (!t)
        return;
    t->hit = hit;
    t->nhit = n;
    t->whole = whole;
}

static struct srch_step *add_step(struct trace *t)
{
    struct srch_step *list = arena_room(t->a, t->step, t->n, &t->cap, sizeof(*list));
    if (!list)
        return NULL;
    t->step = list;
    return &t->step[t->n++];
}

void trace_end(struct trace *t, const char *name, uint64_t begun)
{
    uint64_t now = t ? clock_ns() : 0;
    struct srch_step *step = t ? add_step(t) : NULL;
    if (step)
        *step = (struct srch_step){.name = name, .ms = (double)(now - begun) / 1e6};
}

/* ---- documents that were looked at ---- */

void trace_looked(struct trace *t, uint64_t doc, double closeness, double title)
{
    if (!t)
        return;
    struct looked *list = arena_room(t->a, t->looked, t->nlooked, &t->looked_cap, sizeof(*list));
    if (!list)
        return;
    t->looked = list;
    t->looked[t->nlooked++] = (struct looked){doc, closeness, title};
}

void trace_damped(struct trace *t, double factor)
{
    for (; t && t->damped < t->nlooked; t->damped++) {
        t->looked[t->damped].closeness *= factor;
        t->looked[t->damped].title *= factor;
    }
}

struct looked trace_find_looked(const struct trace *t, uint64_t doc)
{
    for (size_t i = 0; i < t->nlooked; i++)
        if (t->looked[i].doc == doc)
            return t->looked[i];
    return (struct looked){.doc = doc};
}

/* ---- terms ---- */

static bool has_term(const struct term_set *set, struct str term)
{
    for (size_t i = 0; i < set->n; i++)
        if (str_eq(set->term[i], term))
            return true;
    return false;
}

static void add_term(struct term_set *set, struct str term)
{
    if (has_term(set, term))
        return;
    struct str *list = arena_room(set->a, set->term, set->n, &set->cap, sizeof(*list));
    if (!list)
        return;
    set->term = list;
    set->term[set->n++] = term;
}

void trace_terms(const struct ix_node *node, struct term_set *out)
{
    if (node->op == IX_TERM)
        add_term(out, node->term);
    for (size_t i = 0; i < node->nkid; i++)
        trace_terms(node->kid[i], out);
}

/* ---- searches ---- */

static uint64_t postings_of(const struct ix_node *query, struct ix_view *view, struct arena *a)
{
    struct term_set terms = {.a = a};
    uint64_t sum = 0, n;
    trace_terms(query, &terms);
    for (size_t i = 0; i < terms.n; i++)
        if (ix_view_frequency(view, terms.term[i], &n, NULL) == ST_OK)
            sum += n;
    return sum;
}

static struct str dumped(const struct ix_node *query, struct ix_view *view, struct arena *a)
{
    struct buf b;
    buf_init(&b, a->max);
    q_dump_lowered(query, view, &b);
    struct str s = arena_str(a, buf_str(&b));
    buf_fini(&b);
    return s;
}

static const char *const name_of[] = {
    [SRCH_NO_QUERY] = "", [SRCH_ALL] = "all", [SRCH_MOST] = "most", [SRCH_ANY] = "any"};

void trace_search(struct trace *t, enum srch_kind kind, uint64_t begun, struct ix_view *view,
                  const struct ix_search *search, uint64_t hits)
{
    uint64_t now = t ? clock_ns() : 0;
    struct srch_step *step = t ? add_step(t) : NULL;
    if (!step)
        return;
    *step = (struct srch_step){
        .name = name_of[kind],
        .kind = kind,
        .ms = (double)(now - begun) / 1e6,
        .hits = hits,
        .postings = postings_of(search->query, view, t->a),
        .query = dumped(search->query, view, t->a),
        .lowered = search->query,
    };
    t->last = *search;
    t->last.visit = NULL; /* what it told is gone with the request */
    t->last.visit_ctx = NULL;
}
