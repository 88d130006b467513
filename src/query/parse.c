/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From tokens to the tree, by recursive descent: one function a line of the grammar.
 *
 *     query = or
 *     or    = and *( OR and )
 *     and   = not *( [AND] not )
 *     not   = [NOT] prim
 *     prim  = FIELD prim | OPEN or CLOSE | near
 *     near  = leaf *( NEAR leaf )
 *     leaf  = RUN | EXACT | PREFIX
 *
 * No order of the tokens that q_scan gives is an error. What bounds the recursion is a limit on
 * depth. An AND in brackets within an AND is one with it, and so is an OR in an OR; brackets
 * around one thing leave no trace.
 *
 * A field holds for everything in its brackets; of fields within fields the innermost counts. What
 * a date is read from is a leaf of its own, for no run is looked for there.
 */

#include "scan.h"

struct parser {
    const struct token *tok;
    struct str text;
    const struct q_opts *opts;
    struct arena *a;
    bool dates; /* within date: */
    uint64_t depth, runs;
    struct err *err;
};

/* The kids of an AND or an OR while it is read. */
struct kids {
    struct q_node **at;
    size_t n, cap;
};

static enum st parse_or(struct parser *p, struct q_node **out);

static struct q_node *new_node(struct parser *p, enum q_kind kind, size_t at, size_t end)
{
    struct q_node *node = arena_calloc(p->a, 1, sizeof(*node));
    if (!node)
        return NULL;
    node->kind = kind;
    node->offset = at;
    node->text = node->typed = str_from(p->text.p + at, end - at);
    return node;
}

/* A node over kids that spans them. */
static enum st join(struct parser *p, enum q_kind kind, struct q_node **kid, size_t n,
                    struct q_node **out)
{
    const struct q_node *first = kid[0], *last = kid[n - 1];
    size_t at = (size_t)(first->typed.p - p->text.p);
    size_t end = (size_t)(last->typed.p - p->text.p) + last->typed.n;
    *out = new_node(p, kind, at, end);
    if (!*out)
        return err_nomem(p->err);
    (*out)->kid = kid;
    (*out)->nkid = n;
    return ST_OK;
}

static enum st join_one(struct parser *p, enum q_kind kind, size_t at, struct q_node *kid,
                        struct q_node **out)
{
    struct q_node **list = arena_calloc(p->a, 1, sizeof(struct q_node *));
    if (!list)
        return err_nomem(p->err);
    list[0] = kid;
    enum st st = join(p, kind, list, 1, out);
    if (st != ST_OK)
        return st;
    (*out)->text.n += (*out)->offset - at;
    (*out)->text.p -= (*out)->offset - at;
    (*out)->typed = (*out)->text;
    (*out)->offset = at;
    return ST_OK;
}

static bool push(struct parser *p, struct kids *k, struct q_node *node)
{
    struct q_node **at = arena_room(p->a, k->at, k->n, &k->cap, sizeof(struct q_node *));
    if (!at)
        return false;
    k->at = at;
    k->at[k->n++] = node;
    return true;
}

/* Add a node, or its kids when it is of the same kind. */
static enum st add(struct parser *p, struct kids *k, enum q_kind kind, struct q_node *node)
{
    bool fits = true;
    if (node->kind != kind || node->nkid == 0)
        return push(p, k, node) ? ST_OK : err_nomem(p->err);
    for (size_t i = 0; i < node->nkid; i++)
        fits = fits && push(p, k, node->kid[i]);
    return fits ? ST_OK : err_nomem(p->err);
}

static enum st finish(struct parser *p, enum q_kind kind, struct kids *k, struct q_node **out)
{
    if (k->n > 1)
        return join(p, kind, k->at, k->n, out);
    *out = k->at[0];
    return ST_OK;
}

static enum st parse_leaf(struct parser *p, struct q_node **out)
{
    const struct token *tok = p->tok++;
    enum q_kind kind = p->dates                  ? Q_DATE
                       : tok->kind == TOK_EXACT  ? Q_EXACT
                       : tok->kind == TOK_PREFIX ? Q_PREFIX
                                                 : Q_RUN;
    if (p->runs++ >= p->opts->limits.runs) {
        err_at(p->err, ST_TOO_MUCH, tok->at,
               "more than %ju parts separated by spaces (search.max_runs)",
               (uintmax_t)p->opts->limits.runs);
        return ST_TOO_MUCH;
    }
    *out = new_node(p, kind, tok->at, tok->end);
    if (!*out)
        return err_nomem(p->err);
    (*out)->text = tok->text;
    (*out)->offset = (size_t)(tok->text.p - p->text.p);
    return ST_OK;
}

/* Two leaves near each other, the token between them being read; dates just have to hold both. */
static enum st join_near(struct parser *p, const struct token *tok, struct q_node *left,
                         struct q_node *right, struct q_node **out)
{
    struct q_node **two = arena_calloc(p->a, 2, sizeof(struct q_node *));
    if (p->dates && p->opts->strict) {
        err_at(p->err, ST_SYNTAX, tok->at, "dates have no distance");
        return ST_SYNTAX;
    }
    if (!two)
        return err_nomem(p->err);
    two[0] = left;
    two[1] = right;
    enum st st = join(p, p->dates ? Q_AND : Q_NEAR, two, 2, out);
    if (st == ST_OK)
        (*out)->distance = tok->distance;
    return st;
}

/* Three runs in a row are two pairs. */
static enum st parse_near(struct parser *p, struct q_node **out)
{
    struct kids pairs = {0};
    struct q_node *left = NULL, *right = NULL, *pair;
    enum st st = parse_leaf(p, &left);
    if (st == ST_OK)
        *out = left;
    while (st == ST_OK && p->tok->kind == TOK_NEAR) {
        const struct token *tok = p->tok++;
        st = parse_leaf(p, &right);
        if (st == ST_OK)
            st = join_near(p, tok, left, right, &pair);
        if (st == ST_OK)
            st = add(p, &pairs, Q_AND, pair);
        left = right;
    }
    return st == ST_OK && pairs.n > 0 ? finish(p, Q_AND, &pairs, out) : st;
}

static enum st parse_field(struct parser *p, struct q_node **out);

static enum st deeper(struct parser *p)
{
    if (p->depth++ < p->opts->limits.depth)
        return ST_OK;
    return err_at(p->err, ST_TOO_MUCH, p->tok->at, "nested deeper than %ju (search.max_depth)",
                  (uintmax_t)p->opts->limits.depth);
}

static enum st parse_prim(struct parser *p, struct q_node **out)
{
    if (p->tok->kind != TOK_OPEN && p->tok->kind != TOK_FIELD)
        return parse_near(p, out);
    enum st st = deeper(p);
    if (st != ST_OK)
        return st;
    if (p->tok->kind == TOK_FIELD) {
        st = parse_field(p, out);
    } else {
        p->tok++;
        st = parse_or(p, out);
        p->tok += p->tok->kind == TOK_CLOSE;
    }
    p->depth--;
    return st;
}

static enum st parse_field(struct parser *p, struct q_node **out)
{
    const struct token *name = p->tok++;
    bool dates = p->dates;
    struct q_node *kid;
    p->dates = name->field == Q_DATES;
    enum st st = parse_prim(p, &kid);
    p->dates = dates;
    if (st != ST_OK)
        return st;
    if (name->field == Q_DATES) {
        if (kid->kind == Q_DATE) /* as typed it begins with the name */
            kid->typed = str_from(p->text.p + name->at,
                                  (size_t)(kid->typed.p + kid->typed.n - p->text.p) - name->at);
        *out = kid;
        return ST_OK;
    }
    st = join_one(p, Q_FIELD, name->at, kid, out);
    if (st == ST_OK)
        (*out)->field = name->field;
    return st;
}

static enum st parse_not(struct parser *p, struct q_node **out)
{
    const struct token *tok = p->tok;
    struct q_node *kid;
    if (tok->kind != TOK_NOT)
        return parse_prim(p, out);
    p->tok++;
    enum st st = parse_prim(p, &kid);
    return st == ST_OK ? join_one(p, Q_NOT, tok->at, kid, out) : st;
}

static bool begins_not(enum token_kind kind)
{
    return kind != TOK_END && kind != TOK_CLOSE && kind != TOK_OR;
}

static enum st parse_and(struct parser *p, struct q_node **out)
{
    struct kids k = {0};
    struct q_node *node;
    enum st st;
    do {
        p->tok += p->tok->kind == TOK_AND;
        st = parse_not(p, &node);
        if (st == ST_OK)
            st = add(p, &k, Q_AND, node);
    } while (st == ST_OK && begins_not(p->tok->kind));
    return st == ST_OK ? finish(p, Q_AND, &k, out) : st;
}

static enum st parse_or(struct parser *p, struct q_node **out)
{
    struct kids k = {0};
    struct q_node *node;
    enum st st;
    do {
        p->tok += p->tok->kind == TOK_OR;
        st = parse_and(p, &node);
        if (st == ST_OK)
            st = add(p, &k, Q_OR, node);
    } while (st == ST_OK && p->tok->kind == TOK_OR);
    return st == ST_OK ? finish(p, Q_OR, &k, out) : st;
}

enum st q_parse(struct str text, const struct q_opts *opts, struct arena *a, struct q_node **out,
                struct err *err)
{
    struct parser p = {.text = text, .opts = opts, .a = a, .err = err};
    struct token *tok;
    if (opts->limits.bytes && text.n > opts->limits.bytes)
        return err_at(err, ST_TOO_MUCH, opts->limits.bytes,
                      "the query is longer than %ju bytes (search.max_bytes)",
                      (uintmax_t)opts->limits.bytes);
    enum st st = q_scan(text, opts, a, &tok, err);
    if (st != ST_OK)
        return st;
    p.tok = tok;
    if (tok->kind == TOK_END)
        return err_at(err, ST_SYNTAX, 0, "nothing to look for");
    return parse_or(&p, out);
}
