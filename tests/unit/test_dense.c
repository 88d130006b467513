/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The dense form of text, byte by byte as it is on disk. */

#include "../../index/dense.h"
#include "harness.h"

/* 300 characters with a rank: 的, 一, then U+4E01 on, but for 一 and 的 themselves. */
struct ranks {
    struct dense dense;
    struct undense undense;
};

static int set_up(void **state)
{
    uint16_t character[300] = {0x7684, 0x4e00};
    struct ranks *r = malloc(sizeof(*r));
    assert_non_null(r);
    for (uint16_t i = 2; i < 300; i++)
        character[i] = (uint16_t)(0x4dff + i);
    assert_true(dense_set(&r->dense, character, 300));
    assert_true(undense_set(&r->undense, character, 300));
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void assert_dense(const struct ranks *r, struct str text, struct str dense)
{
    char packed[64], back[64];
    size_t n = dense_pack(&r->dense, text, packed);
    assert_true(str_eq(str_from(packed, n), dense));
    assert_true(dense_unpack(&r->undense, dense, back, text.n));
    assert_true(str_eq(str_from(back, text.n), text));
}

static void each_kind_of_bytes(void **state)
{
    assert_dense(*state, STR(""), STR(""));
    assert_dense(*state, STR("的一"), STR("\x00\x01"));
    assert_dense(*state, STR("丁"), STR("\x02"));
    assert_dense(*state, STR("\xe4\xbb\xae"), STR("\xef"));     /* rank 239 */
    assert_dense(*state, STR("\xe4\xbb\xaf"), STR("\xf0\x00")); /* rank 240 */
    assert_dense(*state, STR("\xe4\xbc\xaa"), STR("\xf0\x3b")); /* rank 299, the last */
    assert_dense(*state, STR("的强的的的"), STR("\x00\xff\x5f\x3a\x00\x00\x00"));
    assert_dense(*state, STR("的的的é"), STR("\x00\x00\x00\xff\x00\xe9"));
    assert_dense(*state, STR("的的的~"), STR("\x00\x00\x00\xfe~"));
    assert_dense(*state, STR("𠀀的的的"), STR("\xfe\xf0\xfe\xa0\xfe\x80\xfe\x80\x00\x00\x00"));
    assert_dense(*state, STR("的的的\xe5\xbc"), STR("\x00\x00\x00\xfe\xe5\xfe\xbc"));
}

/* Then the record is packed as it is. */
static void text_that_would_grow_is_refused(void **state)
{
    struct ranks *r = *state;
    char packed[64];
    assert_int_equal(dense_pack(&r->dense, STR("~~~~~~~~~~~~~~~~"), packed), SIZE_MAX);
    assert_int_equal(dense_pack(&r->dense, STR("\xff"), packed), SIZE_MAX);
}

static void what_is_no_dense_text(void **state)
{
    struct ranks *r = *state;
    char back[64];
    const struct {
        struct str dense;
        size_t n;
    } bad[] = {
        {STR("\x00"), 2},             /* 的 has three bytes */
        {STR("\x00"), 4},             /* and no more */
        {STR("\x00\x00"), 5},         /* a character is cut */
        {STR("\xf0\x3c"), 3},         /* rank 300 */
        {STR("\xfd\xff"), 3},         /* the highest rank that can be written */
        {STR("\x00\xf0"), 6},         /* a byte is missing */
        {STR("\xfe"), 1},             /* likewise */
        {STR("\xff\x5f"), 3},         /* likewise */
        {STR("\xff\xd8\x00"), 3},     /* a surrogate */
        {STR("\x00\x00\xfd\xff"), 9}, /* with room to spare */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct guarded g = guard(bad[i].dense);
        assert_false(dense_unpack(&r->undense, guarded_str(g), back, bad[i].n));
        unguard(&g);
    }
}

static void ranks_go_by_frequency_then_by_number(void **state)
{
    struct ranks *r = *state;
    const struct str text[] = {STR("经济b经"), STR("展发\xff"), STR("经b经 and so on")};
    const uint16_t wanted[] = {0x7ecf, 'b', 0x53d1, 0x5c55, 0x6d4e}; /* 经 b 发 展 济 */
    assert_int_equal(dense_rank(&r->dense, text, 3, 10, NULL), ST_OK);
    assert_int_equal(r->dense.n, 8); /* a blank, a and n as well */
    assert_int_equal(r->dense.character[0], wanted[0]);
    assert_int_equal(r->dense.character[1], wanted[1]);
    assert_memory_equal(r->dense.character + 5, wanted + 2, 3 * sizeof(wanted[0]));
}

static void no_ranks_of_what_is_no_character(void **state)
{
    struct ranks *r = *state;
    const uint16_t surrogate[] = {0x4e00, 0xd800}, twice[] = {0x4e00, 0x4e00};
    assert_false(dense_set(&r->dense, surrogate, 2));
    assert_false(undense_set(&r->undense, surrogate, 2));
    assert_false(dense_set(&r->dense, twice, 2));
    assert_false(undense_set(&r->undense, NULL, DENSE_MAX + 1));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_bytes),
        TEST(text_that_would_grow_is_refused),
        TEST(what_is_no_dense_text),
        TEST(ranks_go_by_frequency_then_by_number),
        TEST(no_ranks_of_what_is_no_character),
    };
    return RUN_TESTS(tests);
}
