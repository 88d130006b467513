/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_PROC_H
#define NET_PROC_H

#include "pool.h"

#include <sys/types.h>

enum proc_state {
    PROC_STARTING, /* has not said yet that it can answer */
    PROC_IDLE,
    PROC_BUSY,
    PROC_GONE /* its socket is closed */
};

/* A worker process as the loop sees it. The pool owns it and keeps the list. */
struct proc {
    struct proc *next;
    struct pool *pool;
    const struct log *lg;
    pid_t pid;
    int fd; /* -1: closed */
    struct event *readable, *writable;
    struct buf in; /* read, and no whole frame yet */
    size_t sent;   /* bytes of the job's frame that are written */
    struct event *kill;
    uint64_t kill_ms;
    struct job *job;
    enum proc_state state;
    bool trial; /* started by a reload that is not settled */
    bool old;   /* to be let go when idle */
    bool reaped;
    uint64_t jobs; /* answered */
};

/* Fork a worker and join it to the loop. */
enum st proc_start(struct pool *pool, struct event_base *base, const struct net_opts *opts,
                   const struct log *lg, struct proc **out, struct err *err);

/* Give an idle process a job. */
void proc_run(struct proc *pr, struct job *job);

/* Close the socket. The process notices and leaves, unless it is gone already. pr may be freed. */
void proc_close(struct proc *pr);

/* Reap it if it has ended; pr may be freed. */
void proc_reap(struct proc *pr);

/* Kill it, wait for its end, give its job back, free it. */
void proc_end(struct proc *pr);

/* What a process tells the pool (pool.c). */

/* It can answer, for the first time or with another generation. */
void pool_on_ready(struct proc *pr, bool first, uint64_t generation, uint64_t documents);

/* How it finds an index, by its number in the options: err->st is ST_OK, ST_NO_INDEX or what is
 * wrong, which err->text says. */
void pool_on_index(struct proc *pr, uint64_t index, const struct err *err);

/* It could not start; it is lost next. */
void pool_on_failed(struct proc *pr, const struct err *err);

/* It has answered and is idle. Returns whether it stays. */
bool pool_on_answer(struct proc *pr);

void pool_on_overrun(struct proc *pr);

/* It is lost, its job answered; it is closed next. */
void pool_on_lost(struct proc *pr);

/* It has been closed and reaped: take it off the list. It is freed next. */
void pool_on_end(struct proc *pr);

#endif
