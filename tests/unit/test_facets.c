/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Counts of hits by field, and filters by the same fields. */

#include "dice.h"
#include "search_fixture.h"

#include <gongbao/utf8.h>

struct bulletin {
    const char *id, *date, *issuer, *tag, *body;
};

static void put_all(struct shelf *s, const struct bulletin *b, size_t n)
{
    struct ix_writer *w;
    const struct ix_writer_opts opts = {.fold = an_fold_version()};
    uint64_t generation;
    assert_int_equal(ix_writer_open(s->dir[0], &opts, &w, &s->b.err), ST_OK);
    for (size_t i = 0; i < n; i++) {
        const struct str tag = str_of(b[i].tag);
        const struct ix_doc doc = {.id = str_of(b[i].id),
                                   .date = str_of(b[i].date),
                                   .issuer = str_of(b[i].issuer),
                                   .tags = &tag,
                                   .ntags = tag.n > 0,
                                   .body = str_of(b[i].body)};
        shelf_put(s, w, &doc);
    }
    assert_int_equal(ix_writer_publish(w, &generation, &s->b.err), ST_OK);
    ix_writer_close(w);
}

/* Two batches, so that counts are joined over segments. */
static void open_bulletins(struct shelf *s)
{
    static const struct bulletin first[] = {
        {"a", "2024-10-31", "水利局", "防汛", "水库大坝安全"},
        {"b", "2024-09-01", "水利局", "通知", "水库巡查"},
        {"c", "2023-09-01", "应急局", "防汛", "水库预案"},
    };
    static const struct bulletin second[] = {
        {"d", "", "应急局", "", "水库调度，周明远在场"},
        {"e", "2024-10-01", "水利局", "防汛", "茶叶"},
        {"f", "2024-10-02", "水利局", "防汛", "水库蓄水"},
    };
    shelf_open(s, 1);
    put_all(s, first, 3);
    put_all(s, second, 3);
    shelf_serve(s);
}

static struct srch_result ask(struct shelf *s, struct srch_request req)
{
    struct srch_result r;
    req.text = STR("水库");
    req.limit = 2;
    arena_reset(&s->b.a);
    enum st st = srch_search(s->srch, &req, &s->b.a, &r, &s->b.err);
    if (st != ST_OK)
        print_error("%s\n", s->b.err.text);
    assert_int_equal(st, ST_OK);
    return r;
}

/* The rows of a facet as "value n value n". */
static void assert_rows(const struct srch_facet *f, const char *rows)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_adds(&b, f->name);
    for (size_t i = 0; i < f->n; i++)
        buf_addf(&b, " " STR_FMT " %ju", STR_ARG(f->row[i].value), (uintmax_t)f->row[i].n);
    char *got = buf_take(&b);
    assert_string_equal(got, rows);
    free(got);
}

static void every_hit_counts_whatever_the_page(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_result r =
        ask(&s, (struct srch_request){.facet = STR("issuer,tag,year,month,year")});
    assert_int_equal(r.total, 5);
    assert_int_equal(r.nhit, 2);
    assert_int_equal(r.nfacet, 4);
    assert_rows(&r.facet[0], "issuer 水利局 3 应急局 2");
    assert_rows(&r.facet[1], "tag 防汛 3 通知 1");
    assert_rows(&r.facet[2], "year 2024 3 2023 1");
    assert_rows(&r.facet[3], "month 2024-10 2 2024-09 1 2023-09 1");
    assert_int_equal(r.facet[0].more, 0);
    r = ask(&s, (struct srch_request){.facet = STR("who")});
    assert_rows(&r.facet[0], "who 周明远 1");
    shelf_close(&s);
}

/* 周明远 is a name in one text, and its pairs of characters stand in three others too. 吴舜泽 is
 * one wherever it stands, and 平乐镇 is a place. */
static void what_is_seldom_seen_for_a_name_is_not_told(void **state)
{
    (void)state;
    static const struct bulletin b[] = {
        {"a", "", "", "", "水库调度，周明远在场，吴舜泽主持"},
        {"b", "", "", "", "水库上周明的，看不见明远的"},
        {"c", "", "", "", "水库上周明的，看见明远的"},
        {"d", "", "", "", "水库在平乐镇，上周明的，看得见明远的"},
    };
    struct shelf s;
    shelf_open(&s, 1);
    put_all(&s, b, 4);
    shelf_serve(&s);
    struct srch_result r = ask(&s, (struct srch_request){.facet = STR("who")});
    assert_rows(&r.facet[0], "who 吴舜泽 1");
    assert_int_equal(r.facet[0].more, 0);
    assert_int_equal(ask(&s, (struct srch_request){.who = STR("周明远")}).total, 1);
    assert_int_equal(ask(&s, (struct srch_request){.who = STR("平乐镇")}).total, 1);
    shelf_close(&s);
}

static void filters_narrow_what_is_counted(void **state)
{
    (void)state;
    struct shelf s;
    open_bulletins(&s);
    struct srch_result r =
        ask(&s, (struct srch_request){.facet = STR("issuer"), .tag = STR("防汛")});
    assert_int_equal(r.total, 3);
    assert_rows(&r.facet[0], "issuer 水利局 2 应急局 1");
    assert_int_equal(ask(&s, (struct srch_request){.from = STR("2024-10")}).total, 2);
    assert_int_equal(ask(&s, (struct srch_request){.to = STR("2024-09")}).total, 2);
    assert_int_equal(ask(&s, (struct srch_request){.since = 1}).total, 2);
    r = ask(&s, (struct srch_request){.who = STR("周明遠")});
    assert_int_equal(r.total, 1);
    assert_str(r.hit[0].doc.id, "d");
    shelf_close(&s);
}

/* A value too long for a term is known by its sum alone. */
static void a_long_value_is_found_in_quotes(void **state)
{
    (void)state;
    struct shelf s;
    char issuer[90 * sizeof("水")] = "";
    char *query;
    for (size_t i = 0; i < 90; i++)
        strcat(issuer, "水");
    const struct bulletin b[] = {{"a", "2024-10-31", issuer, "", "水库"}};
    shelf_open(&s, 1);
    put_all(&s, b, 1);
    shelf_serve(&s);
    assert_true(asprintf(&query, "issuer:\"%s\"", issuer) > 0);
    shelf_expect(&s, query, "a");
    free(query);
    for (const char *digit = "0123456789abcdef"; *digit; digit++) {
        char piece[] = {'i', 's', 's', 'u', 'e', 'r', ':', *digit, '\0'};
        shelf_expect(&s, piece, "");
    }
    shelf_close(&s);
}

/* A repost is told by the number of copies; another text stays a hit of its own. */
static void reposts_are_one_hit(void **state)
{
    (void)state;
    static const char text[] =
        "水库大坝安全检查工作会议在县政府召开，会议强调各乡镇要落实防汛责任，"
        "加强巡查值守，做好物资储备和群众转移预案，确保安全度汛。";
    static const struct bulletin b[] = {
        {"a", "2024-10-31", "", "", text},
        {"again", "2024-11-01", "", "", text},
        {"once-more", "2024-11-02", "", "", text},
        {"other", "2024-01-01", "", "", "水库渔业养殖收入增加，农户增收明显。"},
    };
    struct shelf s;
    shelf_open(&s, 1);
    put_all(&s, b, 4);
    shelf_serve(&s);
    struct srch_result r = ask(&s, (struct srch_request){.collapse = true});
    assert_int_equal(r.total, 4);
    assert_int_equal(r.nhit, 2);
    size_t first = str_eq(r.hit[0].doc.id, STR("other"));
    assert_str(r.hit[first].doc.id, "once-more");
    assert_int_equal(r.hit[first].copies, 2);
    assert_int_equal(r.hit[!first].copies, 0);
    shelf_close(&s);
}

/* Reposts as they are met. */
static void a_repost_may_differ_a_little(void **state)
{
    (void)state;
#define FIRST_HALF                                                                                                                         \
    "水库大坝安全检查工作会议在县政府召开，会议强调各乡镇要落实防汛责任，加强巡查值守，"          \
    "做好物资储备和群众转移预案，确保安全度汛。水利部门通报了汛前检查的情况，指出部分小型水库" \
    "溢洪道淤积、启闭设施老化、观测资料不全，要求限期整改，逐项销号。"
#define SECOND_HALF                                                                                                                              \
    "气象部门预测今年主汛期降水偏多，可能出现区域性暴雨，要求提高预报精度，及时发布预警信息。"       \
    "应急管理部门负责抢险队伍的组织和演练，自然资源部门负责地质灾害隐患点的排查，"                         \
    "交通运输部门保障抢险道路畅通，财政部门安排专项资金。会后，与会人员到青石水库现场察看了大坝、" \
    "放水设施和防汛仓库。"
    static const struct bulletin b[] = {
        {"text", "2024-10-31", "", "", FIRST_HALF SECOND_HALF},
        {"behind", "2024-10-30", "", "", FIRST_HALF SECOND_HALF "\n编辑：王小明 审核：陈刚"},
        {"shorter", "2024-10-29", "", "", FIRST_HALF "会后，与会人员到现场察看。" SECOND_HALF},
        {"passed-on", "2024-10-28", "", "", "（轉載）" FIRST_HALF SECOND_HALF},
        {"half", "2024-10-27", "", "", FIRST_HALF},
    };
    struct shelf s;
    struct srch_result r;
    const struct srch_request req = {
        .text = STR("水库"), .limit = 10, .collapse = true, .sort = SRCH_NEWEST};
    shelf_open(&s, 1);
    put_all(&s, b, 5);
    shelf_serve(&s);
    assert_int_equal(srch_search(s.srch, &req, &s.b.a, &r, &s.b.err), ST_OK);
    assert_int_equal(r.nhit, 2);
    assert_str(r.hit[0].doc.id, "text");
    assert_int_equal(r.hit[0].copies, 3);
    assert_str(r.hit[1].doc.id, "half");
    shelf_close(&s);
}

/* More kept hits than are compared one by one: each group stays one hit, on whatever page. */
static void many_groups_are_told_apart(void **state)
{
    (void)state;
    enum { GROUPS = 300, COPIES = 3 };
    struct shelf s;
    struct ix_writer *w;
    struct srch_result r;
    struct dice dice = {11};
    const struct ix_writer_opts opts = {.fold = an_fold_version()};
    uint64_t generation;
    shelf_open(&s, 1);
    assert_int_equal(ix_writer_open(s.dir[0], &opts, &w, &s.b.err), ST_OK);
    for (unsigned g = 0; g < GROUPS; g++) {
        char body[1024] = "水库", id[32];
        for (size_t n = strlen(body); n + 4 < sizeof(body) - 16;)
            n += utf8_put(0x4e00 + (uint32_t)dice_below(&dice, 4000), body + n);
        for (unsigned c = 0; c < COPIES; c++) {
            snprintf(id, sizeof(id), "%03u-%u", g, c);
            struct str text = str_of(body);
            text.n -= 3 * c; /* the last characters cut */
            const struct ix_doc doc = {.id = str_of(id), .body = text};
            shelf_put(&s, w, &doc);
        }
    }
    assert_int_equal(ix_writer_publish(w, &generation, &s.b.err), ST_OK);
    ix_writer_close(w);
    shelf_serve(&s);
    for (uint64_t offset = 0; offset < GROUPS; offset += 150) {
        const struct srch_request req = {.text = STR("水库"),
                                         .offset = offset,
                                         .limit = 150,
                                         .collapse = true,
                                         .sort = SRCH_NEWEST};
        assert_int_equal(srch_search(s.srch, &req, &s.b.a, &r, &s.b.err), ST_OK);
        assert_int_equal(r.nhit, 150);
        for (uint64_t i = 0; i < r.nhit; i++) {
            char id[32];
            snprintf(id, sizeof(id), "%03u-0", (unsigned)(offset + i));
            assert_true(str_eq(r.hit[i].doc.id, str_of(id)));
            assert_int_equal(r.hit[i].copies, COPIES - 1);
        }
    }
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hit_counts_whatever_the_page),
        cmocka_unit_test(what_is_seldom_seen_for_a_name_is_not_told),
        cmocka_unit_test(filters_narrow_what_is_counted),
        cmocka_unit_test(a_long_value_is_found_in_quotes),
        cmocka_unit_test(reposts_are_one_hit),
        cmocka_unit_test(a_repost_may_differ_a_little),
        cmocka_unit_test(many_groups_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
