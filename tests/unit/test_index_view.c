/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Views: of nothing, of several indexes, of one under two names, of what later generations change.
 */

#include "harness.h"
#include "index_fixture.h"

static void an_index_without_documents_can_be_searched(void **state)
{
    struct fixture *f = *state;
    publish(f, open_writer(f));
    struct opened o = open_index(f);
    struct ix_node a = term("apple");
    const struct ix_search q = query(&a);
    struct ix_result r = search(f, o.view, &q);
    uint64_t n = 9;
    assert_int_equal(r.total, 0);
    assert_true(r.exact);
    assert_ok(ix_view_frequency(o.view, STR("apple"), &n, &f->err), f);
    assert_int_equal(n, 0);
    assert_int_equal(ix_view_documents(o.view), 0);
    close_index(&o);
}

static void two_indexes_are_searched_as_one(void **state)
{
    struct fixture *f = *state;
    struct fixture g = *f;
    snprintf(g.dir, sizeof(g.dir), "%s/other", f->folder);
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "apple");
    put(f, w, "gone", "apple");
    publish(f, w);
    w = open_writer(f);
    assert_true(drop(f, w, "gone"));
    publish(f, w);
    w = open_writer(&g);
    put(&g, w, "b", "apple pie");
    publish(&g, w);

    struct ix_reader *readers[2];
    struct ix_view *v;
    uint64_t doc;
    assert_ok(ix_reader_open(f->dir, &readers[0], &f->err), f);
    assert_ok(ix_reader_open(g.dir, &readers[1], &f->err), f);
    assert_ok(ix_view_open(readers, 2, &v, &f->err), f);
    struct ix_node a = term("apple");
    assert_str(ids(f, v, &a), "a b");
    assert_int_equal(ix_view_documents(v), 2);
    assert_ok(ix_find(v, STR("b"), &doc, &f->err), f);
    ix_view_close(v);
    ix_reader_close(readers[0]);
    ix_reader_close(readers[1]);
}

static void two_names_of_one_index(void **state)
{
    struct fixture *f = *state;
    struct ix_reader *readers[2];
    struct ix_view *v;
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "apple");
    put(f, w, "b", "apple");
    publish(f, w);
    assert_ok(ix_reader_open(f->dir, &readers[0], &f->err), f);
    assert_ok(ix_reader_open(f->dir, &readers[1], &f->err), f);
    assert_ok(ix_view_open(readers, 2, &v, &f->err), f);
    assert_int_equal(ix_view_documents(v), 4);
    ix_view_close(v);
    ix_reader_close(readers[1]);

    w = open_writer(f);
    assert_true(drop(f, w, "a"));
    publish(f, w);
    assert_ok(ix_reader_open(f->dir, &readers[1], &f->err), f);
    assert_st(ix_view_open(readers, 2, &v, &f->err), ST_CONFIG, f);
    ix_reader_close(readers[0]);
    ix_reader_close(readers[1]);
}

static void a_reader_outlives_later_generations(void **state)
{
    struct fixture *f = *state;
    struct opened old = open_six(f);
    assert_false(ix_reader_stale(old.reader));
    for (int i = 0; i < 4; i++) {
        struct ix_writer *w = open_writer(f);
        for (char id[2] = "1"; id[0] <= '6'; id[0]++)
            put(f, w, id, i % 2 ? "date" : "fig");
        publish(f, w);
        assert_true(ix_reader_stale(old.reader));
    }
    struct ix_node a = term("apple"), fig = term("fig"), date = term("date");
    assert_str(ids(f, old.view, &a), "4 1 2"); /* its files have been removed meanwhile */
    assert_str(ids(f, old.view, &date), "6");
    close_index(&old);
    struct opened o = open_index(f);
    assert_false(ix_reader_stale(o.reader));
    assert_int_equal(o.info.generation, 5);
    assert_int_equal(o.info.segments, 1);
    assert_str(ids(f, o.view, &a), "");
    assert_str(ids(f, o.view, &fig), "");
    assert_str(ids(f, o.view, &date), "1 2 3 4 5 6");
    close_index(&o);
}

static void reopening_shares_what_is_known(void **state)
{
    struct fixture *f = *state;
    struct opened old = open_six(f), new = {0};
    struct ix_writer *w = open_writer(f);
    put(f, w, "4", "fig");
    publish(f, w);
    assert_ok(ix_reader_reopen(old.reader, &new.reader, &f->err), f);
    assert_ok(ix_view_open(&new.reader, 1, &new.view, &f->err), f);
    ix_reader_info(new.reader, &new.info);
    struct ix_node a = term("apple"), fig = term("fig");
    assert_int_equal(new.info.generation, 2);
    assert_str(ids(f, old.view, &a), "4 1 2"); /* each has its own tombstones */
    assert_str(ids(f, new.view, &a), "1 2");
    assert_true(ix_reader_stale(old.reader));
    close_index(&old);
    assert_str(ids(f, new.view, &fig), "4");
    close_index(&new);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_index_without_documents_can_be_searched),
        TEST(two_indexes_are_searched_as_one),
        TEST(two_names_of_one_index),
        TEST(a_reader_outlives_later_generations),
        TEST(reopening_shares_what_is_known),
    };
    return RUN_TESTS(tests);
}
