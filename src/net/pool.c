/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The pool of worker processes.
 *
 * Each worker (proc.c) has at most one job at a time. Jobs that find no free worker wait in one
 * queue, first come, first served, each until its own deadline: the timer is set to the earliest of
 * them, or to one of a job that has gone since, which costs a look.
 *
 * Dead workers are replaced, the first at once, further ones after a pause that doubles as long as
 * no worker answers anything: a broken library must not make the loop fork without end. As long as
 * there is none at all because the last could not be started, requests are refused with the reason
 * and do not wait for their deadline.
 *
 * On a reload one worker is started with the new options while the others go on. Only when it has
 * said that it can answer are the others let go, one by one as they finish their jobs.
 */
#include "pool.h"

#include "clock.h"
#include "proc.h"

#include <stdlib.h>

#define PAUSE_FIRST_MS 50
#define PAUSE_MAX_MS   2000

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
    struct event *expiry;
    uint64_t expiry_ns; /* no job that waits has an earlier deadline; UINT64_MAX: none waits */
    uint64_t pause_ms;
    size_t bad_starts; /* workers lost while starting, since one was ready */
    struct err unable; /* why none can be started, as far as that is known */
    bool ever_ready;
    uint64_t generation, documents;
    struct err *index; /* the state of each index of opts, as last logged */
    uint64_t deaths, kills;
};

/* ---- starting ---- */

static enum st spawn(struct pool *p, const struct net_opts *opts, bool trial, struct err *err)
{
    struct proc *pr;
    enum st st = proc_start(p, p->base, opts, p->lg, &pr, err);
    if (st != ST_OK)
        return st;
    pr->trial = trial;
    pr->next = p->procs;
    p->procs = pr;
    return ST_OK;
}

static size_t alive(const struct pool *p)
{
    size_t n = 0;
    for (const struct proc *pr = p->procs; pr; pr = pr->next)
        n += pr->state != PROC_GONE && !pr->old && !pr->trial;
    return n;
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

static void set_unable(struct pool *p, const char *why)
{
    err_set(&p->unable, ST_NO_WORKER, "no worker can be started: %s", why);
}

/* Whether a job would wait in vain. */
static bool is_unable(const struct pool *p)
{
    return p->unable.st != ST_OK && alive(p) == 0;
}

static void refuse_queued(struct pool *p)
{
    while (p->queue && is_unable(p)) {
        struct job *job = unqueue(p);
        job->done(job, NULL, &p->unable);
    }
}

/* Start as many workers as are missing. */
static void fill_up(struct pool *p)
{
    struct err err = ERR_INIT;
    for (size_t n = alive(p); n < p->opts.workers; n++) {
        if (spawn(p, &p->opts, false, &err) == ST_OK)
            continue;
        log_line(p->lg, LOG_ERROR, "worker-not-started message=%s", err.text);
        clock_after(p->respawn, PAUSE_MAX_MS);
        set_unable(p, err.text);
        refuse_queued(p);
        return;
    }
}

static void on_respawn(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    fill_up(ctx);
}

/* ---- jobs ---- */

static struct proc *find_idle(struct pool *p)
{
    for (struct proc *pr = p->procs; pr; pr = pr->next)
        if (pr->state == PROC_IDLE && !pr->old)
            return pr;
    return NULL;
}

/* Wake up at the earliest deadline of what waits. */
static void await_expiry(struct pool *p, uint64_t at_ns)
{
    uint64_t now = clock_ns();
    p->expiry_ns = at_ns;
    if (at_ns == UINT64_MAX)
        event_del(p->expiry);
    else
        clock_after(p->expiry, at_ns > now ? (at_ns - now) / 1000000 + 1 : 0);
}

static bool unlink_job(struct pool *p, const struct job *job)
{
    for (struct job **at = &p->queue; *at; at = &(*at)->next) {
        if (*at != job)
            continue;
        *at = job->next;
        if (!job->next)
            p->queue_end = at;
        p->queued--;
        return true;
    }
    return false;
}

/* A job that has waited for longer than it may, or NULL and the earliest deadline of the others. */
static struct job *find_expired(const struct pool *p, uint64_t now, uint64_t *earliest)
{
    *earliest = UINT64_MAX;
    for (struct job *job = p->queue; job; job = job->next) {
        if (job->deadline_ns <= now)
            return job;
        if (job->deadline_ns < *earliest)
            *earliest = job->deadline_ns;
    }
    return NULL;
}

/* Answer what waited for longer than it may, and wake up when the next one has. Whoever is told may
 * submit and forget jobs: the queue is looked through anew for each. */
static void expire(struct pool *p)
{
    struct err err = ERR_INIT;
    uint64_t now = clock_ns(), earliest;
    struct job *job;
    while ((job = find_expired(p, now, &earliest))) {
        unlink_job(p, job);
        err_set(&err, ST_DEADLINE, "no worker became free in time");
        job->done(job, NULL, &err);
    }
    await_expiry(p, earliest);
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
    if (clock_ns() >= p->expiry_ns)
        expire(p);
    while (p->queue && (pr = find_idle(p)))
        proc_run(pr, unqueue(p));
}

/* ---- what processes tell ---- */

/* Nothing has been told of the indexes yet. */
static bool forget_indexes(struct pool *p)
{
    free(p->index);
    p->index = calloc(p->opts.search.nindex + 1, sizeof(*p->index));
    return p->index != NULL;
}

/* The new options work: everybody who has the old ones leaves. */
static void reload_taken(struct pool *p, struct proc *trial)
{
    trial->trial = false;
    p->opts = p->next_opts;
    p->reloading = false;
    p->generation = p->documents = 0;
    forget_indexes(p);
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

void pool_on_ready(struct proc *pr, bool first, uint64_t generation, uint64_t documents)
{
    struct pool *p = pr->pool;
    if (first) {
        p->bad_starts = 0;
        p->unable.st = ST_OK;
    }
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
}

/* Every worker tells of a change as it finds it; the first one's word is logged. */
void pool_on_index(struct proc *pr, uint64_t index, const struct err *err)
{
    struct pool *p = pr->pool;
    if (pr->old || !p->index || index >= p->opts.search.nindex)
        return;
    struct err *was = &p->index[index];
    const char *name = p->opts.search.index[index].name;
    if (was->st == err->st && (err->st == ST_OK || strcmp(was->text, err->text) == 0))
        return;
    *was = *err;
    if (err->st == ST_OK)
        log_line(p->lg, LOG_INFO, "index-good name=%s", name);
    else if (err->st == ST_NO_INDEX)
        log_line(p->lg, LOG_WARN, "index-missing name=%s", name);
    else
        log_line(p->lg, LOG_ERROR, "index-error name=%s message=%s", name, err->text);
}

void pool_on_failed(struct proc *pr, const struct err *err)
{
    struct pool *p = pr->pool;
    if (!p->ever_ready)
        p->calls->failed(p->calls->ctx, err);
    if (!pr->trial)
        set_unable(p, err->text);
}

bool pool_on_answer(struct proc *pr)
{
    struct pool *p = pr->pool;
    bool stays = !pr->old;
    p->pause_ms = 0;
    if (!stays)
        proc_close(pr);
    give_work(p);
    return stays;
}

void pool_on_overrun(struct proc *pr)
{
    pr->pool->kills++;
}

void pool_on_lost(struct proc *pr)
{
    struct pool *p = pr->pool;
    p->deaths++;
    if (pr->trial) {
        pr->trial = false;
        pr->old = true;
        p->reloading = false;
        p->calls->settled(p->calls->ctx, false);
    } else if (pr->state == PROC_STARTING && ++p->bad_starts > 1 && p->unable.st == ST_OK) {
        set_unable(p, "they die as they start");
    }
    if (!event_pending(p->respawn, EV_TIMEOUT, NULL))
        clock_after(p->respawn, p->pause_ms);
    p->pause_ms = p->pause_ms ? p->pause_ms * 2 : PAUSE_FIRST_MS;
    if (p->pause_ms > PAUSE_MAX_MS)
        p->pause_ms = PAUSE_MAX_MS;
    pr->old = true; /* it takes no job any more */
    refuse_queued(p);
}

void pool_on_end(struct proc *pr)
{
    for (struct proc **at = &pr->pool->procs; *at; at = &(*at)->next)
        if (*at == pr) {
            *at = pr->next;
            return;
        }
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

void pool_reap(struct pool *p)
{
    for (struct proc *pr = p->procs, *next; pr; pr = next) {
        next = pr->next;
        proc_reap(pr);
    }
}

enum st pool_submit(struct pool *p, struct job *job, struct err *err)
{
    if (is_unable(p)) {
        if (err)
            *err = p->unable;
        return p->unable.st;
    }
    struct proc *pr = p->queue ? NULL : find_idle(p);
    if (pr) {
        proc_run(pr, job);
        return ST_OK;
    }
    if (p->queued >= p->opts.queue_max)
        return err_set(err, ST_BUSY, "%zu requests are waiting already", p->queued);
    job->next = NULL;
    *p->queue_end = job;
    p->queue_end = &job->next;
    p->queued++;
    if (job->deadline_ns < p->expiry_ns)
        await_expiry(p, job->deadline_ns);
    return ST_OK;
}

bool pool_forget(struct pool *p, struct job *job)
{
    return unlink_job(p, job);
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
    p->expiry_ns = UINT64_MAX;
    p->respawn = evtimer_new(base, on_respawn, p);
    p->expiry = evtimer_new(base, on_expiry, p);
    if (!p->respawn || !p->expiry || !forget_indexes(p)) {
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
    while (p->procs)
        proc_end(p->procs);
    if (p->respawn)
        event_free(p->respawn);
    if (p->expiry)
        event_free(p->expiry);
    free(p->index);
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
