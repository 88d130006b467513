/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time as the loop, the pool and the workers measure it: one clock that never jumps, so that a
 * deadline set in one process means the same in another. A timer that cannot be set for want of
 * memory is set again by whatever comes next; nothing waits for a timer alone.
 */
#include "clock.h"

#include <event2/event.h>
#include <time.h>

uint64_t clock_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t clock_ms(void)
{
    return clock_ns() / 1000000;
}

void clock_after(struct event *timer, uint64_t ms)
{
    struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
    event_add(timer, &tv);
}
