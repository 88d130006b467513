/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is looked for in stored text, as IX_WHERE nodes.
 *
 * The terms of an exact run say that its pairs of characters all occur, not that they stand in one
 * row; this looks. A run is found in the title or in the body, in one of two ways to read a text:
 * without its readings (調(diào)部署 as 调部署), or with them as text, for a run that was cut out
 * of the middle of a reading. A run of nothing but marks is looked for among all characters. Runs
 * near each other, and a run at the beginning of a word, are looked for without readings.
 *
 * Where the folded text is kept in memory (extract.c), that is looked into: a hay is either this,
 * or a text that was folded for the occasion, and a run is a needle for both. Only what the extract
 * does not tell is asked of the stored text.
 *
 * There a run that stands byte by byte stands in its fold too, and is found without folding.
 * Otherwise folding costs more than looking, so each view of each field is folded when it is first
 * needed, and once for all the nodes that ask about one document: what was folded is known by a
 * checksum. The second way is not tried for a run that cannot be a piece of a reading.
 *
 * A node's answer is yes or no; that it failed is remembered in the q_check that they share.
 */

#include "extract.h"
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

/* A folded run. */
struct needle {
    const struct an_text *text;
    struct slim slim;
};

/* A run, and the ways in which a text may have it. */
struct sought {
    const struct q_run *run;
    struct needle text, spaced, all;
};

/* What a node asks. */
struct where {
    struct q_check *check;
    struct sought *x, *y;
    size_t nx, ny;
    uint32_t distance;
    bool in_title;
    bool slim; /* extracts can be asked */
    struct str url;
};

/* A field to look into: a text, or a slim one. */
struct hay {
    const struct an_text *text;
    struct slim slim;
};

/* ---- hays ---- */

static struct str field_of(const struct ix_doc *doc, int field)
{
    return field == TITLE ? doc->title : doc->body;
}

static int fields(const struct where *w)
{
    return w->in_title ? BODY : FIELDS;
}

const struct an_text *q_check_fold(struct q_check *c, struct str text, enum an_view view, int field)
{
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

/* A field as a view folds it; false without memory. */
static bool fold(const struct where *w, const struct ix_doc *doc, enum an_view view, int field,
                 struct hay *out)
{
    *out = (struct hay){.text = q_check_fold(w->check, field_of(doc, field), view, field)};
    return out->text != NULL;
}

static struct hay kept(const struct extract *e, int field)
{
    return (struct hay){.slim = field == TITLE ? e->title : e->body};
}

static size_t find(const struct hay *h, const struct needle *n, size_t from)
{
    return h->text ? an_find(h->text, n->text, from) : slim_find(h->slim, n->slim, from);
}

static uint32_t char_at(const struct hay *h, size_t at)
{
    return h->text ? h->text->cp[at] : h->slim.cp[at];
}

/* ---- a run ---- */

static bool stands_in(const struct where *w, const struct ix_doc *doc, enum an_view view,
                      const struct needle *needle)
{
    struct hay hay;
    for (int field = TITLE; needle->text->n > 0 && field < fields(w); field++)
        if (fold(w, doc, view, field, &hay) && find(&hay, needle, 0) != SIZE_MAX)
            return true;
    return false;
}

static bool holds(struct str text, struct str typed)
{
    return text.n > 0 && memmem(text.p, text.n, typed.p, typed.n) != NULL;
}

static bool run_stands(const struct where *w, const struct ix_doc *doc, const struct sought *s)
{
    const struct needle marks = {.text = &s->run->marks};
    if (holds(doc->title, s->run->typed) || (!w->in_title && holds(doc->body, s->run->typed)))
        return true;
    if (s->run->text.n == 0)
        return stands_in(w, doc, AN_VIEW_MARKS, &marks);
    return stands_in(w, doc, AN_VIEW_TEXT, &s->text) ||
           stands_in(w, doc, AN_VIEW_TEXT, &s->spaced) || stands_in(w, doc, AN_VIEW_ALL, &s->all);
}

static bool stands(void *ctx, const struct ix_doc *doc)
{
    const struct where *w = ctx;
    for (size_t i = 0; i < w->nx; i++)
        if (run_stands(w, doc, &w->x[i]))
            return true;
    return false;
}

static bool stands_kept(const struct where *w, const struct extract *e, const struct needle *needle)
{
    for (int field = TITLE; field < fields(w); field++) {
        struct hay hay = kept(e, field);
        if (find(&hay, needle, 0) != SIZE_MAX)
            return true;
    }
    return false;
}

/* Whether an extract has all that is asked for. */
static bool covers(const struct where *w, const struct extract *e)
{
    return e->whole || w->in_title;
}

/* A piece of a reading stands in a text without any only where text is. */
static enum ix_seen stands_glance(void *ctx, struct str bytes)
{
    const struct where *w = ctx;
    struct extract e;
    extract_read(bytes, &e);
    bool open = !covers(w, &e);
    for (size_t i = 0; i < w->nx; i++) {
        const struct sought *s = &w->x[i];
        if (stands_kept(w, &e, &s->text) || stands_kept(w, &e, &s->spaced))
            return IX_YES;
        if (!e.readings && stands_kept(w, &e, &s->all))
            return IX_YES;
        open = open || (e.readings && s->run->all.n > 0);
    }
    return open ? IX_READ : IX_NO;
}

/* ---- at the beginning of a word ---- */

static bool is_wordly(uint32_t cp)
{
    return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9');
}

static bool begins_in(const struct where *w, const struct hay *hay)
{
    for (size_t i = 0; i < w->nx; i++)
        for (size_t at = 0; (at = find(hay, &w->x[i].text, at)) != SIZE_MAX; at++)
            if (at == 0 || !is_wordly(char_at(hay, at - 1)))
                return true;
    return false;
}

/* ---- near each other ---- */

/* Whether y stands behind x, not too far. The next y is looked for once for all x before it. */
static bool is_behind(const struct hay *hay, const struct needle *x, const struct needle *y,
                      uint32_t distance)
{
    size_t next = 0, n = x->text->n;
    for (size_t at = 0; (at = find(hay, x, at)) != SIZE_MAX; at++) {
        if (next == 0 || next < at + n)
            next = find(hay, y, at + n);
        if (next == SIZE_MAX)
            return false;
        if (next - (at + n) <= distance)
            return true;
    }
    return false;
}

static bool near_in(const struct where *w, const struct hay *hay)
{
    for (size_t i = 0; i < w->nx; i++)
        for (size_t k = 0; k < w->ny; k++) {
            const struct needle *x = &w->x[i].text, *y = &w->y[k].text;
            if (is_behind(hay, x, y, w->distance) || is_behind(hay, y, x, w->distance))
                return true;
        }
    return false;
}

/* ---- either, in any field ---- */

typedef bool in_hay(const struct where *w, const struct hay *hay);

static bool in_fields(const struct where *w, const struct ix_doc *doc, in_hay *is_in)
{
    struct hay hay;
    for (int field = TITLE; field < fields(w); field++)
        if (fold(w, doc, AN_VIEW_TEXT, field, &hay) && is_in(w, &hay))
            return true;
    return false;
}

static enum ix_seen in_extract(const struct where *w, struct str bytes, in_hay *is_in)
{
    struct extract e;
    extract_read(bytes, &e);
    for (int field = TITLE; field < fields(w); field++) {
        struct hay hay = kept(&e, field);
        if (is_in(w, &hay))
            return IX_YES;
    }
    return covers(w, &e) ? IX_NO : IX_READ;
}

static bool begins(void *ctx, const struct ix_doc *doc)
{
    return in_fields(ctx, doc, begins_in);
}

static enum ix_seen begins_glance(void *ctx, struct str bytes)
{
    return in_extract(ctx, bytes, begins_in);
}

static bool is_near(void *ctx, const struct ix_doc *doc)
{
    return in_fields(ctx, doc, near_in);
}

static enum ix_seen near_glance(void *ctx, struct str bytes)
{
    return in_extract(ctx, bytes, near_in);
}

/* ---- addresses ---- */

static bool in_url(const struct where *w, struct str url)
{
    for (size_t i = 0; i + w->url.n <= url.n; i++)
        if (str_eq_nocase(str_from(url.p + i, w->url.n), w->url))
            return true;
    return false;
}

static bool has_url(void *ctx, const struct ix_doc *doc)
{
    return in_url(ctx, doc->url);
}

static enum ix_seen url_glance(void *ctx, struct str bytes)
{
    struct extract e;
    extract_read(bytes, &e);
    return in_url(ctx, e.url) ? IX_YES : IX_NO;
}

/* ---- nodes ---- */

static struct needle needle_of(const struct an_text *text, struct arena *a, bool *slim)
{
    struct needle n = {.text = text};
    *slim = slim_of(text, a, &n.slim) && *slim;
    return n;
}

/* *slim becomes false when a run cannot be looked for in extracts. */
static struct sought *sought(struct arena *a, const struct runs *runs, bool *slim)
{
    struct sought *s = arena_calloc(a, runs->n, sizeof(*s));
    for (size_t i = 0; s && i < runs->n; i++) {
        const struct q_run *run = &runs->at[i];
        s[i] = (struct sought){.run = run,
                               .text = needle_of(&run->text, a, slim),
                               .spaced = needle_of(&run->spaced, a, slim),
                               .all = needle_of(&run->all, a, slim)};
        *slim = *slim && run->text.n > 0;
    }
    return s;
}

/* Where `found` holds and there are x, and y when that is not NULL. */
static struct ix_node *where(struct lowering *l, struct ix_node *found, struct where what,
                             const struct runs *x, const struct runs *y)
{
    struct where *w = arena_alloc(l->a, sizeof(*w));
    struct ix_node **kid = arena_alloc(l->a, sizeof(struct ix_node *));
    struct ix_node *node = kid ? q_node_of(l->a, IX_WHERE, kid, 1) : NULL;
    const struct runs none = {0};
    bool slim = true;
    if (!w || !node || !found)
        return NULL;
    kid[0] = found;
    *w = what;
    w->check = l->opts->check;
    w->nx = x->n;
    w->ny = y ? y->n : 0;
    w->x = sought(l->a, x, &slim);
    w->y = sought(l->a, y ? y : &none, &slim);
    if (!w->x || !w->y)
        return NULL;
    w->slim = slim;
    node->accept_ctx = w;
    return node;
}

static struct ix_node *asking(struct ix_node *node, ix_accept *accept, ix_glance *glance)
{
    const struct where *w = node ? node->accept_ctx : NULL;
    if (!node)
        return NULL;
    node->accept = accept;
    node->glance = w->slim ? glance : NULL;
    return node;
}

struct ix_node *q_where_stands(struct lowering *l, struct ix_node *kid, const struct runs *runs,
                               bool in_title)
{
    return asking(where(l, kid, (struct where){.in_title = in_title}, runs, NULL), stands,
                  stands_glance);
}

struct ix_node *q_where_begins(struct lowering *l, struct ix_node *kid, const struct runs *runs,
                               bool in_title)
{
    return asking(where(l, kid, (struct where){.in_title = in_title}, runs, NULL), begins,
                  begins_glance);
}

struct ix_node *q_where_near(struct lowering *l, struct ix_node *kid, const struct runs *x,
                             const struct runs *y, uint32_t distance, bool in_title)
{
    return asking(where(l, kid, (struct where){.distance = distance, .in_title = in_title}, x, y),
                  is_near, near_glance);
}

struct ix_node *q_where_url(struct lowering *l, struct ix_node *kid, struct str text)
{
    const struct runs none = {0};
    return asking(where(l, kid, (struct where){.url = text}, &none, NULL), has_url, url_glance);
}
