/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs, and reading them.
 *
 * A run in memory is read in place. Of one in a file each source holds a window, which is moved on
 * when what comes next is not wholly in it, and which grows for a part that is larger. Runs are
 * written and read by the same process and not checked again; a file that has become shorter is an
 * error all the same.
 */

#include "run.h"
#include "glass_unpack.h"
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW = 64 << 10 };

/* ---- runs ---- */

struct run_source {
    struct post_source s;
    const struct run *run;
    const unsigned char *p, *end; /* what is ahead, as far as it is in memory */
    uint64_t behind;              /* bytes of the run up to end */
    bool started, parts;          /* parts of the term are left */
    unsigned char *window;        /* of a run in a file */
    size_t room;                  /* bytes that it can hold */
    char term[IX_TERM_MAX];       /* of such a run: the window moves */
};

static enum st open_source(const struct post_input *in, struct post_source **out, struct err *err);
static enum st sample(const struct post_input *in, post_sample *tell, void *ctx, struct err *err);

static const struct post_input_ops input_ops = {open_source, sample};

struct run *run_new(void)
{
    struct run *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->input.ops = &input_ops;
    r->fd = -1;
    buf_init(&r->bytes, SIZE_MAX);
    buf_init(&r->names, SIZE_MAX);
    return r;
}

void run_free(struct run *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    free(r->path);
    buf_fini(&r->bytes);
    buf_fini(&r->names);
    free(r->mark);
    free(r);
}

size_t run_memory(const struct run *r)
{
    return r->bytes.cap + r->names.cap + r->mark_cap * sizeof(*r->mark);
}

/* ---- marks ---- */

bool run_note(struct run *r, uint64_t at, struct str term)
{
    uint64_t last = r->nmark ? r->mark[r->nmark - 1].at : 0;
    if (at - last < POST_SAMPLE)
        return true;
    struct run_mark *more = array_room(r->mark, r->nmark, &r->mark_cap, sizeof(*more));
    if (!more)
        return false;
    r->mark = more;
    r->mark[r->nmark++] = (struct run_mark){at, r->names.n, (uint8_t)term.n};
    buf_adds(&r->names, term);
    return buf_ok(&r->names);
}

static struct str mark_name(const struct run *r, size_t i)
{
    return str_from(r->names.p + r->mark[i].name, r->mark[i].length);
}

static enum st sample(const struct post_input *in, post_sample *tell, void *ctx, struct err *err)
{
    const struct run *r = (const struct run *)in;
    enum st st = ST_OK;
    uint64_t last = 0;
    for (size_t i = 0; i < r->nmark && st == ST_OK; i++) {
        st = tell(ctx, mark_name(r, i), r->mark[i].at - last, err);
        last = r->mark[i].at;
    }
    return st;
}

/* The place of the last mark whose term is not above this one; 0 when there is none. */
static uint64_t place_before(const struct run *r, struct str term)
{
    size_t low = 0, high = r->nmark;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(mark_name(r, middle), term) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? r->mark[low - 1].at : 0;
}

/* ---- windows ---- */

static enum st read_at(const struct run *r, uint64_t at, unsigned char *to, size_t n,
                       struct err *err)
{
    ssize_t got = file_read_at(r->fd, to, n, at);
    if (got < 0)
        return err_sys(err, "read", r->path);
    return (size_t)got == n ? ST_OK : err_set(err, ST_IO, "%s: it has become shorter", r->path);
}

/* Move the window on so that n bytes are ahead, or all that there are. */
static enum st move_window(struct run_source *s, size_t n, struct err *err)
{
    size_t ahead = (size_t)(s->end - s->p);
    if (n > s->room) {
        unsigned char *more = malloc(n + WINDOW);
        if (!more)
            return err_nomem(err);
        memcpy(more, s->p, ahead);
        free(s->window);
        s->window = more;
        s->room = n + WINDOW;
    } else if (ahead) {
        memmove(s->window, s->p, ahead);
    }
    uint64_t left = s->run->n - s->behind;
    size_t most = s->room - ahead;
    size_t take = left < most ? (size_t)left : most;
    s->p = s->window;
    s->end = s->window + ahead + take;
    enum st st = read_at(s->run, s->behind, s->window + ahead, take, err);
    s->behind += take;
    return st;
}

static inline enum st need(struct run_source *s, size_t n, struct err *err)
{
    if ((size_t)(s->end - s->p) >= n || s->behind == s->run->n)
        return ST_OK;
    return move_window(s, n, err);
}

/* Go to a place that is ahead. */
static void jump(struct run_source *s, uint64_t at)
{
    if (at <= s->behind) {
        s->p = s->end - (s->behind - at);
    } else {
        s->p = s->end;
        s->behind = at;
    }
}

/* ---- sources ---- */

static enum st part(struct post_source *source, struct post_part *out, struct err *err)
{
    struct run_source *s = (struct run_source *)source;
    uint64_t n = 0, first, span;
    enum st st = s->parts ? need(s, RUN_PART_ROOM, err) : ST_OK;
    if (st == ST_OK && s->parts)
        s->p = unpack_sure(s->p, &n);
    s->parts = st == ST_OK && n > 0;
    *out = (struct post_part){0};
    if (!s->parts)
        return st;
    s->p = unpack_sure(unpack_sure(s->p, &first), &span);
    st = need(s, n, err);
    out->first = s->run->base + (uint32_t)first;
    out->last = out->first + (uint32_t)span;
    out->packed = str_from((const char *)s->p, n);
    s->p += n;
    return st;
}

/* The window moves, so a term of a run in a file is copied. */
static void stand_at(struct run_source *s, size_t n)
{
    const char *term = (const char *)s->p;
    if (s->run->fd >= 0)
        term = memcpy(s->term, term, n);
    s->s.term = str_from(term, n);
    s->s.head = post_head(term, n);
    s->p = unpack_sure(unpack_sure(s->p + n, &s->s.tf), &s->s.cf);
    s->parts = true;
}

static enum st next(struct post_source *source, struct err *err)
{
    struct run_source *s = (struct run_source *)source;
    struct post_part skipped;
    enum st st = ST_OK;
    while (s->parts && st == ST_OK)
        st = part(source, &skipped, err);
    if (st == ST_OK)
        st = need(s, RUN_TERM_ROOM, err);
    if (st != ST_OK)
        return st;
    if (s->p < s->end)
        stand_at(s, *s->p++);
    else
        s->s.term = (struct str){0};
    return ST_OK;
}

static enum st seek(struct post_source *source, struct str term, struct err *err)
{
    struct run_source *s = (struct run_source *)source;
    if (s->started && (!s->s.term.n || str_cmp(s->s.term, term) >= 0))
        return ST_OK;
    uint64_t at = place_before(s->run, term);
    if (at > s->behind - (uint64_t)(s->end - s->p)) {
        jump(s, at);
        s->parts = false;
    }
    s->started = true;
    enum st st;
    do
        st = next(source, err);
    while (st == ST_OK && s->s.term.n && str_cmp(s->s.term, term) < 0);
    return st;
}

static void close_source(struct post_source *source)
{
    struct run_source *s = (struct run_source *)source;
    free(s->window);
    free(s);
}

static const struct post_source_ops source_ops = {seek, next, part, close_source};

static enum st open_source(const struct post_input *in, struct post_source **out, struct err *err)
{
    const struct run *r = (const struct run *)in;
    struct run_source *s = calloc(1, sizeof(*s));
    if (!s)
        return err_nomem(err);
    s->s.ops = &source_ops;
    s->run = r;
    s->s.wdf_max = r->wdf_max;
    if (r->fd < 0) {
        s->p = (const unsigned char *)r->bytes.p;
        s->end = s->p + r->n;
        s->behind = r->n;
    } else {
        s->window = malloc(WINDOW);
        s->room = WINDOW;
        s->p = s->end = s->window;
    }
    if (r->fd >= 0 && !s->window) {
        free(s);
        return err_nomem(err);
    }
    *out = &s->s;
    return ST_OK;
}
