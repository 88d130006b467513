/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the analyzer does to memory: it allocates nothing while it analyses, however long the text
 * is, and it reads nothing outside the text, which may begin and end where the memory does.
 *
 * Allocations are counted by a hook of the address sanitizer, in whatever library they happen.
 */

#include "harness.h"

#include "analysis_util.h"
#include "random_text.h"

/* The hooks know no context. */
static size_t allocations;

#if defined(__SANITIZE_ADDRESS__)
/* Of the sanitizer's runtime; gcc brings no header for it. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void count_allocation(const volatile void *p, size_t n)
{
    (void)p;
    (void)n;
    allocations++;
}

static void count_nothing(const volatile void *p)
{
    (void)p;
}

static bool counts_allocations(void)
{
    return __sanitizer_install_malloc_and_free_hooks(count_allocation, count_nothing) > 0;
}
#else
static bool counts_allocations(void)
{
    return false;
}
#endif

static enum st count_tokens(void *ctx, const struct an_token *tok, size_t n)
{
    size_t *tokens = ctx;
    (void)tok;
    *tokens += n;
    return ST_OK;
}

static struct lex *open_lexicon(void)
{
    return lexicon_of("强调 900\n质量 500\n高质量 90\n关于 800\n经济 700\n乾隆 30\n卡拉OK 20\n"
                      "市委书记 90\n三大 20\n战略 90\n任务 80\n",
                      "");
}

static void no_allocation_while_analysing(void **state)
{
    (void)state;
    if (!counts_allocations()) {
        print_message("allocations cannot be counted here, skipped\n");
        skip();
    }
    struct dice d = dice_seeded();
    struct lex *lex = open_lexicon();
    struct an *an;
    struct buf text;
    buf_init(&text, 8 << 20);
    assert_int_equal(an_new(lex, &an, NULL), ST_OK);
    for (size_t length = 100; length <= 2000000; length *= 20) {
        struct an_quality q;
        size_t tokens = 0, before;
        while (text.n < length)
            random_bulletin(&d, &text);
        before = allocations;
        assert_int_equal(an_analyze(an, buf_str(&text), count_tokens, &tokens), ST_OK);
        an_count_damage(buf_str(&text), &q);
        assert_int_equal(allocations - before, 0);
        assert_true(tokens > length / 9);
    }
    an_free(an);
    size_t before = allocations;
    assert_int_equal(an_new(lex, &an, NULL), ST_OK);
    assert_true(allocations > before); /* the hook is there */
    an_free(an);
    lex_close(lex);
    buf_fini(&text);
}

/* As guard, but with a page before the text that cannot be touched. */
static struct guarded guard_front(struct str bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guarded g = {.n = bytes.n, .map_n = (bytes.n / page + 2) * page};
    g.map = mmap(NULL, g.map_n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(g.map, MAP_FAILED);
    assert_int_equal(mprotect(g.map, page, PROT_NONE), 0);
    g.p = g.map + page;
    memcpy(g.p, bytes.p, bytes.n);
    return g;
}

struct reading {
    struct an *an, *bare;
    struct an_text fold;
};

/* Everything that reads a text. */
static void read_all(struct reading *r, struct str text)
{
    struct an_quality q;
    struct buf out;
    enum an_encoding found;
    size_t tokens = 0;
    assert_int_equal(an_analyze(r->an, text, count_tokens, &tokens), ST_OK);
    assert_int_equal(an_analyze(r->bare, text, count_tokens, &tokens), ST_OK);
    for (int v = AN_VIEW_TEXT; v <= AN_VIEW_MARKS; v++) {
        assert_int_equal(an_fold(text, (enum an_view)v, &r->fold), ST_OK);
        assert_int_equal(an_fold_run(text, (enum an_view)v, &r->fold), ST_OK);
    }
    an_count_damage(text, &q);
    buf_init(&out, 1 << 20);
    an_decode(text, &out, &found, NULL);
    buf_fini(&out);
}

/* A text and all that is left when its end is cut off byte by byte, in characters and readings. */
static void read_guarded(struct reading *r, struct str text)
{
    for (size_t n = text.n; n > 0 && n + 40 > text.n; n--) {
        struct guarded end = guard(str_from(text.p, n));
        struct guarded front = guard_front(str_from(text.p + text.n - n, n));
        read_all(r, guarded_str(end));
        read_all(r, guarded_str(front));
        unguard(&end);
        unguard(&front);
    }
}

static void nothing_outside_the_text_is_read(void **state)
{
    (void)state;
    struct dice d = dice_seeded();
    struct lex *lex = open_lexicon();
    struct reading r = {0};
    struct buf text;
    buf_init(&text, 1 << 20);
    an_text_init(&r.fold);
    assert_int_equal(an_new(lex, &r.an, NULL), ST_OK);
    assert_int_equal(an_new(NULL, &r.bare, NULL), ST_OK);
    for (int i = 0; i < 60; i++) {
        buf_reset(&text);
        if (i % 2)
            random_bulletin(&d, &text);
        else
            random_nasty(&d, 1 + dice_below(&d, 40), &text);
        read_guarded(&r, buf_str(&text));
    }
    an_free(r.an);
    an_free(r.bare);
    an_text_fini(&r.fold);
    lex_close(lex);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_allocation_while_analysing),
        cmocka_unit_test(nothing_outside_the_text_is_read),
    };
    return RUN_TESTS(tests);
}
