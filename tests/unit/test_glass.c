/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Databases that this room writes against those that libxapian writes of the same documents: the
 * library must not be able to tell them apart. */

#include "harness.h"

#include "glass_pair.h"
#include <signal.h>
#include <sys/resource.h>

/* ---- single cases ---- */

static void no_document(void **state)
{
    finish_and_compare(*state);
}

static void one_document_without_anything(void **state)
{
    add(*state, 1, &(struct library_doc){.nterms = 0});
    finish_and_compare(*state);
}

static void one_document_with_one_term(void **state)
{
    const struct ix_term term = {STR("发展"), 3};
    const struct seg_value date = {0, STR("20241031")};
    add(*state, 1,
        &(struct library_doc){
            .data = STR("高质量发展"), .terms = &term, .nterms = 1, .values = &date, .nvalues = 1});
    finish_and_compare(*state);
}

static void gaps_between_documents(void **state)
{
    static const uint32_t docids[] = {2,          3,          0x7fff,    0x8000,
                                      0x8001,     0x3fffff,   0x400000,  0x1fffffff,
                                      0x20000000, 3000000000, 4000000000};
    const struct ix_term term = {STR("a"), 1};
    for (size_t i = 0; i < COUNT_OF(docids); i++)
        add(*state, docids[i],
            &(struct library_doc){.data = STR("x"), .terms = &term, .nterms = 1});
    finish_and_compare(*state);
}

static void frequencies_of_every_width(void **state)
{
    static const uint32_t wdf[] = {0,     1,     2,       127,     128,      255,      16383,
                                   16384, 65536, 2097151, 2097152, 1u << 28, 1u << 30, 1};
    for (uint32_t i = 0; i < COUNT_OF(wdf); i++) {
        const struct ix_term terms[] = {{STR("a"), wdf[i]}, {STR("b"), i % 3}};
        add(*state, i + 1, &(struct library_doc){.terms = terms, .nterms = 1 + i % 2});
    }
    finish_and_compare(*state);
}

/* A term of 245 bytes, and one of 120 NULs, which takes 240 in a key; beside them terms that begin
 * alike. In enough documents for several chunks. */
static void terms_at_the_limit(void **state)
{
    char a[IX_TERM_MAX], nul[120] = {0};
    memset(a, 'a', sizeof(a));
    for (uint32_t docid = 1; docid <= 3000; docid++) {
        const struct ix_term terms[] = {
            {str_from(a, sizeof(a)), 1 + docid % 3},
            {str_from(a, sizeof(a) - 1), 1},
            {str_from(nul, sizeof(nul)), 2},
            {str_from(nul, 1), 1},
            {str_from(nul, 2), 1},
            {STR("a\0b"), 1},
            {STR("a"), 1},
            {STR("a\0"), 300},
            {STR("a\x01"), 1},
            {STR("aaaaaaa\0"), 1},
            {STR("aaaaaaa"), 1},
            {STR("aaaaaaa\0\0"), 1},
            {STR("\xff\xff"), 1},
        };
        add(*state, docid,
            &(struct library_doc){.terms = terms, .nterms = docid % 7 ? COUNT_OF(terms) : 2});
    }
    finish_and_compare(*state);
}

/* Long terms that agree in all but their end make long dividing keys, so the tree grows high. */
static void a_high_tree(void **state)
{
    enum { DOCUMENTS = 20, TERMS = 900 };
    static char bytes[TERMS][IX_TERM_MAX];
    static struct ix_term terms[TERMS];
    for (uint32_t docid = 1; docid <= DOCUMENTS; docid++) {
        for (size_t i = 0; i < TERMS; i++) {
            memset(bytes[i], 'x', sizeof(bytes[i]));
            int n = snprintf(bytes[i] + 230, 15, "%02u%05zu", docid, i);
            terms[i] = (struct ix_term){str_from(bytes[i], 230 + (size_t)n), 1 + docid % 2};
        }
        add(*state, docid, &(struct library_doc){.terms = terms, .nterms = TERMS});
    }
    finish_and_compare(*state);
}

/* Data around where one item, one leaf and one piece of the reader's end, and a megabyte. */
static void data_of_every_length(void **state)
{
    static const size_t length[] = {0,    1,    17,   18,   19,   2020,  2037,   2038,    2039,
                                    2040, 2041, 4070, 8100, 8191, 8192,  8193,   8200,    16384,
                                    100,  0,    5,    2038, 6000, 30000, 300000, 1 << 20, 3};
    static char data[(1 << 20) + 64];
    struct dice d = dice_seeded();
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)dice_below(&d, 256);
    for (uint32_t i = 0; i < COUNT_OF(length); i++)
        add(*state, i + 1, &(struct library_doc){.data = str_from(data + i, length[i])});
    finish_and_compare(*state);
}

/* Values around where their length, or that of a chunk of them, gets wider, and of any bytes. */
static void values_of_every_width(void **state)
{
    static const size_t length[] = {1,    2,     8,     126,   127,   128,   129,
                                    255,  256,   1999,  2000,  2001,  8190,  8191,
                                    8192, 16382, 16383, 16384, 16385, 100000};
    static const uint32_t slots[] = {0, 127, 128, 256, 16384, 70000};
    static char bytes[100000 + 256];
    struct dice d = dice_seeded();
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)dice_below(&d, i % 3 ? 256 : 2);
    for (uint32_t docid = 1; docid <= 3 * COUNT_OF(length); docid++) {
        struct seg_value values[COUNT_OF(slots)];
        for (size_t i = 0; i < COUNT_OF(slots); i++)
            values[i] = (struct seg_value){
                slots[i], str_from(bytes + dice_below(&d, 256),
                                   i % 2 ? PICK(&d, length) : length[docid % COUNT_OF(length)])};
        add(*state, docid, &(struct library_doc){.values = values, .nvalues = COUNT_OF(slots)});
    }
    finish_and_compare(*state);
}

static void metadata_in_any_order(void **state)
{
    static char value[100000];
    memset(value, 'v', sizeof(value));
    char name[253];
    memset(name, 'n', sizeof(name));
    add_metadata(*state, STR("z"), STR("last"));
    add_metadata(*state, STR("a\0b"), STR("with a NUL"));
    add_metadata(*state, STR("a"), str_from(value, sizeof(value)));
    add_metadata(*state, str_from(name, sizeof(name)), STR("1"));
    finish_and_compare(*state);
}

/* ---- at random ---- */

static void collections_at_random(void **state)
{
    struct dice d = dice_seeded();
    for (size_t i = 0; i < 12; i++) {
        random_collection(*state, &d, (uint32_t)dice_below(&d, 200), i % 3 ? 1 : 100000);
        finish_and_compare(*state);
        tear_down(state);
        set_up(state);
    }
}

static void many_documents(void **state)
{
    const char *given = getenv("DOCUMENTS"); /* the long tests ask for more */
    struct dice d = dice_seeded();
    add_metadata(*state, STR("m"), STR("w"));
    random_collection(*state, &d, given ? (uint32_t)strtoul(given, NULL, 10) : 8000, 3);
    finish_and_compare(*state);
}

/* As many documents as a large segment has, with few terms and values each: lists of many chunks,
 * and terms of as many documents as make their count a byte wider, or not yet. */
static void seventy_thousand_documents(void **state)
{
    enum { DOCUMENTS = 70000 };
    static const uint32_t last[] = {1, 127, 128, 16383, 16384, 65535, 65536};
    struct dice d = dice_seeded();
    for (uint32_t docid = 1; docid <= DOCUMENTS; docid++) {
        char room[COUNT_OF(last) + 1][24], date[16];
        struct ix_term terms[COUNT_OF(last) + 2] = {{STR("in every document"), 1 + docid % 2}};
        size_t n = 1;
        snprintf(room[0], sizeof(room[0]), "%zu", dice_below(&d, 100000));
        terms[n++] = (struct ix_term){str_of(room[0]), random_wdf(&d)};
        for (size_t i = 0; i < COUNT_OF(last); i++) {
            if (docid > last[i])
                continue;
            snprintf(room[i + 1], sizeof(room[i + 1]), "up to %u", last[i]);
            terms[n++] = (struct ix_term){str_of(room[i + 1]), docid % 300};
        }
        snprintf(date, sizeof(date), "%08u", docid % 9000);
        const struct seg_value value = {0, str_of(date)};
        add(*state, docid,
            &(struct library_doc){.data = str_from(date, docid % 9),
                                  .terms = terms,
                                  .nterms = n,
                                  .values = &value,
                                  .nvalues = docid % 3 > 0});
    }
    finish_and_compare(*state);
}

/* ---- refusals ---- */

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_is_told(void **state)
{
    struct pair *p = *state;
    struct dice d = dice_seeded();
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    random_collection(p, &d, 100, 1);
    small = (struct rlimit){.rlim_cur = 10000, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum st st = put_terms(p);
    if (st == ST_OK)
        st = glass_finish(p->glass, &p->err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(st, ST_IO);
    assert_non_null(strstr(p->err.text, "postlist.glass"));
}

static void what_is_out_of_order_is_refused(void **state)
{
    struct pair *p = *state;
    const struct ix_term terms[] = {{STR("a"), 1}, {STR("a"), 1}};
    struct run *run;
    assert_ok(glass_document(p->glass, 2, 1, STR("x"), &p->err), p);
    assert_int_equal(glass_document(p->glass, 2, 1, STR("x"), &p->err), ST_INTERNAL);
    assert_ok(invert_add(p->invert, terms, 2, &p->err), p);
    assert_ok(invert_end_document(p->invert, &p->err), p);
    assert_int_equal(invert_end(p->invert, &run, &p->err), ST_INTERNAL);
    assert_ok(put_terms(p), p);
    assert_int_equal(put_terms(p), ST_INTERNAL);
    assert_int_equal(glass_document(p->glass, 3, 1, STR("x"), &p->err), ST_INTERNAL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(no_document),
        TEST(one_document_without_anything),
        TEST(one_document_with_one_term),
        TEST(gaps_between_documents),
        TEST(frequencies_of_every_width),
        TEST(terms_at_the_limit),
        TEST(a_high_tree),
        TEST(data_of_every_length),
        TEST(values_of_every_width),
        TEST(metadata_in_any_order),
        TEST(collections_at_random),
        TEST(many_documents),
        TEST(seventy_thousand_documents),
        TEST(a_full_disk_is_told),
        TEST(what_is_out_of_order_is_refused),
    };
    return RUN_TESTS(tests);
}
