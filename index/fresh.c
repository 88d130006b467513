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
#include <math.h>

/* Days since some day long ago; a date is 20241031. */
static int64_t day_number(uint32_t date)
{
    int64_t year = date / 10000, month = date / 100 % 100, day = date % 100;
    year -= month <= 2; /* years that begin in March end with the day that leap years have more */
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day;
    return 365 * year + year / 4 - year / 100 + year / 400 + day_of_year;
}

double ix_freshness(double half_life, uint32_t today, uint32_t date)
{
    if (half_life <= 0)
        return 1;
    double age = date ? (double)(day_number(today) - day_number(date)) : half_life;
    return 1 + exp2(-(age > 0 ? age : 0) / half_life);
}
