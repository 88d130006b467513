/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_POOL_H
#define NET_POOL_H

#include "frame.h"

#include <event2/event.h>
#include <gongbao/net.h>

/* A job on its way through the pool. The caller owns the memory; from pool_submit until `done` or
 * pool_forget the pool holds a pointer to it. */
struct job {
    struct job *next;
    struct buf frame;     /* the task, made by frame_begin, task_put, frame_end */
    uint64_t deadline_ns; /* CLOCK_MONOTONIC */
    void *ctx;

    /* The answer; NULL: err says why there is none. The job is the caller's again. */
    void (*done)(struct job *job, const struct answer *answer, const struct err *err);
};

struct pool;

struct pool_calls {
    void *ctx;
    void (*ready)(void *ctx); /* the first worker can answer */

    /* The first worker could not start, and none ever could. */
    void (*failed)(void *ctx, const struct err *err);
    void (*settled)(void *ctx, bool taken); /* the end of pool_reload */
};

/* Start opts->workers processes. opts, calls and lg are borrowed. */
enum st pool_new(struct event_base *base, const struct net_opts *opts,
                 const struct pool_calls *calls, const struct log *lg, struct pool **out,
                 struct err *err);

/* Kill and reap every worker. Jobs that run are given back with ST_STOPPING; none may wait. */
void pool_free(struct pool *p);

/* Take a job: it runs at once or waits. ST_BUSY when too many wait; ST_NO_WORKER when none can be
 * started. `done` is never called from within. */
enum st pool_submit(struct pool *p, struct job *job, struct err *err);

/* Nobody wants the job any more. True: it was still waiting and is the caller's again; false: it
 * runs, and `done` will be called. */
bool pool_forget(struct pool *p, struct job *job);

/* Try opts on one new worker; when it can answer, replace the others and call settled(true), when
 * it cannot start, keep everything and call settled(false). Not while another one is under way. */
void pool_reload(struct pool *p, const struct net_opts *opts);

/* A child may have died: look. */
void pool_reap(struct pool *p);

/* The newest generation any worker has told of. */
uint64_t pool_generation(const struct pool *p);
uint64_t pool_documents(const struct pool *p);

/* Append lines of "key=number" for STATS. */
void pool_counters(const struct pool *p, struct buf *out);

#endif
