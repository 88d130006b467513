/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Searches with conditions that somebody else decides, document by document; and the end of
 * searches that take long. */

#include "harness.h"
#include "index_fixture.h"
#include <time.h>

struct chooser {
    size_t calls;
    const char *reject; /* ids that end in this digit */
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct ix_node where(struct ix_node **kid, ix_accept *accept, void *ctx)
{
    return (struct ix_node){
        .op = IX_WHERE, .kid = kid, .nkid = 1, .accept = accept, .accept_ctx = ctx};
}

static bool choose(void *ctx, const struct ix_doc *doc)
{
    struct chooser *c = ctx;
    c->calls++;
    return doc->id.p[doc->id.n - 1] != *c->reject;
}

static void the_caller_has_a_say(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 300, true);
    struct ix_node all = term("all");
    struct chooser c = {.reject = "7"};
    struct ix_node chosen = where(KIDS(&all), choose, &c);
    struct ix_search q = query(&chosen);
    q.limit = 10;
    struct ix_result r = search(f, o.view, &q);
    assert_int_equal(r.total, 240); /* of 300, those that end in 0 are gone, in 7 refused */
    assert_true(r.exact);
    assert_int_equal(c.calls, 270); /* a tombstoned one is not even shown */
    for (size_t i = 0; i < r.n; i++) {
        struct str id = hit_id(f, o.view, &r.hit[i]);
        assert_true(id.p[id.n - 1] != '7' && id.p[id.n - 1] != '0');
    }
    close_index(&o);
}

/* What is kept of a document: the last character of its id, but nothing where that is 3. */
static enum st last_digit(void *ctx, const struct ix_doc *doc, struct buf *out)
{
    char last = doc->id.p[doc->id.n - 1];
    ++*(size_t *)ctx;
    if (last != '3')
        buf_addc(out, last);
    return ST_OK;
}

static enum ix_seen glance(void *ctx, struct str extract)
{
    const struct chooser *c = ctx;
    return extract.p[0] == '5' ? IX_READ : extract.p[0] == *c->reject ? IX_NO : IX_YES;
}

/* A document is read when its extract is made and where that does not tell; never again else. */
static void what_is_kept_is_asked_first(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 300, true);
    struct ix_node all = term("all");
    struct chooser c = {.reject = "7"};
    struct ix_node chosen = where(KIDS(&all), choose, &c);
    size_t made = 0;
    bool more;
    const struct ix_search q = query(&chosen);
    struct ix_extract how = {.make = last_digit, .ctx = &made, .bytes = 1 << 20};
    chosen.glance = glance;
    ix_view_extract(o.view, &how);
    for (size_t i = 0; i < 2; i++) {
        c.calls = 0;
        assert_int_equal(search(f, o.view, &q).total, 240);
        assert_int_equal(c.calls, 60); /* 30 that end in 3, 30 in 5 */
        assert_int_equal(made, 270);
    }
    assert_ok(ix_view_warm(o.view, UINT64_MAX, &more, &f->err), f);
    assert_false(more);
    assert_int_equal(made, 270);
    close_index(&o);
    o = open_index(f);
    made = 0;
    how.bytes = 0; /* nothing is kept, all are read */
    ix_view_extract(o.view, &how);
    c.calls = 0;
    assert_int_equal(search(f, o.view, &q).total, 240);
    assert_int_equal(c.calls, 270);
    how.bytes = 1 << 20;
    ix_view_extract(o.view, &how);
    assert_ok(ix_view_warm(o.view, 0, &more, &f->err), f);
    assert_true(more); /* a time that has passed: one at least */
    while (more)
        assert_ok(ix_view_warm(o.view, 1, &more, &f->err), f);
    assert_int_equal(made, 270);
    c.calls = 0;
    assert_int_equal(search(f, o.view, &q).total, 240);
    assert_int_equal(c.calls, 60);
    close_index(&o);
}

static enum st long_one(void *ctx, const struct ix_doc *doc, struct buf *out)
{
    (void)ctx;
    buf_addf(out, "%c%1000s", doc->id.p[doc->id.n - 1], "");
    return ST_OK;
}

static enum st brief_one(void *ctx, const struct ix_doc *doc, struct buf *out)
{
    ++*(size_t *)ctx;
    buf_addc(out, doc->id.p[doc->id.n - 1]);
    return ST_OK;
}

/* Where there is no room for whole extracts of all, there is for brief ones of those left. */
static void something_is_kept_of_all(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 300, false);
    struct ix_node all = term("all");
    struct chooser c = {.reject = "7"};
    struct ix_node chosen = where(KIDS(&all), choose, &c);
    size_t brief = 0;
    bool more;
    const struct ix_search q = query(&chosen);
    const struct ix_extract how = {long_one, &brief, 200 * 1000, brief_one};
    chosen.glance = glance;
    ix_view_extract(o.view, &how);
    assert_ok(ix_view_warm(o.view, UINT64_MAX, &more, &f->err), f);
    assert_in_range(brief, 100, 150);
    assert_int_equal(search(f, o.view, &q).total, 270);
    assert_int_equal(c.calls, 30); /* those that end in 5 */
    close_index(&o);
}

static enum st fail_to_make(void *ctx, const struct ix_doc *doc, struct buf *out)
{
    (void)doc;
    (void)out;
    return *(const bool *)ctx ? ST_NO_MEMORY : ST_OK;
}

/* An extract only saves reading: a search does without one that cannot be made. */
static void an_extract_that_fails_is_done_without(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 30, false);
    struct ix_node all = term("all");
    struct chooser c = {.reject = "7"};
    struct ix_node chosen = where(KIDS(&all), choose, &c);
    bool failing = true, more;
    const struct ix_search q = query(&chosen);
    const struct ix_extract how = {.make = fail_to_make, .ctx = &failing, .bytes = 1 << 20};
    chosen.glance = glance;
    ix_view_extract(o.view, &how);
    assert_int_equal(search(f, o.view, &q).total, 27);
    assert_int_equal(c.calls, 30);
    assert_st(ix_view_warm(o.view, UINT64_MAX, &more, &f->err), ST_NO_MEMORY, f);
    failing = false;
    assert_ok(ix_view_warm(o.view, UINT64_MAX, &more, &f->err), f);
    close_index(&o);
}

static enum st dawdle_making(void *ctx, const struct ix_doc *doc, struct buf *out)
{
    (void)doc;
    ++*(size_t *)ctx;
    const struct timespec ms = {.tv_nsec = 1000000};
    nanosleep(&ms, NULL);
    buf_addc(out, 'x');
    return ST_OK;
}

/* Making an extract takes as long as reading: the clock is looked at after each. */
static void a_deadline_holds_while_extracts_are_made(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 300, false);
    struct ix_node all = term("all");
    struct chooser c = {.reject = "7"};
    struct ix_node chosen = where(KIDS(&all), choose, &c);
    size_t made = 0;
    struct ix_search q = query(&chosen);
    const struct ix_extract how = {.make = dawdle_making, .ctx = &made, .bytes = 1 << 20};
    chosen.glance = glance;
    ix_view_extract(o.view, &how);
    q.deadline_ns = now_ns() + 10 * 1000000;
    assert_true(search(f, o.view, &q).timed_out);
    assert_in_range(made, 1, 11);
    close_index(&o);
}

/* Each part of a query has its own, and it is asked only where the other terms match. */
static void a_say_over_a_part(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_six(f);
    struct ix_node a = term("apple"), b = term("berry"), c = term("cherry"), all = {.op = IX_ALL};
    struct chooser not_4 = {.reject = "4"}, not_2 = {.reject = "2"};
    struct ix_node some_a = where(KIDS(&a), choose, &not_4);
    struct ix_node some = where(KIDS(&all), choose, &not_2);
    struct ix_node either = tree(IX_OR, KIDS(&some_a, &c), 2);
    struct ix_node both = tree(IX_AND, KIDS(&b, &some_a, &some), 3);
    struct ix_node without = tree(IX_AND_NOT, KIDS(&a, &some_a), 2);
    assert_str(sorted(f, ids(f, o.view, &either)), "1 2 3 4 5");
    assert_str(ids(f, o.view, &both), "");
    assert_str(ids(f, o.view, &without), "4");
    not_4.calls = 0;
    both = tree(IX_AND, KIDS(&some_a, &b), 2);
    assert_str(ids(f, o.view, &both), "2");
    assert_int_equal(not_4.calls, 1);
    close_index(&o);
}

static bool dawdle(void *ctx, const struct ix_doc *doc)
{
    (void)doc;
    ++*(size_t *)ctx;
    const struct timespec ms = {.tv_nsec = 1000000};
    nanosleep(&ms, NULL);
    return true;
}

static void a_deadline_holds(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 2000, false);
    struct ix_node all = term("all");
    struct ix_search q = query(&all);
    size_t calls = 0;
    q.deadline_ns = now_ns() + 3600 * (uint64_t)1000000000;
    struct ix_result r = search(f, o.view, &q);
    assert_false(r.timed_out);
    assert_int_equal(r.total, 2000);
    assert_true(r.exact);
    q.deadline_ns = 1; /* long gone */
    r = search(f, o.view, &q);
    assert_true(r.timed_out);
    assert_false(r.exact);
    assert_int_equal(r.n, 0);
    struct ix_node slow = where(KIDS(&all), dawdle, &calls);
    q.query = &slow;
    q.deadline_ns = now_ns() + 50 * 1000000;
    r = search(f, o.view, &q);
    assert_true(r.timed_out);
    assert_false(r.exact);
    assert_true(calls > 0 && calls < 60); /* not called after the deadline */
    assert_int_equal(r.total, calls);
    assert_true(r.n > 0); /* what was seen is shown */
    close_index(&o);
}

/* As many terms as the most generous of callers would let through. */
static void a_wide_query_ends_at_its_deadline(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_many(f, 3000, false);
    enum { WIDE = 4000 };
    struct ix_node *node = calloc(WIDE, sizeof(*node)), **kid = calloc(WIDE, sizeof(*kid));
    assert_true(node && kid);
    for (size_t i = 0; i < WIDE; i++) {
        node[i] = term(i % 2 ? "all" : "even");
        kid[i] = &node[i];
    }
    struct ix_node wide = tree(IX_OR, kid, WIDE);
    struct ix_search q = query(&wide);
    q.deadline_ns = now_ns() + 1000000;
    struct ix_result r = search(f, o.view, &q);
    assert_true(r.timed_out);
    assert_true(now_ns() < q.deadline_ns + 5 * (uint64_t)1000000000);
    free(node);
    free(kid);
    close_index(&o);
}

static void a_deep_query_is_refused(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_six(f);
    enum { DEEP = 200 };
    struct ix_node node[DEEP], *kid[DEEP];
    node[0] = term("apple");
    for (size_t i = 1; i < DEEP; i++) {
        kid[i] = &node[i - 1];
        node[i] = tree(IX_OR, &kid[i], 1);
    }
    struct ix_result r;
    struct ix_search q = query(&node[DEEP - 1]);
    assert_st(ix_search(o.view, &q, &f->arena, &r, &f->err), ST_TOO_MUCH, f);
    assert_non_null(strstr(f->err.text, "128"));
    q.query = &node[IX_DEPTH_MAX];
    assert_str(ids_of(f, o.view, &q), "4 1 2");
    /* A small tree of shared nodes can stand for a huge one. */
    struct ix_node *twice[DEEP][2];
    for (size_t i = 1; i < 60; i++) {
        twice[i][0] = twice[i][1] = &node[i - 1];
        node[i] = tree(IX_OR, twice[i], 2);
    }
    q.query = &node[59];
    assert_st(ix_search(o.view, &q, &f->arena, &r, &f->err), ST_TOO_MUCH, f);
    close_index(&o);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_caller_has_a_say),
        TEST(what_is_kept_is_asked_first),
        TEST(something_is_kept_of_all),
        TEST(an_extract_that_fails_is_done_without),
        TEST(a_deadline_holds_while_extracts_are_made),
        TEST(a_say_over_a_part),
        TEST(a_deadline_holds),
        TEST(a_wide_query_ends_at_its_deadline),
        TEST(a_deep_query_is_refused),
    };
    return RUN_TESTS(tests);
}
