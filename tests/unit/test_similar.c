/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The documents most like one. */

#include "search_fixture.h"

static const char *const BULLETINS[][3] = {
    {"a", "全县防汛工作会议召开",
     "6月3日，全县防汛工作会议召开。会议强调，各乡镇要落实防汛责任，加强水库巡查。"},
    {"repost", "防汛会议",
     "6月3日，全县防汛工作会议召开。会议强调，各乡镇要落实防汛责任，加强水库巡查。（转载）"},
    {"b", "水库巡查通报", "青石水库防汛责任没有落实，巡查记录不全。"},
    {"c", "茶叶产量", "今年茶叶产量增长，茶农收入增加。"},
    {"d", "供暖通知", "各供热企业要提前检修管网。"},
};

static struct srch_similar like(struct shelf *s, const char *id, uint64_t limit)
{
    const struct srch_request req = {.text = str_of(id), .limit = limit};
    struct srch_similar res;
    arena_reset(&s->b.a);
    enum st st = srch_similar(s->srch, &req, &s->b.a, &res, &s->b.err);
    if (st != ST_OK)
        print_error("%s\n", s->b.err.text);
    assert_int_equal(st, ST_OK);
    return res;
}

static void near_duplicates_come_first_and_the_document_itself_never(void **state)
{
    (void)state;
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, BULLETINS);
    shelf_serve(&s);
    struct srch_similar res = like(&s, "a", 10);
    assert_int_equal(res.n, 2);
    assert_str(res.like[0].doc.id, "repost");
    assert_true(res.like[0].resemblance >= 0.8);
    assert_str(res.like[1].doc.id, "b");
    assert_true(res.like[1].resemblance < 0.8);
    assert_true(res.nterm > 0);
    assert_int_equal(like(&s, "a", 1).n, 1);
    shelf_close(&s);
}

static void a_document_with_words_of_its_own_is_like_none(void **state)
{
    (void)state;
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, BULLETINS);
    shelf_serve(&s);
    assert_int_equal(like(&s, "d", 10).n, 0);
    shelf_close(&s);
}

static void what_is_not_there_is_like_nothing(void **state)
{
    (void)state;
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, BULLETINS);
    shelf_serve(&s);
    const struct srch_request req = {.text = STR("x"), .limit = 10};
    struct srch_similar res;
    assert_int_equal(srch_similar(s.srch, &req, &s.b.a, &res, &s.b.err), ST_NOT_FOUND);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_duplicates_come_first_and_the_document_itself_never),
        cmocka_unit_test(a_document_with_words_of_its_own_is_like_none),
        cmocka_unit_test(what_is_not_there_is_like_nothing),
    };
    return RUN_TESTS(tests);
}
