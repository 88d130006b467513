/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inline readings: which are removed, which stay, and what counts as damage. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis_util.h"

static void assert_reads(const char *text, const char *want)
{
    struct an_text t;
    char got[256];
    an_text_init(&t);
    assert_int_equal(an_fold(str_of(text), AN_VIEW_TEXT, &t), ST_OK);
    assert_string_equal(utf8_of(t.cp, t.n, got, sizeof(got)), want);
    an_text_fini(&t);
}

static void with_tone(void **state)
{
    (void)state;
    assert_reads("強調(diào)", "强调");
    assert_reads("高質(zhì)量發(fā)展", "高质量发展");
    assert_reads("聯(lián)農(nóng)帶富", "联农带富");
    assert_reads("强调（diào）", "强调");
    assert_reads("女(nǚ)律(lǜ)略(lüè)", "女律略");
    assert_reads("长(cha\xcc\x81ng)吕(lu\xcc\x88\xcc\x8c)", "长吕");
    assert_reads("庄(ZHUĀNG)广(Guǎng)好(hăo)", "庄广好");
    assert_reads("上海(hɑ\xcc\x8ci)各(ɡè)", "上海各");
    assert_reads("嗯(ńg)荨（Qián）丘、邱（Qiū）", "嗯荨丘、邱");
    /* A tone mark is enough: whose reading it is does not matter. */
    assert_reads("調(fā)", "调");
}

static void without_tone(void **state)
{
    (void)state;
    assert_reads("關(guan) 於(yu)", "关于");
    assert_reads("质(zhi)量", "质量");
    assert_reads("长(zhang)长(chang)", "长长");
    assert_reads("女(nv)绿(lü)虐(nve)略(lue)", "女绿虐略");
    assert_reads("關（ｇｕａｎ）於(Guan)", "关于(guan)");
    assert_reads("庄(Zhuang)广(GUANG)", "庄广");
    assert_reads("花兒(r)玩儿(r)", "花儿玩儿");
    assert_reads("一(r)", "一(r)");
}

static void space_behind(void **state)
{
    (void)state;
    assert_reads("關(guān) 於", "关于");
    assert_reads("關(guan)\xe3\x80\x80於", "关于");
    assert_reads("關(guan)  於", "关 于");
    assert_reads("關(guan) a", "关 a");
    assert_reads("關(guan) ", "关 ");
    assert_reads("關(guan)\n於", "关\n于");
}

static void words_that_stay(void **state)
{
    (void)state;
    assert_reads("他(he)", "他(he)");
    assert_reads("维生素(a)", "维生素(a)");
    assert_reads("人(man)", "人(man)");
    assert_reads("各縣(市、區)", "各县(市、区)");
    assert_reads("(一)", "(一)");
    assert_reads("第(3)条", "第(3)条");
    assert_reads("组织(WTO)", "组织(wto)");
    assert_reads("锂(Li)、铋(Bi)、北京(BJ)、中国(CHINA)", "锂(li)、铋(bi)、北京(bj)、中国(china)");
    assert_reads("重庆(chóngqìng)汤汤（shāngshāng）", "重庆(chongqing)汤汤(shangshang)");
    assert_reads("西安(xi'an)质(zhi4)质( zhì )", "西安(xi'an)质(zhi4)质( zhi )");
    assert_reads("质[zhì]", "质(zhi)"); /* brackets are no parentheses */
    assert_reads("a(diào)", "a(diao)");
    assert_reads("强 (qiáng)", "强 (qiang)");
    assert_reads("强(qiáng zhì)", "强(qiang zhi)");
    assert_reads("强(qiángqiáng)", "强(qiangqiang)");
    assert_reads("强(qiáāng)", "强(qiaang)");
    assert_reads("强()", "强()");
    assert_reads("强(qiáng", "强(qiang");
    assert_reads("强(qiáng)(diào)", "强(diao)");
}

static void assert_quality(const char *text, unsigned readings, unsigned damaged, unsigned invalid)
{
    struct an_quality q;
    an_count_damage(str_of(text), &q);
    if (q.readings != readings || q.damaged_readings != damaged || q.invalid != invalid)
        fail_msg("%s: %u readings, %u damaged, %u invalid", text, q.readings, q.damaged_readings,
                 q.invalid);
}

static void damage(void **state)
{
    (void)state;
    assert_quality("強調(diào)，關(guan) 於(yu)", 3, 0, 0);
    assert_quality("張?zhí)熘", 0, 1, 0);
    assert_quality("張zhí)熘", 0, 1, 0);
    assert_quality("結構(g", 0, 1, 0);
    assert_quality("結構(gòu，", 0, 1, 0);
    assert_quality("調(diàg)", 0, 1, 0);
    assert_quality("係?xi)", 0, 1, 0);
    assert_quality("係?xi", 0, 0, 0);
    assert_quality("甲\xff\xff乙\xef\xbf\xbd", 0, 0, 3);
    assert_quality("全市會議、結構(g", 0, 1, 0);
    assert_quality("全市會議，強調(diào)、關（guan）於", 2, 0, 0);
    assert_quality("全市\xe4\xbc議甲乙\xe4\xbc", 0, 0, 4);
}

static void entities(void **state)
{
    (void)state;
    const char *const text[] = {"质量&nbsp;强国", "&ldquo;两重&rdquo;", "&#x4E2D;&#22269;",
                                "AT&T; &; &# R&D"};
    const unsigned want[] = {1, 2, 2, 0};
    for (size_t i = 0; i < 4; i++) {
        struct an_quality q;
        an_count_damage(str_of(text[i]), &q);
        assert_int_equal(q.entities, want[i]);
    }
}

static void no_damage(void **state)
{
    (void)state;
    assert_quality("他(he)、维生素(a)、人(man)、世贸组织(WTO，下同)", 0, 0, 0);
    assert_quality("第(3)条，各縣(市、區)，是吗?yes)", 0, 0, 0);
    assert_quality("网址(https://a.cn)，A组(b)班", 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_tone),    cmocka_unit_test(without_tone),
        cmocka_unit_test(space_behind), cmocka_unit_test(words_that_stay),
        cmocka_unit_test(damage),       cmocka_unit_test(entities),
        cmocka_unit_test(no_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
