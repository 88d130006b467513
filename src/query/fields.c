/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Leaves that are more than a run: prefixes, runs near each other, and what is asked of a field.
 *
 * A title has no terms of its own: the run is found anywhere, and then looked for in the stored
 * title. Issuers and tags have one term a value: a piece of a value is looked for among those, of
 * which there are few, and the values that hold it are joined; a value too long for a term is only
 * known by its sum, and is found by all of it in quotes. An address has no terms at all: each
 * document is asked, a tenth of a microsecond where its extract is kept, and fifty times as long
 * where it is not. An id and a name have a term each.
 *
 * A prefix of three letters or digits and more is joined from the terms that begin with it. A
 * shorter one cannot be told from a pair of letters in the middle of a word, so it is looked for in
 * the stored text. With Han characters a prefix is the run itself, for Chinese has no ends of
 * words.
 */

#include "lower.h"

/* ---- prefixes ---- */

static bool is_plain(const struct an_text *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->cp[i] >= 0x80)
            return false;
    return t->n > 0;
}

static enum st count_prefix(struct lowering *l, const struct q_node *node)
{
    if (++l->prefixes <= IX_PREFIX_MAX)
        return ST_OK;
    return err_at(l->err, ST_TOO_MUCH, node->offset,
                  "more than %d prefixes, fields and characters by themselves", IX_PREFIX_MAX);
}

/* All terms that begin with `begin`. */
static struct ix_node *terms_from(struct lowering *l, struct str begin)
{
    struct ix_node *node = q_node_of(l->a, IX_PREFIX, NULL, 0);
    if (!node || !begin.p)
        return NULL;
    node->term = begin;
    node->most = l->opts->limits.expansion;
    return node;
}

static enum st lower_prefix(struct lowering *l, const struct q_node *node, struct part *out)
{
    enum st st = q_lower_run(l, node, out);
    if (st != ST_OK || out->same.n == 0 || !out->must)
        return st;
    struct q_run *run = &out->same.at[0];
    run->whole = true;
    if (!is_plain(&run->text))
        return ST_OK;
    if (run->text.n < 3) {
        out->must = q_where_begins(l, out->must, &out->same, l->field == Q_TITLE);
        return out->must ? ST_OK : err_nomem(l->err);
    }
    st = count_prefix(l, node);
    if (st != ST_OK)
        return st;
    out->must = terms_from(l, q_spell(&run->text, "", l->a));
    out->rank = NULL;
    return out->must ? ST_OK : err_nomem(l->err);
}

/* ---- values of fields ---- */

/* Which values are meant: those that hold the text, or are it. */
struct value {
    struct an_text text;
    struct q_check *check;
    bool all;
};

/* The term of a value too long for one: a sum, of which nothing can be read. */
static bool is_sum(struct str term)
{
    return term.n > 1 && term.p[1] == (char)0xff;
}

static bool takes(void *ctx, struct str term)
{
    const struct value *v = ctx;
    struct an_text *fold = &v->check->value;
    if (is_sum(term))
        return false;
    if (an_fold_run(str_from(term.p + 1, term.n - 1), AN_VIEW_TEXT, fold) != ST_OK) {
        v->check->st = ST_NO_MEMORY;
        return false;
    }
    return (!v->all || fold->n == v->text.n) && an_find(fold, &v->text, 0) != SIZE_MAX;
}

/* The node's text, folded, in the arena. */
static enum st fold_text(struct lowering *l, const struct q_node *node, struct an_text *out)
{
    if (an_fold_run(node->text, AN_VIEW_TEXT, &l->fold) != ST_OK)
        return err_nomem(l->err);
    *out = (struct an_text){.n = l->fold.n,
                            .cp = arena_alloc(l->a, (l->fold.n + 1) * sizeof(uint32_t))};
    if (!out->cp)
        return err_nomem(l->err);
    if (out->n)
        memcpy(out->cp, l->fold.cp, out->n * sizeof(uint32_t));
    return ST_OK;
}

static enum st lower_value(struct lowering *l, const struct q_node *node, enum ix_field field,
                           struct part *out)
{
    struct value *v = arena_calloc(l->a, 1, sizeof(*v));
    enum st st = v ? fold_text(l, node, &v->text) : err_nomem(l->err);
    if (st != ST_OK || v->text.n == 0)
        return st;
    st = count_prefix(l, node);
    if (st != ST_OK)
        return st;
    v->check = l->opts->check;
    v->all = node->kind == Q_EXACT;
    out->text = true;
    struct str whole = ix_field_term(field, node->text, l->a);
    if (v->all && is_sum(whole)) {
        out->filter = q_term_node(l->a, whole, 1);
        return out->filter ? ST_OK : err_nomem(l->err);
    }
    out->filter = terms_from(l, ix_field_term(field, STR(""), l->a));
    if (!out->filter)
        return err_nomem(l->err);
    out->filter->take = takes;
    out->filter->take_ctx = v;
    return ST_OK;
}

static enum st lower_url(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct ix_node *all = q_node_of(l->a, IX_ALL, NULL, 0);
    out->filter = all ? q_where_url(l, all, node->text) : NULL;
    out->text = true;
    return out->filter ? ST_OK : err_nomem(l->err);
}

static enum st lower_id(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct str term = ix_field_term(IX_ID, node->text, l->a);
    if (!term.p)
        return err_nomem(l->err);
    enum st st = node->kind == Q_PREFIX ? count_prefix(l, node) : ST_OK;
    if (st != ST_OK)
        return st;
    out->filter = node->kind == Q_PREFIX ? terms_from(l, term) : q_term_node(l->a, term, 1);
    out->text = true;
    return out->filter ? ST_OK : err_nomem(l->err);
}

/* A name, also one that a text sets with a space: it is marked where it stands. */
static enum st lower_who(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct an_text spaced;
    struct str name;
    struct q_run *run = arena_calloc(l->a, 1, sizeof(*run));
    enum st st = run ? fold_text(l, node, &run->text) : err_nomem(l->err);
    if (st == ST_OK && node->kind == Q_PREFIX)
        st = count_prefix(l, node);
    if (st != ST_OK || run->text.n == 0)
        return st;
    if (q_spaced(l->an, &run->text, l->a, &spaced, &name) != ST_OK)
        return err_nomem(l->err);
    run->typed = node->text;
    run->spaced = spaced;
    run->whole = true;
    out->runs = (struct runs){run, 1};
    out->text = true;
    struct str term = q_spell(&run->text, IX_TERM_NAME, l->a);
    out->filter = node->kind == Q_PREFIX ? terms_from(l, term) : q_term_node(l->a, term, 1);
    if (name.n)
        out->filter = q_join2(l->a, IX_OR, out->filter,
                              q_term_node(l->a, q_spell(&spaced, IX_TERM_NAME, l->a), 1));
    return out->filter && !l->a->failed ? ST_OK : err_nomem(l->err);
}

/* ---- leaves ---- */

static enum st lower_text(struct lowering *l, const struct q_node *node, struct part *out)
{
    return node->kind == Q_PREFIX ? lower_prefix(l, node, out) : q_lower_run(l, node, out);
}

static enum st lower_title(struct lowering *l, const struct q_node *node, struct part *out)
{
    enum st st = lower_text(l, node, out);
    if (st != ST_OK || !out->must || out->must->op == IX_WHERE)
        return st;
    bool begins = node->kind == Q_PREFIX && is_plain(&out->same.at[0].text);
    out->must = begins ? q_where_begins(l, out->must, &out->same, true)
                       : q_where_stands(l, out->must, &out->same, true);
    return out->must ? ST_OK : err_nomem(l->err);
}

enum st q_lower_leaf(struct lowering *l, const struct q_node *node, struct part *out)
{
    *out = (struct part){0};
    switch (l->field) {
    case Q_TITLE:
        return lower_title(l, node, out);
    case Q_ISSUER:
        return lower_value(l, node, IX_ISSUER, out);
    case Q_TAG:
        return lower_value(l, node, IX_TAG, out);
    case Q_URL:
        return lower_url(l, node, out);
    case Q_ID:
        return lower_id(l, node, out);
    case Q_WHO:
        return lower_who(l, node, out);
    default:
        return lower_text(l, node, out);
    }
}

/* ---- near ---- */

/* The marked runs of both. */
static bool both(struct arena *a, const struct part *x, const struct part *y, struct part *out)
{
    struct q_run *at = arena_calloc(a, x->runs.n + y->runs.n, sizeof(*at));
    if (!at)
        return false;
    for (size_t i = 0; i < x->runs.n; i++)
        at[i] = x->runs.at[i];
    for (size_t i = 0; i < y->runs.n; i++)
        at[x->runs.n + i] = y->runs.at[i];
    out->runs = (struct runs){at, x->runs.n + y->runs.n};
    return true;
}

/* Fields without text know no distance: there both must hold. */
enum st q_lower_near(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct part x, y;
    *out = (struct part){0};
    enum st st = q_lower_leaf(l, node->kid[0], &x);
    if (st == ST_OK)
        st = q_lower_leaf(l, node->kid[1], &y);
    if (st != ST_OK)
        return st;
    if (!both(l->a, &x, &y, out))
        return err_nomem(l->err);
    out->text = x.text || y.text;
    out->filter = q_join2(l->a, IX_AND, x.filter, y.filter);
    out->must = q_join2(l->a, IX_AND, x.must, y.must);
    out->rank = q_unite(l->a, x.rank, y.rank);
    if (x.must && y.must)
        out->must =
            q_where_near(l, out->must, &x.same, &y.same, node->distance, l->field == Q_TITLE);
    return l->a->failed ? err_nomem(l->err) : ST_OK;
}
