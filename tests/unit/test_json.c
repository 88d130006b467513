/* SPDX-License-Identifier: GPL-2.0-or-later */

/* JSON: what is taken, what is refused and where, and that what is written is one harmless line. */

#include "harness.h"
#include <gongbao/json.h>
#include <gongbao/utf8.h>
#include <math.h>

/* Parse text that ends at a guard page. */
static enum st parse(struct str text, struct arena *a, const struct json **out, struct err *err)
{
    /* The tree has slices of the input, so the input is copied where it can stay. */
    struct guarded g = guard(text);
    enum st st = json_parse(guarded_str(g), a, out, err);
    unguard(&g);
    return st == ST_OK ? json_parse(text, a, out, err) : st;
}

static void a_bulletin(void **state)
{
    (void)state;
    const struct str text =
        STR(" { \"id\" : \"a-1\",\t\"body\":\"强調(diào)\\n“5+5”\", \"tags\":[\"会议\", 1, []],\r\n"
            "\"page\":-12.50e+3,\"top\":true,\"old\":false,\"url\":null , \"x\":{} } \n");
    struct arena a;
    struct err err = ERR_INIT;
    const struct json *root = NULL;
    arena_init(&a, 1 << 20);
    assert_int_equal(parse(text, &a, &root, &err), ST_OK);
    assert_int_equal(root->type, JSON_OBJECT);
    assert_str(json_get(root, STR("id"))->text, "a-1");
    assert_ptr_equal(json_get(root, STR("id"))->text.p, strstr(text.p, "a-1")); /* a slice */
    assert_str(json_get(root, STR("body"))->text, "强調(diào)\n“5+5”");
    assert_str(json_get(root, STR("body"))->raw, "\"强調(diào)\\n“5+5”\"");
    const struct json *tags = json_get(root, STR("tags"));
    assert_int_equal(tags->type, JSON_ARRAY);
    assert_str(tags->raw, "[\"会议\", 1, []]");
    assert_str(tags->child->text, "会议");
    assert_str(tags->child->next->text, "1");
    assert_int_equal(tags->child->next->next->type, JSON_ARRAY);
    assert_null(tags->child->next->next->child);
    assert_null(tags->child->next->next->next);
    assert_str(json_get(root, STR("page"))->text, "-12.50e+3");
    assert_int_equal(json_get(root, STR("top"))->type, JSON_TRUE);
    assert_int_equal(json_get(root, STR("old"))->type, JSON_FALSE);
    assert_int_equal(json_get(root, STR("url"))->type, JSON_NULL);
    assert_int_equal(json_get(root, STR("x"))->type, JSON_OBJECT);
    assert_null(json_get(root, STR("title")));
    assert_null(json_get(tags, STR("会议")));
    arena_fini(&a);
}

static void escapes(void **state)
{
    (void)state;
    static const struct {
        struct str json, text;
    } cases[] = {
        {STR("\"\""), STR("")},
        {STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), STR("\"\\/\b\f\n\r\t")},
        {STR("\"\\u5f3a\\u8C03\""), STR("强调")},
        {STR("\"\\u0000\""), STR("\0")},
        {STR("\"\\ud842\\udfb7\""), STR("𠮷")},
        {STR("\"\\uDBFF\\uDFFF\""), STR("\xf4\x8f\xbf\xbf")},
        {STR("\"0123456789\\n0123456789\\\\\""), STR("0123456789\n0123456789\\")},
        {STR("\"\\\\\""), STR("\\")},
        {STR("\"\x7f\""), STR("\x7f")},
    };
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct json *root = NULL;
        assert_int_equal(parse(cases[i].json, &a, &root, NULL), ST_OK);
        assert_true(str_eq(root->text, cases[i].text));
        assert_true(str_eq(root->raw, cases[i].json));
    }
    arena_fini(&a);
}

static void an_escaped_key_is_found(void **state)
{
    (void)state;
    struct arena a;
    const struct json *root = NULL;
    arena_init(&a, 1 << 20);
    assert_int_equal(parse(STR("{\"b\\u006fdy\":1}"), &a, &root, NULL), ST_OK);
    assert_non_null(json_get(root, STR("body")));
    arena_fini(&a);
}

/* Texts that are no JSON, and where that shows. */
static const struct {
    struct str text;
    long offset;
} wrong[] = {
    {STR(""), 0},
    {STR("   "), 3},
    {STR("强"), 0},
    {STR("nul"), 0},
    {STR("nulL"), 0},
    {STR("True"), 0},
    {STR("[1 2]"), 3},
    {STR("[1,]"), 3},
    {STR("[,1]"), 1},
    {STR("[1"), 2},
    {STR("]"), 0},
    {STR("{\"a\" 1}"), 5},
    {STR("{\"a\":}"), 5},
    {STR("{\"a\":1,}"), 7},
    {STR("{a:1}"), 1},
    {STR("{\"a\":1;\"b\":2}"), 6},
    {STR("{\"a\":1}x"), 7},
    {STR("1 1"), 2},
    {STR("{} {}"), 3},
    {STR("'a'"), 0},
    {STR("\xef\xbb\xbf{}"), 0},
    {STR("// note\n1"), 0},
    {STR("NaN"), 0},
    {STR("01"), 1},
    {STR("-"), 1},
    {STR("+1"), 0},
    {STR("-a"), 1},
    {STR(".5"), 0},
    {STR("1.x"), 2},
    {STR("1.e3"), 2},
    {STR("1e"), 2},
    {STR("1e+"), 3},
    {STR("0x10"), 1},
    {STR("\"abc"), 4},
    {STR("\"a\nb\""), 2},
    {STR("\"0123456789\0\""), 11},
    {STR("\"a\\\"bcdefghijklm\x01\""), 16},
    {STR("\"\\x41\""), 2},
    {STR("\"\\"), 2},
    {STR("\"\\u12"), 1},
    {STR("\"\\u12g4\""), 1},
    {STR("\"ab\\ud800\""), 3}, /* alone */
    {STR("\"ab\\ud800\\n\""), 3},
    {STR("\"ab\\ud800\\u0041\""), 3}, /* with something else */
    {STR("\"ab\\udc00\""), 3},        /* the second half first */
    {STR("\"ab\\ud800\\ud800\""), 3},
    {STR("\"ab\\ud8"), 3},
    {STR("\"强\xe8\xb0\""), 4},
    {STR("\"\xed\xa0\x80\""), 1},
    {STR("{\"id\":1,\"body\":2,\"id\":3}"), 17},
    {STR("{\"id\":1,\"\\u0069d\":3}"), 8}, /* the same key written in two ways */
};

static void errors_say_where(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct err err = ERR_INIT;
        const struct json *root = NULL;
        enum st st = parse(wrong[i].text, &a, &root, &err);
        if (st != ST_REJECTED || err.offset != wrong[i].offset)
            fail_msg(STR_FMT ": %s at %ld, not at %ld (%s)", STR_ARG(wrong[i].text),
                     st_info(st)->word, err.offset, wrong[i].offset, err.text);
        assert_true(err.text[0] != '\0');
        assert_null(root);
    }
    arena_fini(&a);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    const struct str whole = STR("{\"id\":\"a\\u5f3a\\ud842\\udfb7\",\"n\":[-1.5e3,true,null],"
                                 "\"body\":\"强调 0123456789 经济\\\\\"}");
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t n = 0; n < whole.n; n++) {
        const struct json *root = NULL;
        assert_int_equal(parse(str_from(whole.p, n), &a, &root, NULL), ST_REJECTED);
    }
    const struct json *root = NULL;
    assert_int_equal(parse(whole, &a, &root, NULL), ST_OK);
    arena_fini(&a);
}

static void many_keys(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    for (int twice = -1; twice < MANY; twice += twice < 40 ? 1 : 653) {
        struct arena a;
        struct buf b;
        const struct json *root = NULL;
        struct err err = ERR_INIT;
        arena_init(&a, 1 << 24);
        buf_init(&b, 1 << 20);
        buf_addc(&b, '{');
        for (int i = 0; i < MANY; i++)
            buf_addf(&b, "\"k%d\":%d,", i, i);
        size_t at = b.n;
        buf_addf(&b, "\"k%d\":0}", twice < 0 ? MANY : twice);
        enum st st = json_parse(buf_str(&b), &a, &root, &err);
        assert_int_equal(st, twice < 0 ? ST_OK : ST_REJECTED);
        if (twice >= 0)
            assert_int_equal(err.offset, at);
        buf_fini(&b);
        arena_fini(&a);
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct arena a;
    struct err err = ERR_INIT;
    const struct json *root = NULL;
    char text[200001];
    arena_init(&a, 1 << 24);
    memset(text, '[', JSON_MAX_DEPTH);
    memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    assert_int_equal(json_parse(str_from(text, 2 * JSON_MAX_DEPTH), &a, &root, &err), ST_OK);
    memset(text, '[', sizeof(text));
    assert_int_equal(json_parse(str_from(text, sizeof(text)), &a, &root, &err), ST_REJECTED);
    assert_int_equal(err.offset, JSON_MAX_DEPTH);
    /* Side by side is not deep. */
    for (size_t i = 1; i < sizeof(text) - 1; i++)
        text[i] = "[],"[(i - 1) % 3];
    text[sizeof(text) - 2] = '0';
    text[sizeof(text) - 1] = ']';
    assert_int_equal(json_parse(str_from(text, sizeof(text)), &a, &root, &err), ST_OK);
    arena_fini(&a);
}

static void an_arena_without_room_is_no_memory(void **state)
{
    (void)state;
    for (size_t max = 0; max < 600; max += 8) {
        struct arena a;
        const struct json *root = NULL;
        arena_init(&a, max);
        enum st st = json_parse(STR("{\"a\":[\"\\n\",2],\"b\":{}}"), &a, &root, NULL);
        assert_int_equal(st, a.failed ? ST_NO_MEMORY : ST_OK);
        arena_fini(&a);
    }
}

static void written(struct str text, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    json_add_str(&b, text);
    char *line = buf_take(&b);
    assert_string_equal(line, wanted);
    free(line);
}

static void what_is_written_is_one_harmless_line(void **state)
{
    (void)state;
    written(STR(""), "\"\"");
    written((struct str){NULL, 0}, "\"\"");
    written(STR("强調(diào)𠮷 “5+5” /"), "\"强調(diào)𠮷 “5+5” /\"");
    written(STR("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
    written(STR("\0\x1b[2J\x7f"), "\"\\u0000\\u001b[2J\\u007f\"");
    written(STR("\xc2\x85\xc2\x9b\xc2\xa0"), "\"\\u0085\\u009b\xc2\xa0\"");
    written(STR("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c"),
            "\"\\u2028\\u2029\\u202e\\u2066\\u200f\\u061c\"");
    written(STR("a\xff强\xe5\xbc\xed\xa0\x80z"),
            "\"a\\ufffd强\\ufffd\\ufffd\\ufffd\\ufffd\\ufffdz\"");
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    struct arena a;
    struct buf b;
    arena_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    for (uint32_t cp = 0; cp < 0x11000; cp++) {
        char text[4];
        const struct json *root = NULL;
        if (cp == 0xd800)
            cp = 0xe000;
        struct str s = str_from(text, utf8_put(cp, text));
        buf_reset(&b);
        arena_reset(&a);
        json_add_str(&b, s);
        assert_int_equal(json_parse(buf_str(&b), &a, &root, NULL), ST_OK);
        assert_true(str_eq(root->text, s));
    }
    buf_fini(&b);
    arena_fini(&a);
}

static void keys_get_their_commas(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_addc(&b, '{');
    json_add_key(&b, "code");
    buf_addf(&b, "%d", 210);
    json_add_key(&b, "hits");
    buf_addz(&b, "[{");
    json_add_key(&b, "id");
    json_add_str(&b, STR("["));
    json_add_key(&b, "x\"");
    buf_addz(&b, "1}]}");
    assert_str(buf_str(&b), "{\"code\":210,\"hits\":[{\"id\":\"[\",\"x\\\"\":1}]}");
    buf_fini(&b);
}

static void numbers_are_plain_decimals(void **state)
{
    (void)state;
    static const struct {
        double v;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {12.3, "12.3"},
        {0.1 + 0.2, "0.3"},
        {-7.5, "-7.5"},
        {100, "100"},
        {1e6, "1000000"},
        {123456.7, "123457"},
        {12345678, "12345700"},
        {999999.7, "1000000"},
        {9.999996, "10"},
        {0.00001234567, "0.0000123457"},
        {1e21, "1000000000000000000000"},
        {NAN, "0"},
        {-INFINITY, "0"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b;
        buf_init(&b, 1000);
        json_add_real(&b, cases[i].v);
        char *text = buf_take(&b);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
    struct buf b;
    buf_init(&b, 1000);
    json_add_real(&b, -5e-324);
    json_add_real(&b, 1.7976931348623157e308);
    assert_true(buf_ok(&b));
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bulletin),
        cmocka_unit_test(escapes),
        cmocka_unit_test(an_escaped_key_is_found),
        cmocka_unit_test(errors_say_where),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(many_keys),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(an_arena_without_room_is_no_memory),
        cmocka_unit_test(what_is_written_is_one_harmless_line),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(keys_get_their_commas),
        cmocka_unit_test(numbers_are_plain_decimals),
    };
    return RUN_TESTS(tests);
}
