/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a document may be, and its terms: what is counted, and how often. */

#include "../../src/ingest/document.h"
#include "analysis_util.h"
#include "harness.h"

static struct terms *terms;

static int setup(void **state)
{
    (void)state;
    return terms_new(NULL, 3, &terms, NULL) != ST_OK;
}

static int teardown(void **state)
{
    (void)state;
    terms_free(terms);
    return 0;
}

static const struct ix_term *term;
static size_t nterms;

static void analyse(struct str title, struct str body)
{
    struct ix_doc doc = {.title = title, .body = body};
    struct err err = ERR_INIT;
    if (terms_of(terms, &doc, &term, &nterms, &err) != ST_OK)
        fail_msg("%s", err.text);
}

static uint32_t wdf(const char *bytes)
{
    uint32_t found = 0;
    for (size_t i = 0; i < nterms; i++)
        if (str_eq(term[i].bytes, str_of(bytes))) {
            assert_int_equal(found, 0); /* no term stands twice */
            found = term[i].wdf;
        }
    return found;
}

static void title_counts_more_than_body(void **state)
{
    (void)state;
    analyse(STR("防汛会议"), STR("会议强调防汛，防汛！"));
    assert_int_equal(wdf("防汛"), 3 + 2);
    assert_int_equal(wdf("会议"), 3 + 1);
    assert_int_equal(wdf("强调"), 1);
    assert_int_equal(wdf("防"), 2 * (3 + 2)); /* a word: twice a pair */
    assert_int_equal(wdf("汛会"), 3);
}

static const struct ix_term *find(const char *bytes)
{
    for (size_t i = 0; i < nterms; i++)
        if (str_eq(term[i].bytes, str_of(bytes)))
            return &term[i];
    return NULL;
}

/* With a lexicon a character is a word here and none there. */
static void a_character_that_begins_nothing_is_a_term(void **state)
{
    (void)state;
    struct terms *without = terms;
    struct lex *lex = lexicon_of("人民 900\n人民政府 900\n公告 500\n", "");
    assert_int_equal(terms_new(lex, 3, &terms, NULL), ST_OK);
    analyse(STR(""), STR("人民政府公告，公告人民。"));
    assert_int_equal(wdf("人民政府"), 2);
    assert_int_equal(wdf("公告"), 4);     /* a word each time */
    assert_int_equal(wdf("人民"), 2 + 1); /* once inside a word */
    assert_null(find("告"));              /* 告人 */
    assert_null(find("人"));
    assert_null(find("民")); /* 民政 */
    assert_non_null(find(","));
    assert_int_equal(wdf(","), 0);
    analyse(STR(""), STR("人民。"));
    assert_non_null(find("民")); /* ends the text, is no word */
    assert_int_equal(wdf("民"), 0);
    assert_null(find("人"));
    terms_free(terms);
    terms = without;
    lex_close(lex);
}

static void no_term_spans_title_and_body(void **state)
{
    (void)state;
    analyse(STR("公"), STR("报"));
    assert_int_equal(wdf("公报"), 0);
    assert_int_equal(wdf("公"), 6);
    assert_int_equal(wdf("报"), 2);
}

static void spellings_are_one_term(void **state)
{
    (void)state;
    analyse(STR(""), STR("強調 强调 強調(diào)"));
    assert_int_equal(wdf("强调"), 3);
    assert_int_equal(wdf("diào"), 0);
}

static void days_of(const char *date, const char *body)
{
    struct ix_doc doc = {.title = STR(""), .body = str_of(body), .date = str_of(date)};
    assert_int_equal(terms_of(terms, &doc, &term, &nterms, NULL), ST_OK);
}

static bool has_day(const char *day)
{
    for (size_t i = 0; i < nterms; i++)
        if (str_eq(term[i].bytes, str_of(day)))
            return term[i].wdf == 0;
    return false;
}

static size_t count_days(void)
{
    size_t n = 0;
    for (size_t i = 0; i < nterms; i++)
        n += term[i].bytes.p[0] == IX_TERM_DAY[0] && term[i].bytes.n == strlen("T20241031");
    return n;
}

static void days_are_terms(void **state)
{
    (void)state;
    static const struct {
        const char *date, *body, *days; /* days with spaces between */
    } example[] = {
        {"2024-11-01", "10月31日上午，全市召开会议。", "T20241031"},
        {"2024-01-05", "12月28日召开，1月3日结束。", "T20231228 T20240103"},
        {"2024-12-20", "将于1月3日举行。", "T20250103"},
        {"", "10月31日上午", ""},
        {"", "2024年10月31日、2024-11-02、2024.11.3和2024/11/4",
         "T20241031 T20241102 T20241103 T20241104"},
        {"", "2024 年 10 月 31 日", "T20241031"},
        {"2024-11-01", "十月三十一日，二〇二三年九月一日", "T20241031 T20230901"},
        {"2024-11-01", "10月28日至31日，10月28日—11月2日",
         "T20241028 T20241029 T20241030 T20241031 T20241101 T20241102"},
        {"2024-11-01", "10月28日、31日，9月1日至10月10日",
         "T20241028 T20241031 T20240901 T20241010"},
        {"2024-11-01", "10月28-31日", "T20241028 T20241029 T20241030 T20241031"},
        {"2024-11-01", "2023年9月1日至10月31日有效。10月30日发布", "T20230901 T20231031 T20241030"},
        {"2024-11-01", "2023年12月30日至1月2日", "T20231230 T20231231 T20240101 T20240102"},
        {"2024-11-01", "去年3月5日，今年3月5日，明年3月5日", "T20230305 T20240305 T20250305"},
        {"2024-11-01", "每年10月31日前，民國96年11月3日，八十四年七月一日", ""},
        {"2024-11-01", "每年自1月1日起至10月31日止，农历八月十五日", ""},
        {"2024-11-01", "每年一次。10月31日召开", "T20241031"},
        {"2024-11-01", "2月30日、13月1日、2024年2月30日、2023-02-29", ""},
        {"2024-11-01", "15日内，31日，10月，2024年，2024.5万元", ""},
        {"2024-11-01", "10月31日，10月31日", "T20241031"},
    };
    for (size_t i = 0; i < sizeof(example) / sizeof(example[0]); i++) {
        struct str days = str_of(example[i].days);
        size_t n = 0;
        days_of(example[i].date, example[i].body);
        for (; days.n > 0; n++) {
            struct str day = str_cut(&days, ' ');
            char text[16];
            snprintf(text, sizeof(text), STR_FMT, STR_ARG(day));
            if (!has_day(text))
                fail_msg("%s: %s lacks %s", example[i].date, example[i].body, text);
        }
        if (count_days() != n)
            fail_msg("%s: %s has %zu days", example[i].date, example[i].body, count_days());
    }
}

static void months_and_years_of_days_are_terms(void **state)
{
    (void)state;
    days_of("2024-11-01", "10月31日至11月2日，2023年10月1日，10月3日。");
    assert_true(has_day("T202410"));
    assert_true(has_day("T202411"));
    assert_true(has_day("T202310"));
    assert_true(has_day("T2024"));
    assert_true(has_day("T2023"));
    size_t n = 0;
    for (size_t i = 0; i < nterms; i++)
        n += term[i].bytes.p[0] == IX_TERM_DAY[0];
    assert_int_equal(n - count_days(), 5);
}

static void shorthand_is_a_word(void **state)
{
    (void)state;
    analyse(STR(""), STR("落实“5+5”和23.4%，用5G"));
    assert_int_equal(wdf("5+5"), 2);
    assert_int_equal(wdf("23.4%"), 2);
    assert_int_equal(wdf("5g"), 2);
}

/* Long and short runs of letters share beginnings; each stays its own term. */
static void long_terms_are_told_apart(void **state)
{
    (void)state;
    analyse(STR(""), STR("abc abcd abcde abc xbc"));
    assert_int_equal(wdf("abc"), 4);
    assert_int_equal(wdf("abcd"), 2);
    assert_int_equal(wdf("abcde"), 2);
    assert_int_equal(wdf("xbc"), 2);
}

static void nothing_is_left_of_the_document_before(void **state)
{
    (void)state;
    analyse(STR("一二三"), STR("四五六"));
    size_t first = nterms;
    analyse(STR(""), STR("七"));
    assert_int_equal(wdf("一二"), 0);
    assert_int_equal(wdf("七"), 2);
    analyse(STR("一二三"), STR("四五六"));
    assert_int_equal(nterms, first);
}

/* Tens of thousands of distinct terms: the table grows under them, and nothing gets lost. */
static void large_document(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 8 << 20);
    for (int round = 0; round < 2; round++)
        for (unsigned i = 0; i < 30000; i++)
            buf_addf(&b, "w%ux ", i);
    analyse(STR(""), buf_str(&b));
    assert_int_equal(wdf("w0x"), 4);
    assert_int_equal(wdf("w12345x"), 4);
    assert_int_equal(wdf("w29999x"), 4);
    assert_int_equal(wdf("w30000x"), 0);
    for (size_t i = 0; i < nterms; i++)
        assert_in_range(term[i].bytes.n, 1, IX_TERM_MAX);
    buf_fini(&b);
}

static void every_term_fits_the_index(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < 1000; i++)
        buf_addz(&b, "𠀀a");
    for (size_t i = 0; i < 1000; i++)
        buf_addc(&b, 'z');
    analyse(buf_str(&b), buf_str(&b));
    assert_true(nterms > 0);
    for (size_t i = 0; i < nterms; i++)
        assert_in_range(term[i].bytes.n, 1, IX_TERM_MAX);
    buf_fini(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Another batch with another release must give the same document the same id. */
static void the_id_made_of_the_contents_stays(void **state)
{
    (void)state;
    const struct ix_doc doc = {
        .title = STR("防汛通知"), .body = STR("各县要做好防汛工作。"), .date = STR("2024-06-03")};
    char id[DOC_HASH_ID + 1];
    doc_hash_id(&doc, id);
    assert_string_equal(id, "h-93214327cf033a2a79e5d5923a434f54");
}

/* Each occurrence in the title counts as several, so a title has a limit of its own. */
static void a_title_has_a_limit(void **state)
{
    (void)state;
    enum { LIMIT = 1 << 20 };
    char *title = malloc(LIMIT + 1);
    assert_non_null(title);
    memset(title, 'x', LIMIT + 1);
    struct ix_doc doc = {.body = STR("正文"), .title = str_from(title, LIMIT)};
    struct err err = ERR_INIT;
    assert_int_equal(doc_check(&doc, 100, &err), ST_OK);
    doc.title.n++;
    assert_int_equal(doc_check(&doc, 100, &err), ST_REJECTED);
    assert_string_equal(err.text, "the title is over 1048576 bytes");
    free(title);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_id_made_of_the_contents_stays),
        cmocka_unit_test(a_title_has_a_limit),
        TEST(title_counts_more_than_body),
        TEST(a_character_that_begins_nothing_is_a_term),
        TEST(no_term_spans_title_and_body),
        TEST(spellings_are_one_term),
        TEST(shorthand_is_a_word),
        TEST(days_are_terms),
        TEST(months_and_years_of_days_are_terms),
        TEST(long_terms_are_told_apart),
        TEST(nothing_is_left_of_the_document_before),
        TEST(large_document),
        TEST(every_term_fits_the_index),
    };
    return RUN_TESTS(tests);
}
