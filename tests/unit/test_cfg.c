/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Configuration: every type, its limits, and what a person is told who made a mistake. */

#include "harness.h"
#include <gongbao/cfg.h>

struct conf {
    bool snippet;
    uint64_t workers, line_max, kill_ms;
    double title;
    struct str path;
    struct cfg_list index;
};

static const struct cfg_key keys[] = {
    {"snippet", CFG_BOOL, offsetof(struct conf, snippet), "yes", 0, 0, ""},
    {"workers", CFG_COUNT, offsetof(struct conf, workers), "2", 1, 64, ""},
    {"line.max", CFG_SIZE, offsetof(struct conf, line_max), "8K", 1024, 1048576, ""},
    {"worker.kill_ms", CFG_MS, offsetof(struct conf, kill_ms), "2s", 10, 600000, ""},
    {"title", CFG_REAL, offsetof(struct conf, title), "2.5", -1, 10, ""},
    {"path", CFG_TEXT, offsetof(struct conf, path), NULL, 0, 0, ""},
    {"index", CFG_LIST, offsetof(struct conf, index), NULL, 0, 0, ""},
    {NULL, 0, 0, NULL, 0, 0, NULL},
};

struct fixture {
    struct conf conf;
    struct arena arena;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    memset(&f->conf, 0xa5, sizeof(f->conf)); /* the defaults must set every field */
    arena_init(&f->arena, 1 << 20);
    assert_int_equal(cfg_defaults(keys, &f->conf, &f->arena, &f->err), ST_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static enum st read_text(struct fixture *f, const char *text)
{
    f->err = (struct err)ERR_INIT;
    return cfg_read(keys, str_of(text), "a.conf", &f->conf, &f->arena, &f->err);
}

static void defaults(void **state)
{
    const struct fixture *f = *state;
    assert_true(f->conf.snippet);
    assert_int_equal(f->conf.workers, 2);
    assert_int_equal(f->conf.line_max, 8192);
    assert_int_equal(f->conf.kill_ms, 2000);
    assert_true(f->conf.title == 2.5);
    assert_int_equal(f->conf.path.n, 0);
    assert_int_equal(f->conf.index.n, 0);
}

static void a_file(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        read_text(f, "\xef\xbb\xbf# 公报\n\nsnippet = no\r\n  workers=64 # as many as cores\n"
                     "line.max = 1M\nworker.kill_ms = 1m\ntitle = -0.25\n"
                     "path = /srv/公报 #1/a=b#c \nindex = a\n index = b=/srv/b\t# two\n"),
        ST_OK);
    assert_false(f->conf.snippet);
    assert_int_equal(f->conf.workers, 64);
    assert_int_equal(f->conf.line_max, 1 << 20);
    assert_int_equal(f->conf.kill_ms, 60000);
    assert_true(f->conf.title == -0.25);
    assert_str(f->conf.path, "/srv/公报");
    assert_int_equal(f->conf.index.n, 2);
    assert_str(f->conf.index.item[0], "a");
    assert_str(f->conf.index.item[1], "b=/srv/b");
}

static void a_number_sign_inside_a_word_is_no_comment(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_text(f, "path = a=b#c"), ST_OK);
    assert_str(f->conf.path, "a=b#c");
    assert_int_equal(read_text(f, "path =\n"), ST_OK);
    assert_int_equal(f->conf.path.n, 0);
    assert_int_equal(read_text(f, ""), ST_OK);
}

static void mistakes_are_named_with_their_place(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"snippet = yes\nworker.kil_ms = 1s\n",
         "a.conf:2: unknown key 'worker.kil_ms'; expected 'worker.kill_ms'?"},
        {"colour = red", "a.conf:1: unknown key 'colour'"},
        {"= 3", "a.conf:1: unknown key ''"},
        {"\n\nworkers", "a.conf:3: expected 'key = value'"},
        {"workers = 3\nworkers = 4", "a.conf:2: workers: given twice"},
        {"workers = 65", "a.conf:1: workers: expected a number between 1 and 64, not '65'"},
        {"workers =", "a.conf:1: workers: expected a number between 1 and 64, not ''"},
        {"workers = 0", "a.conf:1: workers: expected a number between 1 and 64, not '0'"},
        {"workers = 2K", "a.conf:1: workers: expected a number between 1 and 64, not '2K'"},
        {"workers = -1", "a.conf:1: workers: expected a number between 1 and 64, not '-1'"},
        {"line.max = 8X", "a.conf:1: line.max: expected a size in bytes, or with K, M or G, "
                          "between 1024 and 1048576, not '8X'"},
        {"line.max = 99999999999999G", "a.conf:1: line.max: expected a size in bytes, or with K, M "
                                       "or G, between 1024 and 1048576, not '99999999999999G'"},
        {"worker.kill_ms = 2 h",
         "a.conf:1: worker.kill_ms: expected a time in milliseconds, or with ms, s or m, "
         "between 10 and 600000, not '2 h'"},
        {"title = 1e3", "a.conf:1: title: expected a decimal number between -1 and 10, not '1e3'"},
        {"title = nan", "a.conf:1: title: expected a decimal number between -1 and 10, not 'nan'"},
        {"title = .5", "a.conf:1: title: expected a decimal number between -1 and 10, not '.5'"},
        {"title = 10.5",
         "a.conf:1: title: expected a decimal number between -1 and 10, not '10.5'"},
        {"snippet = Yes", "a.conf:1: snippet: expected yes or no, not 'Yes'"},
        {"index =", "a.conf:1: index: expected text, not ''"},
        {"path = a\x1b[2J", "a.conf:1: path: expected UTF-8 without control characters"},
        {"path = \xff", "a.conf:1: path: expected UTF-8 without control characters"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(read_text(f, cases[i].text), ST_CONFIG);
        assert_int_equal(f->err.st, ST_CONFIG);
        assert_string_equal(f->err.text, cases[i].message);
    }
}

static void units(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_text(f, "worker.kill_ms = 250ms"), ST_OK);
    assert_int_equal(f->conf.kill_ms, 250);
    assert_int_equal(read_text(f, "worker.kill_ms = 250"), ST_OK);
    assert_int_equal(f->conf.kill_ms, 250);
    assert_int_equal(read_text(f, "worker.kill_ms = 3s"), ST_OK);
    assert_int_equal(f->conf.kill_ms, 3000);
    assert_int_equal(read_text(f, "line.max = 2048"), ST_OK);
    assert_int_equal(f->conf.line_max, 2048);
}

static void a_command_line_sets_over_a_file(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_text(f, "workers = 3\nindex = a\n"), ST_OK);
    assert_int_equal(
        cfg_set(keys, STR("workers"), STR("4"), "--workers", &f->conf, &f->arena, NULL), ST_OK);
    assert_int_equal(f->conf.workers, 4);
    assert_int_equal(cfg_set(keys, STR("index"), STR("b"), "--index", &f->conf, &f->arena, NULL),
                     ST_OK);
    assert_int_equal(f->conf.index.n, 2);
    assert_int_equal(
        cfg_set(keys, STR("workers"), STR("many"), "--workers", &f->conf, &f->arena, &f->err),
        ST_CONFIG);
    assert_string_equal(f->err.text,
                        "--workers: workers: expected a number between 1 and 64, not 'many'");
    assert_int_equal(f->conf.workers, 4);
}

static void a_bad_default_is_found(void **state)
{
    struct fixture *f = *state;
    const struct cfg_key bad[] = {
        {"workers", CFG_COUNT, offsetof(struct conf, workers), "100", 1, 64, ""},
        {NULL, 0, 0, NULL, 0, 0, NULL},
    };
    assert_int_equal(cfg_defaults(bad, &f->conf, &f->arena, &f->err), ST_CONFIG);
    assert_string_equal(f->err.text,
                        "default: workers: expected a number between 1 and 64, not '100'");
    const struct cfg_key none[] = {
        {"workers", CFG_COUNT, offsetof(struct conf, workers), NULL, 1, 64, ""},
        {NULL, 0, 0, NULL, 0, 0, NULL},
    };
    assert_int_equal(cfg_defaults(none, &f->conf, &f->arena, &f->err), ST_CONFIG);
}

static void values_outlive_the_text(void **state)
{
    struct fixture *f = *state;
    char text[] = "path = /srv/a\nindex = one\n";
    assert_int_equal(read_text(f, text), ST_OK);
    memset(text, '?', sizeof(text) - 1);
    assert_str(f->conf.path, "/srv/a");
    assert_str(f->conf.index.item[0], "one");
}

static void no_room_is_no_memory(void **state)
{
    struct fixture *f = *state;
    struct arena small;
    arena_init(&small, 16);
    assert_int_equal(
        cfg_read(keys, STR("path = /a/path/longer/than/that"), "a.conf", &f->conf, &small, &f->err),
        ST_NO_MEMORY);
    arena_fini(&small);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(defaults),
        TEST(a_file),
        TEST(a_number_sign_inside_a_word_is_no_comment),
        TEST(mistakes_are_named_with_their_place),
        TEST(units),
        TEST(a_command_line_sets_over_a_file),
        TEST(a_bad_default_is_found),
        TEST(values_outlive_the_text),
        TEST(no_room_is_no_memory),
    };
    return RUN_TESTS(tests);
}
