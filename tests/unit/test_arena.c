/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Arenas: alignment, the cap, the failure that sticks, reuse. */

#include "harness.h"
#include <gongbao/arena.h>
#include <stdalign.h>

static void what_is_given_out_is_aligned_and_apart(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    char *before = NULL;
    for (size_t n = 0; n < 200; n++) {
        arena_str(&a, STR("x")); /* strings are packed, and must not push others out of line */
        char *p = arena_alloc(&a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        memset(p, (int)n, n);
        if (n > 1)
            assert_int_equal(before[n - 2], (char)(n - 1));
        before = p;
    }
    assert_false(a.failed);
    arena_fini(&a);
}

static void the_cap_holds_and_the_failure_sticks(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100);
    assert_non_null(arena_alloc(&a, 100));
    assert_int_equal(a.used, 100);
    assert_null(arena_alloc(&a, 1));
    assert_true(a.failed);
    assert_null(arena_alloc(&a, 0));
    assert_null(arena_str(&a, STR("x")).p);
    assert_string_equal(arena_fmt(&a, "%d", 1), "");
    arena_reset(&a);
    assert_false(a.failed);
    assert_int_equal(a.used, 0);
    assert_non_null(arena_alloc(&a, 100));
    arena_fini(&a);
}

static void nothing_allocated_is_something(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 16);
    assert_non_null(arena_alloc(&a, 0));
    assert_false(a.failed);
    arena_fini(&a);
}

static void sizes_that_wrap_fail(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, SIZE_MAX);
    assert_null(arena_calloc(&a, SIZE_MAX / 2, 3));
    assert_true(a.failed);
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 1));
    assert_null(arena_alloc(&a, SIZE_MAX - 1));
    arena_fini(&a);
}

static void cleared_memory_is_clear_after_reuse(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    memset(arena_alloc(&a, 1000), 0xff, 1000);
    arena_reset(&a);
    const unsigned char *p = arena_calloc(&a, 100, 10);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(p[i], 0);
    arena_fini(&a);
}

static void strings_are_copied_and_ended(void **state)
{
    (void)state;
    struct arena a;
    char text[] = "强调";
    arena_init(&a, 1000);
    struct str copy = arena_str(&a, str_of(text));
    text[0] = '?';
    assert_str(copy, "强调");
    assert_int_equal(copy.p[copy.n], '\0');
    struct str empty = arena_str(&a, (struct str){NULL, 0});
    assert_non_null(empty.p);
    assert_int_equal(empty.n, 0);
    assert_string_equal(arena_fmt(&a, "%s:%d", "a.conf", 12), "a.conf:12");
    arena_fini(&a);
}

static void large_and_small_requests_mix(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, SIZE_MAX);
    for (unsigned round = 0; round < 3; round++) {
        char *small[50], *large[50];
        for (int i = 0; i < 50; i++) {
            small[i] = arena_alloc(&a, 10);
            large[i] = arena_alloc(&a, 100000);
            memset(small[i], i, 10);
            memset(large[i], -i, 100000);
        }
        for (int i = 0; i < 50; i++) {
            assert_int_equal(small[i][9], i);
            assert_int_equal(large[i][99999], -i);
        }
        arena_reset(&a);
    }
    arena_fini(&a);
}

static void a_list_grows_in_it(void **state)
{
    (void)state;
    struct arena a;
    size_t *list = NULL, n = 0, cap = 0;
    arena_init(&a, 1 << 20);
    for (; n < 1000; n++) {
        list = arena_room(&a, list, n, &cap, sizeof(*list));
        assert_non_null(list);
        assert_true(cap > n);
        list[n] = n;
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i], i);
    arena_fini(&a);
    arena_init(&a, 16);
    cap = 0;
    assert_null(arena_room(&a, NULL, 0, &cap, sizeof(*list)));
    assert_int_equal(cap, 0);
    arena_fini(&a);
}

static void characters_are_written_in_it(void **state)
{
    (void)state;
    static const uint32_t cp[] = {'a', 0xe9, 0x7ecf, 0x20bb7};
    struct arena a;
    arena_init(&a, 64);
    assert_true(str_eq(arena_chars(&a, cp, 4), STR("aé经𠮷")));
    assert_int_equal(arena_chars(&a, cp, 0).n, 0);
    assert_false(a.failed);
    while (!a.failed)
        assert_true(arena_chars(&a, cp, 4).p != NULL || a.failed);
    assert_null(arena_chars(&a, cp, 4).p);
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_out_is_aligned_and_apart),
        cmocka_unit_test(the_cap_holds_and_the_failure_sticks),
        cmocka_unit_test(nothing_allocated_is_something),
        cmocka_unit_test(sizes_that_wrap_fail),
        cmocka_unit_test(cleared_memory_is_clear_after_reuse),
        cmocka_unit_test(strings_are_copied_and_ended),
        cmocka_unit_test(large_and_small_requests_mix),
        cmocka_unit_test(a_list_grows_in_it),
        cmocka_unit_test(characters_are_written_in_it),
    };
    return RUN_TESTS(tests);
}
