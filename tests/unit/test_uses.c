/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A phrase in its contexts by date, its first and last use, and counts over time. */

#include "search_fixture.h"

/* Id, date, title, body. */
static const char *const BULLETINS[][4] = {
    {"b", "2023-06-03", "防汛工作会议", "会议强调防汛。各乡镇要落实防汛责任。"},
    {"a", "2021-07-01", "通报", "水库防汛责任没有落实，防汛工作不力。"},
    {"c", "2023-11-02", "供暖通知", "检修管网，防洪不提。"},
    {"d", "", "无日期", "防汛物资。"},
    {"e", "2023-06-20", "汛情", "強調(diào)，要加強防汛值守。"},
};

static void library_open(struct shelf *s)
{
    const struct ix_writer_opts opts = {.fold = an_fold_version()};
    struct ix_writer *w;
    uint64_t generation;
    shelf_open(s, 1);
    assert_int_equal(ix_writer_open(s->dir[0], &opts, &w, &s->b.err), ST_OK);
    for (size_t i = 0; i < sizeof(BULLETINS) / sizeof(BULLETINS[0]); i++)
        shelf_put(s, w,
                  &(struct ix_doc){.id = str_of(BULLETINS[i][0]),
                                   .date = str_of(BULLETINS[i][1]),
                                   .title = str_of(BULLETINS[i][2]),
                                   .body = str_of(BULLETINS[i][3])});
    assert_int_equal(ix_writer_publish(w, &generation, &s->b.err), ST_OK);
    ix_writer_close(w);
    shelf_serve(s);
}

static struct srch_uses uses(struct shelf *s, const struct srch_request *req, bool all)
{
    struct srch_uses res;
    arena_reset(&s->b.a);
    enum st st = all ? srch_kwic(s->srch, req, &s->b.a, &res, &s->b.err)
                     : srch_first(s->srch, req, &s->b.a, &res, &s->b.err);
    if (st != ST_OK)
        print_error("%s\n", s->b.err.text);
    assert_int_equal(st, ST_OK);
    return res;
}

/* "id:offset" of each, with a t before the offset in a title. */
static void expect_uses(const struct srch_uses *res, const char *wanted)
{
    char got[1024] = "";
    for (size_t i = 0; i < res->n; i++) {
        const struct srch_use *use = &res->use[i];
        size_t n = strlen(got);
        snprintf(got + n, sizeof(got) - n, "%s" STR_FMT ":%s%u", i ? " " : "", STR_ARG(use->id),
                 use->in_title ? "t" : "", use->place.offset);
    }
    assert_string_equal(got, wanted);
}

static void every_use_is_listed_by_date(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    struct srch_request req = {.text = STR("防汛"), .limit = 20};
    struct srch_uses res = uses(&s, &req, true);
    expect_uses(&res, "e:25 b:t0 b:12 b:39 a:6 a:33 d:0");
    assert_int_equal(res.documents, 4);
    assert_true(res.exact);

    req.sort = SRCH_OLDEST;
    res = uses(&s, &req, true);
    expect_uses(&res, "a:6 a:33 b:t0 b:12 b:39 e:25 d:0");

    req.limit = 3;
    res = uses(&s, &req, true);
    expect_uses(&res, "a:6 a:33 b:t0");
    assert_int_equal(res.documents, 4);
    shelf_close(&s);
}

static void pages_of_uses_join_without_a_gap(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    struct srch_request req = {.text = STR("防汛"), .limit = 3};
    struct srch_uses res = uses(&s, &req, true);
    expect_uses(&res, "e:25 b:t0 b:12");
    req.offset = 3;
    res = uses(&s, &req, true);
    expect_uses(&res, "b:39 a:6 a:33");
    req.offset = 6;
    res = uses(&s, &req, true);
    expect_uses(&res, "d:0");
    req.offset = 7;
    res = uses(&s, &req, true);
    expect_uses(&res, "");
    assert_int_equal(res.documents, 4);
    shelf_close(&s);
}

static void filters_hold_for_uses_and_counts(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    struct srch_request req = {.text = STR("防汛"), .limit = 20, .from = STR("2023-06-10")};
    struct srch_uses res = uses(&s, &req, true);
    expect_uses(&res, "e:25");
    assert_int_equal(res.documents, 1);
    req.from = STR("");
    req.to = STR("2023-06-10");
    res = uses(&s, &req, false);
    expect_uses(&res, "a:6 b:t0");
    struct srch_trend trend;
    assert_int_equal(srch_trend(s.srch, &req, &s.b.a, &trend, &s.b.err), ST_OK);
    assert_int_equal(trend.total, 2);
    shelf_close(&s);
}

static void the_place_stands_in_the_middle_of_its_context(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    const struct srch_request req = {.text = STR("責任"), .limit = 1, .width = 18};
    struct srch_uses res = uses(&s, &req, true);
    expect_uses(&res, "b:45");
    const struct snip *around = &res.use[0].place.around;
    assert_str(around->text, "…要落实防汛责任。");
    assert_int_equal(around->nmark, 1);
    assert_str(str_from(around->text.p + around->mark[0].offset, around->mark[0].length), "责任");
    shelf_close(&s);
}

static void a_phrase_is_taken_as_it_stands(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    struct srch_request req = {.text = STR("防汛责任"), .limit = 9};
    struct srch_uses res = uses(&s, &req, true);
    expect_uses(&res, "b:39 a:6");
    req.text = STR("“强调，要”");
    res = uses(&s, &req, true);
    expect_uses(&res, "e:0");
    req.text = STR("责任 落实");
    res = uses(&s, &req, true);
    expect_uses(&res, "");
    assert_int_equal(res.documents, 0);
    shelf_close(&s);
}

static void empty_quotes_are_no_phrase(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    const struct srch_request req = {.text = STR("“”"), .limit = 9};
    struct srch_uses res;
    assert_int_equal(srch_kwic(s.srch, &req, &s.b.a, &res, &s.b.err), ST_SYNTAX);
    shelf_close(&s);
}

/* No more room is taken than there are uses. */
static void as_many_as_there_are_may_be_asked_for(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    struct srch_request req = {.text = STR("防汛"), .limit = 100};
    const size_t n = uses(&s, &req, true).n;
    req.limit = UINT64_MAX;
    assert_int_equal(uses(&s, &req, true).n, n);
    req.offset = 1;
    assert_int_equal(uses(&s, &req, true).n, n - 1);
    req.offset = UINT64_MAX;
    assert_int_equal(uses(&s, &req, true).n, 0);
    shelf_close(&s);
}

static void the_first_and_the_last_use(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    struct srch_request req = {.text = STR("防汛")};
    struct srch_uses res = uses(&s, &req, false);
    expect_uses(&res, "a:6 e:25");
    req.text = STR("管网");
    res = uses(&s, &req, false);
    expect_uses(&res, "c:6 c:6");
    req.text = STR("从未用过");
    res = uses(&s, &req, false);
    expect_uses(&res, "");
    shelf_close(&s);
}

static void expect_trend(struct shelf *s, bool by_year, const char *wanted, uint64_t undated)
{
    const struct srch_request req = {.text = STR("防汛"), .by_year = by_year};
    struct srch_trend res;
    char got[256] = "";
    arena_reset(&s->b.a);
    assert_int_equal(srch_trend(s->srch, &req, &s->b.a, &res, &s->b.err), ST_OK);
    for (size_t i = 0; i < res.n; i++) {
        size_t n = strlen(got);
        snprintf(got + n, sizeof(got) - n, "%s" STR_FMT ":%d", i ? " " : "",
                 STR_ARG(res.row[i].value), (int)res.row[i].n);
    }
    assert_string_equal(got, wanted);
    assert_int_equal(res.undated, undated);
    assert_int_equal(res.total, 4);
}

static void counts_over_time(void **state)
{
    (void)state;
    struct shelf s;
    library_open(&s);
    expect_trend(&s, false, "2021-07:1 2023-06:2", 1);
    expect_trend(&s, true, "2021:1 2023:2", 1);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_use_is_listed_by_date),
        cmocka_unit_test(pages_of_uses_join_without_a_gap),
        cmocka_unit_test(filters_hold_for_uses_and_counts),
        cmocka_unit_test(the_place_stands_in_the_middle_of_its_context),
        cmocka_unit_test(a_phrase_is_taken_as_it_stands),
        cmocka_unit_test(empty_quotes_are_no_phrase),
        cmocka_unit_test(as_many_as_there_are_may_be_asked_for),
        cmocka_unit_test(the_first_and_the_last_use),
        cmocka_unit_test(counts_over_time),
    };
    return RUN_TESTS(tests);
}
