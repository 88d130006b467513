/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One connection: bytes in, ordered replies out.
 *
 * Each request gets a slot at the end of the connection's queue of slots (slot.c), which is done at
 * once or later; what stands done at the head of the queue is sent, so replies leave in the order
 * of their requests. It is sent at once, several replies together, and only what the socket does
 * not take waits in the output for an event: most replies cost one system call.
 *
 * Three bounds keep a connection from costing more than its share: the input holds little more
 * than one line, at most pending_max slots are in the queue, and nothing more is taken while
 * out_bytes of replies are unread, or done and waiting for one before them. How long a reply gets
 * is not known when its request is taken, so what is in flight may pass that bound. At a bound the
 * connection simply stops reading, and goes on where it left off once there is room.
 *
 * A connection ends in one way, conn_end: a last slot with the reason, behind those in flight.
 * When everything is written the socket is shut down for writing and lingers for a moment, so
 * that bytes still coming in do not make the kernel throw away what the peer has not read. A peer
 * that has closed its own half first is owed no reason, only its replies. A connection over the
 * limit is told so at once and lingers in the same way, without counting against the limit.
 */
#include "conn.h"

#include "clock.h"
#include "slot.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define INPUT_SLACK 4096 /* bytes of input beyond one line */
#define LINGER_MS   1000
#define FLUSH_PARTS 16 /* replies sent at once */
#define REFUSED_MAX 16 /* refused connections that linger; further ones are cut off */

/* ---- ends ---- */

/* Take the head of the queue, which is done. */
static struct slot *pop(struct conn *c)
{
    struct slot *s = c->head;
    c->head = s->next;
    if (!c->head)
        c->tail = &c->head;
    c->nslot--;
    c->held -= s->bytes.n;
    return s;
}

/* Send what stands done at the head of the queue, as far as the socket takes it now; how many bytes
 * went. An error is left for the bufferevent to meet. */
static size_t send_done(struct conn *c)
{
    struct iovec part[FLUSH_PARTS];
    struct msghdr msg = {.msg_iov = part};
    for (const struct slot *s = c->head; s && s->done && msg.msg_iovlen < FLUSH_PARTS; s = s->next)
        part[msg.msg_iovlen++] = (struct iovec){s->bytes.p, s->bytes.n};
    if (msg.msg_iovlen == 0 || evbuffer_get_length(bufferevent_get_output(c->bev)) > 0)
        return 0;
    ssize_t sent = sendmsg(bufferevent_getfd(c->bev), &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0)
        return 0;
    c->active_ms = clock_ms();
    return (size_t)sent;
}

static void write_rest(struct conn *c, struct str bytes)
{
    if (bytes.n > 0 && bufferevent_write(c->bev, bytes.p, bytes.n) < 0)
        shutdown(bufferevent_getfd(c->bev), SHUT_RDWR); /* better cut off than out of step */
}

/* Send what stands done at the head of the queue; what the socket does not take goes to the output,
 * which the loop writes when it can. Whether anything stood there. */
static bool flush(struct conn *c)
{
    bool any = false;
    while (c->head && c->head->done) {
        size_t sent = send_done(c);
        any = true;
        for (size_t i = 0; i < FLUSH_PARTS && c->head && c->head->done; i++) {
            struct slot *s = pop(c);
            size_t gone = sent < s->bytes.n ? sent : s->bytes.n;
            sent -= gone;
            write_rest(c, str_from(s->bytes.p + gone, s->bytes.n - gone));
            slot_free(s);
        }
    }
    return any;
}

static void conn_close(struct conn *c, const char *why)
{
    struct net *net = c->net;

    log_line(net->lg, LOG_DEBUG, "closed fd=%d why=%s", (int)bufferevent_getfd(c->bev), why);
    for (struct slot *s = c->head, *next; s; s = next) {
        next = s->next;
        if (s->done || pool_forget(net->pool, &s->job))
            slot_free(s);
        else
            s->conn = NULL; /* freed when the pool gives it back */
    }
    *(c->prev ? &c->prev->next : &net->conns) = c->next;
    if (c->next)
        c->next->prev = c->prev;
    --*(c->refused ? &net->nrefused : &net->nconn);
    if (c->timer)
        event_free(c->timer);
    bufferevent_free(c->bev);
    free(c);
    net_conn_gone(net);
}

void conn_end(struct conn *c, const struct err *err)
{
    if (c->state != CONN_OPEN)
        return;
    struct request rq = {.fmt = c->fmt};
    struct slot *s = slot_new(c, &rq);
    if (s)
        slot_error(s, err, NULL);
    c->state = CONN_ENDING;
}

/* If the connection is over, close it or begin to linger. c may be gone afterwards. */
static void settle(struct conn *c)
{
    size_t in = evbuffer_get_length(bufferevent_get_input(c->bev));
    size_t out = evbuffer_get_length(bufferevent_get_output(c->bev));

    if (c->state == CONN_OPEN && c->eof && in == 0 && c->nslot == 0)
        c->state = CONN_ENDING;
    if (c->state == CONN_OPEN || c->nslot > 0 || out > 0)
        return;
    if (c->eof) {
        conn_close(c, "done");
    } else if (c->state == CONN_ENDING) {
        c->state = CONN_LINGERING;
        shutdown(bufferevent_getfd(c->bev), SHUT_WR);
        evbuffer_drain(bufferevent_get_input(c->bev), in);
        clock_after(c->timer, LINGER_MS);
    }
}

/* ---- lines ---- */

/* Answer a line that is no request, in the tag and format it asks for as far as it can be read. */
static void take_bad_line(struct conn *c, const struct proto_line *line, const struct err *err)
{
    struct request rq = {.fmt = command_fmt(line, c->fmt), .tag = line->tag};
    struct slot *s = slot_new(c, &rq);
    if (s)
        slot_error(s, err, NULL);
}

static void take_line(struct conn *c, struct str bytes)
{
    struct proto_line line;
    struct err err = ERR_INIT;
    enum st st = proto_parse(bytes, &line, &err);
    if (st == ST_WRONG_SPEECH)
        conn_end(c, &err);
    else if (st != ST_OK)
        take_bad_line(c, &line, &err);
    else
        slot_take(c, &line);
}

static void take_long_line(struct conn *c, struct str start)
{
    struct proto_line line;
    struct err err = ERR_INIT;
    if (proto_parse(start, &line, &err) == ST_WRONG_SPEECH) {
        conn_end(c, &err);
        return;
    }
    err = (struct err)ERR_INIT;
    err_set(&err, ST_TOO_LONG, "a line may have %llu bytes",
            (unsigned long long)c->net->opts.line_max);
    take_bad_line(c, &line, &err);
}

/* ---- bytes ---- */

static void skip_rest(struct conn *c, struct evbuffer *in)
{
    struct evbuffer_ptr lf = evbuffer_search(in, "\n", 1, NULL);
    c->skipping = lf.pos < 0;
    evbuffer_drain(in, lf.pos < 0 ? evbuffer_get_length(in) : (size_t)lf.pos + 1);
}

static void end_tls(struct conn *c)
{
    struct err err = ERR_INIT;
    err_set(&err, ST_WRONG_SPEECH, "this port speaks lines in the clear, not TLS");
    conn_end(c, &err);
}

/* Take one line off the input, if there is one. The end of the input ends a line too. */
static bool take_next(struct conn *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t n = evbuffer_get_length(in), max = c->net->opts.line_max;

    if (c->skipping) {
        skip_rest(c, in);
        return !c->skipping;
    }
    struct evbuffer_ptr lf = evbuffer_search(in, "\n", 1, NULL);
    size_t len = lf.pos < 0 ? n : (size_t)lf.pos;
    size_t seen = len <= max + 1 ? len : max; /* one more for a CR */
    const char *p = (const char *)evbuffer_pullup(in, (ev_ssize_t)seen);
    if (!p && seen > 0) {
        c->state = CONN_ENDING; /* no memory even for saying so */
        return false;
    }
    if (proto_is_tls(str_from(p, seen))) {
        end_tls(c);
        return false;
    }
    if (len > max && !(len == max + 1 && p[max] == '\r')) {
        take_long_line(c, str_from(p, max));
        c->skipping = true;
        return true;
    }
    if (lf.pos < 0 && (!c->eof || n == 0))
        return false;
    take_line(c, str_from(p, len));
    evbuffer_drain(in, len + (lf.pos >= 0));
    return true;
}

static bool may_take(const struct conn *c)
{
    return c->state == CONN_OPEN && c->nslot < c->net->opts.pending_max &&
           c->held + evbuffer_get_length(bufferevent_get_output(c->bev)) < c->net->opts.out_bytes;
}

/* Do what can be done now. c may be gone afterwards. */
void conn_work(struct conn *c)
{
    do {
        while (may_take(c) && take_next(c))
            continue;
    } while (flush(c) && may_take(c));
    settle(c);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
    struct conn *c = ctx;
    c->active_ms = clock_ms();
    if (c->state == CONN_OPEN) {
        conn_work(c);
        return;
    }
    struct evbuffer *in = bufferevent_get_input(bev);
    evbuffer_drain(in, evbuffer_get_length(in));
}

static void on_write(struct bufferevent *bev, void *ctx)
{
    struct conn *c = ctx;
    (void)bev;
    c->active_ms = clock_ms();
    conn_work(c);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
    struct conn *c = ctx;
    (void)bev;
    if (what & BEV_EVENT_ERROR) {
        conn_close(c, "connection lost");
    } else if (what & BEV_EVENT_EOF) {
        c->eof = true;
        conn_work(c);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct conn *c = ctx;
    uint64_t idle = clock_ms() - c->active_ms, most = c->net->opts.idle_ms;
    (void)fd;
    (void)what;
    if (c->state == CONN_LINGERING) {
        conn_close(c, "lingered");
        return;
    }
    bool unread = evbuffer_get_length(bufferevent_get_output(c->bev)) > 0;
    if (idle < most || (c->nslot > 0 && !unread)) {
        clock_after(c->timer, idle < most ? most - idle : most);
        return;
    }
    if (unread) {
        conn_close(c, "replies not read");
        return;
    }
    struct err err = ERR_INIT;
    clock_after(c->timer, most); /* for reading the reason */
    err_set(&err, ST_DEADLINE, "nothing was asked for %llu ms", (unsigned long long)most);
    conn_end(c, &err);
    conn_work(c);
}

/* One line, if it fits, and good-bye. */
static void say_full(int fd)
{
    static const char line[] = "429 busy retry_ms=1000 message=too many connections\n";
    ssize_t sent = send(fd, line, sizeof(line) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0)
        shutdown(fd, SHUT_WR);
}

/* Join a socket to the loop; without memory it is closed, and NULL. */
static struct conn *conn_new(struct net *net, int take_fd, bool refused)
{
    struct conn *c = calloc(1, sizeof(*c));
    struct bufferevent *bev =
        c ? bufferevent_socket_new(net->base, take_fd, BEV_OPT_CLOSE_ON_FREE) : NULL;
    if (!bev) {
        free(c);
        close(take_fd);
        return NULL;
    }
    *c = (struct conn){.net = net, .bev = bev, .active_ms = clock_ms(), .next = net->conns};
    c->tail = &c->head;
    c->refused = refused;
    c->state = refused ? CONN_LINGERING : CONN_OPEN;
    if (c->next)
        c->next->prev = c;
    net->conns = c;
    ++*(refused ? &net->nrefused : &net->nconn);
    c->timer = evtimer_new(net->base, on_timer, c);
    if (c->timer)
        return c;
    conn_close(c, "no memory");
    return NULL;
}

void conn_open(struct net *net, int take_fd)
{
    bool full = net->nconn >= net->opts.connections_max;
    ++*(full ? &net->count.refused : &net->count.accepted);
    if (full)
        say_full(take_fd);
    if (full && net->nrefused >= REFUSED_MAX) {
        close(take_fd);
        return;
    }
    struct conn *c = conn_new(net, take_fd, full);
    if (!c)
        return;
    clock_after(c->timer, full ? LINGER_MS : net->opts.idle_ms);
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, net->opts.line_max + INPUT_SLACK);
    bufferevent_setwatermark(c->bev, EV_WRITE, net->opts.out_bytes / 2, 0);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

void conn_end_all(struct net *net)
{
    struct err err = ERR_INIT;
    err_set(&err, ST_STOPPING, "the daemon is stopping");
    for (struct conn *c = net->conns, *next; c; c = next) {
        next = c->next;
        conn_end(c, &err);
        conn_work(c);
    }
}

void conn_close_all(struct net *net)
{
    for (struct conn *c = net->conns, *next; c; c = next) {
        next = c->next;
        conn_close(c, "the daemon is stopping");
    }
}
