/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Segments at random, with dead documents, merged into one, against the database that libxapian
 * writes of the living: the library must not be able to tell them apart, and finds the same in both
 * with the same weights. */

#include "harness.h"

#include "../../index/glass_compare.h"
#include "../../index/invert.h"
#include "../../index/segment_join.h"
#include "../../index/squeeze.h"
#include "random_document.h"
#include <gongbao/file.h>

enum { SEGMENTS = 5, TERMS = 40, RUN = 100 };

/* The documents of a segment; data is the plain record. */
struct set {
    struct library_doc *doc;
    uint32_t n;
    struct tomb dead;
    char path[PATH_MAX];
};

struct bed {
    char *folder;
    char merged[PATH_MAX], theirs[PATH_MAX];
    struct set set[SEGMENTS];
    size_t nset;
    struct dice dice;
    struct arena arena;
    struct squeeze squeeze;
    struct err err;
};

#define assert_ok(actual, b) check_ok((actual), (b), __FILE__, __LINE__)

static void check_ok(enum st st, const struct bed *b, const char *file, int line)
{
    if (st == ST_OK)
        return;
    print_error("status %d: %s\n", (int)st, b->err.text);
    _fail(file, line);
}

static int set_up(void **state)
{
    struct bed *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    b->folder = harness_folder();
    b->dice = dice_seeded();
    snprintf(b->merged, sizeof(b->merged), "%s/merged", b->folder);
    snprintf(b->theirs, sizeof(b->theirs), "%s/theirs", b->folder);
    arena_init(&b->arena, (size_t)1 << 30);
    squeeze_init(&b->squeeze);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *b = *state;
    assert_int_equal(file_remove_tree(b->folder, NULL), ST_OK);
    for (size_t i = 0; i < b->nset; i++)
        tomb_fini(&b->set[i].dead);
    squeeze_fini(&b->squeeze);
    arena_fini(&b->arena);
    free(b->folder);
    free(b);
    return 0;
}

/* ---- documents ---- */

static struct str random_record(struct bed *b)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    random_nasty(&b->dice, dice_below(&b->dice, dice_once_in(&b->dice, 50) ? 5000 : 60), &text);
    struct str record = arena_str(&b->arena, buf_str(&text));
    buf_fini(&text);
    return record;
}

static void *keep(struct bed *b, const void *bytes, size_t n)
{
    void *copy = arena_alloc(&b->arena, n + 1);
    assert_non_null(copy);
    return n ? memcpy(copy, bytes, n) : copy;
}

static void make_document(struct bed *b, struct library_doc *out)
{
    char term_room[TERMS][RANDOM_TERM], value_room[RANDOM_VALUES][RANDOM_VALUE];
    struct ix_term terms[TERMS];
    struct seg_value values[RANDOM_VALUES];
    size_t n = dice_once_in(&b->dice, 50) ? 0 : random_terms(&b->dice, term_room, terms, TERMS - 1);
    size_t m = random_values(&b->dice, value_room, values);
    for (size_t i = 0; i < n; i++)
        terms[i].bytes = arena_str(&b->arena, terms[i].bytes);
    for (size_t i = 0; i < m; i++)
        values[i].bytes = arena_str(&b->arena, values[i].bytes);
    *out = (struct library_doc){.data = random_record(b),
                                .terms = keep(b, terms, n * sizeof(*terms)),
                                .nterms = n,
                                .values = keep(b, values, m * sizeof(*values)),
                                .nvalues = m};
}

/* So many of a hundred documents live, and at least one of all. */
static void make_set(struct bed *b, uint32_t documents, size_t percent)
{
    struct set *s = &b->set[b->nset];
    *s = (struct set){.n = documents};
    snprintf(s->path, sizeof(s->path), "%.1000s/segment-%zu", b->folder, b->nset++);
    tomb_init(&s->dead);
    s->doc = arena_alloc(&b->arena, documents * sizeof(*s->doc));
    assert_non_null(s->doc);
    uint32_t lives = 1 + (uint32_t)dice_below(&b->dice, documents);
    for (uint32_t docid = 1; docid <= documents; docid++) {
        make_document(b, &s->doc[docid - 1]);
        if (docid != lives && dice_below(&b->dice, 100) >= percent)
            assert_ok(tomb_add(&s->dead, docid, &b->err), b);
    }
}

/* A dictionary of records that may be too few for one. */
static struct squeeze_dict *make_dict(struct bed *b, const struct library_doc *const *doc, size_t n)
{
    struct squeeze_dict *dict;
    struct str *record = calloc(n + 1, sizeof(*record));
    assert_non_null(record);
    for (size_t i = 0; i < n; i++)
        record[i] = doc[i]->data;
    assert_ok(squeeze_dict_make(record, n, &dict, &b->err), b);
    free(record);
    return dict;
}

static uint32_t length_of(const struct library_doc *doc)
{
    uint32_t length = 0;
    for (size_t i = 0; i < doc->nterms; i++)
        length += doc->terms[i].wdf;
    return length;
}

/* ---- the segments, and what they merge to ---- */

static void fill_segment(struct bed *b, const struct set *s, struct seg_builder *builder,
                         const struct squeeze_dict *dict)
{
    struct invert *v = invert_new();
    struct run *run;
    struct buf data;
    assert_non_null(v);
    buf_init(&data, SQUEEZE_ROOM);
    for (uint32_t i = 0; i < s->n; i++) {
        const struct library_doc *doc = &s->doc[i];
        buf_reset(&data);
        assert_ok(squeeze_record(&b->squeeze, dict, doc->data, &data, &b->err), b);
        const struct seg_doc d = {buf_str(&data), length_of(doc), doc->values, doc->nvalues};
        assert_ok(seg_builder_add(builder, &d, &b->err), b);
        assert_ok(invert_add(v, doc->terms, doc->nterms, &b->err), b);
        assert_ok(invert_end_document(v, &b->err), b);
        if ((i + 1) % RUN && i + 1 < s->n)
            continue;
        assert_ok(invert_end(v, &run, &b->err), b);
        assert_ok(seg_builder_take(builder, run, &b->err), b);
    }
    buf_fini(&data);
    invert_free(v);
}

static void write_segment(struct bed *b, const struct set *s)
{
    const struct seg_builder_opts opts = {.memory = UINT64_MAX, .jobs = 1};
    const struct library_doc **all = calloc(s->n, sizeof(const struct library_doc *));
    struct seg_builder *builder;
    char name[SQUEEZE_DICT_NAME];
    assert_non_null(all);
    for (uint32_t i = 0; i < s->n; i++)
        all[i] = &s->doc[i];
    struct squeeze_dict *dict = make_dict(b, all, s->n);
    assert_ok(seg_builder_new(s->path, &opts, &builder, &b->err), b);
    assert_ok(seg_builder_metadata(builder, STR("k1"), STR("1.2"), &b->err), b);
    if (dict) {
        squeeze_dict_name(dict, name);
        assert_ok(seg_builder_metadata(builder, str_of(name), buf_str(&dict->bytes), &b->err), b);
    }
    fill_segment(b, s, builder, dict);
    assert_ok(seg_builder_finish(builder, &b->err), b);
    seg_builder_free(builder);
    squeeze_dict_drop(dict);
    free(all);
}

/* Merge all segments; how many documents live. */
static uint32_t merge(struct bed *b, unsigned jobs)
{
    struct segment_input *in[SEGMENTS];
    uint32_t base = 0;
    for (size_t i = 0; i < b->nset; i++) {
        const struct set *s = &b->set[i];
        write_segment(b, s);
        assert_ok(segment_input_new(s->path, s->n, &s->dead, base, &in[i], &b->err), b);
        assert_int_equal(in[i]->live, s->n - s->dead.n);
        base += in[i]->live;
    }
    assert_ok(segment_join(in, b->nset, false, b->merged, jobs, &b->err), b);
    for (size_t i = 0; i < b->nset; i++)
        segment_input_free(in[i]);
    return base;
}

/* The library's database of these documents, numbered from 1; all text is packed with one
 * dictionary. */
static void write_theirs(struct bed *b, const struct library_doc *const *living, uint32_t n)
{
    struct library_writer *w;
    struct squeeze_dict *dict = make_dict(b, living, n);
    struct buf data;
    buf_init(&data, SQUEEZE_ROOM);
    assert_ok(library_new(b->theirs, &w, &b->err), b);
    for (uint32_t i = 0; i < n; i++) {
        struct library_doc doc = *living[i];
        buf_reset(&data);
        assert_ok(squeeze_record(&b->squeeze, dict, doc.data, &data, &b->err), b);
        doc.data = buf_str(&data);
        assert_ok(library_add(w, i + 1, &doc, &b->err), b);
    }
    assert_ok(library_metadata(w, STR("k1"), STR("1.2"), &b->err), b);
    if (dict) {
        char name[SQUEEZE_DICT_NAME];
        squeeze_dict_name(dict, name);
        assert_ok(library_metadata(w, str_of(name), buf_str(&dict->bytes), &b->err), b);
    }
    assert_ok(library_finish(w, &b->err), b);
    library_free(w);
    squeeze_dict_drop(dict);
    buf_fini(&data);
}

static void merge_and_compare(struct bed *b, unsigned jobs)
{
    uint32_t live = merge(b, jobs), n = 0;
    const struct library_doc **living = calloc(live + 1, sizeof(const struct library_doc *));
    assert_non_null(living);
    for (size_t i = 0; i < b->nset; i++)
        for (uint32_t docid = 1; docid <= b->set[i].n; docid++)
            if (!tomb_has(&b->set[i].dead, docid))
                living[n++] = &b->set[i].doc[docid - 1];
    assert_int_equal(n, live);
    write_theirs(b, living, live);
    free(living);
    assert_ok(glass_check(b->merged, &b->err), b);
    assert_ok(glass_compare(b->theirs, b->merged, &b->err), b);
}

/* ---- tests ---- */

static void one_document_lives(void **state)
{
    struct bed *b = *state;
    make_set(b, 200, 0);
    merge_and_compare(b, 1);
}

static void all_documents_live(void **state)
{
    struct bed *b = *state;
    for (size_t i = 0; i < SEGMENTS; i++)
        make_set(b, 1 + (uint32_t)i * 60, 100);
    merge_and_compare(b, 1);
}

static void segments_at_random(void **state)
{
    static const size_t percent[] = {100, 99, 90, 50, 20, 1};
    struct bed *b = *state;
    for (size_t round = 0; round < 8; round++) {
        for (size_t n = 1 + dice_below(&b->dice, SEGMENTS); n > 0; n--)
            make_set(b, 1 + (uint32_t)dice_below(&b->dice, 200), PICK(&b->dice, percent));
        merge_and_compare(b, 1 + (unsigned)round % 2);
        struct dice dice = b->dice;
        tear_down(state);
        set_up(state);
        b = *state;
        b->dice = dice;
    }
}

/* Lists of many chunks, which are copied where all live and packed again where some do not. */
static void large_segments(void **state)
{
    struct bed *b = *state;
    make_set(b, 1500, 50);
    make_set(b, 1500, 100);
    make_set(b, 1500, 99);
    make_set(b, 300, 2);
    merge_and_compare(b, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_document_lives),
        TEST(all_documents_live),
        TEST(segments_at_random),
        TEST(large_segments),
    };
    return RUN_TESTS(tests);
}
