/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_NET_H
#define GONGBAO_NET_H

/* The daemon's outside: listeners, connections, the line protocol, and the pool of worker
 * processes that search. src/net/PROTOCOL.md says what is spoken.
 *
 *     struct net *net;
 *     if (net_open(&opts, &calls, &log, &net, &err) == ST_OK)
 *         net_run(net, &err);
 *     net_close(net);
 *
 * net_run takes over SIGTERM, SIGINT, SIGHUP, SIGCHLD and SIGPIPE while it runs. Everything
 * happens in one thread; the workers are forked from it.
 */

#include <gongbao/err.h>
#include <gongbao/log.h>
#include <gongbao/search.h>

struct net_opts {
    const char *version;       /* told in the greeting */
    const char *const *listen; /* "ADDR:PORT", "[ADDR]:PORT"; port 0 picks one */
    size_t nlisten;
    const char *unix_path;    /* NULL: none */
    uint64_t workers;         /* processes, at least 1 */
    uint64_t kill_ms;         /* a worker busy with one request for longer is killed */
    uint64_t start_ms;        /* a worker that is not ready this long after its start is killed */
    uint64_t deadline_ms;     /* for a request, from its arrival */
    uint64_t queue_max;       /* requests that wait for a worker */
    uint64_t line_max;        /* bytes of a request line */
    uint64_t connections_max; /* open at a time */
    uint64_t pending_max;     /* requests in flight on one connection */
    uint64_t out_bytes;       /* unread replies on one connection before it waits */
    uint64_t idle_ms;         /* a connection without traffic is closed */
    uint64_t limit;           /* of SEARCH when none is given */
    uint64_t limit_max;
    uint64_t window;         /* most that offset + limit may come to */
    uint64_t slow_ms;        /* requests that take this long are in SLOWLOG; 0: none */
    uint64_t cache_bytes;    /* for finished answers; 0: none are kept */
    struct srch_opts search; /* for the workers */
};

/* Told once, when the first worker can answer. */
struct net_ready {
    const char *line;      /* address and port of each TCP listener, with commas, or "-" */
    const char *unix_path; /* or "-" */
    uint64_t generation;   /* 0: no index yet */
    uint64_t documents;
};

struct net_calls {
    void *ctx;
    void (*ready)(void *ctx, const struct net_ready *info); /* may be NULL */

    /* SIGHUP: fill *out with new options. What it points to lives until settled(ctx, false), or,
     * once taken, until the settled(ctx, true) of a later reload; the same holds for the options
     * of net_open. NULL: SIGHUP changes nothing. Addresses cannot be changed by a reload. */
    enum st (*reload)(void *ctx, struct net_opts *out, struct err *err);
    void (*settled)(void *ctx, bool taken); /* a worker works with the new options, or not */
};

struct net;

/* Bind the listeners. ST_CONFIG for an address that cannot be read, ST_IO for one that cannot be
 * used, a Unix socket on which somebody answers included. opts, calls and lg are borrowed. */
enum st net_open(const struct net_opts *opts, const struct net_calls *calls, const struct log *lg,
                 struct net **out, struct err *err);

/* Serve until SIGTERM or SIGINT, then answer what is in flight: ST_OK. Anything else: the first
 * worker could not start, with its reason. */
enum st net_run(struct net *net, struct err *err);

/* Close everything; no worker is left. NULL is allowed. */
void net_close(struct net *net);

/* Whether net_open can listen on addr: a numeric "ADDR:PORT" or "[ADDR]:PORT". */
bool net_address_ok(struct str addr);

/* For clients: connect to the Unix socket when unix_path is not NULL, else to "ADDR:PORT", where a
 * host's name is taken too. The caller closes *fd. ST_CONFIG, ST_IO. */
enum st net_dial(const char *addr, const char *unix_path, int *fd, struct err *err);

#endif
