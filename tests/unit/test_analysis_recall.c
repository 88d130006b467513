/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The rule that everything rests on: any piece of a text, a line break not in it, finds the text.
 *
 * Texts are put together at random from pieces that were chosen to be nasty in combination, and
 * cut at random. For each piece, analysed by itself and without a lexicon, its bigrams and
 * characters must be among those of the text, and one of its views must be found in the text's.
 * The tokens of the text are checked for order, boundaries and slices on the way. The same is
 * done with real texts when they are there.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis_util.h"
#include <gongbao/map.h>

#define CUTS 12 /* of each text */

static const char *const nasty[] = {
    "强",
    "調",
    "乾",
    "著",
    "龘",
    "𠀀",
    "〇",
    "々",
    "調(diào)",
    "強(qiáng)",
    "质（zhì）",
    "關(guan) 於(yu)",
    "於(yu) a",
    "他(he)",
    "素(a)",
    "人(man)",
    "女(nǚ)",
    "女(nv)",
    "女(nü)",
    "調(di",
    "ào)",
    "張?zhí)",
    "調(diàg)",
    "(diào)",
    "(",
    ")",
    "（",
    "）",
    "长(cha\xcc\x81ng)",
    "强(qiǎng)(qiáng)",
    "行(háng) ",
    "行(hang)\xe3\x80\x80",
    "的(de)  ",
    "·",
    "・",
    ".",
    "．",
    "'",
    "’",
    "“",
    "”",
    "「",
    "」",
    "\"",
    "`",
    "-",
    "–",
    "—",
    "_",
    "/",
    ":",
    "：",
    "&",
    "@",
    "+",
    "%",
    "°",
    "#",
    ",",
    "，",
    "。",
    "、",
    "《",
    "》",
    "…",
    "─",
    "│",
    " ",
    "  ",
    "\xe3\x80\x80",
    "\t",
    "\xc2\xa0",
    "\n",
    "\r\n",
    "\xe2\x80\xa8",
    "a",
    "b",
    "Z",
    "1",
    "9",
    "Ａ",
    "５",
    "①",
    "é",
    "e\xcc\x81",
    "\xcc\x81",
    "\xcc\x88",
    "\xe2\x80\x8b",
    "\xe2\x80\x8f",
    "\xef\xbb\xbf",
    "\xef\xb8\x8f",
    "年",
    "月",
    "日",
    "亿",
    "元",
    "5+5",
    "23.4%",
    "a.b",
    "a-b",
    "GB/T",
    "x'y",
    "1:2",
    "あ",
    "が",
    "か\xe3\x82\x99",
    "ｶﾞ",
    "한",
    "й",
    "😀",
    "\xff",
    "\xe5\xbc",
    "\xe5",
    "\xc2",
    "\x80",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\x01",
    "\x7f",
    "\xef\xbf\xbe",
    "ﬁ",
    "½",
    "㈠",
    "ⅳ",
    "İ",
    "ß",
    "\xee\x80\x80",
    "v",
    "ü",
    "n",
    "g",
    "zhuang",
    "ɑ",
    "ɡ",
};
#define NASTY (sizeof(nasty) / sizeof(nasty[0]))

static uint64_t random_state = 88172645463325252u;

static size_t random_below(size_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (size_t)(random_state % n);
}

/* Everything known about one text. */
struct known {
    const struct lex *lex;
    struct an *an;   /* with the lexicon */
    struct an *bare; /* without */
    struct str text;
    struct map terms;
    struct buf term;
    struct an_text view[3], piece, slice;
    size_t missing; /* terms of a piece that the text lacks */
    struct an_token last;
    bool first;
};

static bool on_boundary(struct str text, size_t at)
{
    size_t p = 0;
    while (p < at) {
        uint32_t cp;
        unsigned n = utf8_next(text.p + p, text.p + text.n, &cp);
        p += n ? n : 1;
    }
    return p == at;
}

/* Whether token is what the view gives of its slice. */
static bool slice_is(struct known *k, const struct an_token *t, enum an_view view, bool run)
{
    struct str slice = str_from(k->text.p + t->start, t->end - t->start);
    enum st st = run ? an_fold_run(slice, view, &k->slice) : an_fold(slice, view, &k->slice);
    assert_int_equal(st, ST_OK);
    return k->slice.n == t->ncp && memcmp(k->slice.cp, t->cp, t->ncp * sizeof(*t->cp)) == 0;
}

/* Whether the token's characters stand in its slice in order, first to first and last to last. */
static bool slice_has(struct known *k, const struct an_token *t)
{
    struct str slice = str_from(k->text.p + t->start, t->end - t->start);
    assert_int_equal(an_fold(slice, AN_VIEW_MARKS, &k->slice), ST_OK);
    size_t at = 0;
    for (size_t i = 0; i < k->slice.n && at < t->ncp; i++)
        at += k->slice.cp[i] == t->cp[at];
    return at == t->ncp && k->slice.cp[0] == t->cp[0];
}

static bool has_connector(const struct an_token *t)
{
    const uint32_t ends[] = {t->cp[0], t->cp[t->ncp - 1]};
    for (size_t i = 0; i < 2; i++)
        if (ends[i] < 0x80 && strchr(".'-_/:&@", (int)ends[i]))
            return true;
    return false;
}

static void check_token(struct known *k, const struct an_token *t)
{
    assert_true(t->start < t->end && t->end <= k->text.n);
    if (k->text.n < 2000) /* it is quadratic */
        assert_true(on_boundary(k->text, t->start) && on_boundary(k->text, t->end));
    if (!k->first) {
        assert_true(t->start >= k->last.start);
        if (t->start == k->last.start)
            assert_true(t->end <= k->last.end);
    }
    k->first = false;
    k->last = *t;
    size_t n;
    bool spelled = t->word != AN_NO_WORD && lex_spelling(k->lex, t->word, &n) != NULL;
    if (!spelled && t->kind != AN_READING && t->cp[0] != ' ')
        assert_true(slice_is(k, t, AN_VIEW_TEXT, true) || slice_is(k, t, AN_VIEW_ALL, true) ||
                    slice_is(k, t, AN_VIEW_MARKS, false) || (has_connector(t) && slice_has(k, t)));
}

static bool finds(const struct an_token *t)
{
    return t->kind == AN_BIGRAM || t->kind == AN_CHAR || t->kind == AN_LETTERS;
}

/* Whether the text has the term, or the same as letters of a reading. */
static bool is_known(const struct known *k, struct str term)
{
    char other[16];
    if (map_get(&k->terms, term))
        return true;
    if (term.n > 3 || term.p[0] == AN_TERM_LETTERS[0])
        return false;
    memcpy(other, term.p, term.n);
    other[0] = AN_TERM_LETTERS[0];
    return map_get(&k->terms, str_from(other, term.n)) != NULL;
}

static enum st learn(void *ctx, const struct an_token *tok, size_t n)
{
    struct known *k = ctx;
    for (size_t i = 0; i < n; i++) {
        check_token(k, &tok[i]);
        buf_reset(&k->term);
        an_term(&tok[i], &k->term);
        assert_true(k->term.n <= 1 + 4 * AN_TOKEN_MAX);
        if (finds(&tok[i]))
            *map_slot(&k->terms, buf_str(&k->term)) = 1;
    }
    return ST_OK;
}

static enum st look_up(void *ctx, const struct an_token *tok, size_t n)
{
    struct known *k = ctx;
    for (size_t i = 0; i < n; i++) {
        buf_reset(&k->term);
        an_term(&tok[i], &k->term);
        if (finds(&tok[i]))
            k->missing += !is_known(k, buf_str(&k->term));
    }
    return ST_OK;
}

static void learn_text(struct known *k, struct str text)
{
    k->text = text;
    k->first = true;
    map_fini(&k->terms);
    map_init(&k->terms);
    assert_int_equal(an_analyze(k->an, text, learn, k), ST_OK);
    for (int v = AN_VIEW_TEXT; v <= AN_VIEW_MARKS; v++)
        assert_int_equal(an_fold(text, (enum an_view)v, &k->view[v]), ST_OK);
}

static bool has_break(struct str s)
{
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        uint32_t cp = 0;
        unsigned n = utf8_next(p, end, &cp);
        if (n > 0 && an_fold_char(cp) == '\n')
            return true;
        p += n ? n : 1;
    }
    return false;
}

static bool in_view(struct known *k, struct str piece, enum an_view view, bool *empty)
{
    assert_int_equal(an_fold_run(piece, view, &k->piece), ST_OK);
    *empty = k->piece.n == 0;
    return an_find(&k->view[view], &k->piece, 0) != SIZE_MAX;
}

static bool is_found(struct known *k, struct str piece)
{
    bool text_empty, all_empty, marks_empty;
    bool text = in_view(k, piece, AN_VIEW_TEXT, &text_empty);
    bool all = in_view(k, piece, AN_VIEW_ALL, &all_empty);
    bool marks = in_view(k, piece, AN_VIEW_MARKS, &marks_empty);
    return text || all || (text_empty && all_empty && (marks || marks_empty));
}

static void check_piece(struct known *k, struct str piece)
{
    k->missing = 0;
    assert_int_equal(an_analyze(k->bare, piece, look_up, k), ST_OK);
    if (k->missing > 0 || !is_found(k, piece)) {
        print_message("text  [" STR_FMT "]\npiece [" STR_FMT "] missing %zu\n", STR_ARG(k->text),
                      STR_ARG(piece), k->missing);
        fail();
    }
}

/* Cut out a piece of up to max characters, on boundaries. */
static struct str random_piece(struct str text, size_t max)
{
    size_t from = random_below(text.n), to, n = 1 + random_below(max);
    while (from > 0 && from < text.n && !on_boundary(str_from(text.p, text.n), from))
        from--;
    to = from;
    for (size_t i = 0; i < n && to < text.n; i++) {
        uint32_t cp;
        unsigned len = utf8_next(text.p + to, text.p + text.n, &cp);
        to += len ? len : 1;
    }
    return str_from(text.p + from, to - from);
}

static void check_text(struct known *k, struct str text)
{
    learn_text(k, text);
    for (int i = 0; i < CUTS && text.n > 0; i++) {
        /* A copy of its own, so that a read past either end is seen. */
        struct str cut = random_piece(text, 20);
        if (has_break(cut))
            continue;
        char *copy = malloc(cut.n);
        assert_non_null(copy);
        memcpy(copy, cut.p, cut.n);
        check_piece(k, str_from(copy, cut.n));
        free(copy);
    }
}

static void known_init(struct known *k)
{
    *k = (struct known){.lex = lexicon_of("强调 900\n质量 500\n高质量 90\n关于 800\n经济 700\n"
                                          "家具 60\n乾隆 30\n卡拉OK 20\nB超 20\n于他 9\n",
                                          "傢俱\t家具\n")};
    assert_int_equal(an_new(k->lex, &k->an, NULL), ST_OK);
    assert_int_equal(an_new(NULL, &k->bare, NULL), ST_OK);
    map_init(&k->terms);
    buf_init(&k->term, 1024);
    for (int v = 0; v < 3; v++)
        an_text_init(&k->view[v]);
    an_text_init(&k->piece);
    an_text_init(&k->slice);
}

static void known_fini(struct known *k)
{
    an_free(k->an);
    an_free(k->bare);
    lex_close((struct lex *)(uintptr_t)k->lex);
    map_fini(&k->terms);
    buf_fini(&k->term);
    for (int v = 0; v < 3; v++)
        an_text_fini(&k->view[v]);
    an_text_fini(&k->piece);
    an_text_fini(&k->slice);
}

static size_t rounds(size_t usual)
{
    const char *factor = getenv("RECALL_FACTOR");
    return usual * (factor ? strtoul(factor, NULL, 10) : 1);
}

static void random_texts(void **state)
{
    (void)state;
    struct known k;
    struct buf text;
    known_init(&k);
    buf_init(&text, 1 << 16);
    for (size_t round = 0; round < rounds(12000); round++) {
        buf_reset(&text);
        for (size_t i = 1 + random_below(14); i > 0; i--)
            buf_addz(&text, nasty[random_below(NASTY)]);
        check_text(&k, buf_str(&text));
    }
    buf_fini(&text);
    known_fini(&k);
}

/* Longer than a chunk, with no separator to cut at, and with separators everywhere. */
static void long_texts(void **state)
{
    (void)state;
    struct known k;
    struct buf text;
    known_init(&k);
    buf_init(&text, 1 << 20);
    for (int kind = 0; kind < 3; kind++) {
        buf_reset(&text);
        for (int i = 0; i < 11000; i++)
            buf_addz(&text, kind == 0   ? (i % 7 ? "强" : "調(diào)")
                            : kind == 1 ? nasty[random_below(NASTY)]
                                        : (i % 9 ? "a" : "·"));
        learn_text(&k, buf_str(&text));
        for (size_t at = 0; at + 64 < text.n; at += 61) {
            size_t from = utf8_floor(text.p, text.n, at), to = utf8_floor(text.p, text.n, at + 60);
            struct str cut = str_from(text.p + from, to - from);
            if (kind != 1 && !has_break(cut))
                check_piece(&k, cut);
        }
    }
    buf_fini(&text);
    known_fini(&k);
}

static void real_texts(void **state)
{
    (void)state;
    struct known k;
    struct buf text = shared_file("corpus/bulletin-lishui.txt");
    if (text.n == 0) {
        buf_fini(&text);
        print_message("no corpus/bulletin-lishui.txt in the shared data, skipped\n");
        skip();
    }
    known_init(&k);
    struct str rest = buf_str(&text);
    while (rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        for (size_t i = 0; i < rounds(10) && line.n > 0; i++)
            check_text(&k, line);
    }
    buf_fini(&text);
    known_fini(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_texts),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(real_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
