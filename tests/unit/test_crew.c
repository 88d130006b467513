/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Crews: jobs done by several hands come back in the order in which they were given. */

#include "harness.h"
#include <gongbao/crew.h>
#include <pthread.h>
#include <signal.h>

#define HANDS_MAX 8

/* Each hand's own. */
struct tool {
    unsigned jobs;
    bool at_work;
};

struct job {
    unsigned number;
    unsigned length; /* of the work */
    enum st outcome;
    unsigned times; /* it was done */
};

/* What every test needs. */
struct workshop {
    struct tool tool[HANDS_MAX];
    void *tools[HANDS_MAX];
    struct crew *crew;
};

static enum st work(void *tool, void *job, struct err *err)
{
    struct tool *t = tool;
    struct job *j = job;
    if (t->at_work)
        return err_set(err, ST_INTERNAL, "two hands with one tool");
    t->at_work = true;
    for (volatile unsigned i = 0; i < j->length; i++)
        continue;
    j->times++;
    t->jobs++;
    t->at_work = false;
    return j->outcome == ST_OK ? ST_OK : err_set(err, j->outcome, "job %u", j->number);
}

static void open_workshop(struct workshop *w, crew_work *how, size_t hands, size_t depth)
{
    *w = (struct workshop){0};
    for (size_t i = 0; i < HANDS_MAX; i++)
        w->tools[i] = &w->tool[i];
    assert_int_equal(crew_new(how, w->tools, hands, depth, &w->crew, NULL), ST_OK);
}

/* Every third job takes a hundred times as long as the others. */
static unsigned length_of(unsigned number)
{
    return number % 3 == 0 ? 20000 : 200;
}

static void expect_next(struct workshop *w, unsigned number)
{
    void *got = NULL;
    assert_int_equal(crew_take(w->crew, &got, NULL), ST_OK);
    assert_non_null(got);
    assert_int_equal(((struct job *)got)->number, number);
    assert_int_equal(((struct job *)got)->times, 1);
}

static void come_back_in_order(size_t hands, size_t depth)
{
    enum { JOBS = 2000 };
    static struct job job[JOBS];
    struct workshop w;
    unsigned taken = 0, done = 0;
    open_workshop(&w, work, hands, depth);
    for (unsigned i = 0; i < JOBS; i++) {
        job[i] = (struct job){.number = i, .length = length_of(i)};
        if (crew_full(w.crew))
            expect_next(&w, taken++);
        assert_false(crew_full(w.crew));
        crew_give(w.crew, &job[i]);
    }
    assert_int_equal(JOBS - taken, depth);
    while (taken < JOBS)
        expect_next(&w, taken++);
    crew_free(w.crew);
    for (size_t i = 0; i < HANDS_MAX; i++)
        done += w.tool[i].jobs;
    assert_int_equal(done, JOBS);
}

static void jobs_come_back_in_order(void **state)
{
    (void)state;
    come_back_in_order(1, 1);
    come_back_in_order(1, 3);
    come_back_in_order(2, 1);
    come_back_in_order(2, 4);
    come_back_in_order(3, 5);
    come_back_in_order(8, 10);
    come_back_in_order(8, 3);
}

static void an_empty_crew_gives_nothing(void **state)
{
    (void)state;
    struct workshop w;
    void *job = &w;
    open_workshop(&w, work, 3, 2);
    assert_int_equal(crew_take(w.crew, &job, NULL), ST_OK);
    assert_null(job);
    crew_free(w.crew);
    crew_free(NULL);
}

/* Two of five jobs go wrong, and the later one is done long before the earlier: the owner, who
 * stops at the first error it takes, learns of the earlier one. */
static void failures_come_back_in_order_too(void **state)
{
    (void)state;
    for (size_t hands = 1; hands <= HANDS_MAX; hands++) {
        struct job job[5] = {{.number = 0, .length = 200000},
                             {.number = 1, .length = 200000, .outcome = ST_IO},
                             {.number = 2},
                             {.number = 3, .outcome = ST_NO_MEMORY},
                             {.number = 4}};
        struct err err = ERR_INIT;
        struct workshop w;
        void *got;
        open_workshop(&w, work, hands, 5);
        for (size_t i = 0; i < 5; i++)
            crew_give(w.crew, &job[i]);
        expect_next(&w, 0);
        assert_int_equal(crew_take(w.crew, &got, &err), ST_IO);
        assert_ptr_equal(got, &job[1]);
        assert_string_equal(err.text, "job 1");
        expect_next(&w, 2);
        assert_int_equal(crew_take(w.crew, &got, NULL), ST_NO_MEMORY);
        assert_ptr_equal(got, &job[3]);
        expect_next(&w, 4);
        crew_free(w.crew);
    }
}

static void after_a_cancel_nothing_is_begun(void **state)
{
    (void)state;
    for (size_t hands = 1; hands <= HANDS_MAX; hands += 3) {
        enum { JOBS = 40 };
        struct job job[JOBS] = {{0}};
        struct workshop w;
        void *got;
        unsigned back = 0, done = 0;
        open_workshop(&w, work, hands, JOBS);
        for (unsigned i = 0; i < JOBS; i++) {
            job[i] = (struct job){.number = i, .length = 100000};
            crew_give(w.crew, &job[i]);
        }
        crew_cancel(w.crew);
        for (enum st st; st = crew_take(w.crew, &got, NULL), got; back++) {
            const struct job *j = got;
            assert_int_equal(j->number, back);
            assert_int_equal(st, j->times ? ST_OK : ST_STOPPING);
            done += j->times;
        }
        assert_int_equal(back, JOBS);
        assert_true(hands > 1 || done == 0);
        crew_free(w.crew);
    }
}

/* Whoever frees a crew with jobs in it waits for the hands, not for the jobs that nobody began. */
static void a_crew_may_be_freed_early(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        struct job job[6] = {{0}};
        struct workshop w;
        unsigned done = 0;
        open_workshop(&w, work, 4, 6);
        for (unsigned i = 0; i < 6; i++) {
            job[i] = (struct job){.number = i, .length = 1000 * round};
            crew_give(w.crew, &job[i]);
        }
        crew_free(w.crew);
        for (unsigned i = 0; i < 6; i++) {
            assert_true(job[i].times <= 1);
            done += job[i].times;
        }
        for (size_t i = 0; i < HANDS_MAX; i++)
            done -= w.tool[i].jobs;
        assert_int_equal(done, 0);
    }
}

/* Two jobs that each wait for the other to begin: only two hands at once can do them. */
static pthread_barrier_t both;

static enum st meet(void *tool, void *job, struct err *err)
{
    (void)tool;
    (void)err;
    ((struct job *)job)->times++;
    pthread_barrier_wait(&both);
    return ST_OK;
}

static void hands_work_at_the_same_time(void **state)
{
    (void)state;
    struct job job[2] = {{.number = 0}, {.number = 1}};
    struct workshop w;
    assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
    open_workshop(&w, meet, 2, 2);
    crew_give(w.crew, &job[0]);
    crew_give(w.crew, &job[1]);
    expect_next(&w, 0);
    expect_next(&w, 1);
    crew_free(w.crew);
    pthread_barrier_destroy(&both);
}

/* A signal that is sent to the process interrupts its owner, who may be waiting for input. */
static enum st look_at_signals(void *tool, void *job, struct err *err)
{
    sigset_t now;
    (void)tool;
    (void)err;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    ((struct job *)job)->times += (unsigned)sigismember(&now, SIGTERM);
    pthread_barrier_wait(&both);
    return ST_OK;
}

static void signals_are_left_to_the_owner(void **state)
{
    (void)state;
    struct job job[2] = {{.number = 0}, {.number = 1}};
    struct workshop w;
    void *got;
    sigset_t now;
    assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
    open_workshop(&w, look_at_signals, 2, 2);
    crew_give(w.crew, &job[0]);
    crew_give(w.crew, &job[1]);
    assert_int_equal(crew_take(w.crew, &got, NULL), ST_OK);
    assert_int_equal(crew_take(w.crew, &got, NULL), ST_OK);
    assert_int_equal(job[0].times + job[1].times, 2);
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    assert_false(sigismember(&now, SIGTERM));
    crew_free(w.crew);
    pthread_barrier_destroy(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_back_in_order),
        cmocka_unit_test(an_empty_crew_gives_nothing),
        cmocka_unit_test(failures_come_back_in_order_too),
        cmocka_unit_test(after_a_cancel_nothing_is_begun),
        cmocka_unit_test(a_crew_may_be_freed_early),
        cmocka_unit_test(hands_work_at_the_same_time),
        cmocka_unit_test(signals_are_left_to_the_owner),
    };
    return RUN_TESTS(tests);
}
