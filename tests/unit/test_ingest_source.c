/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From files to records: JSON Lines, text files, folders. */

#include "../../src/ingest/document.h"
#include "../../src/ingest/source.h"
#include "harness.h"
#include <gongbao/file.h>
#include <sys/stat.h>

static char *folder;
static struct arena mem;

static int setup(void **state)
{
    (void)state;
    arena_init(&mem, 1 << 20);
    folder = harness_folder();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&mem);
    enum st st = file_remove_tree(folder, NULL);
    free(folder);
    return st != ST_OK;
}

static const char *place(const char *name)
{
    return arena_fmt(&mem, "%s/%s", folder, name);
}

static void write_file(const char *name, struct str text)
{
    assert_int_equal(file_replace(place(name), text, 0600, NULL), ST_OK);
}

/* ---- a line of JSON ---- */

static struct ix_doc parsed(const char *line)
{
    struct ix_doc doc;
    struct err err = ERR_INIT;
    if (json_document(str_of(line), &mem, &doc, &err) != ST_OK)
        fail_msg("%s", err.text);
    return doc;
}

static const char *refusal(const char *line)
{
    static struct err err;
    struct ix_doc doc;
    err = (struct err)ERR_INIT;
    enum st st = json_document(str_of(line), &mem, &doc, &err);
    if (st == ST_OK)
        st = doc_check(&doc, 30, &err);
    assert_int_equal(st, st == ST_OK ? ST_OK : ST_REJECTED);
    return st == ST_OK ? "" : err.text;
}

static void every_field_of_a_line(void **state)
{
    (void)state;
    struct ix_doc d = parsed("{\"id\":\"a-1\",\"title\":\"公报\",\"body\":\"全市\\n会议\","
                             "\"date\":\"2024-10-31\",\"issuer\":\"市政府\",\"url\":\"http://x/\","
                             "\"tags\":[\"会议\",\"通知\"],\"audience\":[\"staff\"]}");
    assert_str(d.id, "a-1");
    assert_str(d.title, "公报");
    assert_str(d.body, "全市\n会议");
    assert_str(d.date, "2024-10-31");
    assert_str(d.issuer, "市政府");
    assert_str(d.url, "http://x/");
    assert_int_equal(d.ntags, 2);
    assert_str(d.tags[1], "通知");
    assert_int_equal(d.naudience, 1);
    assert_str(d.audience[0], "staff");
    assert_int_equal(d.extra.n, 0);
}

static void body_is_enough(void **state)
{
    (void)state;
    struct ix_doc d = parsed("{\"body\":\"正文\",\"date\":null,\"issuer\":null,\"tags\":null,"
                             "\"audience\":null,\"id\":null}");
    assert_int_equal(d.id.n + d.title.n + d.date.n + d.issuer.n + d.url.n + d.ntags, 0);
    assert_int_equal(d.naudience, 1);
    assert_str(d.audience[0], "public");
    assert_int_equal(doc_check(&d, 100, NULL), ST_OK);
}

static void number_is_an_id_as_written(void **state)
{
    (void)state;
    assert_str(parsed("{\"id\":10.50,\"body\":\"x\"}").id, "10.50");
}

static void other_keys_are_kept_in_order(void **state)
{
    (void)state;
    struct ix_doc d =
        parsed("{\"作者\": {\"a\": [1, 2.50]},\"body\":\"x\", \"n\": 1e9 ,\"q\\\"\":null}");
    assert_str(d.extra, "{\"作者\":{\"a\": [1, 2.50]},\"n\":1e9,\"q\\\"\":null}");
}

static void what_is_refused_and_why(void **state)
{
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"{\"body\":\"好\"}", ""},
        {"[1]", "not a JSON object"},
        {"{}", "no body"},
        {"{\"body\":\" \\n　\"}", "no body"},
        {"{\"body\":null}", "no body"},
        {"{\"body\":\"\\u200b\\u00ad \\ufeff\\u0301\"}", "no body"},
        {"{\"body\":\"\\u0007\\u202e\"}", "no body"},
        {"{\"body\":7}", "\"body\" is not a string"},
        {"{\"body\":\"一二三四五六七八九十一\"}", "the body is over 30 bytes (ingest.body_max)"},
        {"{\"body\":\"x\",\"tags\":\"t\"}", "\"tags\" is not an array"},
        {"{\"body\":\"x\",\"tags\":[1]}", "\"tags\" holds something not a string"},
        {"{\"body\":\"x\",\"tags\":[\"\"]}", "\"tags\" contains an empty string"},
        {"{\"body\":\"x\",\"id\":true}", "\"id\" is not a string"},
        {"{\"body\":\"x\",\"id\":\"a\\tb\"}", "the id contains a control character"},
        {"{\"body\":\"x\",\"date\":\"2023-02-29\"}",
         "\"date\" is not a day written YYYY-MM-DD: 2023-02-29"},
        {"{\"body\":\"x\",\"date\":\"2024/10/31\"}",
         "\"date\" is not a day written YYYY-MM-DD: 2024/10/31"},
        {"{\"body\":\"x\\u0000\"}", "\"body\" contains a NUL character"},
        {"{\"body\":\"x\",\"title\":\"\\u0000\"}", "\"title\" contains a NUL character"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(refusal(cases[i].line), cases[i].why);
    assert_int_equal(strncmp(refusal("{\"body\":\"x\""), "not JSON: it ends too early", 27), 0);
    assert_int_equal(strncmp(refusal("body"), "not JSON: ", 10), 0);
    assert_null(strstr(refusal("body"), "not JSON: not JSON"));
    assert_non_null(strstr(refusal("{\"body\":\"x\",\"body\":\"y\"}"), "not JSON: "));
    assert_non_null(strstr(refusal("{\"body\":\"\\ud800\"}"), "not JSON: "));
}

static void days_of_the_calendar(void **state)
{
    (void)state;
    assert_true(doc_date_ok(STR("2024-02-29")));
    assert_true(doc_date_ok(STR("2000-02-29")));
    assert_false(doc_date_ok(STR("1900-02-29")));
    assert_false(doc_date_ok(STR("2024-04-31")));
    assert_false(doc_date_ok(STR("2024-13-01")));
    assert_false(doc_date_ok(STR("2024-00-01")));
    assert_false(doc_date_ok(STR("2024-01-00")));
    assert_false(doc_date_ok(STR("0000-01-01")));
    assert_false(doc_date_ok(STR("2024-1-01")));
    assert_false(doc_date_ok(STR("2024-01-01T")));
}

static bool same_id(const char *x, const char *y)
{
    char a[DOC_HASH_ID + 1], b[DOC_HASH_ID + 1];
    struct ix_doc d = parsed(x), e = parsed(y);
    doc_hash_id(&d, a);
    doc_hash_id(&e, b);
    return strcmp(a, b) == 0;
}

/* Two documents without an id that differ only in what is kept beside the text. */
static void the_id_tells_every_field_apart(void **state)
{
    (void)state;
    assert_true(same_id("{\"body\":\"x\"}", "{\"body\":\"x\",\"audience\":[\"public\"]}"));
    static const char *const other[] = {
        "{\"body\":\"x\"}",
        "{\"body\":\"x\",\"tags\":[\"public\"]}",
        "{\"body\":\"x\",\"tags\":[\"ab\"]}",
        "{\"body\":\"x\",\"tags\":[\"a\",\"b\"]}",
        "{\"body\":\"x\",\"tags\":[\"b\",\"a\"]}",
        "{\"body\":\"x\",\"tags\":[\"a\"],\"audience\":[\"b\"]}",
        "{\"body\":\"x\",\"audience\":[\"a\",\"b\"]}",
        "{\"body\":\"x\",\"audience\":[]}",
        "{\"body\":\"x\",\"n\":1}",
        "{\"body\":\"x\",\"n\":2}",
        "{\"body\":\"x\",\"issuer\":\"y\"}",
        "{\"body\":\"x\",\"url\":\"y\"}",
    };
    const size_t n = sizeof(other) / sizeof(*other);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (same_id(other[i], other[k]) != (i == k))
                fail_msg("%s and %s", other[i], other[k]);
}

static void id_from_content(void **state)
{
    char a[DOC_HASH_ID + 1], b[DOC_HASH_ID + 1];
    struct ix_doc doc = {.title = STR("一"), .body = STR("二")};
    (void)state;
    doc_hash_id(&doc, a);
    assert_int_equal(strlen(a), DOC_HASH_ID);
    assert_int_equal(strncmp(a, "h-", 2), 0);
    doc_hash_id(&doc, b);
    assert_string_equal(a, b);
    doc = (struct ix_doc){.title = STR(""), .body = STR("一二")};
    doc_hash_id(&doc, b);
    assert_string_not_equal(a, b);
}

/* ---- a text file ---- */

static void expect_text(const char *text, const char *title, const char *body)
{
    struct ix_doc d;
    txt_document(str_of(text), &d);
    if (!str_eq(d.title, str_of(title)) || !str_eq(d.body, str_of(body)))
        fail_msg("title \"" STR_FMT "\" body \"" STR_FMT "\"", STR_ARG(d.title), STR_ARG(d.body));
}

#define TEN   "一二三四五六七八九十"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void first_line_is_the_title(void **state)
{
    (void)state;
    expect_text("全市防汛会议\n会议强调,\n要落实。\n", "全市防汛会议", "会议强调,\n要落实。");
    expect_text("\n\n　　关于防汛的通知　\r\n\r\n　　各县:\r\n", "关于防汛的通知", "　　各县:");
    expect_text(SIXTY "\n正文", SIXTY, "正文");
}

static void long_first_line_belongs_to_the_body(void **state)
{
    (void)state;
    expect_text("10月31日上午,全市" SIXTY "\n第二段", "10月31日上午",
                "10月31日上午,全市" SIXTY "\n第二段");
    expect_text(SIXTY "多", SIXTY, SIXTY "多");
    expect_text("会议召开！" SIXTY, "会议召开", "会议召开！" SIXTY);
}

static void one_short_line_is_both(void **state)
{
    (void)state;
    expect_text("停电通知", "停电通知", "停电通知");
    expect_text("停电通知\n　\n", "停电通知", "停电通知");
    expect_text(" \n　", "", "");
}

/* ---- folders ---- */

static char skipped[512];

static enum st note_skip(void *ctx, const char *path, const char *why, struct err *err)
{
    (void)ctx;
    (void)err;
    size_t n = strlen(skipped);
    snprintf(skipped + n, sizeof(skipped) - n, "%s: %s\n", path + strlen(folder) + 1, why);
    return ST_OK;
}

static void folder_is_walked_in_order(void **state)
{
    static const char *const wanted[] = {"10.txt", "2.jsonl", "B.txt", "a/z.txt.gz", "b.jsonl.gz"};
    struct plan p;
    struct err err = ERR_INIT;
    (void)state;
    skipped[0] = 0;
    for (size_t i = 0; i < 3; i++)
        write_file(wanted[i], STR("x"));
    assert_int_equal(mkdir(place("a"), 0700), 0);
    write_file("a/z.txt.gz", STR("xyz"));
    write_file("b.jsonl.gz", STR("x"));
    write_file(".hidden.txt", STR("x"));
    write_file("c.pdf", STR("x"));
    assert_int_equal(symlink("/etc/passwd", place("d.txt")), 0);
    assert_int_equal(symlink("/etc", place("e")), 0);
    assert_int_equal(mkfifo(place("f.txt"), 0600), 0);

    plan_init(&p);
    if (plan_add(&p, folder, note_skip, NULL, &err) != ST_OK)
        fail_msg("%s", err.text);
    assert_int_equal(p.n, 5);
    assert_int_equal(p.bytes, 7);
    for (size_t i = 0; i < p.n; i++)
        assert_string_equal(p.item[i].path, place(wanted[i]));
    assert_true(p.item[3].gzip && p.item[3].format == FORMAT_TXT);
    assert_true(p.item[4].gzip && p.item[4].format == FORMAT_JSONL);
    assert_string_equal(skipped, "c.pdf: not .jsonl or .txt, plain or .gz\n"
                                 "d.txt: a link\n"
                                 "e: a link\n"
                                 "f.txt: not a regular file\n");
    plan_fini(&p);
}

/* Between the plan and the reading somebody puts links in the place of a file and a folder. */
static void link_put_there_later_is_not_followed(void **state)
{
    struct plan p;
    int fd;
    (void)state;
    assert_int_equal(mkdir(place("in"), 0700), 0);
    assert_int_equal(mkdir(place("in/sub"), 0700), 0);
    assert_int_equal(mkdir(place("out"), 0700), 0);
    write_file("in/sub/a.txt", STR("inside"));
    write_file("in/b.txt", STR("inside"));
    write_file("out/a.txt", STR("secret"));
    plan_init(&p);
    assert_int_equal(plan_add(&p, place("in"), note_skip, NULL, NULL), ST_OK);
    assert_int_equal(p.n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(item_open(&p.item[i], &fd, NULL), ST_OK);
        close(fd);
    }
    assert_int_equal(unlink(place("in/b.txt")), 0);
    assert_int_equal(symlink("../out/a.txt", place("in/b.txt")), 0);
    assert_int_equal(rename(place("in/sub"), place("old")), 0);
    assert_int_equal(symlink("../out", place("in/sub")), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(item_open(&p.item[i], &fd, NULL), ST_IO);
    plan_fini(&p);
}

static void unknown_source_is_usage(void **state)
{
    struct plan p;
    struct err err = ERR_INIT;
    (void)state;
    plan_init(&p);
    assert_int_equal(plan_add(&p, place("no.txt"), note_skip, NULL, &err), ST_USAGE);
    assert_non_null(strstr(err.text, "no.txt: No such file"));
    write_file("a.doc", STR("x"));
    assert_int_equal(plan_add(&p, place("a.doc"), note_skip, NULL, &err), ST_USAGE);
    assert_non_null(strstr(err.text, "a.doc: of no known kind"));
    write_file("a.gz", STR("x"));
    assert_int_equal(plan_add(&p, place("a.gz"), note_skip, NULL, &err), ST_USAGE);
    assert_int_equal(p.n, 0);
    plan_fini(&p);
}

/* ---- whole sources ---- */

struct wanted_record {
    enum record_kind kind;
    uint64_t line;
    const char *text; /* body, or reason */
};

static void expect_records(const char *name, struct str bytes, uint64_t line_max,
                           const struct wanted_record *want)
{
    struct item it = {.path = place(name)};
    struct source s;
    struct record rec;
    struct err err = ERR_INIT;
    write_file(name, bytes);
    it.format = item_format(str_of(name), &it.gzip);
    assert_int_equal(source_open(&s, &it, line_max, NULL, &err), ST_OK);
    for (;; want++) {
        assert_int_equal(source_next(&s, &rec, &err), ST_OK);
        struct str text = rec.kind == RECORD_REJECTED ? str_of(rec.why.text) : rec.doc.body;
        bool alike = rec.kind == want->kind && rec.line == want->line;
        if (!alike && rec.kind != RECORD_END)
            fail_msg("kind %d line %ju: " STR_FMT, rec.kind, (uintmax_t)rec.line, STR_ARG(text));
        assert_int_equal(rec.kind, want->kind);
        if (rec.kind == RECORD_END)
            break;
        if (!str_starts(text, str_of(want->text)))
            fail_msg(STR_FMT " instead of %s", STR_ARG(text), want->text);
    }
    source_close(&s);
}

static void one_bad_line_among_good_ones(void **state)
{
    (void)state;
    expect_records("a.jsonl",
                   STR("\xef\xbb\xbf{\"body\":\"一\"}\r\n\n{\"body\":\n  \n{\"body\":\"三\"}"), 100,
                   (struct wanted_record[]){{RECORD_DOCUMENT, 1, "一"},
                                            {RECORD_REJECTED, 3, "not JSON"},
                                            {RECORD_DOCUMENT, 5, "三"},
                                            {RECORD_END, 0, NULL}});
}

static void long_line_is_rejected_alone(void **state)
{
    (void)state;
    expect_records("a.jsonl",
                   STR("{\"body\":\"一\"}\n{\"body\":\"123456789\"}\n{\"body\":\"三\"}\n"), 16,
                   (struct wanted_record[]){{RECORD_DOCUMENT, 1, "一"},
                                            {RECORD_REJECTED, 2, "the line is over 16 bytes"},
                                            {RECORD_DOCUMENT, 3, "三"},
                                            {RECORD_END, 0, NULL}});
}

/* A line in GB18030 between lines in UTF-8, as crawlers leave them. */
static void line_in_another_encoding_is_mended(void **state)
{
    (void)state;
    expect_records("a.jsonl",
                   STR("{\"body\":\"全市\"}\n"
                       /* 会议强调，要全面贯彻落实。 */
                       "{\"body\":\"\xbb\xe1\xd2\xe9\xc7\xbf\xb5\xf7\xa3\xac\xd2\xaa\xc8\xab"
                       "\xc3\xe6\xb9\xe1\xb3\xb9\xc2\xe4\xca\xb5\xa1\xa3\"}\n"
                       "{\"body\":\"全市会议强调\xff，要全面贯彻落实\"}\n"),
                   1000,
                   (struct wanted_record[]){{RECORD_DOCUMENT, 1, "全市"},
                                            {RECORD_DOCUMENT, 2, "会议强调，要全面贯彻落实。"},
                                            {RECORD_REJECTED, 3, ""},
                                            {RECORD_END, 0, NULL}});
}

/* Line breaks of other systems become line feeds; a file is then of as many lines as there. */
static void line_breaks_of_a_text_file(void **state)
{
    (void)state;
    expect_records(
        "a.txt", STR("标题\r\n第一行\r\n\r\n第二行\r\n"), 100,
        (struct wanted_record[]){{RECORD_DOCUMENT, 0, "第一行\n\n第二行"}, {RECORD_END, 0, NULL}});
    expect_records(
        "b.txt", STR("标题\r第一行\r第二行"), 100,
        (struct wanted_record[]){{RECORD_DOCUMENT, 0, "第一行\n第二行"}, {RECORD_END, 0, NULL}});
    /* 会议强调，要全面贯彻落实。 in GB18030, twice */
    expect_records(
        "c.txt",
        STR("\xbb\xe1\xd2\xe9\xc7\xbf\xb5\xf7\xa3\xac\xd2\xaa\xc8\xab\xc3\xe6\xb9\xe1\xb3\xb9"
            "\xc2\xe4\xca\xb5\xa1\xa3\r\n\xbb\xe1\xd2\xe9\xc7\xbf\xb5\xf7\r\n\xa3\xac"),
        100, (struct wanted_record[]){{RECORD_DOCUMENT, 0, "会议强调\n，"}, {RECORD_END, 0, NULL}});
    expect_records(
        "d.jsonl", STR("{\"body\":\"一\\r\\n二\"}\r\n"), 100,
        (struct wanted_record[]){{RECORD_DOCUMENT, 1, "一\r\n二"}, {RECORD_END, 0, NULL}});
}

static void what_is_not_text_is_one_rejection(void **state)
{
    (void)state;
    expect_records("a.jsonl", STR("\xff\xfe{\0}\0\n\0{\0}\0\n\0"), 100,
                   (struct wanted_record[]){{RECORD_REJECTED, 1, "JSON Lines in UTF-16"},
                                            {RECORD_END, 0, NULL}});
    expect_records(
        "b.jsonl", STR("\x1f\x8b\x08\n\n\n"), 100,
        (struct wanted_record[]){{RECORD_REJECTED, 1, "gzipped data"}, {RECORD_END, 0, NULL}});
    expect_records("c.txt.gz", STR("text"), 100,
                   (struct wanted_record[]){{RECORD_REJECTED, 0, "gzip: not a gzip file"},
                                            {RECORD_END, 0, NULL}});
    expect_records("d.txt", STR("0123456789"), 9,
                   (struct wanted_record[]){{RECORD_REJECTED, 0, "the text is over 9 bytes"},
                                            {RECORD_END, 0, NULL}});
}

static void text_file_is_one_record_named_by_its_path(void **state)
{
    struct source s;
    struct record rec;
    (void)state;
    write_file("a.txt", STR("\xef\xbb\xbf通知\n正文"));
    struct item it = {.path = place("a.txt"), .format = FORMAT_TXT};
    assert_int_equal(source_open(&s, &it, 100, NULL, NULL), ST_OK);
    assert_int_equal(source_next(&s, &rec, NULL), ST_OK);
    assert_int_equal(rec.kind, RECORD_DOCUMENT);
    assert_true(str_eq(rec.doc.id, str_of(it.path)));
    assert_str(rec.doc.title, "通知");
    assert_str(rec.doc.body, "正文");
    assert_int_equal(source_next(&s, &rec, NULL), ST_OK);
    assert_int_equal(rec.kind, RECORD_END);
    source_close(&s);
}

/* A line of nothing but values would need a tree many times its size. */
static void line_of_brackets_does_not_end_the_batch(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 4 << 20);
    buf_addz(&b, "{\"body\":\"x\",\"n\":[0");
    for (size_t i = 0; i < 500000; i++)
        buf_addz(&b, ",0");
    buf_addz(&b, "]}\n{\"body\":\"后\"}\n");
    expect_records("a.jsonl", buf_str(&b), 2 << 20,
                   (struct wanted_record[]){{RECORD_REJECTED, 1, "the line holds too many values"},
                                            {RECORD_DOCUMENT, 2, "后"},
                                            {RECORD_END, 0, NULL}});
    buf_fini(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_field_of_a_line),
        TEST(body_is_enough),
        TEST(number_is_an_id_as_written),
        TEST(other_keys_are_kept_in_order),
        TEST(what_is_refused_and_why),
        TEST(days_of_the_calendar),
        TEST(id_from_content),
        TEST(the_id_tells_every_field_apart),
        TEST(first_line_is_the_title),
        TEST(long_first_line_belongs_to_the_body),
        TEST(one_short_line_is_both),
        TEST(folder_is_walked_in_order),
        TEST(link_put_there_later_is_not_followed),
        TEST(unknown_source_is_usage),
        TEST(one_bad_line_among_good_ones),
        TEST(long_line_is_rejected_alone),
        TEST(line_in_another_encoding_is_mended),
        TEST(line_breaks_of_a_text_file),
        TEST(what_is_not_text_is_one_rejection),
        TEST(text_file_is_one_record_named_by_its_path),
        TEST(line_of_brackets_does_not_end_the_batch),
    };
    return RUN_TESTS(tests);
}
