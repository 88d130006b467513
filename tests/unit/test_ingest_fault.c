/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Every call of a whole job fails once: reading sources, the report, threads that analyse, and all
 * that the index does. The index is as before or as after, and whole; a job that says it is done
 * has left out nothing, and one that fails names a file or says that memory was lacking.
 *
 * Calls of a kind are drawn at random where there are many: GONGBAO_SEED repeats a run,
 * GONGBAO_FAULTS tells how many, 0 for all. Threads share the calls, so that which of them fails
 * may still differ. */

#include "query_fixture.h"

#include "fault.h"

#include <gongbao/ingest.h>
#include <gongbao/lexicon.h>

#define SAMPLE    40
#define BEFORE    12 /* documents */
#define ADDED     5
#define DELETED   2
#define BIG_BODY  3000 /* characters, of one document */
#define AFTERWARD (BEFORE + ADDED - DELETED)

static struct dice dice;

struct job {
    struct bench b;
    char *index, *first, *second, *deletions, *report;
    unsigned jobs;
};

static void write_texts(const char *path, unsigned from, unsigned to, const char *word)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (unsigned i = from; i < to; i++) {
        buf_addf(&b, "{\"id\":\"%u\",\"title\":\"第%u号公报\",\"body\":\"%s", i, i, word);
        for (unsigned k = 0; k < (i == from ? BIG_BODY : 20); k++)
            buf_addf(&b, "水库大坝%u。", k * i);
        buf_addz(&b, "\"}\n");
    }
    assert_int_equal(file_replace(path, buf_str(&b), 0600, NULL), ST_OK);
    buf_fini(&b);
}

static void job_open(struct job *j, unsigned jobs)
{
    bench_open(&j->b);
    j->jobs = jobs;
    assert_true(asprintf(&j->index, "%s/index", j->b.folder) > 0);
    assert_true(asprintf(&j->first, "%s/first.jsonl", j->b.folder) > 0);
    assert_true(asprintf(&j->second, "%s/second.jsonl", j->b.folder) > 0);
    assert_true(asprintf(&j->deletions, "%s/deletions", j->b.folder) > 0);
    assert_true(asprintf(&j->report, "%s/report", j->b.folder) > 0);
    write_texts(j->first, 0, BEFORE, "防汛");
    write_texts(j->second, BEFORE - 3, BEFORE + ADDED, "供暖");
    assert_int_equal(file_replace(j->deletions, STR("0\n1\n"), 0600, NULL), ST_OK);
}

static void job_close(struct job *j)
{
    free(j->index);
    free(j->first);
    free(j->second);
    free(j->deletions);
    free(j->report);
    bench_close(&j->b);
}

static enum st run(struct job *j, const char *source, const char *deletions,
                   struct ing_counts *counts)
{
    const char *sources[] = {source};
    const struct ing_opts opts = {
        .index = j->index,
        .lexicon = j->b.lex,
        .source = sources,
        .nsource = 1,
        .deletions = deletions,
        .report = j->report,
        .report_fd = -1,
        .progress_fd = -1,
        .body_max = 1 << 20,
        .line_max = 1 << 20,
        .title_weight = 3,
        .jobs = j->jobs,
    };
    *counts = (struct ing_counts){0};
    j->b.err = (struct err)ERR_INIT;
    return ing_run(&opts, counts, &j->b.err);
}

static void prepare(struct job *j)
{
    struct ing_counts counts;
    assert_int_equal(file_remove_tree(j->index, NULL), ST_OK);
    assert_int_equal(run(j, j->first, NULL, &counts), ST_OK);
}

static void print_finding(void *ctx, const char *line)
{
    (void)ctx;
    print_error("%s\n", line);
}

/* How many documents there are, in an index that is whole. */
static uint64_t documents(struct job *j, const char *what)
{
    struct ix_reader *r;
    struct ix_info info;
    if (ix_check(j->index, print_finding, NULL, &j->b.err) != ST_OK ||
        ix_reader_open(j->index, &r, &j->b.err) != ST_OK)
        fail_msg("%s: %s", what, j->b.err.text);
    ix_reader_info(r, &info);
    ix_reader_close(r);
    return info.documents;
}

static void fail_once(struct job *j, enum fault kind, unsigned which)
{
    struct ing_counts counts;
    struct err err;
    char what[64];
    snprintf(what, sizeof(what), "%s %u", fault_name[kind], which);
    prepare(j);
    size_t descriptors = harness_open();
    fault_arm(kind, which);
    enum st st = run(j, j->second, j->deletions, &counts);
    bool hit = fault_disarm();
    err = j->b.err;
    if (harness_open() != descriptors)
        fail_msg("%s: a descriptor is left open", what);
    if (st != ST_OK && (!hit || kind == FAULT_SHORT))
        fail_msg("%s: %s", what, err.text);
    bool memory = kind == FAULT_ALLOC || kind == FAULT_MAP;
    if (st != ST_OK && (memory ? st != ST_NO_MEMORY : !strstr(err.text, j->b.folder)))
        fail_msg("%s: status %d, %s", what, (int)st, err.text);
    uint64_t n = documents(j, what);
    if (n != BEFORE && n != AFTERWARD)
        fail_msg("%s: %ju documents", what, (uintmax_t)n);
    if (st == ST_OK && (n != AFTERWARD || counts.rejected > 0)) {
        struct buf report;
        buf_init(&report, 1 << 20);
        file_read(j->report, &report, NULL);
        fail_msg("%s: %ju documents, and all is well: " STR_FMT, what, (uintmax_t)n,
                 STR_ARG(buf_str(&report)));
    }
    if (st != ST_OK && n == AFTERWARD && !fault.published)
        fail_msg("%s: done, and said to have failed", what);
}

static unsigned count_calls(struct job *j, enum fault kind)
{
    struct ing_counts counts;
    prepare(j);
    fault_arm(kind, UINT32_MAX);
    enum st st = run(j, j->second, j->deletions, &counts);
    fault_disarm();
    assert_int_equal(st, ST_OK);
    return fault.calls;
}

static void fail_each(struct job *j, enum fault kind)
{
    unsigned calls = count_calls(j, kind);
    for (unsigned n = 1; n <= calls; n++)
        if (fault_is_drawn(&dice, calls, SAMPLE))
            fail_once(j, kind, n);
    printf("%u of %s\n", calls, fault_name[kind]);
}

static void fail_all(unsigned jobs)
{
    struct job j;
    dice = dice_seeded();
    job_open(&j, jobs);
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        fail_each(&j, (enum fault)kind);
    job_close(&j);
}

static void a_job_of_one_thread(void **state)
{
    (void)state;
    fail_all(1);
}

static void a_job_of_three_threads(void **state)
{
    (void)state;
    fail_all(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_of_one_thread),
        cmocka_unit_test(a_job_of_three_threads),
    };
    return RUN_TESTS(tests);
}
