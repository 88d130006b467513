/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An index that somebody lays hands on: exchanged under a writer, its lock or its manifests gone.
 * Nothing of what is there goes, and what is said names the way out. */

#include "harness.h"
#include "index_fixture.h"
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void batch(struct fixture *f, const char *id)
{
    struct ix_writer *w = open_writer(f);
    put(f, w, id, "apple");
    publish(f, w);
}

static const char *in(struct fixture *f, const char *name)
{
    return arena_fmt(&f->arena, "%s/%s", f->dir, name);
}

static bool is_there(struct fixture *f, const char *name)
{
    struct stat sb;
    return lstat(in(f, name), &sb) == 0;
}

static void run(const char *command)
{
    assert_int_equal(system(command), 0);
}

/* Flip a bit in a copy of a file, so that what is linked to it stays. */
static void damage(struct fixture *f, const char *name)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_ok(file_read(in(f, name), &b, &f->err), f);
    b.p[b.n / 2] ^= 1;
    assert_ok(file_replace(in(f, name), buf_str(&b), 0644, &f->err), f);
    buf_fini(&b);
}

static void assert_said(const struct fixture *f, const char *text)
{
    if (!strstr(f->err.text, text))
        fail_msg("not said: %s: %s", text, f->err.text);
}

static void refused(struct fixture *f, struct ix_writer *w, const char *text)
{
    uint64_t g;
    assert_st(ix_writer_publish(w, &g, &f->err), ST_LOCKED, f);
    assert_said(f, text);
    ix_writer_close(w);
}

/* A backup of links is put in the index's place with mv(1): even its LOCK is the same file. */
static void an_index_exchanged_under_a_batch(void **state)
{
    struct fixture *f = *state;
    batch(f, "a");
    batch(f, "b");
    run(arena_fmt(&f->arena, "cp -al %s %s.copy", f->dir, f->dir));
    batch(f, "c");
    struct ix_writer *w = open_writer(f);
    put(f, w, "d", "pear");
    run(arena_fmt(&f->arena, "mv %s %s.bad && mv %s.copy %s", f->dir, f->dir, f->dir, f->dir));
    refused(f, w, "its folder is another one");
    assert_str(sorted(f, all_ids(f)), "a b");
    assert_int_equal(findings(f), 0);
    assert_false(is_there(f, "tmp-4-0"));
    batch(f, "e");
    assert_str(sorted(f, all_ids(f)), "a b e");
}

/* Two writers at once, and the first one has tombstones to write for a segment of both. */
static void a_lock_that_is_removed(void **state)
{
    struct fixture *f = *state;
    batch(f, "a");
    batch(f, "b");
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "pear");
    assert_int_equal(unlink(in(f, "LOCK")), 0);
    struct ix_writer *second = open_writer(f);
    put(f, second, "c", "plum");
    assert_true(drop(f, second, "b"));
    publish(f, second);
    refused(f, w, "its LOCK is another one");
    assert_str(sorted(f, all_ids(f)), "a c");
    assert_int_equal(findings(f), 0);
}

static void a_manifest_copied_over_in_place(void **state)
{
    struct fixture *f = *state;
    batch(f, "a");
    batch(f, "b");
    struct ix_writer *w = open_writer(f);
    put(f, w, "c", "pear");
    run(arena_fmt(&f->arena, "cp %s %s", in(f, "MANIFEST.1"), in(f, "MANIFEST")));
    refused(f, w, "its MANIFEST is another one");
    assert_true(is_there(f, "seg-2-0"));
}

/* Only what the batch made goes with it. */
static void a_batch_that_fails_takes_its_own_away(void **state)
{
    struct fixture *f = *state;
    batch(f, "a");
    assert_int_equal(mkdir(in(f, "tmp-9-9"), 0755), 0);
    struct ix_writer *w = open_writer_sized(f, 1);
    assert_false(is_there(f, "tmp-9-9"));
    assert_int_equal(mkdir(in(f, "tmp-9-9"), 0755), 0);
    put(f, w, "b", "pear");
    assert_true(is_there(f, "seg-2-0"));
    ix_writer_close(w);
    assert_false(is_there(f, "seg-2-0"));
    assert_true(is_there(f, "tmp-9-9"));
}

/* ---- manifests ---- */

static void expect_refused(struct fixture *f, const char *text)
{
    const struct ix_writer_opts opts = {0};
    struct ix_writer *w;
    struct ix_reader *r;
    size_t n = 0;
    assert_st(ix_writer_open(f->dir, &opts, &w, &f->err), ST_DAMAGED, f);
    assert_said(f, text);
    assert_st(ix_reader_open(f->dir, &r, &f->err), ST_DAMAGED, f);
    assert_said(f, text);
    assert_st(ix_check(f->dir, count_finding, &n, &f->err), ST_DAMAGED, f);
    assert_int_equal(n, 1);
    assert_said(f, text);
}

static void every_manifest_is_removed(void **state)
{
    struct fixture *f = *state;
    uint64_t g;
    batch(f, "a");
    assert_int_equal(unlink(in(f, "MANIFEST")), 0);
    assert_int_equal(unlink(in(f, "MANIFEST.1")), 0);
    expect_refused(f,
                   "there are segments (seg-1-0) but no manifest: restore the index from a backup");
    assert_st(ix_rollback(f->dir, &g, &f->err), ST_DAMAGED, f);
    assert_said(f, "restore the index from a backup");
    assert_true(is_there(f, "seg-1-0"));
}

/* A first batch that was killed has segments and no manifest, too. */
static void a_first_batch_that_was_killed(void **state)
{
    struct fixture *f = *state;
    struct ix_reader *r;
    pid_t pid = fork();
    if (pid == 0) {
        struct ix_writer *w = open_writer_sized(f, 1);
        put(f, w, "a", "apple");
        _exit(0);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(is_there(f, "seg-1-0"));
    assert_st(ix_reader_open(f->dir, &r, &f->err), ST_NO_INDEX, f);
    batch(f, "b");
    assert_str(all_ids(f), "b");
    assert_false(is_there(f, "tmp-first"));
}

static void a_manifest_that_is_missing_comes_back(void **state)
{
    struct fixture *f = *state;
    uint64_t g;
    batch(f, "a");
    batch(f, "b");
    assert_int_equal(unlink(in(f, "MANIFEST")), 0);
    expect_refused(f, "MANIFEST is missing, but MANIFEST.2 is whole: gongbao-ingest --rollback");
    assert_ok(ix_rollback(f->dir, &g, &f->err), f);
    assert_int_equal(g, 2);
    assert_str(sorted(f, all_ids(f)), "a b");
    assert_ok(ix_rollback(f->dir, &g, &f->err), f);
    assert_str(all_ids(f), "a");
}

static void a_damaged_manifest_comes_back(void **state)
{
    struct fixture *f = *state;
    uint64_t g;
    batch(f, "a");
    batch(f, "b");
    damage(f, "MANIFEST");
    expect_refused(f, "MANIFEST.2 is whole: gongbao-ingest --rollback brings it back");
    assert_ok(ix_rollback(f->dir, &g, &f->err), f);
    assert_int_equal(g, 2);
    assert_str(sorted(f, all_ids(f)), "a b");
    damage(f, "MANIFEST.2"); /* with the manifest: that of the generation before is left */
    damage(f, "MANIFEST");
    expect_refused(f, "MANIFEST.1 is whole");
    assert_ok(ix_rollback(f->dir, &g, &f->err), f);
    assert_int_equal(g, 3);
    assert_str(all_ids(f), "a");
    assert_int_equal(findings(f), 0);
}

/* The copy under the generation's own name: without it there is no going back to it. */
static void a_damaged_copy_is_made_anew(void **state)
{
    struct fixture *f = *state;
    uint64_t g;
    batch(f, "a");
    batch(f, "b");
    damage(f, "MANIFEST.2");
    batch(f, "c");
    assert_ok(ix_rollback(f->dir, &g, &f->err), f);
    assert_str(sorted(f, all_ids(f)), "a b");
}

static void hear(void *ctx, const char *line)
{
    snprintf(ctx, 200, "%s", strrchr(line, '/'));
}

static void a_missing_copy_is_told(void **state)
{
    struct fixture *f = *state;
    char line[200] = "";
    batch(f, "a");
    assert_int_equal(unlink(in(f, "MANIFEST.1")), 0);
    assert_ok(ix_check(f->dir, hear, line, &f->err), f);
    assert_string_equal(line, "/MANIFEST.1: missing; the next batch makes it again");
}

static void who_holds_the_index_is_told(void **state)
{
    struct fixture *f = *state;
    uint64_t g;
    batch(f, "a");
    struct ix_writer *w = open_writer(f);
    assert_st(ix_rollback(f->dir, &g, &f->err), ST_LOCKED, f);
    assert_said(f, "another writer holds the index");
    ix_writer_close(w);
}

/* With more segments than may be open at once only one id can be looked up; merging them still
 * works. */
static void more_segments_than_may_be_open(void **state)
{
    struct fixture *f = *state;
    const struct ix_writer_opts plain = {.merge_ms = IX_NO_MERGE}, merge = {.optimize = true};
    const struct ix_doc doc = {.id = STR("new"), .body = STR("pear")};
    struct rlimit before;
    struct ix_writer *w;
    enum ix_change change;
    uint64_t g;
    for (int i = 0; i < 100; i++) {
        assert_ok(ix_writer_open(f->dir, &plain, &w, &f->err), f);
        put(f, w, arena_fmt(&f->arena, "%d", i), "apple");
        publish(f, w);
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit few = {.rlim_cur = 90, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_ok(ix_writer_open(f->dir, &plain, &w, &f->err), f);
    assert_ok(ix_writer_compare(w, &doc, &change, &f->err), f);
    assert_int_equal(change, IX_NEW);
    assert_st(ix_writer_compare(w, &doc, &change, &f->err), ST_IO, f);
    assert_said(f,
                "index: the index has 100 segments: this process may not open more files (ulimit "
                "-n, LimitNOFILE=); gongbao-ingest --optimize merges them");
    ix_writer_close(w);
    assert_ok(ix_writer_open(f->dir, &merge, &w, &f->err), f);
    assert_ok(ix_writer_publish(w, &g, &f->err), f);
    ix_writer_close(w);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 1);
    assert_int_equal(o.info.documents, 100);
    close_index(&o);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_index_exchanged_under_a_batch),
        TEST(a_lock_that_is_removed),
        TEST(a_manifest_copied_over_in_place),
        TEST(a_batch_that_fails_takes_its_own_away),
        TEST(every_manifest_is_removed),
        TEST(a_first_batch_that_was_killed),
        TEST(a_manifest_that_is_missing_comes_back),
        TEST(a_damaged_manifest_comes_back),
        TEST(a_damaged_copy_is_made_anew),
        TEST(a_missing_copy_is_told),
        TEST(who_holds_the_index_is_told),
        TEST(more_segments_than_may_be_open),
    };
    return RUN_TESTS(tests);
}
