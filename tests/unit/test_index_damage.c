/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Damage: a check names the file whatever is wrong with it, opening and searching answer with an
 * error or with what is left, and nothing crashes. */

#include "../../index/manifest.h"
#include "../../index/sums.h"
#include "harness.h"
#include "index_fixture.h"
#include "random_text.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Two segments, one with a tombstone. */
static void make_index(struct fixture *f)
{
    char id[16], body[400];
    struct ix_writer *w = open_writer(f);
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof(id), "%d", i);
        snprintf(body, sizeof(body), "apple w%d x%d y%d z%d 丽水 市委 书记 强调 高质量发展", i,
                 i * 7, i * 13, i * 31);
        put(f, w, id, body);
    }
    publish(f, w);
    w = open_writer(f);
    put(f, w, "7", "apple changed");
    publish(f, w);
}

static void path_in(struct fixture *f, const char *name, char *out, size_t room)
{
    snprintf(out, room, "%s/%s", f->dir, name);
}

static const char *const file_name[] = {
    "MANIFEST",       "seg-1-0/postlist.glass", "seg-1-0/docdata.glass", "seg-1-0/iamglass",
    "seg-1-0/SUMS",   "seg-2-0/postlist.glass", "seg-2-0/docdata.glass", "seg-2-0/iamglass",
    "dead-seg-1-0-2", "seg-2-0/SUMS",
};
enum { FILES = sizeof(file_name) / sizeof(*file_name) };

static struct buf read_whole(struct fixture *f, const char *path)
{
    struct buf b;
    buf_init(&b, 1 << 26);
    assert_ok(file_read(path, &b, &f->err), f);
    return b;
}

static void write_whole(struct fixture *f, const char *path, struct str data)
{
    assert_ok(file_replace(path, data, 0644, &f->err), f);
}

struct told {
    const char *name;
    bool named;
};

static void hear(void *ctx, const char *line)
{
    struct told *t = ctx;
    if (strstr(line, t->name))
        t->named = true;
}

/* A check finds something, and names the file. */
static void assert_found(struct fixture *f, const char *name)
{
    struct told t = {.name = name};
    enum st st = ix_check(f->dir, hear, &t, &f->err);
    if (st != ST_DAMAGED || !t.named)
        print_error("damage in %s was not told: status %d, %s\n", name, (int)st, f->err.text);
    assert_int_equal(st, ST_DAMAGED);
    assert_true(t.named);
}

/* The message is this, behind the folder of the index. */
static void assert_message(const struct fixture *f, const char *text)
{
    char whole[PATH_MAX + 200];
    snprintf(whole, sizeof(whole), "%s/%s", f->dir, text);
    assert_string_equal(f->err.text, whole);
}

/* Open, search, and read what was found; any status will do. */
static enum st use(struct fixture *f)
{
    struct ix_reader *r = NULL;
    struct ix_view *v = NULL;
    struct ix_node t = term("apple"), all = {.op = IX_ALL};
    struct ix_node *kid[] = {&t, &all};
    struct ix_node node = {.op = IX_OR, .kid = kid, .nkid = 2};
    const struct ix_search q = query(&node);
    struct ix_result result;
    struct ix_doc doc;
    uint64_t number;
    arena_reset(&f->arena);
    enum st st = ix_reader_open(f->dir, &r, &f->err);
    if (st == ST_OK)
        st = ix_view_open(&r, 1, &v, &f->err);
    if (st == ST_OK)
        st = ix_search(v, &q, &f->arena, &result, &f->err);
    for (size_t i = 0; st == ST_OK && i < result.n; i++)
        st = ix_document(v, result.hit[i].doc, &f->arena, &doc, &f->err);
    if (st == ST_OK)
        st = ix_find(v, STR("7"), &number, &f->err);
    ix_view_close(v);
    ix_reader_close(r);
    return st;
}

static void a_flipped_bit_is_found_in_every_file(void **state)
{
    struct fixture *f = *state;
    struct dice d = dice_seeded();
    char path[PATH_MAX + 64];
    make_index(f);
    assert_int_equal(findings(f), 0);
    assert_int_equal(use(f), ST_OK);
    for (size_t i = 0; i < FILES; i++) {
        path_in(f, file_name[i], path, sizeof(path));
        struct buf b = read_whole(f, path);
        for (int k = 0; k < 20; k++) {
            size_t at = dice_below(&d, b.n);
            char bit = (char)(1 << dice_below(&d, 8));
            b.p[at] ^= bit;
            write_whole(f, path, buf_str(&b));
            assert_found(f, file_name[i]);
            b.p[at] ^= bit;
        }
        write_whole(f, path, buf_str(&b));
        buf_fini(&b);
    }
    assert_int_equal(findings(f), 0);
}

static void a_short_or_missing_file_is_found(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    make_index(f);
    for (size_t i = 0; i < FILES; i++) {
        path_in(f, file_name[i], path, sizeof(path));
        struct buf b = read_whole(f, path);
        write_whole(f, path, str_from(b.p, b.n - 1));
        assert_found(f, file_name[i]);
        assert_int_equal(use(f), ST_DAMAGED); /* seen at opening */
        write_whole(f, path, str_from(b.p, 0));
        assert_int_equal(use(f), ST_DAMAGED);
        assert_int_equal(unlink(path), 0);
        assert_found(f, file_name[i]);
        assert_int_equal(use(f), ST_DAMAGED);
        assert_non_null(strstr(f->err.text, file_name[i]));
        write_whole(f, path, buf_str(&b));
        buf_fini(&b);
    }
    assert_int_equal(use(f), ST_OK);
}

/* libxapian does not survive every damage, so it never gets to see any. The error names the file,
 * and with it the segment. */
static void a_damaged_segment_is_not_opened(void **state)
{
    struct fixture *f = *state;
    struct dice d = dice_seeded();
    char path[PATH_MAX + 64];
    make_index(f);
    for (size_t i = 0; i < 400; i++) {
        path_in(f, file_name[i % FILES], path, sizeof(path));
        struct buf b = read_whole(f, path);
        size_t at = dice_below(&d, b.n);
        char bit = (char)(1 << dice_below(&d, 8));
        b.p[at] ^= bit;
        write_whole(f, path, buf_str(&b));
        assert_int_equal(use(f), ST_DAMAGED);
        assert_non_null(strstr(f->err.text, file_name[i % FILES]));
        b.p[at] ^= bit;
        write_whole(f, path, buf_str(&b));
        buf_fini(&b);
    }
    assert_int_equal(use(f), ST_OK);
}

/* What happens to a file while it is open cannot be foreseen; the error still names the segment. */
static void files_that_shrink_while_they_are_searched(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    make_index(f);
    struct opened o = open_index(f);
    struct ix_node t = term("apple");
    const struct ix_search q = query(&t);
    struct ix_result r;
    struct ix_doc doc;
    uint64_t number;
    assert_ok(ix_find(o.view, STR("250"), &number, &f->err), f);
    path_in(f, "seg-1-0/docdata.glass", path, sizeof(path));
    assert_int_equal(truncate(path, 10), 0);
    assert_st(ix_document(o.view, number, &f->arena, &doc, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "seg-1-0"));
    path_in(f, "seg-1-0/postlist.glass", path, sizeof(path));
    assert_int_equal(truncate(path, 10), 0);
    assert_st(ix_search(o.view, &q, &f->arena, &r, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "seg-1-0"));
    close_index(&o);
}

/* Neither the size nor the time of a file tells: the time was set back. */
static void damage_that_is_hidden(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    const unsigned char level = 0xff;
    enum { BLOCK = 8192 };
    struct stat sb;
    make_index(f);
    struct opened o = open_index(f);
    path_in(f, "seg-1-0/postlist.glass", path, sizeof(path));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(fstat(fd, &sb), 0);
    for (off_t at = 0; at < sb.st_size; at += BLOCK)
        assert_int_equal(pwrite(fd, &level, 1, at + 4), 1);
    const struct timespec times[2] = {sb.st_atim, sb.st_mtim};
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
    struct ix_node t = term("apple");
    const struct ix_search q = query(&t);
    struct ix_result r;
    assert_st(ix_search(o.view, &q, &f->arena, &r, &f->err), ST_DAMAGED, f);
    assert_message(f, "seg-1-0/postlist.glass: its checksum does not match");
    assert_st(ix_view_verify(o.view, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "seg-1-0"));
    close_index(&o);
}

/* Overwrite the end of a file of the segment, and set all checksums right. */
static void overwrite_end(struct fixture *f, const char *segment, const char *name)
{
    char folder[PATH_MAX + 64], path[PATH_MAX + 128];
    struct manifest m;
    uint64_t disk;
    path_in(f, segment, folder, sizeof(folder));
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    struct buf b = read_whole(f, path);
    memset(b.p + b.n - 600, 0xff, 600);
    write_whole(f, path, buf_str(&b));
    buf_fini(&b);
    snprintf(path, sizeof(path), "%s/%s", folder, SUMS_NAME);
    assert_int_equal(unlink(path), 0);
    manifest_init(&m);
    assert_ok(manifest_load(f->dir, MANIFEST_NAME, &m, &f->err), f);
    for (size_t i = 0; i < m.n; i++)
        if (strcmp(m.segment[i].name, segment) == 0)
            assert_ok(sums_write(folder, &disk, &m.segment[i].sums, &f->err), f);
    assert_ok(manifest_publish(f->dir, &m, &f->err), f);
    manifest_fini(&m);
}

/* Ids too long for a term are read when hits are put in order. A segment whose bytes are those that
 * were written, but wrong all the same, is named then too. */
static void an_id_that_cannot_be_read_names_its_segment(void **state)
{
    struct fixture *f = *state;
    char id[2][300];
    struct ix_node apple = term("apple");
    const struct ix_search q = query(&apple);
    struct ix_result r;
    for (size_t i = 0; i < 2; i++) {
        struct ix_writer *w = open_writer(f);
        memset(id[i], 'a' + (int)i, sizeof(id[i]));
        const struct ix_doc doc = {.id = str_from(id[i], sizeof(id[i])), .body = STR("apple")};
        assert_ok(put_doc(f, w, &doc), f);
        put(f, w, i ? "2" : "1", "cherry"); /* so that not all are kept, and all sorted at last */
        publish(f, w);
    }
    overwrite_end(f, "seg-1-0", "docdata.glass");
    struct opened o = open_index(f);
    assert_st(ix_search(o.view, &q, &f->arena, &r, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "seg-1-0"));
    close_index(&o);
}

/* A backup of links touches every file; it is no damage. */
static void links_are_no_damage(void **state)
{
    struct fixture *f = *state;
    char to[PATH_MAX + 8];
    uint64_t g;
    make_index(f);
    struct opened o = open_index(f);
    snprintf(to, sizeof(to), "%s.copy", f->dir);
    assert_ok(ix_backup(f->dir, to, &(struct ix_copy_opts){0}, &g, &f->err), f);
    assert_ok(ix_view_verify(o.view, &f->err), f);
    close_index(&o);
}

/* One message for each file that opening reads: the place, a colon, what is wrong. */
static void a_message_names_the_place_once(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    make_index(f);
    static const struct {
        const char *name, *message;
    } file[] = {
        {"MANIFEST", "MANIFEST: its checksum does not match; MANIFEST.2 is whole: gongbao-ingest "
                     "--rollback brings it back"},
        {"dead-seg-1-0-2", "dead-seg-1-0-2: its checksum does not match"},
        {"seg-1-0/SUMS", "seg-1-0/SUMS: its checksum is not the one in the manifest"},
    };
    for (size_t i = 0; i < sizeof(file) / sizeof(*file); i++) {
        path_in(f, file[i].name, path, sizeof(path));
        struct buf b = read_whole(f, path);
        b.p[b.n / 2] ^= 1;
        write_whole(f, path, buf_str(&b));
        assert_int_equal(use(f), ST_DAMAGED);
        assert_message(f, file[i].message);
        b.p[b.n / 2] ^= 1;
        write_whole(f, path, buf_str(&b));
        buf_fini(&b);
    }
}

static void a_segment_of_another_index_is_found(void **state)
{
    struct fixture *f = *state;
    struct fixture g = *f;
    char from[PATH_MAX + 64], to[PATH_MAX + 64];
    make_index(f);
    snprintf(g.dir, sizeof(g.dir), "%s/other", f->folder);
    make_index(&g);
    path_in(&g, "seg-1-0", from, sizeof(from)); /* the same documents make the same bytes */
    path_in(f, "seg-2-0", to, sizeof(to));
    assert_ok(file_remove_tree(to, &f->err), f);
    assert_int_equal(rename(from, to), 0);
    assert_found(f, "seg-2-0");
    assert_int_equal(use(f), ST_DAMAGED);
}

static void no_controls(void *ctx, const char *line)
{
    size_t *lines = ctx;
    ++*lines;
    for (const char *p = line; *p; p++)
        assert_in_range((unsigned char)*p, 0x20, 0xff);
}

/* The name of a folder may be anything, and findings go to terminals and logs. */
static void findings_are_clean(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    size_t lines = 0;
    snprintf(f->dir, sizeof(f->dir), "%s/red\x1b[31m", f->folder);
    make_index(f);
    path_in(f, "seg-1-0/docdata.glass", path, sizeof(path));
    assert_int_equal(truncate(path, 100), 0);
    path_in(f, "seg-2-0/extra", path, sizeof(path));
    write_whole(f, path, STR("x"));
    assert_st(ix_check(f->dir, no_controls, &lines, &f->err), ST_DAMAGED, f);
    assert_true(lines > 0);
}

/* A writer looks at what it needs of older segments, and tells when that is damaged. */
static void a_writer_tells_of_damage_that_it_meets(void **state)
{
    struct fixture *f = *state;
    bool was;
    char path[PATH_MAX + 64];
    make_index(f);
    path_in(f, "seg-1-0/docdata.glass", path, sizeof(path));
    assert_int_equal(truncate(path, 100), 0);
    struct ix_writer *w = open_writer(f);
    assert_st(ix_writer_delete(w, STR("9"), &was, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "seg-1-0"));
    ix_writer_close(w);
}

/* A merged segment gets checksums of its own, so damage must not get into it. */
static void damage_is_not_merged(void **state)
{
    struct fixture *f = *state;
    const struct ix_writer_opts opts = {.optimize = true};
    struct ix_writer *w;
    struct buf b;
    char path[PATH_MAX + 64];
    uint64_t generation;
    make_index(f);
    path_in(f, "seg-1-0/postlist.glass", path, sizeof(path));
    buf_init(&b, 1 << 24);
    assert_ok(file_read(path, &b, &f->err), f);
    b.p[b.n / 2] ^= 1;
    write_whole(f, path, buf_str(&b));
    assert_ok(ix_writer_open(f->dir, &opts, &w, &f->err), f);
    assert_st(ix_writer_publish(w, &generation, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "seg-1-0/postlist.glass"));
    ix_writer_close(w);
    assert_ok(ix_generation(f->dir, &generation, &f->err), f);
    assert_int_equal(generation, 2);
    b.p[b.n / 2] ^= 1;
    write_whole(f, path, buf_str(&b));
    assert_int_equal(findings(f), 0);
    buf_fini(&b);
}

static void what_is_no_index(void **state)
{
    struct fixture *f = *state;
    struct ix_reader *r;
    size_t n = 0;
    assert_st(ix_reader_open(f->dir, &r, &f->err), ST_NO_INDEX, f); /* no folder */
    assert_non_null(strstr(f->err.text, f->dir));
    assert_st(ix_check(f->dir, count_finding, &n, &f->err), ST_NO_INDEX, f);
    assert_int_equal(mkdir(f->dir, 0755), 0);
    assert_st(ix_reader_open(f->dir, &r, &f->err), ST_NO_INDEX, f); /* nothing in it */
    assert_int_equal(rmdir(f->dir), 0);
    write_whole(f, f->dir, STR("a file"));
    assert_st(ix_reader_open(f->dir, &r, &f->err), ST_IO, f);
    struct ix_writer *w;
    const struct ix_writer_opts opts = {0};
    assert_st(ix_writer_open(f->dir, &opts, &w, &f->err), ST_IO, f);
}

static void a_folder_that_may_not_be_read(void **state)
{
    struct fixture *f = *state;
    struct ix_reader *r;
    make_index(f);
    bool root = geteuid() == 0;
    assert_int_equal(chmod(f->dir, 0), 0);
    if (root)
        assert_int_equal(seteuid(65534), 0);
    enum st st = ix_reader_open(f->dir, &r, &f->err);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(f->dir, 0755), 0);
    assert_int_equal(st, ST_IO);
    assert_non_null(strstr(f->err.text, f->dir));
}

/* Opening an index by a process that may open `more` files. */
static void open_with_few_files(struct fixture *f, int more)
{
    struct rlimit before, few;
    struct ix_reader *r;
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(next >= 0);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){.rlim_cur = (rlim_t)(next + more), .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    enum st st = ix_reader_open(f->dir, &r, &f->err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_st(st, ST_IO, f);
    assert_non_null(strstr(f->err.text, "may not open more files"));
}

static void more_files_than_may_be_open(void **state)
{
    struct fixture *f = *state;
    make_index(f);
    open_with_few_files(f, 0); /* for reading the manifest */
    open_with_few_files(f, 1); /* for a database */
    open_with_few_files(f, 2); /* for the segment after the first */
}

static void hear_last(void *ctx, const char *line)
{
    snprintf(ctx, 400, "%s", line);
}

/* Whoever may only read an intact index finds no damage in it, and real damage all the same. */
static void a_check_without_the_right_to_write(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64], line[400] = "";
    make_index(f);
    path_in(f, "seg-1-0/postlist.glass", path, sizeof(path));
    bool root = geteuid() == 0;
    assert_int_equal(chmod(f->folder, 0755), 0);
    assert_int_equal(chmod(path, 0444), 0);
    if (root)
        assert_int_equal(seteuid(65534), 0);
    enum st st = ix_check(f->dir, hear_last, line, &f->err);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_ok(st, f);
    assert_non_null(strstr(line, "structure was not looked at"));
    assert_int_equal(truncate(path, 100), 0);
    assert_st(ix_check(f->dir, hear_last, line, &f->err), ST_DAMAGED, f);
}

static void a_manifest_of_another_version(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    publish(f, open_writer(f));
    path_in(f, "MANIFEST.1", path, sizeof(path)); /* a copy would be the way out */
    assert_int_equal(unlink(path), 0);
    path_in(f, "MANIFEST", path, sizeof(path));
    write_whole(f, path,
                STR("gongbao-index 4\ngeneration 1\npublished 1\n"
                    "checksum 13eb4aa8541dda38bfae7840ff20d3cf\n"));
    struct ix_reader *r;
    assert_st(ix_reader_open(f->dir, &r, &f->err), ST_DAMAGED, f);
    assert_message(f, "MANIFEST: written in version 4, this program reads 3");
    write_whole(f, path,
                STR("gongbao-index 2\ngeneration 1\npublished 1\n"
                    "checksum b5fc12c9ef8a9aeaedb8d7c439730126\n"));
    assert_st(ix_reader_open(f->dir, &r, &f->err), ST_DAMAGED, f);
    assert_message(
        f, "MANIFEST: written in version 2, this program reads 3: ingest again, into a new folder");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_flipped_bit_is_found_in_every_file),
        TEST(a_short_or_missing_file_is_found),
        TEST(a_damaged_segment_is_not_opened),
        TEST(files_that_shrink_while_they_are_searched),
        TEST(damage_that_is_hidden),
        TEST(an_id_that_cannot_be_read_names_its_segment),
        TEST(links_are_no_damage),
        TEST(a_message_names_the_place_once),
        TEST(a_segment_of_another_index_is_found),
        TEST(findings_are_clean),
        TEST(a_writer_tells_of_damage_that_it_meets),
        TEST(damage_is_not_merged),
        TEST(what_is_no_index),
        TEST(a_folder_that_may_not_be_read),
        TEST(more_files_than_may_be_open),
        TEST(a_check_without_the_right_to_write),
        TEST(a_manifest_of_another_version),
    };
    return RUN_TESTS(tests);
}
