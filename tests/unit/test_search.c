/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Searching little indexes: what is found, in which order and on which page. */

#include "bulletins.h"

#include <gongbao/utf8.h>

static void every_spelling_gives_the_same_hits(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    shelf_expect(&s, "水库大坝", "dam flood dam2");
    shelf_expect(&s, "水庫大壩", "dam flood dam2");
    shelf_expect(&s, "水庫·大“壩”", "dam flood dam2");
    shelf_expect(&s, "大场景小切口", "reform");
    shelf_expect(&s, "wi-fi", "school");
    shelf_expect(&s, "９＋１", "reform");
    shelf_expect(&s, "２３．４％", "tea");
    shelf_expect(&s, "\"5g\"", "tea");
    shelf_close(&s);
}

static void names_in_no_dictionary_and_single_characters_are_found(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    shelf_expect(&s, "\"周明远\"", "tea flood");
    shelf_expect(&s, "\"周明遠(yuǎn)在\"", "flood");
    shelf_expect(&s, "坝", "dam dam2 flood"); /* the last two score alike */
    shelf_close(&s);
}

static void letters_of_a_reading_are_no_text_unless_quoted(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_result r = shelf_search(&s, "diao");
    assert_int_equal(r.total, 0);
    shelf_expect(&s, "\"diào\"", "flood");
    shelf_expect(&s, "\"ào)，要落\"", "flood");
    shelf_expect(&s, "\"調(di\"", "flood");
    shelf_close(&s);
}

static void check_count(struct shelf *s, const char *query, uint64_t total)
{
    const struct srch_request req = {.text = str_of(query)};
    struct srch_result r;
    assert_int_equal(srch_count(s->srch, &req, &s->b.a, &r, &s->b.err), ST_OK);
    if (r.total != total)
        fail_msg("%s counts %ju, not %ju", query, (uintmax_t)r.total, (uintmax_t)total);
}

/* The bulletin that has a number or a shorthand as it was typed, in whatever spelling, is first. */
static void numbers_and_shorthand_come_first(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"standard", "", "参照GB/T 7714-2015著录。"},
        {"parts", "", "7714-2015年度，标准为GB/T，7714-2015，7714-2015。"},
        {"number", "", "根据国发〔2019〕5号文件精神，2019年国发5号。"},
        {"mixed", "", "5号楼国发公司，2019年，5号，2019年国发。"},
        {"numerals", "", "自二〇二四年十月三十一日起施行，见第三十二条。"},
        {"digits", "", "自2024年10月31日起施行，见第32条。"},
        {"code", "", "客机C919交付，投资1,234.5万元，农业+旅游。"},
    };
    static const char *const expect[][2] = {
        {"GB/T 7714-2015", "standard"},
        {"GB/T7714-2015", "standard"},
        {"国发〔2019〕5号", "number"},
        {"国发[2019]5号", "number"},
        {"国发（2019） 5号", "number"},
        {"二〇二四年", "numerals"},
        {"2024年10月31日", "digits"},
        {"\"二〇二四年\"", "numerals"},
        {"919", "code"},
        {"1234.5万元", "code"},
        {"农业+", "code"},
    };
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, row);
    shelf_serve(&s);
    for (size_t i = 0; i < sizeof(expect) / sizeof(expect[0]); i++) {
        struct srch_result r = shelf_search(&s, expect[i][0]);
        assert_true(r.nhit > 0);
        if (!str_eq(r.hit[0].doc.id, str_of(expect[i][1])))
            fail_msg("%s finds " STR_FMT, expect[i][0], STR_ARG(r.hit[0].doc.id));
    }
    assert_true(shelf_search(&s, "国发2019 5号").nhit >= 2);
    static const char *const both[] = {"二〇二四年", "2024年",     "十月三十一日",
                                       "10月31日",   "第三十二条", "第32条"};
    for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
        check_count(&s, both[i], 2);
    shelf_close(&s);
}

static void a_number_is_found_however_it_is_spaced(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"spaced", "", "参照 GB/T 7714-2015 著录，依据国发 〔2014〕 7 号，奖金万元,9,876元。"},
        {"joined", "", "参照GB/T7714-2015著录，依据国发〔2014〕7号，奖金9876元。"},
        {"other", "", "7714-2015、GB/T、国发2014年7号楼、1,9,876元。"},
    };
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, row);
    shelf_serve(&s);
    check_count(&s, "GB/T7714-2015", 2);
    check_count(&s, "GB/T 7714-2015", 3);
    check_count(&s, "国发〔2014〕7号", 3);
    check_count(&s, "国发（二〇一四）七号", 3);
    check_count(&s, "9876元", 2);
    check_count(&s, "\"GB/T7714-2015\"", 1);
    check_count(&s, "\"9876元\"", 1);
    shelf_close(&s);
}

/* Chinese numerals and digits meet, either way; the first two of each row, not the third. */
static void numerals_meet_digits_before_other_units(void **state)
{
    (void)state;
    static const char *const alike[][3] = {
        {"二十届三中全会", "20届三中全会", "20年届三中全会"},
        {"第二十一次会议", "第21次会议", "二十一次会议"},
        {"第十二章", "第12章", "第12条"},
        {"二十亿元", "20亿元", "二十元"},
        {"三百五十万人", "350万人", "三百五十人"},
        {"二0二一年", "2021年", "二年"},
        {"二O二四年", "2024年", "二四年"},
        {"二〇二0年", "2020年", "二零年"},
        {"十月卅一日", "10月31日", "十月三日"},
        {"廿二日", "22日", "二日"},
    };
    for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++) {
        const char *const row[][3] = {
            {"first", "", alike[i][0]}, {"second", "", alike[i][1]}, {"other", "", alike[i][2]}};
        struct shelf s;
        shelf_open(&s, 1);
        SHELF_FILL(&s, 0, row);
        shelf_serve(&s);
        check_count(&s, alike[i][0], 2);
        check_count(&s, alike[i][1], 2);
        shelf_close(&s);
    }
}

static void names_set_with_a_space_are_found(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"spaced", "", "通讯员 雷 敏 报道"},
        {"wide", "", "记者：李　娜、雷　敏\n摄影李 娜"},
        {"joined", "", "雷敏报道，李娜摄影"},
        {"apart", "", "春雷 敏感，雷\n敏，李 娜娜"},
    };
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, row);
    shelf_serve(&s);
    check_count(&s, "雷敏", 3);
    check_count(&s, "李娜", 2);
    check_count(&s, "雷敏 李娜", 2);
    check_count(&s, "\"雷敏\"", 3);
    check_count(&s, "\"雷 敏\"", 2 + 1);
    check_count(&s, "\"雷敏报道\"", 1); /* longer ones are exact */
    struct srch_result r = shelf_search(&s, "李娜");
    assert_int_equal(r.nhit, 2);
    shelf_close(&s);
}

static void quoted_runs_are_exact(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_result r = shelf_search(&s, "三大战略任务");
    assert_int_equal(r.total, 2); /* all its pairs stand in "history" too */
    shelf_expect(&s, "\"三大战略任务\"", "flood");
    shelf_expect(&s, "“三大战略任务”", "flood");
    shelf_expect(&s, "\"公告，通知\"", "dam");
    shelf_expect(&s, "\"公告。通知\"", "");
    shelf_close(&s);
}

static void highlights_lie_on_the_original(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_result r = shelf_search(&s, "\"强调\"");
    assert_int_equal(r.nhit, 1);
    const struct snip *body = &r.hit[0].body, *title = &r.hit[0].title;
    assert_int_equal(body->nmark, 1);
    assert_str(str_from(body->text.p + body->mark[0].offset, body->mark[0].length), "強調(diào)");
    assert_str(title->text, "全市防汛工作会议召开");
    assert_int_equal(title->nmark, 0);
    shelf_close(&s);
}

static void a_hit_in_the_title_shows_the_beginning_of_the_body(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_result r = shelf_search(&s, "\"茶叶收成\"");
    assert_int_equal(r.nhit, 1);
    assert_int_equal(r.hit[0].title.nmark, 1);
    assert_true(str_starts(r.hit[0].body.text, STR("全市")));
    shelf_close(&s);
}

static void check_scores(const struct srch_result *r)
{
    for (size_t i = 1; i < r->nhit; i++)
        assert_true(r->hit[i].score <= r->hit[i - 1].score);
}

static void few_hits_are_followed_by_partial_ones(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_result r = shelf_search(&s, "水库 检查");
    assert_true(r.relaxed);
    assert_true(r.exact);
    assert_int_equal(r.total, 3);
    check_scores(&r);
    shelf_expect(&s, "水库 检查", "dam flood dam2");
    r = shelf_search(&s, "茶叶 水库");
    assert_true(r.relaxed);
    assert_int_equal(r.total, 4);
    shelf_close(&s);
}

static void nothing_to_relax_is_not_relaxed(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    assert_false(shelf_search(&s, "水库").relaxed);
    assert_false(shelf_search(&s, "\"水库大坝\"").relaxed);
    assert_false(shelf_search(&s, "没有此词").relaxed); /* no part of it is there */
    shelf_close(&s);
}

static void exact_runs_hold_when_the_rest_is_relaxed(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    shelf_expect(&s, "\"完好\" 水库 茶叶", "dam2");
    shelf_expect(&s, "\"三大战略任务\" 学习 水库", "flood");
    shelf_close(&s);
}

static void counting_never_relaxes(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    open_bulletins(&s);
    struct srch_request req = {.text = STR("水库 检查"), .limit = 10};
    assert_int_equal(srch_count(s.srch, &req, &s.b.a, &r, &s.b.err), ST_OK);
    assert_int_equal(r.total, 2);
    assert_true(r.exact);
    assert_false(r.relaxed);
    req.text = STR("\"三大战略任务\"");
    assert_int_equal(srch_count(s.srch, &req, &s.b.a, &r, &s.b.err), ST_OK);
    assert_int_equal(r.total, 1);
    shelf_close(&s);
}

/* ---- pages ---- */

enum { MANY = 23 };

/* Documents of different lengths about one thing; the first few about two. */
static void open_many(struct shelf *s)
{
    const char *row[MANY][3];
    char *text[MANY][2];
    shelf_open(s, 1);
    for (int i = 0; i < MANY; i++) {
        assert_true(asprintf(&text[i][0], "n%02d", i) > 0);
        assert_true(asprintf(&text[i][1], "水库%s。%.*s", i < 4 ? "和茶叶" : "", 9 * (i % 7),
                             "若干其他文字若干其他文字若干其他文字") > 0);
        row[i][0] = text[i][0];
        row[i][1] = "通报";
        row[i][2] = text[i][1];
    }
    shelf_fill(s, 0, row, MANY);
    for (int i = 0; i < MANY; i++) {
        free(text[i][0]);
        free(text[i][1]);
    }
    shelf_serve(s);
}

/* The pages of any size, one after another, are the whole list. */
static void check_pages(struct shelf *s, const char *query, size_t total)
{
    struct srch_result r = {0};
    assert_int_equal(shelf_try(s, query, 0, 100, &r), ST_OK);
    char *all = shelf_ids(&r);
    assert_int_equal(r.nhit, total);
    check_scores(&r);
    double last = r.hit[total - 1].score;
    for (size_t size = 1; size < 9; size++) {
        struct buf joined;
        buf_init(&joined, 1 << 16);
        for (size_t at = 0; at < total; at += size) {
            assert_int_equal(shelf_try(s, query, at, size, &r), ST_OK);
            assert_int_equal(r.total, total);
            assert_int_equal(r.hit[0].rank, at + 1);
            char *ids = shelf_ids(&r);
            buf_addf(&joined, "%s%s", at ? " " : "", ids);
            free(ids);
        }
        assert_true(r.hit[r.nhit - 1].score == last);
        char *pages = buf_take(&joined);
        assert_string_equal(pages, all);
        free(pages);
    }
    free(all);
}

static void pages_never_overlap_or_skip(void **state)
{
    (void)state;
    struct shelf s;
    open_many(&s);
    check_pages(&s, "水库", MANY);
    check_pages(&s, "水库 茶叶", MANY); /* 4 with both, then the others */
    assert_true(shelf_search(&s, "水库 茶叶").relaxed);
    shelf_close(&s);
}

static void a_page_behind_the_end_is_empty(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    open_many(&s);
    assert_int_equal(shelf_try(&s, "水库", MANY, 10, &r), ST_OK);
    assert_int_equal(r.nhit, 0);
    assert_int_equal(r.total, MANY);
    assert_int_equal(shelf_try(&s, "水库 茶叶", UINT64_MAX - 3, 10, &r), ST_OK);
    assert_int_equal(r.nhit, 0);
    assert_int_equal(r.total, MANY);
    assert_int_equal(shelf_try(&s, "水库", 0, 0, &r), ST_OK);
    assert_int_equal(r.nhit, 0);
    assert_int_equal(r.total, MANY);
    shelf_close(&s);
}

/* ---- errors ---- */

static void errors_name_their_place(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    open_bulletins(&s);
    const struct srch_request strict = {.text = STR("水库 \"大坝"), .limit = 10, .strict = true};
    assert_int_equal(shelf_try(&s, "水库 \"大坝", 0, 10, &r), ST_OK);
    assert_int_equal(srch_search(s.srch, &strict, &s.b.a, &r, &s.b.err), ST_SYNTAX);
    assert_int_equal(s.b.err.offset, 7);
    assert_int_equal(shelf_try(&s, " 　", 0, 10, &r), ST_SYNTAX);
    s.opts.limits.runs = 2;
    assert_int_equal(shelf_try(&s, "一 二 三", 0, 10, &r), ST_TOO_MUCH);
    shelf_close(&s);
}

/* Up to its limit a query is answered, relaxed as well, and past it the limit is named. */
static void a_query_at_the_limit_of_terms(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    char text[3 * 600 + 1];
    size_t n = 0, last = 0;
    open_bulletins(&s);
    srch_close(s.srch);
    s.opts.limits.terms = Q_TERMS_MAX;
    s.opts.weights.word = 0.9;
    shelf_serve(&s);
    n = (size_t)snprintf(text, sizeof(text), "水库");
    enum st st = ST_OK;
    for (uint32_t cp = 0x4e00; n + 4 < sizeof(text); cp++) {
        n += utf8_put(cp, text + n);
        text[n] = '\0';
        st = n > 3 * 150 ? shelf_try(&s, text, 0, 10, &r) : ST_OK;
        if (st != ST_OK)
            break;
        last = n;
    }
    assert_int_equal(st, ST_TOO_MUCH);
    assert_string_equal(s.b.err.text, "more than 500 terms after analysis (search.max_terms)");
    text[last] = '\0';
    assert_true(shelf_search(&s, text).relaxed);
    shelf_close(&s);
}

static void time_that_is_up_is_said(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    open_bulletins(&s);
    const struct srch_request req = {.text = STR("水库"), .limit = 10, .deadline_ns = 1};
    assert_int_equal(srch_search(s.srch, &req, &s.b.a, &r, &s.b.err), ST_DEADLINE);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_gives_the_same_hits),
        cmocka_unit_test(names_in_no_dictionary_and_single_characters_are_found),
        cmocka_unit_test(letters_of_a_reading_are_no_text_unless_quoted),
        cmocka_unit_test(numbers_and_shorthand_come_first),
        cmocka_unit_test(a_number_is_found_however_it_is_spaced),
        cmocka_unit_test(numerals_meet_digits_before_other_units),
        cmocka_unit_test(names_set_with_a_space_are_found),
        cmocka_unit_test(quoted_runs_are_exact),
        cmocka_unit_test(highlights_lie_on_the_original),
        cmocka_unit_test(a_hit_in_the_title_shows_the_beginning_of_the_body),
        cmocka_unit_test(few_hits_are_followed_by_partial_ones),
        cmocka_unit_test(nothing_to_relax_is_not_relaxed),
        cmocka_unit_test(exact_runs_hold_when_the_rest_is_relaxed),
        cmocka_unit_test(counting_never_relaxes),
        cmocka_unit_test(pages_never_overlap_or_skip),
        cmocka_unit_test(a_page_behind_the_end_is_empty),
        cmocka_unit_test(errors_name_their_place),
        cmocka_unit_test(a_query_at_the_limit_of_terms),
        cmocka_unit_test(time_that_is_up_is_said),
    };
    return RUN_TESTS(tests);
}
