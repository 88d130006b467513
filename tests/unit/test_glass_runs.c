/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Segments that are built of runs: however documents are cut into them, whatever is spilled, by any
 * number of threads, every byte is the same. */

#include "harness.h"

#include "glass_pair.h"

static void assert_same_file(const struct pair *a, const struct pair *b, const char *name)
{
    char path[2][PATH_MAX + 32];
    struct buf bytes[2];
    const struct pair *of[] = {a, b};
    for (int i = 0; i < 2; i++) {
        buf_init(&bytes[i], SIZE_MAX / 2);
        snprintf(path[i], sizeof(path[i]), "%s/%s", of[i]->ours, name);
        assert_int_equal(file_read(path[i], &bytes[i], NULL), ST_OK);
    }
    assert_true(str_eq(buf_str(&bytes[0]), buf_str(&bytes[1])));
    buf_fini(&bytes[0]);
    buf_fini(&bytes[1]);
}

static void the_same_documents_make_the_same_bytes(void **state)
{
    struct pair *p = *state;
    void *other = NULL;
    set_up(&other);
    struct dice d = dice_seeded(), again = d;
    random_collection(p, &d, 300, 2);
    finish_and_compare(p);
    random_collection(other, &again, 300, 2);
    finish_and_compare(other);
    assert_same_file(p, other, "postlist.glass");
    assert_same_file(p, other, "docdata.glass");
    assert_same_file(p, other, "iamglass");
    tear_down(&other);
}

/* How a segment is built. */
struct way {
    uint32_t run_docs; /* documents in a run */
    uint64_t memory;
    unsigned jobs;
};

/* A term that is long, so that a few documents fill several ranges of a merge. */
static struct str long_term(char *room, uint32_t number)
{
    memset(room, 'x', 200);
    int n = snprintf(room, 200, "%06u", number * 7919 % 1000003);
    room[n] = 'x';
    return str_from(room, 100 + number % 100);
}

/* Some terms of their own, some that others have too, and one that all have. */
static size_t terms_of(uint32_t docid, char (*room)[200], struct ix_term *out, size_t n)
{
    out[0] = (struct ix_term){STR("everywhere"), docid % 300};
    for (uint32_t i = 1; i < n; i++) {
        uint32_t number = i % 2 ? docid * 64 + i : i * (1 + docid % 5);
        out[i] = (struct ix_term){long_term(room[i], number), 1 + i % 3};
    }
    return n;
}

static void build(const char *path, const struct way *way, struct err *err)
{
    enum { DOCUMENTS = 900, TERMS = 50 };
    static char room[TERMS][200];
    struct ix_term terms[TERMS];
    const struct seg_builder_opts opts = {.memory = way->memory, .jobs = way->jobs};
    struct seg_builder *b;
    struct invert *v = invert_new();
    struct run *run;
    assert_non_null(v);
    assert_int_equal(seg_builder_new(path, &opts, &b, err), ST_OK);
    for (uint32_t docid = 1; docid <= DOCUMENTS; docid++) {
        size_t n = terms_of(docid, room, terms, TERMS);
        const struct seg_doc doc = {.data = STR("x"), .length = 100000};
        assert_int_equal(seg_builder_add(b, &doc, err), ST_OK);
        assert_int_equal(invert_add(v, terms, n, err), ST_OK);
        assert_int_equal(invert_end_document(v, err), ST_OK);
        if (docid % way->run_docs && docid < DOCUMENTS)
            continue;
        assert_int_equal(invert_end(v, &run, err), ST_OK);
        assert_int_equal(seg_builder_take(b, run, err), ST_OK);
    }
    assert_int_equal(seg_builder_finish(b, err), ST_OK);
    seg_builder_free(b);
    invert_free(v);
}

/* How documents are cut into runs, whether these are spilled, spilled runs merged into one again,
 * and how many threads merge: none of it can be seen in the segment. */
static void runs_files_and_threads_change_no_byte(void **state)
{
    struct pair *p = *state;
    static const struct way ways[] = {
        {UINT32_MAX, UINT64_MAX, 1},
        {10, UINT64_MAX, 0},
        {10, UINT64_MAX, 4},
        {100, 1, 2},
        {10, 1, 3},
        {7, 1 << 20, 4},
    };
    struct pair a = *p, b = *p;
    snprintf(a.ours, sizeof(a.ours), "%.1000s/0", p->folder);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        snprintf(b.ours, sizeof(b.ours), "%.1000s/%zu", p->folder, i);
        build(b.ours, &ways[i], &p->err);
        assert_same_file(&a, &b, "postlist.glass");
        assert_same_file(&a, &b, "iamglass");
        char spill[PATH_MAX + 16];
        snprintf(spill, sizeof(spill), "%s/spill", b.ours);
        assert_int_equal(access(spill, F_OK), -1);
    }
    assert_ok(glass_check(a.ours, &p->err), p);
}

/* Whoever seeks a term in a run, in memory or spilled, stands where one stands who reads all. */
static void terms_are_found_in_runs(void **state)
{
    enum { DOCUMENTS = 300, TERMS = 50 };
    struct pair *p = *state;
    static char room[TERMS][200];
    struct ix_term terms[TERMS];
    struct run *run[2];
    struct post_source *s;
    char path[PATH_MAX];
    for (uint32_t docid = 1; docid <= DOCUMENTS; docid++) {
        assert_ok(invert_add(p->invert, terms, terms_of(docid, room, terms, TERMS), &p->err), p);
        assert_ok(invert_end_document(p->invert, &p->err), p);
    }
    assert_ok(invert_end(p->invert, &run[0], &p->err), p);
    snprintf(path, sizeof(path), "%.1000s/run", p->folder);
    assert_ok(run[0]->input.ops->open(&run[0]->input, &s, &p->err), p);
    assert_ok(run_spill(s, path, &run[1], &p->err), p);
    s->ops->close(s);
    assert_int_equal(run[0]->n, run[1]->n);
    for (uint32_t i = 0; i < 2 * 200; i++) {
        char wanted[200], below[200];
        struct post_input *in = &run[i % 2]->input;
        struct str term = long_term(wanted, (1 + i * 37 % DOCUMENTS) * 64 + 1);
        struct str before = long_term(below, (1 + i * 37 % DOCUMENTS) * 64 + 1);
        assert_ok(in->ops->open(in, &s, &p->err), p);
        assert_ok(s->ops->seek(s, str_from(before.p, before.n - 1), &p->err), p);
        assert_true(str_eq(s->term, term));
        assert_ok(s->ops->seek(s, term, &p->err), p);
        assert_true(str_eq(s->term, term));
        assert_ok(s->ops->seek(s, STR("y"), &p->err), p);
        assert_int_equal(s->term.n, 0);
        s->ops->close(s);
    }
    run_free(run[0]);
    run_free(run[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_same_documents_make_the_same_bytes),
        TEST(runs_files_and_threads_change_no_byte),
        TEST(terms_are_found_in_runs),
    };
    return RUN_TESTS(tests);
}
