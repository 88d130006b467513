/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is asked for without a query: documents, tokens, word graphs. */

#include "bulletins.h"

/* ---- without a query ---- */

static void a_document_is_had_by_its_id(void **state)
{
    (void)state;
    struct shelf s;
    struct ix_doc doc;
    const char *index;
    open_bulletins(&s);
    assert_int_equal(srch_get(s.srch, STR("tea"), STR(""), &s.b.a, &doc, &index, &s.b.err), ST_OK);
    assert_str(doc.title, "茶叶收成好于往年");
    assert_str(doc.date, "2024-10-31");
    assert_int_equal(srch_get(s.srch, STR("coffee"), STR(""), &s.b.a, &doc, &index, &s.b.err),
                     ST_NOT_FOUND);
    shelf_close(&s);
}

static void tokens_are_slices_of_the_text(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_token *token;
    size_t n;
    bool word = false;
    open_bulletins(&s);
    assert_int_equal(srch_analyze(s.srch, STR("會議強調(diào)，"), &s.b.a, &token, &n, &s.b.err),
                     ST_OK);
    for (size_t i = 0; i < n; i++) {
        if (token[i].kind == AN_WORD && str_eq(token[i].term, STR("强调"))) {
            assert_str(token[i].slice, "強調(diào)");
            assert_int_equal(token[i].start, 6);
            word = true;
        }
    }
    assert_true(word);
    shelf_close(&s);
}

static void graph_has_the_path(void **state)
{
    (void)state;
    struct shelf s;
    struct srch_edge *edge;
    size_t n;
    uint32_t at = 0;
    double total = 0;
    open_bulletins(&s);
    assert_int_equal(srch_graph(s.srch, STR("會議強調(diào)，"), &s.b.a, &edge, &n, &s.b.err),
                     ST_OK);
    for (size_t i = 0; i < n; i++) {
        if (!edge[i].chosen)
            continue;
        assert_int_equal(edge[i].start, at);
        assert_true(edge[i].weight > 0 && edge[i].total > total);
        at = edge[i].end;
        total = edge[i].total;
        if (edge[i].start == 6)
            assert_str(edge[i].slice, "強調(diào)");
    }
    assert_int_equal(at, 22);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_had_by_its_id),
        cmocka_unit_test(tokens_are_slices_of_the_text),
        cmocka_unit_test(graph_has_the_path),
    };
    return RUN_TESTS(tests);
}
