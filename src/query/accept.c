/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whether exact runs stand in a stored document.
 *
 * The terms of an exact run say that its pairs of characters all occur, not that they stand in one
 * row; this looks. A run is found in the title or in the body, in one of two ways to read a text:
 * without its readings (調(diào)部署 as 调部署), or with them as text, for a run that was cut out
 * of the middle of a reading. A run of nothing but marks is looked for among all characters.
 *
 * A run that stands in a text byte by byte stands in its fold too, and is found without folding.
 * Otherwise folding costs more than looking, so each view of each field is folded when it is first
 * needed and once at most for all runs; the second way is not tried for a run that cannot be a
 * piece of a reading.
 */

#include <gongbao/query.h>

enum { TITLE, BODY, FIELDS };

#define VIEWS (sizeof(((struct q_check *)0)->fold) / sizeof(((struct q_check *)0)->fold[0]))

void q_check_init(struct q_check *c)
{
    for (size_t v = 0; v < VIEWS; v++) {
        an_text_init(&c->fold[v][TITLE]);
        an_text_init(&c->fold[v][BODY]);
    }
}

void q_check_fini(struct q_check *c)
{
    for (size_t v = 0; v < VIEWS; v++) {
        an_text_fini(&c->fold[v][TITLE]);
        an_text_fini(&c->fold[v][BODY]);
    }
}

struct looking {
    const struct ix_doc *doc;
    struct q_check *check;
    bool folded[VIEWS][FIELDS];
};

/* Whether needle stands in a view of the title or the body. */
static enum st stands(struct looking *l, enum an_view view, const struct an_text *needle, bool *yes)
{
    for (int field = TITLE; field < FIELDS && !*yes; field++) {
        struct an_text *fold = &l->check->fold[view][field];
        if (!l->folded[view][field]) {
            struct str text = field == TITLE ? l->doc->title : l->doc->body;
            enum st st = an_fold(text, view, fold);
            if (st != ST_OK)
                return st;
            l->folded[view][field] = true;
        }
        *yes = an_find(fold, needle, 0) != SIZE_MAX;
    }
    return ST_OK;
}

static bool holds(struct str text, struct str typed)
{
    return text.n > 0 && memmem(text.p, text.n, typed.p, typed.n) != NULL;
}

static enum st run_stands(struct looking *l, const struct q_run *run, bool *yes)
{
    *yes = holds(l->doc->body, run->typed) || holds(l->doc->title, run->typed);
    if (*yes)
        return ST_OK;
    if (run->text.n == 0)
        return stands(l, AN_VIEW_MARKS, &run->marks, yes);
    enum st st = stands(l, AN_VIEW_TEXT, &run->text, yes);
    if (st == ST_OK && !*yes && run->all.n > 0)
        st = stands(l, AN_VIEW_ALL, &run->all, yes);
    return st;
}

enum st q_accept(const struct q_plan *p, const struct ix_doc *doc, struct q_check *c, bool *yes)
{
    struct looking l = {.doc = doc, .check = c};
    *yes = true;
    for (size_t i = 0; i < p->nrun && *yes; i++) {
        if (!p->run[i].verify)
            continue;
        enum st st = run_stands(&l, &p->run[i], yes);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}
