/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Buffers: the cap, the failure that sticks, variable-length numbers. */

#include "harness.h"
#include <gongbao/buf.h>

static void appending(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    assert_null(b.p);
    buf_addz(&b, "gene");
    buf_adds(&b, STR("ration"));
    buf_addc(&b, '=');
    buf_addf(&b, "%u %s", 41, "强调");
    buf_add(&b, NULL, 0);
    buf_adds(&b, (struct str){NULL, 0});
    assert_true(buf_ok(&b));
    assert_str(buf_str(&b), "generation=41 强调");
    buf_fini(&b);
}

static void the_cap_is_exact_and_the_failure_sticks(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 5);
    buf_addz(&b, "abcde");
    assert_true(buf_ok(&b));
    buf_addc(&b, 'f');
    assert_false(buf_ok(&b));
    buf_add(&b, "", 0);
    buf_addf(&b, "%d", 1);
    assert_null(buf_room(&b, 0));
    assert_str(buf_str(&b), "abcde");
    assert_null(buf_take(&b));
    buf_reset(&b);
    buf_addf(&b, "%05d", 7); /* formatted text may fill it to the last byte */
    assert_true(buf_ok(&b));
    assert_str(buf_str(&b), "00007");
    buf_fini(&b);
}

static void nothing_is_added_of_what_does_not_fit(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    buf_addz(&b, "ab");
    buf_addz(&b, "cde");
    buf_addz(&b, "c");
    assert_str(buf_str(&b), "ab");
    buf_fini(&b);
    buf_init(&b, 4);
    buf_addf(&b, "%s", "abcde");
    assert_false(buf_ok(&b));
    assert_int_equal(b.n, 0);
    buf_fini(&b);
}

static void a_size_that_wraps_fails(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, SIZE_MAX);
    buf_addc(&b, 'x');
    assert_null(buf_room(&b, SIZE_MAX));
    assert_false(buf_ok(&b));
    buf_fini(&b);
}

static void room_is_written_by_the_caller(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    assert_non_null(buf_room(&b, 0));
    char *p = buf_room(&b, 100);
    assert_non_null(p);
    memset(p, 'x', 100);
    b.n += 100;
    assert_true(buf_ok(&b));
    assert_int_equal(b.n, 100);
    buf_fini(&b);
}

static void growth_keeps_the_contents(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    for (unsigned i = 0; i < 100000; i++)
        buf_addc(&b, (char)('a' + i % 26));
    assert_true(buf_ok(&b));
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(b.p[i], 'a' + i % 26);
    buf_fini(&b);
}

static void dropping_off_the_front(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    buf_drop(&b, 3);
    buf_addz(&b, "PING\nQUIT\n");
    buf_drop(&b, 5);
    assert_str(buf_str(&b), "QUIT\n");
    buf_drop(&b, 0);
    buf_drop(&b, 100);
    assert_int_equal(b.n, 0);
    buf_fini(&b);
}

static void taking_leaves_an_empty_buffer(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    buf_addz(&b, "abcd");
    char *p = buf_take(&b);
    assert_string_equal(p, "abcd");
    free(p);
    assert_int_equal(b.n, 0);
    p = buf_take(&b); /* of an empty buffer: an empty string */
    assert_string_equal(p, "");
    free(p);
    buf_addz(&b, "wxyz");
    assert_true(buf_ok(&b));
    buf_fini(&b);
}

static void numbers_of_7_bits_a_byte(void **state)
{
    (void)state;
    static const struct {
        uint64_t v;
        struct str bytes;
    } cases[] = {
        {0, STR("\0")},
        {127, STR("\x7f")},
        {128, STR("\x80\x01")},
        {300, STR("\xac\x02")},
        {UINT32_MAX, STR("\xff\xff\xff\xff\x0f")},
        {UINT64_MAX, STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b;
        buf_init(&b, 10);
        buf_varint(&b, cases[i].v);
        assert_true(str_eq(buf_str(&b), cases[i].bytes));
        struct str s = buf_str(&b);
        uint64_t v = 1;
        assert_true(str_varint(&s, &v));
        assert_true(v == cases[i].v);
        assert_int_equal(s.n, 0);
        buf_fini(&b);
    }
}

static void a_number_cut_short_or_too_long_is_refused(void **state)
{
    (void)state;
    uint64_t v = 42;
    struct guarded cut = guard(STR("\xff\xff"));
    struct str s = guarded_str(cut);
    assert_false(str_varint(&s, &v));
    assert_int_equal(s.n, 2); /* nothing was taken */
    unguard(&cut);
    s = STR("");
    assert_false(str_varint(&s, &v));
    s = STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"); /* 65 bits */
    assert_false(str_varint(&s, &v));
    s = STR("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
    assert_false(str_varint(&s, &v));
    assert_int_equal(v, 42);
}

static void strings_behind_their_lengths(void **state)
{
    (void)state;
    struct buf b;
    struct str got;
    buf_init(&b, 100);
    buf_varstr(&b, STR("公报"));
    buf_varstr(&b, STR(""));
    assert_str(buf_str(&b), "\x06公报\0");
    struct str s = buf_str(&b);
    assert_true(str_varstr(&s, &got));
    assert_str(got, "公报");
    assert_true(str_varstr(&s, &got));
    assert_int_equal(got.n, 0);
    assert_false(str_varstr(&s, &got)); /* nothing is left */
    s = str_from(b.p, 6);
    assert_false(str_varstr(&s, &got)); /* five bytes of six */
    assert_int_equal(s.n, 6);           /* nothing was taken */
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appending),
        cmocka_unit_test(the_cap_is_exact_and_the_failure_sticks),
        cmocka_unit_test(nothing_is_added_of_what_does_not_fit),
        cmocka_unit_test(a_size_that_wraps_fails),
        cmocka_unit_test(room_is_written_by_the_caller),
        cmocka_unit_test(growth_keeps_the_contents),
        cmocka_unit_test(dropping_off_the_front),
        cmocka_unit_test(taking_leaves_an_empty_buffer),
        cmocka_unit_test(numbers_of_7_bits_a_byte),
        cmocka_unit_test(a_number_cut_short_or_too_long_is_refused),
        cmocka_unit_test(strings_behind_their_lengths),
    };
    return RUN_TESTS(tests);
}
