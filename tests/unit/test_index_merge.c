/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Many small batches: their segments are merged as they come, so that an index can be written for
 * ever, and merging changes nothing that a reader sees. */

#include "harness.h"
#include "index_fixture.h"
#include "random_text.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCHES 600
#define IDS     400 /* later batches replace what the first ones put */

static const char *id_of(unsigned i)
{
    static char id[16];
    snprintf(id, sizeof(id), "d%u", i % IDS);
    return id;
}

/* One batch of one document; every tenth deletes one as well. */
static void run_batch(struct fixture *f, unsigned i)
{
    char body[32];
    struct ix_writer *w = open_writer(f);
    snprintf(body, sizeof(body), "all t%u", i);
    put(f, w, id_of(i), body);
    if (i % 10 == 9)
        assert_true(drop(f, w, id_of(i - 5)));
    assert_int_equal(publish(f, w), i + 1);
}

/* The number of the batch whose document of this id is live after n batches; n when none is. */
static unsigned live_batch(unsigned id, unsigned n)
{
    unsigned put_by = n, deleted_by = 0;
    for (unsigned i = id; i < n; i += IDS)
        put_by = i;
    for (unsigned i = (id + 5) % IDS; i < n; i += IDS)
        if (i % 10 == 9)
            deleted_by = i;
    return put_by == n || deleted_by > put_by ? n : put_by;
}

static void assert_as_put(struct fixture *f, const struct opened *o, unsigned n)
{
    uint64_t number, documents = 0;
    for (unsigned id = 0; id < IDS; id++) {
        char body[32];
        struct ix_doc doc;
        unsigned batch = live_batch(id, n);
        enum st st = ix_find(o->view, str_of(id_of(id)), &number, &f->err);
        assert_st(st, batch == n ? ST_NOT_FOUND : ST_OK, f);
        if (batch == n)
            continue;
        documents++;
        snprintf(body, sizeof(body), "all t%u", batch);
        assert_ok(ix_document(o->view, number, &f->arena, &doc, &f->err), f);
        assert_string_equal(arena_str(&f->arena, doc.body).p, body);
        const struct ix_node own = term(body + 4);
        assert_string_equal(arena_str(&f->arena, ids(f, o->view, &own)).p, id_of(id));
    }
    assert_int_equal(o->info.documents, documents);
    const struct ix_node all = term("all");
    const struct ix_search q = query(&all);
    assert_int_equal(search(f, o->view, &q).total, documents);
}

/* How many segments the manifest names; quicker than opening them. */
static unsigned count_segments(struct fixture *f)
{
    char path[PATH_MAX + 16];
    unsigned n = 0;
    struct buf b;
    buf_init(&b, 1 << 20);
    snprintf(path, sizeof(path), "%s/MANIFEST", f->dir);
    assert_ok(file_read(path, &b, &f->err), f);
    for (struct str text = buf_str(&b); text.n;) {
        struct str line = str_cut(&text, '\n');
        n += str_eq(str_cut(&line, ' '), STR("segment"));
    }
    buf_fini(&b);
    return n;
}

static void six_hundred_batches(void **state)
{
    struct fixture *f = *state;
    unsigned most = 0;
    for (unsigned i = 0; i < BATCHES; i++) {
        run_batch(f, i);
        unsigned n = count_segments(f);
        most = n > most ? n : most;
        if (i % 200 != 72 && i != BATCHES - 1)
            continue;
        struct opened o = open_index(f);
        assert_as_put(f, &o, i + 1);
        assert_int_equal(findings(f), 0);
        close_index(&o);
    }
    assert_in_range(most, 8, 39);
}

/* ---- totals ---- */

enum { MODELLED = 60, WORDS = 6, LIVES = 1 << WORDS };

/* The words that each document has, a bit each, and LIVES; 0: it is not there. */
struct model {
    unsigned document[MODELLED];
};

static const char *const word[WORDS] = {"强调", "会议", "防汛", "水库", "通知", "x"};

static void put_modelled(struct fixture *f, struct ix_writer *w, unsigned id, unsigned words)
{
    struct buf body;
    buf_init(&body, 1 << 10);
    buf_addz(&body, "all");
    for (unsigned i = 0; i < WORDS; i++)
        if (words >> i & 1)
            buf_addf(&body, " %s", word[i]);
    buf_addc(&body, '\0');
    put(f, w, id_of(id), body.p);
    buf_fini(&body);
}

/* A batch that puts, replaces and deletes; now and then one that leaves one segment as well. */
static void run_modelled(struct fixture *f, struct dice *d, struct model *m)
{
    const struct ix_writer_opts opts = {.segment_bytes = dice_once_in(d, 3) ? 200 : 0,
                                        .optimize = dice_once_in(d, 8)};
    struct ix_writer *w;
    assert_ok(ix_writer_open(f->dir, &opts, &w, &f->err), f);
    for (size_t n = dice_below(d, 20); n > 0; n--) {
        unsigned id = (unsigned)dice_below(d, MODELLED), words = (unsigned)dice_below(d, LIVES);
        if (dice_once_in(d, 3)) {
            assert_int_equal(drop(f, w, id_of(id)), m->document[id] != 0);
            m->document[id] = 0;
        } else {
            put_modelled(f, w, id, words);
            m->document[id] = words | LIVES;
        }
    }
    publish(f, w);
}

static void assert_total(struct fixture *f, const struct opened *o, const struct ix_node *node,
                         uint64_t wanted)
{
    const struct ix_search q = query(node);
    struct ix_result r = search(f, o->view, &q);
    assert_true(r.exact);
    assert_int_equal(r.total, wanted);
    assert_int_equal(r.n, wanted);
}

/* Of two words: how many documents have the first, both, and the first alone. */
static void assert_pair(struct fixture *f, const struct opened *o, const struct model *m,
                        unsigned first, unsigned second)
{
    uint64_t one = 0, both = 0;
    for (unsigned i = 0; i < MODELLED; i++) {
        one += m->document[i] >> first & 1;
        both += m->document[i] >> first & m->document[i] >> second & 1;
    }
    struct ix_node a = term(word[first]), b = term(word[second]), *kid[] = {&a, &b};
    struct ix_node and = {.op = IX_AND, .kid = kid, .nkid = 2};
    struct ix_node without = {.op = IX_AND_NOT, .kid = kid, .nkid = 2};
    assert_total(f, o, &a, one);
    assert_total(f, o, &and, both);
    assert_total(f, o, &without, one - both);
}

static void totals_are_those_of_the_living(void **state)
{
    struct fixture *f = *state;
    struct dice d = dice_seeded();
    struct model m = {{0}};
    for (int batch = 0; batch < 60; batch++) {
        uint64_t live = 0;
        run_modelled(f, &d, &m);
        for (unsigned i = 0; i < MODELLED; i++)
            live += m.document[i] != 0;
        struct opened o = open_index(f);
        const struct ix_node every = {.op = IX_ALL}, all = term("all");
        assert_int_equal(o.info.documents, live);
        assert_int_equal(ix_view_documents(o.view), live);
        assert_total(f, &o, &every, live);
        assert_total(f, &o, &all, live);
        for (unsigned i = 0; i < WORDS; i++)
            for (unsigned k = 0; k < WORDS; k++)
                if (i != k)
                    assert_pair(f, &o, &m, i, k);
        close_index(&o);
    }
    assert_int_equal(findings(f), 0);
}

/* ---- when ---- */

/* Batches of one document each, "a", "b" and so on, under the given lexicon stamp. */
static void put_singly(struct fixture *f, const char *each, uint64_t lexicon)
{
    for (; *each; each++) {
        const struct ix_writer_opts opts = {.lexicon = lexicon};
        const char id[] = {*each, '\0'};
        struct ix_writer *w;
        assert_ok(ix_writer_open(f->dir, &opts, &w, &f->err), f);
        put(f, w, id, id);
        publish(f, w);
    }
}

static void the_eighth_of_a_size_merges_them(void **state)
{
    struct fixture *f = *state;
    struct ix_segment_info s;
    put_singly(f, "abcdefg", 7);
    struct opened before = open_index(f);
    assert_int_equal(before.info.segments, 7);
    struct ix_writer *w = open_writer(f); /* lexicon 7, but another fold */
    put(f, w, "h", "h");
    assert_true(drop(f, w, "b"));
    assert_true(drop(f, w, "d"));
    put(f, w, "e", "new");
    publish(f, w);
    put_singly(f, "ijk", 7);
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 8 - 3 + 3); /* b, d, e are left without a live document */
    close_index(&o);
    put_singly(f, "l", 7);
    o = open_index(f);
    assert_int_equal(o.info.segments, 2);
    ix_reader_segment(o.reader, 0, &s);
    assert_int_equal(s.fold, 3);
    ix_reader_segment(o.reader, 1, &s);
    assert_str(s.name, "seg-12-1");
    assert_int_equal(s.documents, 8);
    assert_int_equal(s.body_bytes, 8);
    assert_int_equal(s.tombstones, 0);
    assert_int_equal(s.lexicon, 7);
    assert_int_equal(s.fold, 0);
    assert_str(sorted(f, all_ids(f)), "a c e f g h i j k l");
    assert_int_equal(findings(f), 0);
    /* Whoever had the old segments open goes on with them. */
    const struct ix_node d = term("d");
    assert_str(ids(f, before.view, &d), "d");
    close_index(&before);
    close_index(&o);
}

/* A lexicon that changes every day must not leave a segment a day. */
static void segments_of_several_lexicons_merge(void **state)
{
    struct fixture *f = *state;
    struct ix_segment_info s;
    put_singly(f, "abcd", 1);
    put_singly(f, "efg", 2);
    put_singly(f, "h", 3);
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 1);
    ix_reader_segment(o.reader, 0, &s);
    assert_int_equal(s.lexicon, 0);
    close_index(&o);
    assert_str(sorted(f, all_ids(f)), "a b c d e f g h");
}

/* One batch of many segments, with a document that is replaced before the batch is over. */
static void segments_of_one_batch_merge(void **state)
{
    struct fixture *f = *state;
    struct ix_writer *w = open_writer_sized(f, 1);
    struct ix_segment_info s;
    for (char id[2] = "a"; id[0] <= 'z'; id[0]++)
        put(f, w, id, "x y");
    put(f, w, "c", "x z");
    put(f, w, "c", "z");
    assert_true(drop(f, w, "z"));
    publish(f, w);
    struct opened o = open_index(f);
    const struct ix_node x = term("x"), z = term("z");
    assert_int_equal(o.info.segments, 1);
    assert_int_equal(o.info.documents, 25);
    ix_reader_segment(o.reader, 0, &s);
    assert_int_equal(s.documents,
                     25); /* those that died within the batch went with their segments */
    assert_str(ids(f, o.view, &z), "c");
    const struct ix_search q = query(&x);
    assert_int_equal(search(f, o.view, &q).total, 24);
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

/* One merge takes 64 segments at most, for all of them are open at once. */
static void several_merges_in_one_batch(void **state)
{
    struct fixture *f = *state;
    char id[16];
    uint64_t number;
    struct ix_writer *w = open_writer_sized(f, 1);
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof(id), "d%d", i);
        put(f, w, id, "x");
    }
    publish(f, w);
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 4); /* 64 + 64 + 64 + 8 */
    assert_int_equal(o.info.documents, 200);
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof(id), "d%d", i);
        assert_ok(ix_find(o.view, str_of(id), &number, &f->err), f);
    }
    close_index(&o);
    assert_int_equal(findings(f), 0);
}

/* Dead documents of the inputs are left behind. */
static void the_dead_stay_behind(void **state)
{
    struct fixture *f = *state;
    struct ix_segment_info s;
    for (char c = 'a'; c <= 'h'; c++) {
        const char first[] = {c, '1', '\0'}, second[] = {c, '2', '\0'};
        struct ix_writer *w = open_writer(f);
        put(f, w, first, "x");
        put(f, w, second, "x");
        if (c == 'h')
            assert_true(drop(f, w, "g2"));
        publish(f, w);
        w = open_writer(f);
        if (c == 'b')
            assert_true(drop(f, w, "a1"));
        if (c == 'c')
            assert_true(drop(f, w, "c2"));
        publish(f, w);
    }
    struct opened o = open_index(f);
    assert_int_equal(o.info.segments, 1);
    ix_reader_segment(o.reader, 0, &s);
    assert_int_equal(s.documents, 13);
    assert_int_equal(s.tombstones, 0);
    close_index(&o);
    assert_str(sorted(f, all_ids(f)), "a2 b1 b2 c1 d1 d2 e1 e2 f1 f2 g1 h1 h2");
    assert_int_equal(findings(f), 0);
}

/* The generation before a merge is still there as a whole. */
static void one_can_go_back_over_a_merge(void **state)
{
    struct fixture *f = *state;
    char command[2 * PATH_MAX + 64];
    put_singly(f, "abcdefgh", 7);
    snprintf(command, sizeof(command), "cp '%s/MANIFEST.7' '%s/MANIFEST'", f->dir, f->dir);
    assert_int_equal(system(command), 0);
    assert_str(sorted(f, all_ids(f)), "a b c d e f g");
    assert_int_equal(findings(f), 0);
}

static void publish_large(struct fixture *f, unsigned i)
{
    struct ix_writer *w = open_writer(f);
    put_large(f, w, i);
    publish(f, w);
}

/* The same by a process that may not write large files. */
static void publish_large_without_room(struct fixture *f, unsigned i)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit small = {.rlim_cur = 150000, .rlim_max = 150000};
        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &small) != 0)
            _exit(1);
        publish_large(f, i);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Where there is no room for a merged segment, the batch is published all the same. */
static void a_merge_that_fails_is_left_out(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 7; i++)
        publish_large(f, i);
    publish_large_without_room(f, 7);
    assert_int_equal(count_segments(f), 8);
    assert_str(sorted(f, all_ids(f)), "d0 d1 d2 d3 d4 d5 d6 d7");
    assert_int_equal(findings(f), 0);
    publish_large(f, 8);
    assert_int_equal(count_segments(f), 1);
    assert_str(sorted(f, all_ids(f)), "d0 d1 d2 d3 d4 d5 d6 d7 d8");
    assert_int_equal(findings(f), 0);
}

/* Write batches for ever, telling each that was published through a pipe. */
static void write_until_killed(struct fixture *f, unsigned next, int tell)
{
    for (;; next++) {
        char id[16];
        uint64_t generation;
        snprintf(id, sizeof(id), "k%u", next);
        const struct ix_doc doc = {.id = str_of(id), .body = STR("all")};
        const struct ix_writer_opts opts = {0};
        struct ix_writer *w;
        if (ix_writer_open(f->dir, &opts, &w, &f->err) != ST_OK || put_doc(f, w, &doc) != ST_OK ||
            ix_writer_publish(w, &generation, &f->err) != ST_OK || write(tell, "x", 1) != 1)
            _exit(1);
        ix_writer_close(w);
    }
}

/* Documents of k0, k1 and so on; none is missing in between. */
static unsigned count_documents(struct fixture *f)
{
    char id[16];
    uint64_t number;
    struct opened o = open_index(f);
    for (unsigned i = 0; i < o.info.documents; i++) {
        snprintf(id, sizeof(id), "k%u", i);
        assert_ok(ix_find(o.view, str_of(id), &number, &f->err), f);
    }
    unsigned n = (unsigned)o.info.documents;
    close_index(&o);
    return n;
}

/* A writer that is killed while it merges, or at any other moment, leaves one state or the next. */
static void killed_at_any_moment(void **state)
{
    struct fixture *f = *state;
    unsigned seed = 1;
    unsigned before = 0;
    publish(f, open_writer(f));
    while (before <= 64) { /* so that merged segments are merged */
        int told[2], status;
        assert_int_equal(pipe(told), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(f, before, told[1]);
        usleep((useconds_t)(1000 + rand_r(&seed) % 100000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        close(told[1]);
        char x[4096];
        ssize_t published = read(told[0], x, sizeof(x));
        close(told[0]);
        assert_int_equal(findings(f), 0);
        unsigned after = count_documents(f);
        assert_in_range(after, before + (unsigned)published, before + (unsigned)published + 1);
        before = after;
    }
    assert_in_range(count_segments(f), 1, 39);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(six_hundred_batches),
        TEST(totals_are_those_of_the_living),
        TEST(the_eighth_of_a_size_merges_them),
        TEST(segments_of_several_lexicons_merge),
        TEST(segments_of_one_batch_merge),
        TEST(several_merges_in_one_batch),
        TEST(the_dead_stay_behind),
        TEST(one_can_go_back_over_a_merge),
        TEST(a_merge_that_fails_is_left_out),
        TEST(killed_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
