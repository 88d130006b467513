/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_DAY_H
#define GONGBAO_DAY_H

/* The calendar of today, also for the years before it was made. */

#include <stdbool.h>
#include <stdint.h>

/* The last day of a month, 1 to 12. */
int day_last(int year, int month);

/* Whether the calendar has such a day: from year 1 on, and no 30th of February. */
bool day_exists(int year, int month, int day);

/* A number that grows by one with each day. */
int64_t day_number(int year, int month, int day);

#endif
