/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Measures of a ranked list, and the two files that judged queries come from. */

#include "harness.h"

#include "../../src/cmd/eval_metric.c"
#include "../../src/cmd/eval_read.c"

static void assert_close(double got, double wanted)
{
    if (fabs(got - wanted) > 1e-9)
        fail_msg("%f instead of %f", got, wanted);
}

static void first_answer_counts_by_its_rank(void **state)
{
    (void)state;
    const uint32_t third[] = {0, 0, 1, 1};
    assert_close(eval_reciprocal_rank(third, 4, 10), 1.0 / 3);
    assert_close(eval_reciprocal_rank(third, 4, 2), 0);
    assert_close(eval_reciprocal_rank(third, 0, 10), 0);
}

static void gain_shrinks_with_the_rank(void **state)
{
    (void)state;
    const uint32_t best[] = {3, 2, 1}, other[] = {2, 0, 3, 1};
    double most = 3 + 2 / log2(3) + 1 / log2(4);
    double got = 2 + 3 / log2(4) + 1 / log2(5);
    assert_close(eval_ndcg(best, 3, best, 3, 10), 1);
    assert_close(eval_ndcg(other, 4, best, 3, 10), got / most);
    assert_close(eval_ndcg(other, 0, best, 3, 10), 0);
}

static void best_order_is_cut_at_the_same_depth(void **state)
{
    (void)state;
    const uint32_t best[] = {1, 1, 1, 1};
    assert_close(eval_ndcg(best, 2, best, 4, 2), 1);
}

static void recall_is_a_share_of_all_answers(void **state)
{
    (void)state;
    const uint32_t grade[] = {0, 2, 0, 1};
    assert_close(eval_recall(grade, 4, 4, 100), 0.5);
    assert_close(eval_recall(grade, 4, 4, 2), 0.25);
}

static void percentile_is_one_of_the_values(void **state)
{
    (void)state;
    const double value[] = {1, 2, 3, 40};
    assert_close(eval_percentile(value, 4, 0.5), 2);
    assert_close(eval_percentile(value, 4, 0.99), 40);
    assert_close(eval_percentile(value, 1, 0.5), 1);
}

/* ---- files ---- */

#define QUERIES "q2\t高质量发展 丽水\nq1\t防汛会议在哪里召开？\n\nq3\t没有答案\n"

static enum st read_files(const char *queries, const char *qrels, struct arena *a,
                          struct eval_set *out, struct err *err)
{
    arena_init(a, 1 << 20);
    return eval_read(str_of(queries), "Q.tsv", str_of(qrels), "R.tsv", a, out, err);
}

static void queries_meet_their_answers(void **state)
{
    (void)state;
    struct arena a;
    struct eval_set set;
    struct err err = ERR_INIT;
    const char *qrels = "q1\tb\t1\nq2\t0\tc\t3\nq1\ta\t0\r\nother\ta\t1\nq3\ta\t0\n";
    assert_int_equal(read_files(QUERIES, qrels, &a, &set, &err), ST_OK);
    assert_int_equal(set.n, 2);
    assert_str(set.query[0].text, "防汛会议在哪里召开？");
    assert_int_equal(eval_grade(&set.query[0], STR("b")), 1);
    assert_int_equal(eval_grade(&set.query[0], STR("a")), 0);
    assert_int_equal(eval_grade(&set.query[0], STR("c")), 0);
    assert_str(set.query[1].id, "q2");
    assert_int_equal(eval_grade(&set.query[1], STR("c")), 3);
    arena_fini(&a);
}

static void refused(const char *queries, const char *qrels, const char *place)
{
    struct arena a;
    struct eval_set set;
    struct err err = ERR_INIT;
    assert_int_equal(read_files(queries, qrels, &a, &set, &err), ST_REJECTED);
    if (!str_starts(str_of(err.text), str_of(place)))
        fail_msg("\"%s\" does not begin with %s", err.text, place);
    arena_fini(&a);
}

static void bad_lines_are_named(void **state)
{
    (void)state;
    refused("q1\t防汛\n没有号码\n", "", "Q.tsv:2: ");
    refused("q1\t \n", "", "Q.tsv:1: ");
    refused("q1\t防汛\n\nq1\t会议\n", "", "Q.tsv:3: ");
    refused(QUERIES, "q1\ta\n", "R.tsv:1: ");
    refused(QUERIES, "q1\ta\t1\nq1\tb\thigh\n", "R.tsv:2: ");
    refused(QUERIES, "q1\ta\t-1\n", "R.tsv:1: ");
    refused(QUERIES, "q1\ta\t1001\n", "R.tsv:1: ");
    refused(QUERIES, "q1\tQ0\ta\t1\n", "R.tsv:1: ");
    refused(QUERIES, "q1\t0\ta\t1\tx\n", "R.tsv:1: ");
    refused(QUERIES, "q1\ta\t1\nq2\ta\t1\nq1\ta\t0\n", "R.tsv:3: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_answer_counts_by_its_rank),
        cmocka_unit_test(gain_shrinks_with_the_rank),
        cmocka_unit_test(best_order_is_cut_at_the_same_depth),
        cmocka_unit_test(recall_is_a_share_of_all_answers),
        cmocka_unit_test(percentile_is_one_of_the_values),
        cmocka_unit_test(queries_meet_their_answers),
        cmocka_unit_test(bad_lines_are_named),
    };
    return RUN_TESTS(tests);
}
