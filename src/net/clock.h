/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CLOCK_H
#define NET_CLOCK_H

#include <gongbao/clock.h>

struct event;

/* Let a timer fire once, ms from now, instead of whenever it would have. */
void clock_after(struct event *timer, uint64_t ms);

#endif
