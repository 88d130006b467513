/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Jobs done by several hands and given back in order.
 *
 * Jobs stand in a ring, in the order in which they were given. The first of them is the next to be
 * taken; some from there on have been begun, and the rest wait. A hand that is free begins the
 * first that waits, so jobs are begun in order too, and none waits for one behind it.
 *
 *     ring:   [ done | at work | done | at work | waits | waits |   ]
 *               ^first                            ^first + begun
 *
 * The owner works, inside crew_take, only when there are no threads. If it helped them, those that
 * are done with theirs would wait meanwhile for what it is to give them.
 *
 * One lock guards everything but the inside of the jobs. All numbers of the ring count from the
 * first job given ever; a job's place is its number modulo the depth.
 */

#include <gongbao/crew.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct place {
    void *job;
    bool done;
    enum st st;
    struct err err;
};

/* A thread of the crew. */
struct hand {
    struct crew *crew;
    void *tool;
    pthread_t thread;
};

struct crew {
    crew_work *work;
    void *owners_tool; /* for a crew without threads */
    pthread_mutex_t lock;
    pthread_cond_t given; /* a job waits, or the end has come */
    pthread_cond_t done;  /* a job is done */
    struct place *ring;
    size_t depth;
    size_t taken, begun, n; /* numbers of jobs: taken <= begun <= n <= taken + depth */
    bool cancelled, over;
    struct hand *hand;
    size_t nhand;
};

size_t crew_cores(void)
{
    cpu_set_t set;
    /* The set has no room for the cores of the largest machines, which have many at any rate. */
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : CREW_CORES_MAX;
    return n < 1 ? 1 : n > CREW_CORES_MAX ? CREW_CORES_MAX : (size_t)n;
}

/* Begin the first job that waits and do it. Called and left with the lock held. */
static void do_next(struct crew *c, void *tool)
{
    struct place *p = &c->ring[c->begun++ % c->depth];
    struct err err = ERR_INIT;
    enum st st = ST_STOPPING;
    bool cancelled = c->cancelled;
    void *job = p->job;
    pthread_mutex_unlock(&c->lock);
    if (cancelled)
        err_set(&err, ST_STOPPING, "%s", st_info(ST_STOPPING)->text);
    else
        st = c->work(tool, job, &err);
    pthread_mutex_lock(&c->lock);
    p->st = st;
    p->err = err;
    p->done = true;
    pthread_cond_signal(&c->done); /* the owner alone waits for it */
}

static void *run(void *arg)
{
    struct hand *h = arg;
    struct crew *c = h->crew;
    pthread_mutex_lock(&c->lock);
    while (!c->over) {
        if (c->begun < c->n)
            do_next(c, h->tool);
        else
            pthread_cond_wait(&c->given, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* A signal is to wake the owner, who may be reading, and no thread of the crew. */
static void start_threads(struct crew *c, void *const *tool, size_t n)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 0; i < n; i++) {
        struct hand *h = &c->hand[c->nhand];
        *h = (struct hand){.crew = c, .tool = tool[i]};
        if (pthread_create(&h->thread, NULL, run, h) != 0)
            break;
        c->nhand++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

enum st crew_new(crew_work *work, void *const *tool, size_t hands, size_t depth, struct crew **out,
                 struct err *err)
{
    struct crew *c = calloc(1, sizeof(*c));
    if (!c)
        return err_nomem(err);
    c->work = work;
    c->owners_tool = tool[0];
    c->depth = depth;
    c->ring = calloc(depth, sizeof(*c->ring));
    c->hand = calloc(hands, sizeof(*c->hand));
    if (!c->ring || !c->hand) {
        free(c->ring);
        free(c->hand);
        free(c);
        return err_nomem(err);
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->given, NULL);
    pthread_cond_init(&c->done, NULL);
    if (hands > 1)
        start_threads(c, tool, hands);
    *out = c;
    return ST_OK;
}

void crew_free(struct crew *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->over = true;
    pthread_cond_broadcast(&c->given);
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < c->nhand; i++)
        pthread_join(c->hand[i].thread, NULL);
    pthread_cond_destroy(&c->done);
    pthread_cond_destroy(&c->given);
    pthread_mutex_destroy(&c->lock);
    free(c->hand);
    free(c->ring);
    free(c);
}

/* n and taken are changed by the owner alone, who may look at them without the lock. */
bool crew_full(const struct crew *c)
{
    return c->n - c->taken == c->depth;
}

void crew_give(struct crew *c, void *job)
{
    pthread_mutex_lock(&c->lock);
    c->ring[c->n++ % c->depth] = (struct place){.job = job, .err = ERR_INIT};
    pthread_cond_signal(&c->given);
    pthread_mutex_unlock(&c->lock);
}

enum st crew_take(struct crew *c, void **job, struct err *err)
{
    struct place *p = &c->ring[c->taken % c->depth];
    *job = NULL;
    if (c->taken == c->n)
        return ST_OK;
    pthread_mutex_lock(&c->lock);
    while (!p->done) {
        if (c->nhand == 0)
            do_next(c, c->owners_tool);
        else
            pthread_cond_wait(&c->done, &c->lock);
    }
    c->taken++;
    pthread_mutex_unlock(&c->lock);
    *job = p->job;
    if (p->st != ST_OK && err)
        *err = p->err;
    return p->st;
}

void crew_cancel(struct crew *c)
{
    pthread_mutex_lock(&c->lock);
    c->cancelled = true;
    pthread_mutex_unlock(&c->lock);
}
