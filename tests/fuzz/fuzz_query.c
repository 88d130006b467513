/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any text as a query: parse, lower, look for it.
 *
 * The first three bytes choose a lexicon and the limits. Runs are slices of the query, in order; an
 * error points into it; a plan stays within what the index takes; what it asks for and what it
 * marks can be looked at.
 */

#include "proof.h"
#include "some_lexicons.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct asking {
    struct arena *a;
    struct str text;
    struct q_limits limits;
    struct err err;
};

/* A query is valid UTF-8 by the time it is parsed. */
static struct str valid(struct arena *a, struct str raw)
{
    char *p = arena_alloc(a, raw.n + 1);
    PROVE(NULL, p);
    memcpy(p, raw.p, raw.n);
    for (size_t at; (at = utf8_check(p, raw.n)) < raw.n;)
        p[at] = '?';
    return str_from(p, raw.n);
}

static void prove_refusal(const struct asking *q, enum st st)
{
    PROVE(NULL, st == ST_SYNTAX || st == ST_TOO_MUCH);
    PROVE(NULL, q->err.st == st && q->err.text[0]);
    PROVE(NULL, q->err.offset >= 0 && (size_t)q->err.offset <= q->text.n);
}

static void prove_run(const struct asking *q, const struct q_node *node, size_t *from)
{
    PROVE(NULL, node->kind == Q_RUN || node->kind == Q_EXACT || node->kind == Q_DATE);
    PROVE(NULL, node->offset >= *from && node->text.p == q->text.p + node->offset);
    PROVE(NULL, node->text.n > 0 && node->text.n <= q->text.n - node->offset);
    *from = node->offset + node->text.n;
}

static void prove_tree(const struct asking *q, const struct q_node *tree)
{
    size_t from = 0;
    if (tree->kind != Q_AND) {
        prove_run(q, tree, &from);
        return;
    }
    PROVE(NULL, tree->nkid > 1 && tree->nkid <= q->limits.runs);
    for (size_t i = 0; i < tree->nkid; i++)
        prove_run(q, tree->kid[i], &from);
}

/* The nodes of a tree that the index is given. */
static size_t prove_node(const struct ix_node *node, size_t depth)
{
    size_t n = 1;
    PROVE(NULL, node && depth <= IX_DEPTH_MAX);
    if (node->op == IX_TERM || node->op == IX_PREFIX)
        PROVE(NULL, node->term.n > 0 && node->term.n <= IX_TERM_MAX && node->nkid == 0);
    else
        PROVE(NULL, (node->nkid == 0) == (node->op == IX_ALL));
    for (size_t i = 0; i < node->nkid; i++)
        n += prove_node(node->kid[i], depth + 1);
    return n;
}

static void prove_plan(const struct asking *q, const struct q_plan *plan)
{
    size_t nodes = prove_node(plan->all, 1), words = 0;
    PROVE(NULL, plan->nrun > 0 || plan->all->op == IX_FILTER);
    PROVE(NULL, plan->nrun <= q->limits.runs);
    if (plan->some)
        nodes += prove_node(plan->some, 1);
    PROVE(NULL, nodes <= IX_NODES_MAX);
    for (size_t i = 0; i < plan->nrun; i++)
        words += plan->run[i].nword;
    PROVE(NULL, words == plan->nword);
}

static void prove_check(const struct asking *q, const struct q_plan *plan)
{
    const struct ix_doc doc = {.title = STR("強調(diào)“5+5”"), .body = q->text};
    struct q_check check;
    bool yes;
    q_check_init(&check);
    PROVE(NULL, q_accept(plan, &doc, &check, &yes) == ST_OK);
    PROVE(NULL, yes); /* each run stands in the query itself */
    q_check_fini(&check);
}

static void prove_query(struct asking *q, struct an *an)
{
    static const struct q_weights weights = {
        .word = 1.0, .bigram = 0.5, .character = 0.3, .piece = 0.5};
    struct q_node *tree;
    struct q_plan plan;
    enum st st = q_parse(q->text, &q->limits, q->a, &tree, &q->err);
    if (st == ST_OK) {
        prove_tree(q, tree);
        st = q_lower(an, tree, &weights, &q->limits, q->a, &plan, &q->err);
    }
    if (st != ST_OK) {
        prove_refusal(q, st);
        return;
    }
    prove_plan(q, &plan);
    prove_check(q, &plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct some_lexicons s;
    struct arena a;
    if (size < 3)
        return 0;
    some_lexicons_open(&s);
    arena_init(&a, 64 << 20);
    struct asking q = {.a = &a,
                       .text = valid(&a, str_from((const char *)data + 3, size - 3)),
                       .limits = {.runs = 1 + data[1] % 40, .terms = 1 + 2 * (uint64_t)data[2]},
                       .err = ERR_INIT};
    q.limits.terms = q.limits.terms > Q_TERMS_MAX ? Q_TERMS_MAX : q.limits.terms;
    prove_query(&q, s.an[data[0] % SOME_LEXICONS]);
    arena_fini(&a);
    return 0;
}
