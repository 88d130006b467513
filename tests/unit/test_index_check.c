/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The check of an index: whatever file of its folder is damaged is found and named, and so is what
 * is whole but does not agree. The damage is random; GONGBAO_SEED repeats a run. */

#include "../../index/manifest.h"
#include "../../index/sums.h"
#include "dice.h"
#include "harness.h"
#include "index_fixture.h"
#include <ftw.h>
#include <sys/stat.h>

#define TIMES 12 /* each file is damaged */

static struct dice dice;

static void put_dated(struct fixture *f, struct ix_writer *w, const char *id, const char *body,
                      const char *date)
{
    const struct ix_doc doc = {.id = str_of(id), .body = str_of(body), .date = str_of(date)};
    assert_ok(put_doc(f, w, &doc), f);
}

/* ---- damage ---- */

/* Two kept generations: of segments that both have, of one that only the former has, and with
 * tombstones of both. */
static void make_index(struct fixture *f)
{
    char id[16], body[400];
    struct ix_writer *w = open_writer(f);
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof(id), "%d", i);
        snprintf(body, sizeof(body), "apple w%d x%d 丽水 市委 书记 强调 高质量发展", i, i * 7);
        put_dated(f, w, id, body, "2024-10-31");
    }
    publish(f, w);
    w = open_writer(f);
    put(f, w, "new", "pear");
    drop(f, w, "7");
    publish(f, w);
    w = open_writer(f);
    put(f, w, "new", "plum");
    drop(f, w, "8");
    publish(f, w);
}

struct told {
    const char *name;
    bool named;
};

static void hear(void *ctx, const char *line)
{
    struct told *t = ctx;
    t->named = t->named || strstr(line, t->name);
}

static void expect_found(struct fixture *f, const char *name, const char *how, size_t at)
{
    struct told t = {.name = name};
    enum st st = ix_check(f->dir, hear, &t, &f->err);
    if (st != ST_DAMAGED || !t.named)
        fail_msg("%s, %s %zu: status %d, %s", name, how, at, (int)st, f->err.text);
}

static void damage_file(struct fixture *f, const char *path)
{
    const char *name = path + strlen(f->dir) + 1;
    struct buf b;
    buf_init(&b, 1 << 26);
    assert_ok(file_read(path, &b, &f->err), f);
    for (int k = 0; k < TIMES && b.n > 0; k++) {
        size_t at = dice_below(&dice, b.n);
        char bit = (char)(1 << dice_below(&dice, 8));
        b.p[at] ^= bit;
        assert_ok(file_replace(path, buf_str(&b), 0644, &f->err), f);
        expect_found(f, name, "a bit flipped at", at);
        b.p[at] ^= bit;
        at = dice_below(&dice, b.n);
        assert_ok(file_replace(path, str_from(b.p, at), 0644, &f->err), f);
        expect_found(f, name, "cut to", at);
    }
    assert_ok(file_replace(path, buf_str(&b), 0644, &f->err), f);
    buf_fini(&b);
}

static char found_path[64][PATH_MAX];
static size_t nfound;

static int note_file(const char *path, const struct stat *sb, int kind, struct FTW *where)
{
    (void)where;
    if (kind == FTW_F && sb->st_size > 0) {
        assert_true(nfound < 64);
        snprintf(found_path[nfound++], PATH_MAX, "%s", path);
    }
    return 0;
}

static void every_damaged_file_is_named(void **state)
{
    struct fixture *f = *state;
    dice = dice_seeded();
    make_index(f);
    assert_int_equal(findings(f), 0);
    nfound = 0;
    assert_int_equal(nftw(f->dir, note_file, 8, FTW_PHYS), 0);
    assert_true(nfound >= 15); /* three manifests, three segments, two files of tombstones */
    for (size_t i = 0; i < nfound; i++)
        damage_file(f, found_path[i]);
    assert_int_equal(findings(f), 0);
}

/* A generation that could not come back is no comfort. */
static void files_of_the_generation_before_are_missed(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX + 64];
    make_index(f);
    snprintf(path, sizeof(path), "%s/seg-2-0/docdata.glass", f->dir);
    assert_int_equal(unlink(path), 0);
    expect_found(f, "seg-2-0/docdata.glass", "removed", 0);
}

/* ---- what is whole but does not agree ---- */

/* An index of one document. */
static struct fixture make_single(const struct fixture *f, const char *name, const char *id,
                                  const char *body, const char *date)
{
    struct fixture g = *f;
    snprintf(g.dir, sizeof(g.dir), "%s/%s", f->folder, name);
    struct ix_writer *w = open_writer(&g);
    put_dated(&g, w, id, body, date);
    publish(&g, w);
    return g;
}

/* Put the checksums right, all the way up to the manifest. */
static void seal(struct fixture *f, struct manifest *m)
{
    char path[PATH_MAX + 64];
    for (size_t i = 0; i < m->n; i++) {
        struct manifest_segment *s = &m->segment[i];
        snprintf(path, sizeof(path), "%s/%s/" SUMS_NAME, f->dir, s->name);
        assert_int_equal(unlink(path), 0);
        snprintf(path, sizeof(path), "%s/%s", f->dir, s->name);
        assert_ok(sums_write(path, &s->disk, &s->sums, &f->err), f);
    }
    assert_ok(manifest_publish(f->dir, m, &f->err), f);
    snprintf(path, sizeof(path), "%s/MANIFEST.1", f->dir);
    assert_int_equal(unlink(path), 0);
}

/* An index whose postings are of one document and whose stored text is of another. */
static struct fixture make_mixed(struct fixture *f, const char *name, const char *id,
                                 const char *body, const char *date)
{
    struct fixture one = make_single(f, name, "a", "apple", "2024-10-31");
    char other[80], from[PATH_MAX + 64], to[PATH_MAX + 64];
    struct manifest m;
    snprintf(other, sizeof(other), "%s-text", name);
    struct fixture two = make_single(f, other, id, body, date);
    snprintf(from, sizeof(from), "%s/seg-1-0/docdata.glass", two.dir);
    snprintf(to, sizeof(to), "%s/seg-1-0/docdata.glass", one.dir);
    assert_int_equal(rename(from, to), 0);
    manifest_init(&m);
    assert_ok(manifest_load(one.dir, MANIFEST_NAME, &m, &f->err), f);
    seal(&one, &m);
    manifest_fini(&m);
    return one;
}

static void stored_text_and_terms_disagree(void **state)
{
    struct fixture *f = *state;
    struct fixture id = make_mixed(f, "id", "b", "apple", "2024-10-31");
    struct fixture date = make_mixed(f, "date", "a", "apple", "2024-10-30");
    struct fixture body = make_mixed(f, "body", "a", "apples", "2024-10-31");
    struct fixture same = make_mixed(f, "same", "a", "apple", "2024-10-31");
    assert_int_equal(findings(&same), 0);
    expect_found(&id, "seg-1-0: document 1: its id has no term", "", 0);
    expect_found(&id, "seg-1-0: document 1: its terms of id, date, issuer", "", 0);
    expect_found(&date, "seg-1-0: document 1: its date value is not the stored date", "", 0);
    expect_found(&body, "seg-1-0: 1 live documents with 6 bytes of body; the manifest says", "", 0);
}

static void the_manifest_counts_otherwise(void **state)
{
    struct fixture *f = *state;
    struct manifest m;
    struct fixture g = make_single(f, "counts", "a", "apple", "");
    manifest_init(&m);
    assert_ok(manifest_load(g.dir, MANIFEST_NAME, &m, &f->err), f);
    m.segment[0].body++;
    seal(&g, &m);
    expect_found(&g, "the manifest says 1 with 6", "", 0);
    m.segment[0].body--;
    m.segment[0].documents++;
    assert_ok(manifest_publish(g.dir, &m, &f->err), f);
    expect_found(&g, "it has 1 documents, the manifest says 2", "", 0);
    manifest_fini(&m);
}

/* The copy under the generation's name is the way back when the manifest is lost. */
static void a_copy_that_is_another(void **state)
{
    struct fixture *f = *state;
    struct manifest m;
    struct fixture g = make_single(f, "copy", "a", "apple", "");
    manifest_init(&m);
    assert_ok(manifest_load(g.dir, MANIFEST_NAME, &m, &f->err), f);
    m.published++;
    assert_ok(manifest_publish(g.dir, &m, &f->err), f);
    expect_found(&g, "MANIFEST.1: it differs from MANIFEST", "", 0);
    manifest_fini(&m);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_damaged_file_is_named),    TEST(files_of_the_generation_before_are_missed),
        TEST(stored_text_and_terms_disagree), TEST(the_manifest_counts_otherwise),
        TEST(a_copy_that_is_another),
    };
    return RUN_TESTS(tests);
}
