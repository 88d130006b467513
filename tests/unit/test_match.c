/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The matcher finds what queries mean, and weighs it as libxapian does: collections and queries at
 * random, over several segments. */

#include "../../index/glass_compare.h"
#include "harness.h"
#include "index_fixture.h"
#include "random_text.h"

#include <math.h>

enum { DOCUMENTS = 400, QUERIES = 300, TERMS = 30, SEGMENTS = 16, DEPTH = 4 };

/* Terms of which the first is in nearly every document and the last in hardly any. */
static void random_term(struct dice *d, char out[8])
{
    size_t most = 1 + dice_below(d, TERMS);
    snprintf(out, 8, "t%zu", dice_below(d, most));
}

static void fill(struct fixture *f, struct dice *d)
{
    struct ix_writer *w = open_writer_sized(f, 6000);
    for (int i = 0; i < DOCUMENTS; i++) {
        char id[16], body[600] = "", t[8];
        snprintf(id, sizeof(id), "%d", i);
        for (size_t n = 1 + dice_below(d, 60); n > 0; n--) {
            random_term(d, t);
            strcat(strcat(body, *body ? " " : ""), t);
        }
        put(f, w, id, body);
    }
    publish(f, w);
}

/* Trees of ANDs and ORs, with others at the top or, where `nested`, anywhere. libxapian 1.4 loses
 * documents when conditions stand within conditions. */
static struct ix_node *random_query(struct fixture *f, struct dice *d, unsigned depth, bool nested)
{
    static const enum ix_op ops[] = {IX_AND,    IX_OR,      IX_SCALE,  IX_AND_MAYBE,
                                     IX_FILTER, IX_AND_NOT, IX_AND_NOT};
    struct ix_node *node = arena_calloc(&f->arena, 1, sizeof(*node));
    if (depth == 0 || dice_once_in(d, 4)) {
        char t[8];
        random_term(d, t);
        node->op = dice_once_in(d, 20) ? IX_ALL : IX_TERM;
        node->term = arena_str(&f->arena, str_of(t));
        return node;
    }
    node->op = ops[dice_below(d, nested || depth == DEPTH ? COUNT_OF(ops) : 3)];
    node->factor = 0.25 * (double)(1 + dice_below(d, 8));
    node->nkid = node->op == IX_SCALE ? 1 : 2 + dice_below(d, 3);
    node->kid = arena_calloc(&f->arena, node->nkid, sizeof(struct ix_node *));
    for (size_t i = 0; i < node->nkid; i++)
        node->kid[i] = random_query(f, d, depth - 1, nested);
    return node;
}

static size_t list_segments(struct fixture *f, const struct opened *o, const char **dir)
{
    assert_true(o->info.segments > 1 && o->info.segments <= SEGMENTS);
    for (size_t i = 0; i < o->info.segments; i++) {
        struct ix_segment_info s;
        ix_reader_segment(o->reader, i, &s);
        dir[i] = arena_fmt(&f->arena, "%s/%.*s", f->dir, (int)s.name.n, s.name.p);
    }
    return o->info.segments;
}

static int by_doc(const void *a, const void *b)
{
    uint64_t x = ((const struct ix_hit *)a)->doc, y = ((const struct ix_hit *)b)->doc;
    return x < y ? -1 : x > y;
}

static int by_library_doc(const void *a, const void *b)
{
    uint64_t x = ((const struct library_hit *)a)->doc, y = ((const struct library_hit *)b)->doc;
    return x < y ? -1 : x > y;
}

static void the_library_agrees(void **state)
{
    struct fixture *f = *state;
    struct dice d = dice_seeded();
    const char *dir[SEGMENTS];
    size_t found = 0;
    fill(f, &d);
    struct opened o = open_index(f);
    size_t ndir = list_segments(f, &o, dir);
    for (size_t i = 0; i < QUERIES; i++) {
        struct library_hit *theirs;
        size_t n;
        struct ix_search q = query(random_query(f, &d, DEPTH, false));
        q.limit = DOCUMENTS;
        q.b = 0.25 * (double)dice_below(&d, 5);
        struct ix_result ours = search(f, o.view, &q);
        assert_ok(library_search(dir, ndir, &q, &f->arena, &theirs, &n, &f->err), f);
        assert_int_equal(ours.total, n);
        assert_int_equal(ours.n, n);
        qsort(ours.hit, n, sizeof(*ours.hit), by_doc);
        qsort(theirs, n, sizeof(*theirs), by_library_doc);
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(ours.hit[k].doc, theirs[k].doc);
            assert_true(fabs(ours.hit[k].score - theirs[k].weight) <=
                        1e-9 * (1 + theirs[k].weight));
        }
        found += n;
    }
    assert_true(found > QUERIES);
    close_index(&o);
}

/* Whether a query means a document, going by the terms that are its body. */
static bool means(const struct ix_node *node, struct str body)
{
    bool first = node->nkid > 0 && means(node->kid[0], body), all = true, any = false;
    for (size_t i = 1; i < node->nkid; i++) {
        bool yes = means(node->kid[i], body);
        all = all && yes;
        any = any || yes;
    }
    switch (node->op) {
    case IX_TERM:
        while (body.n)
            if (str_eq(str_cut(&body, ' '), node->term))
                return true;
        return false;
    case IX_AND:
    case IX_FILTER:
        return first && all;
    case IX_OR:
        return first || any;
    case IX_AND_NOT:
        return first && !any;
    case IX_ALL:
        return true;
    default:
        return first;
    }
}

static void conditions_within_conditions(void **state)
{
    struct fixture *f = *state;
    struct dice d = dice_seeded();
    struct ix_node all = {.op = IX_ALL};
    struct ix_doc doc[DOCUMENTS];
    struct ix_search q = query(&all);
    fill(f, &d);
    struct opened o = open_index(f);
    q.limit = DOCUMENTS;
    struct ix_result every = search(f, o.view, &q);
    qsort(every.hit, every.n, sizeof(*every.hit), by_doc);
    for (size_t i = 0; i < every.n; i++)
        assert_ok(ix_document(o.view, every.hit[i].doc, &f->arena, &doc[i], &f->err), f);
    for (size_t i = 0; i < QUERIES; i++) {
        size_t n = 0;
        q.query = random_query(f, &d, DEPTH, true);
        struct ix_result r = search(f, o.view, &q);
        qsort(r.hit, r.n, sizeof(*r.hit), by_doc);
        for (size_t k = 0; k < every.n; k++)
            if (means(q.query, doc[k].body))
                assert_true(n < r.n && r.hit[n++].doc == every.hit[k].doc);
        assert_int_equal(r.n, n);
    }
    close_index(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_library_agrees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(conditions_within_conditions, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}
