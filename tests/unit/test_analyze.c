/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tokens: golden files, the terms that readers' spellings share, and the sink's contract.
 *
 * A golden file in tests/golden/analysis/ holds blocks: a line "> TEXT", then one line a token with
 * slice, term, kind and offsets as `gongbao analyze` prints them. Bigrams and characters beside
 * the text are left out where the first line of the file says "words". GOLDEN_WRITE=1 rewrites
 * the files.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis_util.h"
#include <glob.h>

static const char words[] =
    "强调 9000\n高质量 4000\n质量 9000\n发展 20000\n经济 19000\n联农带富 30\n市委 3000\n书记 8000\n"
    "市委书记 900\n主持 4000\n会议 9000\n改革 9000\n攻坚 1500\n场景 900\n切口 60\n上午 5000\n关于 "
    "12000\n"
    "乾隆 300\n年间 900\n著作 700\n家具 800\n公共 4000\n服务 9000\n公共服务 700\n统筹 1200\n维生素 "
    "900\n"
    "基站 200\n体系 2600\n产业 5000\n第 9000\n条 8000\n的 300000\n在 200000\n他 100000\n人 "
    "90000\n大 80000\n"
    "小 70000\n新 60000\nB超 90\n卡拉OK 60\n检查 5000\n林森 1\n阿卜杜拉 1\n森林 500\n市长 "
    "3000\n于是 3000\n高度 3000\n马上 3000\n"
    "浙江 3000\n浙江省 900\n绿谷 30\n科技 3000\n有限公司 900\n莲都区 30\n松阳县 30\n新兴 "
    "300\n自然资源 500\n"
    "规划局 90\n学院 900\n职业 900\n技术 900\n和 90000\n";
static const char aliases[] = "傢俱\t家具\n";

struct printer {
    struct str text;
    struct buf out, term;
    bool only_words;
};

static enum st print_tokens(void *ctx, const struct an_token *tok, size_t n)
{
    struct printer *p = ctx;
    for (size_t i = 0; i < n; i++) {
        if (p->only_words && tok[i].kind >= AN_BIGRAM)
            continue;
        buf_reset(&p->term);
        an_term(&tok[i], &p->term);
        buf_add(&p->out, p->text.p + tok[i].start, tok[i].end - tok[i].start);
        buf_addf(&p->out, "\t" STR_FMT "\t%s%s\t%u\t%u\n", STR_ARG(buf_str(&p->term)),
                 an_kind_name(tok[i].kind), tok[i].aside ? "+" : "", tok[i].start, tok[i].end);
    }
    return ST_OK;
}

static void printer_init(struct printer *p)
{
    *p = (struct printer){.only_words = false};
    buf_init(&p->out, 1 << 24);
    buf_init(&p->term, 1024);
}

static void printer_fini(struct printer *p)
{
    buf_fini(&p->out);
    buf_fini(&p->term);
}

/* Analyse again what the blocks of a golden file begin with. */
static void replay(struct an *an, struct str golden, struct printer *p)
{
    p->only_words = str_starts(golden, STR("# words"));
    while (golden.n > 0) {
        struct str line = str_cut(&golden, '\n');
        if (str_starts(line, STR("#"))) {
            buf_adds(&p->out, line);
            buf_addc(&p->out, '\n');
        } else if (str_starts(line, STR("> "))) {
            buf_addf(&p->out, "\n" STR_FMT "\n", STR_ARG(line));
            p->text = str_from(line.p + 2, line.n - 2);
            assert_int_equal(an_analyze(an, p->text, print_tokens, p), ST_OK);
        }
    }
}

static void show_difference(const char *path, struct str want, struct str got)
{
    for (unsigned number = 1; want.n > 0 || got.n > 0; number++) {
        struct str a = str_cut(&want, '\n'), b = str_cut(&got, '\n');
        if (!str_eq(a, b))
            fail_msg("%s:%u: expected\n" STR_FMT "\ngot\n" STR_FMT, path, number, STR_ARG(a),
                     STR_ARG(b));
    }
}

static void golden_file(struct an *an, const char *path)
{
    struct printer p;
    struct buf golden;
    printer_init(&p);
    buf_init(&golden, 1 << 24);
    assert_int_equal(file_read(path, &golden, NULL), ST_OK);
    replay(an, buf_str(&golden), &p);
    if (getenv("GOLDEN_WRITE"))
        assert_int_equal(file_replace(path, buf_str(&p.out), 0644, NULL), ST_OK);
    else
        show_difference(path, buf_str(&golden), buf_str(&p.out));
    buf_fini(&golden);
    printer_fini(&p);
}

static void golden_files(void **state)
{
    glob_t g;
    assert_int_equal(glob("tests/golden/analysis/*.txt", 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        golden_file(*state, g.gl_pathv[i]);
    globfree(&g);
}

static struct str analysed(struct an *an, const char *text, struct printer *p)
{
    buf_reset(&p->out);
    p->text = str_of(text);
    assert_int_equal(an_analyze(an, p->text, print_tokens, p), ST_OK);
    return buf_str(&p->out);
}

/* Whether some token of text, or some word, has this term. */
static bool has(struct an *an, const char *text, const char *term, bool only_words)
{
    struct printer p;
    bool found = false;
    printer_init(&p);
    p.only_words = only_words;
    struct str rest = analysed(an, text, &p);
    while (rest.n > 0 && !found) {
        struct str line = str_cut(&rest, '\n');
        str_cut(&line, '\t');
        found = str_eq(str_cut(&line, '\t'), str_of(term));
    }
    printer_fini(&p);
    return found;
}

static bool has_term(struct an *an, const char *text, const char *term)
{
    return has(an, text, term, false);
}

static bool has_word(struct an *an, const char *text, const char *term)
{
    return has(an, text, term, true);
}

static void assert_term(struct an *an, const char *text, const char *term)
{
    if (!has_term(an, text, term))
        fail_msg("%s does not give %s", text, term);
}

static void spellings_meet(void **state)
{
    struct an *an = *state;
    assert_term(an, "強調(diào)", "强调");
    assert_term(an, "高質(zhì)量發(fā)展", "高质量");
    assert_term(an, "聯(lián)農(nóng)帶富", "联农带富");
    assert_term(an, "關(guan) 於(yu)", "关于");
    assert_term(an, "乾隆年間", "干隆"); /* a term is as a text folds */
    assert_term(an, "著作", "着作");
    assert_term(an, "着作", "着作");
    assert_term(an, "傢俱", "家具");
    assert_term(an, "家俱", "家具");
    assert_term(an, "体係", "体系");
    assert_term(an, "公共·服务", "公共服务");
    assert_term(an, "市委書記吳舜澤", "吴舜");
    assert_term(an, "市委書記吳舜澤", "舜泽");
    assert_term(an, "Ｂ超检查", "b超");
    assert_term(an, "卡拉ok", "卡拉ok");
}

static void shorthand(void **state)
{
    struct an *an = *state;
    static const char *const whole[] = {"1410",     "5+5",      "9+1",      "23.4%", "5g",
                                        "c919",     "2025年",   "covid-19", "gb/t",  "1.5亿元",
                                        "10月31日", "a.b@c.cn", "c++",      "t+3"};
    char text[128];
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        snprintf(text, sizeof(text), "强调“%s”改革", whole[i]);
        assert_term(an, text, whole[i]);
        snprintf(text, sizeof(text), "在%s的产业", whole[i]);
        assert_term(an, text, whole[i]);
    }
    assert_term(an, "2025年10月31日上午", "10月31日");
    assert_term(an, "2025年10月31日上午", "2025年");
    assert_term(an, "2025年10月31日上午", "2025");
    assert_term(an, "2025年10月31日上午", "上午");
    assert_term(an, "C919大型", "919");
    assert_term(an, "COVID-19", "covid");
    assert_false(has_word(an, "5+5", "5"));
    assert_false(has_word(an, "23.4%", "4%"));
}

static void without_a_lexicon(void **state)
{
    (void)state;
    struct an *an;
    assert_int_equal(an_new(NULL, &an, NULL), ST_OK);
    assert_term(an, "强调5G", "强");
    assert_term(an, "强调5G", "5g");
    assert_false(has_word(an, "强调5G", "强调"));
    an_free(an);
}

struct stopper {
    size_t calls, tokens;
};

static enum st stop_at_once(void *ctx, const struct an_token *tok, size_t n)
{
    struct stopper *s = ctx;
    (void)tok;
    s->calls++;
    s->tokens += n;
    return ST_BUSY;
}

static void sink_can_stop(void **state)
{
    struct stopper s = {0, 0};
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 9000; i++)
        buf_addz(&text, "强调");
    assert_int_equal(an_analyze(*state, buf_str(&text), stop_at_once, &s), ST_BUSY);
    assert_int_equal(s.calls, 1);
    assert_true(s.tokens > 0);
    buf_fini(&text);
}

static void empty(void **state)
{
    struct stopper s = {0, 0};
    assert_int_equal(an_analyze(*state, STR(""), stop_at_once, &s), ST_OK);
    assert_int_equal(an_analyze(*state, str_from(NULL, 0), stop_at_once, &s), ST_OK);
    assert_int_equal(an_analyze(*state, STR("\n\n"), stop_at_once, &s), ST_OK);
    assert_int_equal(s.calls, 0);
}

/* A run of letters longer than a token may be gives no word, its bigrams all the same. */
static void too_long(void **state)
{
    char text[200];
    memset(text, 'a', sizeof(text));
    text[199] = '\0';
    text[150] = '-';
    assert_term(*state, text, "aa");
    assert_term(*state, text + 140, "aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_false(has_term(*state, text, text));
}

/* The same of digits, whatever unit is behind them. */
static void too_many_digits(void **state)
{
    static const char *const unit[] = {"年", "日", "元", "万", "%", ""};
    char text[200];
    for (int n = AN_TOKEN_MAX - 2; n < AN_TOKEN_MAX + 3; n++) {
        for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
            snprintf(text, sizeof(text), "10月%0*d%s5日", n, 7, unit[i]);
            assert_term(*state, text, "00");
            assert_term(*state, text, "5日");
        }
    }
}

/* The bulletin that the table of spellings was drawn from, with the lexicon that is installed. */
static void bulletin(void **state)
{
    struct buf text = shared_file("corpus/bulletin-lishui.txt");
    (void)state;
    if (text.n == 0) {
        buf_fini(&text);
        print_message("no corpus/bulletin-lishui.txt in the shared data, skipped\n");
        skip();
    }
    static const char *const terms[] = {
        "强调", "高质量", "发展", "1410", "5+5",  "9+1",  "141",  "2025年",   "10月31日", "吴舜",
        "舜泽", "朱林",   "林森", "景小", "两重", "农带", "市区", "公共服务", "改革"};
    buf_addc(&text, 0);
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
        if (strcmp(terms[i], "市区") == 0)
            assert_false(has_term(*state, text.p, terms[i])); /* 各縣(市、區) is no 市区 */
        else
            assert_term(*state, text.p, terms[i]);
    struct an_quality q;
    an_count_damage(str_from(text.p, text.n - 1), &q);
    assert_int_equal(q.damaged_readings, 0);
    assert_true(q.readings > 80);
    buf_fini(&text);
}

static struct lex *lexicon;

static int set_up(void **state)
{
    struct an *an = NULL;
    lexicon = lexicon_of(words, aliases);
    assert_int_equal(an_new(lexicon, &an, NULL), ST_OK);
    *state = an;
    return 0;
}

static int tear_down(void **state)
{
    an_free(*state);
    lex_close(lexicon);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_files),  cmocka_unit_test(spellings_meet),
        cmocka_unit_test(shorthand),     cmocka_unit_test(without_a_lexicon),
        cmocka_unit_test(sink_can_stop), cmocka_unit_test(empty),
        cmocka_unit_test(too_long),      cmocka_unit_test(too_many_digits),
        cmocka_unit_test(bulletin),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
