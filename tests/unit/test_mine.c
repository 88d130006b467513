/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking for new words: the corpus in memory, its suffixes in order, and the figures by which a
 * string is called a word, on texts small enough to count by hand. There is no lexicon, so every
 * character is a word. */

#include "harness.h"

#include "../../src/mine/mine.h"
#include <gongbao/utf8.h>
#include <math.h>
#include <string.h>

struct corpus {
    struct an *an;
    struct mine_text text;
    struct mine_suffixes suffixes;
};

static void begin(struct corpus *c, size_t characters)
{
    assert_int_equal(an_new(NULL, &c->an, NULL), ST_OK);
    assert_int_equal(mine_text_init(&c->text, c->an, characters, NULL), ST_OK);
}

static void add(struct corpus *c, const char *document)
{
    assert_int_equal(mine_text_document(&c->text), ST_OK);
    assert_int_equal(mine_text_add(&c->text, str_of(document)), ST_OK);
}

static void sort(struct corpus *c)
{
    assert_int_equal(mine_sort(&c->text, &c->suffixes, NULL), ST_OK);
}

static void end(struct corpus *c)
{
    mine_suffixes_fini(&c->suffixes);
    mine_text_fini(&c->text);
    an_free(c->an);
}

/* n characters of the text as UTF-8, a '.' for what is not Han. */
static const char *shown(const struct corpus *c, size_t at, size_t n, char *out)
{
    size_t len = 0;
    for (size_t i = at; i < at + n; i++)
        len += utf8_put(c->text.code[i] ? c->text.cp_of[c->text.code[i]] : '.', out + len);
    out[len] = '\0';
    return out;
}

static void a_text_is_runs_of_han(void **state)
{
    (void)state;
    struct corpus c = {0};
    char out[400];
    begin(&c, 100);
    add(&c, "強調(diào)“兩重”、兩新，5+5\n10月31日《立法法》。ABC“不 是”“是”");
    add(&c, "完");
    assert_string_equal(shown(&c, 0, c.text.n, out), "强调.两重.两新.立法法.不.是.是.完.");
    assert_int_equal(c.text.nquotes, 2);
    assert_string_equal(shown(&c, c.text.quote[0].at, c.text.quote[0].n, out), "两重");
    assert_string_equal(shown(&c, c.text.quote[1].at, c.text.quote[1].n, out), "立法法");
    assert_int_equal(mine_text_document_of(&c.text, 0), 0);
    assert_int_equal(mine_text_document_of(&c.text, c.text.n - 3), 0);
    assert_int_equal(mine_text_document_of(&c.text, c.text.n - 2), 1);
    end(&c);
}

/* What does not fit is left out, and the end is an end all the same. */
static void a_full_text(void **state)
{
    (void)state;
    struct corpus c = {0};
    char out[100];
    begin(&c, 6);
    add(&c, "甲乙，丙丁戊己");
    add(&c, "庚辛");
    assert_string_equal(shown(&c, 0, c.text.n, out), "甲乙.丙丁.");
    sort(&c);
    assert_int_equal(c.suffixes.n, 2);
    end(&c);
}

static size_t counted(const struct mine_text *t, const uint16_t *code, size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i + n <= t->n; i++)
        found += memcmp(t->code + i, code, n * sizeof(*code)) == 0;
    return found;
}

static void suffixes_are_in_order(void **state)
{
    (void)state;
    static const char *const letter[] = {"甲", "乙", "丙", "，"};
    struct corpus c = {0};
    uint32_t random = 12345;
    char document[1600];
    begin(&c, 5000);
    for (int d = 0; d < 8; d++) {
        document[0] = '\0';
        for (int i = 0; i < 500; i++) {
            random = random * 1664525 + 1013904223;
            strcat(document, letter[(random >> 24) % (d == 0 ? 1 : 4)]);
        }
        add(&c, document);
    }
    sort(&c);
    for (size_t i = 1; i < c.suffixes.n; i++) {
        const uint16_t *a = c.text.code + c.suffixes.at[i - 1], *b = c.text.code + c.suffixes.at[i];
        size_t k = 0;
        while (k < MINE_WORD_MAX && a[k] == b[k] && a[k] != 0)
            k++;
        assert_true(k == MINE_WORD_MAX || a[k] <= b[k]);
    }
    for (size_t i = 0; i < c.suffixes.n; i += 7) {
        const uint16_t *code = c.text.code + c.suffixes.at[i];
        for (size_t n = 1; n < 6 && code[n - 1] != 0; n++)
            assert_int_equal(mine_count(&c.text, &c.suffixes, code, n), counted(&c.text, code, n));
    }
    end(&c);
}

static const struct mine_word *find(const struct corpus *c, const struct mine_words *w,
                                    const char *text)
{
    char out[100];
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(shown(c, w->word[i].at, w->word[i].n, out), text) == 0)
            return &w->word[i];
    return NULL;
}

/* So that the words in question are rare. */
static const char others[] =
    "金木水火土赤橙黄绿青蓝紫宫商角徵羽子丑寅卯辰巳午未申酉戌亥钟鼓琴瑟笙箫日月山川江河湖海草花鸟鱼"
    "虫马牛羊鸡犬猪鼠虎兔龙蛇猴衣食住行柴米油盐酱醋茶梅兰竹菊松柏桃李杏枣梨瓜果豆麦稻黍稷麻桑棉丝绸"
    "缎布帛银铜铁锡铅汞石玉珠贝壳骨牙皮毛革";

static void assert_close(double got, double wanted)
{
    if (fabs(got - wanted) > 1e-9)
        fail_msg("%f instead of %f", got, wanted);
}

/* 浐灞 stands eight times: four neighbours on each side, twice each, are two bits; with N
 * characters in all its cohesion is log2((8 / N) / (8 / N * 8 / N)). */
static void a_word_by_its_figures(void **state)
{
    (void)state;
    struct corpus c = {0};
    struct mine_words found = {0};
    const struct mine_opts opts = {.documents = 2};
    begin(&c, 1000);
    for (int i = 0; i < 2; i++) {
        add(&c, "东浐灞春天，南浐灞夏天");
        add(&c, "西浐灞秋天，北浐灞冬天");
    }
    add(&c, others);
    sort(&c);
    assert_int_equal(mine_cohesive(&c.text, &c.suffixes, &opts, &found, NULL), ST_OK);
    const struct mine_word *w = find(&c, &found, "浐灞");
    size_t han = 0;
    for (size_t i = 0; i < c.text.n; i++)
        han += c.text.code[i] != 0;
    assert_non_null(w);
    assert_int_equal(w->count, 8);
    assert_int_equal(w->documents, 4);
    assert_close(w->left, 2);
    assert_close(w->right, 2);
    assert_close(w->cohesion, log2((double)han / 8));
    assert_null(find(&c, &found, "浐灞春天"));
    mine_words_fini(&found);
    end(&c);
}

/* A mark beside a string is a neighbour of its own each time: the end of a line ends a word. */
static void marks_are_freedom(void **state)
{
    (void)state;
    struct corpus c = {0};
    struct mine_words found = {0};
    const struct mine_opts opts = {.documents = 1};
    begin(&c, 1000);
    add(&c, "浐灞。浐灞，浐灞；浐灞、");
    add(&c, others);
    sort(&c);
    assert_int_equal(mine_cohesive(&c.text, &c.suffixes, &opts, &found, NULL), ST_OK);
    assert_non_null(find(&c, &found, "浐灞"));
    assert_close(find(&c, &found, "浐灞")->right, 2);
    mine_words_fini(&found);
    end(&c);
}

static void quoted_phrases(void **state)
{
    (void)state;
    struct corpus c = {0};
    struct mine_words found = {0};
    const struct mine_opts opts = {.documents = 2};
    begin(&c, 1000);
    add(&c, "“三会一课”和“双减”，三会一课");
    add(&c, "落实“三會一課”“三会一课”，“一次”");
    sort(&c);
    assert_int_equal(mine_quoted(&c.text, &c.suffixes, &opts, &found, NULL), ST_OK);
    assert_int_equal(found.n, 1);
    const struct mine_word *w = find(&c, &found, "三会一课");
    assert_non_null(w);
    assert_int_equal(w->quoted, 3);
    assert_int_equal(w->count, 4);
    assert_int_equal(w->documents, 2);
    mine_words_fini(&found);
    end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_runs_of_han), cmocka_unit_test(a_full_text),
        cmocka_unit_test(suffixes_are_in_order), cmocka_unit_test(a_word_by_its_figures),
        cmocka_unit_test(marks_are_freedom),     cmocka_unit_test(quoted_phrases),
    };
    return RUN_TESTS(tests);
}
