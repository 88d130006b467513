/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which queries go along with SUGGEST. */
#include "harness.h"

#include "../../src/net/history.h"

static void search(struct history *h, const char *text, uint64_t total, int times)
{
    const struct seen seen = {
        .verb = "SEARCH", .text = str_of(text), .total = total, .search = true};
    for (int i = 0; i < times; i++)
        history_add(h, &seen);
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
    history_frequent(h, &b);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_twice_and_found_something_is_offered),
    };
    return RUN_TESTS(tests);
}
