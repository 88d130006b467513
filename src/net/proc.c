/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One worker process, from the side of the loop: a socket, frames, a timer.
 *
 * It is starting until it says that it can answer, then idle or busy with one job. It is lost when
 * its socket reads end of file, when what it sends makes no sense, and when it could not start; its
 * job is then answered ST_INTERNAL. One that is busy for longer than kill_ms is killed and its job
 * answered ST_DEADLINE at once; one that is starting for longer than start_ms is killed. The end of
 * file follows.
 *
 * A task is written and a reply read with one call where it can be: no buffer of the loop stands
 * between, for those read 4 KiB at a time.
 *
 * It is forgotten when its socket is closed and it has been reaped, whichever comes last. A pid is
 * therefore never signalled after it may belong to somebody else.
 */
#include "proc.h"

#include "clock.h"
#include "frame.h"
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_AT_ONCE (64u << 10) /* so that most replies take one turn of the loop */
#define INPUT_KEPT   (1u << 20)  /* more memory for input is given back when it is empty */
#define INPUT_MAX    (FRAME_MAX + FRAME_HEAD + READ_AT_ONCE)

static void close_socket(struct proc *pr)
{
    if (pr->readable)
        event_free(pr->readable);
    if (pr->writable)
        event_free(pr->writable);
    pr->readable = pr->writable = NULL;
    if (pr->fd >= 0)
        close(pr->fd);
    pr->fd = -1;
    buf_fini(&pr->in);
}

static void proc_free(struct proc *pr)
{
    pool_on_end(pr);
    if (pr->kill)
        event_free(pr->kill);
    close_socket(pr);
    free(pr);
}

static void finish_job(struct proc *pr, const struct answer *answer, const struct err *err)
{
    struct job *job = pr->job;
    pr->job = NULL;
    event_del(pr->kill);
    if (pr->writable)
        event_del(pr->writable);
    if (job)
        job->done(job, answer, err);
}

static void fail_job(struct proc *pr, enum st st, const char *why)
{
    struct err err = ERR_INIT;
    if (!pr->job)
        return;
    err_set(&err, st, "%s", why);
    finish_job(pr, NULL, &err);
}

void proc_close(struct proc *pr)
{
    if (pr->state == PROC_GONE)
        return;
    pr->state = PROC_GONE;
    close_socket(pr);
    if (pr->reaped)
        proc_free(pr);
}

/* The process died, or sends what makes no sense, or could not start. */
static void proc_lost(struct proc *pr, const char *why)
{
    log_line(pr->lg, LOG_WARN, "worker-lost pid=%ld why=%s busy=%d", (long)pr->pid, why,
             pr->job != NULL);
    if (!pr->reaped)
        kill(pr->pid, SIGKILL);
    fail_job(pr, ST_INTERNAL, "the worker that ran it died");
    pool_on_lost(pr);
    proc_close(pr);
}

/* The handlers of frames return whether the process is still joined. */
static bool on_ready(struct proc *pr, struct str body)
{
    uint64_t generation, documents;
    if (!str_varint(&body, &generation) || !str_varint(&body, &documents)) {
        proc_lost(pr, "bad-frame");
        return false;
    }
    bool first = pr->state == PROC_STARTING;
    if (first) {
        pr->state = PROC_IDLE;
        event_del(pr->kill);
    }
    pool_on_ready(pr, first, generation, documents);
    return true;
}

/* A status and a text, as they stand at the end of a frame. */
static void read_err(struct str body, struct err *out)
{
    uint64_t st = ST_INTERNAL;
    str_varint(&body, &st);
    err_set(out, st < ST_COUNT ? (enum st)st : ST_INTERNAL, STR_FMT, STR_ARG(body));
}

static bool on_index(struct proc *pr, struct str body)
{
    struct err err = ERR_INIT;
    uint64_t index;
    if (!str_varint(&body, &index)) {
        proc_lost(pr, "bad-frame");
        return false;
    }
    read_err(body, &err);
    pool_on_index(pr, index, &err);
    return true;
}

static bool on_failed(struct proc *pr, struct str body)
{
    struct err err = ERR_INIT;
    read_err(body, &err);
    pool_on_failed(pr, &err);
    proc_lost(pr, "could-not-start");
    return false;
}

static bool on_answer(struct proc *pr, struct str body)
{
    struct answer answer;
    if (!answer_get(body, &answer) || !pr->job) {
        proc_lost(pr, "bad-frame");
        return false;
    }
    pr->state = PROC_IDLE;
    pr->jobs++;
    finish_job(pr, &answer, NULL);
    return pool_on_answer(pr);
}

static bool on_frame(struct proc *pr, struct str frame)
{
    struct str body = {frame.p + 1, frame.n - 1};
    switch (frame.p[0]) {
    case FRAME_READY:
        return on_ready(pr, body);
    case FRAME_INDEX:
        return on_index(pr, body);
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
static bool next_frame(struct str in, struct str *out)
{
    out->n = 0;
    if (in.n < FRAME_HEAD)
        return true;
    size_t n = frame_length(in.p);
    if (n == 0 || n > FRAME_MAX)
        return false;
    if (in.n >= n + FRAME_HEAD)
        *out = str_from(in.p + FRAME_HEAD, n);
    return true;
}

/* Handle the frames at the front of in and drop them. Whether the process is still joined. */
static bool on_frames(struct proc *pr, struct buf *in)
{
    struct str rest = buf_str(in), frame;
    for (;;) {
        if (!next_frame(rest, &frame)) {
            proc_lost(pr, "bad-frame");
            return false;
        }
        if (frame.n == 0)
            break;
        rest = str_from(frame.p + frame.n, rest.n - FRAME_HEAD - frame.n);
        if (!on_frame(pr, frame))
            return false;
    }
    buf_drop(in, in->n - rest.n);
    return true;
}

/* Once for an event, so that no process keeps the loop from the others. */
static ssize_t receive(struct proc *pr)
{
    char *to = buf_room(&pr->in, READ_AT_ONCE);
    ssize_t got = to ? read(pr->fd, to, READ_AT_ONCE) : 0;
    if (got > 0)
        pr->in.n += (size_t)got;
    return got;
}

static void on_read(evutil_socket_t fd, short what, void *ctx)
{
    struct proc *pr = ctx;
    (void)fd;
    (void)what;
    ssize_t got = receive(pr);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        proc_lost(pr, "died");
        return;
    }
    /* Out of the way: while a frame is handled the process may be freed. */
    struct buf in = pr->in;
    buf_init(&pr->in, INPUT_MAX);
    if (on_frames(pr, &in) && (in.n > 0 || in.cap <= INPUT_KEPT))
        pr->in = in;
    else
        buf_fini(&in);
}

/* Write what is left of the job's frame, as far as it goes; the rest when there is room. A process
 * that takes nothing any more is noticed when it is read from. */
static void send_task(struct proc *pr)
{
    const struct buf *frame = &pr->job->frame;
    ssize_t n = send(pr->fd, frame->p + pr->sent, frame->n - pr->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return;
    pr->sent += n > 0 ? (size_t)n : 0;
    if (pr->sent < frame->n)
        event_add(pr->writable, NULL);
}

static void on_room(evutil_socket_t fd, short what, void *ctx)
{
    struct proc *pr = ctx;
    (void)fd;
    (void)what;
    if (pr->job)
        send_task(pr);
}

static void on_kill(evutil_socket_t fd, short what, void *ctx)
{
    struct proc *pr = ctx;
    (void)fd;
    (void)what;
    pool_on_overrun(pr);
    log_line(pr->lg, LOG_WARN, "worker-overrun pid=%ld", (long)pr->pid);
    if (!pr->reaped) /* or it has ended, and end of file comes */
        kill(pr->pid, SIGKILL);
    fail_job(pr, ST_DEADLINE, "the worker that ran it took too long and was stopped");
}

/* ---- starting ---- */

/* The child's side of fork runs with every signal blocked until it has settled its handlers:
 * the loop's handlers write into a pipe that both would share. */
static pid_t fork_worker(const struct net_opts *opts, const struct log *lg, int fd)
{
    sigset_t all, before;
    pid_t parent = getpid();

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        worker_main(fd, parent, opts, lg);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* Everything but the process itself. */
static enum st proc_new(struct pool *pool, struct event_base *base, int take_fd, struct proc **out,
                        struct err *err)
{
    struct proc *pr = calloc(1, sizeof(*pr));
    if (!pr) {
        close(take_fd);
        return err_nomem(err);
    }
    evutil_make_socket_nonblocking(take_fd);
    pr->pool = pool;
    pr->fd = take_fd;
    buf_init(&pr->in, INPUT_MAX);
    pr->kill = evtimer_new(base, on_kill, pr);
    pr->readable = event_new(base, take_fd, EV_READ | EV_PERSIST, on_read, pr);
    pr->writable = event_new(base, take_fd, EV_WRITE, on_room, pr);
    if (!pr->kill || !pr->readable || !pr->writable || event_add(pr->readable, NULL) < 0) {
        proc_free(pr);
        return err_nomem(err);
    }
    *out = pr;
    return ST_OK;
}

enum st proc_start(struct pool *pool, struct event_base *base, const struct net_opts *opts,
                   const struct log *lg, struct proc **out, struct err *err)
{
    int sv[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
        return err_sys(err, "cannot start", "a worker");
    enum st st = proc_new(pool, base, sv[0], out, err);
    if (st == ST_OK) {
        struct proc *pr = *out;
        pr->lg = lg;
        pr->kill_ms = opts->kill_ms;
        clock_after(pr->kill, opts->start_ms);
        pr->pid = fork_worker(opts, lg, sv[1]);
        if (pr->pid < 0) {
            st = err_sys(err, "cannot start", "a worker");
            proc_free(pr);
        }
    }
    close(sv[1]);
    return st;
}

void proc_run(struct proc *pr, struct job *job)
{
    pr->state = PROC_BUSY;
    pr->job = job;
    pr->sent = 0;
    send_task(pr);
    clock_after(pr->kill, pr->kill_ms);
}

void proc_reap(struct proc *pr)
{
    int how;
    if (pr->reaped || waitpid(pr->pid, &how, WNOHANG) != pr->pid)
        return;
    pr->reaped = true;
    if (WIFSIGNALED(how))
        log_line(pr->lg, LOG_WARN, "worker-died pid=%ld signal=%d", (long)pr->pid, WTERMSIG(how));
    if (pr->state == PROC_GONE)
        proc_free(pr);
    else if (pr->state == PROC_IDLE)
        proc_lost(pr, "died"); /* before it is given a job; a busy one may have answered yet */
}

void proc_end(struct proc *pr)
{
    if (!pr->reaped) {
        kill(pr->pid, SIGKILL);
        while (waitpid(pr->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    fail_job(pr, ST_STOPPING, "the daemon is stopping");
    proc_free(pr);
}
