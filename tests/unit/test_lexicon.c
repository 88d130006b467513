/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lexicon: what a compiled file knows, how lists combine, and that damage does no harm. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis_util.h"

#define WORD_MAX 64

/* Fold text as keys are. */
static size_t folded(const char *text, uint32_t *cp)
{
    const char *p = text, *end = text + strlen(text);
    size_t n = 0;
    while (p < end && n < WORD_MAX) {
        uint32_t c = 0;
        p += utf8_next(p, end, &c);
        cp[n++] = an_fold_char(c);
    }
    return n;
}

/* The match that is the whole of text. */
static bool find(const struct lex *lex, const char *text, struct lex_match *out)
{
    uint32_t cp[WORD_MAX];
    struct lex_match match[LEX_WORD_MAX];
    size_t len = folded(text, cp), n = lex_prefixes(lex, cp, len, match, LEX_WORD_MAX);
    if (n == 0 || match[n - 1].length != len)
        return false;
    *out = match[n - 1];
    return true;
}

static void assert_spelled(const struct lex *lex, const char *text, const char *want)
{
    struct lex_match m;
    char got[256] = "";
    size_t n;
    assert_true(find(lex, text, &m));
    const uint32_t *cp = lex_spelling(lex, m.word, &n);
    if (cp != NULL)
        utf8_of(cp, n, got, sizeof(got));
    assert_string_equal(got, want);
}

static void prefixes(void **state)
{
    (void)state;
    struct lex *lex = lexicon_of("中 9\n中华 8\n中华人民 7\n中华人民共和国 6\n人民 5\n", "");
    uint32_t cp[WORD_MAX];
    struct lex_match m[LEX_WORD_MAX];
    size_t n = folded("中华人民共和国万岁", cp);
    assert_int_equal(lex_prefixes(lex, cp, n, m, LEX_WORD_MAX), 4);
    assert_int_equal(m[0].length, 1);
    assert_int_equal(m[1].length, 2);
    assert_int_equal(m[3].length, 7);
    assert_true(m[0].cost < m[3].cost && m[3].cost < lex_unknown_cost(lex));
    assert_int_equal(lex_prefixes(lex, cp, n, m, 2), 2);
    assert_int_equal(lex_prefixes(lex, cp, 3, m, LEX_WORD_MAX), 2);
    assert_int_equal(lex_prefixes(lex, cp + 1, n - 1, m, LEX_WORD_MAX), 0);
    assert_int_equal(lex_prefixes(lex, (uint32_t[]){UINT32_MAX, 0}, 2, m, LEX_WORD_MAX), 0);
    lex_close(lex);
}

/* A cost is the negative logarithm of a word's share. */
static void costs(void **state)
{
    (void)state;
    struct lex *lex = lexicon_of("甲 1000\n乙 1000\n", "");
    struct lex_match m;
    assert_true(find(lex, "甲", &m));
    assert_in_range(m.cost, 709, 711); /* ln 2 * 1024 */
    lex_close(lex);
}

static void spellings(void **state)
{
    (void)state;
    struct lex *lex =
        lexicon_of("# 注\n乾隆 30\n著作 40 n\n着作 2\n家具 60\n家俱 3\nＡＴ&Ｔ 5\nB超 6\n"
                   "卡尔·马克思 7\n",
                   "傢俱\t家具 傢俱\n不識\t不识\n");
    assert_spelled(lex, "乾隆", "乾隆");
    assert_spelled(lex, "着作", "著作");
    assert_spelled(lex, "家俱", "家具"); /* the more frequent spelling of what 傢俱 folds to */
    assert_spelled(lex, "家具", "");
    assert_spelled(lex, "at&t", "");
    assert_spelled(lex, "b超", "");
    assert_spelled(lex, "卡尔马克思", "");
    struct lex_match m;
    assert_false(find(lex, "不识", &m)); /* an alias of no word */
    lex_close(lex);
}

/* A later list corrects an earlier one; a word without a frequency beats its parts. */
static void user_words(void **state)
{
    (void)state;
    struct lex *lex =
        lexicon_of("共富 50\n工坊 40\n联农 1\n带富 1\n普通 900000\n普通 1\n共富工坊\n", "");
    struct lex_match whole, left, right;
    assert_true(find(lex, "共富工坊", &whole));
    assert_true(find(lex, "共富", &left));
    assert_true(find(lex, "工坊", &right));
    assert_true(whole.cost < left.cost + right.cost);
    assert_true(find(lex, "普通", &whole));
    assert_true(whole.cost > left.cost);
    lex_close(lex);
}

static void bad_lists(void **state)
{
    (void)state;
    const char *const bad[] = {"好 1\n词 x\n", "好 1\n词 0\n", "好 1\n\xff\xfe 3\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lex_builder *b;
        struct err err = ERR_INIT;
        assert_int_equal(lex_builder_new(an_lexicon_char, 1, &b, NULL), ST_OK);
        assert_int_equal(lex_builder_words(b, str_of(bad[i]), "w.txt", &err), ST_REJECTED);
        assert_non_null(strstr(err.text, "w.txt:2:"));
        lex_builder_free(b);
    }
    struct lex_builder *b;
    struct err err = ERR_INIT;
    assert_int_equal(lex_builder_new(an_lexicon_char, 1, &b, NULL), ST_OK);
    assert_int_equal(lex_builder_aliases(b, STR("无\n"), "a.txt", &err), ST_REJECTED);
    assert_non_null(strstr(err.text, "a.txt:1:"));
    assert_int_equal(lex_builder_finish(b, "/tmp/gongbao-none.lex", &err), ST_REJECTED);
    lex_builder_free(b);
}

/* A lexicon for other fold tables is refused by the analyzer. */
static void other_fold(void **state)
{
    (void)state;
    char path[] = "/tmp/gongbao-test-XXXXXX";
    struct lex_builder *b;
    struct lex *lex;
    struct an *an;
    close(mkstemp(path));
    assert_int_equal(lex_builder_new(an_lexicon_char, an_fold_version() + 1, &b, NULL), ST_OK);
    assert_int_equal(lex_builder_words(b, STR("词 1\n"), "w", NULL), ST_OK);
    assert_int_equal(lex_builder_finish(b, path, NULL), ST_OK);
    lex_builder_free(b);
    assert_int_equal(lex_open(path, &lex, NULL), ST_OK);
    assert_int_equal(an_new(lex, &an, NULL), ST_DAMAGED);
    lex_close(lex);
    unlink(path);
}

static void write_file(const char *path, const char *p, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

static void walk_all(const struct lex *lex)
{
    uint32_t cp[WORD_MAX];
    struct lex_match m[LEX_WORD_MAX];
    size_t len = folded("乾隆著作中华人民共和国家俱", cp), ncp;
    for (size_t i = 0; i < len; i++) {
        size_t n = lex_prefixes(lex, cp + i, len - i, m, LEX_WORD_MAX);
        while (n-- > 0)
            lex_spelling(lex, m[n].word, &ncp);
    }
    lex_spelling(lex, UINT32_MAX, &ncp);
}

/* Every byte of a small file damaged in turn, and the file cut at every length: it is refused, or
 * read without harm, and lex_verify always tells. */
static void damage(void **state)
{
    (void)state;
    char path[] = "/tmp/gongbao-test-XXXXXX";
    struct lex_builder *b;
    struct buf file;
    struct lex *lex;
    close(mkstemp(path));
    buf_init(&file, 1 << 24);
    assert_int_equal(lex_builder_new(an_lexicon_char, an_fold_version(), &b, NULL), ST_OK);
    assert_int_equal(
        lex_builder_words(b, STR("乾隆 3\n著作 4\n中华 5\n中华人民 2\n国家 9\n"), "w", NULL),
        ST_OK);
    assert_int_equal(lex_builder_finish(b, path, NULL), ST_OK);
    lex_builder_free(b);
    assert_int_equal(file_read(path, &file, NULL), ST_OK);
    for (size_t at = 0; at < file.n; at += at < 256 ? 1 : 53) {
        struct err err = ERR_INIT;
        file.p[at] ^= (char)(at % 2 ? 0xff : 0x40);
        write_file(path, file.p, file.n);
        if (lex_open(path, &lex, &err) == ST_OK) {
            walk_all(lex);
            assert_int_equal(lex_verify(lex, &err), ST_DAMAGED);
            lex_close(lex);
        } else {
            assert_int_equal(err.st, ST_DAMAGED);
        }
        file.p[at] ^= (char)(at % 2 ? 0xff : 0x40);
        write_file(path, file.p, at);
        assert_int_equal(lex_open(path, &lex, &err), ST_DAMAGED);
        assert_non_null(strstr(err.text, path));
    }
    buf_fini(&file);
    unlink(path);
    assert_int_equal(lex_open(path, &lex, NULL), ST_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes),   cmocka_unit_test(costs),     cmocka_unit_test(spellings),
        cmocka_unit_test(user_words), cmocka_unit_test(bad_lists), cmocka_unit_test(other_fold),
        cmocka_unit_test(damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
