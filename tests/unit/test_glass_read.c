/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The reader of glass tables: what was written comes back, a key is found, and no damage does more
 * than give ST_DAMAGED or other bytes. */

#include "harness.h"

#include "../../index/glass.h"
#include "../../index/glass_read.h"
#include "../../index/invert.h"
#include "random_text.h"
#include <gongbao/file.h>
#include <gongbao/utf8.h>

enum { ENTRIES_MAX = 20000 };

struct entry {
    struct str key, tag;
    bool deflated;
};

struct table {
    char *folder;
    char path[PATH_MAX + 64];
    struct arena arena;
    struct entry *entry; /* ascending */
    size_t n;
    struct glass_root root;
    struct dice dice;
    struct err err;
};

#define assert_ok(actual, t) check_ok((actual), &(t)->err, __FILE__, __LINE__)

static void check_ok(enum st st, const struct err *err, const char *file, int line)
{
    if (st == ST_OK)
        return;
    print_error("status %d: %s\n", (int)st, err->text);
    _fail(file, line);
}

static int set_up(void **state)
{
    struct table *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    t->folder = harness_folder();
    t->dice = dice_seeded();
    snprintf(t->path, sizeof(t->path), "%s/table", t->folder);
    arena_init(&t->arena, (size_t)1 << 30);
    t->entry = calloc(ENTRIES_MAX, sizeof(*t->entry));
    assert_non_null(t->entry);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct table *t = *state;
    assert_int_equal(file_remove_tree(t->folder, NULL), ST_OK);
    arena_fini(&t->arena);
    free(t->entry);
    free(t->folder);
    free(t);
    return 0;
}

static struct str random_bytes(struct table *t, size_t n)
{
    char *p = arena_alloc(&t->arena, n + 1);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)dice_below(&t->dice, dice_once_in(&t->dice, 2) ? 256 : 3);
    return str_from(p, n);
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static size_t tag_length(struct dice *d)
{
    if (dice_once_in(d, 50))
        return dice_below(d, 100000);
    return dice_below(d, dice_once_in(d, 4) ? 3000 : 40);
}

/* Entries with keys and tags of all lengths; a key that comes up twice is left out. */
static void make_entries(struct table *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        t->entry[i] = (struct entry){
            .key = random_bytes(t, 1 + dice_below(&t->dice, dice_once_in(&t->dice, 9) ? 255 : 9)),
            .tag = random_bytes(t, tag_length(&t->dice)),
            .deflated = dice_once_in(&t->dice, 3),
        };
    qsort(t->entry, n, sizeof(*t->entry), by_key);
    t->n = 0;
    for (size_t i = 0; i < n; i++)
        if (t->n == 0 || !str_eq(t->entry[t->n - 1].key, t->entry[i].key))
            t->entry[t->n++] = t->entry[i];
}

static void write_table(struct table *t)
{
    struct glass_table *table;
    unlink(t->path);
    assert_ok(glass_table_new(t->path, &table, &t->err), t);
    for (size_t i = 0; i < t->n; i++) {
        const struct entry *e = &t->entry[i];
        assert_ok(glass_table_put(table, e->key, e->tag, e->deflated, &t->err), t);
    }
    assert_ok(glass_table_finish(table, &t->root, &t->err), t);
    glass_table_free(table);
}

static struct glass_cursor *open_cursor(struct table *t)
{
    struct glass_cursor *c;
    assert_ok(glass_cursor_new(t->path, &t->root, &c, &t->err), t);
    return c;
}

static void assert_entry(const struct glass_item *item, const struct entry *e)
{
    assert_true(str_eq(item->key, e->key));
    assert_true(str_eq(item->tag, e->tag));
    assert_int_equal(item->deflated, e->deflated);
}

/* The cursor yields the entries from this one on, and then nothing. */
static void assert_rest(struct table *t, struct glass_cursor *c, size_t from, size_t most)
{
    struct glass_item item;
    for (size_t i = from; i < t->n && i - from < most; i++) {
        assert_ok(glass_cursor_next(c, &item, &t->err), t);
        assert_entry(&item, &t->entry[i]);
    }
    if (t->n - from > most)
        return;
    for (int i = 0; i < 2; i++) {
        assert_ok(glass_cursor_next(c, &item, &t->err), t);
        assert_int_equal(item.key.n, 0);
    }
}

static void every_entry_comes_back(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 7, 100, 1000, ENTRIES_MAX};
    struct table *t = *state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        make_entries(t, sizes[i]);
        write_table(t);
        struct glass_cursor *c = open_cursor(t);
        assert_rest(t, c, 0, SIZE_MAX);
        glass_cursor_free(c);
    }
}

/* The number of the first entry that is not below a key. */
static size_t lower_bound(const struct table *t, struct str key)
{
    size_t i = 0;
    while (i < t->n && str_cmp(t->entry[i].key, key) < 0)
        i++;
    return i;
}

static void a_key_is_found(void **state)
{
    static const size_t sizes[] = {0, 1, 3, 300, 3000};
    struct table *t = *state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        make_entries(t, sizes[i]);
        write_table(t);
        struct glass_cursor *c = open_cursor(t);
        for (int k = 0; k < 500; k++) {
            struct str key = t->n && dice_once_in(&t->dice, 2)
                                 ? t->entry[dice_below(&t->dice, t->n)].key
                                 : random_bytes(t, dice_below(&t->dice, 6));
            assert_ok(glass_cursor_seek(c, key, &t->err), t);
            assert_rest(t, c, lower_bound(t, key), 5);
        }
        glass_cursor_free(c);
    }
}

struct leaves {
    struct table *table;
    struct str last;
    size_t n;
};

/* Keys ascend, and each leads to the entry that is sought by it. */
static enum st see_leaf(void *ctx, struct str key, struct err *err)
{
    struct leaves *l = ctx;
    (void)err;
    assert_true(str_cmp(l->last, key) <= 0);
    l->last = arena_str(&l->table->arena, key);
    l->n++;
    return ST_OK;
}

static void leaves_are_told_without_reading_them(void **state)
{
    static const size_t sizes[] = {0, 1, 300, 3000};
    struct table *t = *state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct leaves leaves = {.table = t};
        make_entries(t, sizes[i]);
        write_table(t);
        struct glass_cursor *c = open_cursor(t);
        assert_ok(glass_cursor_leaves(c, see_leaf, &leaves, &t->err), t);
        assert_in_range(leaves.n, t->root.blocks / 2, t->root.blocks);
        assert_ok(glass_cursor_seek(c, STR(""), &t->err), t);
        assert_rest(t, c, 0, t->n);
        glass_cursor_free(c);
    }
}

static enum st any_leaf(void *ctx, struct str key, struct err *err)
{
    unsigned *sum = ctx;
    (void)err;
    for (size_t i = 0; i < key.n; i++)
        *sum += (unsigned char)key.p[i];
    return ST_OK;
}

/* Walk through a table of whatever bytes, from its beginning or from a key. */
static void walk_anyhow(struct table *t, const struct str *from)
{
    struct glass_cursor *c = NULL;
    struct glass_item item = {.key = STR("not at the end")};
    unsigned sum = 0;
    enum st st = glass_cursor_new(t->path, &t->root, &c, &t->err);
    if (st == ST_OK && from)
        st = glass_cursor_seek(c, *from, &t->err);
    if (st == ST_OK && dice_once_in(&t->dice, 4))
        st = glass_cursor_leaves(c, any_leaf, &sum, &t->err);
    while (st == ST_OK && item.key.n > 0) {
        st = glass_cursor_next(c, &item, &t->err);
        for (size_t i = 0; i < item.tag.n; i++)
            sum += (unsigned char)item.tag.p[i]; /* all of it can be read */
    }
    assert_true(st == ST_OK || st == ST_DAMAGED);
    if (st == ST_DAMAGED)
        assert_non_null(strstr(t->err.text, t->path));
    assert_true(sum < UINT_MAX);
    glass_cursor_free(c);
}

static void write_bytes(const struct table *t, const char *p, size_t n)
{
    FILE *f = fopen(t->path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Where a byte says most: in the head of a block, its directory, the head of an item; or anywhere.
 */
static size_t telling_place(struct table *t, const struct buf *b)
{
    size_t block = dice_below(&t->dice, b->n / GLASS_BLOCK) * GLASS_BLOCK;
    const unsigned char *p = (const unsigned char *)b->p + block;
    size_t end = (size_t)p[9] << 8 | p[10], item = 11 + 2 * dice_below(&t->dice, (end - 11) / 2);
    size_t offset = (size_t)p[item] << 8 | p[item + 1];
    switch (dice_below(&t->dice, 4)) {
    case 0:
        return block + dice_below(&t->dice, 11);
    case 1:
        return block + 11 + dice_below(&t->dice, end - 11);
    case 2:
        return block + (offset + dice_below(&t->dice, 7)) % GLASS_BLOCK;
    default:
        return block + dice_below(&t->dice, GLASS_BLOCK);
    }
}

static void damage_is_found_or_read(void **state)
{
    static const size_t sizes[] = {1, 40, 2000};
    struct table *t = *state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buf whole;
        buf_init(&whole, (size_t)1 << 30);
        make_entries(t, sizes[i]);
        write_table(t);
        assert_ok(file_read(t->path, &whole, &t->err), t);
        for (int k = 0; k < 400; k++) {
            size_t at[3], n = 1 + dice_below(&t->dice, 3);
            char was[3];
            for (size_t m = 0; m < n; m++)
                at[m] = telling_place(t, &whole); /* while it can be told */
            for (size_t m = 0; m < n; m++) {
                was[m] = whole.p[at[m]];
                whole.p[at[m]] = (char)dice_below(&t->dice, 256);
            }
            write_bytes(t, whole.p, whole.n);
            while (n-- > 0)
                whole.p[at[n]] = was[n];
            walk_anyhow(t, NULL);
            walk_anyhow(t, &t->entry[dice_below(&t->dice, t->n)].key);
        }
        buf_fini(&whole);
    }
}

/* A file that ends early: a block is missing, or a part of it. */
static void a_short_file_is_damage(void **state)
{
    struct table *t = *state;
    make_entries(t, 300);
    write_table(t);
    struct buf whole;
    buf_init(&whole, (size_t)1 << 30);
    assert_ok(file_read(t->path, &whole, &t->err), t);
    for (int k = 0; k < 50; k++) {
        struct glass_cursor *c = NULL;
        struct glass_item item;
        write_bytes(t, whole.p, dice_below(&t->dice, whole.n));
        enum st st = glass_cursor_new(t->path, &t->root, &c, &t->err);
        if (st == ST_OK)
            st = glass_cursor_next(c, &item, &t->err);
        assert_int_equal(st, ST_DAMAGED);
        glass_cursor_free(c);
    }
    buf_fini(&whole);
}

/* A block whose directory has a thousand entries, all for one item. */
static void put_block(char *block, unsigned level, const char *item, size_t n)
{
    enum { ITEMS = 1000, END = 11 + 2 * ITEMS };
    size_t at = GLASS_BLOCK - n;
    memset(block, 0, GLASS_BLOCK);
    block[4] = (char)level;
    block[9] = (char)(END >> 8);
    block[10] = (char)(END & 0xff);
    for (size_t i = 0; i < ITEMS; i++) {
        block[11 + 2 * i] = (char)(at >> 8);
        block[12 + 2 * i] = (char)at;
    }
    memcpy(block + at, item, n);
}

/* Three blocks, a thousand ways to each from the one above, and no tag that begins anywhere. */
static void a_walk_in_a_circle_is_damage(void **state)
{
    static const char piece[] = {0x40, 3, 1, 'k', 0, 2}; /* the second and last of k */
    struct table *t = *state;
    struct glass_item item;
    char *block = malloc(3 * GLASS_BLOCK);
    assert_non_null(block);
    put_block(block, 0, piece, sizeof(piece));
    for (char level = 1; level < 3; level++) {
        const char child[] = {0, 0, 0, (char)(level - 1), 1, 'z', 0, 0};
        put_block(block + level * GLASS_BLOCK, (unsigned)level, child, sizeof(child));
    }
    write_bytes(t, block, 3 * GLASS_BLOCK);
    free(block);
    t->root = (struct glass_root){.root = 2, .level = 2, .entries = 1, .blocks = 3};
    struct glass_cursor *c = open_cursor(t);
    assert_ok(glass_cursor_seek(c, STR("k"), &t->err), t);
    assert_int_equal(glass_cursor_next(c, &item, &t->err), ST_DAMAGED);
    assert_non_null(strstr(t->err.text, "passed before"));
    glass_cursor_free(c);
}

static void the_version_file_is_read_strictly(void **state)
{
    struct table *t = *state;
    char dir[PATH_MAX + 16];
    struct glass *g;
    struct glass_about about;
    struct buf whole;
    const struct ix_term term = {STR("发展"), 3};
    struct invert *v = invert_new();
    struct run *run;
    assert_non_null(v);
    assert_ok(invert_add(v, &term, 1, &t->err), t);
    assert_ok(invert_end_document(v, &t->err), t);
    assert_ok(invert_end(v, &run, &t->err), t);
    run->base = 6;
    snprintf(dir, sizeof(dir), "%s/database", t->folder);
    assert_ok(glass_new(dir, &g, &t->err), t);
    assert_ok(glass_document(g, 7, 3, STR("data"), &t->err), t);
    assert_ok(glass_terms(g, (const struct post_input *const[]){&run->input}, 1, 1, &t->err), t);
    assert_ok(glass_finish(g, &t->err), t);
    glass_free(g);
    run_free(run);
    invert_free(v);
    assert_ok(glass_about_read(dir, &about, &t->err), t);
    assert_int_equal(about.documents, 1);
    assert_int_equal(about.last_docid, 7);
    assert_int_equal(about.postlist.entries, 2);
    assert_int_equal(about.docdata.entries, 1);
    snprintf(t->path, sizeof(t->path), "%s/iamglass", dir);
    buf_init(&whole, 1024);
    assert_ok(file_read(t->path, &whole, &t->err), t);
    for (size_t i = 0; i < whole.n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            whole.p[i] = (char)(whole.p[i] ^ 1 << bit);
            write_bytes(t, whole.p, whole.n);
            enum st st = glass_about_read(dir, &about, &t->err);
            assert_true(st == ST_OK || st == ST_DAMAGED);
            assert_true(i >= 16 || st == ST_DAMAGED);
            whole.p[i] = (char)(whole.p[i] ^ 1 << bit);
        }
        write_bytes(t, whole.p, i);
        assert_int_equal(glass_about_read(dir, &about, &t->err), ST_DAMAGED);
    }
    buf_fini(&whole);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_entry_comes_back),
        TEST(a_key_is_found),
        TEST(leaves_are_told_without_reading_them),
        TEST(damage_is_found_or_read),
        TEST(a_short_file_is_damage),
        TEST(a_walk_in_a_circle_is_damage),
        TEST(the_version_file_is_read_strictly),
    };
    return RUN_TESTS(tests);
}
