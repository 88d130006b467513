/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking into searches: what EXPLAIN tells is what a search does, and WHY names the step at which
 * a document fell out. */

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
    const struct srch_request req = {.text = STR("date:2024-13-01"), .limit = 10, .strict = true};
    open_bulletins(&s);
    assert_int_equal(srch_explain(s.srch, &req, &s.b.a, &x, &s.b.err), ST_SYNTAX);
    shelf_expect(&s, "茶叶", "tea");
    shelf_close(&s);
}

/* ---- WHY ---- */

static struct srch_why why(struct shelf *s, const char *id, const char *text)
{
    const struct srch_request req = {.text = str_of(text), .limit = 10};
    struct srch_why w;
    arena_reset(&s->b.a);
    enum st st = srch_why(s->srch, &req, str_of(id), &s->b.a, &w, &s->b.err);
    if (st != ST_OK)
        print_error("%s: %s\n", text, s->b.err.text);
    assert_int_equal(st, ST_OK);
    return w;
}

static void the_rank_is_that_of_the_search(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    static const char *const query[] = {"水库大坝", "水库", "茶叶 水库 设施", "通报"};
    for (size_t i = 0; i < sizeof(query) / sizeof(query[0]); i++) {
        struct srch_result r = shelf_search(&s, query[i]);
        char *id[3];
        double score[3];
        size_t n = r.nhit;
        for (size_t k = 0; k < n; k++) {
            id[k] = strndup(r.hit[k].doc.id.p, r.hit[k].doc.id.n);
            score[k] = r.hit[k].score;
        }
        for (size_t k = 0; k < n; k++) {
            struct srch_why w = why(&s, id[k], query[i]);
            assert_int_equal(w.at, SRCH_AT_HIT);
            assert_int_equal(w.rank, k + 1);
            assert_float_equal(w.score, score[k], 1e-9);
            free(id[k]);
        }
    }
    shelf_close(&s);
}

/* Facets and reposts are over when a document is looked at. */
static void what_is_counted_beside_does_not_matter(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_why w;
    open_bulletins(&s);
    const struct srch_request counting[] = {{.text = STR("水库"), .facet = STR("issuer,year")},
                                            {.text = STR("水库"), .collapse = true},
                                            {.text = STR("水库 茶叶"), .collapse = true}};
    for (size_t i = 0; i < sizeof(counting) / sizeof(counting[0]); i++) {
        arena_reset(&s.b.a);
        assert_int_equal(srch_why(s.srch, &counting[i], STR("dam"), &s.b.a, &w, &s.b.err), ST_OK);
        assert_int_equal(w.at, SRCH_AT_HIT);
        assert_true(w.rank > 0);
        assert_true(w.nweight > 0);
    }
    shelf_close(&s);
}

static void weights_of_the_terms_add_up(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_why w = why(&s, "tea", "茶叶 产量");
    double sum = 0;
    assert_true(w.nweight >= 2);
    for (size_t i = 0; i < w.nweight; i++) {
        assert_int_equal(w.weight[i].documents, 1);
        assert_true(w.weight[i].weight > 0);
        sum += w.weight[i].weight;
    }
    assert_true(sum <= w.score + 1e-6);
    shelf_close(&s);
}

static void expect_sum(struct shelf *s, const char *id, const char *query)
{
    struct srch_why w = why(s, id, query);
    const struct srch_beside *b = &w.beside;
    double sum = b->closeness + b->title + b->freshness + b->behind;
    for (size_t i = 0; i < w.nweight; i++)
        sum += w.weight[i].weight;
    assert_int_equal(w.at, SRCH_AT_HIT);
    assert_float_equal(sum, w.score, 1e-6);
    assert_true(b->freshness > 0);
}

/* What stands in the text and how new it is are told beside the terms, and all of it is the score;
 * in EXPLAIN too. */
static void a_score_is_told_in_full(void **state)
{
    (void)state;
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, BULLETINS);
    s.opts.closeness = 0.4;
    s.opts.title = 0.5;
    s.opts.closeness_top = 20;
    s.opts.half_life = 3650;
    shelf_serve(&s);
    expect_sum(&s, "dam", "水库 大坝");
    expect_sum(&s, "dam2", "水库 大坝");
    assert_true(why(&s, "dam", "水库 大坝").beside.closeness > 0);
    assert_true(why(&s, "dam", "水库 大坝").beside.title > 0);
    struct srch_explained x = explain(&s, "水库 大坝");
    assert_true(x.result.nhit > 0);
    assert_true(x.beside[0].closeness > 0 && x.beside[0].title > 0 && x.beside[0].freshness > 0);
    shelf_close(&s);
}

static const struct srch_part *part(const struct srch_why *w, const char *query)
{
    for (size_t i = 0; i < w->npart; i++)
        if (str_eq(w->part[i].query, str_of(query)))
            return &w->part[i];
    fail_msg("the part %s is not told", query);
    return NULL;
}

static void the_part_that_is_missing_is_named_with_its_terms(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    s.opts.relax_below = 0;
    struct srch_why w = why(&s, "tea", "茶叶 \"水库大坝\"");
    assert_int_equal(w.at, SRCH_AT_PART);
    assert_int_equal(w.rank, 0);
    assert_true(part(&w, "(run 茶叶)")->held);
    const struct srch_part *p = part(&w, "(exact 水库大坝)");
    assert_false(p->held);
    assert_string_equal(p->why, "term");
    assert_true(memmem(p->absent.p, p->absent.n, "大坝", strlen("大坝")) != NULL);
    shelf_close(&s);
}

static void an_exact_run_whose_terms_are_all_there_is_told_apart(void **state)
{
    (void)state;
    static const char *const row[][3] = {{"apart", "", "甲乙在前，乙丙在后。"}};
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, row);
    shelf_serve(&s);
    struct srch_why w = why(&s, "apart", "\"甲乙丙\"");
    assert_int_equal(w.at, SRCH_AT_PART);
    assert_string_equal(part(&w, "(exact 甲乙丙)")->why, "text");
    assert_int_equal(part(&w, "(exact 甲乙丙)")->absent.n, 0);
    shelf_close(&s);
}

static void a_date_that_keeps_it_out_is_named(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_why w = why(&s, "tea", "茶叶 date:2023");
    assert_int_equal(w.at, SRCH_AT_FILTER);
    assert_string_equal(part(&w, "(date 2023)")->why, "date");
    assert_non_null(strstr(w.message, "2024-10-31"));
    shelf_close(&s);
}

static void a_filter_that_keeps_it_out_is_named(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_why w;
    open_bulletins(&s);
    const struct srch_request req = {
        .text = STR("茶叶"), .limit = 1, .issuer = STR("市水利局"), .from = STR("2024")};
    assert_int_equal(srch_why(s.srch, &req, STR("tea"), &s.b.a, &w, &s.b.err), ST_OK);
    assert_int_equal(w.at, SRCH_AT_FILTER);
    assert_string_equal(part(&w, "issuer=市水利局")->why, "filter");
    assert_true(part(&w, "from=2024")->held);
    shelf_close(&s);
}

static void a_field_and_what_is_left_out_have_words_of_their_own(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    s.opts.relax_below = 0;
    struct srch_why w = why(&s, "dam2", "大坝 title:水库");
    assert_int_equal(w.at, SRCH_AT_PART);
    assert_true(w.part[0].held);
    assert_false(w.part[1].held);
    assert_string_equal(w.part[1].why, "field");
    w = why(&s, "dam2", "大坝 -设施");
    assert_true(w.part[0].held);
    assert_false(w.part[1].held);
    assert_string_equal(w.part[1].why, "excluded");
    w = why(&s, "dam", "大坝 -设施");
    assert_int_equal(w.at, SRCH_AT_HIT);
    shelf_close(&s);
}

static void what_is_not_there_was_deleted_or_never_was(void **state)
{
    (void)state;
    struct shelf s;
    struct ix_writer *writer;
    const struct ix_writer_opts opts = {.fold = an_fold_version(), .merge_ms = IX_NO_MERGE};
    uint64_t generation;
    bool was;
    open_bulletins(&s);
    assert_int_equal(why(&s, "dam3", "水库").at, SRCH_AT_NOT_INDEXED);
    assert_int_equal(ix_writer_open(s.dir[0], &opts, &writer, &s.b.err), ST_OK);
    assert_int_equal(ix_writer_delete(writer, STR("dam2"), &was, &s.b.err), ST_OK);
    assert_int_equal(ix_writer_publish(writer, &generation, &s.b.err), ST_OK);
    ix_writer_close(writer);
    srch_refresh(s.srch);
    struct srch_why w = why(&s, "dam2", "水库");
    assert_int_equal(w.at, SRCH_AT_TOMBSTONE);
    assert_non_null(strstr(w.message, "seg-1-0"));
    shelf_close(&s);
}

/* The same id in two indexes: the one that is asked for is looked at. */
static void the_index_that_is_asked_is_looked_at(void **state)
{
    (void)state;
    static const char *const east[][3] = {{"same", "", "东部水库。"}};
    static const char *const west[][3] = {{"same", "", "西部茶园。"}};
    struct shelf s;
    struct srch_why w;
    shelf_open(&s, 2);
    SHELF_FILL(&s, 0, east);
    SHELF_FILL(&s, 1, west);
    shelf_serve(&s);
    const struct srch_request req = {.text = STR("茶园"), .in = STR("east"), .limit = 1};
    assert_int_equal(srch_why(s.srch, &req, STR("same"), &s.b.a, &w, &s.b.err), ST_OK);
    assert_int_equal(w.at, SRCH_AT_PART);
    assert_string_equal(w.index, "east");
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
        cmocka_unit_test(the_rank_is_that_of_the_search),
        cmocka_unit_test(what_is_counted_beside_does_not_matter),
        cmocka_unit_test(weights_of_the_terms_add_up),
        cmocka_unit_test(a_score_is_told_in_full),
        cmocka_unit_test(the_part_that_is_missing_is_named_with_its_terms),
        cmocka_unit_test(an_exact_run_whose_terms_are_all_there_is_told_apart),
        cmocka_unit_test(a_date_that_keeps_it_out_is_named),
        cmocka_unit_test(a_filter_that_keeps_it_out_is_named),
        cmocka_unit_test(a_field_and_what_is_left_out_have_words_of_their_own),
        cmocka_unit_test(what_is_not_there_was_deleted_or_never_was),
        cmocka_unit_test(the_index_that_is_asked_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
