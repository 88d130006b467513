/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Going back a generation, backups, and what is swept when: with readers and writers at work. */

#include "harness.h"
#include "index_fixture.h"
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void batch(struct fixture *f, const char *id, const char *body)
{
    struct ix_writer *w = open_writer(f);
    put(f, w, id, body);
    publish(f, w);
}

static void remove_one(struct fixture *f, const char *id)
{
    struct ix_writer *w = open_writer(f);
    assert_true(drop(f, w, id));
    publish(f, w);
}

static uint64_t generation(struct fixture *f)
{
    uint64_t g = 0;
    assert_ok(ix_generation(f->dir, &g, &f->err), f);
    return g;
}

static uint64_t roll_back(struct fixture *f)
{
    uint64_t g = 0;
    assert_ok(ix_rollback(f->dir, &g, &f->err), f);
    assert_int_equal(g, generation(f));
    return g;
}

static bool is_there(const char *dir, const char *name)
{
    char path[PATH_MAX + 64];
    struct stat sb;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return lstat(path, &sb) == 0;
}

/* Another place beside the index. */
static struct fixture beside(const struct fixture *f, const char *name)
{
    struct fixture g = *f;
    snprintf(g.dir, sizeof(g.dir), "%s/%s", f->folder, name);
    return g;
}

/* The ids in another index, in order. */
static struct str ids_at(struct fixture *f, const struct fixture *other)
{
    struct fixture g = *f; /* with the same arena */
    memcpy(g.dir, other->dir, sizeof(g.dir));
    struct str s = sorted(&g, all_ids(&g));
    f->arena = g.arena;
    return s;
}

static enum st back_up(struct fixture *f, const struct fixture *to, bool copy)
{
    uint64_t g;
    const struct ix_copy_opts opts = {.copy = copy};
    return ix_backup(f->dir, to->dir, &opts, &g, &f->err);
}

static enum st restore(struct fixture *f, const struct fixture *from, bool force,
                       struct ix_restored *out)
{
    const struct ix_copy_opts opts = {.force = force};
    return ix_restore(from->dir, f->dir, &opts, out, &f->err);
}

/* ---- rollback ---- */

/* "old" replaced by a bad batch, and "gone" deleted, come back. */
static void a_batch_is_taken_back(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    put(f, w, "old", "apple");
    put(f, w, "gone", "pear");
    publish(f, w);
    w = open_writer(f);
    put(f, w, "old", "cherry");
    put(f, w, "bad", "cherry");
    drop(f, w, "gone");
    publish(f, w);
    struct opened o = open_index(f);
    assert_int_equal(roll_back(f), 3);
    assert_true(ix_reader_stale(o.reader)); /* readers see it like any other generation */
    close_index(&o);
    assert_str(sorted(f, all_ids(f)), "gone old");
    o = open_index(f);
    struct ix_node apple = term("apple"), cherry = term("cherry");
    assert_str(ids(f, o.view, &apple), "old");
    assert_str(ids(f, o.view, &cherry), "");
    assert_int_equal(o.info.tombstones, 0);
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

static void a_batch_after_going_back(void **state)
{
    struct fixture *f = *state;
    batch(f, "a", "apple");
    batch(f, "b", "pear");
    assert_int_equal(roll_back(f), 3);
    assert_true(is_there(f->dir, "seg-2-0")); /* kept: it is the generation before now */
    batch(f, "c", "cherry");
    assert_int_equal(generation(f), 4);
    assert_false(is_there(f->dir, "seg-2-0"));
    assert_str(sorted(f, all_ids(f)), "a c");
    assert_int_equal(findings(f), 0);
    roll_back(f);
    assert_str(all_ids(f), "a");
    batch(f, "d", "plum");
    assert_str(sorted(f, all_ids(f)), "a d");
}

static void going_back_twice_undoes_it(void **state)
{
    struct fixture *f = *state;
    batch(f, "a", "apple");
    batch(f, "b", "pear");
    remove_one(f, "a");
    roll_back(f);
    assert_str(sorted(f, all_ids(f)), "a b");
    assert_int_equal(roll_back(f), 5);
    assert_str(all_ids(f), "b");
    assert_int_equal(findings(f), 0);
}

static void nothing_to_go_back_to(void **state)
{
    struct fixture *f = *state;
    uint64_t g;
    assert_st(ix_rollback(f->dir, &g, &f->err), ST_NO_INDEX, f);
    assert_false(is_there(f->folder, "index"));
    batch(f, "a", "apple");
    assert_st(ix_rollback(f->dir, &g, &f->err), ST_NOT_FOUND, f);
    assert_non_null(strstr(f->err.text, "no generation before 1"));
    struct ix_writer *w = open_writer(f);
    assert_st(ix_rollback(f->dir, &g, &f->err), ST_LOCKED, f);
    ix_writer_close(w);
}

/* What is to come back is verified first: nothing is done when it is damaged. */
static void a_damaged_generation_does_not_come_back(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    uint64_t g;
    batch(f, "a", "apple");
    remove_one(f, "a");
    batch(f, "b", "pear");
    batch(f, "b", "plum");
    snprintf(path, sizeof(path), "%s/seg-3-0/docdata.glass", f->dir);
    assert_int_equal(truncate(path, 100), 0);
    assert_st(ix_rollback(f->dir, &g, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "seg-3-0"));
    assert_str(all_ids(f), "b");
    assert_int_equal(generation(f), 4);
}

/* ---- backup ---- */

static void a_backup_is_an_index(bool copy, struct fixture *f)
{
    struct fixture b = beside(f, "backup");
    batch(f, "a", "apple");
    batch(f, "b", "pear");
    batch(f, "a", "plum"); /* with a tombstone */
    assert_ok(back_up(f, &b, copy), f);
    batch(f, "c", "cherry"); /* which the backup knows nothing of */
    assert_str(ids_at(f, &b), "a b");
    assert_int_equal(findings(&b), 0);
    assert_false(is_there(b.dir, "LOCK"));
    assert_false(is_there(f->folder, "backup.partial"));
    batch(&b, "d", "peach");
    assert_str(ids_at(f, &b), "a b d");
    assert_str(sorted(f, all_ids(f)), "a b c");
}

static void a_backup_of_links(void **state)
{
    struct fixture *f = *state;
    struct stat sb;
    char path[PATH_MAX + 64];
    a_backup_is_an_index(false, f);
    snprintf(path, sizeof(path), "%s/backup/seg-2-0/docdata.glass", f->folder);
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_nlink, 2);
}

static void a_backup_of_copies(void **state)
{
    struct fixture *f = *state;
    struct stat sb;
    char path[PATH_MAX + 64];
    a_backup_is_an_index(true, f);
    snprintf(path, sizeof(path), "%s/backup/seg-2-0/docdata.glass", f->folder);
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_nlink, 1);
}

static void what_is_there_is_not_overwritten(void **state)
{
    struct fixture *f = *state;
    struct fixture b = beside(f, "backup"), inside = beside(f, "index/backup");
    assert_st(back_up(f, &b, false), ST_NO_INDEX, f);
    assert_false(is_there(f->folder, "backup.partial"));
    batch(f, "a", "apple");
    assert_st(back_up(f, &inside, false), ST_USAGE, f);
    assert_ok(back_up(f, &b, false), f);
    assert_st(back_up(f, &b, false), ST_USAGE, f);
    assert_str(ids_at(f, &b), "a");
}

/* A backup that was killed left a folder; the next one takes it, but not from one that is alive. */
static void a_leftover_is_taken_over(void **state)
{
    struct fixture *f = *state;
    struct fixture b = beside(f, "backup");
    char path[PATH_MAX + 64];
    batch(f, "a", "apple");
    snprintf(path, sizeof(path), "%s/backup.partial", f->folder);
    assert_int_equal(mkdir(path, 0755), 0);
    int alive = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(alive, LOCK_EX), 0);
    snprintf(path, sizeof(path), "%s/backup.partial/seg-9-9", f->folder);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_st(back_up(f, &b, false), ST_LOCKED, f);
    assert_true(is_there(f->folder, "backup.partial"));
    close(alive);
    assert_ok(back_up(f, &b, false), f);
    assert_false(is_there(b.dir, "seg-9-9"));
    assert_false(is_there(f->folder, "backup.partial"));
}

static void damage_is_not_backed_up(void **state)
{
    struct fixture *f = *state;
    struct fixture b = beside(f, "backup");
    char path[PATH_MAX + 64];
    batch(f, "a", "apple");
    snprintf(path, sizeof(path), "%s/seg-1-0/docdata.glass", f->dir);
    assert_int_equal(truncate(path, 100), 0);
    assert_st(back_up(f, &b, false), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "seg-1-0/docdata.glass"));
    assert_false(is_there(f->folder, "backup"));
    assert_false(is_there(f->folder, "backup.partial"));
}

/* ---- restore ---- */

static void an_index_is_brought_back(void **state)
{
    struct fixture *f = *state;
    struct fixture b = beside(f, "backup"), old = beside(f, "index.old");
    struct ix_restored done;
    batch(f, "a", "apple");
    batch(f, "b", "pear");
    assert_ok(back_up(f, &b, false), f);
    batch(f, "c", "cherry");
    struct opened o = open_index(f);
    assert_st(restore(f, &b, false, &done), ST_REJECTED, f); /* it is newer */
    assert_non_null(strstr(f->err.text, "generation 3 is there"));
    assert_false(is_there(f->folder, "index.partial"));
    assert_ok(restore(f, &b, true, &done), f);
    assert_int_equal(done.generation, 2);
    assert_string_equal(done.aside, old.dir);
    assert_true(ix_reader_stale(o.reader));
    close_index(&o);
    assert_str(sorted(f, all_ids(f)), "a b");
    assert_str(ids_at(f, &old), "a b c");
    batch(f, "d", "plum");
    assert_int_equal(generation(f), 3);
    assert_str(sorted(f, all_ids(f)), "a b d");
    assert_str(ids_at(f, &b), "a b"); /* the backup is as it was */
    assert_ok(restore(f, &b, true, &done), f);
    assert_true(is_there(f->folder, "index.old-2"));
}

static void an_index_that_is_lost_or_older(void **state)
{
    struct fixture *f = *state;
    struct fixture b = beside(f, "backup"), early = beside(f, "early");
    struct ix_restored done;
    batch(f, "a", "apple");
    assert_ok(back_up(f, &early, false), f);
    batch(f, "b", "pear");
    assert_ok(back_up(f, &b, false), f);
    assert_ok(file_remove_tree(f->dir, &f->err), f);
    assert_ok(restore(f, &early, false, &done), f); /* nothing is there */
    assert_string_equal(done.aside, "");
    assert_ok(restore(f, &b, false, &done), f); /* what is there is older */
    assert_str(sorted(f, all_ids(f)), "a b");
    assert_ok(file_remove_tree(f->dir, &f->err), f);
    assert_int_equal(mkdir(f->dir, 0755), 0);
    assert_ok(restore(f, &b, false, &done), f); /* an empty folder is there */
    assert_str(sorted(f, all_ids(f)), "a b");
}

static void another_index_stays(void **state)
{
    struct fixture *f = *state;
    struct fixture b = beside(f, "backup"), other = beside(f, "other");
    struct ix_restored done;
    char path[PATH_MAX + 64];
    batch(&other, "x", "apple");
    batch(&other, "y", "pear");
    batch(f, "a", "plum");
    assert_ok(back_up(&other, &b, false), f);
    assert_st(restore(f, &b, false, &done), ST_REJECTED, f);
    assert_non_null(strstr(f->err.text, "another index"));
    snprintf(path, sizeof(path), "%s/MANIFEST", f->dir);
    assert_int_equal(truncate(path, 10), 0); /* one that cannot be compared */
    assert_st(restore(f, &b, false, &done), ST_REJECTED, f);
    assert_ok(restore(f, &b, true, &done), f);
    assert_str(sorted(f, all_ids(f)), "x y");
}

static void a_writer_is_not_robbed(void **state)
{
    struct fixture *f = *state;
    struct fixture b = beside(f, "backup");
    struct ix_restored done;
    batch(f, "a", "apple");
    assert_ok(back_up(f, &b, false), f);
    struct ix_writer *w = open_writer(f);
    assert_st(restore(f, &b, true, &done), ST_LOCKED, f);
    put(f, w, "b", "pear");
    publish(f, w);
    assert_str(sorted(f, all_ids(f)), "a b");
}

/* ---- beside a busy writer ---- */

/* A process that publishes without a pause: in every generation "x" is in there once, and each
 * batch sweeps what the one two before has left. */
static pid_t start_publishing(struct fixture *f)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    for (unsigned i = 0;; i++) {
        char body[32];
        snprintf(body, sizeof(body), "apple w%u", i);
        const struct ix_writer_opts opts = {0};
        const struct ix_doc doc = {.id = STR("x"), .body = str_of(body)};
        struct ix_term terms[2];
        uint64_t g;
        struct ix_writer *w = NULL;
        struct err err = ERR_INIT;
        enum st st = ix_writer_open(f->dir, &opts, &w, &err);
        if (st == ST_OK)
            st = ix_writer_put(w, &doc, terms, split_terms(doc.body, terms), &err);
        if (st == ST_OK)
            st = ix_writer_publish(w, &g, &err);
        ix_writer_close(w);
        if (st != ST_OK) {
            fprintf(stderr, "the writer: %s\n", err.text);
            _exit(1);
        }
    }
}

static void stop_publishing(pid_t pid)
{
    int status;
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

/* An open reader holds what it needs; one that is just opening may lose files to the sweep, and
 * starts over with the manifest that is then in force. */
static void readers_open_while_files_are_swept(void **state)
{
    struct fixture *f = *state;
    const struct ix_reader_opts opts = {.partial = true};
    uint64_t first = 0, last = 0;
    batch(f, "x", "apple");
    pid_t pid = start_publishing(f);
    for (int i = 0; i < 20000 && last < first + 40; i++) {
        struct ix_reader *r;
        struct ix_info info;
        enum st st = i % 2 ? ix_reader_open(f->dir, &r, &f->err)
                           : ix_reader_open_opts(f->dir, &opts, &r, &f->err);
        assert_ok(st, f);
        ix_reader_info(r, &info);
        assert_int_equal(info.documents, 1);
        assert_int_equal(info.damaged, 0); /* what was swept away is not damage */
        first = first ? first : info.generation;
        last = info.generation;
        ix_reader_close(r);
    }
    stop_publishing(pid);
    printf("generations %ju to %ju\n", (uintmax_t)first, (uintmax_t)last);
    assert_true(last >= first + 40);
}

static void an_open_reader_outlives_its_files(void **state)
{
    struct fixture *f = *state;
    batch(f, "a", "apple");
    struct opened o = open_index(f);
    batch(f, "a", "pear");
    batch(f, "a", "plum");
    assert_false(is_there(f->dir, "seg-1-0"));
    struct ix_node apple = term("apple");
    assert_ok(ix_view_verify(o.view, &f->err), f);
    assert_str(ids(f, o.view, &apple), "a");
    close_index(&o);
}

static void backups_while_batches_are_published(void **state)
{
    struct fixture *f = *state;
    batch(f, "x", "apple");
    pid_t pid = start_publishing(f);
    for (int i = 0; i < 20; i++) {
        struct fixture b = beside(f, "backup");
        assert_ok(back_up(f, &b, i % 2), f);
        assert_str(ids_at(f, &b), "x");
        assert_int_equal(findings(&b), 0);
        assert_ok(file_remove_tree(b.dir, &f->err), f);
    }
    stop_publishing(pid);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_batch_is_taken_back),
        TEST(a_batch_after_going_back),
        TEST(going_back_twice_undoes_it),
        TEST(nothing_to_go_back_to),
        TEST(a_damaged_generation_does_not_come_back),
        TEST(a_backup_of_links),
        TEST(a_backup_of_copies),
        TEST(what_is_there_is_not_overwritten),
        TEST(a_leftover_is_taken_over),
        TEST(damage_is_not_backed_up),
        TEST(an_index_is_brought_back),
        TEST(an_index_that_is_lost_or_older),
        TEST(another_index_stays),
        TEST(a_writer_is_not_robbed),
        TEST(readers_open_while_files_are_swept),
        TEST(an_open_reader_outlives_its_files),
        TEST(backups_while_batches_are_published),
    };
    return RUN_TESTS(tests);
}
