/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Searches: what each operation finds, how many, in what order, over segments and tombstones. */

#include "harness.h"
#include "index_fixture.h"
#include <math.h>

static void each_operation(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_six(f);
    struct ix_node a = term("apple"), b = term("berry"), c = term("cherry"), none = term("zzz");
    struct ix_node all = {.op = IX_ALL}, nothing = {.op = IX_NONE};
    struct ix_node both = tree(IX_AND, KIDS(&a, &c), 2);
    struct ix_node either = tree(IX_OR, KIDS(&b, &c, &none), 3);
    struct ix_node maybe = tree(IX_AND_MAYBE, KIDS(&b, &c, &nothing), 3);
    struct ix_node filter = tree(IX_FILTER, KIDS(&a, &b, &all), 3);
    struct ix_node without = tree(IX_AND_NOT, KIDS(&a, &c, &b, &nothing), 4);
    struct ix_node empty = tree(IX_AND, NULL, 0), no_kids = tree(IX_OR, NULL, 0);
    struct ix_node with_nothing = tree(IX_AND, KIDS(&a, &nothing), 2);
    struct ix_node zero = {.op = IX_TERM};
    assert_str(ids(f, o.view, &a), "4 1 2"); /* more often first, then shorter first */
    assert_str(sorted(f, ids(f, o.view, &all)), "1 2 3 4 5 6");
    assert_str(ids(f, o.view, &nothing), "");
    assert_str(ids(f, o.view, &none), "");
    assert_str(ids(f, o.view, &both), "4");
    assert_str(ids(f, o.view, &either), "3 5 2 4");
    assert_str(ids(f, o.view, &maybe), "3 2");
    assert_str(ids(f, o.view, &filter), "2");
    assert_str(ids(f, o.view, &without), "1");
    assert_str(ids(f, o.view, &empty), "");
    assert_str(ids(f, o.view, &no_kids), "");
    assert_str(ids(f, o.view, &with_nothing), "");
    assert_str(ids(f, o.view, &zero), "");
    close_index(&o);
}

static void weights_follow_the_tree(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_six(f);
    struct ix_node a = term("apple"), b = term("berry"), all = {.op = IX_ALL};
    struct ix_node half = {.op = IX_SCALE, .factor = 0.5, .kid = KIDS(&a), .nkid = 1};
    struct ix_node only_b = tree(IX_FILTER, KIDS(&a, &b), 2);
    const struct ix_search whole_q = query(&a), half_q = query(&half), all_q = query(&all),
                           filter_q = query(&only_b);
    struct ix_result whole = search(f, o.view, &whole_q);
    struct ix_result halved = search(f, o.view, &half_q);
    struct ix_result every = search(f, o.view, &all_q);
    struct ix_result filtered = search(f, o.view, &filter_q);
    assert_int_equal(whole.n, 3);
    for (size_t i = 0; i < whole.n; i++) {
        assert_int_equal(halved.hit[i].doc, whole.hit[i].doc);
        assert_true(halved.hit[i].score * 2 - whole.hit[i].score < 1e-9);
    }
    assert_true(every.hit[0].score == 0);
    assert_true(filtered.hit[0].score == whole.hit[2].score); /* berry's weight is not in it */
    half.factor = -1;
    struct ix_result r;
    assert_st(ix_search(o.view, &half_q, &f->arena, &r, &f->err), ST_INTERNAL, f);
    close_index(&o);
}

static struct ix_node prefix(const char *bytes)
{
    return (struct ix_node){.op = IX_PREFIX, .term = str_of(bytes)};
}

/* 法 finds 法 and 法律, not 法律学, nor what has it elsewhere. */
static void a_prefix_finds_what_is_one_character_longer(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    put(f, w, "1", "律 法律 法学");
    put(f, w, "2", "法");
    put(f, w, "3", "法律学 国法");
    put(f, w, "4", "法律");
    publish(f, w);
    w = open_writer(f);
    put(f, w, "5", "法a");
    assert_true(drop(f, w, "4"));
    publish(f, w);
    struct opened o = open_index(f);
    struct ix_node law = prefix("法"), none = prefix("零"), nothing = prefix("");
    const struct ix_search q = query(&law);
    struct ix_result r = search(f, o.view, &q);
    assert_str(sorted(f, ids(f, o.view, &law)), "1 2 5");
    assert_int_equal(r.total, 3);
    assert_true(r.exact);
    assert_str(ids(f, o.view, &none), "");
    assert_str(ids(f, o.view, &nothing), "");
    close_index(&o);
}

/* All terms with the prefix q weigh as the one term w does, which stands where they stand. */
static void a_prefix_weighs_like_a_term(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    put(f, w, "1", "qa qb w w");
    put(f, w, "2", "q w and some more that make it long");
    put(f, w, "3", "other");
    publish(f, w);
    w = open_writer(f);
    put(f, w, "4", "qb qb q w w w");
    put(f, w, "5", "another");
    put(f, w, "6", "one more");
    publish(f, w);
    struct opened o = open_index(f);
    struct ix_node one = term("w"), several = prefix("q");
    const struct ix_search by_term = query(&one), by_prefix = query(&several);
    struct ix_result a = search(f, o.view, &by_term), b = search(f, o.view, &by_prefix);
    assert_int_equal(a.n, 3);
    assert_int_equal(b.n, 3);
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.hit[i].doc, b.hit[i].doc);
        assert_true(a.hit[i].score > 0);
        assert_true(fabs(a.hit[i].score - b.hit[i].score) < 1e-9);
    }
    close_index(&o);
}

static void too_many_prefixes_are_refused(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_six(f);
    struct ix_node a = prefix("appl"), *kid[IX_PREFIX_MAX + 1];
    for (size_t i = 0; i <= IX_PREFIX_MAX; i++)
        kid[i] = &a;
    struct ix_node any = tree(IX_OR, kid, IX_PREFIX_MAX + 1);
    const struct ix_search q = query(&any);
    struct ix_result r;
    assert_st(ix_search(o.view, &q, &f->arena, &r, &f->err), ST_TOO_MUCH, f);
    any.nkid--;
    r = search(f, o.view, &q);
    assert_true(r.total > 0);
    close_index(&o);
}

/* Each takes four bytes a document of the segments that it is in, however often it is asked for. */
static void prefixes_stay_within_their_memory(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 1000, false);
    struct ix_node al = prefix("al"), ev = prefix("eve"), th = prefix("third"), no = prefix("zzz");
    struct ix_node *kid[] = {&al, &ev, &no, &ev, &th};
    struct ix_node any = tree(IX_OR, kid, 4);
    struct ix_search q = query(&any);
    struct ix_result r;
    ev.most = 10;
    q.prefix_bytes = 2 * 4 * (1000 + o.info.segments);
    assert_int_equal(search(f, o.view, &q).total, 1000);
    any.nkid = 5;
    assert_st(ix_search(o.view, &q, &f->arena, &r, &f->err), ST_TOO_MUCH, f);
    assert_non_null(strstr(f->err.text, "prefixes"));
    q.prefix_bytes *= 2;
    assert_int_equal(search(f, o.view, &q).total, 1000);
    close_index(&o);
}

static void tombstones_are_never_found_nor_counted(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_six(f);
    close_index(&o);
    struct ix_writer *w = open_writer(f);
    assert_true(drop(f, w, "4"));
    put(f, w, "1", "berry now");
    publish(f, w);
    o = open_index(f);
    struct ix_node a = term("apple"), all = {.op = IX_ALL};
    const struct ix_search q = query(&a), every = query(&all);
    struct ix_result r = search(f, o.view, &q);
    assert_str(ids_of(f, o.view, &q), "2");
    assert_int_equal(r.total, 1);
    assert_true(r.exact);
    r = search(f, o.view, &every);
    assert_int_equal(r.total, 5);
    assert_true(r.exact);
    uint64_t n, doc;
    assert_ok(ix_view_frequency(o.view, STR("apple"), &n, &f->err), f);
    assert_int_equal(n, 3); /* as ranking sees it: tombstones included */
    assert_int_equal(ix_view_documents(o.view), 5);
    assert_st(ix_find(o.view, STR("4"), &doc, &f->err), ST_NOT_FOUND, f);
    close_index(&o);
}

static void pages_past_the_end_are_empty(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_six(f);
    struct ix_node a = term("apple");
    struct ix_search q = query(&a);
    const uint64_t offset[] = {3, 4, 7, 1000000, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(offset) / sizeof(*offset); i++) {
        q.offset = offset[i];
        struct ix_result r = search(f, o.view, &q);
        assert_int_equal(r.n, 0);
        assert_int_equal(r.total, 3);
        assert_true(r.exact);
    }
    q.offset = 1;
    q.limit = UINT64_MAX;
    assert_str(ids_of(f, o.view, &q), "1 2");
    q.limit = 1;
    assert_str(ids_of(f, o.view, &q), "1");
    q.limit = 0;
    struct ix_result r = search(f, o.view, &q);
    assert_int_equal(r.n, 0);
    assert_int_equal(r.total, 3);
    close_index(&o);
}

static void totals_are_exact(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 1000, true);
    struct ix_node even = term("even"), third = term("third");
    struct ix_node both = tree(IX_AND, KIDS(&even, &third), 2);
    struct ix_node either = tree(IX_OR, KIDS(&even, &third), 2);
    struct ix_search q = query(&both);
    q.limit = 5;
    struct ix_result r = search(f, o.view, &q);
    assert_int_equal(r.total, 133); /* 167 multiples of 6, without 34 multiples of 30 */
    assert_true(r.exact);
    q.query = &either;
    r = search(f, o.view, &q);
    assert_int_equal(r.total, 500 + 334 - 167 - 100); /* every tenth is gone, all even */
    assert_true(r.exact);
    close_index(&o);
}

static void put_dated(struct fixture *f, struct ix_writer *w, const char *id, const char *date)
{
    const struct ix_doc doc = {.id = str_of(id), .date = str_of(date), .body = STR("x")};
    assert_ok(put_doc(f, w, &doc), f);
}

static struct str in_range(struct fixture *f, struct ix_view *v, const char *low, const char *high)
{
    struct ix_node range = {
        .op = IX_RANGE, .term = str_of(low), .high = str_of(high), .slot = IX_SLOT_DATE};
    return sorted(f, ids(f, v, &range));
}

static void ranges_of_dates(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer_sized(f, 3);
    put_dated(f, w, "a", "2023-12-31");
    put_dated(f, w, "none", "");
    put_dated(f, w, "b", "2024-01-01");
    put_dated(f, w, "c", "2024-10-31");
    put_dated(f, w, "d", "2025-01-01");
    put_dated(f, w, "neither", "");
    publish(f, w);
    struct opened o = open_index(f);
    assert_str(in_range(f, o.view, "20240101", "20241231"), "b c");
    assert_str(in_range(f, o.view, "20241031", "20241031"), "c");
    assert_str(in_range(f, o.view, "20241101", ""), "d");
    assert_str(in_range(f, o.view, "", "20240101"), "a b");
    assert_str(in_range(f, o.view, "", ""), "a b c d");
    assert_str(in_range(f, o.view, "20250101", "20240101"), "");
    struct ix_node month = {.op = IX_TERM};
    month.term = ix_field_term(IX_MONTH, STR("202410"), &f->arena);
    assert_str(ids(f, o.view, &month), "c");
    close_index(&o);
}

/* Equal scores: those without a date first, then the newest, then by id; by date those without one
 * are last. The same on each page. */
static void ties_have_an_order(void **state)
{
    struct fixture *f = *state;
    const char *date[] = {"2024-01-02", "", "2024-01-03", "2024-01-02", "2023-05-01"};
    const char *id[] = {"b", "e", "d", "a", "c"};
    struct opened o;
    for (size_t i = 0; i < 5; i++) {
        struct ix_writer *w = open_writer(f);
        const struct ix_term x = {STR("x"), 1};
        const struct ix_doc doc = {.id = str_of(id[i]), .date = str_of(date[i]), .body = STR("x")};
        assert_ok(ix_writer_put(w, &doc, &x, 1, &f->err), f);
        publish(f, w);
    }
    o = open_index(f);
    struct ix_node x = term("x");
    struct ix_search q = query(&x);
    assert_str(ids_of(f, o.view, &q), "e d a b c");
    q.order = IX_NEWEST;
    assert_str(ids_of(f, o.view, &q), "d a b c e");
    q.order = IX_OLDEST;
    assert_str(ids_of(f, o.view, &q), "c a b d e");
    q.limit = 1;
    for (q.offset = 0; q.offset < 5; q.offset++)
        assert_int_equal(ids_of(f, o.view, &q).p[0], "cabde"[q.offset]);
    close_index(&o);
}

/* Ids too long for a term are read from what is stored, one after the other. */
static void ties_of_long_ids_have_an_order(void **state)
{
    enum { DOCS = 7 };
    struct fixture *f = *state;
    char id[DOCS][IX_ID_MAX];
    struct ix_writer *w = open_writer(f);
    for (size_t i = 0; i < DOCS; i++) {
        size_t n = 480 - 20 * i;
        memset(id[i], 'x', n);
        id[i][0] = "dbgacfe"[i];
        const struct ix_doc doc = {.id = str_from(id[i], n), .body = STR("x")};
        assert_ok(put_doc(f, w, &doc), f);
    }
    publish(f, w);
    struct opened o = open_index(f);
    struct ix_node x = term("x");
    struct ix_search q = query(&x);
    struct ix_result r = search(f, o.view, &q);
    for (size_t k = 0; k < DOCS; k++)
        assert_int_equal(hit_id(f, o.view, &r.hit[k]).p[0], "abcdefg"[k]);
    q.limit = 1;
    for (q.offset = 0; q.offset < DOCS; q.offset++)
        assert_int_equal(ids_of(f, o.view, &q).p[0], "abcdefg"[q.offset]);
    close_index(&o);
}

static void count_visit(void *ctx, uint64_t doc, double score)
{
    assert_true(doc > 0 && score > 0);
    ++*(uint64_t *)ctx;
}

/* What a batch brought, also when its documents have been merged with others since. */
static void what_came_since_a_generation(void **state)
{
    struct fixture *f = *state;
    struct ix_node x = term("x"), since = {.op = IX_SINCE};
    struct ix_node both = tree(IX_FILTER, KIDS(&x, &since), 2);
    for (int i = 1; i <= 4; i++) {
        char a[] = {(char)('a' + 2 * i), 0}, b[] = {(char)('b' + 2 * i), 0};
        struct ix_writer *w = open_writer(f);
        put(f, w, a, "x");
        put(f, w, b, "x");
        publish(f, w);
    }
    for (int merged = 0; merged < 2; merged++) {
        struct opened o = open_index(f);
        since.since = 2;
        if (merged)
            assert_str(ids(f, o.view, &both), "g i j");
        else
            assert_str(ids(f, o.view, &both), "g h i j");
        since.since = 3;
        assert_str(ids(f, o.view, &both), "i j");
        since.since = merged ? 6 : 4;
        assert_str(ids(f, o.view, &both), "");
        close_index(&o);
        struct ix_writer *w = open_writer(f);
        assert_true(merged || drop(f, w, "h"));
        publish(f, w);
        const struct ix_writer_opts opts = {.optimize = true};
        assert_ok(ix_writer_open(f->dir, &opts, &w, &f->err), f);
        publish(f, w);
    }
    assert_int_equal(findings(f), 0);
}

static void every_hit_is_visited(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 300, true);
    struct ix_node all = term("all");
    struct ix_search q = query(&all);
    uint64_t n = 0;
    q.limit = 3;
    q.visit = count_visit;
    q.visit_ctx = &n;
    struct ix_result r = search(f, o.view, &q);
    assert_int_equal(r.n, 3);
    assert_int_equal(r.total, 270);
    assert_int_equal(n, 270);
    close_index(&o);
}

static void fields_have_terms(void **state)
{
    struct fixture *f = *state;
    char issuer[400];
    memset(issuer, 'i', sizeof(issuer));
    const struct str tags[] = {STR("能源"), STR("电力"), STR("能源")};
    const struct str audience[] = {STR("staff")};
    struct ix_writer *w = open_writer(f);
    const struct ix_doc doc = {.id = STR("a"),
                               .body = STR("x"),
                               .issuer = str_from(issuer, sizeof(issuer)),
                               .tags = tags,
                               .ntags = 3,
                               .audience = audience,
                               .naudience = 1};
    assert_ok(put_doc(f, w, &doc), f);
    publish(f, w);
    struct opened o = open_index(f);
    const struct {
        enum ix_field field;
        struct str value;
        const char *want;
    } probe[] = {{IX_TAG, STR("能源"), "a"},
                 {IX_TAG, STR("电"), ""},
                 {IX_AUDIENCE, STR("staff"), "a"},
                 {IX_AUDIENCE, STR("public"), ""},
                 {IX_ISSUER, str_from(issuer, sizeof(issuer)), "a"},
                 {IX_ISSUER, str_from(issuer, sizeof(issuer) - 1), ""}};
    for (size_t i = 0; i < sizeof(probe) / sizeof(*probe); i++) {
        struct ix_node n = {.op = IX_TERM};
        n.term = ix_field_term(probe[i].field, probe[i].value, &f->arena);
        assert_true(n.term.n <= IX_TERM_MAX);
        assert_string_equal(ids(f, o.view, &n).p, probe[i].want);
    }
    close_index(&o);
}

static void ids_of_any_kind_are_found(void **state)
{
    struct fixture *f = *state;
    char longest[IX_ID_MAX], other[IX_ID_MAX];
    memset(longest, 'x', sizeof(longest));
    memset(other, 'x', sizeof(other));
    other[IX_ID_MAX - 1] = 'y';
    const struct str id[] = {STR("a"),
                             STR("二〇二四/10月31日 (一).txt"),
                             STR("Qa"),
                             STR("\0\0nul"),
                             str_from(longest, 243),
                             str_from(longest, 244),
                             str_from(longest, 245),
                             str_from(longest, sizeof(longest)),
                             str_from(other, sizeof(other))};
    const size_t n = sizeof(id) / sizeof(*id);
    struct ix_writer *w = open_writer_sized(f, 3);
    for (size_t i = 0; i < n; i++) {
        const struct ix_doc doc = {.id = id[i], .body = STR("x")};
        assert_ok(put_doc(f, w, &doc), f);
    }
    publish(f, w);
    struct opened o = open_index(f);
    for (size_t i = 0; i < n; i++) {
        uint64_t doc;
        struct ix_doc got;
        assert_ok(ix_find(o.view, id[i], &doc, &f->err), f);
        assert_ok(ix_document(o.view, doc, &f->arena, &got, &f->err), f);
        assert_true(str_eq(got.id, id[i]));
    }
    uint64_t doc;
    assert_st(ix_find(o.view, STR("b"), &doc, &f->err), ST_NOT_FOUND, f);
    assert_st(ix_find(o.view, STR(""), &doc, &f->err), ST_NOT_FOUND, f);
    close_index(&o);
}

static void numbers_that_no_document_has(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_six(f);
    const uint64_t number[] = {0, 1000, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++) {
        struct ix_doc d;
        assert_st(ix_document(o.view, number[i], &f->arena, &d, &f->err), ST_NOT_FOUND, f);
    }
    close_index(&o);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_operation),
        TEST(weights_follow_the_tree),
        TEST(a_prefix_finds_what_is_one_character_longer),
        TEST(a_prefix_weighs_like_a_term),
        TEST(too_many_prefixes_are_refused),
        TEST(prefixes_stay_within_their_memory),
        TEST(tombstones_are_never_found_nor_counted),
        TEST(pages_past_the_end_are_empty),
        TEST(totals_are_exact),
        TEST(ranges_of_dates),
        TEST(ties_have_an_order),
        TEST(ties_of_long_ids_have_an_order),
        TEST(every_hit_is_visited),
        TEST(what_came_since_a_generation),
        TEST(fields_have_terms),
        TEST(ids_of_any_kind_are_found),
        TEST(numbers_that_no_document_has),
    };
    return RUN_TESTS(tests);
}
