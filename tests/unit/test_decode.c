/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What encoding the bytes of a source are believed to be. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis_util.h"
#include <iconv.h>

static const char mainland[] = "市政府召开常务会议，研究部署四季度经济工作，要求各部门压实责任。";
static const char taiwan[] = "市政府召開常務會議，研究部署四季度經濟工作，要求各部門壓實責任。";

static struct buf encoded(const char *text, const char *charset)
{
    struct buf b;
    buf_init(&b, 4096);
    char *in = (char *)(uintptr_t)text, *out = buf_room(&b, 2048);
    size_t left = strlen(text), room = 2048;
    iconv_t cd = iconv_open(charset, "UTF-8");
    assert_true(cd != (iconv_t)-1);
    assert_int_equal(iconv(cd, &in, &left, &out, &room), 0);
    iconv_close(cd);
    b.n = 2048 - room;
    return b;
}

static void assert_decodes(struct str raw, enum an_encoding want, const char *text)
{
    struct buf out;
    enum an_encoding found;
    struct err err = ERR_INIT;
    buf_init(&out, 1 << 16);
    buf_addz(&out, "before");
    assert_int_equal(an_decode(raw, &out, &found, &err), ST_OK);
    assert_string_equal(an_encoding_name(found), an_encoding_name(want));
    buf_addc(&out, 0);
    assert_string_equal(out.p + 6, text);
    buf_fini(&out);
}

static void assert_refused(struct str raw, size_t offset)
{
    struct buf out;
    enum an_encoding found;
    struct err err = ERR_INIT;
    buf_init(&out, 1 << 16);
    buf_addz(&out, "before");
    assert_int_equal(an_decode(raw, &out, &found, &err), ST_BAD_UTF8);
    assert_int_equal(err.offset, offset);
    assert_int_equal(out.n, 6);
    buf_fini(&out);
}

static void utf8(void **state)
{
    (void)state;
    assert_decodes(STR("质量"), AN_UTF8, "质量");
    assert_decodes(STR("\xef\xbb\xbf质量"), AN_UTF8, "质量");
    assert_decodes(STR(""), AN_UTF8, "");
    assert_decodes(STR("plain"), AN_UTF8, "plain");
}

static void chinese(void **state)
{
    (void)state;
    struct buf b = encoded(mainland, "GB18030");
    assert_decodes(buf_str(&b), AN_GB18030, mainland);
    buf_fini(&b);
    b = encoded(taiwan, "GB18030");
    assert_decodes(buf_str(&b), AN_GB18030, taiwan);
    buf_fini(&b);
    b = encoded(taiwan, "BIG5");
    assert_decodes(buf_str(&b), AN_BIG5, taiwan);
    buf_fini(&b);
    b = encoded("会议室", "GB18030");
    assert_decodes(buf_str(&b), AN_GB18030, "会议室");
    buf_fini(&b);
}

/* Short texts in GB18030 may be valid UTF-8, of letters that nobody writes. */
static void by_accident(void **state)
{
    (void)state;
    static const char *const text[] = {"一些", "一千元", "一双双", "一元说"};
    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        struct buf b = encoded(text[i], "GB18030");
        assert_int_equal(utf8_check(b.p, b.n), b.n);
        assert_decodes(buf_str(&b), AN_GB18030, text[i]);
        buf_fini(&b);
    }
    static const char *const other[] = {"café Übung", "Ελλάδα", "Москва",   "العربية",
                                        "שלום",       "A·B",    "e\xcc\x81"};
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_decodes(str_of(other[i]), AN_UTF8, other[i]);
}

static void sixteen_bits(void **state)
{
    (void)state;
    assert_decodes(STR("\xff\xfe\x28\x8d\xcf\x91"), AN_UTF16LE, "质量");
    assert_decodes(STR("\xfe\xff\x8d\x28\x91\xcf"), AN_UTF16BE, "质量");
    assert_refused(STR("\xff\xfe\x28\x8d\xcf"), 4);
}

/* A few wrong bytes in UTF-8 are damage, whatever they would be elsewhere. */
static void damage(void **state)
{
    (void)state;
    assert_refused(STR("市政府召开\xb8\xed常务会议"), 15);
    assert_refused(STR("市政府召开常务会\xe8"), 24);
    assert_refused(STR("\xef\xbb\xbf质\xff量"), 6);
    assert_refused(STR("abc\x80\x81\xff\xfe"), 3);
    struct buf b;
    buf_init(&b, 4096);
    for (int i = 0; i < 600; i++)
        buf_addc(&b, (char)(0x80 + i * 37 % 128));
    assert_refused(buf_str(&b), 0);
    buf_fini(&b);
}

static void over_the_limit(void **state)
{
    (void)state;
    struct buf out;
    enum an_encoding found;
    buf_init(&out, 4);
    assert_int_equal(an_decode(STR("质量"), &out, &found, NULL), ST_REJECTED);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8),        cmocka_unit_test(chinese), cmocka_unit_test(sixteen_bits),
        cmocka_unit_test(by_accident), cmocka_unit_test(damage),  cmocka_unit_test(over_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
