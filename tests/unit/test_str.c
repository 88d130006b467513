/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Borrowed strings: comparing, cutting, numbers, and how far apart two words are. */

#include "harness.h"

static void equality_is_of_bytes(void **state)
{
    (void)state;
    assert_true(str_eq(STR("公报"), STR("公报")));
    assert_false(str_eq(STR("公报"), STR("公告")));
    assert_true(str_eq((struct str){NULL, 0}, STR("")));
    assert_true(str_eq_nocase(STR("Search"), STR("sEARCH")));
    assert_false(str_eq_nocase(STR("search"), STR("searches")));
    /* '@' and '`' differ by the bit that tells the case of a letter, and are no letters. */
    assert_false(str_eq_nocase(STR("@"), STR("`")));
}

static void beginnings_and_ends(void **state)
{
    (void)state;
    assert_true(str_starts(STR("news.jsonl.gz"), STR("news")));
    assert_true(str_ends(STR("news.jsonl.gz"), STR(".gz")));
    assert_false(str_ends(STR("gz"), STR(".gz")));
    assert_false(str_starts(STR("ne"), STR("news")));
    assert_true(str_starts((struct str){NULL, 0}, STR("")));
    assert_true(str_ends((struct str){NULL, 0}, (struct str){NULL, 0}));
}

static void order_is_of_unsigned_bytes(void **state)
{
    (void)state;
    assert_true(str_cmp(STR("a"), STR("公")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp((struct str){NULL, 0}, STR("a")) < 0);
    assert_int_equal(str_cmp(STR("5+5"), STR("5+5")), 0);
}

static void cutting_at_a_separator(void **state)
{
    (void)state;
    struct str rest = STR("id=7=8");
    assert_str(str_cut(&rest, '='), "id");
    assert_str(rest, "7=8");
    assert_str(str_cut(&rest, ' '), "7=8");
    assert_null(rest.p);
    assert_int_equal(str_cut(&rest, ' ').n, 0);

    rest = STR("line\n");
    assert_str(str_cut(&rest, '\n'), "line");
    assert_non_null(rest.p); /* there was a separator: an empty part follows */
    assert_int_equal(rest.n, 0);
}

static void trimming(void **state)
{
    (void)state;
    assert_str(str_trim(STR(" \t 强调 经济\r\n")), "强调 经济");
    assert_int_equal(str_trim(STR(" \v\f ")).n, 0);
    assert_int_equal(str_trim((struct str){NULL, 0}).n, 0);
}

static void numbers(void **state)
{
    (void)state;
    uint64_t v = 99;
    assert_true(str_u64(STR("0"), 0, &v) && v == 0);
    assert_true(str_u64(STR("007"), 10, &v) && v == 7);
    assert_true(str_u64(STR("18446744073709551615"), UINT64_MAX, &v) && v == UINT64_MAX);
    v = 99;
    assert_false(str_u64(STR("18446744073709551616"), UINT64_MAX, &v));
    assert_false(str_u64(STR("101"), 100, &v));
    assert_false(str_u64(STR("9"), 5, &v));
    assert_false(str_u64(STR(""), 100, &v));
    assert_false(str_u64(STR("-1"), 100, &v));
    assert_false(str_u64(STR("+1"), 100, &v));
    assert_false(str_u64(STR("1 "), 100, &v));
    assert_false(str_u64(STR("1\0"), 100, &v));
    assert_false(str_u64(STR("１"), 100, &v));
    assert_int_equal(v, 99);
    assert_true(str_u64(STR("100"), 100, &v) && v == 100);
}

static void distance_counts_edits(void **state)
{
    (void)state;
    assert_int_equal(str_distance(STR("SEARCH"), STR("search")), 0);
    assert_int_equal(str_distance(STR("serch"), STR("search")), 1);
    assert_int_equal(str_distance(STR("saerch"), STR("search")), 1); /* neighbours swapped */
    assert_int_equal(str_distance(STR("find"), STR("search")), 6);
    assert_int_equal(str_distance(STR(""), STR("ping")), 4);
    assert_int_equal(str_distance(STR("12345678901234567890123456789012"), STR("")), 32);
    assert_int_equal(str_distance(STR("123456789012345678901234567890123"), STR("")), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_is_of_bytes),
        cmocka_unit_test(beginnings_and_ends),
        cmocka_unit_test(order_is_of_unsigned_bytes),
        cmocka_unit_test(cutting_at_a_separator),
        cmocka_unit_test(trimming),
        cmocka_unit_test(numbers),
        cmocka_unit_test(distance_counts_edits),
    };
    return RUN_TESTS(tests);
}
