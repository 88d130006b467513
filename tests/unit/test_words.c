/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Pinyin, corrections and completions, over a little index. */

#include "search_fixture.h"

#include <gongbao/clock.h>
#include <unistd.h>

static const char *const BULLETINS[][3] = {
    {"city", "丽水市人民政府关于绿色发展的意见", "丽水市推动经济发展，加强环境保护。银行要重视。"},
    {"work", "机关效能建设简报", "县长钱彧主持会议。效能建设是机关的大事，行政处罚要公开。"},
    {"licence", "营业执照换发通知", "营业执照到期的，到政务服务中心办理。iphone service 上线。"},
    {"eat", "食品安全管理条例", "食品安全管理，安全生产，消防检查。"},
    {"safe", "安全生产条例释义", "安全生产条例共七章。西安市参照执行。"},
    {"ship", "舰船名录", "list of ships, hull and suit"}, /* all pairs of lishui */
    {"court", "清水县历史文化", "清水县的历史，乾隆年间的著作。"},
};

static void open_bulletins(struct shelf *s)
{
    shelf_open(s, 1);
    SHELF_FILL(s, 0, BULLETINS);
    shelf_serve(s);
    while (srch_idle(s->srch))
        ;
}

static void expect_meant(struct shelf *s, const char *query, const char *via, const char *meant)
{
    struct srch_result r = shelf_search(s, query);
    if (!str_eq(r.meant, str_of(meant)) || strcmp(r.via, via) != 0)
        fail_msg("%s means " STR_FMT " (%s), not %s (%s)", query, STR_ARG(r.meant), r.via, meant,
                 via);
    if (via[0])
        assert_true(r.total > 0 && !r.relaxed);
}

static void pinyin_is_read_where_letters_find_nothing(void **state)
{
    (void)state;
    static const char *const row[][2] = {
        {"lishui", "丽水"},
        {"LiShui", "丽水"},
        {"lìshuǐ", "丽水"},
        {"lishuishi", "丽水市"},
        {"li shui shi", "丽水市"},
        {"xiaoneng jianshe", "效能 建设"},
        {"jingjifazhan", "经济发展"},
        {"yyzz", "营业执照"},
        {"lvse", "绿色"},
        {"lüse", "绿色"},
        {"xi'an", "西安"},
        {"yinhang", "银行"},
        {"qianyu", "钱彧"}, /* in no lexicon, but a name of the bulletin */
        {"qianlong", "乾隆"},
    };
    struct shelf s;
    open_bulletins(&s);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        expect_meant(&s, row[i][0], "pinyin", row[i][1]);
    shelf_expect(&s, "xiaoneng jianshe", "work");
    shelf_close(&s);
}

static void expect_read(struct shelf *s, const char *letters, const char *text)
{
    struct srch_result r = shelf_search(s, letters);
    if (!str_eq(r.meant, str_of(text)))
        fail_msg("%s is read " STR_FMT ", not %s", letters, STR_ARG(r.meant), text);
}

static void readings_are_those_that_find_the_most(void **state)
{
    (void)state;
    static const char *const more[][3] = {
        {"lawyer", "律师名册", "律师法，丽水法院。六十人，经济由基金会负责。"},
        {"number", "", "六十。"},
        {"duty", "", "负责。"},
        {"duties", "", "负责。"},
    };
    static const char *const row[][2] = {
        {"jjfz", "经济发展"}, /* 负责 is the more frequent word, but not behind 经济 */
        {"lvshi", "律师"},    /* 六十 too may be read lushi */
        {"lüshi", "律师"},    {"lushi", "律师"}, /* for numbers are typed as digits */
        {"lv shi", "律师"},
    };
    struct shelf s;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, BULLETINS);
    SHELF_FILL(&s, 0, more);
    shelf_serve(&s);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        expect_read(&s, row[i][0], row[i][1]);
    shelf_close(&s);
}

static void letters_that_are_there_are_left_alone(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    shelf_expect(&s, "service", "licence");
    expect_meant(&s, "service", "", "");
    expect_meant(&s, "servce", "", "service");
    expect_meant(&s, "qqqq", "", "");
    shelf_expect(&s, "vice", "licence"); /* a part of a word */
    shelf_expect(&s, "cevi", "");        /* pairs of letters are none */
    shelf_expect(&s, "servicing", "");
    shelf_close(&s);
}

static void only_the_wrong_run_is_mended(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    expect_meant(&s, "绿色 经剂发展", "", "绿色 经济发展");
    expect_meant(&s, "钱域", "", "钱彧");
    expect_meant(&s, "乾龙", "", "乾隆"); /* folds to 干隆, which nobody writes */
    expect_meant(&s, "乾龙年间", "", "乾隆年间");
    expect_meant(&s, "丽水 营业直照", "", ""); /* what it would be finds nothing */
    expect_meant(&s, "丽水 营业执照", "", ""); /* each is there, but not both */
    expect_meant(&s, "“经剂发展”", "", "");    /* quoted: meant as it stands */
    expect_meant(&s, "＂经剂发展＂", "", "");
    expect_meant(&s, "经剂＊", "", "");
    expect_meant(&s, "－经剂 绿色 ｜ 经剂", "", "");
    expect_meant(&s, "龘龘龘", "", "");
    shelf_close(&s);
}

static const struct srch_query FREQUENT[] = {
    {{"营业执照 到期", sizeof("营业执照 到期") - 1}, 9, 3},
    {{"消防检查", sizeof("消防检查") - 1}, 5, 1},
    {{"营业", sizeof("营业") - 1}, 4, 2},
    {{"营业 时间", sizeof("营业 时间") - 1}, 2, 1},
};

static char *suggested(struct shelf *s, const char *text, uint64_t limit, size_t nfrequent)
{
    const struct srch_request req = {
        .text = str_of(text), .limit = limit, .frequent = FREQUENT, .nfrequent = nfrequent};
    struct srch_suggestion *list;
    struct buf b;
    size_t n;
    arena_reset(&s->b.a);
    assert_int_equal(srch_suggest(s->srch, &req, &s->b.a, &list, &n, &s->b.err), ST_OK);
    buf_init(&b, 1 << 16);
    buf_addz(&b, "");
    for (size_t i = 0; i < n; i++) {
        buf_addz(&b, i ? " | " : "");
        buf_adds(&b, list[i].text);
    }
    char *all = buf_take(&b);
    return all ? all : strdup("");
}

/* Titles are looked for a few milliseconds only, which a busy machine may not have at once. */
static void expect_suggested(struct shelf *s, const char *text, const char *all)
{
    char *got = suggested(s, text, 10, 0);
    for (int i = 0; i < 50 && strcmp(got, all) != 0; i++) {
        free(got);
        got = suggested(s, text, 10, 0);
    }
    if (strcmp(got, all) != 0)
        fail_msg("%s gives %s, not %s", text, got, all);
    free(got);
}

static void what_is_typed_goes_on(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    expect_suggested(&s, "营业", "营业执照 | 营业执照换发 | 营业执照换发通知");
    expect_suggested(&s, "yingye", "营业执照 | 营业执照换发 | 营业执照换发通知");
    expect_suggested(&s, "serv", "service");
    expect_suggested(&s, "乾", "乾隆");
    expect_suggested(&s, "干", "乾隆");
    expect_suggested(&s, "龘", "");
    expect_suggested(&s, "(", "");
    char *one = suggested(&s, "营业", 1, 0);
    assert_string_equal(one, "营业执照");
    free(one);
    shelf_close(&s);
}

static void what_many_look_for_stands_first(void **state)
{
    (void)state;
    static const char *const row[][2] = {
        {"营业", "营业执照 到期 | 营业 时间 | 营业执照"},
        {"yingye", "营业执照 到期 | 营业 | 营业执照"},
        {"xfjc", "消防检查"},
    };
    struct shelf s;
    open_bulletins(&s);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        char *got = suggested(&s, row[i][0], 3, 4);
        if (strcmp(got, row[i][1]) != 0)
            fail_msg("%s gives %s, not %s", row[i][0], got, row[i][1]);
        free(got);
    }
    shelf_close(&s);
}

/* Who asks about a search is told about the one that was made. */
static void what_was_read_is_explained(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_why w;
    struct srch_explained x;
    open_bulletins(&s);
    const struct srch_request req = {.text = STR("xiaoneng jianshe"), .limit = 10};
    assert_int_equal(srch_explain(s.srch, &req, &s.b.a, &x, &s.b.err), ST_OK);
    assert_string_equal(x.result.via, "pinyin");
    assert_true(str_eq(x.parsed, STR("(and (run 效能) (run 建设))")));
    assert_int_equal(srch_why(s.srch, &req, STR("work"), &s.b.a, &w, &s.b.err), ST_OK);
    assert_int_equal(w.at, SRCH_AT_HIT);
    assert_int_equal(w.rank, 1);
    assert_true(str_eq(w.meant, STR("效能 建设")));
    shelf_close(&s);
}

static void a_new_generation_brings_its_words(void **state)
{
    (void)state;
    static const char *const more[][3] = {{"new", "共享单车管理", "共享单车停放有序。"}};
    struct shelf s;
    open_bulletins(&s);
    expect_suggested(&s, "gongxiangd", "");
    SHELF_FILL(&s, 0, more);
    srch_refresh(s.srch);

    /* Not at once: the next table rests for a while after the one before. */
    for (int i = 0; i < 10000 && shelf_search(&s, "danche").total == 0; i++) {
        srch_idle(s.srch);
        usleep(1000);
    }
    expect_meant(&s, "danche", "pinyin", "单车");
    shelf_close(&s);
}

/* With a deadline that has passed there is no table yet: what needs none is answered. */
static void the_words_are_not_waited_for(void **state)
{
    (void)state;
    const struct srch_request late = {.text = STR("经剂"), .limit = 10, .deadline_ns = 1};
    const struct srch_request soon = {.text = STR("经剂"), .limit = 10};
    struct srch_suggestion *list;
    struct srch_meant meant;
    struct shelf s;
    size_t n;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, BULLETINS);
    shelf_serve(&s);
    assert_int_equal(srch_suggest(s.srch, &late, &s.b.a, &list, &n, &s.b.err), ST_OK);
    assert_int_equal(srch_spell(s.srch, &late, &s.b.a, &meant, &s.b.err), ST_DEADLINE);
    assert_int_equal(srch_spell(s.srch, &soon, &s.b.a, &meant, &s.b.err), ST_OK);
    assert_true(meant.n > 0 && str_eq(meant.text[0], STR("经济")));
    shelf_close(&s);
}

/* Whenever time runs out, it is told: nothing is meant only when that is known. */
static void what_was_not_found_out_is_not_told_as_known(void **state)
{
    (void)state;
    enum { STEP_NS = 20000, STEPS = 200 };
    static const char *const text[] = {"经剂", "lishui"};
    struct shelf s;
    open_bulletins(&s);
    for (uint64_t i = 0; i < 2 * STEPS; i++) {
        const struct srch_request req = {
            .text = str_of(text[i % 2]), .limit = 10, .deadline_ns = clock_ns() + i * STEP_NS};
        struct srch_result r;
        arena_reset(&s.b.a);
        enum st st = srch_search(s.srch, &req, &s.b.a, &r, &s.b.err);
        if (st != ST_DEADLINE)
            assert_int_equal(st, ST_OK);
        if (st == ST_OK && !r.partial)
            assert_true(str_eq(r.meant, i % 2 ? STR("丽水") : STR("经济")));
    }
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinyin_is_read_where_letters_find_nothing),
        cmocka_unit_test(readings_are_those_that_find_the_most),
        cmocka_unit_test(letters_that_are_there_are_left_alone),
        cmocka_unit_test(only_the_wrong_run_is_mended),
        cmocka_unit_test(what_is_typed_goes_on),
        cmocka_unit_test(what_many_look_for_stands_first),
        cmocka_unit_test(the_words_are_not_waited_for),
        cmocka_unit_test(what_was_not_found_out_is_not_told_as_known),
        cmocka_unit_test(what_was_read_is_explained),
        cmocka_unit_test(a_new_generation_brings_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
