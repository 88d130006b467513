/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which hit comes before which, case by case. */

#include "search_fixture.h"

static void open_ranked(struct shelf *s, const char *const row[][3], size_t n)
{
    shelf_open(s, 1);
    s->opts.closeness = 0.4;
    s->opts.title = 1;
    s->opts.closeness_top = 20;
    shelf_fill(s, 0, row, n);
    shelf_serve(s);
}

#define OPEN_RANKED(s, rows) open_ranked((s), (rows), sizeof(rows) / sizeof((rows)[0]))

/* Both have every pair of the run, and are as long. */
static void an_exact_phrase_comes_before_scattered_pairs(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"scattered", "", "水库管理单位要做好库大小坝的登记，大坝检查另行安排。"},
        {"phrase", "", "水库大坝的管理单位要做好登记，库大小坝另行安排检查。"},
    };
    struct shelf s;
    OPEN_RANKED(&s, row);
    shelf_expect(&s, "水库大坝", "phrase scattered");
    shelf_close(&s);
}

static void words_side_by_side_come_before_words_apart(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"apart", "", "水库的管理单位要做好各项准备，有关部门派人到现场察看，逐项检查。"},
        {"beside", "", "各地的管理单位要做好各项准备，有关部门派人到现场，水库检查完毕。"},
        {"flood", "", "全市防汛工作会议召开。"},
        {"school", "", "各校九月一日开学。"},
        {"reform", "", "推行机制，逐项落实。"},
        {"dam", "", "发现隐患三处。"},
    };
    struct shelf s;
    OPEN_RANKED(&s, row);
    shelf_expect(&s, "水库 检查", "beside apart");
    shelf_expect(&s, "检查 水库", "beside apart");
    shelf_close(&s);
}

/* Scores too, to the last bit: a page may be served from memory and the next one not. */
static void the_ranking_is_the_same_with_texts_in_memory(void **state)
{
    (void)state;
    static const char *const query[] = {"水库 检查", "水库管理办法", "水库 𠀀坝", "管理 水库"};
    static const char *const row[][3] = {
        {"scattered", "登记", "水库管理单位要做好库大小坝的登记，\n大坝检查(jiǎn chá)另行安排。"},
        {"phrase", "水库管理办法", "水库大坝的管理单位要做好登记，\n库大小坝另行安排检查。"},
        {"rare", "通知", "水库𠀀坝的检查，水庫管理辦法。"},
    };
    enum { QUERIES = sizeof(query) / sizeof(query[0]) };
    struct shelf s;
    char *ids[QUERIES];
    double score[QUERIES][3];
    OPEN_RANKED(&s, row);
    for (size_t i = 0; i < QUERIES; i++) {
        struct srch_result r = shelf_search(&s, query[i]);
        ids[i] = shelf_ids(&r);
        for (size_t k = 0; k < r.nhit; k++)
            score[i][k] = r.hit[k].score;
    }
    s.opts.text_bytes = 1 << 20;
    shelf_search(&s, "\"水库大坝的管理\""); /* which has to look at texts */
    while (srch_idle(s.srch))
        continue;
    for (size_t i = 0; i < QUERIES; i++) {
        shelf_expect(&s, query[i], ids[i]);
        struct srch_result r = shelf_search(&s, query[i]);
        for (size_t k = 0; k < r.nhit; k++)
            assert_true(r.hit[k].score == score[i][k]);
        free(ids[i]);
    }
    shelf_close(&s);
}

/* With readings, few characters take many bytes. */
static void a_long_text_ranks_the_same_in_memory(void **state)
{
    (void)state;
    enum { READINGS = 15000 };
    struct shelf s;
    struct buf body;
    buf_init(&body, 1 << 20);
    for (int i = 0; i < READINGS; i++)
        buf_addz(&body, "茶(chá)");
    buf_addz(&body, "。水库大坝检查完毕。");
    const char *const row[][3] = {{"long", "通知", buf_take(&body)},
                                  {"other", "通知", "水库大坝检查另行安排。"}};
    OPEN_RANKED(&s, row);
    double cold[2];
    struct srch_result r = shelf_search(&s, "水库大坝检查");
    assert_int_equal(r.nhit, 2);
    for (size_t i = 0; i < 2; i++)
        cold[i] = r.hit[i].score;
    shelf_search(&s, "\"水库大坝\"");
    while (srch_idle(s.srch))
        continue;
    r = shelf_search(&s, "水库大坝检查");
    for (size_t i = 0; i < 2; i++)
        assert_true(r.hit[i].score == cold[i]);
    free((char *)(uintptr_t)row[0][2]);
    shelf_close(&s);
}

static void the_bulletin_with_the_title_comes_before_those_that_cite_it(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"cites", "关于修改水库管理办法的说明", "水库管理办法施行以来，水库管理办法的效果是好的。"},
        {"is", "水库管理办法", "第一条　为了安全，制定本办法。"},
        {"body", "通知", "水库管理办法已经公布，请遵照水库管理办法执行。"},
    };
    struct shelf s;
    OPEN_RANKED(&s, row);
    shelf_expect(&s, "水库管理办法", "is cites body");
    shelf_expect(&s, "水庫管理辦法", "is cites body");
    shelf_close(&s);
}

/* The short name of a law, which forty notices cite more often than the law says it. */
static void what_a_title_ends_with_is_what_it_is_about(void **state)
{
    (void)state;
    enum { NOTICES = 40 };
    static char id[NOTICES][16];
    const char *row[NOTICES + 1][3];
    for (int i = 0; i < NOTICES; i++) {
        snprintf(id[i], sizeof(id[i]), "n%d", i);
        row[i][0] = id[i];
        row[i][1] = "关于宣传献血法的通知";
        row[i][2] = "献血法宣传周学习献血法，宣传献血法，落实献血法。";
    }
    row[NOTICES][0] = "law";
    row[NOTICES][1] = "中华人民共和国献血法（2）";
    row[NOTICES][2] = "第九条　血站依照献血法免费检查献血者的健康。";
    struct shelf s;
    open_ranked(&s, row, NOTICES + 1);
    struct srch_result r = shelf_search(&s, "献血法");
    assert_true(r.nhit > 1 && str_eq(r.hit[0].doc.id, STR("law")));
    shelf_close(&s);
}

/* All are of one day, so it is by id. */
static void by_date_nothing_else_counts(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"cites", "关于修改水库管理办法的说明", "水库管理办法施行以来，效果是好的。"},
        {"is", "水库管理办法", "第一条　为了安全，制定本办法。"},
        {"body", "通知", "水库管理办法已经公布。"},
    };
    struct shelf s;
    struct srch_result r;
    OPEN_RANKED(&s, row);
    const struct srch_request req = {.text = STR("水库管理办法"), .limit = 10, .sort = SRCH_NEWEST};
    assert_int_equal(srch_search(s.srch, &req, &s.b.a, &r, &s.b.err), ST_OK);
    char *ids = shelf_ids(&r);
    assert_string_equal(ids, "body cites is");
    free(ids);
    shelf_close(&s);
}

static void serve_with_stop_words(struct shelf *s, const char *const row[][3], size_t n)
{
    static char path[4096];
    shelf_open(s, 1);
    snprintf(path, sizeof(path), "%s/stopwords", s->b.folder);
    assert_int_equal(file_new(path, STR("# these\n什么 的 是\n什么是 # and these\n"), 0644, NULL),
                     ST_OK);
    s->opts.stopwords = path;
    s->opts.stop = 0.1;
    shelf_fill(s, 0, row, n);
    shelf_serve(s);
}

static void question_words_hardly_matter(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"asks", "", "什么是要紧的？什么是急的？各人有各人的看法，说不好。"},
        {"tells", "", "水库管着一方的用水，水库的大坝要常看，要常修。"},
        {"other", "", "茶叶收成好于往年，全市茶叶产量增长。"},
        {"more", "", "各校九月一日开学，通知另发。"},
    };
    struct shelf s;
    serve_with_stop_words(&s, row, 4);
    shelf_expect(&s, "什么是水库", "tells asks");
    shelf_expect(&s, "什么是", "asks"); /* nothing else was asked for */
    shelf_close(&s);
}

/* Terms that tell much are worth more of it than those that tell little, and how often one of them
 * is said counts only among equals. */
static void most_of_a_query_comes_before_a_part_that_is_said_often(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"part", "", "水库水库水库水库，水库水库。"},
        {"most", "", "水库的大坝已经逐项检查，各项工作都在有序推进，有关部门还要再看，再议。"},
        {"all", "",
         "水库的大坝已经逐项检查完毕，各项工作都在有序推进，有关部门还要再看一看，再议一议。"},
        {"flood", "", "全市防汛工作会议召开，水库也要看。"},
        {"school", "", "各校九月一日开学。"},
        {"done", "", "工程完毕，完毕，水库完毕。"},
        {"over", "", "会议完毕。"},
    };
    struct shelf s;
    OPEN_RANKED(&s, row);
    s.opts.most = 0.75;
    struct srch_result r = shelf_search(&s, "水库 大坝 检查 完毕");
    assert_true(r.relaxed);
    assert_int_equal(r.total, 6);
    assert_true(str_eq(r.hit[0].doc.id, STR("all")));
    assert_true(str_eq(r.hit[1].doc.id, STR("most")));
    shelf_close(&s);
}

/* Rows are {id, date, body}. */
static void fill_dated(struct shelf *s, const char *const row[][3], size_t n)
{
    struct ix_writer *w;
    const struct ix_writer_opts opts = {.fold = an_fold_version()};
    uint64_t generation;
    assert_int_equal(ix_writer_open(s->dir[0], &opts, &w, &s->b.err), ST_OK);
    for (size_t i = 0; i < n; i++) {
        const struct ix_doc doc = {
            .id = str_of(row[i][0]), .date = str_of(row[i][1]), .body = str_of(row[i][2])};
        shelf_put(s, w, &doc);
    }
    assert_int_equal(ix_writer_publish(w, &generation, &s->b.err), ST_OK);
    ix_writer_close(w);
}

/* With a half-life a newer bulletin comes first; one without a date counts like one that is as old
 * as the half-life. What was new long ago counts no more than what is old. */
static void what_is_new_comes_first_with_a_half_life(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"old", "1950-06-01", "水库的大坝已经检查，水库也检查了。"},
        {"new", "2025-10-31", "水库的大坝已经检查，各项工作有序推进。"},
        {"undated", "", "水库的大坝已经检查，各项工作有序推进。"},
        {"good", "1950-06-01", "水库，水库大坝，水库检查，水库，水库大坝，水库。"},
        {"tea", "2025-10-31", "全市茶叶产量增长。"},
        {"school", "2025-10-31", "各校九月一日开学。"},
        {"reform", "2025-10-31", "推行机制，逐项落实。"},
        {"flood", "2025-10-31", "全市防汛工作会议召开。"},
        {"court", "2025-10-31", "法院公开审理案件。"},
    };
    struct shelf s;
    shelf_open(&s, 1);
    fill_dated(&s, row, sizeof(row) / sizeof(row[0]));
    shelf_serve(&s);
    shelf_expect(&s, "水库", "good old undated new");
    s.opts.half_life = 3650;
    shelf_expect(&s, "水库", "new undated good old");
    s.opts.half_life = 1;
    shelf_expect(&s, "水库", "undated good old new");
    shelf_close(&s);
}

/* However near its words stand. */
static void a_part_of_the_query_comes_behind_all_of_it(void **state)
{
    (void)state;
    static const char *const row[][3] = {
        {"part", "水库大坝", "水库大坝，水库大坝。"},
        {"all", "", "检查组看了水库，还有各处的若干其他设施，最后到了大坝。"},
    };
    struct shelf s;
    OPEN_RANKED(&s, row);
    shelf_expect(&s, "水库 大坝 检查", "all part");
    shelf_close(&s);
}

enum { MANY = 30 };

/* More hits than are looked at. */
static void pages_hold_together_behind_those_looked_at(void **state)
{
    (void)state;
    const char *row[MANY][3];
    char id[MANY][16], all[MANY * 16] = "";
    struct shelf s;
    struct srch_result r;
    for (int i = 0; i < MANY; i++) {
        snprintf(id[i], sizeof(id[i]), "n%02d", i);
        row[i][0] = id[i];
        row[i][1] = i % 3 ? "通报" : "水库 检查";
        row[i][2] = i % 2 ? "水库要检查，大坝也要。" : "检查大坝，也看水库。";
    }
    OPEN_RANKED(&s, row);
    assert_int_equal(shelf_try(&s, "水库 检查", 0, MANY, &r), ST_OK);
    assert_int_equal(r.nhit, MANY);
    for (size_t i = 0; i < r.nhit; i++) {
        strncat(all, r.hit[i].doc.id.p, r.hit[i].doc.id.n);
        if (i > 0)
            assert_true(r.hit[i].score <= r.hit[i - 1].score);
    }
    for (size_t at = 0; at < MANY; at++) {
        assert_int_equal(shelf_try(&s, "水库 检查", at, 1, &r), ST_OK);
        assert_memory_equal(r.hit[0].doc.id.p, all + 3 * at, 3);
    }
    shelf_close(&s);
}

/* Documents that were replaced still count for how frequent a term is, so a term may be in more
 * documents than there are. */
static void what_was_replaced_makes_no_term_weigh_less_than_nothing(void **state)
{
    (void)state;
    const struct ix_writer_opts opts = {.fold = an_fold_version(), .merge_ms = IX_NO_MERGE};
    struct shelf s;
    shelf_open(&s, 1);
    for (int round = 0; round < 2; round++) {
        struct ix_writer *w;
        uint64_t generation;
        assert_int_equal(ix_writer_open(s.dir[0], &opts, &w, &s.b.err), ST_OK);
        for (int i = 0; i < 20; i++) {
            char id[16], body[96];
            snprintf(id, sizeof(id), "d%02d", i);
            snprintf(body, sizeof(body), "水库大坝检查第%d次%s", i, round ? "复查" : "");
            const struct ix_doc doc = {.id = str_of(id), .body = str_of(body)};
            if (round == 0 || i < 10)
                shelf_put(&s, w, &doc);
        }
        assert_int_equal(ix_writer_publish(w, &generation, &s.b.err), ST_OK);
        ix_writer_close(w);
    }
    shelf_serve(&s);
    struct srch_result r = shelf_search(&s, "水库大坝检查 复查 茶叶");
    assert_true(r.relaxed);
    assert_int_equal(r.total, 20);
    for (size_t i = 0; i < r.nhit; i++)
        assert_true(r.hit[i].score >= 0);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_phrase_comes_before_scattered_pairs),
        cmocka_unit_test(what_was_replaced_makes_no_term_weigh_less_than_nothing),
        cmocka_unit_test(words_side_by_side_come_before_words_apart),
        cmocka_unit_test(the_bulletin_with_the_title_comes_before_those_that_cite_it),
        cmocka_unit_test(what_a_title_ends_with_is_what_it_is_about),
        cmocka_unit_test(by_date_nothing_else_counts),
        cmocka_unit_test(question_words_hardly_matter),
        cmocka_unit_test(most_of_a_query_comes_before_a_part_that_is_said_often),
        cmocka_unit_test(the_ranking_is_the_same_with_texts_in_memory),
        cmocka_unit_test(a_long_text_ranks_the_same_in_memory),
        cmocka_unit_test(what_is_new_comes_first_with_a_half_life),
        cmocka_unit_test(a_part_of_the_query_comes_behind_all_of_it),
        cmocka_unit_test(pages_hold_together_behind_those_looked_at),
    };
    return RUN_TESTS(tests);
}
