/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking into searches: what EXPLAIN tells is what a search does. */

#include "search_fixture.h"

static const char *const BULLETINS[][3] = {
    {"dam", "水库大坝检查通报", "水库大坝检查发现隐患三处，水库管理单位已整改。"},
    {"dam2", "一份通报", "青石水库的大坝完好，另有若干设施需要维护。"},
    {"tea", "茶叶收成好于往年", "全市茶叶产量增长23.4%，5G基站进了茶园。"},
};

static void open_bulletins(struct shelf *s)
{
    shelf_open(s, 1);
    SHELF_FILL(s, 0, BULLETINS);
    shelf_serve(s);
}

static struct srch_explained explain(struct shelf *s, const char *text)
{
    const struct srch_request req = {.text = str_of(text), .limit = 10, .snippet = true};
    struct srch_explained x;
    arena_reset(&s->b.a);
    enum st st = srch_explain(s->srch, &req, &s->b.a, &x, &s->b.err);
    if (st != ST_OK)
        print_error("%s: %s\n", text, s->b.err.text);
    assert_int_equal(st, ST_OK);
    return x;
}

static const struct srch_step *step(const struct srch_explained *x, const char *name)
{
    for (size_t i = 0; i < x->nstep; i++)
        if (strcmp(x->step[i].name, name) == 0)
            return &x->step[i];
    return NULL;
}

static uint64_t documents(const struct srch_explained *x, const char *term)
{
    for (size_t i = 0; i < x->nterm; i++)
        if (str_eq(x->term[i].term, str_of(term)))
            return x->term[i].documents;
    fail_msg("the term %s is not told", term);
    return 0;
}

static void the_query_is_shown_as_parsed_and_as_cut(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_explained x = explain(&s, "水庫 \"大坝\"");
    assert_true(str_eq(x.parsed, STR("(and (run 水庫) (exact 大坝))")));
    assert_int_equal(x.nrun, 2);
    assert_true(str_eq(x.run[0].typed, STR("水庫")));
    assert_true(str_eq(x.run[0].token[0].term, STR("水库")));
    assert_int_equal(x.run[0].token[0].kind, AN_WORD);
    shelf_close(&s);
}

static void each_term_has_its_frequency(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_explained x = explain(&s, "水库 检查 高铁");
    assert_int_equal(documents(&x, "水库"), 2);
    assert_int_equal(documents(&x, "检查"), 1);
    assert_int_equal(documents(&x, "高铁"), 0);
    shelf_close(&s);
}

static void the_last_step_that_found_something_is_named(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_explained x = explain(&s, "茶叶 产量");
    assert_string_equal(x.used, "all");
    assert_int_equal(step(&x, "all")->hits, 1);
    assert_true(step(&x, "all")->postings >= 2);

    x = explain(&s, "茶叶 水库");
    assert_string_not_equal(x.used, "all");
    assert_string_not_equal(x.used, "none");
    assert_int_equal(step(&x, "all")->hits, 0);
    assert_int_equal(x.result.total, 3);

    x = explain(&s, "高铁");
    assert_string_equal(x.used, "none");
    shelf_close(&s);
}

static void explaining_changes_no_answer(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_explained x = explain(&s, "水库大坝");
    char *explained = shelf_ids(&x.result);
    shelf_expect(&s, "水库大坝", explained);
    free(explained);
    shelf_close(&s);
}

static void a_query_that_is_an_error_is_one_here(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_explained x;
    const struct srch_request req = {.text = STR("date:2024-13-01"), .limit = 10};
    open_bulletins(&s);
    assert_int_equal(srch_explain(s.srch, &req, &s.b.a, &x, &s.b.err), ST_SYNTAX);
    shelf_expect(&s, "茶叶", "tea");
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_query_is_shown_as_parsed_and_as_cut),
        cmocka_unit_test(each_term_has_its_frequency),
        cmocka_unit_test(the_last_step_that_found_something_is_named),
        cmocka_unit_test(explaining_changes_no_answer),
        cmocka_unit_test(a_query_that_is_an_error_is_one_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
