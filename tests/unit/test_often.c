/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The most frequent texts in bounded memory: exact as long as there is room, and never too low. */
#include "harness.h"

#include "../../src/net/often.h"

static void add(struct often *t, const char *text, int times)
{
    for (int i = 0; i < times; i++)
        often_add(t, str_of(text), (uint64_t)i);
}

static void with_room_for_all_counts_are_exact(void **state)
{
    (void)state;
    struct often *t = often_new(4);
    struct often_row row[4];
    assert_int_equal(often_list(t, row, 4), 0);
    add(t, "经济", 2);
    add(t, "强调", 5);
    add(t, "防汛", 2);
    assert_int_equal(often_list(t, row, 4), 3);
    assert_str(row[0].text, "强调");
    assert_int_equal(row[0].count, 5);
    assert_int_equal(row[0].error, 0);
    assert_int_equal(row[0].total, 4);
    assert_int_equal(row[1].count, 2);
    assert_int_equal(row[2].count, 2);
    assert_int_equal(often_list(t, row, 1), 1);
    often_free(t);
}

static void frequent_ones_stay_among_many_that_come_once(void **state)
{
    (void)state;
    struct often *t = often_new(50);
    struct often_row row[50];
    uint64_t truth[3] = {0};
    char once[32];
    for (int i = 0; i < 20000; i++) {
        snprintf(once, sizeof(once), "query %d", i);
        often_add(t, str_of(once), 0);
        for (int k = 0; k < 3; k++)
            if (i % (8 + 4 * k) == 0) {
                snprintf(once, sizeof(once), "frequent %d", k);
                often_add(t, str_of(once), 1);
                truth[k]++;
            }
    }
    assert_int_equal(often_list(t, row, 50), 50);
    for (int k = 0; k < 3; k++) {
        snprintf(once, sizeof(once), "frequent %d", k);
        assert_true(str_eq(row[k].text, str_of(once)));
        assert_true(row[k].count >= truth[k]);
        assert_true(row[k].count - row[k].error <= truth[k]);
    }
    often_free(t);
}

static void of_a_long_text_the_beginning_counts(void **state)
{
    (void)state;
    struct often *t = often_new(4);
    struct often_row row[4];
    char text[3 * 120 + 1] = "";
    for (int i = 0; i < 120; i++)
        strcat(text, i < 110 ? "强" : "调");
    add(t, text, 1);
    text[357] = 0;
    add(t, text, 1);
    assert_int_equal(often_list(t, row, 4), 1);
    assert_int_equal(row[0].text.n, OFTEN_TEXT / 3 * 3);
    assert_int_equal(row[0].count, 2);
    often_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_room_for_all_counts_are_exact),
        cmocka_unit_test(frequent_ones_stay_among_many_that_come_once),
        cmocka_unit_test(of_a_long_text_the_beginning_counts),
    };
    return RUN_TESTS(tests);
}
