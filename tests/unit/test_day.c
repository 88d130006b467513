/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The calendar: which days it has, and how many lie between two. */

#include "harness.h"
#include <gongbao/day.h>

static void days_that_are(void **state)
{
    (void)state;
    assert_true(day_exists(2024, 10, 31));
    assert_true(day_exists(2024, 2, 29));
    assert_true(day_exists(2000, 2, 29)); /* a century that is a leap year */
    assert_true(day_exists(1, 1, 1));
    assert_true(day_exists(9999, 12, 31));
}

static void days_that_are_not(void **state)
{
    (void)state;
    assert_false(day_exists(2023, 2, 29));
    assert_false(day_exists(1900, 2, 29));
    assert_false(day_exists(2024, 2, 30));
    assert_false(day_exists(2024, 4, 31));
    assert_false(day_exists(2024, 4, 0));
    assert_false(day_exists(2024, 0, 1));
    assert_false(day_exists(2024, 13, 1));
    assert_false(day_exists(0, 1, 1));
}

/* Each day's number is one more than that of the day before, from a leap century to the next. */
static void numbers_go_up_by_one(void **state)
{
    (void)state;
    int64_t last = day_number(1999, 12, 31);
    for (int year = 2000; year <= 2400; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= day_last(year, month); day++)
                assert_int_equal(day_number(year, month, day), ++last);
    assert_int_equal(day_number(2400, 1, 1) - day_number(2000, 1, 1), 146097);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_that_are),
        cmocka_unit_test(days_that_are_not),
        cmocka_unit_test(numbers_go_up_by_one),
    };
    return RUN_TESTS(tests);
}
