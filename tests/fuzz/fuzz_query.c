/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any text as a query: parse, lower, look for it.
 *
 * The first three bytes choose a lexicon, the limits, strictness and synonyms. Leaves are slices of
 * the query, in order; an error points into it; a plan stays within what the index takes; what it
 * asks for and what it marks can be looked at.
 */

#include "proof.h"
#include "some_lexicons.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct asking {
    struct arena *a;
    struct str text;
    struct q_opts opts;
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

static bool is_slice(const struct asking *q, struct str s)
{
    return s.p >= q->text.p && s.n <= q->text.n && s.p + s.n <= q->text.p + q->text.n;
}

/* How many kids a node of a kind has. */
static bool has_kids(const struct q_node *node)
{
    switch (node->kind) {
    case Q_AND:
    case Q_OR:
        return node->nkid > 1;
    case Q_NOT:
    case Q_FIELD:
        return node->nkid == 1;
    case Q_NEAR:
        return node->nkid == 2;
    default:
        return node->nkid == 0;
    }
}

/* Leaves are slices of the query, in order; runs near each other may be two pairs. Returns how many
 * leaves there are. */
static size_t prove_tree(const struct asking *q, const struct q_node *node, size_t depth)
{
    size_t leaves = node->nkid == 0;
    PROVE(NULL, depth <= 3 * q->opts.limits.depth + 4 && has_kids(node));
    PROVE(NULL, node->text.n > 0 && is_slice(q, node->text) && is_slice(q, node->typed));
    PROVE(NULL, node->text.p == q->text.p + node->offset);
    PROVE(NULL, node->typed.p <= node->text.p);
    for (size_t i = 0; i < node->nkid; i++) {
        const struct q_node *kid = node->kid[i];
        PROVE(NULL, kid->typed.p >= node->typed.p);
        PROVE(NULL, kid->typed.p + kid->typed.n <= node->typed.p + node->typed.n);
        PROVE(NULL, i == 0 || node->kid[i - 1]->offset < kid->offset);
        leaves += prove_tree(q, kid, depth + 1);
    }
    return leaves;
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

static void prove_plan(const struct q_plan *plan, size_t leaves)
{
    size_t nodes = prove_node(plan->all, 1), words = 0, typed = 0;
    for (size_t i = 0; i < plan->nrun; i++)
        typed += !plan->run[i].again;
    PROVE(NULL, typed <= leaves && plan->nunit <= typed);
    if (plan->some)
        nodes += prove_node(plan->some, 1);
    PROVE(NULL, nodes <= IX_NODES_MAX);
    for (size_t i = 0; i < plan->nrun; i++)
        words += plan->run[i].again ? 0 : plan->run[i].nword;
    PROVE(NULL, words == plan->nword);
    for (size_t i = 0; i < plan->nunit; i++)
        PROVE(NULL, plan->unit[i].any && (plan->unit[i].ntyped == 0 || plan->unit[i].typed));
}

/* What is kept of a document tells the same as the document. */
static void prove_glance(const struct asking *q, const struct ix_node *node,
                         const struct ix_doc *doc, bool yes)
{
    struct buf extract;
    if (!node->glance)
        return;
    for (int brief = 0; brief < 2; brief++) {
        buf_init(&extract, 1 << 24);
        PROVE(NULL, (brief ? q_extract_brief : q_extract)(q->opts.check, doc, &extract) == ST_OK);
        enum ix_seen seen = extract.n ? node->glance(node->accept_ctx, buf_str(&extract)) : IX_READ;
        PROVE(NULL, seen == IX_READ || (seen == IX_YES) == yes);
        buf_fini(&extract);
    }
}

/* What is looked for in stored text stands in the query itself, if all of it is looked for
 * anywhere. */
static void prove_seen(const struct asking *q, const struct ix_node *node, bool simple)
{
    const struct ix_doc doc = {.title = STR("強調(diào)“5+5”"), .body = q->text};
    if (node->op == IX_WHERE) {
        bool yes = node->accept(node->accept_ctx, &doc);
        PROVE(NULL, q->opts.check->st == ST_OK && (yes || !simple));
        prove_glance(q, node, &doc, yes);
    }
    for (size_t i = 0; i < node->nkid; i++)
        prove_seen(q, node->kid[i], simple);
}

static bool is_simple(const struct q_node *tree)
{
    for (size_t i = 0; i < tree->nkid; i++)
        if (tree->kid[i]->kind != Q_RUN && tree->kid[i]->kind != Q_EXACT)
            return false;
    return tree->kind == Q_AND || tree->kind == Q_EXACT;
}

static void prove_query(struct asking *q, struct an *an)
{
    struct q_node *tree;
    struct q_plan plan;
    size_t leaves = 0;
    enum st st = q_parse(q->text, &q->opts, q->a, &tree, &q->err);
    if (st == ST_OK) {
        leaves = prove_tree(q, tree, 1);
        st = q_lower(an, tree, &q->opts, q->a, &plan, &q->err);
    }
    if (st != ST_OK) {
        prove_refusal(q, st);
        return;
    }
    prove_plan(&plan, leaves);
    prove_seen(q, plan.all, is_simple(tree));
}

/* Words of the lexicons that stand for others, each other, themselves and for marks. */
static const struct q_synonyms *synonyms(void)
{
    static struct q_synonyms *s;
    static const char words[] = "强调 = 部署，會議, 强调\n经济 => 发展, 高质量, 经济, a\n"
                                "的 = 的的, 二〇二四年\n5+5 = ab、b1\n会议强调 = 长\n"
                                "强 = 质, 调, 月3, 卡拉OK, x y, 5\n( = 括号\nC# = c++\n";
    char path[] = "/tmp/fuzz-XXXXXX";
    if (s)
        return s;
    int fd = mkstemp(path);
    PROVE(NULL, fd >= 0 && write(fd, words, sizeof(words) - 1) == sizeof(words) - 1);
    PROVE(NULL, q_synonyms_open(path, &s, NULL) == ST_OK);
    unlink(path);
    close(fd);
    return s;
}

/* The second byte's highest bit makes it strict, that of the first turns synonyms on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct some_lexicons s;
    struct arena a;
    struct q_check check;
    if (size < 3)
        return 0;
    some_lexicons_open(&s);
    arena_init(&a, 64 << 20);
    q_check_init(&check);
    uint64_t terms = 1 + 2 * (uint64_t)data[2];
    struct asking q = {.a = &a,
                       .text = valid(&a, str_from((const char *)data + 3, size - 3)),
                       .opts = {.limits = {.runs = 1 + data[1] % 40,
                                           .terms = terms > Q_TERMS_MAX ? Q_TERMS_MAX : terms,
                                           .depth = Q_DEPTH_MAX,
                                           .expansion = 1000},
                                .weights = {1.0, 0.5, 0.3, 0.5},
                                .strict = data[1] >= 128,
                                .today = {2024, 10, 31},
                                .synonyms = data[0] >= 128 ? synonyms() : NULL,
                                .check = &check},
                       .err = ERR_INIT};
    prove_query(&q, s.an[data[0] % SOME_LEXICONS]);
    q_check_fini(&check);
    arena_fini(&a);
    return 0;
}
