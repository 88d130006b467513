/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Canary queries, asked of a generation before it is published.
 *
 * Each is searched for in the generation to come. One that does not find its bulletin far enough up
 * is asked of the current generation as well, and then it is one of three:
 *
 *     regressed  the current generation has it where it should be: the batch is refused
 *     failing    it is not where it should be now either: a batch that does not put it right may
 *                be one that has nothing to do with it, so it is told and refuses nothing
 *     absent     neither generation has the bulletin: the same; the canary waits for it, or has
 *                outlived it
 *
 * Where all is well the current generation is not opened. Why a bulletin is not found, or where it
 * stands instead, is asked as WHY does.
 */
#include "canary.h"

#include <gongbao/json.h>

#define MEMORY (256u << 20) /* for one search */

/* ---- asking ---- */

struct asking {
    const struct canary_set *set;
    struct ix_reader *next, *now; /* now: NULL until it is needed, or when there is none */
    bool opened;                  /* now is */
    struct srch *next_srch, *now_srch;
    struct srch_index next_index, now_index;
    struct srch_opts next_opts, now_opts;
    struct arena a;
    struct buf *lines;
    size_t regressed;
    struct err first; /* what is said of the first that regressed */
};

static enum st open_search(const struct canary_set *set, struct ix_reader *reader,
                           struct srch_index *index, struct srch_opts *opts, struct srch **out,
                           struct err *err)
{
    *index = (struct srch_index){.name = "index", .dir = set->index, .reader = reader};
    *opts = *set->search;
    opts->index = index;
    opts->nindex = 1;
    return srch_open(opts, out, err);
}

/* Open the current generation, unless there is none. */
static enum st open_now(struct asking *k, struct err *err)
{
    if (k->opened)
        return ST_OK;
    enum st st = ix_reader_open(k->set->index, &k->now, err);
    k->opened = st == ST_OK || st == ST_NO_INDEX;
    if (st != ST_OK)
        return k->opened ? ST_OK : st;
    return open_search(k->set, k->now, &k->now_index, &k->now_opts, &k->now_srch, err);
}

static struct srch_request request_of(const struct canary *c)
{
    return (struct srch_request){.text = c->query, .limit = c->worst};
}

/* An error of the query is one of the file. */
static enum st blame_file(const struct canary_set *set, const struct canary *c, enum st st,
                          struct err *err)
{
    err_prefix(err, "%s:%zu", set->path, c->line);
    return st == ST_SYNTAX || st == ST_TOO_MUCH ? ST_CONFIG : st;
}

/* Whether a canary's bulletin is where it should be. */
static enum st is_well(struct asking *k, const struct canary *c, bool *well, struct err *err)
{
    struct srch_request req = request_of(c);
    struct srch_result r;
    arena_reset(&k->a);
    *well = false;
    enum st st = srch_search(k->next_srch, &req, &k->a, &r, err);
    if (st != ST_OK)
        return blame_file(k->set, c, st, err);
    for (size_t i = 0; i < r.nhit && !*well; i++)
        *well = str_eq(r.hit[i].doc.id, c->id);
    return ST_OK;
}

static enum st ask_why(const struct asking *k, struct srch *s, const struct canary *c,
                       struct arena *a, struct srch_why *out, struct err *err)
{
    struct srch_request req = request_of(c);
    *out = (struct srch_why){.at = SRCH_AT_NOT_INDEXED, .message = "there is no index yet"};
    enum st st = s ? srch_why(s, &req, c->id, a, out, err) : ST_OK;
    return st == ST_OK ? ST_OK : blame_file(k->set, c, st, err);
}

static bool is_absent(const struct srch_why *w)
{
    return w->at == SRCH_AT_NOT_INDEXED || w->at == SRCH_AT_TOMBSTONE;
}

/* ---- telling ---- */

/* {"canary":…,"line":…,"is":"regressed","query":…,"id":…,"worst":3,"before":1,"now":0,"why":…} */
static void report(struct asking *k, const struct canary *c, const char *is, uint64_t before,
                   const struct srch_why *now)
{
    struct buf *b = k->lines;
    buf_addc(b, '{');
    json_add_text(b, "canary", str_of(k->set->path));
    json_add_count(b, "line", c->line);
    json_add_text(b, "is", str_of(is));
    json_add_text(b, "query", c->query);
    json_add_text(b, "id", c->id);
    json_add_count(b, "worst", c->worst);
    json_add_count(b, "before", before);
    json_add_count(b, "now", now->rank);
    json_add_text(b, "why", str_of(now->message));
    buf_addz(b, "}\n");
}

static void note_regression(struct asking *k, const struct canary *c, uint64_t before,
                            const struct srch_why *now)
{
    if (k->regressed++ > 0)
        return;
    err_set(&k->first, ST_CANARY,
            "%s:%zu: " STR_FMT ": " STR_FMT " would not be among the first %ju any more "
            "(it is hit %ju now; then: %s)",
            k->set->path, c->line, STR_ARG(c->query), STR_ARG(c->id), (uintmax_t)c->worst,
            (uintmax_t)before, now->message);
}

/* A canary whose bulletin would not be where it should be. */
static enum st look_closer(struct asking *k, const struct canary *c, struct err *err)
{
    struct srch_why now, before;
    arena_reset(&k->a);
    enum st st = open_now(k, err);
    if (st == ST_OK)
        st = ask_why(k, k->next_srch, c, &k->a, &now, err);
    if (st == ST_OK)
        st = ask_why(k, k->now_srch, c, &k->a, &before, err);
    if (st != ST_OK)
        return st;
    bool was_well = before.rank > 0 && before.rank <= c->worst;
    bool absent = is_absent(&now) && is_absent(&before);
    report(k, c, was_well ? "regressed" : absent ? "absent" : "failing", before.rank, &now);
    if (was_well)
        note_regression(k, c, before.rank, &now);
    return ST_OK;
}

static enum st ask_all(struct asking *k, struct err *err)
{
    enum st st = open_search(k->set, k->next, &k->next_index, &k->next_opts, &k->next_srch, err);
    for (size_t i = 0; st == ST_OK && i < k->set->n; i++) {
        bool well;
        st = is_well(k, &k->set->canary[i], &well, err);
        if (st == ST_OK && !well)
            st = look_closer(k, &k->set->canary[i], err);
    }
    return st;
}

enum st canary_approve(void *ctx, struct ix_writer *w, struct buf *lines, struct err *err)
{
    struct asking k = {.set = ctx, .lines = lines, .first = ERR_INIT};
    arena_init(&k.a, MEMORY);
    enum st st = ix_writer_prepare(w, &k.next, err);
    if (st == ST_OK && k.next)
        st = ask_all(&k, err);
    srch_close(k.next_srch);
    srch_close(k.now_srch);
    if (k.next)
        ix_reader_close(k.next);
    if (k.now)
        ix_reader_close(k.now);
    arena_fini(&k.a);
    if (st != ST_OK || k.regressed == 0 || k.set->force)
        return st;
    if (k.regressed == 1)
        return err_set(err, ST_CANARY, "%s", k.first.text);
    return err_set(err, ST_CANARY, "%zu canary queries regress, the first of them %s", k.regressed,
                   k.first.text);
}
