/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files: reading whole ones, replacing them so that nothing is ever half there, removing trees. */

#include "harness.h"
#include <gongbao/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct fixture {
    char *folder;
    char path[PATH_MAX]; /* of a file in it */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->folder = harness_folder();
    snprintf(f->path, sizeof(f->path), "%s/manifest", f->folder);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    assert_int_equal(file_remove_tree(f->folder, &err), ST_OK);
    free(f->folder);
    free(f);
    return 0;
}

static void write_file(const char *path, struct str data)
{
    assert_int_equal(file_replace(path, data, 0644, NULL), ST_OK);
}

/* How many entries the folder has. */
static unsigned count_entries(const char *folder)
{
    char command[PATH_MAX + 32], line[16];
    snprintf(command, sizeof(command), "ls -A '%s' | wc -l", folder);
    FILE *ls = popen(command, "r");
    assert_non_null(ls);
    assert_non_null(fgets(line, sizeof(line), ls));
    pclose(ls);
    return (unsigned)atoi(line);
}

static void what_was_written_is_read(void **state)
{
    const struct fixture *f = *state;
    struct buf b;
    struct stat info;
    buf_init(&b, 1 << 20);
    buf_addz(&b, "before ");
    assert_int_equal(file_replace(f->path, STR("代41\0\n"), 0640, NULL), ST_OK);
    assert_int_equal(file_read(f->path, &b, NULL), ST_OK);
    assert_str(buf_str(&b), "before 代41\0\n"); /* reading appends */
    assert_int_equal(stat(f->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    buf_fini(&b);
}

static void replacing_leaves_one_file(void **state)
{
    const struct fixture *f = *state;
    struct buf b;
    write_file(f->path, STR("old and longer"));
    write_file(f->path, STR("new"));
    buf_init(&b, 100);
    assert_int_equal(file_read(f->path, &b, NULL), ST_OK);
    assert_str(buf_str(&b), "new");
    assert_int_equal(count_entries(f->folder), 1);
    buf_fini(&b);
}

static void a_reader_of_the_old_file_keeps_it(void **state)
{
    const struct fixture *f = *state;
    struct file_map map;
    write_file(f->path, STR("old"));
    assert_int_equal(file_map(f->path, &map, NULL), ST_OK);
    write_file(f->path, STR("new"));
    assert_str(str_from((const char *)map.p, map.n), "old");
    file_unmap(&map);
    assert_null(map.p);
    file_unmap(&map);
}

static void a_replacement_that_fails_changes_nothing(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_INIT;
    char inside[PATH_MAX + 8];
    /* A folder that is not empty cannot be renamed over. */
    assert_int_equal(mkdir(f->path, 0755), 0);
    snprintf(inside, sizeof(inside), "%s/x", f->path);
    write_file(inside, STR("x"));
    assert_int_equal(file_replace(f->path, STR("new"), 0644, &err), ST_IO);
    assert_non_null(strstr(err.text, f->path));
    assert_int_equal(count_entries(f->folder), 1);
    assert_int_equal(file_replace("/no/such/folder/file", STR(""), 0644, &err), ST_IO);
    assert_non_null(strstr(err.text, "/no/such/folder/file"));
}

static void the_cap_is_the_largest_file(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_INIT;
    struct buf b;
    write_file(f->path, STR("12345"));
    buf_init(&b, 5);
    assert_int_equal(file_read(f->path, &b, &err), ST_OK);
    assert_str(buf_str(&b), "12345");
    buf_fini(&b);
    buf_init(&b, 4);
    assert_int_equal(file_read(f->path, &b, &err), ST_IO);
    assert_non_null(strstr(err.text, "larger than the limit of 4 bytes"));
    assert_false(buf_ok(&b));
    buf_fini(&b);
    buf_init(&b, 0);
    write_file(f->path, STR(""));
    assert_int_equal(file_read(f->path, &b, &err), ST_OK);
    buf_fini(&b);
}

static void a_file_whose_size_is_not_told_is_read(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(file_read("/proc/self/status", &b, NULL), ST_OK); /* stat says 0 bytes */
    assert_true(b.n > 100);
    buf_fini(&b);
}

static void only_regular_files(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_INIT;
    struct buf b;
    struct file_map map;
    buf_init(&b, 100);
    assert_int_equal(file_read(f->folder, &b, &err), ST_IO);
    assert_non_null(strstr(err.text, "not a regular file"));
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(file_read(f->path, &b, &err), ST_IO); /* and does not wait for a writer */
    assert_int_equal(file_map(f->path, &map, &err), ST_IO);
    assert_int_equal(file_map("/no/such", &map, &err), ST_IO);
    assert_string_equal(err.text, "open /no/such: No such file or directory");
    buf_fini(&b);
}

static void an_empty_file_maps_to_nothing(void **state)
{
    const struct fixture *f = *state;
    struct file_map map = {.n = 7};
    write_file(f->path, STR(""));
    assert_int_equal(file_map(f->path, &map, NULL), ST_OK);
    assert_null(map.p);
    assert_int_equal(map.n, 0);
    file_unmap(&map);
}

static void a_tree_is_removed_but_not_what_links_point_to(void **state)
{
    const struct fixture *f = *state;
    char path[2 * PATH_MAX], outside[2 * PATH_MAX];
    struct err err = ERR_INIT;
    snprintf(outside, sizeof(outside), "%s/outside", f->folder);
    assert_int_equal(mkdir(outside, 0755), 0);
    snprintf(path, sizeof(path), "%s/outside/kept", f->folder);
    write_file(path, STR("kept"));
    assert_int_equal(mkdir(f->path, 0755), 0);
    snprintf(path, sizeof(path), "%s/a", f->path);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof(path), "%s/a/b", f->path);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof(path), "%s/a/b/file", f->path);
    write_file(path, STR("x"));
    snprintf(path, sizeof(path), "%s/a/link", f->path);
    assert_int_equal(symlink(outside, path), 0);
    assert_int_equal(file_remove_tree(f->path, &err), ST_OK);
    assert_int_equal(count_entries(f->folder), 1);
    assert_int_equal(count_entries(outside), 1);
    assert_int_equal(file_remove_tree(f->path, &err), ST_OK); /* a missing one is no error */
    assert_int_equal(symlink(outside, f->path), 0);
    assert_int_equal(file_remove_tree(f->path, &err), ST_IO);
    assert_int_equal(count_entries(outside), 1);
}

static void syncing(void **state)
{
    const struct fixture *f = *state;
    struct err err = ERR_INIT;
    write_file(f->path, STR("x"));
    assert_int_equal(file_sync(f->path, &err), ST_OK);
    assert_int_equal(file_sync(f->folder, &err), ST_OK);
    assert_int_equal(file_sync("/no/such", &err), ST_IO);
}

/* Through a pipe that holds less, to a reader that comes late. */
static void all_of_it_is_written(void **state)
{
    (void)state;
    enum { MUCH = 300000 };
    int end[2];
    static char data[MUCH];
    size_t got = 0;
    assert_int_equal(pipe(end), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(file_write_all(end[1], str_from(data, MUCH)) ? 0 : 1);
    close(end[1]);
    for (ssize_t n; (n = read(end[0], data, 1000)) > 0;)
        got += (size_t)n;
    close(end[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(got, MUCH);
    assert_true(file_write_all(-1, STR("")));
    assert_false(file_write_all(-1, STR("x")));
    assert_int_equal(errno, EBADF);
}

static void a_place_is_read_up_to_the_end(void **state)
{
    const struct fixture *f = *state;
    char bytes[8] = "";
    write_file(f->path, STR("0123456789"));
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_read_at(fd, bytes, 4, 3), 4);
    assert_memory_equal(bytes, "3456", 4);
    assert_int_equal(file_read_at(fd, bytes, 4, 8), 2);
    assert_memory_equal(bytes, "8956", 4);
    assert_int_equal(file_read_at(fd, bytes, 4, 10), 0);
    close(fd);
    assert_int_equal(file_read_at(-1, bytes, 4, 0), -1);
    assert_int_equal(errno, EBADF);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(all_of_it_is_written),
        TEST(a_place_is_read_up_to_the_end),
        TEST(what_was_written_is_read),
        TEST(replacing_leaves_one_file),
        TEST(a_reader_of_the_old_file_keeps_it),
        TEST(a_replacement_that_fails_changes_nothing),
        TEST(the_cap_is_the_largest_file),
        TEST(a_file_whose_size_is_not_told_is_read),
        TEST(only_regular_files),
        TEST(an_empty_file_maps_to_nothing),
        TEST(a_tree_is_removed_but_not_what_links_point_to),
        TEST(syncing),
    };
    return RUN_TESTS(tests);
}
