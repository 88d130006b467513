/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_DICE_H
#define GONGBAO_DICE_H

/* Chance that can be repeated: the seed of a run is printed, and GONGBAO_SEED gives it again. */

#include "harness.h"

#include <time.h>

struct dice {
    uint64_t state;
};

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

static inline size_t dice_below(struct dice *d, size_t n)
{
    d->state ^= d->state << 13;
    d->state ^= d->state >> 7;
    d->state ^= d->state << 17;
    return (size_t)((d->state >> 11) % n);
}

/* Once in so many times. */
static inline bool dice_once_in(struct dice *d, size_t times)
{
    return dice_below(d, times) == 0;
}

#define PICK(d, list) ((list)[dice_below((d), COUNT_OF(list))])

/* The seed of this run, or the one that is asked for. */
static inline struct dice dice_seeded(void)
{
    const char *given = getenv("GONGBAO_SEED");
    unsigned now = (unsigned)time(NULL) ^ (unsigned)getpid() << 16;
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : now;
    struct dice d = {88172645463325252u ^ ((uint64_t)seed << 20 | seed)};
    print_message("GONGBAO_SEED=%u\n", seed);
    for (int i = 0; i < 8; i++)
        dice_below(&d, 2);
    return d;
}

#endif
