/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Words that tell little of what is looked for.
 *
 * A stop word weighs rank.stop of what it would; so does a pair of characters that lies in stop
 * words only, and one of which half does weighs half as much less. What finds stays as it is: the
 * weights alone change, so no hit is gained or lost, and a query of stop words finds and ranks by
 * them. Whether a character is of a stop word is told on the run as it was typed: the longest stop
 * word at a place counts, unless a word of the query reaches over it, as 目的 does over 的.
 *
 * The plan's trees are copied where a weight changes, for they share nodes.
 */

#include "answer.h"

#include <gongbao/file.h>
#include <gongbao/utf8.h>

enum { FILE_CAP = 1 << 20, LONGEST = 8 };

/* ---- the list ---- */

static struct str utf8_of(const uint32_t *cp, size_t n, char *out)
{
    return str_from(out, utf8_puts(cp, n, out));
}

static enum st add_word(struct srch *s, struct str word, struct err *err)
{
    char text[4 * LONGEST];
    if (an_fold(word, AN_VIEW_TEXT, &s->scratch) != ST_OK)
        return err_nomem(err);
    if (s->scratch.n == 0 || s->scratch.n > LONGEST)
        return ST_OK;
    return map_slot(&s->stop, utf8_of(s->scratch.cp, s->scratch.n, text)) ? ST_OK : err_nomem(err);
}

enum st srch_stop_load(struct srch *s, const char *path, struct err *err)
{
    struct buf b;
    buf_init(&b, FILE_CAP);
    enum st st = file_read(path, &b, err);
    struct str rest = buf_str(&b);
    if (st == ST_OK && utf8_check(rest.p, rest.n) != rest.n)
        st = err_set(err, ST_CONFIG, "%s is not UTF-8", path);
    while (st == ST_OK && rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        line = str_cut(&line, '#');
        while (st == ST_OK && (line = str_trim(line)).n > 0)
            st = add_word(s, str_cut(&line, ' '), err);
    }
    buf_fini(&b);
    return st;
}

static bool is_stop(const struct srch *s, const uint32_t *cp, size_t n)
{
    char text[4 * LONGEST];
    return n <= LONGEST && map_get(&s->stop, utf8_of(cp, n, text)) != NULL;
}

/* ---- a query ---- */

struct softening {
    struct job *j;
    struct map factor; /* of terms, in thousandths */
};

static bool soften_term(struct softening *f, const uint32_t *cp, size_t n, double factor)
{
    char text[4 * LONGEST];
    uint64_t *slot = map_slot(&f->factor, utf8_of(cp, n, text));
    uint64_t thousandths = (uint64_t)(factor * 1000 + 1);
    if (slot && *slot < thousandths)
        *slot = thousandths;
    return slot != NULL;
}

enum role { OPEN, CONTENT, STOP };

/* What each character of a run is part of. */
static void mark(const struct srch *s, const struct q_run *run, uint8_t *role)
{
    const struct an_text *text = &run->text;
    for (size_t i = 0; i < run->nword; i++) {
        const struct an_text *word = &run->word[i];
        if (is_stop(s, word->cp, word->n))
            continue;
        for (size_t at = 0; (at = an_find(text, word, at)) != SIZE_MAX; at++)
            memset(role + at, CONTENT, word->n);
    }
    for (size_t at = 0; at < text->n; at++) {
        size_t n = text->n - at < LONGEST ? text->n - at : LONGEST;
        while (n > 0 && (memchr(role + at, CONTENT, n) || !is_stop(s, text->cp + at, n)))
            n--;
        if (n > 0)
            memset(role + at, STOP, n);
    }
}

/* Its pairs, and its words that are stop words. */
static bool soften_run(struct softening *f, const struct q_run *run, uint8_t *role)
{
    const double soft = f->j->s->opts->stop;
    const struct an_text *text = &run->text;
    mark(f->j->s, run, role);
    bool ok = true;
    for (size_t i = 0; i < text->n; i++) {
        size_t n = 1 + (i + 1 < text->n);
        size_t stops = (size_t)(role[i] == STOP) + (n > 1 && role[i + 1] == STOP);
        ok = ok && soften_term(f, text->cp + i, n, 1 - (1 - soft) * (double)stops / (double)n);
        if (n > 1)
            ok = ok && soften_term(f, text->cp + i, 1, stops && role[i] == STOP ? soft : 1);
    }
    for (size_t i = 0; i < run->nword; i++)
        if (is_stop(f->j->s, run->word[i].cp, run->word[i].n))
            ok = ok && soften_term(f, run->word[i].cp, run->word[i].n, soft);
    return ok;
}

static struct ix_node *scaled(struct softening *f, struct ix_node *term)
{
    const uint64_t *thousandths = map_get(&f->factor, term->term);
    if (!thousandths || *thousandths > 1000)
        return term;
    struct ix_node *node = arena_calloc(f->j->a, 1, sizeof(*node));
    struct ix_node **kid = arena_alloc(f->j->a, sizeof(struct ix_node *));
    if (!node || !kid)
        return NULL;
    kid[0] = term;
    *node = (struct ix_node){
        .op = IX_SCALE, .factor = (double)(*thousandths - 1) / 1000, .kid = kid, .nkid = 1};
    return node;
}

/* The node with its weights changed; itself where there is nothing to change. NULL: no memory. */
static struct ix_node *soften(struct softening *f, struct ix_node *node)
{
    if (node->op == IX_TERM || node->op == IX_PREFIX)
        return scaled(f, node);
    struct ix_node *copy = node;
    for (size_t i = 0; i < node->nkid; i++) {
        struct ix_node *kid = soften(f, node->kid[i]);
        if (!kid)
            return NULL;
        if (kid == node->kid[i])
            continue;
        if (copy == node) {
            const size_t bytes = node->nkid * sizeof(struct ix_node *);
            copy = arena_alloc(f->j->a, sizeof(*copy));
            struct ix_node **kids = arena_alloc(f->j->a, bytes);
            if (!copy || !kids)
                return NULL;
            memcpy(kids, node->kid, bytes);
            *copy = *node;
            copy->kid = kids;
        }
        copy->kid[i] = kid;
    }
    return copy;
}

static bool soften_in_place(struct softening *f, struct ix_node **node)
{
    if (*node)
        *node = soften(f, *node);
    return *node || !f->j->a->failed;
}

/* A query is short: the longest run has as many characters as a line has bytes. */
static bool soften_plan(struct softening *f)
{
    struct q_plan *plan = &f->j->plan;
    bool any = false;
    for (size_t i = 0; i < plan->nrun; i++) {
        uint8_t *role = arena_calloc(f->j->a, plan->run[i].text.n + 1, 1);
        if (!role || !soften_run(f, &plan->run[i], role))
            return false;
        any = any || memchr(role, STOP, plan->run[i].text.n) != NULL;
    }
    if (!any)
        return true;
    bool ok = soften_in_place(f, &plan->all) && soften_in_place(f, &plan->some) &&
              soften_in_place(f, &plan->fixed) && soften_in_place(f, &plan->rank);
    for (size_t i = 0; i < plan->nunit && ok; i++)
        ok = soften_in_place(f, &plan->unit[i].any);
    return ok;
}

enum st srch_soften(struct job *j)
{
    struct softening f = {.j = j};
    if (j->s->stop.n == 0 || j->s->opts->stop >= 1)
        return ST_OK;
    map_init(&f.factor);
    bool ok = soften_plan(&f);
    map_fini(&f.factor);
    return ok ? ST_OK : err_nomem(j->err);
}
