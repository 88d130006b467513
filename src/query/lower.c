/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the tree to what the index runs.
 *
 * Leaves are lowered in run.c and fields.c; here they are put together. Of several parts that must
 * all hold, what finds is ANDed, what only ranks is ORed, and the two are joined with AND_MAYBE;
 * what weighs nothing filters, and what is left out is taken away last:
 *
 *     (and-not (filter (and-maybe (and 1.5*经济 0.5*济发 1.5*发展) 经济发展) Y2024) 1.5*公告)
 *
 * Nested ANDs and ORs are joined into one, for the matcher orders the terms of one AND by their
 * frequencies. An OR is over its parts made whole each, so that a word of one part does not rank
 * another. Something that only leaves out, and a filter beside no filter, stand for all bulletins
 * but those, and all of those.
 *
 * At the top, words inside long words, 科学 of 科学家, and words that reach over a space rank too,
 * as far as the limit on terms leaves room. The runs there that are not quoted are the units of the
 * plan: whoever searches may put something weaker in their place (q_relaxed), as the relaxed query
 * here does, which asks for any of their terms.
 *
 * Marks beside text ask for nothing. What is left out is not marked in a text.
 */

#include "lower.h"

/* Days, months and years that dates stand for. */
enum { DAYS_MOST = 1000 };

/* A term and its scale are two nodes, each in both trees, with a few to join them. */
_Static_assert(2 * 3 * Q_TERMS_MAX + DAYS_MOST + 16 <= IX_NODES_MAX,
               "a query at its limit fits the index");

static enum st lower(struct lowering *l, const struct q_node *node, struct part *out);

/* ---- parts ---- */

static bool is_idle(const struct part *p)
{
    return !p->must && !p->filter && !p->without;
}

/* Drop what asks for nothing: parts without terms, and loose marks beside text. */
static size_t drop_idle(struct part *part, size_t n)
{
    bool text = false;
    for (size_t i = 0; i < n; i++)
        text = text || part[i].text;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool loose = text && !part[i].text && part[i].unit;
        if (!is_idle(&part[i]) && !loose)
            part[kept++] = part[i];
    }
    return kept;
}

enum piece { MUST, ANY, RANK, FILTER, WITHOUT };
enum which { FIXED, UNITS, EVERY };

static struct ix_node *piece_of(const struct part *part, enum piece piece)
{
    switch (piece) {
    case MUST:
        return part->must;
    case ANY:
        return part->any;
    case RANK:
        return part->rank;
    case FILTER:
        return part->filter;
    default:
        return part->without;
    }
}

/* op over one piece of each part, of those that are units, or of the others. */
static struct ix_node *gather(struct arena *a, enum ix_op op, const struct part *part, size_t n,
                              enum piece piece, enum which which)
{
    struct ix_node **kid = arena_calloc(a, n, sizeof(struct ix_node *));
    for (size_t i = 0; kid && i < n; i++)
        if (which == EVERY || part[i].unit == (which == UNITS))
            kid[i] = piece_of(&part[i], piece);
    return kid ? q_join(a, op, kid, n) : NULL;
}

/* op over `first`, or everything when that is NULL, and what is in `rest`, a node or a `list` of
 * them. */
static struct ix_node *cut(struct arena *a, enum ix_op op, struct ix_node *first,
                           struct ix_node *rest, enum ix_op list)
{
    if (!rest)
        return first;
    size_t n = rest->op == list ? rest->nkid : 1;
    struct ix_node **kid = arena_calloc(a, n + 1, sizeof(struct ix_node *));
    if (!kid)
        return NULL;
    kid[0] = first ? first : q_node_of(a, IX_ALL, NULL, 0);
    for (size_t i = 0; i < n; i++)
        kid[i + 1] = rest->op == list ? rest->kid[i] : rest;
    return q_node_of(a, op, kid, n + 1);
}

/* found, ranked, filtered, and less what is left out. */
static struct ix_node *compose(struct arena *a, struct ix_node *found, struct ix_node *rank,
                               struct ix_node *filter, struct ix_node *without)
{
    found = found ? q_and_maybe(a, found, rank) : NULL;
    found = cut(a, IX_FILTER, found, filter, IX_AND);
    return cut(a, IX_AND_NOT, found, without, IX_OR);
}

static struct ix_node *whole(struct arena *a, const struct part *p)
{
    return compose(a, p->must, p->rank, p->filter, p->without);
}

static bool only(const struct part *part, size_t n, enum piece piece)
{
    for (size_t i = 0; i < n; i++)
        if (!piece_of(&part[i], piece))
            return false;
    return n > 0;
}

/* What is to be marked of all parts. */
static enum st join_runs(struct lowering *l, const struct part *part, size_t n, struct runs *out)
{
    size_t count = 0;
    if (n == 1) {
        *out = part[0].runs;
        return ST_OK;
    }
    for (size_t i = 0; i < n; i++)
        count += part[i].runs.n;
    out->n = 0;
    out->at = arena_calloc(l->a, count, sizeof(*out->at));
    if (!out->at)
        return err_nomem(l->err);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < part[i].runs.n; k++)
            out->at[out->n++] = part[i].runs.at[k];
    return ST_OK;
}

/* ---- inside the tree ---- */

/* The kids, those that ask for nothing dropped. */
static enum st lower_kids(struct lowering *l, struct q_node *const *kid, size_t n,
                          struct part **out, size_t *kept)
{
    struct part *part = arena_calloc(l->a, n, sizeof(*part));
    if (!part)
        return err_nomem(l->err);
    for (size_t i = 0; i < n; i++) {
        enum st st = lower(l, kid[i], &part[i]);
        if (st != ST_OK)
            return st;
    }
    *out = part;
    *kept = drop_idle(part, n);
    return ST_OK;
}

/* All of the kids, or any of them. What is of filters alone is a filter; what all is left out by
 * all is left out. */
static enum st lower_list(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct part *part;
    size_t n;
    enum ix_op op = node->kind == Q_AND ? IX_AND : IX_OR;
    enum st st = lower_kids(l, node->kid, node->nkid, &part, &n);
    if (st == ST_OK)
        st = join_runs(l, part, n, &out->runs);
    if (st != ST_OK || n == 0)
        return st;
    for (size_t i = 0; i < n; i++)
        out->text = out->text || part[i].text;
    if (only(part, n, FILTER)) {
        out->filter = gather(l->a, op, part, n, FILTER, EVERY);
    } else if (op == IX_AND && only(part, n, WITHOUT)) {
        out->without = gather(l->a, IX_OR, part, n, WITHOUT, EVERY);
    } else if (op == IX_AND) {
        out->must = compose(l->a, gather(l->a, IX_AND, part, n, MUST, EVERY),
                            gather(l->a, IX_OR, part, n, RANK, EVERY),
                            gather(l->a, IX_AND, part, n, FILTER, EVERY),
                            gather(l->a, IX_OR, part, n, WITHOUT, EVERY));
    } else {
        for (size_t i = 0; i < n; i++)
            part[i].must = whole(l->a, &part[i]);
        out->must = gather(l->a, IX_OR, part, n, MUST, EVERY);
    }
    return l->a->failed ? err_nomem(l->err) : ST_OK;
}

/* What is left out weighs nothing, so words of it do not matter. */
static enum st lower_not(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct part kid;
    enum st st = lower(l, node->kid[0], &kid);
    if (st != ST_OK || is_idle(&kid))
        return st;
    kid.rank = NULL;
    out->without = whole(l->a, &kid);
    out->text = kid.text;
    return l->a->failed ? err_nomem(l->err) : ST_OK;
}

static enum st lower_field(struct lowering *l, const struct q_node *node, struct part *out)
{
    enum q_field outer = l->field;
    l->field = node->field;
    enum st st = lower(l, node->kid[0], out);
    l->field = outer;
    return st;
}

static enum st count_days(struct lowering *l, const struct q_node *node, const struct ix_node *date)
{
    l->days += date->op == IX_OR ? date->nkid : 1;
    if (l->days <= DAYS_MOST)
        return ST_OK;
    return err_at(l->err, ST_TOO_MUCH, node->offset,
                  "the dates stand for more than %d days, months and years", DAYS_MOST);
}

/* What is no date is text, its name too. */
static enum st lower_date(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct err err = ERR_INIT;
    enum st st = q_date(l->an, node, l->opts, l->a, &out->filter, &err);
    if (st == ST_OK)
        return count_days(l, node, out->filter);
    if (st == ST_SYNTAX && !l->opts->strict) {
        struct q_node run = *node;
        run.kind = Q_RUN;
        run.text = node->typed;
        run.offset = node->offset - (size_t)(node->text.p - node->typed.p);
        return q_lower_leaf(l, &run, out);
    }
    if (l->err)
        *l->err = err;
    return st;
}

static enum st lower(struct lowering *l, const struct q_node *node, struct part *out)
{
    *out = (struct part){0};
    switch (node->kind) {
    case Q_AND:
    case Q_OR:
        return lower_list(l, node, out);
    case Q_NOT:
        return lower_not(l, node, out);
    case Q_FIELD:
        return lower_field(l, node, out);
    case Q_NEAR:
        return q_lower_near(l, node, out);
    case Q_DATE:
        return lower_date(l, node, out);
    default:
        return q_lower_leaf(l, node, out);
    }
}

/* ---- the top ---- */

/* Words that reach over a space rank as well: GB/T 7714-2015. */
static enum st rank_across(struct lowering *l, const struct q_node *tree, struct ix_node **out)
{
    struct term_list words;
    *out = NULL;
    if (tree->kind != Q_AND)
        return ST_OK;
    uint64_t most = l->opts->limits.terms - l->terms;
    if (q_words_across(l->an, tree, most, l->a, &words) != ST_OK)
        return err_nomem(l->err);
    l->terms += words.n;
    *out = q_join_terms(l->a, IX_OR, &words, l->opts->weights.word);
    return ST_OK;
}

static bool is_word(const struct part *part, size_t n, struct str term)
{
    for (size_t i = 0; i < n; i++)
        if (q_has_term(&part[i].word, term))
            return true;
    return false;
}

static bool is_bigram(const struct part *part, size_t n, struct str term)
{
    for (size_t i = 0; i < n; i++)
        if (q_has_term(&part[i].bigram, term))
            return true;
    return false;
}

/* Words inside long words rank as well, if they are not asked for as words already. */
static enum st rank_pieces(struct lowering *l, const struct part *part, size_t n,
                           struct ix_node **out)
{
    struct term_list pieces = {.cap = (size_t)(l->opts->limits.terms - l->terms)};
    *out = NULL;
    if (l->opts->weights.piece <= 0)
        return ST_OK;
    pieces.at = arena_calloc(l->a, pieces.cap, sizeof(struct str));
    if (!pieces.at)
        return err_nomem(l->err);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < part[i].piece.n && pieces.n < pieces.cap; k++) {
            struct str term = part[i].piece.at[k];
            if (!is_word(part, n, term) && !is_bigram(part, n, term) && !q_has_term(&pieces, term))
                pieces.at[pieces.n++] = term;
        }
    l->terms += pieces.n;
    *out = q_join_terms(l->a, IX_OR, &pieces, l->opts->weights.piece);
    return ST_OK;
}

/* Relaxing a query makes a difference when there are two terms to choose from. */
static bool can_relax(const struct part *part, size_t n)
{
    size_t terms = 0;
    for (size_t i = 0; i < n; i++)
        terms += part[i].unit ? part[i].nany : 0;
    return terms > 1;
}

static enum st list_units(struct lowering *l, const struct part *part, size_t n, struct q_plan *out)
{
    out->unit = arena_calloc(l->a, n, sizeof(*out->unit));
    if (!out->unit)
        return err_nomem(l->err);
    for (size_t i = 0; i < n; i++)
        if (part[i].unit)
            out->unit[out->nunit++] = (struct q_unit){
                .any = part[i].any, .typed = part[i].typed.at, .ntyped = part[i].typed.n};
    return ST_OK;
}

struct ix_node *q_relaxed(const struct q_plan *p, struct ix_node *units, struct arena *a)
{
    return compose(a, q_join2(a, IX_AND, p->fixed, units), p->rank, p->filter, p->without);
}

/* extra: what ranks beside the words of the parts. */
static enum st plan_parts(struct lowering *l, const struct part *part, size_t n,
                          struct ix_node *extra, struct q_plan *out)
{
    struct arena *a = l->a;
    enum st st = list_units(l, part, n, out);
    if (st != ST_OK)
        return st;
    out->rank = q_join2(a, IX_OR, gather(a, IX_OR, part, n, RANK, EVERY), extra);
    out->filter = gather(a, IX_AND, part, n, FILTER, EVERY);
    out->without = gather(a, IX_OR, part, n, WITHOUT, EVERY);
    out->fixed = gather(a, IX_AND, part, n, MUST, FIXED);
    out->all =
        compose(a, gather(a, IX_AND, part, n, MUST, EVERY), out->rank, out->filter, out->without);
    if (can_relax(part, n))
        out->some = q_relaxed(out, gather(a, IX_OR, part, n, ANY, UNITS), a);
    return a->failed ? err_nomem(l->err) : ST_OK;
}

static enum st lower_all(struct lowering *l, struct q_node *tree, struct q_plan *out)
{
    struct part *part;
    struct runs runs;
    size_t n;
    bool list = tree->kind == Q_AND;
    enum st st = lower_kids(l, list ? tree->kid : &tree, list ? tree->nkid : 1, &part, &n);
    if (st != ST_OK)
        return st;
    if (n == 0)
        return err_at(l->err, ST_SYNTAX, 0, "nothing to look for");
    st = join_runs(l, part, n, &runs);
    if (st != ST_OK)
        return st;
    out->run = runs.at;
    out->nrun = runs.n;
    for (size_t i = 0; i < runs.n; i++)
        out->nword += runs.at[i].again ? 0 : runs.at[i].nword;
    struct ix_node *across, *pieces;
    st = rank_across(l, tree, &across);
    if (st == ST_OK)
        st = rank_pieces(l, part, n, &pieces);
    if (st != ST_OK)
        return st;
    return plan_parts(l, part, n, q_join2(l->a, IX_OR, across, pieces), out);
}

/* Once more, without what was not typed and left no room for what was. */
static enum st lower_plain(struct lowering *l, struct q_node *tree, struct q_plan *out)
{
    l->plain = true;
    l->terms = 0;
    l->prefixes = l->days = 0;
    l->field = Q_ANYWHERE;
    *out = (struct q_plan){0};
    return lower_all(l, tree, out);
}

enum st q_lower(struct an *an, const struct q_node *node, const struct q_opts *opts,
                struct arena *a, struct q_plan *out, struct err *err)
{
    struct lowering l = {.an = an, .opts = opts, .a = a, .err = err};
    struct q_node *tree = arena_alloc(a, sizeof(*tree));
    *out = (struct q_plan){0};
    if (!tree)
        return err_nomem(err);
    *tree = *node;
    an_text_init(&l.fold);
    enum st st = lower_all(&l, tree, out);
    if (st == ST_TOO_MUCH && l.others)
        st = lower_plain(&l, tree, out);
    an_text_fini(&l.fold);
    return st;
}
