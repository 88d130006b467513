/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is looked for in stored text, as IX_WHERE nodes.
 *
 * The terms of an exact run say that its pairs of characters all occur, not that they stand in one
 * row; this looks. A run is found in the title or in the body, in one of two ways to read a text:
 * without its readings (調(diào)部署 as 调部署), or with them as text, for a run that was cut out
 * of the middle of a reading. A run of nothing but marks is looked for among all characters. Runs
 * near each other, and a run at the beginning of a word, are looked for without readings.
 *
 * A run that stands in a text byte by byte stands in its fold too, and is found without folding.
 * Otherwise folding costs more than looking, so each view of each field is folded when it is first
 * needed, and once for all the nodes that ask about one document: what was folded is known by a
 * checksum. The second way is not tried for a run that cannot be a piece of a reading.
 *
 * A node's answer is yes or no; that it failed is remembered in the q_check that they share.
 */

#include "lower.h"

#include <gongbao/sum.h>

enum { TITLE, BODY, FIELDS };

#define VIEWS (sizeof(((struct q_check *)0)->fold) / sizeof(((struct q_check *)0)->fold[0]))

void q_check_init(struct q_check *c)
{
    *c = (struct q_check){0};
    an_text_init(&c->value);
    for (size_t v = 0; v < VIEWS; v++) {
        an_text_init(&c->fold[v][TITLE]);
        an_text_init(&c->fold[v][BODY]);
    }
}

void q_check_fini(struct q_check *c)
{
    an_text_fini(&c->value);
    for (size_t v = 0; v < VIEWS; v++) {
        an_text_fini(&c->fold[v][TITLE]);
        an_text_fini(&c->fold[v][BODY]);
    }
}

/* What a node asks. */
struct where {
    struct q_check *check;
    struct runs x, y;
    uint32_t distance;
    bool in_title;
    struct str url;
};

/* ---- looking ---- */

static struct str field_of(const struct ix_doc *doc, int field)
{
    return field == TITLE ? doc->title : doc->body;
}

static int fields(const struct where *w)
{
    return w->in_title ? BODY : FIELDS;
}

/* A field as a view folds it; NULL without memory. */
static const struct an_text *fold(const struct where *w, const struct ix_doc *doc,
                                  enum an_view view, int field)
{
    struct q_check *c = w->check;
    struct str text = field_of(doc, field);
    uint64_t key = sum64_of(text);
    if (c->fold[view][field].cp && c->key[view][field] == key)
        return &c->fold[view][field];
    c->key[view][field] = key;
    if (an_fold(text, view, &c->fold[view][field]) == ST_OK)
        return &c->fold[view][field];
    c->key[view][field] = ~key;
    c->st = ST_NO_MEMORY;
    return NULL;
}

static bool stands_in(const struct where *w, const struct ix_doc *doc, enum an_view view,
                      const struct an_text *needle)
{
    for (int field = TITLE; needle->n > 0 && field < fields(w); field++) {
        const struct an_text *text = fold(w, doc, view, field);
        if (text && an_find(text, needle, 0) != SIZE_MAX)
            return true;
    }
    return false;
}

static bool holds(struct str text, struct str typed)
{
    return text.n > 0 && memmem(text.p, text.n, typed.p, typed.n) != NULL;
}

static bool run_stands(const struct where *w, const struct ix_doc *doc, const struct q_run *run)
{
    if (holds(doc->title, run->typed) || (!w->in_title && holds(doc->body, run->typed)))
        return true;
    if (run->text.n == 0)
        return stands_in(w, doc, AN_VIEW_MARKS, &run->marks);
    return stands_in(w, doc, AN_VIEW_TEXT, &run->text) ||
           stands_in(w, doc, AN_VIEW_TEXT, &run->spaced) ||
           stands_in(w, doc, AN_VIEW_ALL, &run->all);
}

static bool stands(void *ctx, const struct ix_doc *doc)
{
    const struct where *w = ctx;
    for (size_t i = 0; i < w->x.n; i++)
        if (run_stands(w, doc, &w->x.at[i]))
            return true;
    return false;
}

static bool is_wordly(uint32_t cp)
{
    return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9');
}

static bool begins_in(const struct an_text *text, const struct an_text *run)
{
    for (size_t at = 0; (at = an_find(text, run, at)) != SIZE_MAX; at++)
        if (at == 0 || !is_wordly(text->cp[at - 1]))
            return true;
    return false;
}

static bool begins(void *ctx, const struct ix_doc *doc)
{
    const struct where *w = ctx;
    for (int field = TITLE; field < fields(w); field++) {
        const struct an_text *text = fold(w, doc, AN_VIEW_TEXT, field);
        for (size_t i = 0; text && i < w->x.n; i++)
            if (begins_in(text, &w->x.at[i].text))
                return true;
    }
    return false;
}

/* Whether y stands behind x, not too far. The next y is looked for once for all x before it. */
static bool is_behind(const struct an_text *text, const struct an_text *x, const struct an_text *y,
                      uint32_t distance)
{
    size_t next = 0;
    for (size_t at = 0; (at = an_find(text, x, at)) != SIZE_MAX; at++) {
        if (next == 0 || next < at + x->n)
            next = an_find(text, y, at + x->n);
        if (next == SIZE_MAX)
            return false;
        if (next - (at + x->n) <= distance)
            return true;
    }
    return false;
}

static bool near_in(const struct where *w, const struct an_text *text)
{
    for (size_t i = 0; i < w->x.n; i++)
        for (size_t k = 0; k < w->y.n; k++) {
            const struct an_text *x = &w->x.at[i].text, *y = &w->y.at[k].text;
            if (is_behind(text, x, y, w->distance) || is_behind(text, y, x, w->distance))
                return true;
        }
    return false;
}

static bool is_near(void *ctx, const struct ix_doc *doc)
{
    const struct where *w = ctx;
    for (int field = TITLE; field < fields(w); field++) {
        const struct an_text *text = fold(w, doc, AN_VIEW_TEXT, field);
        if (text && near_in(w, text))
            return true;
    }
    return false;
}

static bool has_url(void *ctx, const struct ix_doc *doc)
{
    const struct where *w = ctx;
    for (size_t i = 0; i + w->url.n <= doc->url.n; i++)
        if (str_eq_nocase(str_from(doc->url.p + i, w->url.n), w->url))
            return true;
    return false;
}

/* ---- nodes ---- */

static struct ix_node *where(struct lowering *l, struct ix_node *found, ix_accept *accept,
                             struct where what)
{
    struct where *w = arena_alloc(l->a, sizeof(*w));
    struct ix_node **kid = arena_alloc(l->a, sizeof(struct ix_node *));
    struct ix_node *node = kid ? q_node_of(l->a, IX_WHERE, kid, 1) : NULL;
    if (!w || !node || !found)
        return NULL;
    kid[0] = found;
    *w = what;
    w->check = l->opts->check;
    node->accept = accept;
    node->accept_ctx = w;
    return node;
}

struct ix_node *q_where_stands(struct lowering *l, struct ix_node *kid, const struct runs *runs,
                               bool in_title)
{
    return where(l, kid, stands, (struct where){.x = *runs, .in_title = in_title});
}

struct ix_node *q_where_begins(struct lowering *l, struct ix_node *kid, const struct runs *runs,
                               bool in_title)
{
    return where(l, kid, begins, (struct where){.x = *runs, .in_title = in_title});
}

struct ix_node *q_where_near(struct lowering *l, struct ix_node *kid, const struct runs *x,
                             const struct runs *y, uint32_t distance, bool in_title)
{
    return where(l, kid, is_near,
                 (struct where){.x = *x, .y = *y, .distance = distance, .in_title = in_title});
}

struct ix_node *q_where_url(struct lowering *l, struct ix_node *kid, struct str text)
{
    return where(l, kid, has_url, (struct where){.url = text});
}
