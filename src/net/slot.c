/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A slot: one request of a connection on its way to its reply.
 *
 * What the loop can answer by itself is done at once. The rest becomes a job of the pool, and is
 * done when the pool gives it back, with the finished bytes of a reply or with the reason why
 * there are none. A connection may go while its job runs: the slot then waits for the pool alone,
 * and is freed by it.
 */
#include "slot.h"

#include "clock.h"
#include "frame.h"

#include <stdlib.h>
#include <time.h>

#define BUSY_RETRY_MS 100
#define REPLY_SMALL   (1u << 20) /* cap for what the loop writes itself */

struct slot *slot_new(struct conn *c, const struct request *rq)
{
    struct slot *s = calloc(1, sizeof(*s));
    if (!s) {
        c->state = CONN_ENDING;
        return NULL;
    }
    s->conn = c;
    s->fmt = rq->fmt;
    s->tag_n = rq->tag.n;
    if (rq->tag.n > 0)
        memcpy(s->tag, rq->tag.p, rq->tag.n);
    buf_init(&s->bytes, FRAME_MAX);
    *c->tail = s;
    c->tail = &s->next;
    c->nslot++;
    return s;
}

void slot_free(struct slot *s)
{
    buf_fini(&s->bytes);
    buf_fini(&s->job.frame);
    free(s);
}

static struct reply slot_reply(struct slot *s)
{
    return (struct reply){.out = &s->bytes, .fmt = s->fmt, .tag = {s->tag, s->tag_n}};
}

static void slot_done(struct slot *s, int code)
{
    s->done = true;
    s->conn->held += s->bytes.n;
    if (code > 0 && code < NET_CODES)
        s->conn->net->count.reply[code]++;
}

void slot_error(struct slot *s, const struct err *err, const char *usage)
{
    struct reply r = slot_reply(s);
    reply_error(&r, err, usage, err->st == ST_BUSY ? BUSY_RETRY_MS : 0);
    slot_done(s, r.code);
}

/* Put the finished bytes of an answer into a slot, which is then done. */
static void slot_answer(struct slot *s, const struct answer *a, bool cached)
{
    struct err nomem = ERR_INIT;
    reply_finish(&s->bytes, s->fmt, a, str_from(s->tag, s->tag_n), cached);
    if (buf_ok(&s->bytes)) {
        slot_done(s, a->code);
        return;
    }
    buf_reset(&s->bytes);
    err_nomem(&nomem);
    slot_error(s, &nomem, NULL);
}

/* A day of the wall clock: on another day 今天 is another day. */
static uint64_t today(void)
{
    struct tm tm;
    time_t now = time(NULL);
    return localtime_r(&now, &tm) ? (uint64_t)tm.tm_year * 366 + (uint64_t)tm.tm_yday : 0;
}

/* For the next who asks the same, unless something has changed since this one did. */
static void put_in_cache(const struct slot *s, const struct answer *a)
{
    struct net *net = s->conn->net;
    if (net->cache && a->state == 0)
        cache_clear(net->cache); /* what is damaged is not hidden by what was said before */
    if (net->cache && s->reloads == net->reloads && s->day == today())
        cache_put(net->cache, s->key, a);
}

/* Which indexes a request asks, as the history tells them apart: where there is one, they are all.
 */
static struct str indexes_of(const struct net *net, const struct request *rq)
{
    return net->opts.search.nindex == 1 ? str_from("", 0) : rq->in;
}

/* Take a request that has been answered into the history. */
static void remember(const struct slot *s, const struct answer *a, int code)
{
    const struct net *net = s->conn->net;
    const struct buf *frame = &s->job.frame;
    struct task t;
    if (!task_get(str_from(frame->p + FRAME_HEAD, frame->n - FRAME_HEAD), &t))
        return;
    struct seen seen = {
        .verb = command_row(t.rq.id)->verb,
        .text = t.rq.text.n > 0 ? t.rq.text : t.rq.doc,
        .in = indexes_of(net, &t.rq),
        .code = code,
        .us = (clock_ns() - s->begun_ns) / 1000,
        .worked_us = a ? a->us : 0,
        .total = a ? a->total : 0,
        .search = t.rq.id == CMD_SEARCH && t.rq.offset == 0 && code == 210,
    };
    seen.slow = net->opts.slow_ms > 0 && seen.us >= net->opts.slow_ms * 1000;
    history_add(net->history, &seen);
}

static void job_done(struct job *job, const struct answer *answer, const struct err *err)
{
    struct slot *s = job->ctx;
    struct conn *c = s->conn;
    if (!c) {
        slot_free(s);
        return;
    }
    if (answer)
        slot_answer(s, answer, false);
    else
        slot_error(s, err, NULL);
    remember(s, answer, answer ? answer->code : st_info(err->st)->code);
    if (answer)
        put_in_cache(s, answer);
    buf_fini(&job->frame);
    conn_work(c);
}

/* Answer what has been answered before, if nothing has changed since. */
static bool answer_again(struct slot *s, enum command_id id)
{
    struct net *net = s->conn->net;
    if (!net->cache || (id != CMD_SEARCH && id != CMD_COUNT))
        return false;
    s->reloads = net->reloads;
    s->day = today();
    cache_at(net->cache, srch_published(net->opts.search.index, net->opts.search.nindex), s->day);
    const struct answer *a = cache_get(net->cache, s->key);
    if (!a)
        return false;
    struct answer again = *a;
    again.us = 0;
    slot_answer(s, &again, true);
    remember(s, &again, a->code);
    return true;
}

static void make_task(struct slot *s, const struct request *rq)
{
    struct net *net = s->conn->net;
    uint64_t ms = rq->deadline_ms ? rq->deadline_ms : net->opts.deadline_ms;
    s->begun_ns = clock_ns();
    struct task t = {.rq = *rq, .deadline_ns = s->begun_ns + ms * 1000000};
    struct buf known, *frame = &s->job.frame;

    buf_init(&known, REPLY_SMALL);
    if (rq->id == CMD_STATS)
        net_counters(net, &known);
    else if (rq->id == CMD_SUGGEST)
        history_frequent(net->history, indexes_of(net, rq), &known);
    t.known = buf_str(&known);
    s->job.ctx = s;
    s->job.done = job_done;
    s->job.deadline_ns = t.deadline_ns;
    buf_init(frame, net->opts.line_max + REPLY_SMALL);
    size_t at = frame_begin(frame);
    size_t n = task_put(frame, &t);
    frame_end(frame, at);
    buf_fini(&known);
    if (buf_ok(frame))
        s->key = str_from(frame->p + at + FRAME_HEAD, n);
}

static void send_to_worker(struct slot *s, const struct request *rq)
{
    struct err err = ERR_INIT;
    make_task(s, rq);
    if (s->key.n > 0 && answer_again(s, rq->id))
        return;
    enum st st = s->key.n > 0 ? pool_submit(s->conn->net->pool, &s->job, &err) : err_nomem(&err);
    if (st != ST_OK)
        slot_error(s, &err, NULL);
}

static void greet(struct conn *c, struct reply *r)
{
    reply_begin(r, 220, "gongbao");
    reply_str(r, "version", str_of(c->net->opts.version));
    reply_num(r, "protocol", 1);
    reply_num(r, "generation", pool_generation(c->net->pool));
    reply_num(r, "documents", pool_documents(c->net->pool));
    reply_str(r, "help", STR("HELP"));
    reply_end(r);
}

static void set_mode(struct conn *c, struct reply *r, enum reply_fmt fmt)
{
    c->fmt = fmt;
    reply_begin(r, 200, "mode");
    reply_str(r, "fmt", fmt == REPLY_JSON ? STR("json") : STR("text"));
    reply_end(r);
}

static void plain(struct reply *r, int code, const char *name)
{
    reply_begin(r, code, name);
    reply_end(r);
}

static void run_here(struct conn *c, struct slot *s, const struct request *rq)
{
    struct reply r = slot_reply(s);
    struct err err = ERR_INIT;
    const char *usage = NULL;

    switch (rq->id) {
    case CMD_HELLO:
        greet(c, &r);
        break;
    case CMD_PING:
        plain(&r, 200, "pong");
        break;
    case CMD_MODE:
        set_mode(c, &r, rq->fmt);
        break;
    case CMD_TOP:
        history_top(c->net->history, &r, rq->top, rq->limit);
        break;
    case CMD_SLOWLOG:
        history_slow(c->net->history, &r, rq->limit);
        break;
    case CMD_QUIT:
        plain(&r, 221, "bye");
        c->state = CONN_ENDING;
        break;
    default:
        if (command_help(&r, rq->text, &usage, &err) != ST_OK) {
            slot_error(s, &err, usage);
            return;
        }
    }
    slot_done(s, r.code);
}

void slot_take(struct conn *c, const struct proto_line *line)
{
    struct net *net = c->net;
    struct command_limits limits = {net->opts.limit, net->opts.limit_max, net->opts.window,
                                    net->opts.deadline_ms};
    struct request rq;
    const char *usage;
    struct err err = ERR_INIT;

    enum st st = command_check(line, &limits, c->fmt, &rq, &usage, &err);
    struct slot *s = slot_new(c, &rq);
    if (!s)
        return;
    if (st != ST_OK) {
        slot_error(s, &err, usage);
        return;
    }
    net->count.request[rq.id]++;
    if (command_row(rq.id)->place == IN_LOOP)
        run_here(c, s, &rq);
    else
        send_to_worker(s, &rq);
}
