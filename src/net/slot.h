/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_SLOT_H
#define NET_SLOT_H

#include "conn.h"

struct bufferevent;

enum conn_state {
    CONN_OPEN,
    CONN_ENDING,   /* no more requests; the queue is being answered */
    CONN_LINGERING /* everything is written */
};

struct slot {
    struct slot *next;
    struct conn *conn; /* NULL: the connection is gone, nobody waits */
    struct job job;
    struct buf bytes; /* the reply, once done */
    enum reply_fmt fmt;
    char tag[PROTO_TAG_MAX];
    size_t tag_n;
    struct str key;                  /* of the cache: the request as it stands in the job's frame */
    uint64_t reloads, day, begun_ns; /* when it was sent */
    bool done;
};

struct conn {
    struct conn *next, *prev;
    struct net *net;
    struct bufferevent *bev;
    struct event *timer;
    struct slot *head, **tail;
    size_t nslot;
    size_t held; /* bytes of the replies that are done and wait in the queue */
    enum conn_state state;
    enum reply_fmt fmt; /* default of replies, see MODE */
    bool refused;       /* over the limit: told so, and only lingers */
    bool eof;           /* the peer has closed its half */
    bool skipping;      /* inside a line that is too long */
    uint64_t active_ms; /* when bytes last moved */
};

/* A new slot at the end of the queue, for a reply in the request's format and with its tag. Without
 * memory NULL, and the connection is ending, for a reply left out would put the others out of
 * step. */
struct slot *slot_new(struct conn *c, const struct request *rq);
void slot_free(struct slot *s);

/* Put an error into a slot, which is then done. usage may be NULL. */
void slot_error(struct slot *s, const struct err *err, const char *usage);

/* Check a request and carry it out, or send it to a worker: a slot for it is in the queue
 * afterwards. */
void slot_take(struct conn *c, const struct proto_line *line);

/* conn.c: do what can be done now, after a slot is done; c may be gone afterwards. */
void conn_work(struct conn *c);

#endif
