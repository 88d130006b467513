/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Arrays that grow: what is in them stays, and it is not moved for each item. */

#include "harness.h"
#include <gongbao/array.h>

static void items_stay_as_the_array_grows(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    unsigned *item = NULL;
    size_t n = 0, cap = 0, moves = 0;
    while (n < MANY) {
        size_t before = cap;
        unsigned *more = array_room(item, n, &cap, sizeof(*more));
        assert_non_null(more);
        item = more;
        moves += cap != before;
        assert_true(n < cap);
        item[n] = (unsigned)n * 3;
        n++;
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(item[i], i * 3);
    assert_true(moves < 10);
    free(item);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stay_as_the_array_grows),
    };
    return RUN_TESTS(tests);
}
