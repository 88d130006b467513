/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The monotonic clock as one number.
 *
 * In nanoseconds for deadlines and durations, in milliseconds where somebody waits. Nothing can
 * fail: Linux has this clock always. Not here: the time of day, and timers, which belong to the
 * loop.
 */

#include <gongbao/clock.h>
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
