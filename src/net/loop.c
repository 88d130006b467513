/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The loop: listeners, signals, and the life of the daemon.
 *
 * One thread, one event base. Nothing in it blocks and nothing in it searches: connections
 * (conn.c) hand tasks to the pool (pool.c) and get finished bytes back.
 *
 *   SIGTERM, SIGINT   stop: listeners close, connections are told and end once their requests in
 *                     flight are answered, the loop ends when no connection is left, or when the
 *                     slowest worker would have been killed;
 *   SIGHUP            reload: new options are asked for and tried on one worker; what they change
 *                     for connections holds from then on; one that comes meanwhile is done after;
 *   SIGCHLD           a worker has gone.
 *
 * When descriptors run out, accepting pauses for a moment instead of spinning.
 */
#include "loop.h"

#include "clock.h"
#include "conn.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define RESUME_MS     100
#define STOP_EXTRA_MS 1000

/* ---- counting ---- */

void net_counters(const struct net *net, struct buf *out)
{
    buf_addf(out, "uptime_s=%llu\n", (unsigned long long)((clock_ms() - net->started_ms) / 1000));
    buf_addf(out, "connections.open=%zu\nconnections.accepted=%llu\nconnections.refused=%llu\n",
             net->nconn, (unsigned long long)net->count.accepted,
             (unsigned long long)net->count.refused);
    for (int i = 0; i < CMD_END; i++)
        buf_addf(out, "requests.%s=%llu\n", command_row((enum command_id)i)->key,
                 (unsigned long long)net->count.request[i]);
    for (int i = 0; i < NET_CODES; i++)
        if (net->count.reply[i])
            buf_addf(out, "replies.%d=%llu\n", i, (unsigned long long)net->count.reply[i]);
    if (net->cache)
        cache_counters(net->cache, out);
    pool_counters(net->pool, out);
}

/* ---- stopping ---- */

static void close_listeners(struct net *net)
{
    for (size_t i = 0; i < net->nlistener; i++)
        evconnlistener_free(net->listener[i]);
    net->nlistener = 0;
    if (net->unix_path)
        unlink(net->unix_path);
    free(net->unix_path);
    net->unix_path = NULL;
}

static void stop_when_empty(struct net *net)
{
    if (net->stopping && net->nconn == 0)
        event_base_loopbreak(net->base);
}

void net_conn_gone(struct net *net)
{
    stop_when_empty(net);
}

static void begin_stop(struct net *net)
{
    if (net->stopping)
        return;
    log_line(net->lg, LOG_INFO, "stopping connections=%zu", net->nconn);
    net->stopping = true;
    close_listeners(net);
    clock_after(net->stop, net->opts.kill_ms + STOP_EXTRA_MS);
    conn_end_all(net);
    stop_when_empty(net);
}

static void on_stop(evutil_socket_t fd, short what, void *ctx)
{
    struct net *net = ctx;
    (void)fd;
    (void)what;
    log_line(net->lg, LOG_WARN, "stopped-hard connections=%zu", net->nconn);
    event_base_loopbreak(net->base);
}

/* ---- reloading ---- */

/* Answers depend on the options. */
static void renew_cache(struct net *net)
{
    cache_free(net->cache);
    net->cache = net->opts.cache_bytes ? cache_new(net->opts.cache_bytes) : NULL;
}

static void begin_reload(struct net *net)
{
    struct err err = ERR_INIT;
    if (!net->calls->reload || net->stopping)
        return;
    net->reload_again = net->reloading;
    if (net->reloading)
        return;
    if (net->calls->reload(net->calls->ctx, &net->next_opts, &err) != ST_OK) {
        log_line(net->lg, LOG_ERROR, "reload-refused message=%s", err.text);
        return;
    }
    net->reloading = true;
    pool_reload(net->pool, &net->next_opts);
}

static void on_settled(void *ctx, bool taken)
{
    struct net *net = ctx;
    net->reloading = false;
    if (taken) {
        net->opts = net->next_opts;
        net->reloads++;
        renew_cache(net);
        log_line(net->lg, LOG_INFO, "reloaded");
    } else {
        log_line(net->lg, LOG_ERROR, "reload-refused message=no worker could use it");
    }
    net->calls->settled(net->calls->ctx, taken);
    if (net->reload_again)
        begin_reload(net);
}

/* ---- events ---- */

static void on_ready(void *ctx)
{
    struct net *net = ctx;
    struct buf line;
    buf_init(&line, 4096);
    for (size_t i = 0; i < net->nlistener - (net->unix_path != NULL); i++) {
        if (i > 0)
            buf_addc(&line, ',');
        listen_name(evconnlistener_get_fd(net->listener[i]), &line);
    }
    buf_addz(&line, line.n > 0 ? "" : "-");
    char *text = buf_take(&line);
    struct net_ready info = {
        .line = text ? text : "-",
        .unix_path = net->unix_path ? net->unix_path : "-",
        .generation = pool_generation(net->pool),
        .documents = pool_documents(net->pool),
    };
    if (net->calls->ready)
        net->calls->ready(net->calls->ctx, &info);
    free(text);
}

static void on_failed(void *ctx, const struct err *err)
{
    struct net *net = ctx;
    net->st = err->st;
    net->err = *err;
    event_base_loopbreak(net->base);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int n,
                      void *ctx)
{
    (void)l;
    (void)sa;
    (void)n;
    conn_open(ctx, fd);
}

static void on_accept_error(struct evconnlistener *l, void *ctx)
{
    struct net *net = ctx;
    log_line(net->lg, LOG_WARN, "accept-paused message=%s", strerror(errno));
    evconnlistener_disable(l);
    clock_after(net->resume, RESUME_MS);
}

static void on_resume(evutil_socket_t fd, short what, void *ctx)
{
    struct net *net = ctx;
    (void)fd;
    (void)what;
    for (size_t i = 0; i < net->nlistener; i++)
        evconnlistener_enable(net->listener[i]);
}

static void on_signal(evutil_socket_t signo, short what, void *ctx)
{
    struct net *net = ctx;
    (void)what;
    switch (signo) {
    case SIGHUP:
        begin_reload(net);
        return;
    case SIGCHLD:
        pool_reap(net->pool);
        return;
    default:
        begin_stop(net);
    }
}

/* ---- the whole ---- */

static enum st add_listener(struct net *net, int take_fd, struct err *err)
{
    struct evconnlistener *l = evconnlistener_new(
        net->base, on_accept, net, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, take_fd);
    if (!l) {
        close(take_fd);
        return err_nomem(err);
    }
    evconnlistener_set_error_cb(l, on_accept_error);
    net->listener[net->nlistener++] = l;
    return ST_OK;
}

static enum st open_listeners(struct net *net, struct err *err)
{
    const struct net_opts *o = &net->opts;
    int fd;
    if (o->nlisten + 1 > NET_LISTENERS)
        return err_set(err, ST_CONFIG, "more than %d addresses to listen on", NET_LISTENERS - 1);
    for (size_t i = 0; i < o->nlisten; i++) {
        enum st st = listen_tcp(o->listen[i], &fd, err);
        if (st == ST_OK)
            st = add_listener(net, fd, err);
        if (st != ST_OK)
            return st;
    }
    if (!o->unix_path)
        return ST_OK;
    enum st st = listen_unix(o->unix_path, &fd, err);
    if (st != ST_OK)
        return st;
    net->unix_path = strdup(o->unix_path);
    if (!net->unix_path) {
        close(fd);
        return err_nomem(err);
    }
    return add_listener(net, fd, err);
}

static enum st open_events(struct net *net, struct err *err)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    net->base = event_base_new();
    if (!net->base)
        return err_nomem(err);
    net->resume = evtimer_new(net->base, on_resume, net);
    net->stop = evtimer_new(net->base, on_stop, net);
    if (!net->resume || !net->stop)
        return err_nomem(err);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        net->signals[i] = evsignal_new(net->base, signals[i], on_signal, net);
        if (!net->signals[i] || event_add(net->signals[i], NULL) < 0)
            return err_nomem(err);
    }
    signal(SIGPIPE, SIG_IGN);
    return ST_OK;
}

enum st net_open(const struct net_opts *opts, const struct net_calls *calls, const struct log *lg,
                 struct net **out, struct err *err)
{
    struct net *net = calloc(1, sizeof(*net));
    if (!net)
        return err_nomem(err);
    *net = (struct net){.opts = *opts, .calls = calls, .lg = lg, .started_ms = clock_ms()};
    net->history = history_new();
    renew_cache(net);
    enum st st = open_events(net, err);
    if (st == ST_OK)
        st = open_listeners(net, err);
    if (st != ST_OK) {
        net_close(net);
        return st;
    }
    *out = net;
    return ST_OK;
}

enum st net_run(struct net *net, struct err *err)
{
    net->pool_calls = (struct pool_calls){net, on_ready, on_failed, on_settled};
    enum st st = pool_new(net->base, &net->opts, &net->pool_calls, net->lg, &net->pool, err);
    if (st != ST_OK)
        return st;
    if (event_base_dispatch(net->base) < 0)
        return err_set(err, ST_INTERNAL, "the event loop failed");
    if (net->st != ST_OK && err)
        *err = net->err;
    return net->st;
}

void net_close(struct net *net)
{
    if (!net)
        return;
    net->stopping = false;
    conn_close_all(net);
    close_listeners(net);
    pool_free(net->pool);
    for (size_t i = 0; i < sizeof(net->signals) / sizeof(net->signals[0]); i++)
        if (net->signals[i])
            event_free(net->signals[i]);
    if (net->resume)
        event_free(net->resume);
    if (net->stop)
        event_free(net->stop);
    if (net->base)
        event_base_free(net->base);
    cache_free(net->cache);
    history_free(net->history);
    free(net);
}
