/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Every call fails once: writes, fsyncs, renames, opens, mappings, allocations.
 *
 * Each scenario (a batch, a merge, a backup ...) is run on a fresh copy of an index with the first
 * call of a kind failing, then with the second, and so on until none is left. After each the
 * index passes its check and is as it was before, or, when the manifest had been renamed by then,
 * as it is afterwards; an error names the file; no descriptor is left open, nothing leaks; and the
 * next writer sweeps away whatever was left lying about.
 *
 * Where there are too many calls of a kind, some are drawn at random: GONGBAO_SEED repeats a run,
 * and GONGBAO_FAULTS tells how many, 0 for all. */

#include "harness.h"

#include "fault.h"
#include "index_fixture.h"

#include <ftw.h>

#define SAMPLE 60 /* calls of one kind in one scenario */

static struct dice dice;

/* ---- what is done ---- */

static enum st put_one(struct ix_writer *w, const char *id, const char *body, struct err *err)
{
    struct ix_term terms[64];
    const struct ix_doc doc = {
        .id = str_of(id), .body = str_of(body), .date = STR("2024-10-31"), .issuer = STR("丽水市")};
    return ix_writer_put(w, &doc, terms, split_terms(doc.body, terms), err);
}

static const struct ix_writer_opts plain = {.merge_ms = IX_NO_MERGE};

/* Add, replace, delete. */
static enum st change(struct fixture *f, const struct ix_writer_opts *opts)
{
    struct ix_writer *w = NULL;
    uint64_t generation;
    bool was;
    enum st st = ix_writer_open(f->dir, opts, &w, &f->err);
    for (int i = 0; st == ST_OK && i < 4; i++) {
        const char *const id[] = {"new", "1", "2", "also new"};
        st = put_one(w, id[i], "peach plum 市委 书记 强调", &f->err);
    }
    if (st == ST_OK)
        st = ix_writer_delete(w, STR("3"), &was, &f->err);
    if (st == ST_OK)
        st = ix_writer_delete(w, STR("5"), &was, &f->err);
    if (st == ST_OK)
        st = ix_writer_publish(w, &generation, &f->err);
    ix_writer_close(w);
    return st;
}

static enum st run_batch(struct fixture *f)
{
    return change(f, &plain);
}

static enum st run_batch_of_segments(struct fixture *f)
{
    const struct ix_writer_opts opts = {
        .merge_ms = IX_NO_MERGE, .segment_bytes = 30, .memory = 1, .jobs = 2};
    return change(f, &opts);
}

static enum st run_merge(struct fixture *f)
{
    const struct ix_writer_opts opts = {.optimize = true};
    return change(f, &opts);
}

static enum st run_rollback(struct fixture *f)
{
    uint64_t generation;
    return ix_rollback(f->dir, &generation, &f->err);
}

static const struct ix_copy_opts linked = {.force = true}, copied = {.copy = true};

static enum st run_backup(struct fixture *f)
{
    char to[PATH_MAX + 16];
    uint64_t generation;
    snprintf(to, sizeof(to), "%s.backup", f->dir);
    enum st st = ix_backup(f->dir, to, &linked, &generation, &f->err);
    snprintf(to, sizeof(to), "%s.copy", f->dir);
    return st == ST_OK ? ix_backup(f->dir, to, &copied, &generation, &f->err) : st;
}

static enum st run_restore(struct fixture *f)
{
    char from[PATH_MAX + 16];
    struct ix_restored done;
    snprintf(from, sizeof(from), "%s/former", f->folder);
    return ix_restore(from, f->dir, &linked, &done, &f->err);
}

static const struct scenario {
    const char *name;
    enum st (*run)(struct fixture *f);
    bool fresh;  /* there is no index before */
    bool copies; /* makes a copy of the index beside it and does not change it */
    bool swaps;  /* puts a copy in its place */
} scenarios[] = {
    {"first batch", run_batch, true, false, false},
    {"batch", run_batch, false, false, false},
    {"batch of several segments", run_batch_of_segments, false, false, false},
    {"merge", run_merge, false, false, false},
    {"rollback", run_rollback, false, false, false},
    {"backup", run_backup, false, true, false},
    {"restore", run_restore, false, false, true},
};

/* ---- the index before ---- */

static struct fixture at(const struct fixture *f, const char *name)
{
    struct fixture g = *f;
    snprintf(g.dir, sizeof(g.dir), "%s/%s", f->folder, name);
    return g;
}

static void fill(struct fixture *f, int from, int to, const char *body)
{
    struct ix_writer *w = NULL;
    uint64_t generation;
    assert_ok(ix_writer_open(f->dir, &plain, &w, &f->err), f);
    for (int i = from; i < to; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%d", i);
        assert_ok(put_one(w, id, body, &f->err), f);
    }
    assert_ok(ix_writer_publish(w, &generation, &f->err), f);
    ix_writer_close(w);
}

/* Four segments, one with tombstones; and in "former" its state before the last batch. */
static void make_template(const struct fixture *f)
{
    struct fixture t = at(f, "template"), former = at(f, "former");
    uint64_t generation;
    fill(&t, 0, 4, "apple pear 丽水");
    fill(&t, 4, 6, "apple cherry 高质量发展");
    fill(&t, 6, 7, "pear 市委 书记");
    assert_ok(ix_backup(t.dir, former.dir, &linked, &generation, &t.err), &t);
    fill(&t, 0, 1, "plum 改");
}

static const struct fixture *clone_to;
static size_t clone_from;

static int clone_entry(const char *path, const struct stat *sb, int kind, struct FTW *where)
{
    char to[2 * PATH_MAX];
    (void)sb;
    (void)where;
    snprintf(to, sizeof(to), "%s%s", clone_to->dir, path + clone_from);
    return kind == FTW_D ? mkdir(to, 0755) : link(path, to);
}

/* The template again, as the index of f: its files never change, so links do. */
static void clone_template(struct fixture *f)
{
    struct fixture t = at(f, "template");
    clone_to = f;
    clone_from = strlen(t.dir);
    assert_int_equal(nftw(t.dir, clone_entry, 8, FTW_PHYS), 0);
}

static void remove_all(const struct fixture *f)
{
    static const char *const end[] = {"",     ".partial", ".backup",      ".backup.partial",
                                      ".old", ".copy",    ".copy.partial"};
    char path[PATH_MAX + 32];
    for (size_t i = 0; i < sizeof(end) / sizeof(*end); i++) {
        snprintf(path, sizeof(path), "%s%s", f->dir, end[i]);
        assert_int_equal(file_remove_tree(path, NULL), ST_OK);
    }
}

static void prepare(struct fixture *f, const struct scenario *s)
{
    remove_all(f);
    if (!s->fresh)
        clone_template(f);
}

/* ---- the index after ---- */

/* All documents, and the generation; "none" when there is no index. Lives in the arena. */
static const char *state_of(struct fixture *f)
{
    uint64_t generation = 0;
    if (ix_generation(f->dir, &generation, NULL) == ST_NO_INDEX)
        return arena_fmt(&f->arena, "none");
    struct buf b;
    buf_init(&b, 1 << 20);
    struct opened o = open_index(f);
    for (int i = -2; i < 8; i++) {
        char id[16];
        uint64_t doc;
        struct ix_doc d;
        snprintf(id, sizeof(id), "%d", i);
        const char *name = i == -2 ? "new" : i == -1 ? "also new" : id;
        if (ix_find(o.view, str_of(name), &doc, NULL) != ST_OK)
            continue;
        assert_ok(ix_document(o.view, doc, &f->arena, &d, &f->err), f);
        buf_addf(&b, "%s=" STR_FMT "; ", name, STR_ARG(d.body));
    }
    buf_addf(&b, "%ju documents, generation %ju", (uintmax_t)o.info.documents,
             (uintmax_t)generation);
    close_index(&o);
    const char *text = arena_fmt(&f->arena, STR_FMT, STR_ARG(buf_str(&b)));
    buf_fini(&b);
    return text;
}

static struct buf listing;
static size_t listing_from;

static int list_entry(const char *path, const struct stat *sb, int kind, struct FTW *where)
{
    (void)sb;
    (void)kind;
    (void)where;
    buf_addf(&listing, "%s\n", path + listing_from);
    return 0;
}

static int line_order(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The names in the folder, sorted, once a writer has swept it. Lives in the arena. */
static const char *swept_names(struct fixture *f)
{
    struct ix_writer *w = NULL;
    struct str line[256];
    size_t n = 0;
    assert_ok(ix_writer_open(f->dir, &plain, &w, &f->err), f);
    ix_writer_close(w);
    buf_init(&listing, 1 << 20);
    listing_from = strlen(f->dir);
    assert_int_equal(nftw(f->dir, list_entry, 8, FTW_PHYS), 0);
    for (struct str rest = buf_str(&listing); rest.n && n < 256; n++)
        line[n] = str_cut(&rest, '\n');
    qsort(line, n, sizeof(*line), line_order);
    char *out = arena_alloc(&f->arena, listing.n + 1), *to = out;
    for (size_t i = 0; i < n; i++, *to++ = '\n')
        to = (char *)memcpy(to, line[i].p, line[i].n) + line[i].n;
    *to = '\0';
    buf_fini(&listing);
    return out;
}

/* ---- one scenario ---- */

struct reference {
    const char *before, *after;             /* states */
    const char *names_before, *names_after; /* in the folder, swept */
};

static struct reference learn(struct fixture *f, const struct scenario *s)
{
    struct reference r;
    prepare(f, s);
    r.before = state_of(f);
    r.names_before = swept_names(f);
    prepare(f, s);
    assert_ok(s->run(f), f);
    r.after = state_of(f);
    r.names_after = swept_names(f);
    return r;
}

/* How many calls of a kind a run takes. */
static unsigned count_calls(struct fixture *f, const struct scenario *s, enum fault kind)
{
    prepare(f, s);
    fault_arm(kind, UINT32_MAX);
    enum st st = s->run(f);
    fault_disarm();
    assert_ok(st, f);
    return fault.calls;
}

/* A copy beside the index is whole or absent; the next try makes it and leaves nothing else. */
static void check_copies(struct fixture *f, const struct reference *r, const char *what)
{
    static const char *const end[] = {".backup", ".copy"};
    for (size_t i = 0; i < 2; i++) {
        struct fixture copy = *f;
        struct stat sb;
        uint64_t generation;
        snprintf(copy.dir, sizeof(copy.dir), "%s%s", f->dir, end[i]);
        if (stat(copy.dir, &sb) != 0 &&
            ix_backup(f->dir, copy.dir, &linked, &generation, &f->err) != ST_OK)
            fail_msg("%s: the next backup fails: %s", what, f->err.text);
        if (findings(&copy) != 0)
            fail_msg("%s: %s", what, copy.err.text);
        const char *state = state_of(&copy);
        f->arena = copy.arena;
        assert_string_equal(state, r->before);
        char partial[PATH_MAX + 16];
        snprintf(partial, sizeof(partial), "%s.partial", copy.dir);
        assert_int_equal(stat(partial, &sb), -1);
    }
}

/* The error of a call that failed: of memory, or one that names a file. What the disk cannot read
 * is damaged. */
static void check_error(const struct fixture *f, enum st st, const char *what)
{
    bool memory = fault.kind == FAULT_ALLOC || fault.kind == FAULT_MAP;
    bool unreadable = st == ST_DAMAGED && strstr(f->err.text, strerror(EIO));
    if (memory ? st != ST_NO_MEMORY : st != ST_IO && !unreadable)
        fail_msg("%s: status %d, %s", what, (int)st, f->err.text);
    if (!memory && !strstr(f->err.text, f->folder))
        fail_msg("%s: no file is named: %s", what, f->err.text);
}

/* Look at what a run with a failing call has left. */
static void inspect(struct fixture *f, const struct scenario *s, const struct reference *r,
                    enum st st, const char *what)
{
    uint64_t generation;
    if (st != ST_OK)
        check_error(f, st, what);
    if (ix_generation(f->dir, &generation, NULL) == ST_OK && findings(f) != 0)
        fail_msg("%s: %s", what, f->err.text);
    const char *is = state_of(f);
    bool after = strcmp(is, r->after) == 0;
    if (!after && strcmp(is, r->before) != 0)
        fail_msg("%s: half done: %s", what, is);
    if (st == ST_OK && !after)
        fail_msg("%s: said to be done: %s", what, is);
    if (st != ST_OK && after && !s->copies && !s->swaps && !fault.published)
        fail_msg("%s: done, and said to have failed", what);
    if (s->copies)
        check_copies(f, r, what);
    const char *names = swept_names(f);
    if (strcmp(names, after ? r->names_after : r->names_before) != 0)
        fail_msg("%s: left behind, with %s:\n%s", what, is, names);
}

static void fail_once(struct fixture *f, const struct scenario *s, const struct reference *r,
                      enum fault kind, unsigned which)
{
    char what[100];
    struct arena mark = f->arena;
    snprintf(what, sizeof(what), "%s, %s %u", s->name, fault_name[kind], which);
    prepare(f, s);
    f->err = (struct err)ERR_INIT;
    size_t descriptors = harness_open();
    fault_arm(kind, which);
    enum st st = s->run(f);
    bool hit = fault_disarm();
    if (!hit && st != ST_OK)
        fail_msg("%s: %s", what, f->err.text);
    if (kind == FAULT_SHORT && st != ST_OK)
        fail_msg("%s: a short write is no failure: %s", what, f->err.text);
    if (harness_open() != descriptors)
        fail_msg("%s: a descriptor is left open", what);
    arena_init(&f->arena, (size_t)1 << 26);
    inspect(f, s, r, st, what);
    arena_fini(&f->arena);
    f->arena = mark;
}

static void fail_each(struct fixture *f, const struct scenario *s, const struct reference *r,
                      enum fault kind)
{
    unsigned calls = count_calls(f, s, kind);
    for (unsigned n = 1; n <= calls; n++)
        if (fault_is_drawn(&dice, calls, SAMPLE))
            fail_once(f, s, r, kind, n);
    printf("%s: %u of %s\n", s->name, calls, fault_name[kind]);
}

static void run_scenario(struct fixture *f, const char *name)
{
    const struct scenario *s = scenarios;
    dice = dice_seeded();
    while (strcmp(s->name, name) != 0)
        s++;
    make_template(f);
    struct reference r = learn(f, s);
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        fail_each(f, s, &r, (enum fault)kind);
}

static void a_first_batch(void **state)
{
    run_scenario(*state, "first batch");
}

static void a_batch(void **state)
{
    run_scenario(*state, "batch");
}

static void a_batch_of_several_segments(void **state)
{
    run_scenario(*state, "batch of several segments");
}

static void a_merge(void **state)
{
    run_scenario(*state, "merge");
}

static void a_rollback(void **state)
{
    run_scenario(*state, "rollback");
}

static void a_backup(void **state)
{
    run_scenario(*state, "backup");
}

static void a_restore(void **state)
{
    run_scenario(*state, "restore");
}

/* Nothing of an index is mapped, but a lexicon is. */
static void a_file_that_cannot_be_mapped(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 16];
    struct file_map map;
    snprintf(path, sizeof(path), "%s/some.lex", f->folder);
    assert_ok(file_replace(path, STR("bytes"), 0644, &f->err), f);
    size_t descriptors = harness_open();
    fault_arm(FAULT_MAP, 1);
    enum st st = file_map(path, &map, &f->err);
    assert_true(fault_disarm());
    assert_int_equal(st, ST_NO_MEMORY);
    assert_non_null(strstr(f->err.text, path));
    assert_int_equal(harness_open(), descriptors);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_first_batch),
        TEST(a_batch),
        TEST(a_batch_of_several_segments),
        TEST(a_merge),
        TEST(a_rollback),
        TEST(a_backup),
        TEST(a_restore),
        TEST(a_file_that_cannot_be_mapped),
    };
    return RUN_TESTS(tests);
}
