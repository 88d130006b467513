/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Indexes that searches go through: several of them, and those that come, change, go and are
 * damaged. */

#include "search_fixture.h"

#include <poll.h>

/* ---- indexes ---- */

static const char *const EAST[][3] = {{"e1", "东部通报", "东部水库检查。"}};
static const char *const WEST[][3] = {{"w1", "西部通报", "西部水库检查。"},
                                      {"w2", "西部简报", "西部茶叶丰收。"}};

static enum st search_in(struct shelf *s, const char *text, const char *in, struct srch_result *r)
{
    const struct srch_request req = {.text = str_of(text), .in = str_of(in), .limit = 10};
    arena_reset(&s->b.a);
    s->b.err = (struct err)ERR_INIT;
    return srch_search(s->srch, &req, &s->b.a, r, &s->b.err);
}

static void several_indexes_are_searched_as_one_or_by_name(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    shelf_open(&s, 2);
    SHELF_FILL(&s, 0, EAST);
    SHELF_FILL(&s, 1, WEST);
    shelf_serve(&s);
    assert_int_equal(search_in(&s, "水库", "", &r), ST_OK);
    assert_int_equal(r.total, 2);
    assert_int_equal(search_in(&s, "水库", "west", &r), ST_OK);
    assert_int_equal(r.total, 1);
    assert_str(r.hit[0].doc.id, "w1");
    assert_int_equal(search_in(&s, "水库", "west,east,west", &r), ST_OK);
    assert_int_equal(r.total, 2);
    assert_int_equal(search_in(&s, "水库", "north", &r), ST_NOT_FOUND);
    assert_non_null(strstr(s.b.err.text, "north"));
    shelf_close(&s);
}

static void an_index_that_is_not_there_is_taken_up_when_it_comes(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    shelf_open(&s, 2);
    shelf_serve(&s);
    assert_int_equal(shelf_try(&s, "水库", 0, 10, &r), ST_NO_INDEX);
    SHELF_FILL(&s, 0, EAST);
    assert_int_equal(shelf_try(&s, "水库", 0, 10, &r), ST_OK);
    assert_int_equal(r.total, 1);
    assert_int_equal(search_in(&s, "水库", "west", &r), ST_NO_INDEX);
    assert_non_null(strstr(s.b.err.text, "west"));
    SHELF_FILL(&s, 1, WEST);
    assert_int_equal(search_in(&s, "水库", "west", &r), ST_OK);
    shelf_close(&s);
}

static void a_new_generation_is_served_once_it_is_looked_for(void **state)
{
    (void)state;
    static const char *const again[][3] = {{"e1", "东部通报", "东部茶叶丰收。"}};
    struct shelf s;
    struct srch_result r;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, EAST);
    shelf_serve(&s);
    r = shelf_search(&s, "水库");
    assert_int_equal(r.total, 1);
    uint64_t before = r.generation;
    SHELF_FILL(&s, 0, again);
    r = shelf_search(&s, "水库");
    assert_int_equal(r.total, 1);
    assert_int_equal(r.generation, before);
    srch_refresh(s.srch);
    r = shelf_search(&s, "水库");
    assert_int_equal(r.total, 0);
    assert_true(r.generation > before);
    assert_int_equal(shelf_search(&s, "茶叶").total, 1);
    shelf_close(&s);
}

static bool is_told(const struct shelf *s)
{
    struct pollfd p = {.fd = srch_watch(s->srch), .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

/* Also of an index that was not there at first, or was removed and made again. */
static void the_watch_tells_of_a_new_generation(void **state)
{
    (void)state;
    static const char *const again[][3] = {{"e1", "东部通报", "东部茶叶丰收。"}};
    struct shelf s;
    shelf_open(&s, 1);
    shelf_serve(&s);
    SHELF_FILL(&s, 0, EAST);
    srch_refresh(s.srch);
    assert_false(is_told(&s));
    SHELF_FILL(&s, 0, again);
    assert_true(is_told(&s));
    srch_refresh(s.srch);
    assert_false(is_told(&s));
    assert_int_equal(shelf_search(&s, "茶叶").total, 1);
    assert_int_equal(file_remove_tree(s.dir[0], NULL), ST_OK);
    SHELF_FILL(&s, 0, EAST);
    srch_refresh(s.srch);
    SHELF_FILL(&s, 0, again);
    assert_true(is_told(&s));
    shelf_close(&s);
}

static void a_removed_index_is_no_longer_served(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, EAST);
    shelf_serve(&s);
    assert_int_equal(shelf_search(&s, "水库").total, 1);
    assert_int_equal(file_remove_tree(s.dir[0], NULL), ST_OK);
    srch_refresh(s.srch);
    assert_int_equal(shelf_try(&s, "水库", 0, 10, &r), ST_NO_INDEX);
    shelf_close(&s);
}

/* Publish nonsense as the index's next generation. */
static void spoil(struct shelf *s, size_t index)
{
    char *path;
    assert_true(asprintf(&path, "%s/MANIFEST", s->dir[index]) > 0);
    assert_int_equal(file_replace(path, STR("nonsense\n"), 0644, NULL), ST_OK);
    free(path);
}

static void a_damaged_generation_leaves_the_one_before_serving(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_stats stats;
    shelf_open(&s, 1);
    SHELF_FILL(&s, 0, EAST);
    shelf_serve(&s);
    spoil(&s, 0);
    srch_refresh(s.srch);
    assert_int_equal(shelf_search(&s, "水库").total, 1);
    assert_int_equal(srch_stats(s.srch, &s.b.a, &stats, &s.b.err), ST_OK);
    assert_string_not_equal(stats.each[0].state, "ok");
    shelf_close(&s);
}

static void a_damaged_index_fails_what_needs_it_and_nothing_else(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    shelf_open(&s, 2);
    SHELF_FILL(&s, 0, EAST);
    SHELF_FILL(&s, 1, WEST);
    spoil(&s, 1);
    shelf_serve(&s);
    assert_int_equal(search_in(&s, "水库", "east", &r), ST_OK);
    assert_int_equal(search_in(&s, "水库", "west", &r), ST_DAMAGED);
    assert_non_null(strstr(s.b.err.text, "west"));
    assert_int_equal(search_in(&s, "水库", "", &r), ST_DAMAGED);
    shelf_close(&s);
}

static void statistics_tell_the_state_of_each_index(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_stats stats;
    shelf_open(&s, 2);
    SHELF_FILL(&s, 1, WEST);
    shelf_serve(&s);
    assert_int_equal(srch_stats(s.srch, &s.b.a, &stats, &s.b.err), ST_OK);
    assert_int_equal(stats.nindex, 2);
    assert_int_equal(stats.index.documents, 2);
    assert_string_equal(stats.each[0].state, "missing");
    assert_string_equal(stats.each[1].state, "ok");
    assert_int_equal(stats.each[1].info.documents, 2);
    assert_true(stats.lexicon.words > 0);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_indexes_are_searched_as_one_or_by_name),
        cmocka_unit_test(an_index_that_is_not_there_is_taken_up_when_it_comes),
        cmocka_unit_test(a_new_generation_is_served_once_it_is_looked_for),
        cmocka_unit_test(the_watch_tells_of_a_new_generation),
        cmocka_unit_test(a_removed_index_is_no_longer_served),
        cmocka_unit_test(a_damaged_generation_leaves_the_one_before_serving),
        cmocka_unit_test(a_damaged_index_fails_what_needs_it_and_nothing_else),
        cmocka_unit_test(statistics_tell_the_state_of_each_index),
    };
    return RUN_TESTS(tests);
}
