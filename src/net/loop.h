/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "cache.h"
#include "command.h"
#include "pool.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <gongbao/net.h>

#define NET_LISTENERS 8
#define NET_CODES     600

struct conn;

/* What has been counted since the start. */
struct net_counts {
    uint64_t accepted;
    uint64_t refused; /* over the limit of connections */
    uint64_t request[CMD_END];
    uint64_t reply[NET_CODES]; /* by code */
};

struct net {
    struct net_opts opts;
    struct net_opts next_opts; /* of a reload that is not settled */
    const struct net_calls *calls;
    const struct log *lg;
    struct event_base *base;
    struct evconnlistener *listener[NET_LISTENERS];
    size_t nlistener;
    char *unix_path; /* of the Unix socket that is ours to remove; NULL: none */
    struct event *signals[4];
    struct event *resume; /* listeners pause when descriptors run out */
    struct event *stop;   /* the end, whatever is still open */
    struct pool_calls pool_calls;
    struct pool *pool;
    struct conn *conns;
    size_t nconn, nrefused; /* conns has both */
    struct net_counts count;
    struct cache *cache;     /* NULL: none is wanted, or there is no memory for it */
    struct history *history; /* NULL: there is no memory for it */
    uint64_t reloads;        /* taken; an answer from before the last is not kept */
    uint64_t started_ms;
    bool stopping, reloading;
    bool reload_again; /* SIGHUP has come since this reload began */
    enum st st;        /* what net_run returns */
    struct err err;
};

/* Append the lines of STATS that the loop knows. */
void net_counters(const struct net *net, struct buf *out);

/* A connection has gone. */
void net_conn_gone(struct net *net);

/* listen.c: a listening socket at an address, or at a path (a stale socket there is replaced). */
enum st listen_tcp(const char *addr, int *fd, struct err *err);
enum st listen_unix(const char *path, int *fd, struct err *err);

/* Append the address a socket is bound to: 127.0.0.1:7311, [::1]:7311. */
void listen_name(int fd, struct buf *out);

#endif
