/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A text as folded characters with their places, and looking for one in another.
 *
 * The views are for checking that a quoted run stands in a stored text. A run that was cut out of
 * the text is found in one of them: in the text view unless a cut goes through a reading; then in
 * the view with all readings in it; and a run of nothing but marks in the view of marks. The
 * arrays grow with the text, a page of items at a time.
 */

#include "fold.h"
#include "scan.h"
#include <stdlib.h>

#define STEP 1024 /* items read between two looks at the room left */

void an_text_init(struct an_text *t)
{
    *t = (struct an_text){0};
}

void an_text_fini(struct an_text *t)
{
    free(t->cp);
    free(t->start);
    free(t->end);
    an_text_init(t);
}

static bool grow(uint32_t **p, size_t cap)
{
    uint32_t *grown = realloc(*p, cap * sizeof(**p));
    if (grown)
        *p = grown;
    return grown != NULL;
}

static bool reserve(struct an_text *t, size_t cap)
{
    if (cap <= t->cap)
        return true;
    cap = cap < 2 * t->cap ? 2 * t->cap : cap;
    if (!grow(&t->cp, cap) || !grow(&t->start, cap) || !grow(&t->end, cap))
        return false;
    t->cap = cap;
    return true;
}

enum st an_fold(struct str text, enum an_view view, struct an_text *out)
{
    struct scan scan;
    bool done = false;
    scan_init(&scan, text, view);
    out->n = 0;
    while (!done) {
        if (!reserve(out, out->n + (text.n - scan.at < STEP ? text.n - scan.at + 1 : STEP)))
            return ST_NO_MEMORY;
        struct items it = {
            .cp = out->cp, .start = out->start, .end = out->end, .n = out->n, .cap = out->cap};
        done = scan_fill(&scan, &it);
        out->n = it.n;
    }
    return ST_OK;
}

/* Characters at an end of a run whose role hangs on what was cut away. */
static bool is_trimmed(uint32_t cp, enum an_view view)
{
    if (cp == ' ' || cp == '\n')
        return true;
    return view != AN_VIEW_MARKS && entry_role(fold_entry(cp)) != ROLE_TEXT &&
           entry_role(fold_entry(cp)) != ROLE_SEPARATOR;
}

enum st an_fold_run(struct str text, enum an_view view, struct an_text *out)
{
    enum st st = an_fold(text, view, out);
    if (st != ST_OK)
        return st;
    size_t from = 0, to = out->n;
    while (to > 0 && is_trimmed(out->cp[to - 1], view))
        to--;
    while (from < to && is_trimmed(out->cp[from], view))
        from++;
    out->n = to - from;
    if (from > 0) {
        memmove(out->cp, out->cp + from, out->n * sizeof(*out->cp));
        memmove(out->start, out->start + from, out->n * sizeof(*out->start));
        memmove(out->end, out->end + from, out->n * sizeof(*out->end));
    }
    return ST_OK;
}

size_t an_find(const struct an_text *hay, const struct an_text *needle, size_t from)
{
    if (needle->n == 0 || hay->n < needle->n)
        return SIZE_MAX;
    for (size_t i = from; i <= hay->n - needle->n; i++)
        if (hay->cp[i] == needle->cp[0] &&
            memcmp(hay->cp + i, needle->cp, needle->n * sizeof(*hay->cp)) == 0)
            return i;
    return SIZE_MAX;
}
