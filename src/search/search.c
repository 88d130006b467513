/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The searcher: its lexicon, its indexes, and which of them a request looks into.
 *
 * Each index is a source with a reader or without one. When a source is refreshed, one stat(2)
 * tells whether a new generation was published, and if so it is opened beside the old one, which is
 * closed only then. What goes wrong stays with its source: a new generation that is damaged leaves
 * the old one serving; an index whose manifest is gone is no longer served, and is taken up when it
 * comes back. Opening reads every new file, so the caller says when it is time for it; a request
 * opens only what could not be served without.
 *
 * Where partial answers are wanted, a source with damaged segments has a reader that does without
 * them, and an error that tells of them. Damage that comes to light in a request is remembered by
 * the reader; the request is then run again, over a new view. The damaged segments are looked at
 * again from time to time, for somebody may have put them right.
 *
 * Requests on all indexes share one view, which is dropped whenever a reader changes; a request
 * that names some gets a view of its own. A view never outlives the readers under it: refreshing
 * happens between requests and at their beginning only.
 */

#include "search.h"

#include <gongbao/clock.h>
#include <gongbao/sum.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A damaged index is tried again after this long, and while a part of it is served after twice as
 * long each time, up to a limit: its checksums cost time. */
#define RETRY_NS     UINT64_C(1000000000)
#define RETRY_MAX_NS (4 * RETRY_NS)

static void drop_view(struct srch *s)
{
    srch_words_drop(s);
    s->cold = true;
    if (s->all) {
        ix_view_close(s->all);
        s->all = NULL;
    }
}

static uint64_t damaged_in(const struct ix_reader *reader)
{
    struct ix_info info;
    ix_reader_info(reader, &info);
    return info.damaged;
}

static void replace(struct srch *s, struct source *src, struct ix_reader *reader)
{
    drop_view(s);
    if (src->reader)
        ix_reader_close(src->reader);
    src->reader = reader;
    src->damaged = reader ? damaged_in(reader) : 0;
}

static bool due(const struct source *src)
{
    if (src->name->reader)
        return false;
    if (src->err.st != ST_OK && clock_ns() < src->retry_ns)
        return false;
    return !src->reader || src->err.st != ST_OK || ix_reader_stale(src->reader);
}

/* Keep why the source is not as it should be, and when to look again. */
static void note(struct source *src, enum st st, const struct err *err)
{
    bool wait = st != ST_OK && st != ST_NO_INDEX;
    src->err = *err;
    src->err.st = st;
    src->wait_ns = src->reader && src->wait_ns ? 2 * src->wait_ns : RETRY_NS;
    if (src->wait_ns > RETRY_MAX_NS)
        src->wait_ns = RETRY_MAX_NS;
    if (!wait)
        src->wait_ns = 0;
    src->retry_ns = wait ? clock_ns() + src->wait_ns : 0;
}

/* What is wrong with the first damaged segment of a reader. */
static enum st damage_of(const struct ix_reader *reader, struct err *err)
{
    struct ix_info info;
    struct ix_segment_info seg;
    ix_reader_info(reader, &info);
    for (size_t i = 0; i < info.segments; i++) {
        ix_reader_segment(reader, i, &seg);
        if (seg.damage.n)
            return err_set(err, ST_DAMAGED, STR_FMT, STR_ARG(seg.damage));
    }
    return ST_OK;
}

/* A new reader takes the old one's place, unless it has lost something and the old one has not. */
static void take_up(struct srch *s, struct source *src, struct ix_reader *take_reader)
{
    struct err err = ERR_INIT;
    enum st st = damage_of(take_reader, &err);
    note(src, st, &err);
    if (st != ST_OK && src->reader && src->damaged == 0)
        ix_reader_close(take_reader);
    else
        replace(s, src, take_reader);
}

static void refresh(struct srch *s, struct source *src)
{
    if (!due(src))
        return;
    const struct ix_reader_opts opts = {.partial = s->opts->partial};
    struct ix_reader *reader = NULL;
    struct err err = ERR_INIT;
    enum st st = src->reader ? ix_reader_reopen(src->reader, &reader, &err)
                             : ix_reader_open_opts(src->name->dir, &opts, &reader, &err);
    if (st == ST_OK) {
        take_up(s, src, reader);
        return;
    }
    note(src, st, &err);
    if (st == ST_NO_INDEX)
        replace(s, src, NULL);
}

/* Before looking, so that what is published while looking wakes again. */
static void renew_watch(struct srch *s)
{
    if (s->watch < 0)
        return;
    ix_watch_clear(s->watch);
    for (size_t i = 0; i < s->opts->nindex; i++)
        if (!s->opts->index[i].reader)
            ix_watch_add(s->watch, s->opts->index[i].dir);
}

void srch_refresh(struct srch *s)
{
    renew_watch(s);
    for (size_t i = 0; i < s->opts->nindex; i++)
        refresh(s, &s->source[i]);
}

/* Fold the stamp of one more index into a number. */
static uint64_t stamps(uint64_t before, uint64_t stamp)
{
    const uint64_t both[] = {before, stamp};
    return sum64_of(str_from((const char *)both, sizeof(both))) | 1;
}

uint64_t srch_published(const struct srch_index *index, size_t n)
{
    uint64_t all = 1;
    for (size_t i = 0; i < n; i++)
        all = stamps(all, ix_stamp(index[i].dir));
    return all;
}

uint64_t srch_opened(const struct srch *s)
{
    uint64_t all = 1;
    for (size_t i = 0; i < s->opts->nindex; i++) {
        const struct source *src = &s->source[i];
        if (src->err.st != ST_OK && src->err.st != ST_NO_INDEX)
            return 0;
        all = stamps(all, src->reader ? ix_reader_stamp(src->reader) : 0);
    }
    return all;
}

int srch_watch(const struct srch *s)
{
    return s->watch;
}

static struct an_date today(void)
{
    time_t now = time(NULL);
    struct tm tm;
    if (!localtime_r(&now, &tm))
        return (struct an_date){0};
    return (struct an_date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

bool srch_is_late(const struct srch_request *req)
{
    return req->deadline_ns && clock_ns() >= req->deadline_ns;
}

uint32_t srch_day(const struct an_date *d)
{
    return (uint32_t)(d->year * 10000 + d->month * 100 + d->day);
}

struct q_opts srch_query_opts(struct srch *s, bool strict)
{
    return (struct q_opts){
        .limits = s->opts->limits,
        .weights = s->opts->weights,
        .strict = strict,
        .today = today(),
        .synonyms = s->synonyms,
        .check = &s->check,
    };
}

void srch_open_missing(struct srch *s)
{
    for (size_t i = 0; i < s->opts->nindex; i++)
        if (!s->source[i].reader)
            refresh(s, &s->source[i]);
}

static enum st open_parts(struct srch *s, struct err *err)
{
    s->source = calloc(s->opts->nindex + 1, sizeof(*s->source));
    if (!s->source)
        return err_nomem(err);
    for (size_t i = 0; i < s->opts->nindex; i++) {
        s->source[i].name = &s->opts->index[i];
        s->source[i].reader = s->opts->index[i].reader;
    }
    s->lex = s->opts->lex;
    if (!s->lex && s->opts->lexicon) {
        enum st st = lex_open(s->opts->lexicon, &s->mapped, err);
        if (st != ST_OK)
            return st;
        s->lex = s->mapped;
    }
    if (s->opts->synonyms) {
        enum st st = q_synonyms_open(s->opts->synonyms, &s->synonyms, err);
        if (st != ST_OK)
            return st;
    }
    if (s->opts->stopwords) {
        enum st st = srch_stop_load(s, s->opts->stopwords, err);
        if (st != ST_OK)
            return st;
    }
    return an_new(s->lex, &s->an, err);
}

enum st srch_open(const struct srch_opts *opts, struct srch **out, struct err *err)
{
    struct srch *s = calloc(1, sizeof(*s));
    if (!s)
        return err_nomem(err);
    s->opts = opts;
    s->watch = ix_watch_open();
    s->cold = true;
    an_text_init(&s->scratch);
    map_init(&s->stop);
    q_check_init(&s->check);
    enum st st = open_parts(s, err);
    if (st != ST_OK) {
        srch_close(s);
        return st;
    }
    srch_refresh(s);
    *out = s;
    return ST_OK;
}

void srch_close(struct srch *s)
{
    if (!s)
        return;
    drop_view(s);
    words_free(s->words);
    for (size_t i = 0; s->source && i < s->opts->nindex; i++)
        if (s->source[i].reader && !s->opts->index[i].reader)
            ix_reader_close(s->source[i].reader);
    if (s->an)
        an_free(s->an);
    lex_close(s->mapped);
    if (s->watch >= 0)
        close(s->watch);
    q_check_fini(&s->check);
    q_synonyms_close(s->synonyms);
    an_text_fini(&s->scratch);
    map_fini(&s->stop);
    free(s->source);
    free(s);
}

/* ---- scope ---- */

/* Why a source has no reader. */
static enum st absent(const struct source *src, struct err *err)
{
    if (err)
        *err = src->err;
    err_prefix(err, "index %s", src->name->name);
    return src->err.st;
}

static const struct source *find_source(const struct srch *s, struct str name)
{
    for (size_t i = 0; i < s->opts->nindex; i++)
        if (str_eq(str_of(s->source[i].name->name), name))
            return &s->source[i];
    return NULL;
}

struct picked {
    struct ix_reader **reader;
    const char **name; /* of their indexes */
    size_t n;
    uint64_t generation;
    struct err damage; /* of the first that is passed over */
};

static void pick(struct picked *p, const struct source *src)
{
    struct ix_reader *reader = src->reader;
    for (size_t i = 0; i < p->n; i++)
        if (p->reader[i] == reader)
            return;
    struct ix_info info;
    ix_reader_info(reader, &info);
    p->generation = info.generation > p->generation ? info.generation : p->generation;
    p->name[p->n] = src->name->name;
    p->reader[p->n++] = reader;
}

/* Whether a source that has no reader may be passed over as damaged. */
static bool pass_over(const struct srch *s, const struct source *src, struct picked *p)
{
    if (!s->opts->partial || src->err.st != ST_DAMAGED)
        return false;
    if (p->damage.st == ST_OK)
        absent(src, &p->damage);
    return true;
}

/* Every index that is there. One that is not there yet has nothing to say; one that is damaged
 * would make the answer incomplete without a word. */
static enum st pick_all(struct srch *s, struct picked *p, struct err *err)
{
    const struct source *missing = NULL;
    for (size_t i = 0; i < s->opts->nindex; i++) {
        const struct source *src = &s->source[i];
        if (src->reader)
            pick(p, src);
        else if (src->err.st == ST_NO_INDEX)
            missing = src;
        else if (!pass_over(s, src, p))
            return absent(src, err);
    }
    if (p->n == 0 && p->damage.st == ST_OK)
        return missing ? absent(missing, err) : err_set(err, ST_NO_INDEX, "no index is configured");
    return ST_OK;
}

static enum st pick_named(const struct srch *s, struct str in, struct picked *p, struct err *err)
{
    while (in.p) {
        struct str name = str_cut(&in, ',');
        const struct source *src = find_source(s, name);
        if (!src)
            return err_set(err, ST_NOT_FOUND, "no index is named " STR_FMT, STR_ARG(name));
        if (src->reader)
            pick(p, src);
        else if (!pass_over(s, src, p))
            return absent(src, err);
    }
    return ST_OK;
}

static enum st open_view(struct srch *s, const struct picked *p, struct scope *out, struct err *err)
{
    enum st st;
    if (out->own) {
        st = ix_view_open(p->reader, p->n, &out->view, err);
    } else {
        st = s->all ? ST_OK : ix_view_open(p->reader, p->n, &s->all, err);
        out->view = s->all;
    }
    if (st != ST_OK)
        return st;
    const struct ix_extract extract = {q_extract, &s->check, s->opts->text_bytes, q_extract_brief};
    ix_view_extract(out->view, &extract);
    return ix_view_verify(out->view, err);
}

/* Something has to be left when damage is passed over. */
static enum st see_what_is_left(struct scope *scope, struct err *err)
{
    struct err damage = ERR_INIT;
    if (!ix_view_whole(scope->view, &damage) && scope->damage.st == ST_OK)
        scope->damage = damage;
    if (scope->damage.st == ST_OK || ix_view_documents(scope->view) > 0)
        return ST_OK;
    return err_set(err, ST_DAMAGED, "%s", scope->damage.text);
}

enum st srch_scope(struct srch *s, struct str in, struct arena *a, struct scope *out,
                   struct err *err)
{
    struct picked p = {.reader = arena_calloc(a, s->opts->nindex, sizeof(struct ix_reader *)),
                       .name = arena_calloc(a, s->opts->nindex, sizeof(char *))};
    if (!p.reader || !p.name)
        return err_nomem(err);
    enum st st = in.n ? pick_named(s, in, &p, err) : pick_all(s, &p, err);
    if (st != ST_OK)
        return st;
    *out = (struct scope){
        .own = in.n > 0, .generation = p.generation, .name = p.name, .damage = p.damage};
    st = open_view(s, &p, out, err);
    if (st == ST_OK)
        st = see_what_is_left(out, err);
    if (st != ST_OK)
        srch_unscope(out);
    return st;
}

bool srch_again(struct srch *s, enum st st)
{
    bool more = false;
    for (size_t i = 0; st == ST_DAMAGED && i < s->opts->nindex; i++) {
        struct source *src = &s->source[i];
        struct err err = ERR_INIT;
        if (!src->reader || damaged_in(src->reader) <= src->damaged)
            continue;
        src->damaged = damaged_in(src->reader);
        note(src, damage_of(src->reader, &err), &err);
        more = true;
    }
    if (more)
        drop_view(s);
    return more && s->opts->partial;
}

void srch_unscope(struct scope *scope)
{
    if (scope->own)
        ix_view_close(scope->view);
}
