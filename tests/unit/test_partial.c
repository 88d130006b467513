/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Searching an index that is damaged, before it is opened or while it is open: the answer is the
 * right one, or an error that names what is damaged, or it says that it is partial, and nothing
 * crashes. The damage is random; GONGBAO_SEED repeats a run. */

#include "dice.h"
#include "search_fixture.h"

#include <gongbao/file.h>
#include <sys/stat.h>
#include <time.h>

#define ROUNDS 200

static struct dice dice;

static int seed(void **state)
{
    (void)state;
    dice = dice_seeded();
    return 0;
}

/* ---- an index of three segments, one with a tombstone ---- */

static const char *const FIRST[][3] = {
    {"flood", "防汛会议", "市委书记强调，水库大坝检查要做细。"},
    {"tea", "茶叶收成", "全市茶叶产量增长23.4%，茶农增收。"},
    {"old", "旧通知", "水库检查的旧通知，后来改了。"},
};
static const char *const SECOND[][3] = {
    {"dam", "大坝通报", "水库大坝检查发现隐患三处，已整改。"},
    {"reform", "改革简报", "推行“9+1”机制，市委书记讲话。"},
};
static const char *const THIRD[][3] = {
    {"old", "新通知", "茶叶产量的新通知。"},
    {"school", "开学通知", "各校九月一日开学，市委书记看望师生。"},
};
static const char *const QUERY[] = {"水库大坝", "市委书记", "\"茶叶产量\"", "通知", "检"};
enum { QUERIES = sizeof(QUERY) / sizeof(*QUERY) };

static void open_shelf(struct shelf *s, bool partial)
{
    shelf_open(s, 1);
    s->opts.partial = partial;
    SHELF_FILL(s, 0, FIRST);
    SHELF_FILL(s, 0, SECOND);
    SHELF_FILL(s, 0, THIRD);
    /* A body that fills some blocks. */
    struct buf b;
    buf_init(&b, 1 << 20);
    while (b.n < 60000)
        buf_addf(&b, "第%ju条水利。", (uintmax_t)dice_below(&dice, 100000));
    buf_addc(&b, '\0');
    const char *const large[][3] = {{"large", "水利汇编", b.p}};
    SHELF_FILL(s, 0, large);
    buf_fini(&b);
}

static char *path_in(const struct shelf *s, const char *name)
{
    char *path;
    assert_true(asprintf(&path, "%s/%s", s->dir[0], name) > 0);
    return path;
}

/* ---- damage ---- */

struct wound {
    char *path;
    struct buf before;
};

/* Write a file in place: the same file, with the time of long ago once it is whole again. */
static void overwrite(const char *path, struct str data, bool whole)
{
    const struct timespec past[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(file_write_all(fd, data));
    if (whole)
        assert_int_equal(futimens(fd, past), 0);
    close(fd);
}

/* Flip a bit of a file, or cut its end off. */
static struct wound wound_file(char *take_path)
{
    struct wound w = {.path = take_path};
    buf_init(&w.before, 1 << 26);
    assert_int_equal(file_read(w.path, &w.before, NULL), ST_OK);
    overwrite(w.path, buf_str(&w.before), true);
    size_t at = dice_below(&dice, w.before.n);
    if (dice_below(&dice, 4) == 0) {
        assert_int_equal(truncate(w.path, (off_t)at), 0);
        return w;
    }
    int fd = open(w.path, O_WRONLY | O_CLOEXEC);
    char byte = (char)(w.before.p[at] ^ (1 << dice_below(&dice, 8)));
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
    return w;
}

static void heal(struct wound *w)
{
    overwrite(w->path, buf_str(&w->before), true);
    buf_fini(&w->before);
    free(w->path);
}

static const char *const NAME[] = {"postlist.glass", "docdata.glass", "iamglass", "SUMS"};

#define DEAD "dead-seg-1-0-3" /* the tombstone of the old notice */

/* A file of the index. What a refusal must name, its segment or else itself, goes to `named`. */
static char *some_file(const struct shelf *s, char named[64])
{
    char name[96];
    unsigned choice = (unsigned)dice_below(&dice, 18), segment = choice / 4 + 1;
    if (choice >= 16) {
        snprintf(named, 64, "%s", choice == 16 ? DEAD : "MANIFEST");
        return path_in(s, named);
    }
    snprintf(named, 64, "seg-%u-0", segment);
    snprintf(name, sizeof(name), "%s/%s", named, NAME[choice % 4]);
    return path_in(s, name);
}

/* ---- answers ---- */

static char *right[QUERIES];

static void learn(struct shelf *s)
{
    for (size_t i = 0; i < QUERIES; i++) {
        struct srch_result r = shelf_search(s, QUERY[i]);
        assert_false(r.partial);
        right[i] = shelf_ids(&r);
    }
}

static void forget(void)
{
    for (size_t i = 0; i < QUERIES; i++)
        free(right[i]);
}

/* Whether each id of a list, "a b c", is in another. */
static bool is_among(const char *some, const char *all)
{
    struct str rest = str_of(some);
    while (rest.n) {
        struct str id = str_cut(&rest, ' '), list = str_of(all);
        bool found = false;
        while (list.n && !found)
            found = str_eq(str_cut(&list, ' '), id);
        if (!found)
            return false;
    }
    return true;
}

struct score {
    unsigned right, partial, refused;
};

/* An answer may be the right one, a part of it that says so, or a refusal that names the place.
 * Of the scores nothing is known where segments are missing, nor of what is relaxed. */
static void ask(struct shelf *s, size_t query, const char *named, struct score *score)
{
    struct srch_result r;
    enum st st = shelf_try(s, QUERY[query], 0, 20, &r);
    if (st != ST_OK) {
        assert_int_equal(st, ST_DAMAGED);
        assert_non_null(strstr(s->b.err.text, named));
        score->refused++;
        return;
    }
    char *got = shelf_ids(&r);
    if (r.partial) {
        assert_true(s->opts.partial);
        assert_false(r.exact);
        if (!r.relaxed && !is_among(got, right[query]))
            fail_msg("%s: \"%s\", not among \"%s\"", QUERY[query], got, right[query]);
        score->partial++;
    } else {
        assert_string_equal(got, right[query]);
        score->right++;
    }
    free(got);
}

static void get(struct shelf *s, const char *id)
{
    struct ix_doc doc;
    const char *index;
    arena_reset(&s->b.a);
    enum st st = srch_get(s->srch, str_of(id), STR(""), &s->b.a, &doc, &index, &s->b.err);
    if (st == ST_OK)
        assert_true(str_eq(doc.id, str_of(id)));
    else
        assert_int_equal(st, ST_DAMAGED);
}

static void ask_all(struct shelf *s, const char *named, struct score *score)
{
    for (size_t i = 0; i < QUERIES; i++)
        ask(s, i, named, score);
    get(s, "old");
    get(s, "large");
    get(s, "tea");
}

static void reopen(struct shelf *s)
{
    srch_close(s->srch);
    s->srch = NULL;
    shelf_serve(s);
}

static void random_damage(bool partial)
{
    struct shelf s;
    struct score score = {0};
    open_shelf(&s, partial);
    shelf_serve(&s);
    learn(&s);
    for (int i = 0; i < ROUNDS; i++) {
        bool before = i % 2;
        char named[64];
        struct wound w = wound_file(some_file(&s, named));
        if (before)
            reopen(&s);
        ask_all(&s, named, &score);
        heal(&w);
        reopen(&s);
    }
    for (size_t i = 0; i < QUERIES; i++)
        ask(&s, i, "nothing is damaged", &score);
    printf("%u right, %u partial, %u refused\n", score.right, score.partial, score.refused);
    assert_true(score.right > 0);
    assert_true(partial ? score.partial > 100 : score.refused > 100);
    forget();
    shelf_close(&s);
}

static void a_strict_search_is_right_or_refuses(void **state)
{
    (void)state;
    random_damage(false);
}

static void a_partial_search_is_right_or_says_so(void **state)
{
    (void)state;
    random_damage(true);
}

/* ---- the rules one by one ---- */

static void ruin(struct shelf *s, const char *name)
{
    char *path = path_in(s, name);
    assert_int_equal(truncate(path, 10), 0);
    free(path);
}

static void the_sound_segments_answer(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_stats stats;
    open_shelf(&s, true);
    ruin(&s, "seg-2-0/postlist.glass");
    shelf_serve(&s);
    struct srch_result r = shelf_search(&s, "水库大坝");
    assert_true(r.partial);
    assert_false(r.exact);
    shelf_expect(&s, "\"水库大坝\"", "flood");
    assert_int_equal(srch_stats(s.srch, &s.b.a, &stats, &s.b.err), ST_OK);
    assert_int_equal(stats.each[0].st, ST_DAMAGED);
    assert_non_null(strstr(stats.each[0].state, "seg-2-0/postlist.glass"));
    assert_int_equal(stats.index.damaged, 1);
    assert_int_equal(stats.each[0].segment[0].damage.n, 0);
    assert_true(stats.each[0].segment[1].damage.n > 0);
    shelf_close(&s);
}

/* What was deleted or replaced must not be found again because its tombstone cannot be read. */
static void without_its_tombstones_a_segment_is_left_out(void **state)
{
    (void)state;
    struct shelf s;
    open_shelf(&s, true);
    ruin(&s, DEAD);
    shelf_serve(&s);
    shelf_expect(&s, "\"水库\"", "dam");
    shelf_close(&s);
}

static void what_is_not_in_the_rest_may_be_in_what_is_lost(void **state)
{
    (void)state;
    struct shelf s;
    struct ix_doc doc;
    const char *index;
    open_shelf(&s, true);
    ruin(&s, "seg-2-0/docdata.glass");
    shelf_serve(&s);
    assert_int_equal(srch_get(s.srch, STR("tea"), STR(""), &s.b.a, &doc, &index, &s.b.err), ST_OK);
    assert_int_equal(srch_get(s.srch, STR("dam"), STR(""), &s.b.a, &doc, &index, &s.b.err),
                     ST_DAMAGED);
    assert_non_null(strstr(s.b.err.text, "seg-2-0/docdata.glass"));
    shelf_close(&s);
}

static void nothing_left_is_an_error(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_result r;
    shelf_open(&s, 2);
    s.opts.partial = true;
    SHELF_FILL(&s, 0, FIRST);
    ruin(&s, "seg-1-0/postlist.glass");
    shelf_serve(&s);
    assert_int_equal(shelf_try(&s, "水库", 0, 10, &r), ST_DAMAGED);
    assert_non_null(strstr(s.b.err.text, "seg-1-0"));
    SHELF_FILL(&s, 1, SECOND); /* another index is something */
    srch_refresh(s.srch);
    shelf_expect(&s, "水库", "dam");
    assert_true(shelf_search(&s, "水库").partial);
    ruin(&s, "MANIFEST");
    reopen(&s);
    shelf_expect(&s, "水库", "dam");
    assert_true(shelf_search(&s, "水库").partial);
    shelf_close(&s);
}

/* A whole generation is better than a newer one of which a part is missing. */
static void a_damaged_generation_does_not_replace_a_whole_one(void **state)
{
    (void)state;
    struct shelf s;
    shelf_open(&s, 1);
    s.opts.partial = true;
    SHELF_FILL(&s, 0, FIRST);
    shelf_serve(&s);
    shelf_expect(&s, "水库", "flood old");
    SHELF_FILL(&s, 0, SECOND);
    ruin(&s, "seg-2-0/postlist.glass");
    srch_refresh(s.srch);
    assert_false(shelf_search(&s, "水库").partial);
    shelf_expect(&s, "水库", "flood old");
    shelf_close(&s);
}

static void what_is_put_right_is_taken_up_again(void **state)
{
    (void)state;
    struct shelf s;
    const struct timespec wait = {.tv_sec = 1, .tv_nsec = 100000000};
    open_shelf(&s, true);
    shelf_serve(&s);
    struct wound w = wound_file(path_in(&s, "seg-2-0/postlist.glass"));
    assert_true(shelf_search(&s, "水库").partial);
    heal(&w);
    nanosleep(&wait, NULL);
    srch_refresh(s.srch);
    assert_false(shelf_search(&s, "水库").partial);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_strict_search_is_right_or_refuses, seed),
        cmocka_unit_test_setup(a_partial_search_is_right_or_says_so, seed),
        cmocka_unit_test(the_sound_segments_answer),
        cmocka_unit_test(without_its_tombstones_a_segment_is_left_out),
        cmocka_unit_test(what_is_not_in_the_rest_may_be_in_what_is_lost),
        cmocka_unit_test(nothing_left_is_an_error),
        cmocka_unit_test(a_damaged_generation_does_not_replace_a_whole_one),
        cmocka_unit_test(what_is_put_right_is_taken_up_again),
    };
    return RUN_TESTS(tests);
}
