/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The word graph: what must hold for any text, and that the path told is the path taken. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis_util.h"
#include "random_text.h"

static const char words[] =
    "强调 9000\n高质量 4000\n质量 9000\n发展 20000\n经济 19000\n市委 3000\n"
    "书记 8000\n市委书记 900\n研究 5000\n研究生 900\n生命 3000\n起源 700\n"
    "中华人民共和国 900\n人民 8000\n共和国 3000\nB超 90\nWTO 300\n乾隆 300\n"
    "的 300000\n在 200000\n是 90000\n年 9000\n月 8000\n日 9000\n";

/* What is seen of a graph, edge after edge. */
struct seen {
    size_t edges, most; /* in all; that ended at one place */
    uint32_t at;        /* where the edges seen last ended */
    uint32_t path;      /* the place that the path has come to */
    uint64_t total;     /* of the path to it */
    struct str text;
    struct buf cut; /* the path, with a | behind each step */
};

static void look_at_edge(struct seen *s, const struct an_edge *e)
{
    assert_true(e->from < e->to);
    assert_true(e->start < e->end && e->end <= s->text.n);
    assert_true(e->total >= e->cost);
    assert_true(e->ncp > 0 && e->cp);
    if (!e->chosen)
        return;
    assert_int_equal(e->from, s->path);
    assert_true(e->total == s->total + e->cost);
    s->path = e->to;
    s->total = e->total;
    buf_add(&s->cut, s->text.p + e->start, e->end - e->start);
    buf_addc(&s->cut, '|');
}

/* The chosen edge costs no more than its rivals, and the longer of two that cost the same wins. */
static enum st look(void *ctx, const struct an_edge *edge, size_t n)
{
    struct seen *s = ctx;
    assert_true(n > 0 && edge[0].to > s->at);
    s->at = edge[0].to;
    s->edges += n;
    s->most = n > s->most ? n : s->most;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(edge[i].to, s->at);
        assert_true(i == 0 || edge[i].from > edge[i - 1].from);
        for (size_t k = 0; k < n; k++)
            assert_true(!edge[i].chosen || edge[i].total < edge[k].total ||
                        (edge[i].total == edge[k].total && i <= k));
        look_at_edge(s, &edge[i]);
    }
    return ST_OK;
}

/* Walk over the graph of a text and see that the path reaches its end. */
static void look_at(struct an *an, struct str text, struct seen *s)
{
    *s = (struct seen){.text = text};
    buf_init(&s->cut, 1 << 24);
    assert_int_equal(an_graph(an, text, look, s), ST_OK);
    assert_int_equal(s->path, s->at);
    assert_true(buf_ok(&s->cut));
}

static void assert_cut(struct an *an, const char *text, const char *cut)
{
    struct seen s;
    look_at(an, str_of(text), &s);
    buf_addc(&s.cut, '\0');
    assert_string_equal(s.cut.p, cut);
    buf_fini(&s.cut);
}

static void paths(void **state)
{
    assert_cut(*state, "研究生命起源", "研究|生命|起源|");
    assert_cut(*state, "市委書記吳舜澤", "市委書記|吳|舜|澤|");
    assert_cut(*state, "強調(diào)·“高質(zhì)量”發(fā)展", "強調(diào)|高質(zhì)量|發(fā)展|");
    assert_cut(*state, "2025年10月31日，是B超", "2025年10月31日|，|是|B超|");
    assert_cut(*state, "中华人民共和国的5+5", "中华人民共和国|的|5+5|");
    assert_cut(*state, "", "");
    assert_cut(*state, "\xff年", "\xff|年|");
}

static enum st take_one(void *ctx, const struct an_edge *edge, size_t n)
{
    struct an_edge *out = ctx;
    assert_int_equal(n, 1);
    *out = edge[0];
    return ST_OK;
}

/* Letters that the lexicon has are one edge: the weight of the word, and no other way into them. */
static void letters_of_the_lexicon(void **state)
{
    struct an_edge wto = {0}, abc = {0};
    assert_int_equal(an_graph(*state, STR("WTO"), take_one, &wto), ST_OK);
    assert_int_equal(an_graph(*state, STR("ABC"), take_one, &abc), ST_OK);
    assert_true(wto.chosen && abc.chosen);
    assert_int_equal(wto.kind, AN_LATIN);
    assert_true(wto.cost < abc.cost);
}

static enum st spell(void *ctx, const struct an_edge *edge, size_t n)
{
    char utf8[64];
    for (size_t i = 0; i < n; i++)
        if (edge[i].chosen)
            strcpy(ctx, utf8_of(edge[i].cp, edge[i].ncp, utf8, sizeof(utf8)));
    return ST_OK;
}

/* The dictionary's spelling, as in a token; of a lone character the fold. */
static void spellings(void **state)
{
    char said[64] = "";
    assert_int_equal(an_graph(*state, STR("乾隆"), spell, said), ST_OK);
    assert_string_equal(said, "乾隆");
    assert_int_equal(an_graph(*state, STR("乾"), spell, said), ST_OK);
    assert_string_equal(said, "干");
}

/* Each lexicon word that is a token of the path is a step of it. */
struct steps {
    const struct seen *seen;
    size_t at, words;
};

static enum st follow(void *ctx, const struct an_token *tok, size_t n)
{
    struct steps *s = ctx;
    struct str cut = buf_str(&s->seen->cut);
    for (size_t i = 0; i < n; i++) {
        if (tok[i].kind != AN_WORD || tok[i].word == AN_NO_WORD || tok[i].aside || tok[i].beside)
            continue;
        struct str want = str_from(s->seen->text.p + tok[i].start, tok[i].end - tok[i].start);
        while (s->at < cut.n) {
            struct str rest = str_from(cut.p + s->at, cut.n - s->at);
            struct str step = str_cut(&rest, '|');
            s->at = (size_t)(rest.p - cut.p);
            if (str_eq(step, want))
                break;
            assert_true(s->at < cut.n);
        }
        s->words++;
    }
    return ST_OK;
}

/* A text of several chunks: places and totals go on from one to the next. */
static void long_text(void **state)
{
    struct buf text;
    struct seen s;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 2000; i++)
        buf_addz(&text, i % 7 ? "市委書記強調高質量發展" : "市委書記強調高質量發展，");
    look_at(*state, buf_str(&text), &s);
    struct steps steps = {.seen = &s};
    assert_int_equal(an_analyze(*state, buf_str(&text), follow, &steps), ST_OK);
    assert_true(steps.words > 7900);
    assert_true(s.total > 2000 * 4 * LEX_COST_ONE);
    buf_fini(&s.cut);
    buf_fini(&text);
}

static void any_text(void **state)
{
    struct dice d = dice_seeded();
    struct buf text;
    struct an *bare;
    struct seen s;
    buf_init(&text, 1 << 20);
    assert_int_equal(an_new(NULL, &bare, NULL), ST_OK);
    for (int i = 0; i < 300; i++) {
        buf_reset(&text);
        random_nasty(&d, 1 + dice_below(&d, 60), &text);
        for (int k = 0; k < 2; k++) {
            look_at(k ? bare : *state, buf_str(&text), &s);
            assert_true(!k || s.most <= 1); /* without a lexicon there is one way */
            buf_fini(&s.cut);
        }
    }
    an_free(bare);
    buf_fini(&text);
}

static enum st stop_at_once(void *ctx, const struct an_edge *edge, size_t n)
{
    (void)edge;
    (void)n;
    ++*(size_t *)ctx;
    return ST_BUSY;
}

static void sink_can_stop(void **state)
{
    size_t calls = 0;
    assert_int_equal(an_graph(*state, STR("研究生命"), stop_at_once, &calls), ST_BUSY);
    assert_int_equal(calls, 1);
}

static struct lex *lexicon;

static int set_up(void **state)
{
    struct an *an = NULL;
    lexicon = lexicon_of(words, "");
    assert_int_equal(an_new(lexicon, &an, NULL), ST_OK);
    *state = an;
    return 0;
}

static int tear_down(void **state)
{
    an_free(*state);
    lex_close(lexicon);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),     cmocka_unit_test(letters_of_the_lexicon),
        cmocka_unit_test(spellings), cmocka_unit_test(long_text),
        cmocka_unit_test(any_text),  cmocka_unit_test(sink_can_stop),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
