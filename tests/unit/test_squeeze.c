/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Stored text: what was packed comes back, or an error does, and never anything else. */

#include "harness.h"
#include "stored_text.h"

struct bench {
    struct notices notices;
    struct squeeze_dict *dict; /* for packing */
    struct squeeze squeeze;
    struct unsqueeze unsqueeze; /* knows the dictionary */
    struct buf data;
    struct arena arena;
    struct err err;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    make_notices(&b->notices, NOTICES, 6, 0);
    assert_int_equal(squeeze_dict_make(b->notices.record, NOTICES, &b->dict, &b->err), ST_OK);
    assert_non_null(b->dict);
    squeeze_init(&b->squeeze);
    unsqueeze_init(&b->unsqueeze);
    struct squeeze_dict *reading = reading_dict(b->dict);
    assert_non_null(reading);
    assert_int_equal(unsqueeze_add(&b->unsqueeze, reading, &b->err), ST_OK);
    squeeze_dict_drop(reading);
    buf_init(&b->data, SIZE_MAX);
    arena_init(&b->arena, SIZE_MAX);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    squeeze_fini(&b->squeeze);
    unsqueeze_fini(&b->unsqueeze);
    squeeze_dict_drop(b->dict);
    buf_fini(&b->data);
    buf_fini(&b->notices.bytes);
    arena_fini(&b->arena);
    free(b);
    return 0;
}

static struct str pack(struct bench *b, const struct squeeze_dict *dict, struct str plain)
{
    buf_reset(&b->data);
    assert_int_equal(squeeze_record(&b->squeeze, dict, plain, &b->data, &b->err), ST_OK);
    return buf_str(&b->data);
}

/* The data lies where a read past its end is a fault. */
static enum st unpack(struct bench *b, struct str data, struct str *plain)
{
    struct guarded g = guard(data);
    arena_reset(&b->arena);
    enum st st = unsqueeze_record(&b->unsqueeze, guarded_str(g), &b->arena, plain, &b->err);
    unguard(&g);
    return st;
}

static void assert_comes_back(struct bench *b, struct str plain)
{
    const struct squeeze_dict *with[] = {NULL, b->dict};
    for (size_t i = 0; i < 2; i++) {
        struct str back, data = pack(b, with[i], plain);
        assert_true(data.n <= plain.n + 12);
        assert_int_equal(unpack(b, data, &back), ST_OK);
        assert_true(str_eq(plain, back));
    }
}

static void what_was_packed_comes_back(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < NOTICES; i++)
        assert_comes_back(b, b->notices.record[i]);
    assert_comes_back(b, STR(""));
    assert_comes_back(b, STR("a"));
    assert_comes_back(b, STR("强"));
    assert_comes_back(b, STR("龘龘鑫𠀀𠀀 no notice has these ~~~ é ж"));
    assert_comes_back(b, STR("cut: \xe5\xbc"));
    assert_comes_back(b, STR("\xff\xfe\x00\x80\xed\xa0\x80 第四季度重点工作 \xf4\x90\x80\x80"));
}

static void large_and_strange_records_come_back(void **state)
{
    struct bench *b = *state;
    struct buf text;
    uint32_t dice = 1;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < 1 << 20; i++)
        buf_addc(&text, ' ');
    assert_comes_back(b, buf_str(&text));
    buf_reset(&text);
    for (size_t i = 0; i < 300000; i++) {
        dice = dice * 1664525 + 1013904223;
        buf_addc(&text, (char)(dice >> 24));
    }
    assert_comes_back(b, buf_str(&text));
    buf_reset(&text);
    for (size_t i = 0; i < 3 * NOTICES; i++)
        buf_adds(&text, b->notices.record[i % NOTICES]);
    assert_comes_back(b, buf_str(&text));
    assert_true(buf_ok(&text));
    buf_fini(&text);
}

static void a_record_that_is_too_large_is_rejected(void **state)
{
    struct bench *b = *state;
    char *p = calloc(1, SQUEEZE_PLAIN_MAX + 1);
    assert_non_null(p);
    struct str plain = str_from(p, SQUEEZE_PLAIN_MAX + 1);
    assert_int_equal(squeeze_record(&b->squeeze, b->dict, plain, &b->data, &b->err), ST_REJECTED);
    assert_string_equal(b->err.text, "the document is larger than 100663296 bytes");
    assert_int_equal(b->data.n, 0);
    free(p);
}

/* The point of it all. */
static void a_dictionary_halves_what_is_stored(void **state)
{
    struct bench *b = *state;
    size_t alone = 0, with = 0;
    for (size_t i = 0; i < NOTICES; i++) {
        alone += pack(b, NULL, b->notices.record[i]).n;
        with += pack(b, b->dict, b->notices.record[i]).n;
    }
    assert_true(2 * with < alone);
}

static void packing_depends_on_the_record_alone(void **state)
{
    struct bench *b = *state;
    struct squeeze other;
    struct buf data;
    struct str plain = b->notices.record[7];
    squeeze_init(&other);
    buf_init(&data, SIZE_MAX);
    for (size_t i = 0; i < 50; i++)
        pack(b, i % 2 ? b->dict : NULL, b->notices.record[i]);
    pack(b, b->dict, plain);
    assert_int_equal(squeeze_record(&other, b->dict, plain, &data, &b->err), ST_OK);
    assert_true(str_eq(buf_str(&data), buf_str(&b->data)));
    squeeze_fini(&other);
    buf_fini(&data);
}

/* ---- damage ---- */

/* Some bits say nothing, so the record may come back; nothing else may. */
static void a_flipped_bit_is_never_shown(void **state)
{
    struct bench *b = *state;
    const struct squeeze_dict *with[] = {NULL, b->dict};
    const struct str plain[] = {b->notices.record[3], STR("a"), STR("龘鑫𠀀 ~~~")};
    size_t found = 0, bits = 0;
    for (size_t k = 0; k < 6; k++) {
        struct str back, data = pack(b, with[k % 2], plain[k / 2]);
        for (size_t bit = 0; bit < 8 * data.n; bit++, bits++) {
            b->data.p[bit / 8] ^= (char)(1 << bit % 8);
            enum st st = unpack(b, data, &back);
            assert_true(st == ST_DAMAGED || (st == ST_OK && str_eq(back, plain[k / 2])));
            found += st == ST_DAMAGED;
            b->data.p[bit / 8] ^= (char)(1 << bit % 8);
        }
    }
    assert_true(found > bits * 9 / 10);
}

static void a_short_piece_of_data_is_damaged(void **state)
{
    struct bench *b = *state;
    struct str back, data = pack(b, b->dict, b->notices.record[3]);
    for (size_t n = 0; n < data.n; n++)
        assert_int_equal(unpack(b, str_from(data.p, n), &back), ST_DAMAGED);
    assert_string_equal(b->err.text, "a stored document cannot be unpacked");
    assert_int_equal(unpack(b, STR(""), &back), ST_DAMAGED);
    assert_string_equal(b->err.text, "the head of a stored document cannot be read");
}

/* No memory is asked for that the bytes cannot fill. */
static void a_length_that_cannot_be_is_damaged(void **state)
{
    struct bench *b = *state;
    struct str back;
    arena_fini(&b->arena);
    arena_init(&b->arena, 1 << 20);
    assert_int_equal(unpack(b,
                            STR("\x01\xff\xff\xff\x2f"
                                "sum!"
                                "12"),
                            &back),
                     ST_DAMAGED);
    assert_int_equal(unpack(b,
                            STR("\x01\xff\xff\xff\xff\xff\x0f"
                                "sum!"
                                "12"),
                            &back),
                     ST_DAMAGED);
}

/* ---- dictionaries ---- */

static void few_records_have_no_dictionary(void **state)
{
    struct bench *b = *state;
    struct squeeze_dict *d;
    assert_int_equal(squeeze_dict_make(b->notices.record, 10, &d, &b->err), ST_OK);
    assert_null(d);
    assert_int_equal(squeeze_dict_make(NULL, 0, &d, &b->err), ST_OK);
    assert_null(d);
}

/* With a dictionary or without, whatever the records are. */
static void any_records_can_be_packed(void **state)
{
    struct bench *b = *state;
    enum { RECORDS = 100, SIZE = 2000 };
    static char bytes[RECORDS][SIZE];
    struct str record[RECORDS];
    uint32_t dice = 7;
    for (int kind = 0; kind < 7; kind++) {
        for (size_t i = 0; i < RECORDS; i++) {
            size_t n = kind == 5 && i != 0 ? 0 : kind == 6 ? SIZE - i : SIZE;
            for (size_t k = 0; k < n; k++) {
                dice = dice * 1664525 + 1013904223;
                bytes[i][k] = (char)(kind == 0   ? ' '
                                     : kind == 1 ? dice >> 24
                                     : kind == 2 ? 0xff
                                     : kind == 3 ? 'a' + k % 20
                                     : kind == 4 ? i
                                                 : 'a' + (dice >> 24) % 4);
            }
            record[i] = str_from(bytes[i], n);
        }
        struct squeeze_dict *d, *reading = NULL;
        struct str back;
        assert_int_equal(squeeze_dict_make(record, RECORDS, &d, &b->err), ST_OK);
        if (d) {
            reading = reading_dict(d);
            assert_non_null(reading);
            assert_int_equal(unsqueeze_add(&b->unsqueeze, reading, &b->err), ST_OK);
        }
        for (size_t i = 0; i < RECORDS; i++) {
            assert_int_equal(unpack(b, pack(b, d, record[i]), &back), ST_OK);
            assert_true(str_eq(back, record[i]));
        }
        squeeze_dict_drop(d);
        squeeze_dict_drop(reading);
    }
}

static void the_same_records_make_the_same_dictionary(void **state)
{
    struct bench *b = *state;
    struct squeeze_dict *again;
    char name[SQUEEZE_DICT_NAME];
    assert_int_equal(squeeze_dict_make(b->notices.record, NOTICES, &again, &b->err), ST_OK);
    assert_true(str_eq(buf_str(&again->bytes), buf_str(&b->dict->bytes)));
    squeeze_dict_name(again, name);
    assert_true(str_starts(str_of(name), STR("text-")));
    assert_int_equal(strlen(name), 21);
    squeeze_dict_drop(again);
}

/* As a merge does that goes on with the dictionary of a segment. */
static void a_dictionary_that_was_read_packs_the_same(void **state)
{
    struct bench *b = *state;
    struct squeeze_dict *again;
    struct squeeze other;
    struct buf data;
    char name[SQUEEZE_DICT_NAME];
    squeeze_dict_name(b->dict, name);
    assert_int_equal(
        squeeze_dict_read(str_of(name), buf_str(&b->dict->bytes), SQUEEZE_PACK, &again, &b->err),
        ST_OK);
    assert_true(str_eq(buf_str(&again->bytes), buf_str(&b->dict->bytes)));
    squeeze_init(&other);
    buf_init(&data, SIZE_MAX);
    pack(b, b->dict, b->notices.record[5]);
    assert_int_equal(squeeze_record(&other, again, b->notices.record[5], &data, &b->err), ST_OK);
    assert_true(str_eq(buf_str(&data), buf_str(&b->data)));
    squeeze_fini(&other);
    buf_fini(&data);
    squeeze_dict_drop(again);
}

static void a_dictionary_of_another_name_is_damaged(void **state)
{
    struct bench *b = *state;
    struct squeeze_dict *d;
    struct str bytes = buf_str(&b->dict->bytes);
    char name[SQUEEZE_DICT_NAME];
    squeeze_dict_name(b->dict, name);
    for (size_t i = 0; i < bytes.n; i += bytes.n / 50) {
        b->dict->bytes.p[i] ^= 0x10;
        assert_int_equal(squeeze_dict_read(str_of(name), bytes, SQUEEZE_UNPACK, &d, &b->err),
                         ST_DAMAGED);
        assert_null(d);
        b->dict->bytes.p[i] ^= 0x10;
    }
    assert_int_equal(squeeze_dict_read(STR("text-"), bytes, SQUEEZE_UNPACK, &d, &b->err),
                     ST_DAMAGED);
    assert_string_equal(b->err.text, "the dictionary text- cannot be read");
}

static void data_of_a_dictionary_that_is_not_there_is_damaged(void **state)
{
    struct bench *b = *state;
    struct arena a;
    struct unsqueeze none;
    struct str back, data = pack(b, b->dict, b->notices.record[0]);
    unsqueeze_init(&none);
    arena_init(&a, SIZE_MAX);
    assert_int_equal(unsqueeze_record(&none, data, &a, &back, &b->err), ST_DAMAGED);
    unsqueeze_fini(&none);
    arena_fini(&a);
}

/* Sixteen bits are few: of a few hundred dictionaries two may have the same. */
static void two_dictionaries_of_one_key_are_told_apart(void **state)
{
    struct bench *b = *state;
    struct notices more;
    struct squeeze_dict *d, *reading;
    struct str back;
    make_notices(&more, NOTICES, 6, 1);
    assert_int_equal(squeeze_dict_make(more.record, NOTICES, &d, &b->err), ST_OK);
    reading = reading_dict(d);
    assert_non_null(reading);
    d->sum = reading->sum = (d->sum & ~UINT64_C(0xffff)) | squeeze_dict_key(b->dict);
    assert_int_equal(unsqueeze_add(&b->unsqueeze, reading, &b->err), ST_OK);
    for (size_t i = 0; i < NOTICES; i++) {
        b->err = (struct err)ERR_INIT;
        assert_int_equal(unpack(b, pack(b, d, more.record[i]), &back), ST_OK);
        assert_true(str_eq(back, more.record[i]));
        assert_int_equal(unpack(b, pack(b, b->dict, b->notices.record[i]), &back), ST_OK);
        assert_true(str_eq(back, b->notices.record[i]));
        assert_string_equal(b->err.text, "");
    }
    squeeze_dict_drop(d);
    squeeze_dict_drop(reading);
    buf_fini(&more.bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_packed_comes_back),
        TEST(large_and_strange_records_come_back),
        TEST(a_record_that_is_too_large_is_rejected),
        TEST(a_dictionary_halves_what_is_stored),
        TEST(packing_depends_on_the_record_alone),
        TEST(a_flipped_bit_is_never_shown),
        TEST(a_short_piece_of_data_is_damaged),
        TEST(a_length_that_cannot_be_is_damaged),
        TEST(few_records_have_no_dictionary),
        TEST(any_records_can_be_packed),
        TEST(the_same_records_make_the_same_dictionary),
        TEST(a_dictionary_that_was_read_packs_the_same),
        TEST(a_dictionary_of_another_name_is_damaged),
        TEST(data_of_a_dictionary_that_is_not_there_is_damaged),
        TEST(two_dictionaries_of_one_key_are_told_apart),
    };
    return RUN_TESTS(tests);
}
