/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Documents that have any of the kids of a node, or enough of them.
 *
 * Kids are read one after the other, rare ones first, and what a document has is added up. Once the
 * kids that are left cannot bring a document that has none of those before to what it needs, the
 * sum is closed: only documents in it are looked up in the others, and from kid to kid those are
 * dropped that cannot get there any more. What a document needs is a mass (IX_ENOUGH), or a score
 * that is among the best when no others are asked for, which the bounds of the kids' weights tell.
 * So the frequent kids, whose lists are long, are hardly looked at. (Moffat and Zobel,
 * Self-indexing inverted files for fast text retrieval, 1996; Turtle and Flood, Query evaluation:
 * strategies and optimizations, 1995.)
 *
 * Weights are added in the same order whatever is dropped, so that a document has the same score
 * however many are asked for.
 */

#include "match_run.h"

enum {
    POSTINGS_A_PART = 600, /* about so many lie together and are passed over together */
};

#define ROUNDING (1 + 1e-9) /* sums of weights against sums of their bounds */

/* Whether to look so many documents up in a kid is quicker than to read it. */
static bool are_few(const struct matcher *m, const struct tree *kid, size_t n)
{
    uint64_t share = kid->most * (m->high - m->low) / columns_documents(m->columns);
    return kid->op != IX_TERM || n < share / POSTINGS_A_PART;
}

static enum st add_list(struct matcher *m, struct tree *kid, const struct match_list *among,
                        bool closed, struct match_sum *h)
{
    struct match_list *got = list_take(m->spare);
    enum st st = got ? match_eval(m, kid, among, got) : err_nomem(m->err);
    for (size_t i = 0; st == ST_OK && i < got->n; i++)
        if (!closed || sum_has(h, m->low, got->doc[i]))
            sum_put_mass(h, m->low, got->doc[i], got->w[i], kid->mass);
    list_give(m->spare, got);
    return st;
}

/* Add what a kid matches; once the sum is closed, to the n documents in it alone. */
static enum st add_kid(struct matcher *m, struct tree *kid, const struct match_list *among,
                       bool closed, size_t n, struct match_sum *h)
{
    struct match_list *few = NULL;
    if (kid->most == 0 || match_give_up(m))
        return ST_OK;
    if (closed && are_few(m, kid, n)) {
        few = list_take(m->spare);
        if (!few)
            return err_nomem(m->err);
        sum_list(h, m->low, few);
        among = few;
    }
    enum st st = !among && kid->op == IX_TERM ? leaf_sum(m, kid, closed, h)
                                              : add_list(m, kid, among, closed, h);
    list_give(m->spare, few);
    return st;
}

uint64_t match_mass(const struct tree *t)
{
    uint64_t mass = 0;
    for (size_t i = 0; i < t->nkid; i++)
        mass += t->kid[i]->mass;
    return mass;
}

/* What the kids that are left may add to a document that has none of them yet. */
struct rest {
    double weight;
    uint64_t mass;
};

/* Whether that is too little; then the number of documents that may still get there, of those in
 * the sum, goes to *n, and the others are dropped. */
static bool close_sum(struct matcher *m, const struct tree *t, const struct rest *rest,
                      struct match_sum *h, size_t *n)
{
    bool light = t == m->best && rest->weight < m->wanted;
    uint64_t mass = t->least > rest->mass ? t->least - rest->mass : 0;
    *n = 0;
    if (!light && !mass)
        return false;
    m->passed_over = m->passed_over || light;
    *n = sum_drop(h, mass, light ? m->wanted - rest->weight : 0);
    return true;
}

enum st match_some(struct matcher *m, const struct tree *t, const struct match_list *among,
                   struct match_list *out)
{
    struct match_sum *h = sum_take(m->spare);
    enum st st = h ? ST_OK : err_nomem(m->err);
    struct rest rest = {t->bound * ROUNDING, match_mass(t)};
    for (size_t i = 0; i < t->nkid && st == ST_OK; i++) {
        size_t n;
        bool closed = close_sum(m, t, &rest, h, &n);
        if (closed && n == 0)
            break;
        st = add_kid(m, t->order[i], among, closed, n, h);
        rest.weight -= t->order[i]->bound;
        rest.mass -= t->order[i]->mass;
    }
    if (st == ST_OK) {
        if (t->least > 0)
            sum_drop(h, t->least, 0);
        sum_list(h, m->low, out);
    }
    sum_give(m->spare, h);
    return st;
}
