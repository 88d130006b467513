/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Databases that this room writes against those that libxapian writes of the same documents: the
 * library must not be able to tell them apart. */

#include "harness.h"

#include "../../index/glass_compare.h"
#include "../../index/invert.h"
#include "../../index/segment_builder.h"
#include "random_document.h"
#include <gongbao/file.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

/* Both writers, fed alike. */
struct pair {
    char *folder;
    char ours[PATH_MAX], theirs[PATH_MAX];
    struct glass *glass;
    struct invert *invert;
    struct run **run;
    size_t nrun;
    uint32_t first, last; /* docids in the run at hand */
    uint32_t run_docs;    /* documents after which a run ends */
    unsigned jobs;
    struct library_writer *library;
    struct err err;
};

#define assert_ok(actual, p) check_ok((actual), (p), __FILE__, __LINE__)

static void check_ok(enum st st, const struct pair *p, const char *file, int line)
{
    if (st == ST_OK)
        return;
    print_error("status %d: %s\n", (int)st, p->err.text);
    _fail(file, line);
}

static int set_up(void **state)
{
    struct pair *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    p->folder = harness_folder();
    snprintf(p->ours, sizeof(p->ours), "%s/ours", p->folder);
    snprintf(p->theirs, sizeof(p->theirs), "%s/theirs", p->folder);
    assert_ok(glass_new(p->ours, &p->glass, &p->err), p);
    p->invert = invert_new();
    assert_non_null(p->invert);
    p->run_docs = 1000;
    p->jobs = 3;
    assert_ok(library_new(p->theirs, &p->library, &p->err), p);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *p = *state;
    glass_free(p->glass);
    invert_free(p->invert);
    for (size_t i = 0; i < p->nrun; i++)
        run_free(p->run[i]);
    free(p->run);
    library_free(p->library);
    assert_int_equal(file_remove_tree(p->folder, NULL), ST_OK);
    free(p->folder);
    free(p);
    return 0;
}

/* End the run at hand, if there is one. */
static void end_run(struct pair *p)
{
    if (!p->last)
        return;
    p->run = realloc(p->run, (p->nrun + 1) * sizeof(struct run *));
    assert_non_null(p->run);
    assert_ok(invert_end(p->invert, &p->run[p->nrun], &p->err), p);
    p->run[p->nrun++]->base = p->first - 1;
    p->last = 0;
}

/* The documents of a run are numbered without gaps. */
static void invert(struct pair *p, uint32_t docid, const struct library_doc *doc)
{
    if (docid != p->last + 1 || docid - p->first >= p->run_docs)
        end_run(p);
    if (!p->last)
        p->first = docid;
    p->last = docid;
    assert_ok(invert_add(p->invert, doc->terms, doc->nterms, &p->err), p);
    assert_ok(invert_end_document(p->invert, &p->err), p);
}

/* A document to both. */
static void add(struct pair *p, uint32_t docid, const struct library_doc *doc)
{
    uint32_t length = 0;
    for (size_t i = 0; i < doc->nterms; i++)
        length += doc->terms[i].wdf;
    assert_ok(glass_document(p->glass, docid, length, doc->data, &p->err), p);
    for (size_t i = 0; i < doc->nvalues; i++)
        assert_ok(glass_value(p->glass, docid, doc->values[i].slot, doc->values[i].bytes, &p->err),
                  p);
    invert(p, docid, doc);
    assert_ok(library_add(p->library, docid, doc, &p->err), p);
}

static void add_metadata(struct pair *p, struct str name, struct str value)
{
    assert_ok(glass_metadata(p->glass, name, value, &p->err), p);
    assert_ok(library_metadata(p->library, name, value, &p->err), p);
}

static enum st put_terms(struct pair *p)
{
    end_run(p);
    const struct post_input **input = calloc(p->nrun + 1, sizeof(const struct post_input *));
    assert_non_null(input);
    for (size_t i = 0; i < p->nrun; i++)
        input[i] = &p->run[i]->input;
    enum st st = glass_terms(p->glass, input, p->nrun, p->jobs, &p->err);
    free(input);
    return st;
}

static void finish_and_compare(struct pair *p)
{
    assert_ok(put_terms(p), p);
    assert_ok(glass_finish(p->glass, &p->err), p);
    assert_ok(library_finish(p->library, &p->err), p);
    assert_ok(glass_check(p->ours, &p->err), p);
    assert_ok(glass_compare(p->theirs, p->ours, &p->err), p);
}

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

static void random_collection(struct pair *p, struct dice *d, uint32_t documents, uint32_t gap)
{
    enum { TERMS = 60 };
    static char room[TERMS][128], value_room[10][300], data[5000];
    struct ix_term terms[TERMS];
    struct seg_value values[10];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)dice_below(d, i % 1000 + 1);
    uint32_t docid = 0;
    for (uint32_t i = 0; i < documents; i++) {
        docid += 1 + (uint32_t)dice_below(d, gap);
        size_t at = dice_below(d, 4000);
        struct library_doc doc = {
            .data =
                str_from(data + at, dice_below(d, dice_once_in(d, 50) ? sizeof(data) - at : 30)),
            .terms = terms,
            .nterms = dice_once_in(d, 50) ? 0 : random_terms(d, room, terms, TERMS - 1),
            .values = values,
            .nvalues = random_values(d, value_room, values),
        };
        add(p, docid, &doc);
    }
}

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

static void assert_same_file(const struct pair *a, const struct pair *b, const char *name)
{
    char path[2][PATH_MAX + 32];
    struct buf bytes[2];
    const struct pair *of[] = {a, b};
    for (int i = 0; i < 2; i++) {
        buf_init(&bytes[i], SIZE_MAX / 2);
        snprintf(path[i], sizeof(path[i]), "%s/%s", of[i]->ours, name);
        assert_int_equal(file_read(path[i], &bytes[i], NULL), ST_OK);
    }
    assert_true(str_eq(buf_str(&bytes[0]), buf_str(&bytes[1])));
    buf_fini(&bytes[0]);
    buf_fini(&bytes[1]);
}

static void the_same_documents_make_the_same_bytes(void **state)
{
    struct pair *p = *state;
    void *other = NULL;
    set_up(&other);
    struct dice d = dice_seeded(), again = d;
    random_collection(p, &d, 300, 2);
    finish_and_compare(p);
    random_collection(other, &again, 300, 2);
    finish_and_compare(other);
    assert_same_file(p, other, "postlist.glass");
    assert_same_file(p, other, "docdata.glass");
    assert_same_file(p, other, "iamglass");
    tear_down(&other);
}

/* How a segment is built. */
struct way {
    uint32_t run_docs; /* documents in a run */
    uint64_t memory;
    unsigned jobs;
};

/* A term that is long, so that a few documents fill several ranges of a merge. */
static struct str long_term(char *room, uint32_t number)
{
    memset(room, 'x', 200);
    int n = snprintf(room, 200, "%06u", number * 7919 % 1000003);
    room[n] = 'x';
    return str_from(room, 100 + number % 100);
}

/* Some terms of their own, some that others have too, and one that all have. */
static size_t terms_of(uint32_t docid, char (*room)[200], struct ix_term *out, size_t n)
{
    out[0] = (struct ix_term){STR("everywhere"), docid % 300};
    for (uint32_t i = 1; i < n; i++) {
        uint32_t number = i % 2 ? docid * 64 + i : i * (1 + docid % 5);
        out[i] = (struct ix_term){long_term(room[i], number), 1 + i % 3};
    }
    return n;
}

static void build(const char *path, const struct way *way, struct err *err)
{
    enum { DOCUMENTS = 900, TERMS = 50 };
    static char room[TERMS][200];
    struct ix_term terms[TERMS];
    const struct seg_builder_opts opts = {.memory = way->memory, .jobs = way->jobs};
    struct seg_builder *b;
    struct invert *v = invert_new();
    struct run *run;
    assert_non_null(v);
    assert_int_equal(seg_builder_new(path, &opts, &b, err), ST_OK);
    for (uint32_t docid = 1; docid <= DOCUMENTS; docid++) {
        size_t n = terms_of(docid, room, terms, TERMS);
        const struct seg_doc doc = {.data = STR("x"), .length = 100000};
        assert_int_equal(seg_builder_add(b, &doc, err), ST_OK);
        assert_int_equal(invert_add(v, terms, n, err), ST_OK);
        assert_int_equal(invert_end_document(v, err), ST_OK);
        if (docid % way->run_docs && docid < DOCUMENTS)
            continue;
        assert_int_equal(invert_end(v, &run, err), ST_OK);
        assert_int_equal(seg_builder_take(b, run, err), ST_OK);
    }
    assert_int_equal(seg_builder_finish(b, err), ST_OK);
    seg_builder_free(b);
    invert_free(v);
}

/* How documents are cut into runs, whether these are spilled, spilled runs merged into one again,
 * and how many threads merge: none of it can be seen in the segment. */
static void runs_files_and_threads_change_no_byte(void **state)
{
    struct pair *p = *state;
    static const struct way ways[] = {
        {UINT32_MAX, UINT64_MAX, 1},
        {10, UINT64_MAX, 0},
        {10, UINT64_MAX, 4},
        {100, 1, 2},
        {10, 1, 3},
        {7, 1 << 20, 4},
    };
    struct pair a = *p, b = *p;
    snprintf(a.ours, sizeof(a.ours), "%.1000s/0", p->folder);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        snprintf(b.ours, sizeof(b.ours), "%.1000s/%zu", p->folder, i);
        build(b.ours, &ways[i], &p->err);
        assert_same_file(&a, &b, "postlist.glass");
        assert_same_file(&a, &b, "iamglass");
        char spill[PATH_MAX + 16];
        snprintf(spill, sizeof(spill), "%s/spill", b.ours);
        assert_int_equal(access(spill, F_OK), -1);
    }
    assert_ok(glass_check(a.ours, &p->err), p);
}

/* Whoever seeks a term in a run, in memory or spilled, stands where one stands who reads all. */
static void terms_are_found_in_runs(void **state)
{
    enum { DOCUMENTS = 300, TERMS = 50 };
    struct pair *p = *state;
    static char room[TERMS][200];
    struct ix_term terms[TERMS];
    struct run *run[2];
    struct post_source *s;
    char path[PATH_MAX];
    for (uint32_t docid = 1; docid <= DOCUMENTS; docid++) {
        assert_ok(invert_add(p->invert, terms, terms_of(docid, room, terms, TERMS), &p->err), p);
        assert_ok(invert_end_document(p->invert, &p->err), p);
    }
    assert_ok(invert_end(p->invert, &run[0], &p->err), p);
    snprintf(path, sizeof(path), "%.1000s/run", p->folder);
    assert_ok(run[0]->input.ops->open(&run[0]->input, &s, &p->err), p);
    assert_ok(run_spill(s, path, &run[1], &p->err), p);
    s->ops->close(s);
    assert_int_equal(run[0]->n, run[1]->n);
    for (uint32_t i = 0; i < 2 * 200; i++) {
        char wanted[200], below[200];
        struct post_input *in = &run[i % 2]->input;
        struct str term = long_term(wanted, (1 + i * 37 % DOCUMENTS) * 64 + 1);
        struct str before = long_term(below, (1 + i * 37 % DOCUMENTS) * 64 + 1);
        assert_ok(in->ops->open(in, &s, &p->err), p);
        assert_ok(s->ops->seek(s, str_from(before.p, before.n - 1), &p->err), p);
        assert_true(str_eq(s->term, term));
        assert_ok(s->ops->seek(s, term, &p->err), p);
        assert_true(str_eq(s->term, term));
        assert_ok(s->ops->seek(s, STR("y"), &p->err), p);
        assert_int_equal(s->term.n, 0);
        s->ops->close(s);
    }
    run_free(run[0]);
    run_free(run[1]);
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

/* ---- inputs that fail ---- */

/* The same thousand terms in every input; the last input cannot be read beyond some of them. */
struct short_input {
    struct post_input input;
    uint32_t docid;
    bool fails;
    atomic_bool *again; /* set when a source is asked for more after a failure */
};

struct short_source {
    struct post_source s;
    const struct short_input *of;
    unsigned at;
    char text[8];
    bool failed, told;
};

static void stand_at(struct short_source *s, unsigned at)
{
    s->at = at;
    s->told = false;
    snprintf(s->text, sizeof(s->text), "t%03u", at % 1000);
    s->s.term = at < 1000 ? str_of(s->text) : STR("");
    s->s.head = at < 1000 ? post_head(s->text, 4) : 0;
    s->s.tf = s->s.cf = 1;
}

static enum st seek_short(struct post_source *source, struct str term, struct err *err)
{
    struct short_source *s = (struct short_source *)source;
    (void)err;
    if (s->failed)
        atomic_store(s->of->again, true);
    stand_at(s, term.n ? (unsigned)atoi(term.p + 1) : 0);
    return ST_OK;
}

static enum st next_short(struct post_source *source, struct err *err)
{
    struct short_source *s = (struct short_source *)source;
    if (s->failed)
        atomic_store(s->of->again, true);
    s->failed = s->of->fails && s->at % 10 == 5;
    if (s->failed)
        return err_set(err, ST_IO, "no further than %s", s->text);
    stand_at(s, s->at + 1);
    return ST_OK;
}

static enum st part_short(struct post_source *source, struct post_part *out, struct err *err)
{
    struct short_source *s = (struct short_source *)source;
    (void)err;
    *out = (struct post_part){.first = s->of->docid, .last = s->of->docid};
    out->packed = s->told ? STR("") : STR("\1");
    s->told = true;
    return ST_OK;
}

static void close_short(struct post_source *source)
{
    free(source);
}

static enum st open_short(const struct post_input *in, struct post_source **out, struct err *err)
{
    static const struct post_source_ops ops = {seek_short, next_short, part_short, close_short};
    struct short_source *s = calloc(1, sizeof(*s));
    if (!s)
        return err_nomem(err);
    s->s.ops = &ops;
    s->of = (const struct short_input *)in;
    *out = &s->s;
    return ST_OK;
}

/* A range at every tenth term. */
static enum st sample_short(const struct post_input *in, post_sample *tell, void *ctx,
                            struct err *err)
{
    enum st st = ST_OK;
    char text[8];
    (void)in;
    for (unsigned i = 10; i < 1000 && st == ST_OK; i += 10) {
        snprintf(text, sizeof(text), "t%03u", i);
        st = tell(ctx, str_of(text), 2 << 20, err);
    }
    return st;
}

static void a_source_that_failed_is_not_read_again(void **state)
{
    enum { INPUTS = 8 };
    static const struct post_input_ops ops = {open_short, sample_short};
    struct pair *p = *state;
    struct short_input in[INPUTS];
    const struct post_input *input[INPUTS];
    atomic_bool again = false;
    for (uint32_t i = 0; i < INPUTS; i++) {
        in[i] = (struct short_input){{&ops}, i + 1, i == INPUTS - 1, &again};
        input[i] = &in[i].input;
        assert_ok(glass_document(p->glass, i + 1, 1000, STR("x"), &p->err), p);
    }
    assert_int_equal(glass_terms(p->glass, input, INPUTS, 3, &p->err), ST_IO);
    assert_string_equal(p->err.text, "no further than t005");
    assert_false(again);
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
        TEST(the_same_documents_make_the_same_bytes),
        TEST(runs_files_and_threads_change_no_byte),
        TEST(terms_are_found_in_runs),
        TEST(values_of_every_width),
        TEST(metadata_in_any_order),
        TEST(collections_at_random),
        TEST(many_documents),
        TEST(seventy_thousand_documents),
        TEST(a_full_disk_is_told),
        TEST(what_is_out_of_order_is_refused),
        TEST(a_source_that_failed_is_not_read_again),
    };
    return RUN_TESTS(tests);
}
