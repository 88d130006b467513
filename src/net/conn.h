/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "loop.h"

/* Serve an accepted socket, which is taken. Nothing is left behind on failure. */
void conn_open(struct net *net, int take_fd);

/* Tell the peer why and close: what is in flight is answered first, then a line with err, then
 * nothing more is read. */
void conn_end(struct conn *c, const struct err *err);

/* End every connection because the daemon is stopping. */
void conn_end_all(struct net *net);

/* Close every connection now. */
void conn_close_all(struct net *net);

#endif
