/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of configuration keys, and the file that shows it to people. */

#include "harness.h"

#include "../../src/cmd/settings.c"

#define CONF "conf/gongbao.conf"

static struct arena mem;

static int setup(void **state)
{
    (void)state;
    arena_init(&mem, SETTINGS_MEMORY);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&mem);
    return 0;
}

static struct str read_conf(struct buf *b)
{
    struct err err = ERR_INIT;
    buf_init(b, 1 << 20);
    if (file_read(CONF, b, &err) != ST_OK)
        fail_msg("%s", err.text);
    return buf_str(b);
}

/* The value that a line of the file gives a key; *fixed is false for a line "#key = value". */
static struct str shown_value(struct str text, const char *name, bool *fixed, size_t *times)
{
    struct str found = {NULL, 0};
    *times = 0;
    while (text.n > 0) {
        struct str line = str_cut(&text, '\n');
        bool comment = str_starts(line, STR("#"));
        struct str value = line;
        struct str key = str_trim(str_cut(&value, '='));
        if (comment)
            key = str_from(key.p + 1, key.n - 1);
        if (!str_eq(key, str_of(name)) || value.n == 0)
            continue;
        ++*times;
        *fixed = !comment;
        found = str_trim(value);
    }
    return found;
}

static void file_shows_every_key_with_its_default(void **state)
{
    struct buf b;
    struct str text = read_conf(&b);
    (void)state;
    for (const struct cfg_key *k = settings_keys; k->name; k++) {
        bool fixed = false;
        size_t times;
        struct str value = shown_value(text, k->name, &fixed, &times);
        if (times != 1)
            fail_msg("%s is shown %zu times", k->name, times);
        /* The place of the lexicon depends on where the programs are installed. */
        bool open = !k->initial || strcmp(k->name, "lexicon") == 0;
        if (fixed == open)
            fail_msg("%s: wrongly %s", k->name, open ? "set" : "commented out");
        if (fixed && !str_eq(value, str_of(k->initial)))
            fail_msg("%s: " STR_FMT " instead of %s", k->name, STR_ARG(value), k->initial);
        assert_true(strlen(k->help) > 10);
    }
    buf_fini(&b);
}

static void file_has_no_other_keys(void **state)
{
    struct settings s;
    struct err err = ERR_INIT;
    (void)state;
    if (settings_load(CONF, &s, &mem, &err) != ST_OK)
        fail_msg("%s", err.text);
    assert_int_equal(s.workers, 0);
    assert_int_equal(s.line_max_bytes, 8192);
    assert_int_equal(s.deadline_ms, 2000);
    assert_true(s.rank_bigram == 0.5);
}

static void nothing_given_means_loopback(void **state)
{
    struct settings s;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(settings_load(NULL, &s, &mem, &err), ST_OK);
    assert_int_equal(s.listen.n, 0);
    assert_int_equal(settings_complete(&s, &mem, &err), ST_OK);
    assert_int_equal(s.listen.n, 1);
    assert_str(s.listen.item[0], "127.0.0.1:7311");
    assert_int_equal(s.level, LOG_INFO);

    assert_int_equal(settings_load(NULL, &s, &mem, &err), ST_OK);
    assert_int_equal(
        cfg_set(settings_keys, STR("unix"), STR("/run/g.sock"), "--unix", &s, &mem, &err), ST_OK);
    assert_int_equal(settings_complete(&s, &mem, &err), ST_OK);
    assert_int_equal(s.listen.n, 0);
}

/* Load a file with this text; the error, or "" when there was none. */
static const char *load_error(const char *text, struct settings *s)
{
    static struct err err;
    char *dir = harness_folder();
    const char *path = arena_fmt(&mem, "%s/g.conf", dir);
    assert_int_equal(file_replace(path, str_of(text), 0600, NULL), ST_OK);
    err = (struct err)ERR_INIT;
    enum st st = settings_load(path, s, &mem, &err);
    assert_int_equal(file_remove_tree(dir, NULL), ST_OK);
    assert_int_equal(st, err.st);
    const char *tail = strstr(err.text, "g.conf:");
    free(dir);
    return tail ? tail : err.text;
}

static void errors_name_the_line(void **state)
{
    struct settings s;
    (void)state;
    assert_string_equal(load_error("workers = 4\n", &s), "");
    assert_int_equal(s.workers, 4);
    assert_string_equal(load_error("\n# hello\nlog.level = loud\n", &s),
                        "g.conf:3: log.level: expected error, warn, info or debug, found \"loud\"");
    assert_string_equal(load_error("listen = 127.0.0.1:1\nlisten = localhost\n", &s),
                        "g.conf:2: listen: expected ADDR:PORT such as 127.0.0.1:7311 or "
                        "[::1]:7311, found \"localhost\"");
    assert_string_equal(load_error("index = a=/x\nindex = a=/y\n", &s),
                        "g.conf:2: index: the name \"a\" is given twice");
    assert_non_null(strstr(load_error("workers = 65\n", &s), "g.conf:1: "));
    assert_string_equal(load_error("search.max_terms = 500\n", &s), "");
    assert_string_equal(
        load_error("search.max_terms = 501\n", &s),
        "g.conf:1: search.max_terms: expected a number between 1 and 500, not '501'");
    assert_non_null(strstr(load_error("wrkers = 1\n", &s), "g.conf:1: "));
    assert_non_null(strstr(load_error("search.limit = 200\n", &s), "g.conf:1: search.limit"));
}

static void settings_that_go_together(void **state)
{
    struct settings s;
    (void)state;
    assert_string_equal(load_error("deadline_ms = 10s\nworker.kill_ms = 11s\n", &s), "");
    assert_string_equal(load_error("\ndeadline_ms = 10s\n", &s),
                        "g.conf:2: deadline_ms: expected less than worker.kill_ms (5000)");
    assert_string_equal(load_error("worker.kill_ms = 2s\n", &s),
                        "g.conf:1: deadline_ms: expected less than worker.kill_ms (2000)");
    assert_string_equal(load_error("workers = 1\nsearch.window = 9\n", &s),
                        "g.conf:2: search.limit: expected at most search.window (9)");
    assert_string_equal(load_error("search.limit_max = 9\n", &s),
                        "g.conf:1: search.limit: expected at most search.limit_max (9)");
}

static void addresses(void **state)
{
    static const char *const good[] = {"127.0.0.1:0", "0.0.0.0:65535", "[::1]:7311"};
    static const char *const bad[] = {"7311",     "127.0.0.1", "127.0.0.1:65536", ":80",
                                      "[::1]",    "::1:80",    "127.0.0.1:-1",    "",
                                      "1.2.3:80", "host:80",   "[]:80",           ":"};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        assert_true(net_address_ok(str_of(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(net_address_ok(str_of(bad[i])));
}

static void index_names(void **state)
{
    struct str name, dir;
    (void)state;
    assert_int_equal(settings_index(STR("news=/srv/a=b"), &name, &dir, NULL), ST_OK);
    assert_str(name, "news");
    assert_str(dir, "/srv/a=b");
    assert_int_equal(settings_index(STR("/srv/laws/"), &name, &dir, NULL), ST_OK);
    assert_str(name, "laws");
    assert_str(dir, "/srv/laws/");
    assert_int_equal(settings_index(STR("D"), &name, &dir, NULL), ST_OK);
    assert_str(name, "D");
    assert_int_equal(settings_index(STR("a,b=/x"), &name, &dir, NULL), ST_CONFIG);
    assert_int_equal(settings_index(STR("a="), &name, &dir, NULL), ST_CONFIG);
    assert_int_equal(settings_index(STR("/"), &name, &dir, NULL), ST_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(file_shows_every_key_with_its_default, setup, teardown),
        cmocka_unit_test_setup_teardown(file_has_no_other_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_given_means_loopback, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_name_the_line, setup, teardown),
        cmocka_unit_test(settings_that_go_together),
        cmocka_unit_test(addresses),
        cmocka_unit_test(index_names),
    };
    return RUN_TESTS(tests);
}
