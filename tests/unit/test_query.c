/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a reader types, as a tree and as what the index runs. The rules are in the golden files;
 * here are the limits, the errors with their places, and the verification of exact runs. */

#include "golden.h"
#include "query_fixture.h"

#include <gongbao/utf8.h>

static void add_line(struct buf *out, const char *name)
{
    buf_addf(out, "%-6s ", name);
}

/* As who asked over the wire is told: with a caret at the place. */
static void add_error(struct buf *out, struct str query, struct err *err)
{
    err_point(err, query);
    add_line(out, "error");
    buf_addf(out, "%s at %ld: %s\n", st_info(err->st)->word, err->offset, err->text);
}

static void add_plan(struct buf *out, const struct q_plan *plan)
{
    add_line(out, "all");
    q_dump_lowered(plan->all, NULL, out);
    if (plan->some) {
        buf_addc(out, '\n');
        add_line(out, "some");
        q_dump_lowered(plan->some, NULL, out);
    }
    buf_addc(out, '\n');
}

/* query TEXT -> tree, all, some, or error; strict TEXT likewise; synonyms LINE. */
static bool render(void *ctx, struct str name, struct str value, struct buf *out)
{
    struct bench *b = ctx;
    struct q_node *tree;
    struct q_plan plan;
    if (str_eq(name, STR("synonyms"))) {
        bench_synonyms(b, value);
        return true;
    }
    b->opts.strict = str_eq(name, STR("strict"));
    if (!b->opts.strict && !str_eq(name, STR("query")))
        return false;
    arena_reset(&b->a);
    b->err = (struct err)ERR_INIT;
    if (q_parse(value, &b->opts, &b->a, &tree, &b->err) != ST_OK) {
        add_error(out, value, &b->err);
        return true;
    }
    add_line(out, "tree");
    q_dump(tree, out);
    buf_addc(out, '\n');
    if (q_lower(b->an, tree, &b->opts, &b->a, &plan, &b->err) != ST_OK)
        add_error(out, value, &b->err);
    else
        add_plan(out, &plan);
    return true;
}

static void golden(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    golden_files("tests/golden/query/*.txt", render, &b);
    bench_close(&b);
}

static void too_many_runs_names_the_limit_and_the_place(void **state)
{
    (void)state;
    struct bench b;
    struct q_node *tree;
    bench_open(&b);
    b.opts.limits.runs = 2;
    assert_int_equal(q_parse(STR("一 二 三"), &b.opts, &b.a, &tree, &b.err), ST_TOO_MUCH);
    assert_int_equal(b.err.offset, 8);
    assert_string_equal(b.err.text, "more than 2 parts separated by spaces (search.max_runs)");
    assert_int_equal(q_parse(STR("一 二 "), &b.opts, &b.a, &tree, &b.err), ST_OK);
    bench_close(&b);
}

static enum st lower_with(struct bench *b, struct str text, uint64_t terms)
{
    struct q_node *tree;
    struct q_plan plan;
    b->opts.limits = (struct q_limits){.runs = 8, .terms = terms};
    assert_int_equal(q_parse(text, &b->opts, &b->a, &tree, &b->err), ST_OK);
    return q_lower(b->an, tree, &b->opts, &b->a, &plan, &b->err);
}

static void too_many_terms_names_the_limit_and_the_run(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    /* Two words, three pairs and the run itself, then one word and its pair. */
    assert_int_equal(lower_with(&b, STR("经济发展 强调"), 8), ST_OK);
    assert_int_equal(lower_with(&b, STR("经济发展 强调"), 7), ST_TOO_MUCH);
    assert_int_equal(b.err.offset, 13);
    assert_string_equal(b.err.text, "more than 7 terms after analysis (search.max_terms)");
    bench_close(&b);
}

/* 市委 and 书记 are pairs of the run in any case, and take no room. */
static void words_inside_long_words_take_no_room(void **state)
{
    (void)state;
    struct bench b;
    struct buf out;
    bench_open(&b);
    buf_init(&out, 1 << 16);
    b.opts.limits.terms = 4; /* a word and three pairs */
    struct q_node *tree;
    struct q_plan plan;
    assert_int_equal(q_parse(STR("市委书记"), &b.opts, &b.a, &tree, &b.err), ST_OK);
    assert_int_equal(q_lower(b.an, tree, &b.opts, &b.a, &plan, &b.err), ST_OK);
    q_dump_lowered(plan.all, NULL, &out);
    buf_addc(&out, '\0');
    assert_true(buf_ok(&out));
    assert_string_equal(out.p, "(and-maybe (and 市委 0.5*委书 书记) 市委书记)");
    buf_fini(&out);
    bench_close(&b);
}

static void too_many_characters_by_themselves_are_refused(void **state)
{
    (void)state;
    struct bench b;
    struct buf text;
    bench_open(&b);
    buf_init(&text, 4096);
    for (uint32_t i = 0; i < IX_PREFIX_MAX; i++) {
        char han[4];
        buf_add(&text, han, utf8_put(0x4e00 + 50 * i, han));
        buf_addz(&text, "，");
    }
    assert_int_equal(lower_with(&b, buf_str(&text), Q_TERMS_MAX), ST_OK);
    buf_addz(&text, "好");
    assert_int_equal(lower_with(&b, buf_str(&text), Q_TERMS_MAX), ST_TOO_MUCH);
    assert_string_equal(b.err.text, "more than 64 characters by themselves");
    buf_fini(&text);
    bench_close(&b);
}

static void dates_for_too_many_days_are_refused(void **state)
{
    (void)state;
    struct bench b;
    struct buf text;
    struct q_plan plan;
    bench_open(&b);
    buf_init(&text, 4096);
    for (size_t i = 0; i < 3; i++)
        buf_addz(&text, "date:1900-01-02..2100-12-30 ");
    assert_int_equal(bench_plan(&b, buf_str(&text), &plan), ST_OK);
    buf_addz(&text, "date:1900-01-02..2100-12-30");
    assert_int_equal(bench_plan(&b, buf_str(&text), &plan), ST_TOO_MUCH);
    assert_string_equal(b.err.text, "the dates stand for more than 1000 days, months and years");
    buf_fini(&text);
    bench_close(&b);
}

/* 强, which 强调 stands for, is one character too many, and its terms are given back to 经济发展.
 */
static void what_was_not_typed_leaves_its_room(void **state)
{
    (void)state;
    struct bench b;
    struct buf text;
    uint64_t least = IX_PREFIX_MAX;
    bench_open(&b);
    buf_init(&text, 4096);
    for (uint32_t i = 0; i < IX_PREFIX_MAX; i++) {
        char han[4];
        buf_add(&text, han, utf8_put(0x4e00 + 50 * i, han));
        buf_addz(&text, "，");
    }
    buf_addz(&text, " 强调 经济发展");
    while (lower_with(&b, buf_str(&text), least) == ST_TOO_MUCH)
        least++;
    bench_synonyms(&b, STR("强调 => 强"));
    assert_int_equal(lower_with(&b, buf_str(&text), least), ST_OK);
    buf_fini(&text);
    bench_close(&b);
}

static void a_long_repetition_is_no_flood(void **state)
{
    (void)state;
    struct bench b;
    char many[6000];
    for (size_t i = 0; i < sizeof(many); i += 3)
        memcpy(many + i, "哈", 3);
    bench_open(&b);
    assert_int_equal(lower_with(&b, str_from(many, sizeof(many)), 4), ST_OK);
    bench_close(&b);
}

static void no_memory_is_said(void **state)
{
    (void)state;
    struct bench b;
    struct q_plan plan;
    bench_open(&b);
    bool done = false;
    for (size_t max = 0; !done && max < 64 << 10; max += 16) {
        arena_fini(&b.a);
        arena_init(&b.a, max);
        enum st st = bench_plan(&b, STR("公共服务统筹 “三大战略任务” 5+5"), &plan);
        done = st == ST_OK;
        assert_true(done || st == ST_NO_MEMORY);
    }
    assert_true(done);
    bench_close(&b);
}

typedef enum st extracting(void *check, const struct ix_doc *doc, struct buf *out);

/* What a node says of a document at a glance at an extract. */
static enum ix_seen glance(struct bench *b, extracting *make, const struct ix_node *node,
                           const struct ix_doc *doc)
{
    struct buf extract;
    buf_init(&extract, 1 << 20);
    assert_int_equal(make(&b->check, doc, &extract), ST_OK);
    enum ix_seen seen = node->glance ? node->glance(node->accept_ctx, buf_str(&extract)) : IX_READ;
    buf_fini(&extract);
    return seen;
}

/* Whether all that a query looks for in stored text is in a document, which is answered alike at a
 * glance. */
static bool takes(struct bench *b, const struct ix_node *node, const struct ix_doc *doc)
{
    bool yes = node->op != IX_WHERE || node->accept(node->accept_ctx, doc);
    extracting *const make[] = {q_extract, q_extract_brief};
    for (size_t i = 0; node->op == IX_WHERE && i < 2; i++) {
        enum ix_seen seen = glance(b, make[i], node, doc);
        assert_true(seen == IX_READ || seen == (yes ? IX_YES : IX_NO));
    }
    for (size_t i = 0; i < node->nkid; i++)
        yes = takes(b, node->kid[i], doc) && yes;
    return yes;
}

static bool accepts(struct bench *b, const char *query, const char *title, const char *body)
{
    struct q_plan plan;
    const struct ix_doc doc = {.title = str_of(title), .body = str_of(body)};
    assert_int_equal(bench_plan(b, str_of(query), &plan), ST_OK);
    bool yes = takes(b, plan.all, &doc);
    assert_int_equal(b->check.st, ST_OK);
    return yes;
}

static const struct ix_node *find_where(const struct ix_node *node)
{
    const struct ix_node *found = node->op == IX_WHERE ? node : NULL;
    for (size_t i = 0; i < node->nkid && !found; i++)
        found = find_where(node->kid[i]);
    return found;
}

/* The document is read only where its text has a reading that the run may be a piece of, or the run
 * has characters that are not kept. A brief extract tells of the title and the address. */
static void a_glance_is_enough_mostly(void **state)
{
    (void)state;
    static const struct {
        const char *query, *body;
        enum ix_seen seen, brief;
    } cases[] = {
        {"“三大战略任务”", "完成三大战略任务。", IX_YES, IX_READ},
        {"“三大战略任务”", "完成三大戰(zhàn)略·任務。", IX_YES, IX_READ},
        {"“三大战略任务”", "任务：三大战略。", IX_NO, IX_READ},
        {"“关于iphone”", "关于iPhone的通知", IX_YES, IX_READ},
        {"“iphone手机”", "关于（一）iPhone", IX_NO, IX_READ},
        {"“iphone手机”", "關(guān)于iPhone", IX_READ, IX_READ},
        {"“𠮷野家店”", "𠮷野家店", IX_READ, IX_READ},
        {"题目 ~3 部署", "题目和部署", IX_YES, IX_READ},
        {"题目 ~3 部署", "题目不是这样来部署的", IX_NO, IX_READ},
        {"网址：GOV.cn/a", "", IX_YES, IX_YES},
        {"url:gov.cn/b", "", IX_NO, IX_NO},
        {"标题：年度", "", IX_YES, IX_YES},
        {"标题：“今年”", "今年", IX_NO, IX_NO},
        {"“年度标题”", "", IX_YES, IX_YES},
        {"年度 ~3 标题", "", IX_YES, IX_YES},
        {"“（一）”", "第一、（一）", IX_YES, IX_READ},
        {"“（一）”", "（二）一）", IX_NO, IX_READ},
    };
    struct bench b;
    bench_open(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct q_plan plan;
        const struct ix_doc doc = {.title = STR("年度标题"),
                                   .body = str_of(cases[i].body),
                                   .url = STR("http://Gov.cn/A/1")};
        assert_int_equal(bench_plan(&b, str_of(cases[i].query), &plan), ST_OK);
        const struct ix_node *node = find_where(plan.all);
        assert_non_null(node);
        assert_int_equal(glance(&b, q_extract, node, &doc), cases[i].seen);
        assert_int_equal(glance(&b, q_extract_brief, node, &doc), cases[i].brief);
        takes(&b, node, &doc);
    }
    bench_close(&b);
}

static void exact_runs_are_verified(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const char *body = "全市要完成“三大戰(zhàn)略任務”，同心協(xié)力。";
    assert_true(accepts(&b, "\"三大战略任务\"", "", body));
    assert_true(accepts(&b, "\"三大戰略任務\"", "", body));
    assert_true(accepts(&b, "\"三大战略任务\"", "三大战略任务", "无关"));
    assert_true(accepts(&b, "\"三大战略\" \"完成\"", "三大战略", body));
    assert_false(accepts(&b, "\"三大任务\"", "", body));
    /* All its pairs stand in the text, but not in one row. */
    assert_false(accepts(&b, "\"发展经济发\"", "", "发展经济，经济发展"));
    bench_close(&b);
}

static void exact_runs_see_separators_but_not_dots(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    assert_true(accepts(&b, "\"公告，通知\"", "", "见公告，通知另发"));
    assert_true(accepts(&b, "\"公告,通知\"", "", "见公告，通知另发"));
    assert_false(accepts(&b, "\"公告，通知\"", "", "见公告通知"));
    assert_true(accepts(&b, "\"大场景·小切口\"", "", "坚持大場景小切口"));
    assert_true(accepts(&b, "\"大场景小切口\"", "", "坚持“大場景·小切口”"));
    bench_close(&b);
}

static void exact_runs_are_found_inside_readings(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const char *body = "大會強調(diào)，要抓發(fā)展。";
    assert_true(accepts(&b, "\"强调，要抓发展\"", "", body));
    assert_true(accepts(&b, "\"強調(diào)，要\"", "", body));
    assert_true(accepts(&b, "\"強調(di\"", "", body));
    assert_true(accepts(&b, "\"iào)，要抓\"", "", body));
    assert_true(accepts(&b, "\"ào)，要抓發(fā\"", "", body));
    assert_true(accepts(&b, "\"（diao），要抓\"", "", body)); /* from its parenthesis on */
    assert_false(accepts(&b, "\"強調(dia\"", "", "大會強調，要抓"));
    bench_close(&b);
}

static void a_wrong_line_of_synonyms_is_named(void **state)
{
    static const char *const cases[][2] = {
        {"公告 = 通知\n\n会议 发展\n", ":3: expected WORD = WORD, … or WORD => WORD, …"},
        {"公告 = 通知,,会议", ":1: a word is missing, or there are more than 64"},
        {"公告 = ·", ":1: a word has 1 to 64 characters: ·"},
    };
    (void)state;
    struct bench b;
    char *path;
    bench_open(&b);
    assert_true(asprintf(&path, "%s/synonyms", b.folder) > 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct q_synonyms *synonyms = NULL;
        assert_int_equal(file_put(path, str_of(cases[i][0]), 0644, &b.err), ST_OK);
        assert_int_equal(q_synonyms_open(path, &synonyms, &b.err), ST_CONFIG);
        assert_string_equal(b.err.text + strlen(path), cases[i][1]);
    }
    free(path);
    bench_close(&b);
}

/* Who typed a short query is not told that it is long. */
static void synonyms_never_make_a_query_too_long(void **state)
{
    (void)state;
    struct bench b;
    struct q_plan plan;
    struct buf out;
    bench_open(&b);
    buf_init(&out, 4096);
    bench_synonyms(&b, STR("会议 = 全市大会"));
    b.opts.limits.terms = 6;
    /* 会议 and 发展 with their words are two terms each, 全市大会 would be more. */
    assert_int_equal(bench_plan(&b, STR("会议 发展 工作"), &plan), ST_OK);
    q_dump_lowered(plan.all, NULL, &out);
    buf_addc(&out, '\0');
    assert_string_equal(out.p, "(and 1.5*会议 1.5*发展 1.5*工作)");
    buf_fini(&out);
    bench_close(&b);
}

static void strictly_the_place_of_what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *query;
        long at;
    } cases[] = {{"防汛 \"值守", 7}, {"a&b", 1},         {"C#", 1},     {":)", 1},
                 {"防汛 |", 7},      {"http://x", 0},    {"防汛 (", 7}, {"title: x", 0},
                 {"AND 防汛", 0},    {"date:2024-13", 5}};
    (void)state;
    struct bench b;
    struct q_plan plan;
    bench_open(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        b.opts.strict = false;
        assert_int_equal(bench_plan(&b, str_of(cases[i].query), &plan), ST_OK);
        b.opts.strict = true;
        assert_int_equal(bench_plan(&b, str_of(cases[i].query), &plan), ST_SYNTAX);
        assert_int_equal(b.err.offset, cases[i].at);
    }
    bench_close(&b);
}

static void depth_and_length_have_limits(void **state)
{
    (void)state;
    struct bench b;
    struct q_plan plan;
    bench_open(&b);
    b.opts.limits.depth = 2;
    assert_int_equal(bench_plan(&b, STR("((强调))"), &plan), ST_OK);
    assert_int_equal(bench_plan(&b, STR("(((强调)))"), &plan), ST_TOO_MUCH);
    assert_string_equal(b.err.text, "nested deeper than 2 (search.max_depth)");
    b.opts.limits.bytes = 6;
    assert_int_equal(bench_plan(&b, STR("强调"), &plan), ST_OK);
    assert_int_equal(bench_plan(&b, STR("强调 "), &plan), ST_TOO_MUCH);
    assert_string_equal(b.err.text, "the query is longer than 6 bytes (search.max_bytes)");
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),
        cmocka_unit_test(too_many_runs_names_the_limit_and_the_place),
        cmocka_unit_test(words_inside_long_words_take_no_room),
        cmocka_unit_test(too_many_characters_by_themselves_are_refused),
        cmocka_unit_test(dates_for_too_many_days_are_refused),
        cmocka_unit_test(what_was_not_typed_leaves_its_room),
        cmocka_unit_test(too_many_terms_names_the_limit_and_the_run),
        cmocka_unit_test(a_long_repetition_is_no_flood),
        cmocka_unit_test(no_memory_is_said),
        cmocka_unit_test(a_glance_is_enough_mostly),
        cmocka_unit_test(exact_runs_are_verified),
        cmocka_unit_test(exact_runs_see_separators_but_not_dots),
        cmocka_unit_test(exact_runs_are_found_inside_readings),
        cmocka_unit_test(synonyms_never_make_a_query_too_long),
        cmocka_unit_test(a_wrong_line_of_synonyms_is_named),
        cmocka_unit_test(strictly_the_place_of_what_is_wrong_is_told),
        cmocka_unit_test(depth_and_length_have_limits),
    };
    return RUN_TESTS(tests);
}
