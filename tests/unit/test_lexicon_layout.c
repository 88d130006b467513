/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A lexicon that was compiled earlier is read as it was meant, or refused for its version.
 *
 * tests/data/lexicon/small.lex is small.txt beside it, compiled when LEX_VERSION became what it is.
 * Whoever changes what the bytes mean without another LEX_VERSION lets programs read the lexicons
 * that are installed wrongly: this test then fails. The version of the fold needs no such test: it
 * is made of the fold tables (foldgen.c).
 */

#include "../../src/lexicon/format.h"
#include "harness.h"

#include "analysis_util.h"
#include <math.h>

#define SMALL "tests/data/lexicon/small.lex"
#define AGAIN "gongbao lexicon compile --words tests/data/lexicon/small.txt --out " SMALL
#define BUMP  "the layout changed: bump LEX_VERSION, and remake the file: " AGAIN

#define TOTAL 130304.0 /* of the frequencies, and one */

static const struct {
    const char *key;
    double frequency;
    const char *spelling;
} words[] = {
    {"干隆", 30, "乾隆"}, {"着作", 40, "著作"}, {"中", 900, ""},      {"中华", 800, ""},
    {"中华人民", 70, ""}, {"人民", 5000, ""},   {"经济", 123457, ""}, {"b超", 6, ""},
};

static uint32_t cost_of(double frequency)
{
    return (uint32_t)lround(-log(frequency / TOTAL) * LEX_COST_ONE);
}

static struct lex *open_small(void)
{
    struct lex *lex = NULL;
    struct err err = ERR_INIT;
    if (lex_open(SMALL, &lex, &err) != ST_OK)
        fail_msg("%s\nunless LEX_VERSION was just bumped, " BUMP "\nif it was: " AGAIN, err.text);
    if (lex_verify(lex, &err) != ST_OK)
        fail_msg("%s\n" BUMP, err.text);
    return lex;
}

static bool find(const struct lex *lex, const char *text, struct lex_match *out)
{
    uint32_t cp[LEX_WORD_MAX];
    size_t n = 0;
    for (const char *p = text, *end = text + strlen(text); p < end; n++)
        p += utf8_next(p, end, &cp[n]);
    return lex_find(lex, cp, n, out);
}

static void words_are_read_as_they_were_compiled(void **state)
{
    (void)state;
    struct lex *lex = open_small();
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct lex_match m;
        char spelling[64] = "";
        size_t n = 0;
        if (!find(lex, words[i].key, &m) || m.cost != cost_of(words[i].frequency))
            fail_msg("%s is not there, or at another cost\n" BUMP, words[i].key);
        const uint32_t *cp = lex_spelling(lex, m.word, &n);
        if (strcmp(cp ? utf8_of(cp, n, spelling, sizeof(spelling)) : "", words[i].spelling) != 0)
            fail_msg("%s is spelled %s\n" BUMP, words[i].key, spelling);
    }
    lex_close(lex);
}

static void the_header_says_what_is_there(void **state)
{
    (void)state;
    struct lex *lex = open_small();
    struct lex_info info;
    struct lex_match m;
    lex_info(lex, &info);
    if (info.words != sizeof(words) / sizeof(words[0]) || lex_unknown_cost(lex) != cost_of(1))
        fail_msg("%u words, an unknown character at %u\n" BUMP, info.words, lex_unknown_cost(lex));
    if (find(lex, "中华人", &m) || find(lex, "济", &m))
        fail_msg("there is a word too many\n" BUMP);
    lex_close(lex);
}

/* What was read into memory is the same lexicon, whatever becomes of the file. */
static void a_copy_outlives_its_file(void **state)
{
    (void)state;
    char path[PATH_MAX], *folder = harness_folder();
    struct buf file;
    struct lex *lex = NULL;
    struct lex_match m;
    struct err err = ERR_INIT;
    buf_init(&file, 1 << 20);
    snprintf(path, sizeof(path), "%s/small.lex", folder);
    assert_int_equal(file_read(SMALL, &file, NULL), ST_OK);
    assert_int_equal(file_replace(path, buf_str(&file), 0644, NULL), ST_OK);
    assert_int_equal(lex_read(path, &lex, NULL), ST_OK);
    assert_int_equal(truncate(path, 0), 0);
    assert_true(find(lex, "经济", &m));
    assert_int_equal(lex_verify(lex, NULL), ST_OK);
    lex_close(lex);
    assert_int_equal(lex_read(path, &lex, &err), ST_DAMAGED);
    file.p[file.n - 1] ^= 1;
    assert_int_equal(file_replace(path, buf_str(&file), 0644, NULL), ST_OK);
    assert_int_equal(lex_read(path, &lex, &err), ST_DAMAGED);
    assert_non_null(strstr(err.text, "small.lex: lexicon: the checksum does not fit"));
    buf_fini(&file);
    assert_int_equal(file_remove_tree(folder, NULL), ST_OK);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_read_as_they_were_compiled),
        cmocka_unit_test(the_header_says_what_is_there),
        cmocka_unit_test(a_copy_outlives_its_file),
    };
    return RUN_TESTS(tests);
}
