/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Documents that have enough of a query's terms, or the best of those with any: what is passed over
 * on the way is never missed. */

#include "harness.h"
#include "index_fixture.h"

enum { TERMS = 12, BATCHES = 3, DOCUMENTS = 3000, OVERLAP = 40, ALL = BATCHES * DOCUMENTS };

static const char *const WORD[TERMS] = {"水库", "大坝", "检查", "茶叶", "产量", "会议",
                                        "通报", "整改", "法律", "责任", "人民", "政府"};

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

/* Word i is in one document of 2 i + 1, or so. */
static void put_drawn(struct fixture *f, struct ix_writer *w, int number, uint32_t *state)
{
    char id[16], body[4096];
    size_t n = 0;
    for (uint32_t i = 0; i < TERMS; i++)
        for (uint32_t k = draw(state) % (2 * i + 1) ? 0 : 1 + draw(state) % 4; k > 0; k--)
            n += (size_t)snprintf(body + n, sizeof(body) - n, "%s ", WORD[i]);
    for (uint32_t k = draw(state) % 60; k > 0; k--)
        n += (size_t)snprintf(body + n, sizeof(body) - n, "x%u ", draw(state) % 50);
    snprintf(body + n, sizeof(body) - n, "end");
    snprintf(id, sizeof(id), "d%d", number);
    put(f, w, id, body);
}

/* Three segments, of which the first two have tombstones. */
static struct opened open_drawn(struct fixture *f, uint32_t seed)
{
    uint32_t state = seed;
    for (int batch = 0; batch < BATCHES; batch++) {
        struct ix_writer *w = open_writer(f);
        for (int i = 0; i < DOCUMENTS; i++)
            put_drawn(f, w, batch * (DOCUMENTS - OVERLAP) + i, &state);
        publish(f, w);
    }
    return open_index(f);
}

/* A query for some of the words, each with a factor. */
struct asked {
    struct ix_node node[TERMS], scaled[TERMS], *inner[TERMS], *kid[TERMS], any;
    uint32_t mass[TERMS];
    size_t n;
};

static void ask(struct asked *q, uint32_t *state)
{
    q->n = 0;
    for (size_t i = 0; i < TERMS; i++) {
        if (draw(state) % 3 == 0)
            continue;
        size_t k = q->n++;
        q->node[k] = term(WORD[i]);
        q->inner[k] = &q->node[k];
        q->scaled[k] = (struct ix_node){
            .op = IX_SCALE, .factor = 0.25 * (1 + draw(state) % 6), .kid = &q->inner[k], .nkid = 1};
        q->kid[k] = &q->scaled[k];
        q->mass[k] = draw(state) % 100;
    }
    q->any = (struct ix_node){.op = IX_OR, .kid = q->kid, .nkid = q->n, .mass = q->mass};
}

/* Narrow a query by what has nothing to do with weight. */
static struct ix_node narrowed(const struct ix_node *q, struct ix_node *other, enum ix_op op,
                               struct ix_node **kid)
{
    kid[0] = (struct ix_node *)q;
    kid[1] = other;
    return (struct ix_node){.op = op, .kid = kid, .nkid = 2};
}

static void expect_the_same_best(struct fixture *f, struct ix_view *v, const struct ix_node *node,
                                 uint64_t limit, size_t *passed_over)
{
    struct ix_search q = query(node);
    q.limit = limit;
    struct ix_result all = search(f, v, &q);
    q.best = true;
    struct ix_result best = search(f, v, &q);
    assert_int_equal(best.n, all.n);
    assert_true(best.exact ? best.total == all.total : best.total <= all.total);
    assert_true(best.total >= best.n);
    for (size_t i = 0; i < best.n; i++) {
        assert_int_equal(best.hit[i].doc, all.hit[i].doc);
        assert_true(best.hit[i].score == all.hit[i].score);
    }
    *passed_over += !best.exact;
}

static void the_best_are_those_of_all(void **state)
{
    static const uint64_t limit[] = {0, 1, 10, 100, ALL};
    struct fixture *f = *state;
    struct opened o = open_drawn(f, 7);
    struct ix_node other = term("x7"), *kid[2];
    size_t passed_over = 0;
    uint32_t drawn = 5;
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; i < sizeof(limit) / sizeof(limit[0]); i++) {
            struct asked q;
            ask(&q, &drawn);
            const struct ix_node with = narrowed(&q.any, &other, IX_FILTER, kid);
            expect_the_same_best(f, o.view, &q.any, limit[i], &passed_over);
            q.any.op = IX_ENOUGH;
            q.any.least = draw(&drawn) % 200;
            expect_the_same_best(f, o.view, &q.any, limit[i], &passed_over);
            expect_the_same_best(f, o.view, &with, limit[i], &passed_over);
            const struct ix_node without = narrowed(&q.any, &other, IX_AND_NOT, kid);
            expect_the_same_best(f, o.view, &without, limit[i], &passed_over);
            arena_reset(&f->arena);
        }
    assert_true(passed_over > 50); /* or nothing was tried */
    close_index(&o);
}

/* By document number, what the terms it has weigh together. */
static void weigh_documents(struct fixture *f, struct ix_view *v, const struct asked *asked,
                            uint64_t *mass)
{
    for (size_t i = 0; i < asked->n; i++) {
        struct ix_search q = query(&asked->node[i]);
        q.limit = ALL;
        struct ix_result r = search(f, v, &q);
        for (size_t k = 0; k < r.n; k++)
            mass[r.hit[k].doc] += asked->mass[i];
    }
}

static void expect_enough(struct fixture *f, struct ix_view *v, struct asked *asked, uint32_t least)
{
    static uint64_t mass[2 * ALL];
    memset(mass, 0, sizeof(mass));
    weigh_documents(f, v, asked, mass);
    struct ix_node enough = asked->any;
    enough.op = IX_ENOUGH;
    enough.least = least;
    struct ix_search any_q = query(&asked->any), enough_q = query(&enough);
    any_q.limit = enough_q.limit = ALL;
    struct ix_result any = search(f, v, &any_q), r = search(f, v, &enough_q);
    size_t n = 0;
    for (size_t i = 0; i < any.n; i++) {
        if (mass[any.hit[i].doc] < least)
            continue;
        assert_true(n < r.n);
        assert_int_equal(r.hit[n].doc, any.hit[i].doc);
        assert_true(r.hit[n++].score == any.hit[i].score);
    }
    assert_int_equal(r.n, n);
    assert_int_equal(r.total, n);
    assert_true(r.exact);
}

static void enough_is_enough(void **state)
{
    struct fixture *f = *state;
    struct opened o = open_drawn(f, 11);
    uint32_t drawn = 3;
    for (int round = 0; round < 20; round++) {
        struct asked q;
        ask(&q, &drawn);
        for (uint32_t least = 0; least < 600; least += 1 + draw(&drawn) % 200)
            expect_enough(f, o.view, &q, least);
        arena_reset(&f->arena);
    }
    close_index(&o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_best_are_those_of_all),
        TEST(enough_is_enough),
    };
    return RUN_TESTS(tests);
}
