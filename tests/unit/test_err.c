/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Statuses and errors: the table is complete, and a text is one clean line whatever is in it. */

#include "harness.h"
#include <errno.h>
#include <gongbao/err.h>
#include <gongbao/utf8.h>

static void every_status_has_a_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ST_COUNT; i++) {
        const struct st_info *row = st_info((enum st)i);
        assert_non_null(row->word);
        assert_true(row->text[0] && row->text[strlen(row->text) - 1] != '.');
        assert_in_range(row->code, i == ST_OK ? 200 : 400, i == ST_OK ? 200 : 599);
        assert_int_equal(row->http, row->code);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(row->word, st_info((enum st)j)->word);
    }
}

static void the_codes_of_the_protocol(void **state)
{
    (void)state;
    assert_int_equal(st_info(ST_UNKNOWN_VERB)->code, 400);
    assert_int_equal(st_info(ST_WRONG_SPEECH)->code, 400);
    assert_int_equal(st_info(ST_NOT_FOUND)->code, 404);
    assert_int_equal(st_info(ST_DEADLINE)->code, 408);
    assert_int_equal(st_info(ST_TOO_LONG)->code, 413);
    assert_int_equal(st_info(ST_BAD_UTF8)->code, 415);
    assert_int_equal(st_info(ST_SYNTAX)->code, 422);
    assert_int_equal(st_info(ST_TOO_MUCH)->code, 422);
    assert_int_equal(st_info(ST_BUSY)->code, 429);
    assert_int_equal(st_info(ST_INTERNAL)->code, 500);
    assert_int_equal(st_info(ST_NO_INDEX)->code, 503);
    assert_int_equal(st_info(ST_STOPPING)->code, 503);
    assert_string_equal(st_info(ST_BAD_UTF8)->word, "bad-utf8");
}

static void a_status_outside_the_table_is_internal(void **state)
{
    (void)state;
    assert_ptr_equal(st_info((enum st)1000), st_info(ST_INTERNAL));
}

static void one_statement_sets_and_returns(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(err_set(&err, ST_USAGE, "--limit takes %d to %d", 1, 100), ST_USAGE);
    assert_int_equal(err.st, ST_USAGE);
    assert_int_equal(err.offset, -1);
    assert_string_equal(err.text, "--limit takes 1 to 100");
    assert_int_equal(err_at(&err, ST_SYNTAX, 7, "a quote has no end"), ST_SYNTAX);
    assert_int_equal(err.offset, 7);
}

static void nobody_has_to_want_the_text(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ST_BUSY, "later"), ST_BUSY);
    assert_int_equal(err_at(NULL, ST_SYNTAX, 3, "here"), ST_SYNTAX);
    assert_int_equal(err_nomem(NULL), ST_NO_MEMORY);
    err_prefix(NULL, "nowhere");
}

static void control_characters_and_broken_bytes_are_replaced(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    err_set(&err, ST_IO, "a\nb\tc\x1b[2J \x7f \xc2\x85 \xe2\x80\xae \xff 公报\xe5\x85");
    assert_string_equal(err.text, "a?b?c?[2J ? ? ? ? 公报??");
}

static void a_long_text_is_cut_between_characters(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 3; shift++) {
        struct err err = ERR_INIT;
        char text[1500] = "xxx";
        size_t n = shift;
        for (; n + 3 < sizeof(text); n += 3)
            memcpy(text + n, "强", 3);
        text[n] = '\0';
        err_set(&err, ST_REJECTED, "%s", text);
        size_t kept = strlen(err.text);
        assert_in_range(kept, sizeof(err.text) - 4, sizeof(err.text) - 1);
        assert_int_equal(utf8_check(err.text, kept), kept);
        assert_int_equal(kept % 3, shift);
    }
}

static void a_prefix_tells_the_place(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    err_at(&err, ST_REJECTED, 12, "no body");
    err_prefix(&err, "%s:%d", "news.jsonl", 40);
    assert_string_equal(err.text, "news.jsonl:40: no body");
    assert_int_equal(err.st, ST_REJECTED);
    assert_int_equal(err.offset, 12);
}

static void a_text_may_be_built_from_itself(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    err_set(&err, ST_IO, "disk full");
    err_set(&err, ST_IO, "segment 4: %s", err.text);
    assert_string_equal(err.text, "segment 4: disk full");
}

static void a_system_call_is_named_with_its_file(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    errno = ENOENT;
    assert_int_equal(err_sys(&err, "open", "/no/such"), ST_IO);
    assert_string_equal(err.text, "open /no/such: No such file or directory");
    errno = ENOMEM;
    assert_int_equal(err_sys(&err, "map", "/big"), ST_NO_MEMORY);
    errno = EMFILE;
    assert_int_equal(err_sys(&err, "open", "/a"), ST_IO);
    assert_string_equal(err.text,
                        "open /a: this process may not open more files (ulimit -n, LimitNOFILE=)");
}

/* A caret stands before the place, with some of the text on either side. */
static void a_place_is_pointed_at(void **state)
{
    struct err err = ERR_INIT;
    (void)state;
    err_at(&err, ST_SYNTAX, 7, "this quote is not closed");
    err_point(&err, STR("防汛 \"值守"));
    assert_string_equal(err.text, "this quote is not closed, at 防汛 ^\"值守");

    char many[600];
    for (size_t i = 0; i < sizeof(many); i += 3)
        memcpy(many + i, "防", 3);
    err_at(&err, ST_SYNTAX, 300, "wrong");
    err_point(&err, str_from(many, sizeof(many)));
    assert_memory_equal(err.text, "wrong, at …防", 16);
    assert_non_null(strstr(err.text, "防^防"));
    assert_string_equal(err.text + strlen(err.text) - 6, "防…");

    err_at(&err, ST_SYNTAX, 9, "wrong");
    err_point(&err, STR("short"));
    assert_string_equal(err.text, "wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_row),
        cmocka_unit_test(the_codes_of_the_protocol),
        cmocka_unit_test(a_status_outside_the_table_is_internal),
        cmocka_unit_test(one_statement_sets_and_returns),
        cmocka_unit_test(nobody_has_to_want_the_text),
        cmocka_unit_test(control_characters_and_broken_bytes_are_replaced),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(a_prefix_tells_the_place),
        cmocka_unit_test(a_text_may_be_built_from_itself),
        cmocka_unit_test(a_system_call_is_named_with_its_file),
        cmocka_unit_test(a_place_is_pointed_at),
    };
    return RUN_TESTS(tests);
}
