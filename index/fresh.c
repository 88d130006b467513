/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How much a document's date adds to its score.
 *
 *     1 + 2^(-age / half-life)
 *
 * So a document of today counts twice what one counts that is endlessly old, and what being new
 * adds halves with every half-life: it settles what is about as good, and never hides what is much
 * better. One from the future is of today, and one without a date as old as a half-life, for nobody
 * knows.
 */

#include "fresh.h"
#include <gongbao/day.h>
#include <math.h>

/* A date is 20241031. */
static int64_t number_of(uint32_t date)
{
    return day_number((int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100));
}

double ix_freshness(double half_life, uint32_t today, uint32_t date)
{
    if (half_life <= 0)
        return 1;
    double age = date ? (double)(number_of(today) - number_of(date)) : half_life;
    return 1 + exp2(-(age > 0 ? age : 0) / half_life);
}
