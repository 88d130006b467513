/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Folding: what meets what, and what stays apart. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis_util.h"

static void assert_view(const char *text, enum an_view view, const char *want)
{
    struct an_text t;
    char got[1024];
    an_text_init(&t);
    assert_int_equal(an_fold(str_of(text), view, &t), ST_OK);
    assert_string_equal(utf8_of(t.cp, t.n, got, sizeof(got)), want);
    an_text_fini(&t);
}

static void assert_folds(const char *text, const char *want)
{
    assert_view(text, AN_VIEW_TEXT, want);
}

static void assert_same(const char *a, const char *b)
{
    struct an_text t;
    char want[1024];
    an_text_init(&t);
    assert_int_equal(an_fold(str_of(b), AN_VIEW_TEXT, &t), ST_OK);
    assert_folds(a, utf8_of(t.cp, t.n, want, sizeof(want)));
    an_text_fini(&t);
}

static void width_and_case(void **state)
{
    (void)state;
    assert_folds("ＡＢｃ１２３", "abc123");
    assert_folds("ﾃｽﾄ", "テスト");
    assert_folds("５＋５，２３．４％", "5+5,23.4%");
    assert_folds("diào Übung é", "diao ubung e");
    assert_same("e\xcc\x81", "é");
    assert_same("か\xe3\x82\x99", "が");
    assert_folds("①ⅠⅣK ΣΊΣΥΦΟΣ", "1iⅳk σισυφοσ");
    assert_folds("Ⅱ½℃㎡№⑩㋀ﬁ", "ⅱ½℃㎡№⑩㋀ﬁ"); /* would be several characters */
    assert_folds("m² ㊣ ㉮ 𝟘", "m2 正 가 0");
}

/* List numbers of one character are the number, without what is drawn round it. */
static void enclosed(void **state)
{
    (void)state;
    assert_folds("第①条 ㈠总则 ⑴范围 ⒈目的 ❶要点 ⒜㈱", "第1条 一总则 1范围 1目的 1要点 a株");
    assert_folds("⑽⒑㊿", "⑽⒑㊿");
}

/* Text copied out of a PDF has radicals where characters belong. */
static void radicals(void **state)
{
    (void)state;
    assert_folds("⼀⽅⼈⺠⽇⻓⻋", "一方人民日长车");
    assert_folds("\xef\xa4\x80\xf0\xaf\xa0\x80", "岂丽"); /* compatibility ideographs */
}

static void traditional(void **state)
{
    (void)state;
    assert_folds("強調經濟發展", "强调经济发展");
    assert_folds("市委書記吳舜澤", "市委书记吴舜泽");
    assert_same("乾淨的幹部干預", "干净的干部干预");
    assert_same("著作 畫圖 瞭解 什麼 覆蓋", "着作 划图 了解 什么 复盖");
    assert_same("臺灣 台湾 裏 裡 衆 眾 線 綫 爲 為", "台湾 台湾 里 里 众 众 线 线 为 为");
}

/* Text converted back and forth meets its right spelling. */
static void converted_wrongly(void **state)
{
    (void)state;
    assert_same("製度", "制度");
    assert_same("體係", "体系");
    assert_same("全麵", "全面");
    assert_same("師范", "師範");
    assert_same("徵求 後勤 鬥爭", "征求 后勤 斗争");
    assert_same("計畫 幹部 后來 这裏 時鍾 頭髮 嚮着 为什麽 关於",
                "计划 干部 後来 这里 时鐘 头发 向著 为什么 关于");
    assert_same("界址點座標 沈沒 帳戶 圖象 好象", "界址点坐标 沉没 账户 图像 好像");
}

/* Forms that no conversion table lists, from Unihan. */
static void rare_forms(void **state)
{
    (void)state;
    assert_same("岀席 靑年 淸單 敎育 値班 塡報 彩虹邨 妳 牠",
                "出席 青年 清单 教育 值班 填报 彩虹村 你 它");
    assert_true(an_fold_char(0x5b50) != an_fold_char(0x53ea)); /* 子 只: two classes stay two */
    assert_true(an_fold_char(0x8fa8) != an_fold_char(0x8faf)); /* 辨 辯 */
}

/* A zero in a year is written in many ways. */
static void zeros(void **state)
{
    (void)state;
    assert_same("二○二四年 二〇二四年 二◯二四年", "二零二四年 二零二四年 二零二四年");
}

/* A Japanese form folds where it is no Chinese character of its own. */
static void japanese(void **state)
{
    (void)state;
    assert_same("検査 権利 呉氏 経済", "檢查 權利 吳氏 經濟");
    assert_folds("欠 缶 弁", "欠 缶 弁");
    assert_true(an_fold_char(0x9023) != an_fold_char(0x806f)); /* 連 聯 */
}

static void marks(void **state)
{
    (void)state;
    const char *const dots[] = {"·", "・", "•", "‧", "∙", "⋅", "●", "･", "˙", "ꞏ", "◦"};
    char text[64];
    for (size_t i = 0; i < sizeof(dots) / sizeof(dots[0]); i++) {
        snprintf(text, sizeof(text), "大場景%s小切口", dots[i]);
        assert_folds(text, "大场景小切口");
    }
    assert_folds("“兩重”「兩新」'a' `b` «c» ‹d›", "两重两新a b c d");
    assert_folds("大．小", "大小");
    assert_folds("a.b a．b 3.14 中.b a.", "a.b a.b 3.14 中b a");
    assert_folds("it’s GB/T COVID–19 10:30 AT&T a@b.cn", "it's gb/t covid-19 10:30 at&t a@b.cn");
    assert_folds("零\xe2\x80\x8b宽\xef\xbb\xbf字\xe2\x80\x8e", "零宽字");
    assert_folds("软\xc2\xad连\xe2\x80\x8d字\xe2\x81\xa0符\xef\xb8\x8f㎡\xf3\xa0\x84\x80",
                 "软连字符㎡");
    assert_folds("华为™ Mate® 10︰30 it\xca\xbcs", "华为 mate 10:30 it's");
    assert_view("大·“小”", AN_VIEW_MARKS, "大·\"小\"");
}

/* One form for what separates in many forms. */
static void separators(void **state)
{
    (void)state;
    assert_same("国发〔2019〕5号 国发［2019］5号", "国发[2019]5号 国发(2019)5号");
    assert_same("一—二 一──二", "一―二 一━━二");
    assert_same("10～20 10〜20", "10~20 10∼20");
    assert_folds("9月～10月", "9月~10月");
    assert_same("省略……", "省略……");
}

static void white_space(void **state)
{
    (void)state;
    assert_folds("甲 \t\xe3\x80\x80\xc2\xa0乙", "甲 乙");
    assert_folds("甲\xe2\xa0\x80乙", "甲 乙");
    assert_folds("甲\n乙\r丙\xe2\x80\xa8丁\xc2\x85", "甲\n乙\n丙\n丁\n");
}

static void invalid_bytes(void **state)
{
    (void)state;
    assert_folds("甲\xff乙\xe5\xbc", "甲\xef\xbf\xbd乙\xef\xbf\xbd\xef\xbf\xbd");
    assert_folds("\x01", "\xef\xbf\xbd");
}

static void idempotent(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        uint32_t to = an_fold_char(cp);
        assert_true(to < 0x110000 && an_fold_char(to) == to);
        assert_false(to >= 'A' && to <= 'Z');
    }
    assert_int_equal(an_fold_char(UINT32_MAX), 0xfffd);
}

static void places(void **state)
{
    (void)state;
    struct an_text t;
    an_text_init(&t);
    assert_int_equal(an_fold(STR("強調(diào)·e\xcc\x81 "), AN_VIEW_TEXT, &t), ST_OK);
    const uint32_t start[] = {0, 3, 15, 18}, end[] = {3, 13, 18, 19};
    assert_int_equal(t.n, 4);
    assert_memory_equal(t.start, start, sizeof(start));
    assert_memory_equal(t.end, end, sizeof(end));
    an_text_fini(&t);
}

static void finding(void **state)
{
    (void)state;
    struct an_text hay, needle;
    an_text_init(&hay);
    an_text_init(&needle);
    an_fold(STR("兩重“兩新”兩重"), AN_VIEW_TEXT, &hay);
    an_fold_run(STR(" ·两重- "), AN_VIEW_TEXT, &needle);
    assert_int_equal(needle.n, 2);
    assert_int_equal(an_find(&hay, &needle, 0), 0);
    assert_int_equal(an_find(&hay, &needle, 1), 4);
    assert_true(an_find(&hay, &needle, 5) == SIZE_MAX);
    assert_true(an_find(&hay, &needle, 99) == SIZE_MAX);
    an_fold_run(STR("-"), AN_VIEW_TEXT, &needle);
    assert_int_equal(needle.n, 0);
    assert_true(an_find(&hay, &needle, 0) == SIZE_MAX);
    an_fold_run(STR("-"), AN_VIEW_MARKS, &needle);
    assert_int_equal(needle.n, 1);
    an_text_fini(&hay);
    an_text_fini(&needle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_and_case),
        cmocka_unit_test(enclosed),
        cmocka_unit_test(radicals),
        cmocka_unit_test(traditional),
        cmocka_unit_test(converted_wrongly),
        cmocka_unit_test(rare_forms),
        cmocka_unit_test(zeros),
        cmocka_unit_test(japanese),
        cmocka_unit_test(marks),
        cmocka_unit_test(separators),
        cmocka_unit_test(white_space),
        cmocka_unit_test(invalid_bytes),
        cmocka_unit_test(idempotent),
        cmocka_unit_test(places),
        cmocka_unit_test(finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
