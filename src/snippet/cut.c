/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A snippet: find, choose the window, copy it, and say what to mark.
 *
 * The copy has the bytes of the original but for control characters, which become as many spaces
 * as they had bytes; so a place in the snippet is a place in the original moved by a constant.
 * Matches that overlap or touch become one mark; one that reaches out of the window is cut there,
 * on the boundary of a character like the window itself.
 */

#include "match.h"

#include <gongbao/utf8.h>

#define ELLIPSIS "…"
#define BOM      0xfeffu /* shows nothing, and would be taken for an order mark at the beginning */

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

static bool copy_window(struct str text, const struct window *w, struct arena *a, struct snip *out)
{
    const size_t mark = sizeof(ELLIPSIS) - 1;
    char *p = arena_alloc(a, w->end - w->start + 2 * mark);
    if (!p)
        return false;
    out->text.p = p;
    if (w->before) {
        memcpy(p, ELLIPSIS, mark);
        p += mark;
    }
    p = copy_clean(p, str_from(text.p + w->start, w->end - w->start));
    if (w->after) {
        memcpy(p, ELLIPSIS, mark);
        p += mark;
    }
    out->text.n = (size_t)(p - out->text.p);
    return true;
}

/* Marks for the matches inside the window, moved to where they stand in the snippet. */
static bool mark_window(const struct matches *m, const struct window *w, struct arena *a,
                        struct snip *out)
{
    const uint32_t moved = w->before ? sizeof(ELLIPSIS) - 1 : 0;
    out->mark = arena_alloc(a, m->n * sizeof(*out->mark));
    if (!out->mark)
        return false;
    uint32_t behind = 0; /* the last mark's end, in the text */
    for (size_t i = 0; i < m->n; i++) {
        uint32_t start = m->at[i].start > w->start ? m->at[i].start : w->start;
        uint32_t end = m->at[i].end < w->end ? m->at[i].end : w->end;
        if (start >= end)
            continue;
        if (out->nmark > 0 && start <= behind) {
            behind = end > behind ? end : behind;
        } else {
            out->mark[out->nmark++].offset = start - w->start + moved;
            behind = end;
        }
        struct snip_mark *last = &out->mark[out->nmark - 1];
        last->length = behind - w->start + moved - last->offset;
    }
    return true;
}

enum st snip_cut(struct str text, const struct q_plan *plan, const struct snip_opts *opts,
                 struct an_text *scratch, struct arena *a, struct snip *out, struct err *err)
{
    struct matches m;
    struct window w;
    *out = (struct snip){0};
    enum st st = snip_find(text, plan, scratch, a, &m);
    if (st == ST_OK)
        st = snip_window(text, scratch, &m, opts->columns, a, &w);
    if (st != ST_OK || !copy_window(text, &w, a, out) || !mark_window(&m, &w, a, out))
        return err_nomem(err);
    return ST_OK;
}
