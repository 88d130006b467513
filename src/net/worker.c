/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker: the child process in which searching happens.
 *
 * It owns one end of a socketpair, a searcher, and nothing else: every other descriptor is closed
 * first, so that a listener or a connection never outlives the daemon through a worker. It reads
 * one task, runs it, writes the finished bytes of the reply, and so on until the loop closes the
 * socket. Between tasks it looks for a new generation of the index, as soon as it is told of one
 * and every REFRESH_MS; when there is one, or when an index can no longer be read, it tells the
 * loop.
 *
 * It may be killed at any moment and it may crash: the loop takes that as an answer. So it handles
 * no signals; those that a terminal or a service manager sends to the whole group are ignored,
 * since it is the loop that decides when a worker leaves. When the loop dies, the kernel kills
 * its workers.
 */
#include "worker.h"

#include "clock.h"
#include "frame.h"
#include "history.h"

#include <errno.h>
#include <gongbao/file.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define REFRESH_MS    250
#define READ_AT_ONCE  16384
#define REQUEST_BYTES (1u << 30) /* memory for one request's results */

struct worker {
    int fd;
    struct srch *srch;
    struct arena arena;
    struct buf in;  /* the frame of the task */
    struct buf out; /* the frame that answers it */
    struct net_opts opts;
    uint64_t refreshed_ms;
    uint64_t generation, documents; /* as last told */
    struct err *told;               /* the state of each index, as last told */
    struct answer found;            /* what is told of the answer beside its bytes */
};

/* The loop is gone or there is nothing sensible left to do. */
static _Noreturn void leave(int code)
{
    _exit(code);
}

static void write_all(struct worker *w)
{
    if (!file_write_all(w->fd, buf_str(&w->out)))
        leave(0);
}

/* Read until there are n bytes; more may come with them. */
static bool read_up_to(struct worker *w, size_t n)
{
    while (w->in.n < n) {
        size_t most = n - w->in.n > READ_AT_ONCE ? n - w->in.n : READ_AT_ONCE;
        char *to = buf_room(&w->in, most);
        ssize_t got = to ? read(w->fd, to, most) : -1;
        if (to && got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        w->in.n += (size_t)got;
    }
    return true;
}

/* The next task alone: the loop sends no other before this one is answered. */
static bool read_task(struct worker *w, struct str *out)
{
    buf_reset(&w->in);
    if (!read_up_to(w, FRAME_HEAD))
        return false;
    size_t n = frame_length(w->in.p);
    if (!read_up_to(w, FRAME_HEAD + n) || w->in.n != FRAME_HEAD + n)
        return false;
    *out = str_from(w->in.p + FRAME_HEAD, n);
    return true;
}

static size_t begin(struct worker *w, enum frame_kind kind)
{
    buf_reset(&w->out);
    size_t at = frame_begin(&w->out);
    buf_addc(&w->out, (char)kind);
    return at;
}

static void say_failed(int fd, const struct err *err)
{
    struct worker w = {.fd = fd};
    buf_init(&w.out, 4096);
    size_t at = begin(&w, FRAME_FAILED);
    buf_varint(&w.out, err->st);
    buf_addz(&w.out, err->text);
    frame_end(&w.out, at);
    write_all(&w);
    leave(1);
}

static void tell_served(struct worker *w, const struct ix_info *info)
{
    w->generation = info->generation;
    w->documents = info->documents;
    size_t at = begin(w, FRAME_READY);
    buf_varint(&w->out, w->generation);
    buf_varint(&w->out, w->documents);
    frame_end(&w->out, at);
    write_all(w);
}

static void tell_index(struct worker *w, size_t i, const struct srch_index_stats *now)
{
    err_set(&w->told[i], now->st, "%s", now->state);
    size_t at = begin(w, FRAME_INDEX);
    buf_varint(&w->out, i);
    buf_varint(&w->out, now->st);
    buf_addz(&w->out, now->state);
    frame_end(&w->out, at);
    write_all(w);
}

/* Look for new generations; tell the loop what has changed, or everything. */
static void refresh(struct worker *w, bool always)
{
    struct srch_stats stats;
    srch_refresh(w->srch);
    w->refreshed_ms = clock_ms();
    arena_reset(&w->arena);
    if (srch_stats(w->srch, &w->arena, &stats, NULL) != ST_OK)
        stats = (struct srch_stats){0};
    if (always || stats.index.generation != w->generation || stats.index.documents != w->documents)
        tell_served(w, &stats.index);
    for (size_t i = 0; i < stats.nindex; i++)
        if (always || stats.each[i].st != w->told[i].st ||
            strcmp(stats.each[i].state, w->told[i].text) != 0)
            tell_index(w, i, &stats.each[i]);
}

static struct srch_request asked(const struct task *t)
{
    const struct request *rq = &t->rq;
    return (struct srch_request){
        .text = rq->text,
        .in = rq->in,
        .limit = rq->limit,
        .offset = rq->offset,
        .sort = rq->sort,
        .strict = rq->strict,
        .snippet = rq->snippet,
        .whole = rq->whole,
        .width = rq->width,
        .facet = rq->facet,
        .issuer = rq->issuer,
        .tag = rq->label,
        .who = rq->who,
        .from = rq->from,
        .to = rq->to,
        .since = rq->since,
        .by_year = rq->by_year,
        .collapse = rq->collapse,
        .deadline_ns = t->deadline_ns,
    };
}

static enum st run_search(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_request req = asked(t);
    struct srch_result res = {0};
    bool count = t->rq.id == CMD_COUNT;
    enum st st = (count ? srch_count : srch_search)(w->srch, &req, &w->arena, &res, err);
    if (st != ST_OK)
        return st;
    if (count)
        reply_count(r, &res);
    else
        reply_hits(r, &res, req.collapse);
    w->found.may_cache = !res.partial;
    w->found.total = res.total;
    return ST_OK;
}

static enum st run_get(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct ix_doc doc = {0};
    const char *index = NULL;
    enum st st = srch_get(w->srch, t->rq.doc, t->rq.in, &w->arena, &doc, &index, err);
    if (st == ST_OK)
        reply_document(r, &doc, index);
    return st;
}

static enum st run_uses(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    const struct srch_request req = asked(t);
    struct srch_uses res = {0};
    const bool all = t->rq.id == CMD_KWIC;
    enum st st = all ? srch_kwic(w->srch, &req, &w->arena, &res, err)
                     : srch_first(w->srch, &req, &w->arena, &res, err);
    if (st == ST_OK)
        (all ? reply_kwic : reply_first)(r, &res);
    w->found.total = res.documents;
    return st;
}

static enum st run_trend(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    const struct srch_request req = asked(t);
    struct srch_trend res = {0};
    enum st st = srch_trend(w->srch, &req, &w->arena, &res, err);
    if (st == ST_OK)
        reply_trend(r, &res);
    w->found.total = res.total;
    return st;
}

static enum st run_similar(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_request req = asked(t);
    req.text = t->rq.doc;
    struct srch_similar res = {0};
    enum st st = srch_similar(w->srch, &req, &w->arena, &res, err);
    if (st == ST_OK)
        reply_similar(r, &res);
    return st;
}

static enum st run_analyze(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_token *tok = NULL;
    size_t n = 0;
    enum st st = srch_analyze(w->srch, t->rq.text, &w->arena, &tok, &n, err);
    if (st == ST_OK)
        reply_tokens(r, tok, n);
    return st;
}

static enum st run_graph(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_edge *edge = NULL;
    size_t n = 0;
    enum st st = srch_graph(w->srch, t->rq.text, &w->arena, &edge, &n, err);
    if (st == ST_OK)
        reply_graph(r, edge, n);
    return st;
}

static enum st run_explain(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_request req = asked(t);
    struct srch_explained x;
    enum st st = srch_explain(w->srch, &req, &w->arena, &x, err);
    if (st == ST_OK)
        reply_explained(r, &x);
    w->found.total = st == ST_OK ? x.result.total : 0;
    return st;
}

static enum st run_why(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_request req = asked(t);
    struct srch_why why;
    enum st st = srch_why(w->srch, &req, t->rq.doc, &w->arena, &why, err);
    if (st == ST_OK)
        reply_why(r, &why);
    return st;
}

/* The frequent queries, as the loop knows them. False without memory. */
static bool take_frequent(struct worker *w, struct str known, struct srch_request *req)
{
    struct srch_query *list = arena_calloc(&w->arena, HISTORY_FREQUENT, sizeof(*list));
    if (!list)
        return false;
    while (req->nfrequent < HISTORY_FREQUENT && history_next(&known, &list[req->nfrequent]))
        req->nfrequent++;
    req->frequent = list;
    return true;
}

static enum st run_suggest(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_request req = asked(t);
    struct srch_suggestion *list = NULL;
    size_t n = 0;
    if (!take_frequent(w, t->known, &req))
        return err_nomem(err);
    enum st st = srch_suggest(w->srch, &req, &w->arena, &list, &n, err);
    if (st == ST_OK)
        reply_suggestions(r, req.text, list, n);
    return st;
}

static enum st run_spell(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_request req = asked(t);
    struct srch_meant meant;
    enum st st = srch_spell(w->srch, &req, &w->arena, &meant, err);
    if (st == ST_OK)
        reply_spelling(r, &meant);
    return st;
}

static enum st run_stats(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    struct srch_stats stats = {0};
    enum st st = srch_stats(w->srch, &w->arena, &stats, err);
    if (st == ST_OK)
        reply_stats(r, &stats, t->known);
    return st;
}

static enum st run(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    switch (t->rq.id) {
    case CMD_SEARCH:
    case CMD_COUNT:
        return run_search(w, t, r, err);
    case CMD_GET:
        return run_get(w, t, r, err);
    case CMD_KWIC:
    case CMD_FIRST:
        return run_uses(w, t, r, err);
    case CMD_TREND:
        return run_trend(w, t, r, err);
    case CMD_SIMILAR:
        return run_similar(w, t, r, err);
    case CMD_ANALYZE:
        return t->rq.graph ? run_graph(w, t, r, err) : run_analyze(w, t, r, err);
    case CMD_EXPLAIN:
        return run_explain(w, t, r, err);
    case CMD_WHY:
        return run_why(w, t, r, err);
    case CMD_SUGGEST:
        return run_suggest(w, t, r, err);
    case CMD_SPELL:
        return run_spell(w, t, r, err);
    case CMD_STATS:
        return run_stats(w, t, r, err);
    default:
        return err_set(err, ST_INTERNAL, "%s is no work for a worker", command_row(t->rq.id)->verb);
    }
}

/* The usage helps only where the request was not understood. */
static const char *usage_for(const struct task *t, enum st st)
{
    return st_info(st)->code == 400 ? command_row(t->rq.id)->usage : NULL;
}

/* The reply to a task, in w->out behind the head of an answer. */
static enum st write_reply(struct worker *w, const struct task *t, struct reply *r, struct err *err)
{
    *r = (struct reply){.out = &w->out, .fmt = t->rq.fmt};
    arena_reset(&w->arena);
    enum st st = run(w, t, r, err);
    if (st == ST_OK && !buf_ok(&w->out))
        st = err_set(err, ST_INTERNAL, "the reply is too large");
    return st;
}

static void answer(struct worker *w, struct str task)
{
    struct task t;
    struct reply r;
    struct err err = ERR_INIT;
    uint64_t begun = clock_ns();
    if (!task_get(task, &t))
        leave(1);
    w->found = (struct answer){0};
    size_t frame = begin(w, FRAME_ANSWER), head = answer_begin(&w->out);
    enum st st = write_reply(w, &t, &r, &err);
    if (st != ST_OK) {
        err.st = st;
        if (st == ST_SYNTAX || st == ST_TOO_MUCH)
            err_point(&err, t.rq.text);
        frame = begin(w, FRAME_ANSWER);
        head = answer_begin(&w->out);
        reply_error(&r, &err, usage_for(&t, st), 0);
    }
    w->found.code = r.code;
    w->found.tag_at = r.tag_at;
    w->found.mark_at = r.mark_at;
    w->found.may_cache = w->found.may_cache && st == ST_OK;
    w->found.state = srch_opened(w->srch);
    w->found.us = (clock_ns() - begun) / 1000;
    answer_end(&w->out, head, &w->found);
    frame_end(&w->out, frame);
    if (!buf_ok(&w->out))
        leave(1);
    write_all(w);
}

static void serve(struct worker *w)
{
    bool idle_work = true; /* something is left to do when there is nothing else */
    for (;;) {
        struct pollfd p[] = {{.fd = w->fd, .events = POLLIN},
                             {.fd = srch_watch(w->srch), .events = POLLIN}};
        int n = poll(p, sizeof(p) / sizeof(p[0]), idle_work ? 0 : REFRESH_MS);
        if (n < 0 && errno != EINTR)
            leave(1);
        /* First, so that no two workers answer one connection from a generation and the one before:
         * all are told of it at the same time. */
        if ((n == 0 && !idle_work) || p[1].revents || clock_ms() - w->refreshed_ms >= REFRESH_MS)
            refresh(w, false);
        if (n > 0 && p[0].revents) {
            struct str task;
            if (!read_task(w, &task))
                leave(0);
            answer(w, task);
        }
        if (n == 0)
            idle_work = srch_idle(w->srch);
    }
}

/* Nothing of the daemon but the socket and standard input, output and error. */
static int keep_only(int fd)
{
    int keep = STDERR_FILENO + 1;
    if (fd != keep) {
        if (dup2(fd, keep) < 0)
            leave(1);
    }
    close_range((unsigned)keep + 1, ~0u, 0);
    return keep;
}

static void settle_signals(void)
{
    static const int plain[] = {SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM};
    static const int ignored[] = {SIGPIPE, SIGINT, SIGHUP, SIGTERM};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        signal(plain[i], SIG_DFL);
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void worker_main(int fd, pid_t parent, const struct net_opts *opts, const struct log *lg)
{
    struct worker w = {.opts = *opts};
    struct err err = ERR_INIT;

    settle_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        leave(0);
    w.fd = keep_only(fd);
    prctl(PR_SET_NAME, "gongbaod-worker");
    if (srch_open(&w.opts.search, &w.srch, &err) != ST_OK) {
        log_line(lg, LOG_ERROR, "worker-failed message=%s", err.text);
        say_failed(w.fd, &err);
    }
    w.told = calloc(w.opts.search.nindex + 1, sizeof(*w.told));
    if (!w.told)
        leave(1);
    arena_init(&w.arena, REQUEST_BYTES);
    buf_init(&w.in, FRAME_MAX);
    buf_init(&w.out, FRAME_MAX);
    refresh(&w, true);
    serve(&w);
    leave(0);
}
