/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The cache of answers: it gives back what it was given, keeps within its bound, and forgets
 * everything when the indexes change. */
#include "harness.h"

#include "../../src/net/cache.h"

#define KEPT(text, at)                                                                             \
    &(struct answer)                                                                               \
    {                                                                                              \
        .code = 210, .may_cache = true, .state = (at), .bytes = STR(text)                          \
    }

static const char *got(struct cache *c, const char *key)
{
    static char text[64];
    const struct answer *a = cache_get(c, str_of(key));
    if (!a)
        return "nothing";
    assert_true(a->bytes.n < sizeof(text));
    memcpy(text, a->bytes.p, a->bytes.n);
    text[a->bytes.n] = 0;
    return text;
}

static uint64_t counter(const struct cache *c, const char *key)
{
    struct buf b;
    uint64_t v = 0;
    buf_init(&b, 4096);
    cache_counters(c, &b);
    struct str rest = buf_str(&b);
    while (rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        if (str_eq(str_cut(&line, '='), str_of(key)))
            assert_true(str_u64(line, UINT64_MAX, &v));
    }
    buf_fini(&b);
    return v;
}

static void the_same_request_gets_the_same_answer(void **state)
{
    (void)state;
    struct cache *c = cache_new(1 << 20);
    cache_at(c, 7, 1);
    assert_string_equal(got(c, "强调"), "nothing");
    cache_put(c, STR("强调"), KEPT("210 hits", 7));
    assert_string_equal(got(c, "强调"), "210 hits");
    assert_string_equal(got(c, "强调 "), "nothing");
    cache_put(c, STR("强调"), KEPT("210 hits again", 7));
    assert_string_equal(got(c, "强调"), "210 hits again");
    assert_int_equal(counter(c, "cache.entries"), 1);
    assert_int_equal(counter(c, "cache.hits"), 2);
    assert_int_equal(counter(c, "cache.misses"), 2);
    cache_free(c);
}

static void another_state_of_the_index_forgets_all(void **state)
{
    (void)state;
    struct cache *c = cache_new(1 << 20);
    size_t empty = counter(c, "cache.bytes");
    cache_at(c, 7, 1);
    cache_put(c, STR("强调"), KEPT("old", 7));
    cache_at(c, 8, 1);
    assert_string_equal(got(c, "强调"), "nothing");
    assert_int_equal(counter(c, "cache.bytes"), empty);
    cache_put(c, STR("今天"), KEPT("today", 8));
    cache_at(c, 8, 2);
    assert_string_equal(got(c, "今天"), "nothing");
    cache_free(c);
}

static void an_answer_of_another_state_is_not_kept(void **state)
{
    (void)state;
    struct cache *c = cache_new(1 << 20);
    struct answer partial = {.code = 210, .state = 7, .bytes = STR("partial")};
    cache_at(c, 7, 1);
    cache_put(c, STR("经济"), KEPT("from the generation before", 6));
    cache_put(c, STR("经济"), KEPT("from a damaged index", 0));
    cache_put(c, STR("经济"), &partial);
    assert_string_equal(got(c, "经济"), "nothing");
    cache_free(c);
}

static void it_keeps_within_its_bound_and_drops_what_is_least_used(void **state)
{
    (void)state;
    char key[32];
    struct cache *c = cache_new(20000);
    cache_at(c, 1, 1);
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "query %d", i);
        cache_put(c, str_of(key), KEPT("210 hits total=0", 1));
        assert_true(counter(c, "cache.bytes") <= 20000);
        assert_string_equal(got(c, "query 0"), "210 hits total=0");
    }
    assert_string_equal(got(c, "query 1"), "nothing");
    assert_string_equal(got(c, "query 999"), "210 hits total=0");
    assert_int_equal(counter(c, "cache.dropped") + counter(c, "cache.entries"), 1000);
    cache_free(c);
}

static void one_answer_does_not_push_out_all_others(void **state)
{
    (void)state;
    static char large[20000];
    struct cache *c = cache_new(sizeof(large));
    struct answer a = {.code = 210, .may_cache = true, .state = 1, .bytes = {large, 5000}};
    cache_at(c, 1, 1);
    cache_put(c, STR("强调"), KEPT("small", 1));
    cache_put(c, STR("全部"), &a);
    assert_string_equal(got(c, "强调"), "small");
    assert_string_equal(got(c, "全部"), "nothing");
    cache_clear(c);
    assert_string_equal(got(c, "强调"), "nothing");
    cache_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_request_gets_the_same_answer),
        cmocka_unit_test(another_state_of_the_index_forgets_all),
        cmocka_unit_test(an_answer_of_another_state_is_not_kept),
        cmocka_unit_test(it_keeps_within_its_bound_and_drops_what_is_least_used),
        cmocka_unit_test(one_answer_does_not_push_out_all_others),
    };
    return RUN_TESTS(tests);
}
