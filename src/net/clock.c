/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Timers of the loop, the pool and the connections.
 *
 * A timer that cannot be set for want of memory is set again by whatever comes next; nothing waits
 * for a timer alone. What time it is, base tells.
 */
#include "clock.h"

#include <event2/event.h>

void clock_after(struct event *timer, uint64_t ms)
{
    struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
    event_add(timer, &tv);
}
