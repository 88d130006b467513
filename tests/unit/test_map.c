/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Maps from byte strings to numbers. */

#include "harness.h"
#include <gongbao/map.h>

static void counting_words(void **state)
{
    (void)state;
    static const char *const words[] = {"强调", "经济", "强调", "发展", "强调"};
    struct map m;
    map_init(&m);
    assert_null(map_get(&m, STR("强调")));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        ++*map_slot(&m, str_of(words[i]));
    assert_int_equal(*map_get(&m, STR("强调")), 3);
    assert_int_equal(*map_get(&m, STR("发展")), 1);
    assert_null(map_get(&m, STR("强")));
    assert_int_equal(m.n, 3);
    map_fini(&m);
}

static void keys_are_bytes_and_are_copied(void **state)
{
    (void)state;
    struct map m;
    char key[] = "a\0b";
    map_init(&m);
    *map_slot(&m, str_from(key, 3)) = 1;
    *map_slot(&m, STR("a\0c")) = 2;
    *map_slot(&m, STR("")) = 3;
    memset(key, 'x', 3);
    assert_int_equal(*map_get(&m, STR("a\0b")), 1);
    assert_int_equal(*map_get(&m, STR("a\0c")), 2);
    assert_int_equal(*map_get(&m, (struct str){NULL, 0}), 3);
    assert_null(map_get(&m, STR("a")));
    map_fini(&m);
}

static void many_keys_survive_growth(void **state)
{
    (void)state;
    enum { MANY = 50000 };
    struct map m;
    char key[32];
    map_init(&m);
    for (uint64_t i = 0; i < MANY; i++) {
        int n = snprintf(key, sizeof(key), "doc-%ju", (uintmax_t)i);
        uint64_t *v = map_slot(&m, str_from(key, (size_t)n));
        assert_int_equal(*v, 0);
        *v = i + 1;
    }
    assert_int_equal(m.n, MANY);
    uint64_t sum = 0;
    size_t seen = 0, at = 0;
    for (const struct map_entry *e; (e = map_next(&m, &at)); seen++)
        sum += e->value;
    assert_int_equal(seen, MANY);
    assert_int_equal(sum, (uint64_t)MANY * (MANY + 1) / 2);
    assert_int_equal(*map_get(&m, STR("doc-49999")), MANY);
    map_fini(&m);
}

static void a_map_can_be_used_again(void **state)
{
    (void)state;
    struct map m;
    size_t at = 0;
    map_init(&m);
    *map_slot(&m, STR("id")) = 1;
    map_fini(&m);
    assert_null(map_get(&m, STR("id")));
    assert_null(map_next(&m, &at));
    assert_int_equal(*map_slot(&m, STR("id")), 0);
    map_fini(&m);
}

static void two_maps_hash_differently(void **state)
{
    (void)state;
    struct map a, b;
    map_init(&a);
    map_init(&b);
    map_slot(&a, STR("id"));
    map_slot(&b, STR("id"));
    assert_true(a.seed != b.seed);
    map_fini(&a);
    map_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting_words),
        cmocka_unit_test(keys_are_bytes_and_are_copied),
        cmocka_unit_test(many_keys_survive_growth),
        cmocka_unit_test(a_map_can_be_used_again),
        cmocka_unit_test(two_maps_hash_differently),
    };
    return RUN_TESTS(tests);
}
