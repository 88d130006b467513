/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is kept in memory of an open segment: postings that were looked up, the way to stored
 * documents, extracts. */

#include "../../index/extracts.h"
#include "../../index/glass_read.h"
#include "../../index/post_cache.h"
#include "../../index/stored.h"
#include "harness.h"
#include "index_fixture.h"

enum { DOCUMENTS = 3000 };

/* Documents 1, 2 and so on; term wN is in those that N divides. */
static const char *make_segment(struct fixture *f)
{
    struct ix_writer *w = open_writer(f);
    for (int i = 1; i <= DOCUMENTS; i++) {
        char id[16], body[200] = "";
        snprintf(id, sizeof(id), "%d", i);
        for (int n = 1; n <= 20; n++)
            if (i % n == 0)
                snprintf(body + strlen(body), sizeof(body) - strlen(body), "%sw%d",
                         *body ? " " : "", n);
        put(f, w, id, body);
    }
    publish(f, w);
    return arena_fmt(&f->arena, "%s/seg-1-0", f->dir);
}

static struct str word(struct fixture *f, int n)
{
    return str_of(arena_fmt(&f->arena, "w%d", n));
}

/* The documents of a term, which are to be the multiples of n. */
static void assert_multiples(struct fixture *f, struct columns *c, struct postings *p, int n)
{
    struct postings_place at;
    assert_int_equal(p->tf, DOCUMENTS / n);
    assert_ok(postings_load(p, c, word(f, n), &f->err), f);
    postings_enter(p, &at, 0);
    for (int i = n; i <= DOCUMENTS; i += n) {
        assert_int_equal(at.docid, i);
        assert_int_equal(postings_take_wdf(p, &at), 1);
    }
    assert_int_equal(at.docid, UINT32_MAX);
}

static void postings_are_looked_up_once(void **state)
{
    struct fixture *f = *state;
    struct columns *c;
    struct post_cache *k;
    struct postings *first, *again, *none;
    assert_ok(columns_new(make_segment(f), DOCUMENTS, &c, &f->err), f);
    assert_ok(post_cache_new(1 << 20, &k, &f->err), f);
    assert_ok(post_cache_take(k, c, STR("w2"), &first, &f->err), f);
    assert_multiples(f, c, first, 2);
    post_cache_give(k, first);
    assert_ok(post_cache_take(k, c, STR("w2"), &again, &f->err), f);
    assert_ptr_equal(again, first);
    assert_true(again->whole); /* what was loaded stays */
    assert_ok(post_cache_take(k, c, STR("w2"), &again, &f->err), f);
    assert_ptr_equal(again, first); /* held twice */
    post_cache_give(k, first);
    post_cache_give(k, first);
    assert_ok(post_cache_take(k, c, STR("w21"), &none, &f->err), f);
    assert_int_equal(none->tf, 0);
    post_cache_give(k, none);
    post_cache_free(k);
    columns_free(c);
}

/* Without room nothing stays but what is held, however much comes and goes meanwhile. */
static void what_is_held_stays(void **state)
{
    struct fixture *f = *state;
    struct columns *c;
    struct post_cache *k;
    struct postings *held, *p;
    assert_ok(columns_new(make_segment(f), DOCUMENTS, &c, &f->err), f);
    assert_ok(post_cache_new(0, &k, &f->err), f);
    assert_ok(post_cache_take(k, c, STR("w3"), &held, &f->err), f);
    for (int round = 0; round < 3; round++)
        for (int n = 1; n <= 20; n++) {
            assert_ok(post_cache_take(k, c, word(f, n), &p, &f->err), f);
            assert_multiples(f, c, p, n);
            post_cache_give(k, p);
        }
    assert_multiples(f, c, held, 3);
    post_cache_give(k, held);
    post_cache_free(k);
    columns_free(c);
}

/* The data of all documents, read from the first to the last. */
static struct str *walk(struct fixture *f, const char *dir)
{
    struct glass_about about;
    struct glass_cursor *c;
    struct str *data = arena_calloc(&f->arena, DOCUMENTS + 1, sizeof(*data));
    const char *path = arena_fmt(&f->arena, "%s/docdata.glass", dir);
    assert_ok(glass_about_read(dir, &about, &f->err), f);
    assert_ok(glass_cursor_new(path, &about.docdata, &c, &f->err), f);
    for (size_t d = 1; d <= DOCUMENTS; d++) {
        struct glass_item item;
        assert_ok(glass_cursor_next(c, &item, &f->err), f);
        data[d] = arena_str(&f->arena, item.tag);
        assert_true(data[d].n > 0 && !str_eq(data[d], data[d - 1]));
    }
    glass_cursor_free(c);
    return data;
}

/* Forwards, backwards and by leaps, also when the files have gone. */
static void stored_documents_are_read_in_any_order(void **state)
{
    struct fixture *f = *state;
    struct stored *s;
    struct str data;
    const char *dir = make_segment(f);
    const struct str *wanted = walk(f, dir);
    assert_ok(stored_open(dir, &s, &f->err), f);
    assert_int_equal(file_remove_tree(dir, NULL), ST_OK);
    for (uint32_t i = 0; i < 2 * DOCUMENTS; i++) {
        uint32_t leap = i * 1009 % DOCUMENTS + 1;
        uint32_t docid = i < DOCUMENTS / 2 ? i + 1 : i < DOCUMENTS ? DOCUMENTS - i : leap;
        assert_ok(stored_read(s, docid, &data, &f->err), f);
        assert_true(str_eq(data, wanted[docid]));
    }
    assert_st(stored_read(s, DOCUMENTS + 1, &data, &f->err), ST_DAMAGED, f);
    assert_non_null(strstr(f->err.text, "docdata.glass: nothing is stored of document 3001"));
    assert_st(stored_read(s, 0, &data, &f->err), ST_DAMAGED, f);
    assert_ok(stored_read(s, 1, &data, &f->err), f);
    stored_close(s);
}

static void extracts_are_known_or_not(void **state)
{
    struct fixture *f = *state;
    struct extracts *x;
    struct str got = STR("as it was");
    assert_ok(extracts_new(3, &x, &f->err), f);
    assert_int_equal(extracts_bytes(x), 0);
    assert_int_equal(extracts_next(x), 1);
    assert_false(extracts_get(x, 2, &got));
    assert_str(got, "as it was");
    assert_ok(extracts_put(x, 2, STR("two"), &f->err), f);
    assert_int_equal(extracts_next(x), 1);
    assert_ok(extracts_put(x, 1, STR(""), &f->err), f); /* it is known that there is none */
    assert_int_equal(extracts_next(x), 3);
    assert_true(extracts_get(x, 1, &got));
    assert_int_equal(got.n, 0);
    assert_true(extracts_get(x, 2, &got));
    assert_str(got, "two");
    assert_ok(extracts_put(x, 3, STR("three"), &f->err), f);
    assert_int_equal(extracts_next(x), 4);
    assert_in_range(extracts_bytes(x), 8, 200);
    extracts_ahead(x, 1);
    extracts_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(postings_are_looked_up_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_held_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stored_documents_are_read_in_any_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(extracts_are_known_or_not, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}
