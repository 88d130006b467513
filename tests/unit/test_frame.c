/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Frames between the loop and its workers: what goes in comes out, and what is cut short or longer
 * than it says is refused without being read past its end. */
#include "harness.h"

#include "../../src/net/frame.h"

static const struct task sample = {
    .rq = {.id = CMD_SEARCH,
           .fmt = REPLY_JSON,
           .tag = {"q7", 2},
           .text = {"强调 \"5+5\"", 12},
           .in = {"main", 4},
           .limit = 100,
           .offset = 9900,
           .snippet = true,
           .graph = true,
           .sort = SRCH_OLDEST,
           .whole = true,
           .width = 40,
           .since = UINT64_MAX,
           .facet = {"year,who", 8},
           .issuer = {"清溪县", 9},
           .label = {"防汛", 6},
           .to = {"2024", 4}},
    .deadline_ns = UINT64_MAX,
    .known = {"a=1\n", 4},
};

static void a_task_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct buf b;
    struct task t;
    buf_init(&b, 4096);
    size_t at = frame_begin(&b);
    task_put(&b, &sample);
    frame_end(&b, at);
    assert_int_equal(frame_length(b.p), b.n - FRAME_HEAD);
    assert_true(task_get(str_from(b.p + FRAME_HEAD, b.n - FRAME_HEAD), &t));
    assert_int_equal(t.rq.id, CMD_SEARCH);
    assert_int_equal(t.rq.fmt, REPLY_JSON);
    assert_int_equal(t.rq.limit, 100);
    assert_int_equal(t.rq.offset, 9900);
    assert_true(t.rq.snippet);
    assert_true(t.rq.graph);
    assert_int_equal(t.rq.sort, SRCH_OLDEST);
    assert_true(t.rq.whole);
    assert_false(t.rq.strict);
    assert_false(t.rq.collapse);
    assert_int_equal(t.rq.width, 40);
    assert_true(t.rq.since == UINT64_MAX);
    assert_str(t.rq.facet, "year,who");
    assert_str(t.rq.issuer, "清溪县");
    assert_str(t.rq.label, "防汛");
    assert_str(t.rq.to, "2024");
    assert_true(t.deadline_ns == UINT64_MAX);
    assert_int_equal(t.rq.tag.n, 0); /* it stays with the loop */
    assert_str(t.rq.text, "强调 \"5+5\"");
    assert_str(t.rq.in, "main");
    assert_int_equal(t.rq.doc.n, 0);
    assert_str(t.known, "a=1\n");
    buf_fini(&b);
}

static void an_answer_comes_out_as_it_went_in(void **state)
{
    (void)state;
    const struct answer sent = {.code = 210,
                                .tag_at = 4,
                                .mark_at = 8,
                                .may_cache = true,
                                .state = UINT64_MAX,
                                .total = 37,
                                .us = 310};
    struct answer a;
    struct buf b;
    buf_init(&b, 4096);
    size_t head = answer_begin(&b);
    buf_addz(&b, "210 hits\n");
    answer_end(&b, head, &sent);
    assert_true(answer_get(buf_str(&b), &a));
    assert_int_equal(a.code, 210);
    assert_str(a.bytes, "210 hits\n");
    assert_int_equal(a.tag_at, 4);
    assert_int_equal(a.mark_at, 8);
    assert_true(a.may_cache);
    assert_true(a.state == UINT64_MAX);
    assert_int_equal(a.total, 37);
    assert_int_equal(a.us, 310);
    for (size_t n = 0; n + 1 < b.n; n++) {
        struct guarded g = guard(str_from(b.p, n));
        assert_false(answer_get(guarded_str(g), &a));
        unguard(&g);
    }
    buf_fini(&b);
}

static void a_task_of_another_length_is_refused(void **state)
{
    (void)state;
    struct buf b;
    struct task t;
    buf_init(&b, 4096);
    task_put(&b, &sample);
    for (size_t n = 0; n < b.n; n++) {
        struct guarded g = guard(str_from(b.p, n));
        assert_false(task_get(guarded_str(g), &t));
        unguard(&g);
    }
    buf_addc(&b, 'x');
    assert_false(task_get(buf_str(&b), &t));
    buf_fini(&b);
}

static void a_command_that_does_not_exist_is_refused(void **state)
{
    (void)state;
    struct task odd = sample, t;
    struct buf b;
    odd.rq.id = CMD_END;
    buf_init(&b, 4096);
    task_put(&b, &odd);
    assert_false(task_get(buf_str(&b), &t));
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_comes_out_as_it_went_in),
        cmocka_unit_test(an_answer_comes_out_as_it_went_in),
        cmocka_unit_test(a_task_of_another_length_is_refused),
        cmocka_unit_test(a_command_that_does_not_exist_is_refused),
    };
    return RUN_TESTS(tests);
}
