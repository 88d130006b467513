/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a reader types, cut into runs.
 *
 * One pass from left to right: white space is skipped; at a quote that opens, everything up to its
 * closing twin is an exact run; anything else up to white space is a run. The grammar stands in
 * gongbao/query.h. Nothing is copied: nodes hold slices of the query, so every place can be pointed
 * at.
 *
 * Most quotes are text on purpose. A run pasted from a bulletin brings its own (“兩重”“兩新”,
 * 5"管), and inside straight quotes the Chinese ones are text, and the other way round, so a
 * piece of a bulletin can be asked for as it stands.
 *
 * A run that begins with date: or 日期： is a date, in capitals and with a colon of either width
 * too; what it says is read when the tree is lowered.
 *
 * There are no operators or other fields here: the tree has one level, and a single run is its own
 * root.
 */

#include <gongbao/query.h>
#include <gongbao/utf8.h>
#include <strings.h>

struct quotes {
    struct str open, close;
};

static const struct quotes *quotes_at(struct str s)
{
    static const struct quotes pairs[] = {
        {{"\"", 1}, {"\"", 1}},
        {{"“", 3}, {"”", 3}},
        {{"「", 3}, {"」", 3}},
        {{"『", 3}, {"』", 3}},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (str_starts(s, pairs[i].open))
            return &pairs[i];
    return NULL;
}

/* The length of the character that s begins with, and whether it is white space. */
static size_t step(struct str s, bool *space)
{
    uint32_t cp = 0;
    unsigned n = utf8_next(s.p, s.p + s.n, &cp);
    *space = n > 0 && utf8_is_space(cp);
    return n ? n : 1;
}

/* The bytes before the first character that is white space (or is not, with want false). */
static size_t span_to(struct str s, bool want)
{
    size_t at = 0;
    while (at < s.n) {
        bool space;
        size_t n = step(str_from(s.p + at, s.n - at), &space);
        if (space == want)
            break;
        at += n;
    }
    return at;
}

static bool is_blank(struct str s)
{
    return span_to(s, false) == s.n;
}

struct parser {
    struct str text;
    size_t at;
    const struct q_limits *limits;
    struct arena *a;
    struct q_node *root;
    size_t cap;
    struct err *err;
};

static struct str rest(const struct parser *p)
{
    return str_from(p->text.p + p->at, p->text.n - p->at);
}

/* Room for one more kid of the root. */
static bool grow(struct parser *p)
{
    if (p->root->nkid < p->cap)
        return true;
    size_t cap = p->cap ? 2 * p->cap : 4;
    struct q_node **kid = arena_calloc(p->a, cap, sizeof(struct q_node *));
    if (!kid)
        return false;
    if (p->root->nkid)
        memcpy(kid, p->root->kid, p->root->nkid * sizeof(struct q_node *));
    p->root->kid = kid;
    p->cap = cap;
    return true;
}

static enum st add(struct parser *p, enum q_kind kind, size_t offset, size_t n)
{
    if (p->root->nkid >= p->limits->runs) {
        return err_at(p->err, ST_TOO_MUCH, offset,
                      "more than %ju parts separated by spaces (search.max_runs)",
                      (uintmax_t)p->limits->runs);
    }
    struct q_node *node = arena_calloc(p->a, 1, sizeof(*node));
    if (!node || !grow(p))
        return err_nomem(p->err);
    node->kind = kind;
    node->text = str_from(p->text.p + offset, n);
    node->offset = offset;
    p->root->kid[p->root->nkid++] = node;
    return ST_OK;
}

/* The quoted run that begins at p->at. */
static enum st exact(struct parser *p, const struct quotes *q)
{
    size_t begin = p->at + q->open.n;
    struct str in = str_from(p->text.p + begin, p->text.n - begin);
    const char *close = memmem(in.p, in.n, q->close.p, q->close.n);
    if (!close) {
        return err_at(p->err, ST_SYNTAX, p->at, "this " STR_FMT " is not closed by a " STR_FMT,
                      STR_ARG(q->open), STR_ARG(q->close));
    }
    in.n = (size_t)(close - in.p);
    p->at = begin + in.n + q->close.n;
    return is_blank(in) ? ST_OK : add(p, Q_EXACT, begin, in.n);
}

/* The length of what names a date, 0 for another run. Capitals and a wide colon are what the
 * keyboard of a person who writes Chinese gives. */
static size_t date_name(struct str run)
{
    static const struct str names[] = {{"date", 4}, {"日期", 6}}, colons[] = {{":", 1}, {"：", 3}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (size_t k = 0; k < sizeof(colons) / sizeof(colons[0]); k++) {
            size_t n = names[i].n, all = n + colons[k].n;
            if (run.n > all && strncasecmp(run.p, names[i].p, n) == 0 &&
                str_starts(str_from(run.p + n, run.n - n), colons[k]))
                return all;
        }
    return 0;
}

static enum st run(struct parser *p)
{
    size_t begin = p->at, n = span_to(rest(p), true);
    size_t name = date_name(str_from(p->text.p + begin, n));
    p->at += n;
    return add(p, name ? Q_DATE : Q_RUN, begin + name, n - name);
}

/* One part of the query and what is glued to it. */
static enum st part(struct parser *p)
{
    const struct quotes *q = quotes_at(rest(p));
    if (q && !is_blank(str_from(p->text.p + p->at + q->open.n, p->text.n - p->at - q->open.n))) {
        enum st st = exact(p, q);
        if (st != ST_OK || span_to(rest(p), true) == 0)
            return st;
    }
    return run(p);
}

enum st q_parse(struct str text, const struct q_limits *limits, struct arena *a,
                struct q_node **out, struct err *err)
{
    struct parser p = {.text = text, .limits = limits, .a = a, .err = err};
    p.root = arena_calloc(a, 1, sizeof(*p.root));
    if (!p.root)
        return err_nomem(err);
    p.root->kind = Q_AND;
    p.root->text = text;
    for (p.at = span_to(text, false); p.at < text.n; p.at += span_to(rest(&p), false)) {
        enum st st = part(&p);
        if (st != ST_OK)
            return st;
    }
    if (p.root->nkid == 0)
        return err_at(err, ST_SYNTAX, 0, "nothing to look for");
    *out = p.root->nkid == 1 ? p.root->kid[0] : p.root;
    return ST_OK;
}
