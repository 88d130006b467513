/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a merge makes: the very bytes that a new segment of the same documents has. And when it is
 * made: on demand, when much of a segment is dead, and within its time. */

#include "harness.h"
#include "index_fixture.h"

#include "../../index/glass_compare.h"
#include "../../index/past.h"
#include "../../index/segment_join.h"
#include "random_text.h"
#include <signal.h>
#include <sys/resource.h>

enum { IDS = 3000 };

static struct ix_writer *open_with(struct fixture *f, struct ix_writer_opts opts)
{
    struct ix_writer *w;
    opts.lexicon = 7;
    assert_ok(ix_writer_open(f->dir, &opts, &w, &f->err), f);
    return w;
}

static uint64_t optimize(struct fixture *f)
{
    return publish(f, open_with(f, (struct ix_writer_opts){.optimize = true}));
}

static struct ix_segment_info segment(const struct opened *o, size_t i)
{
    struct ix_segment_info s;
    ix_reader_segment(o->reader, i, &s);
    return s;
}

/* ---- a random history ---- */

static struct str random_body(struct dice *d, struct arena *a)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_addz(&b, "all");
    for (size_t n = dice_below(d, 12); n > 0; n--)
        buf_addf(&b, " w%zu", dice_below(d, dice_once_in(d, 2) ? 20 : 20000));
    if (dice_once_in(d, 200))
        for (int i = 0; i < 3000; i++)
            buf_addf(&b, " %zu", dice_below(d, 1000000));
    if (dice_once_in(d, 20))
        buf_add(&b, " n\0ul", 5);
    struct str body = arena_str(a, buf_str(&b));
    buf_fini(&b);
    return body;
}

static void put_random(struct fixture *f, struct ix_writer *w, struct dice *d)
{
    char id[16], date[16];
    snprintf(id, sizeof(id), "d%zu", dice_below(d, IDS));
    snprintf(date, sizeof(date), "20%02zu-10-%02zu", dice_below(d, 100), 1 + dice_below(d, 31));
    const struct ix_doc doc = {.id = str_of(id),
                               .body = random_body(d, &f->arena),
                               .date = dice_once_in(d, 3) ? STR("") : str_of(date)};
    assert_ok(put_doc(f, w, &doc), f);
}

/* Batches of all sizes that put, replace and delete, into segments of all sizes. */
static void make_history(struct fixture *f, struct dice *d, size_t batches)
{
    for (size_t i = 0; i < batches; i++) {
        struct ix_writer *w =
            open_with(f, (struct ix_writer_opts){.segment_bytes = 1 + dice_below(d, 1 << 14),
                                                 .merge_ms = dice_once_in(d, 2) ? IX_NO_MERGE : 0});
        for (size_t n = dice_below(d, dice_once_in(d, 4) ? 800 : 20); n > 0; n--) {
            char id[16];
            snprintf(id, sizeof(id), "d%zu", dice_below(d, IDS));
            if (dice_once_in(d, 5))
                drop(f, w, id);
            else
                put_random(f, w, d);
        }
        publish(f, w);
    }
}

/* The documents of an index of one segment into a new index, in one batch. */
static void copy_documents(struct fixture *f, const char *to)
{
    struct opened o = open_index(f);
    struct ix_writer *w;
    const struct ix_writer_opts opts = {.lexicon = 7};
    assert_ok(ix_writer_open(to, &opts, &w, &f->err), f);
    assert_int_equal(o.info.segments, 1);
    assert_int_equal(o.info.tombstones, 0);
    for (uint64_t i = 1; i <= o.info.documents; i++) {
        struct ix_doc doc;
        assert_ok(ix_document(o.view, i, &f->arena, &doc, &f->err), f);
        assert_ok(put_doc(f, w, &doc), f);
    }
    publish(f, w);
    close_index(&o);
}

static void assert_same_file(struct fixture *f, const char *a, const char *b, const char *name)
{
    struct buf one, other;
    char path[2 * PATH_MAX];
    buf_init(&one, (size_t)1 << 30);
    buf_init(&other, (size_t)1 << 30);
    snprintf(path, sizeof(path), "%s/%s", a, name);
    assert_ok(file_read(path, &one, &f->err), f);
    snprintf(path, sizeof(path), "%s/%s", b, name);
    assert_ok(file_read(path, &other, &f->err), f);
    if (!str_eq(buf_str(&one), buf_str(&other)))
        fail_msg("%s differs", name);
    buf_fini(&one);
    buf_fini(&other);
}

static void a_merged_segment_is_one_that_was_built_at_once(void **state)
{
    struct fixture *f = *state;
    struct dice d = dice_seeded();
    for (size_t i = 0; i < 3; i++) {
        char merged[2 * PATH_MAX], to[2 * PATH_MAX], built[3 * PATH_MAX];
        make_history(f, &d, 4 + 8 * i);
        optimize(f);
        snprintf(to, sizeof(to), "%s/copy-%zu", f->folder, i);
        copy_documents(f, to);
        struct opened o = open_index(f);
        snprintf(merged, sizeof(merged), "%s/" STR_FMT, f->dir, STR_ARG(segment(&o, 0).name));
        close_index(&o);
        snprintf(built, sizeof(built), "%s/seg-1-0", to);
        assert_ok(glass_compare(built, merged, &f->err), f);
        assert_ok(glass_check(merged, &f->err), f);
        assert_same_file(f, built, merged, "postlist.glass");
        assert_same_file(f, built, merged, "docdata.glass");
        assert_same_file(f, built, merged, "iamglass");
        assert_int_equal(findings(f), 0);
    }
}

/* Documents of words of their own, and some that all have, which makes lists of many chunks. */
static void put_many(struct fixture *f, struct dice *d, unsigned from, unsigned to)
{
    struct ix_writer *w = open_with(f, (struct ix_writer_opts){.merge_ms = IX_NO_MERGE});
    for (unsigned i = from; i < to; i++) {
        struct buf body;
        char id[16];
        buf_init(&body, 1 << 20);
        buf_addz(&body, "all");
        for (unsigned k = 0; k < 60; k++)
            buf_addf(&body, " %zx w%zu", dice_below(d, (size_t)1 << 40), dice_below(d, 50));
        buf_addc(&body, '\0');
        snprintf(id, sizeof(id), "d%u", i);
        put(f, w, id, body.p);
        buf_fini(&body);
    }
    publish(f, w);
}

/* Documents that died side by side, and some here and there. */
static void die(struct fixture *f, struct dice *d, struct tomb *dead)
{
    for (uint32_t i = 1; i <= 4000; i++)
        if (i % 2000 < 300 || dice_once_in(d, 500))
            assert_ok(tomb_add(dead, i, &f->err), f);
}

static void join_two(struct fixture *f, const struct tomb *dead, unsigned jobs, const char *to)
{
    struct segment_input *in[2];
    char from[PATH_MAX + 32];
    uint32_t base = 0;
    for (int i = 0; i < 2; i++) {
        snprintf(from, sizeof(from), "%s/seg-%d-0", f->dir, i + 1);
        assert_ok(segment_input_new(from, 4000, i ? dead : NULL, base, &in[i], &f->err), f);
        base += in[i]->live;
    }
    assert_ok(segment_join(in, 2, false, to, jobs, &f->err), f);
    segment_input_free(in[0]);
    segment_input_free(in[1]);
}

static void threads_change_no_byte_of_a_merged_segment(void **state)
{
    struct fixture *f = *state;
    struct dice d = dice_seeded();
    struct tomb dead;
    char one[PATH_MAX + 16], three[PATH_MAX + 16];
    tomb_init(&dead);
    die(f, &d, &dead);
    put_many(f, &d, 0, 4000);
    put_many(f, &d, 4000, 8000);
    snprintf(one, sizeof(one), "%s/one", f->folder);
    snprintf(three, sizeof(three), "%s/three", f->folder);
    join_two(f, &dead, 1, one);
    join_two(f, &dead, 3, three);
    assert_ok(glass_check(three, &f->err), f);
    assert_same_file(f, one, three, "postlist.glass");
    assert_same_file(f, one, three, "docdata.glass");
    assert_same_file(f, one, three, "iamglass");
    tomb_fini(&dead);
}

/* ---- damage ---- */

/* Merge a segment that may be anything. Checksums, which would tell, are not asked. */
static void merge_anyhow(struct fixture *f, const char *from, const struct tomb *dead)
{
    struct segment_input *in;
    char to[PATH_MAX + 16];
    snprintf(to, sizeof(to), "%s/merged", f->folder);
    enum st st = segment_input_new(from, 300, dead, 0, &in, &f->err);
    if (st == ST_OK) {
        st = segment_join(&in, 1, false, to, 2, &f->err);
        segment_input_free(in);
    }
    if (st != ST_OK)
        assert_st(st, ST_DAMAGED, f);
    assert_ok(file_remove_tree(to, &f->err), f);
}

/* Look for an id, and at what is stored of it. */
static void look_anyhow(struct fixture *f, const char *id)
{
    struct past *p;
    size_t segment;
    uint32_t docid;
    struct str plain;
    assert_ok(past_open(f->dir, &p, &f->err), f);
    enum st st = past_find(p, str_of(id), &segment, &docid, &f->err);
    if (st == ST_OK && docid > 0)
        st = past_record(p, segment, docid, &f->arena, &plain, &f->err);
    if (st != ST_OK)
        assert_st(st, ST_DAMAGED, f);
    past_close(p);
}

static void no_damage_does_more_than_be_told(void **state)
{
    static const char *const name[] = {"postlist.glass", "docdata.glass", "iamglass"};
    struct fixture *f = *state;
    struct dice d = dice_seeded();
    struct tomb dead;
    tomb_init(&dead);
    for (uint32_t i = 3; i < 300; i += 7)
        assert_ok(tomb_add(&dead, i, &f->err), f);
    struct ix_writer *w = open_with(f, (struct ix_writer_opts){0});
    for (int i = 0; i < 300; i++) {
        char id[16];
        snprintf(id, sizeof(id), "d%d", i);
        const struct ix_doc doc = {
            .id = str_of(id), .body = random_body(&d, &f->arena), .date = STR("2024-10-31")};
        assert_ok(put_doc(f, w, &doc), f);
    }
    publish(f, w);
    for (int i = 0; i < 600; i++) {
        char segment[PATH_MAX + 16], path[PATH_MAX + 64];
        struct buf b;
        buf_init(&b, 1 << 24);
        snprintf(segment, sizeof(segment), "%s/seg-1-0", f->dir);
        snprintf(path, sizeof(path), "%s/%s", segment, PICK(&d, name));
        assert_ok(file_read(path, &b, &f->err), f);
        struct str whole = arena_str(&f->arena, buf_str(&b));
        for (size_t n = 1 + dice_below(&d, 3); n > 0; n--)
            b.p[dice_below(&d, b.n)] = (char)dice_below(&d, 256);
        assert_ok(file_put(path, buf_str(&b), 0644, &f->err), f);
        merge_anyhow(f, segment, dice_once_in(&d, 2) ? &dead : NULL);
        look_anyhow(f, PICK(&d, ((const char *const[]){"d0", "d7", "d150", "d299", "d300"})));
        assert_ok(file_put(path, whole, 0644, &f->err), f);
        buf_fini(&b);
    }
    tomb_fini(&dead);
    assert_int_equal(findings(f), 0);
}

/* ---- when ---- */

static void put_range(struct fixture *f, struct ix_writer *w, unsigned from, unsigned to)
{
    char id[16];
    for (unsigned i = from; i < to; i++) {
        snprintf(id, sizeof(id), "d%u", i);
        put(f, w, id, "all x");
    }
}

static void drop_range(struct fixture *f, struct ix_writer *w, unsigned from, unsigned to)
{
    char id[16];
    for (unsigned i = from; i < to; i++) {
        snprintf(id, sizeof(id), "d%u", i);
        assert_true(drop(f, w, id));
    }
}

static void optimizing_leaves_one_segment_and_then_nothing_to_do(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 3; i++) {
        struct ix_writer *w = open_with(f, (struct ix_writer_opts){0});
        put_range(f, w, 10 * i, 10 * i + 10);
        if (i == 2)
            drop_range(f, w, 3, 5);
        publish(f, w);
    }
    assert_int_equal(optimize(f), 4);
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 1);
    assert_int_equal(o.info.documents, 28);
    assert_int_equal(segment(&o, 0).documents, 28);
    assert_int_equal(segment(&o, 0).lexicon, 7);
    close_index(&o);
    assert_int_equal(optimize(f), 4); /* as it is */
    struct ix_writer *w = open_with(f, (struct ix_writer_opts){0});
    drop_range(f, w, 20, 21);
    publish(f, w);
    assert_int_equal(optimize(f), 6); /* one segment, but with a dead document */
    o = open_index(f);
    assert_int_equal(segment(&o, 0).documents, 27);
    assert_int_equal(segment(&o, 0).body_bytes, 27 * strlen("all x"));
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

/* Documents are put and those of the first batch dropped in one batch that optimizes. */
static void optimizing_takes_the_batch_with_it(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_with(f, (struct ix_writer_opts){0});
    put_range(f, w, 0, 5);
    publish(f, w);
    w = open_with(f, (struct ix_writer_opts){.optimize = true, .segment_bytes = 10});
    put_range(f, w, 4, 12);
    put_range(f, w, 10, 11);
    drop_range(f, w, 1, 3);
    publish(f, w);
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 1);
    close_index(&o);
    assert_str(sorted(f, all_ids(f)), "d0 d10 d11 d3 d4 d5 d6 d7 d8 d9");
    assert_int_equal(findings(f), 0);
}

static void optimizing_an_empty_index_does_nothing(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(optimize(f), 1);
    assert_int_equal(optimize(f), 1);
}

static void a_segment_dead_by_a_third_is_written_anew(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_with(f, (struct ix_writer_opts){0});
    put_range(f, w, 0, 100);
    publish(f, w);
    w = open_with(f, (struct ix_writer_opts){0});
    drop_range(f, w, 0, 30);
    publish(f, w);
    struct opened o = open_index(f);
    assert_int_equal(o.info.tombstones, 30);
    close_index(&o);
    w = open_with(f, (struct ix_writer_opts){0});
    drop_range(f, w, 30, 31);
    publish(f, w);
    o = open_index(f);
    assert_int_equal(o.info.segments, 1);
    assert_int_equal(o.info.tombstones, 0);
    assert_int_equal(segment(&o, 0).documents, 69);
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

/* ---- time and room ---- */

static void publish_large(struct fixture *f, unsigned i, struct ix_writer_opts opts)
{
    struct ix_writer *w = open_with(f, opts);
    put_large(f, w, i);
    publish(f, w);
}

static size_t segments(struct fixture *f)
{
    struct opened o = open_index(f);
    size_t n = o.info.segments;
    close_index(&o);
    return n;
}

static void a_merge_without_time_is_not_begun(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 9; i++)
        publish_large(f, i, (struct ix_writer_opts){.merge_ms = IX_NO_MERGE});
    assert_int_equal(segments(f), 9);
    publish_large(f, 9, (struct ix_writer_opts){.merge_ms = 1});
    assert_int_equal(segments(f), 10);
    publish_large(f, 10, (struct ix_writer_opts){.merge_ms = 30000});
    assert_int_equal(segments(f), 1);
    assert_int_equal(findings(f), 0);
}

/* One that turns out to take longer is given up on the way. */
static void a_merge_ends_at_its_deadline(void **state)
{
    struct fixture *f = *state;
    struct segment_input *in;
    char from[PATH_MAX + 16], to[PATH_MAX + 16];
    struct ix_writer *w = open_with(f, (struct ix_writer_opts){0});
    put_range(f, w, 0, 1000);
    publish(f, w);
    snprintf(from, sizeof(from), "%s/seg-1-0", f->dir);
    for (int i = 0; i < 2; i++) {
        snprintf(to, sizeof(to), "%s/merged-%d", f->folder, i);
        assert_ok(segment_input_new(from, 1000, NULL, 0, &in, &f->err), f);
        in->deadline_ns = i == 0 ? clock_ns() - 1 : clock_ns() + 600000000000;
        assert_st(segment_join(&in, 1, false, to, 1, &f->err), i == 0 ? ST_DEADLINE : ST_OK, f);
        segment_input_free(in);
    }
    assert_ok(glass_compare(from, to, &f->err), f);
}

/* Whether it has been asked for as often as it was set to. */
static bool asked_enough(const void *ctx)
{
    unsigned *left = (unsigned *)(uintptr_t)ctx;
    return *left == 0 || --*left == 0;
}

/* Who is asked to stop gives up wherever a merge is, and the index is as it was. */
static void a_merge_ends_when_it_is_asked_to(void **state)
{
    struct fixture *f = *state;
    uint64_t generation;
    unsigned given_up = 0;
    enum st st = ST_STOPPING;
    for (unsigned i = 0; i < 3; i++)
        publish_large(f, i, (struct ix_writer_opts){0});
    for (unsigned n = 1; st == ST_STOPPING; n++) {
        unsigned left = n;
        struct ix_writer *w =
            open_with(f, (struct ix_writer_opts){
                             .optimize = true, .stopped = asked_enough, .stopped_ctx = &left});
        st = ix_writer_publish(w, &generation, &f->err);
        ix_writer_close(w);
        if (st == ST_STOPPING) {
            assert_string_equal(f->err.text, "interrupted");
            assert_int_equal(segments(f), 3);
            assert_int_equal(findings(f), 0);
            given_up++;
        }
    }
    assert_st(st, ST_OK, f);
    assert_true(given_up > 6); /* at the text of each, and among their terms */
    assert_int_equal(segments(f), 1);
    assert_int_equal(findings(f), 0);
}

/* Who asked for one segment is told when there is no room for it, and the index is as it was. */
static void optimizing_without_room_is_told(void **state)
{
    struct fixture *f = *state;
    uint64_t generation;
    struct rlimit was, small;
    for (unsigned i = 0; i < 4; i++)
        publish_large(f, i, (struct ix_writer_opts){0});
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = (struct rlimit){.rlim_cur = 30000, .rlim_max = was.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    struct ix_writer *w = open_with(f, (struct ix_writer_opts){.optimize = true});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum st st = ix_writer_publish(w, &generation, &f->err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_int_equal(st, ST_IO);
    assert_non_null(strstr(f->err.text, ".glass"));
    ix_writer_close(w);
    assert_int_equal(segments(f), 4);
    assert_int_equal(findings(f), 0);
    assert_int_equal(optimize(f), 5);
    assert_int_equal(segments(f), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_merged_segment_is_one_that_was_built_at_once),
        TEST(threads_change_no_byte_of_a_merged_segment),
        TEST(no_damage_does_more_than_be_told),
        TEST(optimizing_leaves_one_segment_and_then_nothing_to_do),
        TEST(optimizing_takes_the_batch_with_it),
        TEST(optimizing_an_empty_index_does_nothing),
        TEST(a_segment_dead_by_a_third_is_written_anew),
        TEST(a_merge_without_time_is_not_begun),
        TEST(a_merge_ends_at_its_deadline),
        TEST(a_merge_ends_when_it_is_asked_to),
        TEST(optimizing_without_room_is_told),
    };
    return RUN_TESTS(tests);
}
