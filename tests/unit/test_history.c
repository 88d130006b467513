/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which queries go along with SUGGEST. */
#include "harness.h"

#include "../../src/net/history.h"

static void search_in(struct history *h, const char *in, const char *text, uint64_t total,
                      int times)
{
    const struct seen seen = {
        .verb = "SEARCH", .text = str_of(text), .in = str_of(in), .total = total, .search = true};
    for (int i = 0; i < times; i++)
        history_add(h, &seen);
}

static void search(struct history *h, const char *text, uint64_t total, int times)
{
    search_in(h, "", text, total, times);
}

static void what_came_twice_and_found_something_is_offered(void **state)
{
    (void)state;
    struct history *h = history_new();
    struct srch_query q;
    struct buf b;
    assert_non_null(h);
    search(h, "防汛", 7, 2);
    search(h, " 营业执照 换发 ", 12, 3);
    search(h, "我的名字", 1, 1);
    search(h, "龘龘", 0, 5);
    buf_init(&b, 1 << 16);
    history_frequent(h, STR(""), &b);
    struct str list = buf_str(&b);
    assert_true(history_next(&list, &q));
    assert_str(q.text, "营业执照 换发");
    assert_int_equal(q.count, 3);
    assert_int_equal(q.documents, 12);
    assert_true(history_next(&list, &q));
    assert_str(q.text, "防汛");
    assert_false(history_next(&list, &q));
    buf_fini(&b);
    history_free(h);
}

/* How many queries are offered to who asks these indexes. */
static size_t offered(struct history *h, const char *in)
{
    struct srch_query q;
    struct buf b;
    size_t n = 0;
    buf_init(&b, 1 << 16);
    history_frequent(h, str_of(in), &b);
    for (struct str list = buf_str(&b); history_next(&list, &q); n++)
        assert_str(q.text, "防汛");
    buf_fini(&b);
    return n;
}

static void what_is_asked_of_other_indexes_is_not_offered(void **state)
{
    (void)state;
    char many[200];
    struct history *h = history_new();
    assert_non_null(h);
    memset(many, 'x', sizeof(many));
    many[sizeof(many) - 1] = '\0';
    search_in(h, "main", "防汛", 7, 2);
    search_in(h, many, "防汛", 7, 2);
    search_in(h, "once", "防汛", 7, 1);
    assert_int_equal(offered(h, "main"), 1);
    assert_int_equal(offered(h, ""), 0);
    assert_int_equal(offered(h, "once"), 0);
    assert_int_equal(offered(h, many),
                     0); /* names of which a part is kept are told apart no more */
    history_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_of_other_indexes_is_not_offered),
        cmocka_unit_test(what_came_twice_and_found_something_is_offered),
    };
    return RUN_TESTS(tests);
}
