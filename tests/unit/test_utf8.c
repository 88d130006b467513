/* SPDX-License-Identifier: GPL-2.0-or-later */

/* UTF-8: what is valid, where it stops being so, and that nothing is read past the end. */

#include "harness.h"
#include <gongbao/utf8.h>

/* The offset of the first bad byte of text, which ends at a guard page, at every alignment. */
static size_t check_guarded(struct str text)
{
    size_t first = 0;
    for (size_t shift = 0; shift < 9; shift++) {
        char bytes[256];
        assert_true(text.n + shift <= sizeof(bytes));
        memset(bytes, 'x', shift);
        memcpy(bytes + shift, text.p, text.n);
        struct guarded g = guard(str_from(bytes, shift + text.n));
        size_t at = utf8_check(g.p, g.n) - shift;
        if (shift == 0)
            first = at;
        assert_int_equal(at, first);
        unguard(&g);
    }
    return first;
}

static void valid_text(void **state)
{
    (void)state;
    static const struct str texts[] = {
        STR("a"),
        STR("GET id=7 fmt=json"),
        STR("强調(diào)高質(zhì)量發展"),
        STR("\xc2\x80 \xdf\xbf"),                                   /* U+0080, U+07FF */
        STR("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"), /* around the surrogates */
        STR("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"),                   /* U+10000, U+10FFFF */
        STR("𠮷野家，公报公报公报公报"),
        STR("a\0b"),
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(check_guarded(texts[i]), texts[i].n);
    assert_int_equal(utf8_check(NULL, 0), 0);
}

static void the_first_bad_byte_is_found(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        size_t at;
    } cases[] = {
        {STR("\x80"), 0},
        {STR("abc\xff"), 3},
        {STR("\xc0\xaf"), 0},         /* "/" in two bytes: overlong */
        {STR("\xc1\xbf"), 0},         /* overlong */
        {STR("\xe0\x9f\xbf"), 0},     /* overlong in three */
        {STR("\xf0\x8f\xbf\xbf"), 0}, /* overlong in four */
        {STR("强\xed\xa0\x80"), 3},   /* U+D800 */
        {STR("强\xed\xbf\xbf"), 3},   /* U+DFFF */
        {STR("\xf4\x90\x80\x80"), 0}, /* U+110000 */
        {STR("\xf5\x80\x80\x80"), 0},
        {STR("强调\xe5\xbc"), 6}, /* cut inside a character */
        {STR("强调\xe5"), 6},
        {STR("强\xe5\xbc"), 3},
        {STR("\xf0\x9f\x98"), 0},
        {STR("公报\xe5(\xba"), 6},      /* a letter where a continuation belongs */
        {STR("公报\xe5\xc0\x80公"), 6}, /* a lead byte where a continuation belongs */
        {STR("公报公\xe5\xba\xc0公"), 9},
        {STR("\xe5\x85\xac\xe5\x05\xac公报"), 3},
        {STR("01234567890123456789\xb0"), 20},
        {STR("\xc7\xbf\xb8\xe6"), 2}, /* GB18030 under a UTF-8 label */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(check_guarded(cases[i].text), cases[i].at);
}

/* The offset of the first bad byte, as the decoder has it. */
static size_t check_by_decoder(const char *p, size_t n)
{
    size_t at = 0;
    uint32_t cp;
    for (unsigned len; at < n && (len = utf8_next(p + at, p + n, &cp)) > 0;)
        at += len;
    return at;
}

static void all_pairs_of_bytes_agree_with_the_decoder(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 0x10000; i++) {
        char text[] = {(char)(i >> 8), (char)i, (char)0x80, (char)0xe5, (char)0x85, (char)0xac};
        assert_int_equal(utf8_check(text, sizeof(text)), check_by_decoder(text, sizeof(text)));
    }
}

/* Long text is checked in blocks: whatever stands wherever in it, the decoder agrees. */
static void anything_anywhere_in_a_long_text(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "a",
        "é",
        "公",
        "𠮷",
        "\x80",
        "\xc1\xbf",
        "\xe0\xa0\x80",
        "\xe0\x9f\xbf",
        "\xe5",
        "\xe5\x85",
        "\xed\xa0\x80",
        "\xf0\x9f\x98",
        "\xf4\x90\x80\x80",
        "\xff",
    };
    char text[400];
    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
        size_t n = strlen(odd[i]);
        for (size_t at = 0; at + n <= 300; at++) {
            for (size_t k = 0; k < sizeof(text); k++)
                text[k] = "公报，a"[k % 10];
            memcpy(text + at, odd[i], n);
            for (size_t end = at + n; end <= sizeof(text); end += 37)
                assert_int_equal(utf8_check(text, end), check_by_decoder(text, end));
            size_t from = at - at % 10; /* and so that it begins in the middle of a block */
            assert_int_equal(utf8_check(text + from, sizeof(text) - from),
                             check_by_decoder(text + from, sizeof(text) - from));
        }
    }
}

static void every_scalar_value_comes_back(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
        if (cp == 0xd800)
            cp = 0xe000;
        char text[4];
        uint32_t back = ~cp;
        unsigned n = utf8_put(cp, text);
        if (utf8_next(text, text + n, &back) != n || back != cp ||
            (n > 1 && utf8_next(text, text + n - 1, &back) != 0))
            fail_msg("U+%04X", cp);
    }
}

static void decoding_a_bad_byte_leaves_the_result_alone(void **state)
{
    (void)state;
    uint32_t cp = 7;
    const char *bad = "\xe5\x28\xa1";
    assert_int_equal(utf8_next(bad, bad + 3, &cp), 0);
    assert_int_equal(cp, 7);
}

static void cutting_falls_on_characters(void **state)
{
    (void)state;
    const char *text = "a强𠮷b";
    size_t n = strlen(text);
    static const size_t wanted[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 9, 9};
    for (size_t m = 0; m < sizeof(wanted) / sizeof(wanted[0]); m++)
        assert_int_equal(utf8_floor(text, n, m), wanted[m]);
}

static void what_moves_a_cursor_is_a_control(void **state)
{
    (void)state;
    static const uint32_t yes[] = {0,      '\n',   0x1b,   0x7f,   0x80,   0x9b,  0x61c,
                                   0x200e, 0x2028, 0x2029, 0x202e, 0x2066, 0x2069};
    static const uint32_t no[] = {' ',    '~',    0xa0,   0x4e2d, 0x200d,
                                  0x2027, 0x202f, 0x206a, 0x3000, 0x1f600};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        assert_true(utf8_is_control(yes[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(utf8_is_control(no[i]));
}

static void white_space_of_any_script(void **state)
{
    (void)state;
    static const uint32_t yes[] = {'\t', '\n',   '\r',   ' ',    0x85,
                                   0xa0, 0x2003, 0x2028, 0x202f, 0x3000};
    static const uint32_t no[] = {0, 'a', 0x200b, 0x3001, 0x4e2d, 0xfeff};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        assert_true(utf8_is_space(yes[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(utf8_is_space(no[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_text),
        cmocka_unit_test(the_first_bad_byte_is_found),
        cmocka_unit_test(all_pairs_of_bytes_agree_with_the_decoder),
        cmocka_unit_test(anything_anywhere_in_a_long_text),
        cmocka_unit_test(every_scalar_value_comes_back),
        cmocka_unit_test(decoding_a_bad_byte_leaves_the_result_alone),
        cmocka_unit_test(cutting_falls_on_characters),
        cmocka_unit_test(what_moves_a_cursor_is_a_control),
        cmocka_unit_test(white_space_of_any_script),
    };
    return RUN_TESTS(tests);
}
