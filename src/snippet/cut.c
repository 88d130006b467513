/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A snippet: find, choose what to show, copy it, and say what to mark.
 *
 * The copy has the bytes of the original but for control characters, which become as many spaces
 * as they had bytes; so a place in a passage is a place in the original moved by a constant.
 * Matches that overlap or touch become one mark; one that reaches out of the window is cut there,
 * on the boundary of a character like the window itself.
 */

#include "match.h"

#include <gongbao/utf8.h>

#define ELLIPSIS "…"
#define BOM      0xfeffu /* shows nothing, and would be taken for an order mark at the beginning */

enum { MATCHES_MAX = 4096 }; /* for choosing a window */

/* Copy s to p, harmless. */
static char *copy_clean(char *p, struct str s)
{
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = 0;
        unsigned len = utf8_next(s.p + i, s.p + s.n, &cp);
        if (len == 0 || utf8_is_control(cp) || cp == BOM) {
            len = len ? len : 1;
            memset(p, ' ', len);
        } else {
            memcpy(p, s.p + i, len);
        }
        p += len;
        i += len;
    }
    return p;
}

static char *omit(char *p)
{
    memcpy(p, ELLIPSIS, sizeof(ELLIPSIS) - 1);
    return p + sizeof(ELLIPSIS) - 1;
}

/* Copy the windows one behind the other; *at tells where in the snippet each begins. */
static bool copy_windows(struct str text, const struct windows *w, struct arena *a,
                         uint32_t at[PASSAGES], struct snip *out)
{
    size_t room = (w->n + 1) * (sizeof(ELLIPSIS) - 1);
    for (size_t i = 0; i < w->n; i++)
        room += w->at[i].end - w->at[i].start;
    char *p = arena_alloc(a, room);
    if (!p)
        return false;
    out->text.p = p;
    for (size_t i = 0; i < w->n; i++) {
        const struct window *one = &w->at[i];
        if (one->before || i > 0)
            p = omit(p);
        at[i] = (uint32_t)(p - out->text.p);
        p = copy_clean(p, str_from(text.p + one->start, one->end - one->start));
    }
    if (w->at[w->n - 1].after)
        p = omit(p);
    out->text.n = (size_t)(p - out->text.p);
    return true;
}

/* Marks for the matches inside a window that begins at `at` in the snippet. */
static void mark_window(const struct matches *m, const struct window *w, uint32_t at,
                        struct snip *out)
{
    const size_t first = out->nmark;
    uint32_t behind = 0; /* the last mark's end, in the text */
    for (size_t i = 0; i < m->n && m->at[i].start < w->end; i++) {
        uint32_t start = m->at[i].start > w->start ? m->at[i].start : w->start;
        uint32_t end = m->at[i].end < w->end ? m->at[i].end : w->end;
        if (start >= end)
            continue;
        if (out->nmark > first && start <= behind) {
            behind = end > behind ? end : behind;
        } else {
            out->mark[out->nmark++].offset = start - w->start + at;
            behind = end;
        }
        struct snip_mark *last = &out->mark[out->nmark - 1];
        last->length = behind - w->start + at - last->offset;
    }
}

static bool show(struct str text, const struct matches *m, const struct windows *w, struct arena *a,
                 struct snip *out)
{
    uint32_t at[PASSAGES];
    out->mark = arena_alloc(a, w->n * m->n * sizeof(*out->mark));
    if (!out->mark || !copy_windows(text, w, a, at, out))
        return false;
    for (size_t i = 0; i < w->n; i++)
        mark_window(m, &w->at[i], at[i], out);
    return true;
}

enum st snip_cut(struct str text, const struct q_plan *plan, const struct snip_opts *opts,
                 struct an_text *scratch, struct arena *a, struct snip *out, struct err *err)
{
    struct matches m;
    struct windows w;
    *out = (struct snip){0};
    enum st st = snip_find(text, plan, opts->whole ? SNIP_MARKS_MAX : MATCHES_MAX, scratch, a, &m);
    if (st == ST_OK)
        st = snip_window(text, scratch, &m, opts, a, &w);
    if (st != ST_OK || !show(text, &m, &w, a, out))
        return err_nomem(err);
    return ST_OK;
}

/* One place with the window around it. */
static bool show_place(struct str text, const struct an_text *fold, const struct match *place,
                       uint32_t columns, struct arena *a, struct snip_place *out)
{
    const struct matches one = {.at = (struct match *)place, .n = 1};
    const struct windows w = {.at = {snip_around(text, fold, place->start, place->end, columns)},
                              .n = 1};
    *out = (struct snip_place){.offset = place->start, .length = place->end - place->start};
    return show(text, &one, &w, a, &out->around);
}

enum st snip_places(struct str text, const struct q_plan *plan, uint32_t columns, size_t most,
                    struct an_text *scratch, struct arena *a, struct snip_place **out, size_t *n,
                    struct err *err)
{
    struct matches m;
    *n = 0;
    enum st st = snip_find_whole(text, plan, SNIP_MARKS_MAX, scratch, a, &m);
    *out = arena_calloc(a, m.n < most ? m.n : most, sizeof(**out));
    if (st != ST_OK || !*out)
        return err_nomem(err);
    uint32_t behind = 0;
    for (size_t i = 0; i < m.n && *n < most; i++) {
        if (m.at[i].start < behind)
            continue;
        behind = m.at[i].end;
        if (!show_place(text, scratch, &m.at[i], columns, a, &(*out)[*n]))
            return err_nomem(err);
        ++*n;
    }
    return ST_OK;
}
