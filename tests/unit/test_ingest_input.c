/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The bytes of a source: lines of any length, and gzip in every state of health. */

#include "../../src/ingest/input.h"
#include "harness.h"

static char *folder;

static int make_folder(void **state)
{
    (void)state;
    folder = harness_folder();
    return 0;
}

static int remove_folder(void **state)
{
    char command[PATH_MAX + 16];
    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    free(folder);
    return system(command);
}

/* A descriptor from which these bytes can be read. */
static int file_of(const void *p, size_t n)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/bytes", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), (ssize_t)n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* Append text as one gzip member. */
static size_t gzip(struct str text, unsigned char *out, size_t room)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text.p;
    z.avail_in = (uInt)text.n;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = z.total_out;
    deflateEnd(&z);
    return n;
}

/* Everything that comes out, in pieces of at most `piece`, and how it ended. */
static enum st inflate_all(const unsigned char *p, size_t n, size_t piece, struct buf *out,
                           struct err *err)
{
    struct input r;
    char bytes[4096];
    size_t got;
    *err = (struct err)ERR_INIT;
    buf_reset(out);
    enum st st = input_open(&r, file_of(p, n), true, "x.gz", NULL, err);
    assert_int_equal(st, ST_OK);
    while ((st = input_read(&r, bytes, piece, &got, err)) == ST_OK && got > 0)
        buf_add(out, bytes, got);
    input_close(&r);
    return st;
}

struct wanted_line {
    enum line_kind kind;
    const char *text;
};

static void expect_lines(struct str bytes, uint64_t max, const struct wanted_line *want)
{
    struct input r;
    struct lines l;
    struct str line;
    enum line_kind kind;
    uint64_t n = 0;
    assert_int_equal(input_open(&r, file_of(bytes.p, bytes.n), false, "x", NULL, NULL), ST_OK);
    lines_init(&l, &r, max);
    for (;; want++) {
        assert_int_equal(lines_next(&l, &line, &kind, NULL), ST_OK);
        assert_int_equal(kind, want->kind);
        if (kind == LINE_END)
            break;
        assert_int_equal(l.line, ++n);
        if (kind == LINE_WHOLE)
            assert_true(str_eq(line, str_of(want->text)));
    }
    assert_int_equal(lines_next(&l, &line, &kind, NULL), ST_OK);
    assert_int_equal(kind, LINE_END);
    lines_fini(&l);
    input_close(&r);
}

static void lines_are_cut_at_line_feeds(void **state)
{
    (void)state;
    expect_lines(STR(""), 10, (struct wanted_line[]){{LINE_END, NULL}});
    expect_lines(STR("\n"), 10, (struct wanted_line[]){{LINE_WHOLE, ""}, {LINE_END, NULL}});
    expect_lines(STR("一\r\n\n二"), 10,
                 (struct wanted_line[]){
                     {LINE_WHOLE, "一\r"}, {LINE_WHOLE, ""}, {LINE_WHOLE, "二"}, {LINE_END, NULL}});
}

static void long_line_is_skipped_and_counted(void **state)
{
    (void)state;
    expect_lines(
        STR("1234\n12345\nab"), 4,
        (struct wanted_line[]){
            {LINE_WHOLE, "1234"}, {LINE_TOO_LONG, NULL}, {LINE_WHOLE, "ab"}, {LINE_END, NULL}});
    expect_lines(
        STR("ab\n12345"), 4,
        (struct wanted_line[]){{LINE_WHOLE, "ab"}, {LINE_TOO_LONG, NULL}, {LINE_END, NULL}});
}

/* Several pieces of reading long: the buffer does not keep it. */
static void very_long_line_takes_no_memory(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8 << 20);
    char *p = buf_room(&b, 5 << 20);
    assert_non_null(p);
    memset(p, 'x', 5 << 20);
    b.n += 5 << 20;
    buf_addz(&b, "\nend\n");
    expect_lines(
        buf_str(&b), 1000,
        (struct wanted_line[]){{LINE_TOO_LONG, NULL}, {LINE_WHOLE, "end"}, {LINE_END, NULL}});
    buf_fini(&b);
}

static void members_follow_each_other(void **state)
{
    unsigned char z[1024];
    struct buf out;
    struct err err;
    (void)state;
    buf_init(&out, 1 << 20);
    size_t n = gzip(STR("第一\n"), z, sizeof(z));
    n += gzip(STR(""), z + n, sizeof(z) - n);
    n += gzip(STR("第二\n"), z + n, sizeof(z) - n);
    for (size_t piece = 1; piece < 9; piece++) {
        assert_int_equal(inflate_all(z, n, piece, &out, &err), ST_OK);
        assert_str(buf_str(&out), "第一\n第二\n");
    }
    memset(z + n, 0, 100); /* a tape's padding */
    assert_int_equal(inflate_all(z, n + 100, 4096, &out, &err), ST_OK);
    assert_str(buf_str(&out), "第一\n第二\n");
    buf_fini(&out);
}

static void damage_is_told_after_what_was_good(void **state)
{
    unsigned char z[1024];
    struct buf out;
    struct err err;
    (void)state;
    buf_init(&out, 1 << 20);
    size_t n = gzip(STR("一行\n"), z, sizeof(z));

    assert_int_equal(inflate_all(z, n - 1, 4096, &out, &err), ST_REJECTED);
    assert_string_equal(err.text, "gzip: truncated");
    assert_str(buf_str(&out), "一行\n");

    z[n - 4] ^= 1; /* the length, behind the checksum */
    assert_int_equal(inflate_all(z, n, 4096, &out, &err), ST_REJECTED);
    assert_string_equal(err.text, "gzip: damaged: incorrect length check");
    z[n - 4] ^= 1;
    z[n - 8] ^= 1;
    assert_int_equal(inflate_all(z, n, 4096, &out, &err), ST_REJECTED);
    assert_string_equal(err.text, "gzip: damaged: incorrect data check");
    assert_str(buf_str(&out), "一行\n");
    z[n - 8] ^= 1;

    z[n] = 'x';
    assert_int_equal(inflate_all(z, n + 1, 4096, &out, &err), ST_REJECTED);
    assert_string_equal(err.text, "gzip: foreign bytes after the end");
    assert_str(buf_str(&out), "一行\n");
    buf_fini(&out);
}

static void not_gzip(void **state)
{
    struct buf out;
    struct err err;
    (void)state;
    buf_init(&out, 1 << 20);
    assert_int_equal(inflate_all((const unsigned char *)"{}\n", 3, 16, &out, &err), ST_REJECTED);
    assert_string_equal(err.text, "gzip: not a gzip file");
    assert_int_equal(inflate_all((const unsigned char *)"", 0, 16, &out, &err), ST_REJECTED);
    assert_string_equal(err.text, "gzip: truncated");
    assert_int_equal(inflate_all((const unsigned char *)"\x1f\x8b", 2, 16, &out, &err),
                     ST_REJECTED);
    assert_string_equal(err.text, "gzip: truncated");
    buf_fini(&out);
}

static void what_inflates_without_end_is_cut(void **state)
{
    struct buf zeros, out;
    struct err err;
    size_t n = 32 << 20;
    (void)state;
    buf_init(&zeros, n);
    buf_init(&out, n);
    char *p = buf_room(&zeros, n);
    unsigned char *z = malloc(1 << 20);
    assert_true(p && z);
    memset(p, 0, n);
    size_t zn = gzip(str_from(p, n), z, 1 << 20);
    assert_int_equal(inflate_all(z, zn, 4096, &out, &err), ST_REJECTED);
    assert_string_equal(err.text, "gzip: inflates to over 300 times its size");
    assert_true(out.n < n / 3 + (1 << 20));
    free(z);
    buf_fini(&zeros);
    buf_fini(&out);
}

static void whole_text_up_to_its_limit(void **state)
{
    struct input r;
    struct buf b;
    (void)state;
    buf_init(&b, 6);
    assert_int_equal(input_open(&r, file_of("公报", 6), false, "x", NULL, NULL), ST_OK);
    assert_int_equal(input_all(&r, &b, NULL), ST_OK);
    assert_str(buf_str(&b), "公报");
    input_close(&r);
    buf_reset(&b);
    assert_int_equal(input_open(&r, file_of("公报!", 7), false, "x", NULL, NULL), ST_OK);
    assert_int_equal(input_all(&r, &b, NULL), ST_REJECTED);
    input_close(&r);
    buf_fini(&b);
}

/* A pipe on which nothing comes does not keep the program from ending. */
static void stop_is_noticed_on_a_silent_pipe(void **state)
{
    static atomic_bool stop;
    struct input r;
    char bytes[16];
    size_t got;
    int fd[2];
    (void)state;
    assert_int_equal(pipe(fd), 0);
    assert_int_equal(input_open(&r, fd[0], false, "-", &stop, NULL), ST_OK);
    assert_int_equal(write(fd[1], "x", 1), 1);
    assert_int_equal(input_read(&r, bytes, sizeof(bytes), &got, NULL), ST_OK);
    assert_int_equal(got, 1);
    stop = 1;
    assert_int_equal(input_read(&r, bytes, sizeof(bytes), &got, NULL), ST_STOPPING);
    input_close(&r);
    close(fd[1]);
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(lines_are_cut_at_line_feeds),
        IN_FOLDER(long_line_is_skipped_and_counted),
        IN_FOLDER(very_long_line_takes_no_memory),
        IN_FOLDER(members_follow_each_other),
        IN_FOLDER(damage_is_told_after_what_was_good),
        IN_FOLDER(not_gzip),
        IN_FOLDER(what_inflates_without_end_is_cut),
        IN_FOLDER(whole_text_up_to_its_limit),
        cmocka_unit_test(stop_is_noticed_on_a_silent_pipe),
    };
    return RUN_TESTS(tests);
}
