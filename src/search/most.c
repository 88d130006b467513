/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Most of a query: what a search asks for when too little has all of it.
 *
 * Each term that finds has a mass, which is what it weighs in the query: its idf, times the factor
 * of its kind. A document has most of the query when the masses of the terms that it has come to a
 * share (search.most) of those of all terms as they were typed. So a question word that is missing
 * takes nothing away and a name that is missing does, whether the query is one long run or several
 * short ones. Terms in no document have no mass: most is of what there is to be found. Synonyms and
 * other spellings have the mass of their own terms and may make up for those that were typed.
 *
 * What ranks beside, what is fixed and what filters stays as it is. Characters by themselves weigh
 * little and are slow to find, and are left out.
 */

#include "answer.h"

#include <math.h>

struct choice {
    struct ix_node **kid;
    uint32_t *mass;
    size_t n;
    uint64_t whole;    /* masses of the terms as typed */
    uint32_t smallest; /* of a kid */
};

#define MASS_UNIT 1000.0

static bool is_typed(const struct q_unit *unit, struct str term)
{
    for (size_t i = 0; i < unit->ntyped; i++)
        if (str_eq(unit->typed[i], term))
            return true;
    return false;
}

/* A term, or one that is scaled. */
static void choose(struct choice *c, const struct weights *w, const struct q_unit *unit,
                   struct ix_node *node)
{
    const struct ix_node *leaf = node;
    double factor = 1;
    for (; leaf->op == IX_SCALE; leaf = leaf->kid[0])
        factor *= leaf->factor;
    const struct weighed *one = leaf->op == IX_TERM ? srch_weighed(w, leaf->term) : NULL;
    if (!one || one->df == 0)
        return;
    double mass = fmin(ceil(factor * one->idf * MASS_UNIT), IX_MASS_MAX);
    c->kid[c->n] = node;
    c->mass[c->n++] = (uint32_t)mass;
    if (is_typed(unit, leaf->term))
        c->whole += (uint64_t)mass;
    if ((uint32_t)mass < c->smallest)
        c->smallest = (uint32_t)mass;
}

size_t srch_spread(struct ix_node *any, struct ix_node **out)
{
    size_t n = any->op == IX_OR ? any->nkid : 1;
    for (size_t i = 0; out && i < n; i++)
        out[i] = any->op == IX_OR ? any->kid[i] : any;
    return n;
}

enum st srch_most(struct job *j, const struct weights *w, struct ix_node **out)
{
    const struct q_plan *plan = &j->plan;
    struct ix_node *enough = arena_calloc(j->a, 1, sizeof(*enough));
    struct choice c = {.smallest = UINT32_MAX};
    size_t n = 0;
    *out = NULL;
    for (size_t i = 0; i < plan->nunit; i++)
        n += srch_spread(plan->unit[i].any, NULL);
    c.kid = arena_alloc(j->a, (n + 1) * sizeof(struct ix_node *));
    c.mass = arena_alloc(j->a, (n + 1) * sizeof(*c.mass));
    if (!enough || !c.kid || !c.mass)
        return err_nomem(j->err);
    for (size_t i = 0; i < plan->nunit; i++) {
        struct ix_node *any = plan->unit[i].any;
        for (size_t k = 0; k < srch_spread(any, NULL); k++)
            choose(&c, w, &plan->unit[i], any->op == IX_OR ? any->kid[k] : any);
    }
    double least = ceil((double)c.whole * j->s->opts->most);
    if (c.n < 2 || c.smallest >= least)
        return ST_OK;
    *enough = (struct ix_node){
        .op = IX_ENOUGH, .kid = c.kid, .nkid = c.n, .mass = c.mass, .least = (uint32_t)least};
    *out = q_relaxed(plan, enough, j->a);
    return j->a->failed ? err_nomem(j->err) : ST_OK;
}
