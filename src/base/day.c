/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The calendar.
 *
 * Days are counted in years that begin in March, so that the day that leap years have more is the
 * last of its year, and the days before a month are the same in all years.
 *
 * Not here: how a date is written, and what day it is today.
 */

#include <gongbao/day.h>

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int day_last(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool day_exists(int year, int month, int day)
{
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= day_last(year, month);
}

int64_t day_number(int year, int month, int day)
{
    const int64_t y = year - (month <= 2);
    const int before = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
    return 365 * y + y / 4 - y / 100 + y / 400 + before + day;
}
