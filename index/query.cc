/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Plain query trees to Xapian::Query.
 *
 * Whoever made the tree has bounded it by limits of their own; the bounds here are what libxapian
 * bears: it walks a query recursively, and before the first document is looked at, and so before a
 * deadline can end anything, it takes time that grows with the square of the number of terms (30 ms
 * a segment for 1,000, 0.3 s for 4,000, 10 s for 20,000). Shared nodes count each time they are
 * met. A term that glass cannot hold is in no document.
 */

#include "query.h"
#include "record.h"
#include <cmath>
#include <string>
#include <vector>

namespace
{
struct builder {
    const struct query_scope &scope;
    struct err *err;
    size_t nodes, prefixes;
};
} // namespace

static enum st build(builder *b, const struct ix_node *node, unsigned depth, Xapian::Query *out);

static std::string text(struct str s)
{
    return s.n ? std::string(s.p, s.n) : std::string();
}

static Xapian::Query term_query(struct str term)
{
    if (term.n == 0 || term_cost(term) > IX_TERM_MAX)
        return Xapian::Query::MatchNothing;
    return Xapian::Query(text(term));
}

static enum st build_prefix(builder *b, struct str prefix, Xapian::Query *out)
{
    if (++b->prefixes > IX_PREFIX_MAX)
        return err_set(b->err, ST_TOO_MUCH, "the query has more than %u characters by themselves",
                       IX_PREFIX_MAX);
    if (prefix.n == 0 || term_cost(prefix) > IX_TERM_MAX)
        return ST_OK;
    auto source = new Prefix(text(prefix), std::make_shared<prefix_stats>(*b->scope.stats));
    *out = Xapian::Query(source->release());
    return ST_OK;
}

static Xapian::Query range_query(const struct ix_node *node)
{
    std::string low = text(node->term), high = text(node->high);
    if (low.empty())
        low.assign(1, '\0'); /* the least value there is; an empty one would let in documents
                                without */
    if (high.empty())
        return Xapian::Query(Xapian::Query::OP_VALUE_GE, node->slot, low);
    return Xapian::Query(Xapian::Query::OP_VALUE_RANGE, node->slot, low, high);
}

static Xapian::Query::op operation(enum ix_op op)
{
    switch (op) {
    case IX_AND:
        return Xapian::Query::OP_AND;
    case IX_AND_MAYBE:
        return Xapian::Query::OP_AND_MAYBE;
    case IX_FILTER:
        return Xapian::Query::OP_FILTER;
    case IX_AND_NOT:
        return Xapian::Query::OP_AND_NOT;
    default:
        return Xapian::Query::OP_OR;
    }
}

static enum st build_kids(builder *b, const struct ix_node *node, unsigned depth,
                          Xapian::Query *out)
{
    std::vector<Xapian::Query> kids(node->nkid);
    for (size_t i = 0; i < node->nkid; i++) {
        enum st st = build(b, node->kid[i], depth + 1, &kids[i]);
        if (st != ST_OK)
            return st;
    }
    *out = Xapian::Query(operation(node->op), kids.begin(), kids.end());
    return ST_OK;
}

static enum st build_scale(builder *b, const struct ix_node *node, unsigned depth,
                           Xapian::Query *out)
{
    if (node->nkid != 1 || !std::isfinite(node->factor) || node->factor < 0)
        return err_set(b->err, ST_INTERNAL, "a scaled query needs one kid and a factor");
    Xapian::Query kid;
    enum st st = build(b, node->kid[0], depth + 1, &kid);
    if (st == ST_OK)
        *out = Xapian::Query(node->factor, kid);
    return st;
}

/* The caller's say is asked behind everything else that has one. */
static enum st build_where(builder *b, const struct ix_node *node, unsigned depth,
                           Xapian::Query *out)
{
    if (node->nkid != 1 || !node->accept)
        return err_set(b->err, ST_INTERNAL, "a condition in a query needs one kid");
    Xapian::Query kid;
    enum st st = build(b, node->kid[0], depth + 1, &kid);
    if (st != ST_OK)
        return st;
    auto source = new Where(b->scope.candidates, node->accept, node->accept_ctx);
    *out = Xapian::Query(Xapian::Query::OP_FILTER, kid, Xapian::Query(source->release()));
    return ST_OK;
}

static enum st build(builder *b, const struct ix_node *node, unsigned depth, Xapian::Query *out)
{
    if (depth > IX_DEPTH_MAX)
        return err_set(b->err, ST_TOO_MUCH, "the query is nested deeper than %u", IX_DEPTH_MAX);
    if (++b->nodes > IX_NODES_MAX)
        return err_set(b->err, ST_TOO_MUCH, "the query has more than %u parts", IX_NODES_MAX);
    switch (node->op) {
    case IX_TERM:
        *out = term_query(node->term);
        return ST_OK;
    case IX_PREFIX:
        return build_prefix(b, node->term, out);
    case IX_ALL:
        *out = Xapian::Query::MatchAll;
        return ST_OK;
    case IX_NONE:
        *out = Xapian::Query::MatchNothing;
        return ST_OK;
    case IX_RANGE:
        *out = range_query(node);
        return ST_OK;
    case IX_SCALE:
        return build_scale(b, node, depth, out);
    case IX_WHERE:
        return build_where(b, node, depth, out);
    case IX_AND:
    case IX_OR:
    case IX_AND_MAYBE:
    case IX_FILTER:
    case IX_AND_NOT:
        return build_kids(b, node, depth, out);
    }
    return err_set(b->err, ST_INTERNAL, "an unknown query operation %d", (int)node->op);
}

enum st query_build(const struct ix_node *node, const struct query_scope &scope, Xapian::Query *out,
                    struct err *err)
{
    builder b = {scope, err, 0, 0};
    return build(&b, node, 0, out);
}
