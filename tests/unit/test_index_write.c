/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Batches: what putting, replacing and deleting do to an index, and what a batch that is not
 * published does: nothing. */

#include "harness.h"
#include "index_fixture.h"
#include <sys/stat.h>

static void an_empty_batch_makes_an_empty_index(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(publish(f, open_writer(f)), 1);
    struct opened o = open_index(f);
    assert_int_equal(o.info.documents, 0);
    assert_int_equal(o.info.segments, 0);
    close_index(&o);
    assert_string_equal(all_ids(f).p, "");
    assert_int_equal(publish(f, open_writer(f)), 1); /* nothing changed, no generation */
    assert_int_equal(findings(f), 0);
}

static void what_was_put_is_there(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    const struct str tags[] = {STR("能源"), STR("电力")};
    const struct str audience[] = {STR("public")};
    const struct ix_doc doc = {.id = STR("a/1.txt"),
                               .title = STR("丽水市召开会议"),
                               .body = STR("强调 经济 强调"),
                               .date = STR("2024-10-31"),
                               .issuer = STR("市政府办公室"),
                               .url = STR("https://example.org/1"),
                               .tags = tags,
                               .ntags = 2,
                               .audience = audience,
                               .naudience = 1,
                               .extra = STR("{\"no\":7}")};
    struct ix_doc got;
    uint64_t number;
    assert_ok(put_doc(f, w, &doc), f);
    assert_int_equal(publish(f, w), 1);
    struct opened o = open_index(f);
    assert_ok(ix_find(o.view, STR("a/1.txt"), &number, &f->err), f);
    assert_ok(ix_document(o.view, number, &f->arena, &got, &f->err), f);
    assert_str(got.id, "a/1.txt");
    assert_str(got.title, "丽水市召开会议");
    assert_str(got.body, "强调 经济 强调");
    assert_str(got.date, "2024-10-31");
    assert_str(got.issuer, "市政府办公室");
    assert_str(got.url, "https://example.org/1");
    assert_str(got.extra, "{\"no\":7}");
    assert_int_equal(got.ntags, 2);
    assert_str(got.tags[1], "电力");
    assert_int_equal(got.naudience, 1);
    assert_str(got.audience[0], "public");
    assert_int_equal(o.info.body_bytes, got.body.n);
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

static enum ix_change compare(struct fixture *f, struct ix_writer *w, const char *id,
                              const char *body)
{
    const struct ix_doc doc = {.id = str_of(id), .body = str_of(body)};
    enum ix_change change;
    assert_ok(ix_writer_compare(w, &doc, &change, &f->err), f);
    return change;
}

static void a_batch_is_compared_with_what_is_there(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    assert_int_equal(compare(f, w, "a", "x"), IX_NEW);
    put(f, w, "a", "x");
    assert_int_equal(compare(f, w, "a", "x"), IX_SAME); /* put in this batch */
    assert_int_equal(compare(f, w, "a", "y"), IX_CHANGED);
    publish(f, w);
    w = open_writer(f);
    assert_int_equal(compare(f, w, "a", "x"), IX_SAME); /* put in the one before */
    assert_int_equal(compare(f, w, "a", "y"), IX_CHANGED);
    assert_true(drop(f, w, "a"));
    assert_int_equal(compare(f, w, "a", "x"), IX_NEW);
    put(f, w, "a", "z");
    assert_int_equal(compare(f, w, "a", "z"), IX_SAME);
    ix_writer_close(w);
}

static void every_field_counts_in_a_comparison(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    const struct str tag = STR("k");
    const struct ix_doc plain = {.id = STR("a"), .body = STR("x")};
    struct ix_doc other[7];
    for (size_t i = 0; i < 7; i++)
        other[i] = plain;
    other[0].title = STR("t");
    other[1].date = STR("2024-01-01");
    other[2].issuer = STR("t");
    other[3].url = STR("t");
    other[4].extra = STR("{}");
    other[5].tags = &tag;
    other[5].ntags = 1;
    other[6].audience = &tag;
    other[6].naudience = 1;
    assert_ok(put_doc(f, w, &plain), f);
    publish(f, w);
    w = open_writer(f);
    for (size_t i = 0; i < 7; i++) {
        enum ix_change change;
        assert_ok(ix_writer_compare(w, &other[i], &change, &f->err), f);
        assert_int_equal(change, IX_CHANGED);
    }
    ix_writer_close(w);
}

/* A job that puts an id twice does so on every run: the second run must find nothing to do. */
static void a_batch_that_ends_as_it_began_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "x");
    put(f, w, "b", "y");
    assert_int_equal(publish(f, w), 1);
    w = open_writer_sized(f, 1);
    put(f, w, "a", "other");
    put(f, w, "a", "x"); /* as before */
    put(f, w, "new", "z");
    assert_true(drop(f, w, "new"));
    assert_true(drop(f, w, "b"));
    put(f, w, "b", "y");
    assert_int_equal(publish(f, w), 1);
    assert_string_equal(all_ids(f).p, "a b");
    assert_int_equal(findings(f), 0);
    w = open_writer(f);
    put(f, w, "a", "other");
    put(f, w, "a", "x");
    put(f, w, "a", "third"); /* as before in between only */
    assert_int_equal(publish(f, w), 2);
    w = open_writer(f);
    put(f, w, "a", "other");
    put(f, w, "a", "third");
    assert_true(drop(f, w, "b")); /* another id did change */
    assert_int_equal(publish(f, w), 3);
    assert_string_equal(all_ids(f).p, "a");
    assert_int_equal(findings(f), 0);
}

static void the_same_id_replaces(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "old");
    put(f, w, "b", "old");
    publish(f, w);
    w = open_writer(f);
    put(f, w, "a", "new");
    assert_int_equal(publish(f, w), 2);
    struct opened o = open_index(f);
    struct ix_node old = term("old"), new = term("new");
    assert_str(ids(f, o.view, &old), "b");
    assert_str(ids(f, o.view, &new), "a");
    assert_int_equal(o.info.documents, 2);
    assert_int_equal(o.info.tombstones, 1);
    assert_int_equal(o.info.segments, 2);
    assert_int_equal(o.info.body_bytes, 6);
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

static void the_last_of_a_batch_wins(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "one");
    put(f, w, "b", "keep");
    put(f, w, "a", "two");
    assert_true(drop(f, w, "a"));
    assert_false(drop(f, w, "a"));
    put(f, w, "a", "three");
    publish(f, w);
    struct opened o = open_index(f);
    struct ix_node one = term("one"), three = term("three"), all = {.op = IX_ALL};
    assert_str(ids(f, o.view, &one), "");
    assert_str(ids(f, o.view, &three), "a");
    assert_str(ids(f, o.view, &all), "a b");
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

static void deleting(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "x");
    put(f, w, "b", "x");
    publish(f, w);
    w = open_writer(f);
    assert_true(drop(f, w, "a"));
    assert_false(drop(f, w, "nobody"));
    assert_int_equal(publish(f, w), 2);
    assert_string_equal(all_ids(f).p, "b");
    w = open_writer(f);
    assert_false(drop(f, w, "a"));
    assert_int_equal(publish(f, w), 2); /* it was gone already */
    w = open_writer(f);
    assert_true(drop(f, w, "b"));
    assert_int_equal(publish(f, w), 3);
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 0); /* a segment without live documents goes */
    assert_int_equal(o.info.documents, 0);
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

static void tombstones_gather_over_generations(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    for (char id[2] = "a"; id[0] <= 'h'; id[0]++)
        put(f, w, id, "x");
    publish(f, w);
    for (char id[2] = "g"; id[0] >= 'b'; id[0]--) {
        w = open_writer(f);
        assert_true(drop(f, w, id));
        publish(f, w);
    }
    struct opened o = open_index(f);
    assert_int_equal(o.info.tombstones, 6);
    assert_int_equal(o.info.documents, 2);
    close_index(&o);
    assert_string_equal(all_ids(f).p, "a h");
    assert_int_equal(findings(f), 0);
}

static void a_full_segment_is_followed_by_another(void **state)
{
    struct fixture *f = *state;
    char id[16];
    struct ix_writer *w = open_writer_sized(f, 20);
    for (int i = 0; i < 13; i++) {
        snprintf(id, sizeof(id), "d%d", i);
        put(f, w, id, "0123456789");
    }
    put(f, w, "d0", "changed"); /* its first version is in a finished segment of this batch */
    publish(f, w);
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 7);
    assert_int_equal(o.info.documents, 13);
    assert_int_equal(o.info.tombstones, 1);
    for (int i = 0; i < 13; i++) {
        uint64_t doc;
        struct ix_doc got;
        snprintf(id, sizeof(id), "d%d", i);
        assert_ok(ix_find(o.view, str_of(id), &doc, &f->err), f);
        assert_ok(ix_document(o.view, doc, &f->arena, &got, &f->err), f);
        assert_string_equal(arena_str(&f->arena, got.id).p, id);
        assert_int_equal(got.body.n, i == 0 ? 7 : 10);
    }
    struct ix_segment_info s;
    ix_reader_segment(o.reader, 0, &s);
    assert_str(s.name, "seg-1-0");
    assert_int_equal(s.documents, 2);
    assert_int_equal(s.tombstones, 1);
    assert_int_equal(s.lexicon, 7);
    assert_int_equal(s.fold, 3);
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

/* The names in the index folder, in order, with blanks between them. */
static struct str listing(struct fixture *f)
{
    char command[PATH_MAX + 32], text[4096];
    snprintf(command, sizeof(command), "LC_ALL=C ls -A '%s' | tr '\\n' ' '", f->dir);
    FILE *ls = popen(command, "r");
    assert_non_null(ls);
    size_t n = fread(text, 1, sizeof(text), ls);
    pclose(ls);
    return arena_str(&f->arena, str_trim(str_from(text, n)));
}

static void an_abandoned_batch_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "x");
    publish(f, w);
    struct str before = listing(f);
    assert_str(before, "LOCK MANIFEST MANIFEST.1 seg-1-0");
    w = open_writer_sized(f, 1);
    put(f, w, "b", "x"); /* a finished segment */
    put(f, w, "c", "x");
    assert_true(drop(f, w, "a"));
    ix_writer_close(w);
    assert_string_equal(listing(f).p, before.p);
    assert_string_equal(all_ids(f).p, "a");
}

static void touch(struct fixture *f, const char *name)
{
    char path[PATH_MAX * 2];
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    assert_ok(file_replace(path, STR("x"), 0644, &f->err), f);
}

static void leftovers_are_swept_and_strangers_left_alone(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 32];
    publish(f, open_writer(f));
    snprintf(path, sizeof(path), "%s/tmp-2-0", f->dir);
    assert_int_equal(mkdir(path, 0755), 0);
    touch(f, "tmp-2-0/postlist.glass");
    touch(f, "dead-seg-1-0-2");
    touch(f, "MANIFEST.tmp-AbCdEf");
    touch(f, "MANIFEST.2");
    touch(f, "notes.txt");
    ix_writer_close(open_writer(f));
    assert_str(listing(f), "LOCK MANIFEST MANIFEST.1 notes.txt");
}

static void two_generations_are_kept(void **state)
{
    struct fixture *f = *state;
    for (char id[2] = "a"; id[0] <= 'd'; id[0]++) {
        struct ix_writer *w = open_writer(f);
        put(f, w, "same", id);
        publish(f, w);
    }
    assert_str(listing(f), "LOCK MANIFEST MANIFEST.3 MANIFEST.4 seg-3-0 seg-4-0");
}

/* Nothing is written twice: the manifest has two names. */
static void a_generations_manifest_is_one_file(void **state)
{
    struct fixture *f = *state;
    struct stat current, own;
    char path[PATH_MAX + 16];
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "x");
    publish(f, w);
    snprintf(path, sizeof(path), "%s/MANIFEST", f->dir);
    assert_int_equal(stat(path, &current), 0);
    snprintf(path, sizeof(path), "%s/MANIFEST.1", f->dir);
    assert_int_equal(stat(path, &own), 0);
    assert_true(current.st_ino == own.st_ino);
}

static void a_lost_manifest_is_not_written_over(void **state)
{
    struct fixture *f = *state;
    const struct ix_writer_opts opts = {0};
    struct ix_writer *w = open_writer(f);
    char from[PATH_MAX + 16], to[PATH_MAX + 16];
    put(f, w, "a", "x");
    publish(f, w);
    snprintf(from, sizeof(from), "%s/MANIFEST", f->dir);
    snprintf(to, sizeof(to), "%s/MANIFEST.1", f->dir);
    assert_int_equal(unlink(from), 0);
    assert_st(ix_writer_open(f->dir, &opts, &w, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "MANIFEST.1"));
    assert_int_equal(link(to, from), 0);
    assert_string_equal(all_ids(f).p, "a");
}

static void only_one_writer(void **state)
{
    struct fixture *f = *state;
    const struct ix_writer_opts opts = {0};
    struct ix_writer *w = open_writer(f), *other;
    assert_st(ix_writer_open(f->dir, &opts, &other, &f->err), ST_LOCKED, f);
    ix_writer_close(w);
    ix_writer_close(open_writer(f));
}

static void a_published_batch_is_over(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer(f);
    const struct ix_doc doc = {.id = STR("a")};
    uint64_t generation;
    bool was;
    assert_ok(ix_writer_publish(w, &generation, &f->err), f);
    assert_st(put_doc(f, w, &doc), ST_INTERNAL, f);
    assert_st(ix_writer_delete(w, STR("a"), &was, &f->err), ST_INTERNAL, f);
    assert_st(ix_writer_publish(w, &generation, &f->err), ST_INTERNAL, f);
    ix_writer_close(w);
}

/* ---- looking before publishing ---- */

static uint64_t documents_of(const struct ix_reader *r)
{
    struct ix_info info;
    ix_reader_info(r, &info);
    return info.documents;
}

static uint64_t documents_now(struct fixture *f)
{
    struct ix_reader *r = NULL;
    assert_ok(ix_reader_open(f->dir, &r, &f->err), f);
    uint64_t n = documents_of(r);
    ix_reader_close(r);
    return n;
}

/* A writer on an index of two documents. */
static struct ix_writer *two_documents(struct fixture *f)
{
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "one");
    put(f, w, "b", "two");
    publish(f, w);
    return open_writer(f);
}

static struct ix_reader *prepared(struct fixture *f, struct ix_writer *w)
{
    struct ix_reader *r = NULL;
    assert_ok(ix_writer_prepare(w, &r, &f->err), f);
    return r;
}

static void a_prepared_batch_can_be_looked_at_before_anybody_sees_it(void **state)
{
    struct fixture *f = *state;
    uint64_t generation;
    struct ix_writer *w = two_documents(f);
    put(f, w, "c", "three");
    put(f, w, "a", "changed");
    struct ix_reader *next = prepared(f, w);
    assert_int_equal(documents_of(next), 3);
    ix_reader_close(next);
    assert_int_equal(documents_now(f), 2);
    assert_st(ix_writer_prepare(w, &next, &f->err), ST_INTERNAL, f);
    assert_ok(ix_writer_publish(w, &generation, &f->err), f);
    assert_int_equal(generation, 2);
    ix_writer_close(w);
    assert_int_equal(documents_now(f), 3);
}

static void a_prepared_batch_can_be_abandoned(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = two_documents(f);
    put(f, w, "c", "three");
    put(f, w, "a", "changed");
    ix_reader_close(prepared(f, w));
    ix_writer_close(w);
    assert_string_equal(listing(f).p, "LOCK MANIFEST MANIFEST.1 seg-1-0");
    assert_int_equal(documents_now(f), 2);
}

static void a_batch_of_nothing_prepares_nothing(void **state)
{
    struct fixture *f = *state;
    uint64_t generation;
    struct ix_writer *w = two_documents(f);
    assert_null(prepared(f, w));
    assert_ok(ix_writer_publish(w, &generation, &f->err), f);
    assert_int_equal(generation, 1);
    ix_writer_close(w);
}

static void a_rejected_document_does_no_harm(void **state)
{
    struct fixture *f = *state;
    char long_term[300], nuls[130], long_id[IX_ID_MAX + 1];
    memset(long_term, 'x', sizeof(long_term));
    memset(nuls, 0, sizeof(nuls));
    memset(long_id, 'i', sizeof(long_id));
    struct ix_writer *w = open_writer(f);
    put(f, w, "a", "x");
    const struct ix_doc same = {.id = STR("a"), .body = STR("y")};
    const struct ix_doc no_id = {.body = STR("y")};
    const struct ix_doc big_id = {.id = str_from(long_id, sizeof(long_id))};
    const struct ix_doc no_date = {.id = STR("d"), .date = STR("2024-1-1")};
    const struct ix_term bad[] = {
        {str_from(long_term, IX_TERM_MAX + 1), 1},
        {str_from(nuls, sizeof(nuls)), 1}, /* a NUL takes two bytes in glass */
        {STR(""), 1},
        {STR("Qforged"), 1},
    };
    for (size_t i = 0; i < 4; i++)
        assert_st(ix_writer_put(w, &same, &bad[i], 1, &f->err), ST_REJECTED, f);
    const struct ix_term huge[] = {{STR("a"), UINT32_MAX}, {STR("b"), 1}};
    assert_st(ix_writer_put(w, &same, huge, 2, &f->err), ST_REJECTED, f);
    assert_st(put_doc(f, w, &no_id), ST_REJECTED, f);
    assert_st(put_doc(f, w, &big_id), ST_REJECTED, f);
    assert_st(put_doc(f, w, &no_date), ST_REJECTED, f);
    const struct ix_term largest = {str_from(long_term, IX_TERM_MAX), 1};
    const struct ix_doc b = {.id = STR("b")};
    assert_ok(ix_writer_put(w, &b, &largest, 1, &f->err), f);
    publish(f, w);
    assert_string_equal(all_ids(f).p, "a b");
    struct opened o = open_index(f);
    struct ix_node x = term("x"), y = term("y");
    assert_str(ids(f, o.view, &x), "a");
    assert_str(ids(f, o.view, &y), "");
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

/* Glass cannot read back every tag that it compressed itself; whatever the length, a document
 * comes back. Bodies of one repeated character are the worst there are. */
/* Which is the caller's mistake: it is found, and nothing is published. */
static void a_term_given_twice_ends_the_batch(void **state)
{
    enum { TIMES = 1000 };
    struct fixture *f = *state;
    const struct ix_doc doc = {.id = STR("1"), .title = STR("法"), .body = STR("法")};
    struct ix_term term[TIMES];
    uint64_t generation;
    for (size_t i = 0; i < TIMES; i++)
        term[i] = (struct ix_term){.bytes = STR("法"), .wdf = 1000};
    struct ix_writer *w = open_writer(f);
    assert_ok(ix_writer_put(w, &doc, term, TIMES, &f->err), f);
    assert_st(ix_writer_publish(w, &generation, &f->err), ST_INTERNAL, f);
    ix_writer_close(w);
    assert_st(ix_generation(f->dir, &generation, &f->err), ST_NO_INDEX, f);
}

static void bodies_of_every_length_come_back(void **state)
{
    struct fixture *f = *state;
    const size_t n = 3 << 20;
    char *body = malloc(n), id[32];
    assert_non_null(body);
    struct ix_writer *w = open_writer(f);
    size_t lengths[200], count = 0;
    for (size_t i = 8192 - 60; i < 8192 + 10; i++)
        lengths[count++] = i;
    for (size_t i = 16384 - 60; i < 16384 + 10; i++)
        lengths[count++] = i;
    lengths[count++] = 0;
    lengths[count++] = n;
    for (size_t i = 0; i < count; i++) {
        bool random = i % 3 == 0;
        for (size_t k = 0; k < lengths[i]; k++)
            body[k] = "abcdefghijklmnopqrstuvwxyz"[random ? rand() % 26 : 0];
        snprintf(id, sizeof(id), "%zu", lengths[i]);
        const struct ix_doc doc = {.id = str_of(id), .body = str_from(body, lengths[i])};
        assert_ok(ix_writer_put(w, &doc, NULL, 0, &f->err), f);
    }
    free(body);
    publish(f, w);
    assert_int_equal(findings(f), 0); /* reads every document */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_batch_makes_an_empty_index),
        TEST(what_was_put_is_there),
        TEST(a_batch_is_compared_with_what_is_there),
        TEST(every_field_counts_in_a_comparison),
        TEST(a_batch_that_ends_as_it_began_changes_nothing),
        TEST(the_same_id_replaces),
        TEST(the_last_of_a_batch_wins),
        TEST(deleting),
        TEST(tombstones_gather_over_generations),
        TEST(a_full_segment_is_followed_by_another),
        TEST(an_abandoned_batch_leaves_nothing),
        TEST(leftovers_are_swept_and_strangers_left_alone),
        TEST(two_generations_are_kept),
        TEST(a_generations_manifest_is_one_file),
        TEST(a_lost_manifest_is_not_written_over),
        TEST(only_one_writer),
        TEST(a_published_batch_is_over),
        TEST(a_prepared_batch_can_be_looked_at_before_anybody_sees_it),
        TEST(a_prepared_batch_can_be_abandoned),
        TEST(a_batch_of_nothing_prepares_nothing),
        TEST(a_rejected_document_does_no_harm),
        TEST(a_term_given_twice_ends_the_batch),
        TEST(bodies_of_every_length_come_back),
    };
    return RUN_TESTS(tests);
}
