/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Request lines: what is verb, option and text, and what is refused and why. Every line ends where
 * memory ends, so that reading past it is a crash. */
#include "harness.h"

#include "../../src/net/command.h"
#include "../../src/net/proto.h"

/* A line and what it should be taken apart into. Options are written "key=value key=value". */
struct parsed {
    struct str line;
    const char *tag, *verb, *options, *text;
    bool bare;
};

static const struct parsed good[] = {
    {STR("PING"), "", "PING", "", "", false},
    {STR("PING\r"), "", "PING", "", "", false},
    {STR("@a1 ping"), "a1", "ping", "", "", false},
    {STR("  PING  "), "", "PING", "", "", false},
    {STR(""), "", "", "", "", false},
    {STR("\r"), "", "", "", "", false},
    {STR("@a"), "a", "", "", "", false},
    {STR("强调"), "", "", "", "强调", true},
    {STR("@b 强调 limit=3"), "b", "", "", "强调 limit=3", true},
    {STR("?"), "", "", "", "", true},
    {STR("? 5+5"), "", "", "", "5+5", true},
    {STR("?GET / HTTP/1.1"), "", "", "", "GET / HTTP/1.1", true},
    {STR("SEARCH limit=5 offset=10 强调 经济"), "", "SEARCH", "limit=5 offset=10", "强调 经济",
     false},
    {STR("SEARCH  limit=5   强调 "), "", "SEARCH", "limit=5", "强调 ", false},
    {STR("SEARCH in= x"), "", "SEARCH", "in=", "x", false},
    {STR("SEARCH 强调 limit=5"), "", "SEARCH", "", "强调 limit=5", false},
    {STR("SEARCH -- limit=5"), "", "SEARCH", "", "limit=5", false},
    {STR("SEARCH limit=5 --"), "", "SEARCH", "limit=5", "", false},
    {STR("SEARCH limit=5 --  a"), "", "SEARCH", "limit=5", " a", false},
    {STR("SEARCH --a"), "", "SEARCH", "", "--a", false},
    {STR("SEARCH 5+5=10"), "", "SEARCH", "", "5+5=10", false},
    {STR("SEARCH =x"), "", "SEARCH", "", "=x", false},
    {STR("SEARCH 类=x"), "", "SEARCH", "", "类=x", false},
    {STR("GET id=a=b"), "", "GET", "id=a=b", "", false},
    {STR("WHY id=\"a b\" x"), "", "WHY", "id=\"a b", "x", false},
    {STR("WHY id=\"a\"b c\" in=x"), "", "WHY", "id=\"a\"b c\" in=x", "", false},
    {STR("WHY id=\"\" x"), "", "WHY", "id=\"", "x", false},
    {STR("WHY id=\"a b"), "", "WHY", "id=\"a", "b", false},
    {STR("SEARCH title=\"a b\""), "", "SEARCH", "title=\"a b", "", false},
    {STR("ANALYZE a\tb"), "", "ANALYZE", "", "a\tb", false},
};

static const struct {
    struct str line;
    enum st st;
    long offset;
} bad[] = {
    {STR("GET / HTTP/1.1\r"), ST_WRONG_SPEECH, -1},
    {STR("POST /search?q=x HTTP/1.0"), ST_WRONG_SPEECH, -1},
    {STR("PRI * HTTP/2.0"), ST_WRONG_SPEECH, -1},
    {STR("host: localhost"), ST_WRONG_SPEECH, -1},
    {STR("SEARCH \xe5\xbc"), ST_BAD_UTF8, 7},
    {STR("\xff"), ST_BAD_UTF8, 0},
    {STR("@a SEARCH x\xc0\x80"), ST_BAD_UTF8, 11},
    {STR("SEARCH \xed\xa0\x80"), ST_BAD_UTF8, 7},
    {STR("SEARCH a\0b"), ST_BAD_VALUE, 8},
    {STR("@ PING"), ST_BAD_VALUE, -1},
    {STR("@标 PING"), ST_BAD_VALUE, -1},
    {STR("S a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 p=1 q=1 "
         "r=1 s=1 t=1 u=1 v=1 w=1 x=1 y=1"),
     ST_BAD_VALUE, -1},
};

/* The options as one string, cut from the line between the first key and the last value. */
static struct str options_of(const struct proto_line *l)
{
    if (l->noption == 0)
        return STR("");
    const struct proto_option *last = &l->option[l->noption - 1];
    const char *from = l->option[0].key.p;
    return str_from(from, (size_t)(last->value.p + last->value.n - from));
}

static void assert_slice(struct str actual, const char *wanted, struct str line)
{
    if (!str_eq(actual, str_of(wanted)))
        fail_msg("\"" STR_FMT "\" instead of \"%s\" in \"" STR_FMT "\"", STR_ARG(actual), wanted,
                 STR_ARG(line));
}

static void a_value_in_quotes_is_told_without_them(void **state)
{
    (void)state;
    struct proto_line l;
    assert_int_equal(proto_parse(STR("WHY id=\"a b\" in=c x"), &l, NULL), ST_OK);
    assert_int_equal(l.noption, 2);
    assert_true(str_eq(l.option[0].value, STR("a b")));
    assert_true(str_eq(l.option[1].value, STR("c")));
    assert_true(str_eq(l.text, STR("x")));
}

static void lines_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct guarded g = guard(good[i].line);
        struct proto_line l;
        assert_int_equal(proto_parse(guarded_str(g), &l, NULL), ST_OK);
        assert_slice(l.tag, good[i].tag, good[i].line);
        assert_slice(l.verb, good[i].verb, good[i].line);
        assert_slice(options_of(&l), good[i].options, good[i].line);
        assert_slice(l.text, good[i].text, good[i].line);
        assert_int_equal(l.bare, good[i].bare);
        unguard(&g);
    }
}

static void wrong_lines_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct guarded g = guard(bad[i].line);
        struct proto_line l;
        struct err err = ERR_INIT;
        assert_int_equal(proto_parse(guarded_str(g), &l, &err), bad[i].st);
        assert_int_equal(err.offset, bad[i].offset);
        unguard(&g);
    }
}

static void every_cut_of_a_line_is_safe(void **state)
{
    (void)state;
    struct str whole = STR("@tag SEARCH limit=5 in=a,b fmt=json -- 强调 \"高质量\" HTTP/1.1\r");
    for (size_t n = 0; n <= whole.n; n++) {
        struct guarded g = guard(str_from(whole.p, n));
        struct proto_line l;
        proto_parse(guarded_str(g), &l, NULL);
        assert_true(l.text.n <= n);
        unguard(&g);
    }
}

static void a_broken_line_still_tells_tag_and_format(void **state)
{
    (void)state;
    struct proto_line l;
    assert_int_equal(proto_parse(STR("@x SEARCH fmt=json \xff"), &l, NULL), ST_BAD_UTF8);
    assert_str(l.tag, "x");
    assert_int_equal(command_fmt(&l, REPLY_TEXT), REPLY_JSON);
}

static void tls_is_known_by_its_first_bytes(void **state)
{
    (void)state;
    assert_true(proto_is_tls(STR("\x16\x03\x01")));
    assert_false(proto_is_tls(STR("\x16")));
    assert_false(proto_is_tls(STR("PING")));
}

/* ---- against the command table ---- */

static enum st check(const char *line, struct request *rq, const char **usage, struct err *err)
{
    static const struct command_limits limits = {
        .limit = 10, .limit_max = 100, .window = 1000, .deadline_ms = 2000};
    struct proto_line l;
    assert_int_equal(proto_parse(str_of(line), &l, NULL), ST_OK);
    return command_check(&l, &limits, REPLY_TEXT, rq, usage, err);
}

static void requests_are_filled_in(void **state)
{
    (void)state;
    struct request rq;
    const char *usage;
    assert_int_equal(check("search Limit=100 offset=900 snippet=0 x", &rq, &usage, NULL), ST_OK);
    assert_int_equal(rq.id, CMD_SEARCH);
    assert_int_equal(rq.limit, 100);
    assert_int_equal(rq.offset, 900);
    assert_false(rq.snippet);
    assert_int_equal(check("SEARCH snippet=FULL width=40 deadline_ms=9 x", &rq, &usage, NULL),
                     ST_OK);
    assert_true(rq.snippet && rq.whole);
    assert_int_equal(rq.width, 40);
    assert_int_equal(rq.deadline_ms, 9);
    assert_int_equal(check("强调", &rq, &usage, NULL), ST_OK);
    assert_int_equal(rq.id, CMD_SEARCH);
    assert_int_equal(rq.limit, 10);
    assert_int_equal(check("", &rq, &usage, NULL), ST_OK);
    assert_int_equal(rq.id, CMD_HELLO);
    assert_int_equal(check("GET a b.txt", &rq, &usage, NULL), ST_OK);
    assert_str(rq.doc, "a b.txt");
}

/* SEARCH and whatever else has filters take the same ones. */
static void filters_are_the_same_for_all(void **state)
{
    static const char *const verb[] = {"SEARCH", "COUNT", "TREND", "KWIC", "FIRST", "EXPLAIN"};
    (void)state;
    for (size_t i = 0; i < sizeof(verb) / sizeof(verb[0]); i++) {
        struct request rq;
        const char *usage;
        char line[200];
        snprintf(line, sizeof(line), "%s in=a issuer=b tag=c who=d month=2024-10 since=3 x",
                 verb[i]);
        assert_int_equal(check(line, &rq, &usage, NULL), ST_OK);
        assert_str(rq.from, "2024-10");
        assert_str(rq.to, "2024-10");
        snprintf(line, sizeof(line), "%s year=2023 x", verb[i]);
        assert_int_equal(check(line, &rq, &usage, NULL), ST_OK);
        assert_str(rq.from, "2023");
        assert_str(rq.to, "2023");
        snprintf(line, sizeof(line), "%s from=2023 to=2024-02-29 x", verb[i]);
        assert_int_equal(check(line, &rq, &usage, NULL), ST_OK);
        assert_str(rq.to, "2024-02-29");
    }
}

static const struct {
    const char *line;
    enum st st;
    const char *says;
} refused[] = {
    {"SERCH x", ST_UNKNOWN_VERB, "did you mean SEARCH?"},
    {"FROBNICATE", ST_UNKNOWN_VERB, "HELP lists them"},
    {"SEARCH limt=5 x", ST_UNKNOWN_OPTION, "did you mean limit?"},
    {"COUNT limit=5 x", ST_UNKNOWN_OPTION, "COUNT has no option limit"},
    {"SEARCH limit=101 x", ST_BAD_VALUE, "from 1 to 100"},
    {"SEARCH limit=0 x", ST_BAD_VALUE, "from 1 to 100"},
    {"SEARCH limit=-1 x", ST_BAD_VALUE, "from 1 to 100"},
    {"SEARCH limit=10000000000000000000 x", ST_BAD_VALUE, "from 1 to 100"},
    {"SEARCH limit=5x x", ST_BAD_VALUE, "from 1 to 100"},
    {"SEARCH offset=4294967295 x", ST_BAD_VALUE, "from 0 to 1000"},
    {"SEARCH offset=995 x", ST_BAD_VALUE, "more than 1000"},
    {"SEARCH snippet=2 x", ST_BAD_VALUE, "not one of 0, 1, full"},
    {"SEARCH width=3 x", ST_BAD_VALUE, "from 20 to 2000"},
    {"SEARCH deadline_ms=2001 x", ST_BAD_VALUE, "from 1 to 2000"},
    {"SEARCH snippet=2 x", ST_BAD_VALUE, "one of 0, 1"},
    {"SEARCH fmt=xml x", ST_BAD_VALUE, "one of text, json"},
    {"COUNT year=24 x", ST_BAD_VALUE, "year=24 is not of the form 2024"},
    {"COUNT year=2024-10 x", ST_BAD_VALUE, "not of the form 2024"},
    {"COUNT month=2024-13 x", ST_BAD_VALUE, "month=2024-13 is not of the form 2024-10"},
    {"COUNT month=2024 x", ST_BAD_VALUE, "not of the form 2024-10"},
    {"SEARCH month=2024-10 year=2024 x", ST_BAD_VALUE, "only one of these"},
    {"SEARCH to=2024 year=2024 x", ST_BAD_VALUE, "only one of these"},
    {"SEARCH limit=1 limit=2 x", ST_BAD_VALUE, "given twice"},
    {"SEARCH in= x", ST_BAD_VALUE, "needs a value"},
    {"SEARCH", ST_BAD_VALUE, "needs a text"},
    {"PING x", ST_BAD_VALUE, "takes no text"},
    {"MODE", ST_BAD_VALUE, "fmt=text or fmt=json"},
    {"GET", ST_BAD_VALUE, "needs an id"},
    {"GET id=a b", ST_BAD_VALUE, "given twice"},
};

static void wrong_requests_say_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct request rq;
        const char *usage = NULL;
        struct err err = ERR_INIT;
        assert_int_equal(check(refused[i].line, &rq, &usage, &err), refused[i].st);
        if (!strstr(err.text, refused[i].says))
            fail_msg("%s: \"%s\" does not say \"%s\"", refused[i].line, err.text, refused[i].says);
        assert_non_null(usage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_taken_apart),
        cmocka_unit_test(a_value_in_quotes_is_told_without_them),
        cmocka_unit_test(wrong_lines_are_refused),
        cmocka_unit_test(every_cut_of_a_line_is_safe),
        cmocka_unit_test(a_broken_line_still_tells_tag_and_format),
        cmocka_unit_test(tls_is_known_by_its_first_bytes),
        cmocka_unit_test(filters_are_the_same_for_all),
        cmocka_unit_test(requests_are_filled_in),
        cmocka_unit_test(wrong_requests_say_what_is_wrong),
    };
    return RUN_TESTS(tests);
}
