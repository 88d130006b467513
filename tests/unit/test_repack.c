/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Stored text in a merge: what is copied, what is packed again, and with which dictionaries. */

#include "../../index/repack.h"
#include "harness.h"
#include "stored_text.h"

enum { SEGMENTS = 12 };

/* Segments of stored text, and what came of merging them. */
struct bench {
    struct notices notices[SEGMENTS];
    struct squeeze_dict *dict[SEGMENTS]; /* NULL: none */
    struct buf data[SEGMENTS];           /* all documents' */
    size_t end[SEGMENTS][NOTICES];
    uint64_t bytes[SEGMENTS]; /* that the segment is said to have */
    size_t n;
    bool again; /* more merges are to come */

    struct buf out; /* the data of all documents that came out */
    size_t out_end[SEGMENTS * NOTICES];
    size_t documents;
    struct unsqueeze unsqueeze; /* with the dictionaries that came out */
    struct arena arena;
    struct err err;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    unsqueeze_init(&b->unsqueeze);
    buf_init(&b->out, SIZE_MAX);
    arena_init(&b->arena, SIZE_MAX);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < b->n; i++) {
        buf_fini(&b->notices[i].bytes);
        squeeze_dict_drop(b->dict[i]);
        buf_fini(&b->data[i]);
    }
    unsqueeze_fini(&b->unsqueeze);
    buf_fini(&b->out);
    arena_fini(&b->arena);
    free(b);
    return 0;
}

/* One more segment, with a dictionary when its records are enough for one. */
static void add_segment(struct bench *b, size_t notices, unsigned kind, uint64_t bytes)
{
    size_t i = b->n++;
    struct squeeze s;
    squeeze_init(&s);
    buf_init(&b->data[i], SIZE_MAX);
    b->bytes[i] = bytes;
    make_notices(&b->notices[i], notices, 6, kind);
    assert_int_equal(squeeze_dict_make(b->notices[i].record, notices, &b->dict[i], &b->err), ST_OK);
    for (size_t k = 0; k < notices; k++) {
        assert_int_equal(
            squeeze_record(&s, b->dict[i], b->notices[i].record[k], &b->data[i], &b->err), ST_OK);
        b->end[i][k] = b->data[i].n;
    }
    squeeze_fini(&s);
}

static struct str data_of(const struct bench *b, size_t i, size_t k)
{
    size_t from = k ? b->end[i][k - 1] : 0;
    return str_from(b->data[i].p + from, b->end[i][k] - from);
}

/* ---- what comes out ---- */

static enum st take_document(void *ctx, uint32_t docid, uint32_t length, struct str data,
                             struct err *err)
{
    struct bench *b = ctx;
    (void)err;
    assert_int_equal(docid, b->documents + 1);
    assert_int_equal(length, 2 * docid);
    buf_adds(&b->out, data);
    b->out_end[b->documents++] = b->out.n;
    return ST_OK;
}

static enum st take_metadata(void *ctx, struct str name, struct str value, struct err *err)
{
    struct bench *b = ctx;
    struct squeeze_dict *d;
    assert_int_equal(squeeze_dict_read(name, value, SQUEEZE_UNPACK, &d, err), ST_OK);
    assert_int_equal(unsqueeze_add(&b->unsqueeze, d, err), ST_OK);
    squeeze_dict_drop(d);
    return ST_OK;
}

static enum st merge(struct bench *b)
{
    const struct repack_sink sink = {b, take_document, take_metadata};
    char name[SQUEEZE_DICT_NAME];
    struct repack *r;
    uint32_t docid = 0;
    assert_int_equal(repack_new(b->n, &sink, &r, &b->err), ST_OK);
    for (size_t i = 0; i < b->n; i++) {
        repack_input(r, i, b->bytes[i]);
        if (!b->dict[i])
            continue;
        squeeze_dict_name(b->dict[i], name);
        assert_int_equal(repack_dict(r, i, str_of(name), buf_str(&b->dict[i]->bytes), &b->err),
                         ST_OK);
    }
    enum st st = repack_begin(r, b->again, &b->err);
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->notices[i].n && st == ST_OK; k++) {
            docid++;
            st = repack_document(r, i, docid, 2 * docid, data_of(b, i, k), &b->err);
        }
    if (st == ST_OK)
        st = repack_end(r, &b->err);
    repack_free(r);
    return st;
}

/* The data that document k of segment i came out with, and that it is the same document. */
static struct str out_of(struct bench *b, size_t i, size_t k)
{
    size_t number = k;
    for (size_t j = 0; j < i; j++)
        number += b->notices[j].n;
    assert_true(number < b->documents);
    size_t from = number ? b->out_end[number - 1] : 0;
    struct str plain, data = str_from(b->out.p + from, b->out_end[number] - from);
    arena_reset(&b->arena);
    assert_int_equal(unsqueeze_record(&b->unsqueeze, data, &b->arena, &plain, &b->err), ST_OK);
    assert_true(str_eq(plain, b->notices[i].record[k]));
    return data;
}

/* Whether every document of a segment came out as it was packed; each is readable. */
static bool was_copied(struct bench *b, size_t i)
{
    bool all = true;
    for (size_t k = 0; k < b->notices[i].n; k++)
        all &= str_eq(out_of(b, i, k), data_of(b, i, k));
    return all;
}

static const uint64_t LARGE = REPACK_COPIED;

static void small_segments_get_one_dictionary(void **state)
{
    struct bench *b = *state;
    add_segment(b, 20, 0, 1000);
    add_segment(b, 300, 1, 30000);
    add_segment(b, 20, 2, 1000);
    assert_null(b->dict[0]);
    assert_non_null(b->dict[1]);
    assert_int_equal(merge(b), ST_OK);
    assert_int_equal(b->documents, 340);
    assert_int_equal(b->unsqueeze.n, 1);
    for (size_t i = 0; i < 3; i++)
        assert_false(was_copied(b, i));
    assert_true(2 * out_of(b, 0, 7).n < data_of(b, 0, 7).n);
}

/* What was built at once has the same dictionary. */
static void small_segments_become_what_one_would_have_been(void **state)
{
    struct bench *b = *state;
    struct squeeze_dict *once;
    add_segment(b, 150, 0, 15000);
    add_segment(b, 150, 1, 15000);
    struct str record[300];
    memcpy(record, b->notices[0].record, 150 * sizeof(record[0]));
    memcpy(record + 150, b->notices[1].record, 150 * sizeof(record[0]));
    assert_int_equal(squeeze_dict_make(record, 300, &once, &b->err), ST_OK);
    assert_int_equal(merge(b), ST_OK);
    assert_int_equal(b->unsqueeze.n, 1);
    assert_int_equal(b->unsqueeze.dict[0]->sum, once->sum);
    squeeze_dict_drop(once);
}

static void a_few_documents_stay_without_a_dictionary(void **state)
{
    struct bench *b = *state;
    add_segment(b, 3, 0, 300);
    add_segment(b, 0, 0, 0);
    add_segment(b, 1, 1, 100);
    assert_int_equal(merge(b), ST_OK);
    assert_int_equal(b->unsqueeze.n, 0);
    assert_true(was_copied(b, 0) && was_copied(b, 2));
}

/* What is little is soon merged again, so it is not worth a dictionary yet; more of it is. */
static void little_waits_for_a_dictionary(void **state)
{
    struct bench *b = *state;
    b->again = true;
    add_segment(b, 40, 0, 20000);
    add_segment(b, 40, 1, 20000);
    assert_int_equal(merge(b), ST_OK);
    assert_int_equal(b->unsqueeze.n, 0);
    assert_true(was_copied(b, 0) && was_copied(b, 1));
}

static void much_waits_no_longer(void **state)
{
    struct bench *b = *state;
    b->again = true;
    add_segment(b, 40, 0, REPACK_PACKED / 2);
    add_segment(b, 40, 1, REPACK_PACKED / 2);
    assert_int_equal(merge(b), ST_OK);
    assert_int_equal(b->unsqueeze.n, 1);
    assert_false(was_copied(b, 0) || was_copied(b, 1));
}

static void large_segments_are_copied(void **state)
{
    struct bench *b = *state;
    add_segment(b, 200, 0, LARGE);
    add_segment(b, 200, 1, 3 * LARGE);
    add_segment(b, 20, 2, 1000);
    assert_int_equal(merge(b), ST_OK);
    assert_int_equal(b->unsqueeze.n, 2);
    assert_true(was_copied(b, 0) && was_copied(b, 1));
    assert_false(was_copied(b, 2));
    uint16_t key;
    assert_true(squeeze_data_key(out_of(b, 2, 0), &key));
    assert_int_equal(key, squeeze_dict_key(b->dict[1]));
}

/* A rebuilt index may have the same text in two segments. */
static void a_dictionary_that_two_share_is_there_once(void **state)
{
    struct bench *b = *state;
    add_segment(b, 200, 0, LARGE);
    add_segment(b, 200, 0, LARGE);
    assert_int_equal(merge(b), ST_OK);
    assert_int_equal(b->unsqueeze.n, 1);
    assert_true(was_copied(b, 0) && was_copied(b, 1));
}

static void dictionaries_stay_few(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < SEGMENTS; i++)
        add_segment(b, 150, i, LARGE + i);
    assert_int_equal(merge(b), ST_OK);
    assert_int_equal(b->unsqueeze.n, REPACK_DICTS);
    for (size_t i = 0; i < SEGMENTS; i++)
        assert_int_equal(was_copied(b, i), i >= SEGMENTS - REPACK_DICTS);
}

static void damage_is_not_packed_again(void **state)
{
    struct bench *b = *state;
    add_segment(b, 150, 0, 15000);
    b->data[0].p[b->end[0][40] - 5] ^= 1;
    assert_int_equal(merge(b), ST_DAMAGED);
    assert_string_equal(b->err.text, "a stored document cannot be unpacked");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(small_segments_get_one_dictionary),
        TEST(small_segments_become_what_one_would_have_been),
        TEST(a_few_documents_stay_without_a_dictionary),
        TEST(little_waits_for_a_dictionary),
        TEST(much_waits_no_longer),
        TEST(large_segments_are_copied),
        TEST(a_dictionary_that_two_share_is_there_once),
        TEST(dictionaries_stay_few),
        TEST(damage_is_not_packed_again),
    };
    return RUN_TESTS(tests);
}
