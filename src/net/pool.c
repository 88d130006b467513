/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool of worker processes.
 *
 * Each worker is a child joined to the loop by a socketpair and has at most one job at a time.
 * Jobs that find no free worker wait in one queue, first come, first served. A worker ends in one
 * of three ways, and its job with it:
 *   - it dies: its socket reads end of file; the job is answered ST_INTERNAL;
 *   - it overruns kill_ms: it is killed, and the job is answered ST_DEADLINE;
 *   - it is let go, by a reload or at the end: its socket is closed once it has no job.
 * A process is forgotten when its socket is closed and it has been reaped, whichever comes last.
 *
 * Dead workers are replaced, the first at once, further ones after a pause that doubles as long as
 * no worker answers anything: a broken library must not make the loop fork without end.
 *
 * On a reload one worker is started with the new options while the others go on. Only when it has
 * said that it can answer are the others let go, one by one as they finish their jobs.
 */
#include "pool.h"

#include "frame.h"
#include "worker.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_FIRST_MS 50
#define PAUSE_MAX_MS   2000

enum proc_state {
    PROC_STARTING, /* has not said yet that it can answer */
    PROC_IDLE,
    PROC_BUSY,
    PROC_GONE /* its socket is closed */
};

struct proc {
    struct proc *next;
    struct pool *pool;
    pid_t pid;
    struct bufferevent *bev;
    struct event *kill;
    struct job *job;
    enum proc_state state;
    bool trial; /* started by a reload that is not settled */
    bool old;   /* to be let go when idle */
    bool reaped;
    uint64_t jobs; /* answered */
};

struct pool {
    struct event_base *base;
    struct net_opts opts;
    struct net_opts next_opts; /* of a reload that is not settled */
    bool reloading;
    const struct pool_calls *calls;
    const struct log *lg;
    struct proc *procs;
    struct job *queue, **queue_end;
    size_t queued;
    struct event *respawn;
    struct event *expiry; /* at the deadline of the head of the queue */
    uint64_t pause_ms;
    bool ever_ready;
    uint64_t generation, documents;
    uint64_t deaths, kills;
};

static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void timer_set(struct event *ev, uint64_t ms)
{
    struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
    event_add(ev, &tv);
}

static void give_work(struct pool *p);
static void fill_up(struct pool *p);

/* ---- one process ---- */

static void proc_free(struct proc *pr)
{
    struct pool *p = pr->pool;
    for (struct proc **at = &p->procs; *at; at = &(*at)->next)
        if (*at == pr) {
            *at = pr->next;
            break;
        }
    if (pr->kill)
        event_free(pr->kill);
    if (pr->bev)
        bufferevent_free(pr->bev);
    free(pr);
}

static void finish_job(struct proc *pr, enum st st, int code, struct str bytes,
                       const struct err *err)
{
    struct job *job = pr->job;
    pr->job = NULL;
    event_del(pr->kill);
    if (job)
        job->done(job, st, code, bytes, err);
}

static void fail_job(struct proc *pr, enum st st, const char *why)
{
    struct err err = ERR_INIT;
    if (!pr->job)
        return;
    err_set(&err, st, "%s", why);
    finish_job(pr, st, 0, (struct str){0}, &err);
}

/* Close the socket. The process notices and leaves, unless it is gone already. */
static void proc_close(struct proc *pr)
{
    if (pr->state == PROC_GONE)
        return;
    pr->state = PROC_GONE;
    bufferevent_free(pr->bev);
    pr->bev = NULL;
    if (pr->reaped)
        proc_free(pr);
}

/* The process died, or sends what makes no sense, or could not start. */
static void proc_lost(struct proc *pr, const char *why)
{
    struct pool *p = pr->pool;
    bool trial = pr->trial;

    p->deaths++;
    log_line(p->lg, LOG_WARN, "worker-lost pid=%ld why=%s busy=%d", (long)pr->pid, why,
             pr->job != NULL);
    kill(pr->pid, SIGKILL);
    fail_job(pr, ST_INTERNAL, "the worker that ran it died");
    proc_close(pr);
    if (trial) {
        p->reloading = false;
        p->calls->settled(p->calls->ctx, false);
    }
    if (!event_pending(p->respawn, EV_TIMEOUT, NULL))
        timer_set(p->respawn, p->pause_ms);
    p->pause_ms = p->pause_ms ? p->pause_ms * 2 : PAUSE_FIRST_MS;
    if (p->pause_ms > PAUSE_MAX_MS)
        p->pause_ms = PAUSE_MAX_MS;
}

/* The new options work: everybody who has the old ones leaves. */
static void reload_taken(struct pool *p, struct proc *trial)
{
    trial->trial = false;
    p->opts = p->next_opts;
    p->reloading = false;
    p->generation = p->documents = 0;
    for (struct proc *pr = p->procs, *next; pr; pr = next) {
        next = pr->next;
        if (pr == trial || pr->state == PROC_GONE)
            continue;
        pr->old = true;
        if (pr->state != PROC_BUSY)
            proc_close(pr);
    }
    fill_up(p);
    p->calls->settled(p->calls->ctx, true);
}

/* The handlers of frames return whether the process is still joined. */
static bool on_ready(struct proc *pr, struct str body)
{
    struct pool *p = pr->pool;
    uint64_t generation, documents;
    if (!str_varint(&body, &generation) || !str_varint(&body, &documents)) {
        proc_lost(pr, "bad-frame");
        return false;
    }
    bool first = pr->state == PROC_STARTING;
    if (first)
        pr->state = PROC_IDLE;
    if (pr->trial)
        reload_taken(p, pr);
    if (generation != p->generation || documents != p->documents)
        log_line(p->lg, LOG_INFO, "generation number=%llu documents=%llu",
                 (unsigned long long)generation, (unsigned long long)documents);
    p->generation = generation;
    p->documents = documents;
    if (!p->ever_ready) {
        p->ever_ready = true;
        p->calls->ready(p->calls->ctx);
    }
    if (first)
        give_work(p);
    return true;
}

static bool on_failed(struct proc *pr, struct str body)
{
    struct pool *p = pr->pool;
    struct err err = ERR_INIT;
    uint64_t st = ST_INTERNAL;
    str_varint(&body, &st);
    err_set(&err, st < ST_COUNT ? (enum st)st : ST_INTERNAL, STR_FMT, STR_ARG(body));
    bool first = !p->ever_ready;
    proc_lost(pr, "could-not-start");
    if (first)
        p->calls->failed(p->calls->ctx, &err);
    return false;
}

static bool on_answer(struct proc *pr, struct str body)
{
    struct pool *p = pr->pool;
    uint64_t code;
    if (!str_varint(&body, &code) || code > 599 || !pr->job) {
        proc_lost(pr, "bad-frame");
        return false;
    }
    pr->state = PROC_IDLE;
    pr->jobs++;
    p->pause_ms = 0;
    finish_job(pr, ST_OK, (int)code, body, NULL);
    bool joined = !pr->old;
    if (!joined)
        proc_close(pr);
    give_work(p);
    return joined;
}

static bool on_frame(struct proc *pr, struct str frame)
{
    struct str body = {frame.p + 1, frame.n - 1};
    switch (frame.p[0]) {
    case FRAME_READY:
        return on_ready(pr, body);
    case FRAME_FAILED:
        return on_failed(pr, body);
    case FRAME_ANSWER:
        return on_answer(pr, body);
    default:
        proc_lost(pr, "bad-frame");
        return false;
    }
}

/* The whole frame at the front of the input, or nothing yet. False: it can be none. */
static bool next_frame(struct evbuffer *in, struct str *out)
{
    char head[FRAME_HEAD];
    out->n = 0;
    if (evbuffer_copyout(in, head, sizeof(head)) < (ev_ssize_t)sizeof(head))
        return true;
    size_t n = frame_length(head);
    if (n == 0 || n > FRAME_MAX)
        return false;
    if (evbuffer_get_length(in) < n + FRAME_HEAD)
        return true;
    const char *p = (const char *)evbuffer_pullup(in, (ev_ssize_t)(n + FRAME_HEAD));
    if (!p)
        return false;
    *out = str_from(p + FRAME_HEAD, n);
    return true;
}

static void on_read(struct bufferevent *bev, void *ctx)
{
    struct proc *pr = ctx;
    struct evbuffer *whole = evbuffer_new();
    struct str frame;

    /* The frame is moved out of the way first: while it is handled the process may be freed. */
    while (whole) {
        struct evbuffer *in = bufferevent_get_input(bev);
        if (!next_frame(in, &frame)) {
            proc_lost(pr, "bad-frame");
            break;
        }
        if (frame.n == 0)
            break;
        evbuffer_remove_buffer(in, whole, frame.n + FRAME_HEAD);
        const char *p = (const char *)evbuffer_pullup(whole, -1);
        if (!p || !on_frame(pr, str_from(p + FRAME_HEAD, frame.n)))
            break;
        evbuffer_drain(whole, evbuffer_get_length(whole));
    }
    if (whole)
        evbuffer_free(whole);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        proc_lost(ctx, "died");
}

static void on_kill(evutil_socket_t fd, short what, void *ctx)
{
    struct proc *pr = ctx;
    (void)fd;
    (void)what;
    pr->pool->kills++;
    log_line(pr->pool->lg, LOG_WARN, "worker-overrun pid=%ld", (long)pr->pid);
    kill(pr->pid, SIGKILL);
    fail_job(pr, ST_DEADLINE, "the worker that ran it took too long and was stopped");
}

/* ---- starting ---- */

/* The child's side of fork runs with every signal blocked until it has settled its handlers:
 * the loop's handlers write into a pipe that both would share. */
static pid_t fork_worker(struct pool *p, const struct net_opts *opts, int fd)
{
    sigset_t all, before;
    pid_t parent = getpid();

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        worker_main(fd, parent, opts, p->lg);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static bool proc_join(struct pool *p, struct proc *pr, int fd)
{
    evutil_make_socket_nonblocking(fd);
    pr->bev = bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!pr->bev) {
        close(fd);
        return false;
    }
    bufferevent_setcb(pr->bev, on_read, NULL, on_event, pr);
    bufferevent_enable(pr->bev, EV_READ | EV_WRITE);
    return true;
}

static enum st spawn(struct pool *p, const struct net_opts *opts, bool trial, struct err *err)
{
    int sv[2];
    struct proc *pr = calloc(1, sizeof(*pr));
    if (!pr)
        return err_nomem(err);
    pr->pool = p;
    pr->trial = trial;
    pr->kill = evtimer_new(p->base, on_kill, pr);
    if (!pr->kill || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0) {
        proc_free(pr);
        return err_sys(err, "cannot start", "a worker");
    }
    pr->pid = fork_worker(p, opts, sv[1]);
    int failed = errno;
    close(sv[1]);
    if (pr->pid < 0) {
        close(sv[0]);
        proc_free(pr);
        errno = failed;
        return err_sys(err, "cannot start", "a worker");
    }
    pr->next = p->procs;
    p->procs = pr;
    if (!proc_join(p, pr, sv[0])) {
        pr->state = PROC_GONE;
        return err_nomem(err);
    }
    return ST_OK;
}

static size_t alive(const struct pool *p)
{
    size_t n = 0;
    for (const struct proc *pr = p->procs; pr; pr = pr->next)
        n += pr->state != PROC_GONE && !pr->old && !pr->trial;
    return n;
}

/* Start as many workers as are missing. */
static void fill_up(struct pool *p)
{
    struct err err = ERR_INIT;
    for (size_t n = alive(p); n < p->opts.workers; n++) {
        if (spawn(p, &p->opts, false, &err) == ST_OK)
            continue;
        log_line(p->lg, LOG_ERROR, "worker-not-started message=%s", err.text);
        timer_set(p->respawn, PAUSE_MAX_MS);
        return;
    }
}

static void on_respawn(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    fill_up(ctx);
}

void pool_reload(struct pool *p, const struct net_opts *opts)
{
    struct err err = ERR_INIT;
    p->next_opts = *opts;
    p->reloading = true;
    if (spawn(p, opts, true, &err) == ST_OK)
        return;
    log_line(p->lg, LOG_ERROR, "worker-not-started message=%s", err.text);
    p->reloading = false;
    p->calls->settled(p->calls->ctx, false);
}

static void reap(struct proc *pr)
{
    int how;
    if (pr->reaped || waitpid(pr->pid, &how, WNOHANG) != pr->pid)
        return;
    pr->reaped = true;
    if (WIFSIGNALED(how))
        log_line(pr->pool->lg, LOG_WARN, "worker-died pid=%ld signal=%d", (long)pr->pid,
                 WTERMSIG(how));
    if (pr->state == PROC_GONE)
        proc_free(pr);
    else if (pr->state == PROC_IDLE)
        proc_lost(pr, "died"); /* before it is given a job; a busy one may have answered yet */
}

void pool_reap(struct pool *p)
{
    for (struct proc *pr = p->procs, *next; pr; pr = next) {
        next = pr->next;
        reap(pr);
    }
}

/* ---- jobs ---- */

static struct proc *find_idle(struct pool *p)
{
    for (struct proc *pr = p->procs; pr; pr = pr->next)
        if (pr->state == PROC_IDLE && !pr->old)
            return pr;
    return NULL;
}

static void run_job(struct proc *pr, struct job *job)
{
    pr->state = PROC_BUSY;
    pr->job = job;
    bufferevent_write(pr->bev, job->frame.p, job->frame.n);
    timer_set(pr->kill, pr->pool->opts.kill_ms);
}

static struct job *unqueue(struct pool *p)
{
    struct job *job = p->queue;
    if (!job)
        return NULL;
    p->queue = job->next;
    if (!p->queue)
        p->queue_end = &p->queue;
    p->queued--;
    return job;
}

/* Answer what waited for longer than it may, and wake up when the next one has. */
static void expire(struct pool *p)
{
    struct err err = ERR_INIT;
    uint64_t now = now_ns();
    while (p->queue && p->queue->deadline_ns <= now) {
        struct job *job = unqueue(p);
        err_set(&err, ST_DEADLINE, "no worker became free in time");
        job->done(job, ST_DEADLINE, 0, (struct str){0}, &err);
    }
    if (p->queue)
        timer_set(p->expiry, (p->queue->deadline_ns - now) / 1000000 + 1);
    else
        event_del(p->expiry);
}

static void on_expiry(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    expire(ctx);
}

static void give_work(struct pool *p)
{
    struct proc *pr;
    expire(p);
    while (p->queue && (pr = find_idle(p)))
        run_job(pr, unqueue(p));
}

enum st pool_submit(struct pool *p, struct job *job, struct err *err)
{
    struct proc *pr = p->queue ? NULL : find_idle(p);
    if (pr) {
        run_job(pr, job);
        return ST_OK;
    }
    if (p->queued >= p->opts.queue_max)
        return err_set(err, ST_BUSY, "%zu requests are waiting already", p->queued);
    job->next = NULL;
    *p->queue_end = job;
    p->queue_end = &job->next;
    if (p->queued++ == 0)
        timer_set(p->expiry, p->opts.deadline_ms);
    return ST_OK;
}

/* ---- the pool itself ---- */

enum st pool_new(struct event_base *base, const struct net_opts *opts,
                 const struct pool_calls *calls, const struct log *lg, struct pool **out,
                 struct err *err)
{
    struct pool *p = calloc(1, sizeof(*p));
    if (!p)
        return err_nomem(err);
    *p = (struct pool){.base = base, .opts = *opts, .calls = calls, .lg = lg};
    p->queue_end = &p->queue;
    p->respawn = evtimer_new(base, on_respawn, p);
    p->expiry = evtimer_new(base, on_expiry, p);
    if (!p->respawn || !p->expiry) {
        pool_free(p);
        return err_nomem(err);
    }
    for (uint64_t i = 0; i < opts->workers; i++) {
        enum st st = spawn(p, opts, false, err);
        if (st != ST_OK) {
            pool_free(p);
            return st;
        }
    }
    *out = p;
    return ST_OK;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    while (p->procs) {
        struct proc *pr = p->procs;
        kill(pr->pid, SIGKILL);
        while (!pr->reaped && waitpid(pr->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        proc_free(pr);
    }
    if (p->respawn)
        event_free(p->respawn);
    if (p->expiry)
        event_free(p->expiry);
    free(p);
}

uint64_t pool_generation(const struct pool *p)
{
    return p->generation;
}

uint64_t pool_documents(const struct pool *p)
{
    return p->documents;
}

void pool_counters(const struct pool *p, struct buf *out)
{
    size_t busy = 0;
    for (const struct proc *pr = p->procs; pr; pr = pr->next)
        busy += pr->job != NULL;
    buf_addf(out, "workers.running=%zu\nworkers.busy=%zu\n", alive(p), busy);
    buf_addf(out, "workers.lost=%llu\nworkers.killed=%llu\n", (unsigned long long)p->deaths,
             (unsigned long long)p->kills);
    buf_addf(out, "queue=%zu\n", p->queued);
    for (const struct proc *pr = p->procs; pr; pr = pr->next)
        if (pr->state != PROC_GONE)
            buf_addf(out, "worker.%ld=%llu\n", (long)pr->pid, (unsigned long long)pr->jobs);
}
