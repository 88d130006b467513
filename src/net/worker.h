/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include <gongbao/net.h>
#include <sys/types.h>

/* The life of a worker process: answer what comes on fd until it is closed. Called in a fresh
 * child of `parent` with all signals blocked; never returns. */
_Noreturn void worker_main(int fd, pid_t parent, const struct net_opts *opts, const struct log *lg);

#endif
