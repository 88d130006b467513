/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The words inside long words: 人民|政府 in 人民政府, 科学|家 in 科学家, 两|个 in 两个.
 *
 * The lexicon has many thousands of words that are nothing but shorter ones in a row. In an index
 * they are best kept whole (the bigrams in them serve who types the shorter ones), and the
 * likeliest path is right to prefer them. A query that has the long word also ranks by the shorter
 * ones, which texts on the same matter have by themselves. Whoever looks at how a text is cut wants
 * to see what words are made of, and text cut by hand has them in pieces.
 *
 * A word of three characters or more is taken apart if it is not much likelier than its pieces
 * standing together by chance, and its pieces of three or more likewise: 公共|服务, but not 俄罗斯,
 * nor 葡萄牙, for 葡萄 and 牙 side by side would be a wonder. One of five or more is taken apart
 * too if all its pieces have two or more: 中华|人民|共和国, but not 哥斯达黎加. A numeral and its
 * measure word are two words however often they meet, as digits and what they count are.
 */

#include "words.h"
#include <uchar.h>

#define LEAST 3
#define LONG  5
#define MUCH  (10 * LEX_COST_ONE) /* e^10: 22,000 times likelier than by chance */

static const char32_t numerals[] = U"一二三四五六七八九十百千万亿两几数多半第";

/* Those that make no other word with a numeral, as 面 does in 一面 and 分 in 十分. */
static const char32_t measures[] =
    U"个位名次条座项部届家所段场层级支只张片份颗期天年岁句首套台辆架艘"
    U"枚块根棵匹种批篇章节株幢栋幅笔亩吨克里元";

static bool is_among(const char32_t *list, uint32_t cp)
{
    for (; *list; list++)
        if (an_fold_char(*list) == cp)
            return true;
    return false;
}

static bool is_count(const uint32_t *cp, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        if (!is_among(numerals, cp[i]))
            return false;
    return is_among(measures, cp[n - 1]);
}

/* The cheapest way to each place of a word by shorter words: the length of its last step. */
struct inside {
    uint32_t best[LEX_WORD_MAX + 1];
    uint8_t length[LEX_WORD_MAX + 1];
};

static void relax(struct inside *in, size_t at, size_t length, uint32_t cost)
{
    size_t to = at + length;
    if (in->best[at] + cost >= in->best[to])
        return;
    in->best[to] = in->best[at] + cost;
    in->length[to] = (uint8_t)length;
}

/* Whether that way goes by words of two characters or more alone. */
static bool is_made_of_words(const struct inside *in, size_t n)
{
    for (size_t at = n; at > 0; at -= in->length[at])
        if (in->length[at] < 2)
            return false;
    return true;
}

/* Whether code[0..n), a word, is to be taken apart. */
static bool look_inside(const struct lex *lex, const uint16_t *code, size_t n, struct inside *in)
{
    struct lex_match match[LEX_WORD_MAX];
    uint32_t whole = 0;
    memset(in->best, 0xff, sizeof(in->best));
    in->best[0] = 0;
    for (size_t at = 0; at < n; at++) {
        size_t found = lex_prefixes_of(lex, code + at, n - at, match, LEX_WORD_MAX);
        relax(in, at, 1, lex_unknown_cost(lex));
        for (size_t i = 0; i < found; i++) {
            if (match[i].length == n)
                whole = match[i].cost;
            else
                relax(in, at, match[i].length, match[i].cost);
        }
    }
    return in->best[n] < whole + MUCH || (n >= LONG && is_made_of_words(in, n));
}

static void add_pieces(const struct lex *lex, const struct items *it, size_t from, size_t to,
                       struct words *w);

static void add_piece(const struct lex *lex, const struct items *it, size_t from, size_t to,
                      struct words *w)
{
    words_add_piece(w, from, to);
    add_pieces(lex, it, from, to, w);
}

/* The pieces of the word of items [from, to), each with its own behind it; none: it stays whole. */
static void add_pieces(const struct lex *lex, const struct items *it, size_t from, size_t to,
                       struct words *w)
{
    struct inside in;
    size_t n = to - from, end[LEX_WORD_MAX + 1], ends = 0;
    if (n >= 2 && is_count(it->cp + from, n)) {
        add_piece(lex, it, from, to - 1, w);
        add_piece(lex, it, to - 1, to, w);
        return;
    }
    if (n < LEAST || !look_inside(lex, w->graph.code + from, n, &in))
        return;
    for (size_t at = n; at > 0; at -= in.length[at])
        end[ends++] = from + at;
    for (; ends > 0; from = end[ends])
        add_piece(lex, it, from, end[--ends], w);
}

void pieces_find(const struct lex *lex, const struct items *it, size_t n, struct words *w)
{
    size_t sorted = w->nparts;
    for (size_t at = 0, next; at < n; at = next) {
        bool word = item_is_text(it->kind[at]) && w->n[at] > 0;
        next = at + (word ? w->n[at] : 1);
        if (word && w->id[at] != AN_NO_WORD)
            add_pieces(lex, it, at, next, w);
    }
    words_merge_parts(w, sorted);
}
