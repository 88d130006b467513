/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is shown of a text and what is marked in it. The cases are in the golden files; here are
 * properties that hold for any text and any width. */

#include "dice.h"
#include "golden.h"
#include "query_fixture.h"

#include <gongbao/snippet.h>
#include <gongbao/utf8.h>

struct cutter {
    struct bench b;
    struct an_text scratch;
    struct buf text;
    uint32_t columns;
    bool whole;
};

static void cutter_open(struct cutter *c)
{
    bench_open(&c->b);
    an_text_init(&c->scratch);
    buf_init(&c->text, 1 << 20);
    c->columns = 0;
    c->whole = false;
}

static void cutter_close(struct cutter *c)
{
    buf_fini(&c->text);
    an_text_fini(&c->scratch);
    bench_close(&c->b);
}

static struct snip cut(struct cutter *c, struct str query)
{
    struct snip snip;
    struct q_plan plan;
    const struct snip_opts opts = {.columns = c->columns, .whole = c->whole};
    assert_int_equal(bench_plan(&c->b, query, &plan), ST_OK);
    assert_int_equal(
        snip_cut(buf_str(&c->text), &plan, &opts, &c->scratch, &c->b.a, &snip, &c->b.err), ST_OK);
    return snip;
}

static void add_marked(struct buf *out, const struct snip *snip)
{
    size_t at = 0;
    for (size_t i = 0; i < snip->nmark; i++) {
        const struct snip_mark *m = &snip->mark[i];
        buf_add(out, snip->text.p + at, m->offset - at);
        buf_addf(out, "[" STR_FMT "]", (int)m->length, snip->text.p + m->offset);
        at = m->offset + m->length;
    }
    buf_add(out, snip->text.p + at, snip->text.n - at);
}

/* \n in a golden file's text is a line break. */
static void set_text(struct cutter *c, struct str value)
{
    buf_reset(&c->text);
    for (size_t i = 0; i < value.n; i++) {
        bool escape = value.p[i] == '\\' && i + 1 < value.n && value.p[i + 1] == 'n';
        buf_addc(&c->text, escape ? '\n' : value.p[i]);
        i += escape;
    }
}

/* width N (or whole), text TEXT and synonyms LINE hold until the next; query TEXT -> snippet. */
static bool render(void *ctx, struct str name, struct str value, struct buf *out)
{
    struct cutter *c = ctx;
    uint64_t columns;
    if (str_eq(name, STR("width"))) {
        c->whole = str_eq(value, STR("whole"));
        c->columns = str_u64(value, 10000, &columns) ? (uint32_t)columns : 0;
    } else if (str_eq(name, STR("text"))) {
        set_text(c, value);
    } else if (str_eq(name, STR("synonyms"))) {
        bench_synonyms(&c->b, value);
    } else if (str_eq(name, STR("query"))) {
        arena_reset(&c->b.a);
        struct snip snip = cut(c, value);
        buf_addz(out, "snippet ");
        add_marked(out, &snip);
        buf_addc(out, '\n');
    } else {
        return false;
    }
    return true;
}

static void golden(void **state)
{
    (void)state;
    struct cutter c;
    cutter_open(&c);
    golden_files("tests/golden/snippet/*.txt", render, &c);
    cutter_close(&c);
}

static uint32_t columns_of(struct str s)
{
    uint32_t n = 0;
    for (const char *p = s.p, *end = s.p + s.n; p < end;) {
        uint32_t cp;
        unsigned len = utf8_next(p, end, &cp);
        assert_int_not_equal(len, 0);
        n += cp >= 0x2e80 ? 2 : 1;
        p += len;
    }
    return n;
}

/* Marks are in order, apart, inside, and on character boundaries. */
static void check_marks(const struct snip *snip)
{
    uint32_t behind = 0;
    for (size_t i = 0; i < snip->nmark; i++) {
        const struct snip_mark *m = &snip->mark[i];
        assert_true(m->length > 0);
        assert_true(i == 0 || m->offset > behind);
        behind = m->offset + m->length;
        assert_true(behind <= snip->text.n);
        assert_int_equal(utf8_floor(snip->text.p, snip->text.n, m->offset), m->offset);
        assert_int_equal(utf8_floor(snip->text.p, snip->text.n, behind), behind);
    }
}

static const char *const TEXT =
    "10月5日上午，全市“强村富民”工作会议召开。市委書記周明遠(yuǎn)在會上強調(diào)，要統(tǒng)籌"
    "抓好茶葉、水庫、5G基站等“9+1”項目，糧食產(chǎn)量增長23.4%。\n各縣(市、區(qū))要對照清單，"
    "逐項落實。会议还学习了有关文件（另发），听取了汇报。";

static void holds_for_every_query_and_width(void **state)
{
    (void)state;
    static const char *const queries[] = {"强调",   "23.4%",        "会议 水库", "周明远在会上强调",
                                          "文件另", "\"项目，粮\"", "diào",      "没有的"};
    struct cutter c;
    cutter_open(&c);
    set_text(&c, str_of(TEXT));
    for (size_t q = 0; q < sizeof(queries) / sizeof(queries[0]); q++) {
        for (c.columns = 12; c.columns < 200; c.columns++) {
            struct snip snip = cut(&c, str_of(queries[q]));
            assert_int_equal(utf8_check(snip.text.p, snip.text.n), snip.text.n);
            assert_true(columns_of(snip.text) <= c.columns);
            check_marks(&snip);
            arena_reset(&c.b.a);
        }
    }
    cutter_close(&c);
}

/* What shows both words does so with what it shows of any one of them. */
static void two_places_fit_into_the_width_of_one(void **state)
{
    (void)state;
    struct cutter c;
    cutter_open(&c);
    set_text(&c, str_of(TEXT));
    for (c.columns = 40; c.columns < 200; c.columns++) {
        struct snip snip = cut(&c, STR("强村 汇报"));
        assert_int_equal(snip.nmark, 2);
        assert_true(columns_of(snip.text) <= c.columns);
    }
    cutter_close(&c);
}

static void a_match_is_shown_however_narrow_the_window(void **state)
{
    (void)state;
    struct cutter c;
    cutter_open(&c);
    set_text(&c, str_of(TEXT));
    for (c.columns = 16; c.columns < 200; c.columns++) {
        struct snip snip = cut(&c, STR("听取"));
        assert_int_equal(snip.nmark, 1);
        assert_str(str_from(snip.text.p + snip.mark[0].offset, snip.mark[0].length), "听取");
    }
    cutter_close(&c);
}

/* What of the words stands in a text: characters of those that do. */
static size_t covered(struct str text, const char *const words[], size_t n)
{
    size_t worth = 0;
    for (size_t i = 0; i < n; i++)
        if (memmem(text.p, text.n, words[i], strlen(words[i])))
            worth += strlen(words[i]) / 3;
    return worth;
}

/* The most that any window of so many columns covers of a text of Han characters. */
static size_t best_covered(struct str text, uint32_t columns, const char *const words[], size_t n)
{
    const size_t bytes = columns / 2 * 3;
    size_t best = 0;
    for (size_t at = 0; at < text.n; at += 3) {
        struct str window = str_from(text.p + at, text.n - at < bytes ? text.n - at : bytes);
        size_t worth = covered(window, words, n);
        best = worth > best ? worth : best;
    }
    return best;
}

/* Every window of a text is held against the one that is shown. */
static void no_window_would_show_more(void **state)
{
    static const char *const words[] = {"水库", "大坝", "水库大坝", "检查", "会议", "强调"};
    static const char *const fill[] = {"的", "了", "和", "，", "。", "是", "在", "要"};
    struct dice dice = dice_seeded();
    struct cutter c;
    (void)state;
    cutter_open(&c);
    for (size_t round = 0; round < 3000; round++) {
        buf_reset(&c.text);
        for (size_t n = 20 + dice_below(&dice, 200), i = 0; i < n; i++)
            buf_addz(&c.text, dice_once_in(&dice, 12) ? PICK(&dice, words) : PICK(&dice, fill));
        c.columns = 16 + (uint32_t)dice_below(&dice, 80);
        struct snip snip = cut(&c, STR("水库 大坝 水库大坝 检查 会议 强调"));
        size_t shown = covered(snip.text, words, COUNT_OF(words));
        size_t best = best_covered(buf_str(&c.text), c.columns - 2, words, COUNT_OF(words));
        if (shown < best)
            print_error("%u columns: " STR_FMT "\n" STR_FMT "\n", c.columns, STR_ARG(snip.text),
                        STR_ARG(buf_str(&c.text)));
        assert_true(shown >= best);
        arena_reset(&c.b.a);
    }
    cutter_close(&c);
}

static void add_times(struct buf *b, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addz(b, s);
}

/* However much stands in it that shows nothing, or hangs on one character. */
static void a_snippet_is_bounded(void **state)
{
    (void)state;
    static const char *const fillers[] = {"\u200b", "\u0301", "·", "”", "\ufe0f", " ", "\u20dd"};
    struct cutter c;
    cutter_open(&c);
    for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++) {
        for (unsigned at = 0; at < 8; at++) {
            buf_reset(&c.text);
            add_times(&c.text, fillers[i], at & 1 ? 3000 : 0);
            buf_addz(&c.text, "强");
            add_times(&c.text, fillers[i], at & 2 ? 3000 : 0);
            buf_addz(&c.text, "调");
            add_times(&c.text, fillers[i], at & 4 ? 3000 : 0);
            buf_addz(&c.text, "会议");
            for (c.columns = 0; c.columns < 200; c.columns += 40) {
                struct snip snip = cut(&c, STR("强调"));
                const uint32_t columns = c.columns ? c.columns : SNIP_WHOLE;
                check_marks(&snip);
                assert_true(snip.text.n <= 4 * columns + 160);
                assert_true(snip.nmark > 0 || c.columns == 0 || i == 5);
                arena_reset(&c.b.a);
            }
        }
    }
    cutter_close(&c);
}

/* Cut any text at all. */
static void cut_whatever(const char *text, size_t n)
{
    struct cutter c;
    cutter_open(&c);
    buf_add(&c.text, text, n);
    for (c.columns = 0; c.columns < 8; c.columns++) {
        struct snip snip = cut(&c, STR("水 ab"));
        check_marks(&snip);
    }
    cutter_close(&c);
}

static void odd_texts_are_cut_too(void **state)
{
    (void)state;
    cut_whatever("", 0);
    cut_whatever(" \n\n ", 4);
    cut_whatever("········································", 80);
    cut_whatever("水水水水水水水水水水水水水水", 42);
    cut_whatever("\xff\xfe水ab\xe6\xb0", 9);
}

/* However often another run stands before it. */
static void a_rare_run_is_marked_behind_a_frequent_one(void **state)
{
    (void)state;
    struct cutter c;
    cutter_open(&c);
    c.columns = 60;
    for (size_t i = 0; i < 5000; i++)
        buf_addz(&c.text, "会议甲");
    buf_addz(&c.text, "水库");
    struct snip snip = cut(&c, STR("会议 水库"));
    struct snip_mark last = snip.mark[snip.nmark - 1];
    assert_str(str_from(snip.text.p + last.offset, last.length), "水库");
    cutter_close(&c);
}

static void controls_never_come_through(void **state)
{
    (void)state;
    struct cutter c;
    cutter_open(&c);
    set_text(&c, STR("水库\x1b[31m\x7f\r\n大坝\xc2\x9b\xe2\x80\xae检查\xe2\x80\xa8。"));
    struct snip snip = cut(&c, STR("水库"));
    assert_str(snip.text, "水库 [31m   大坝     检查   。");
    cutter_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),
        cmocka_unit_test(holds_for_every_query_and_width),
        cmocka_unit_test(two_places_fit_into_the_width_of_one),
        cmocka_unit_test(a_match_is_shown_however_narrow_the_window),
        cmocka_unit_test(no_window_would_show_more),
        cmocka_unit_test(a_snippet_is_bounded),
        cmocka_unit_test(odd_texts_are_cut_too),
        cmocka_unit_test(a_rare_run_is_marked_behind_a_frequent_one),
        cmocka_unit_test(controls_never_come_through),
    };
    return RUN_TESTS(tests);
}
