/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Replies: one line or rows in text, one line of valid JSON, and nothing in either that a terminal
 * would act upon. */
#include "harness.h"

#include "../../src/net/reply.h"

#include <gongbao/json.h>
#include <gongbao/utf8.h>

struct sheet {
    struct buf out;
    struct reply r;
};

static struct reply *begin(struct sheet *s, enum reply_fmt fmt, const char *tag)
{
    buf_init(&s->out, 1 << 20);
    s->r = (struct reply){.out = &s->out, .fmt = fmt, .tag = str_of(tag)};
    return &s->r;
}

static void end_is(struct sheet *s, const char *wanted)
{
    harness_assert_str(buf_str(&s->out), str_of(wanted), __FILE__, __LINE__);
    buf_fini(&s->out);
}

static void text_and_json_say_the_same(void **state)
{
    (void)state;
    struct srch_result res = {.total = 37, .exact = true, .ms = 0.8, .generation = 41};
    struct sheet s;
    reply_count(begin(&s, REPLY_TEXT, ""), &res);
    end_is(&s, "200 count n=37 exact=1 ms=0.8 generation=41\n");
    reply_count(begin(&s, REPLY_JSON, "a"), &res);
    end_is(&s, "{\"code\":200,\"name\":\"count\",\"tag\":\"a\",\"n\":37,\"exact\":true,\"ms\":0.8,"
               "\"generation\":41}\n");
}

static void errors_carry_offset_message_and_usage(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct sheet s;
    err_at(&err, ST_SYNTAX, 7, "the quote is not closed");
    reply_error(begin(&s, REPLY_TEXT, "q1"), &err, NULL, 0);
    end_is(&s, "422 @q1 syntax offset=7 message=the quote is not closed\n");
    reply_error(begin(&s, REPLY_JSON, ""), &err, "SEARCH QUERY", 0);
    end_is(&s, "{\"code\":422,\"name\":\"syntax\",\"offset\":7,"
               "\"message\":\"the quote is not closed\",\"usage\":\"SEARCH QUERY\"}\n");
    err_set(&err, ST_BUSY, "5 requests are waiting already");
    reply_error(begin(&s, REPLY_TEXT, ""), &err, NULL, 100);
    end_is(&s, "429 busy retry_ms=100 message=5 requests are waiting already\n");
}

static void a_tag_can_be_put_in_later(void **state)
{
    (void)state;
    struct srch_result res = {.total = 37, .exact = true, .ms = 0.8, .generation = 41};
    for (int fmt = REPLY_TEXT; fmt <= REPLY_JSON; fmt++) {
        struct sheet s, later, tagged;
        struct reply *r = begin(&s, (enum reply_fmt)fmt, "");
        reply_hits(r, &res, false);
        struct answer a = {.bytes = buf_str(&s.out), .tag_at = r->tag_at, .mark_at = r->mark_at};
        reply_hits(begin(&tagged, (enum reply_fmt)fmt, "a\"1"), &res, false);
        begin(&later, (enum reply_fmt)fmt, "");
        reply_finish(&later.out, (enum reply_fmt)fmt, &a, STR("a\"1"), false);
        assert_true(str_eq(buf_str(&later.out), buf_str(&tagged.out)));
        buf_reset(&later.out);
        reply_finish(&later.out, (enum reply_fmt)fmt, &a, STR(""), true);
        end_is(&later, fmt == REPLY_TEXT
                           ? "210 hits total=37 exact=1 relaxed=0 partial=0 ms=0.8 generation=41 "
                             "cached=1\n.\n"
                           : "{\"code\":210,\"name\":\"hits\",\"total\":37,\"exact\":true,"
                             "\"relaxed\":false,\"partial\":false,\"ms\":0.8,\"generation\":41,"
                             "\"cached\":true,\"hits\":[]}\n");
        buf_fini(&s.out);
        buf_fini(&tagged.out);
    }
}

static void facets_and_copies_stand_with_the_hits(void **state)
{
    (void)state;
    struct srch_facet_row row[] = {{STR("2024"), 3}, {STR("2023"), 1}};
    struct srch_facet facet[] = {{STR("year"), row, 2, 4}, {STR("tag"), NULL, 0, 0}};
    struct srch_hit hit = {.rank = 1, .score = 2, .index = "main", .copies = 5};
    struct srch_result res = {.total = 1, .hit = &hit, .nhit = 1, .facet = facet, .nfacet = 2};
    struct sheet s;
    reply_hits(begin(&s, REPLY_TEXT, ""), &res, true);
    end_is(&s, "210 hits total=1 exact=0 relaxed=0 partial=0 ms=0 generation=0\n"
               "1\t2\t\t\t\t\t5\n"
               "facet\tyear\t2024\t3\nfacet\tyear\t2023\t1\nmore\tyear\t4\n.\n");
    reply_hits(begin(&s, REPLY_JSON, ""), &res, true);
    struct str all = buf_str(&s.out);
    assert_true(
        str_ends(all, STR(",\"index\":\"main\",\"copies\":5}],\"facets\":[{\"name\":\"year\","
                          "\"values\":[{\"value\":\"2024\",\"n\":3},"
                          "{\"value\":\"2023\",\"n\":1}],\"more\":4},"
                          "{\"name\":\"tag\",\"values\":[],\"more\":0}]}\n")));
    buf_fini(&s.out);
}

static void harmful_characters_are_escaped(void **state)
{
    (void)state;
    static const struct {
        struct str in;
        const char *out;
    } cases[] = {
        {STR("调查"), "调查"},
        {STR("a\tb\nc\\d"), "a\\tb\\nc\\\\d"},
        {STR("\x1b[31m"), "\\x1b[31m"},
        {STR("\r\x7f\0"), "\\x0d\\x7f\\x00"},
        {STR("\xc2\x9b"), "\\u009b"},
        {STR("\xe2\x80\xae\xe2\x81\xa7\xd8\x9c"), "\\u202e\\u2067\\u061c"},
        {STR("\xe2\x80\xa8\xe2\x80\xa9"), "\\u2028\\u2029"},
        {STR("\xff\xe5"), "\\xff\\xe5"},
        {STR(" ·“”…"), " ·“”…"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b;
        struct guarded g = guard(cases[i].in);
        buf_init(&b, 1 << 16);
        reply_escape(&b, guarded_str(g));
        harness_assert_str(buf_str(&b), str_of(cases[i].out), __FILE__, __LINE__);
        buf_fini(&b);
        unguard(&g);
    }
}

static void a_row_never_begins_with_a_lone_dot(void **state)
{
    (void)state;
    struct sheet s;
    struct reply *r = begin(&s, REPLY_TEXT, "");
    reply_begin(r, 210, "help");
    reply_rows_begin(r, "rows");
    reply_row_begin(r);
    reply_cell(r, "name", STR("."));
    reply_cell(r, "help", STR("."));
    reply_row_end(r);
    reply_rows_end(r);
    end_is(&s, "210 help\n..\t.\n.\n");
}

/* A hit whose every field tries to get out of its place. */
static struct srch_hit nasty_hit(struct snip_mark *mark)
{
    *mark = (struct snip_mark){.offset = 3, .length = 6};
    return (struct srch_hit){
        .rank = 11,
        .score = 12.3456789,
        .index = "main",
        .doc = {.id = STR("a\"\n.\\"), .date = STR("2024-10-31"), .issuer = STR("\x1b]0;x\x07")},
        .title = {.text = STR("強調(diào)\xe2\x80\xae")},
        .body = {.text = STR("…强调经济"), .mark = mark, .nmark = 1},
    };
}

static void hits_in_text_are_marked_rows(void **state)
{
    (void)state;
    struct snip_mark mark;
    struct srch_hit hit = nasty_hit(&mark);
    struct srch_result res = {.total = 12, .relaxed = true, .ms = 1.25, .hit = &hit, .nhit = 1};
    struct sheet s;
    reply_hits(begin(&s, REPLY_TEXT, ""), &res, false);
    end_is(&s, "210 hits total=12 exact=0 relaxed=1 partial=0 ms=1.25 generation=0\n"
               "11\t12.3457\t2024-10-31\ta\"\\n.\\\\\t強調(diào)\\u202e\t…[强调]经济\n.\n");
}

static const struct json *member(const struct json *o, const char *key)
{
    const struct json *m = json_get(o, str_of(key));
    assert_non_null(m);
    return m;
}

static void hits_in_json_are_one_valid_line(void **state)
{
    (void)state;
    struct snip_mark mark;
    struct srch_hit hit = nasty_hit(&mark);
    struct srch_hit hits[2] = {hit, hit};
    struct srch_result res = {.total = 2, .exact = true, .hit = hits, .nhit = 2};
    struct sheet s;
    struct arena a;
    const struct json *j;
    arena_init(&a, 1 << 20);
    reply_hits(begin(&s, REPLY_JSON, "t\"x"), &res, false);

    struct str line = {s.out.p, s.out.n - 1};
    assert_int_equal(s.out.p[line.n], '\n');
    assert_null(memchr(line.p, '\n', line.n));
    assert_int_equal(json_parse(line, &a, &j, NULL), ST_OK);
    const struct json *first = member(j, "hits")->child;
    assert_non_null(first->next);
    assert_null(first->next->next);
    assert_str(member(first, "id")->text, "a\"\n.\\");
    assert_str(member(first, "snippet")->text, "…强调经济");
    assert_str(member(first, "index")->text, "main");
    const struct json *light = member(first, "highlights")->child;
    assert_str(member(light, "field")->text, "snippet");
    assert_str(member(light, "offset")->text, "3");
    assert_str(member(light, "length")->text, "6");
    arena_fini(&a);
    buf_fini(&s.out);
}

static void no_harmful_byte_leaves_in_either_form(void **state)
{
    (void)state;
    const struct ix_doc doc = {
        .id = STR("\x1b[2J"),
        .title = STR("\xc2\x9b\xe2\x80\xae"),
        .body = STR("one\r\n.\n\x07\xe2\x80\xa8two"),
        .extra = STR("{\"k\":\"\xc2\x85\xe2\x80\xa9\x7f\"}"),
    };
    for (int fmt = REPLY_TEXT; fmt <= REPLY_JSON; fmt++) {
        struct sheet s;
        reply_document(begin(&s, (enum reply_fmt)fmt, ""), &doc, "main");
        const char *p = s.out.p, *stop = p + s.out.n;
        while (p < stop) {
            uint32_t cp = 0;
            unsigned n = utf8_next(p, stop, &cp);
            assert_true(n > 0);
            assert_true(cp == '\n' || cp == '\t' || !utf8_is_control(cp));
            p += n;
        }
        buf_fini(&s.out);
    }
}

static void a_document_is_names_and_values(void **state)
{
    (void)state;
    static const struct str tags[] = {STR("防汛"), STR("通知")};
    const struct ix_doc doc = {.id = STR("2024-118"),
                               .title = STR("通知"),
                               .body = STR("一\n.二"),
                               .tags = tags,
                               .ntags = 2};
    struct sheet s;
    reply_document(begin(&s, REPLY_TEXT, ""), &doc, "main");
    end_is(&s, "210 document id=2024-118\nid\t2024-118\ntitle\t通知\ntag\t防汛\ntag\t通知\n"
               "body\t一\nbody\t.二\n.\n");
}

static void statistics_nest_in_json(void **state)
{
    (void)state;
    struct ix_segment_info segment[] = {
        {.name = STR("s1"), .documents = 5, .lexicon = 0xabc},
        {.name = STR("s2"), .documents = 2, .tombstones = 1, .lexicon = 0xdef}};
    struct srch_index_stats each = {
        .name = "main", .state = "ok", .info.segments = 2, .segment = segment};
    struct srch_stats stats = {.nindex = 1, .each = &each, .lexicon.stamp = 0xdef};
    struct sheet s;
    struct arena a;
    const struct json *j;
    arena_init(&a, 1 << 20);
    stats.index.documents = 7;
    reply_stats(begin(&s, REPLY_JSON, ""), &stats,
                STR("uptime_s=3\nrequests.search=12\nrequests.ping=1\nqueue=0\n"));
    assert_int_equal(json_parse(buf_str(&s.out), &a, &j, NULL), ST_OK);
    assert_str(member(j, "documents")->text, "7");
    assert_str(member(member(j, "requests"), "ping")->text, "1");
    assert_str(member(j, "queue")->text, "0");
    assert_str(member(member(j, "indexes")->child, "state")->text, "ok");
    assert_str(member(member(j, "lexicon"), "stamp")->text, "0000000000000def");
    const struct json *part = member(member(j, "indexes")->child, "parts")->child;
    assert_str(member(part, "name")->text, "s1");
    assert_str(member(part, "lexicon")->text, "0000000000000abc");
    assert_str(member(part->next, "tombstones")->text, "1");
    buf_fini(&s.out);
    reply_stats(begin(&s, REPLY_TEXT, ""), &stats, STR("queue=0\n"));
    buf_addc(&s.out, '\0');
    assert_non_null(strstr(s.out.p, "\nlexicon.stamp\t0000000000000def\n"));
    assert_non_null(strstr(s.out.p, "\nsegment\tmain\ts2\t2\t1\t0000000000000def\tok\n.\n"));
    arena_fini(&a);
    buf_fini(&s.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_json_say_the_same),
        cmocka_unit_test(errors_carry_offset_message_and_usage),
        cmocka_unit_test(facets_and_copies_stand_with_the_hits),
        cmocka_unit_test(a_tag_can_be_put_in_later),
        cmocka_unit_test(harmful_characters_are_escaped),
        cmocka_unit_test(a_row_never_begins_with_a_lone_dot),
        cmocka_unit_test(hits_in_text_are_marked_rows),
        cmocka_unit_test(hits_in_json_are_one_valid_line),
        cmocka_unit_test(no_harmful_byte_leaves_in_either_form),
        cmocka_unit_test(a_document_is_names_and_values),
        cmocka_unit_test(statistics_nest_in_json),
    };
    return RUN_TESTS(tests);
}
