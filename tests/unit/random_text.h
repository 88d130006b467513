/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_RANDOM_TEXT_H
#define GONGBAO_RANDOM_TEXT_H

/* Texts at random: pieces that are nasty in combination, and bulletins as sites really write them,
 * with readings, quotes, numbers, names, either script, and now and then a byte that was lost; and
 * word lists cut out of a text, which suit it and nothing else.
 *
 * Included behind analysis_util.h or query_fixture.h.
 */

#include "dice.h"

#include <gongbao/buf.h>
#include <gongbao/utf8.h>

/* ---- what is nasty in combination ---- */

static inline void random_nasty(struct dice *d, size_t pieces, struct buf *out)
{
    static const char *const nasty[] = {
        /* clang-format off */
    "强", "調", "乾", "著", "龘", "𠀀", "〇", "々", "調(diào)", "強(qiáng)", "质（zhì）", "關(guan) 於(yu)",
    "於(yu) a", "〔2019〕5号", "GB/T 7714—2015", "1,234", "第", "十", "二〇二四年", "号", "〔二〇一九〕", "他(he)", "素(a)", "人(man)", "女(nǚ)", "女(nv)", "女(nü)", "調(di", "ào)", "張?zhí)",
    "調(diàg)", "(diào)", "(", ")", "（", "）", "长(cha\xcc\x81ng)", "强(qiǎng)(qiáng)", "行(háng) ",
    "行(hang)\xe3\x80\x80", "的(de)  ", "·", "・", ".", "．", "'", "’", "“", "”", "「", "」", "\"",
    "`", "-", "–", "—", "_", "/", ":", "：", "&", "@", "+", "%", "°", "#", ",", "，", "。", "、",
    "《", "》", "…", "─", "│", " ", "  ", "\xe3\x80\x80", "\t", "\xc2\xa0", "\n", "\r\n",
    "\xe2\x80\xa8", "a", "b", "Z", "1", "9", "Ａ", "５", "①", "é", "e\xcc\x81", "\xcc\x81",
    "\xcc\x88", "\xe2\x80\x8b", "\xe2\x80\x8f", "\xef\xbb\xbf", "\xef\xb8\x8f", "年", "月", "日",
    "亿", "元", "5+5", "23.4%", "a.b", "a-b", "GB/T", "x'y", "1:2", "あ", "が", "か\xe3\x82\x99",
    "ｶﾞ", "한", "й", "😀", "\xff", "\xe5\xbc", "\xe5", "\xc2", "\x80", "\xed\xa0\x80",
    "\xf4\x90\x80\x80", "\x01", "\x7f", "\xef\xbf\xbe", "ﬁ", "½", "㈠", "ⅳ", "İ", "ß",
    "\xee\x80\x80", "v", "ü", "n", "g", "zhuang", "ɑ", "ɡ", "鄕", "㊣", "ä\xcc\x81", "（a）",
    "乾(gān)隆", "·(diào)", "\"", "ｑ", "調\xcc\x81(diào)", "調(di\xe2\x80\x8bào)", "二〇", "十", "万",
    "号", "\xe2\x80\xae",
        /* clang-format on */
    };
    while (pieces-- > 0)
        buf_addz(out, PICK(d, nasty));
}

/* ---- bulletins ---- */

/* How a site writes. */
struct hand {
    bool traditional, toneless, wide_parens, wide_digits;
    size_t readings; /* one in so many characters that may have one; 0: none */
    size_t damage;   /* one in so many pieces is damaged; 0: none */
};

static inline struct hand random_hand(struct dice *d)
{
    struct hand h = {.traditional = dice_once_in(d, 2),
                     .toneless = dice_once_in(d, 4),
                     .wide_parens = dice_once_in(d, 4),
                     .wide_digits = dice_once_in(d, 5)};
    h.readings = dice_once_in(d, 3) ? 0 : 1 + dice_below(d, 4);
    h.damage = dice_once_in(d, 2) ? 0 : 5 + dice_below(d, 60);
    return h;
}

/* A character in both scripts and how it is read. */
static inline void write_character(struct dice *d, const struct hand *h, struct buf *out)
{
    static const char *const character[][4] = {
        {"调", "調", "diào", "diao"},   {"质", "質", "zhì", "zhi"},
        {"发", "發", "fā", "fa"},       {"经", "經", "jīng", "jing"},
        {"农", "農", "nóng", "nong"},   {"关", "關", "guān", "guan"},
        {"于", "於", "yú", "yu"},       {"乡", "鄉", "xiāng", "xiang"},
        {"绿", "綠", "lǜ", "lv"},       {"产", "產", "chǎn", "chan"},
        {"业", "業", "yè", "ye"},       {"坚", "堅", "jiān", "jian"},
        {"长", "長", "zhǎng", "chang"}, {"县", "縣", "xiàn", "xian"},
        {"乾", "乾", "qián", "gan"},    {"著", "著", "zhù", "zhu"},
        {"里", "裏", "lǐ", "li"},       {"面", "麵", "miàn", "mian"},
    };
    const char *const *c = PICK(d, character);
    buf_addz(out, h->traditional ? c[1] : c[0]);
    if (h->readings == 0 || !dice_once_in(d, h->readings))
        return;
    buf_addz(out, h->wide_parens ? "（" : "(");
    buf_addz(out, h->toneless ? c[3] : c[2]);
    buf_addz(out, h->wide_parens ? "）" : ")");
    if (h->toneless)
        buf_addz(out, dice_once_in(d, 3) ? "\xe3\x80\x80" : " ");
}

static inline void write_words(struct dice *d, const struct hand *h, struct buf *out)
{
    static const char *const simplified[] = {
        "高质量发展", "强调",         "三大战略任务", "公共服务", "跨山统筹",  "市委书记",
        "会议",       "各县(市、区)", "农业+",        "他(he)",   "维生素(a)", "乾隆著作",
        "制度",       "的",           "和",           "(一)"};
    static const char *const traditional[] = {
        "高質量發展",   "強調",          "三大戰略任務", "公共服務", "跨山統籌", "市委書記", "會議",
        "各縣(市、區)", "大場景·小切口", "乾隆著作",     "製度",     "体係",     "全麵"};
    for (size_t n = 1 + dice_below(d, 3); n > 0; n--) {
        if (dice_once_in(d, 2))
            write_character(d, h, out);
        else
            buf_addz(out, h->traditional ? PICK(d, traditional) : PICK(d, simplified));
    }
}

static inline void write_name(struct dice *d, struct buf *out)
{
    static const char *const title[] = {"市委書記", "市长", "副省长", "主任", ""};
    static const char *const name[] = {"吳舜澤", "朱林森", "欧阳明远", "于某", "马可·罗西", "逄翀"};
    static const char *const cue[] = {"主持", "出席會議", "说", "、", ""};
    buf_addz(out, PICK(d, title));
    buf_addz(out, PICK(d, name));
    buf_addz(out, PICK(d, cue));
}

/* ASCII as it is or as wide as Han. */
static inline void write_ascii(const struct hand *h, const char *s, struct buf *out)
{
    char wide[4];
    for (; *s; s++) {
        bool widens = h->wide_digits && *s > ' ' && *s <= '~';
        if (widens)
            buf_add(out, wide, utf8_put((uint32_t)*s - '!' + 0xff01, wide));
        else
            buf_addc(out, *s);
    }
}

static inline void write_number(struct dice *d, const struct hand *h, struct buf *out)
{
    static const char *const ascii[] = {
        "1410",           "5+5",        "9+1",   "5G",  "C919", "23.4%", "T+3", "COVID-19",
        "GB/T 7714-2015", "a.b@gov.cn", "12345", "3-2", "1:2"};
    static const char *const han[] = {
        "二〇二四年十月三十一日", "三千五百元", "十三届",   "国发〔2019〕5号", "1.5亿元",
        "〔二〇一九〕五号",       "第(3)条",    "百分之五", "两千零二十年"};
    char date[64];
    if (dice_once_in(d, 3)) {
        snprintf(date, sizeof(date), "%zu", 1990 + dice_below(d, 40));
        write_ascii(h, date, out);
        buf_addz(out, "年");
    }
    if (dice_once_in(d, 3)) {
        snprintf(date, sizeof(date), "%zu月%zu日", 1 + dice_below(d, 12), 1 + dice_below(d, 31));
        buf_addz(out, date);
        buf_addz(out, dice_once_in(d, 2) ? "上午" : "");
    } else if (dice_once_in(d, 2)) {
        write_ascii(h, PICK(d, ascii), out);
    } else {
        buf_addz(out, PICK(d, han));
    }
}

static inline void write_damage(struct dice *d, struct buf *out)
{
    static const char *const damage[] = {
        "\xe5\xbc",     "\xff",        "張?zhí)熘",    "結構(g", "調(diàg)",
        "\xe2\x80\x8b", "\xcc\x81",    "\xef\xbf\xbd", "\x01",   "\xe3\x80\x80\xe3\x80\x80",
        "\xe2\x80\xae", "\xef\xb8\x8f"};
    buf_addz(out, PICK(d, damage));
}

static inline void write_piece(struct dice *d, const struct hand *h, struct buf *out)
{
    static const char *const quotes[][2] = {{"“", "”"}, {"「", "」"}, {"《", "》"}, {"\"", "\""},
                                            {"‘", "’"}, {"(", ")"},   {"（", "）"}, {"『", "』"}};
    const char *const *quote = PICK(d, quotes);
    bool quoted = dice_once_in(d, 4);
    size_t kind = dice_below(d, 8);
    buf_addz(out, quoted ? quote[0] : "");
    if (kind < 5)
        write_words(d, h, out);
    else if (kind < 7)
        write_number(d, h, out);
    else
        write_name(d, out);
    buf_addz(out, quoted ? quote[1] : "");
    if (h->damage && dice_once_in(d, h->damage))
        write_damage(d, out);
}

/* A line of a bulletin; without marks it is one run of text as far as it can be. */
static inline void random_line(struct dice *d, const struct hand *h, size_t pieces, bool marks,
                               struct buf *out)
{
    static const char *const mark[] = {"，", "。",           "、", ",",  "；",
                                       " ",  "\xe3\x80\x80", "·",  "：", "—"};
    while (pieces-- > 0) {
        write_piece(d, h, out);
        if (marks && dice_once_in(d, 2))
            buf_addz(out, PICK(d, mark));
    }
}

static inline void random_bulletin(struct dice *d, struct buf *out)
{
    struct hand h = random_hand(d);
    for (size_t lines = 1 + dice_below(d, 4); lines > 0; lines--) {
        random_line(d, &h, 1 + dice_below(d, 12), true, out);
        buf_addz(out, dice_once_in(d, 5) ? "\r\n" : "\n");
    }
}

/* ---- pieces and words ---- */

static inline size_t random_step(struct str text, size_t at)
{
    uint32_t cp;
    unsigned n = utf8_next(text.p + at, text.p + text.n, &cp);
    return n ? n : 1;
}

/* A piece of up to max characters that begins near `at`, on character boundaries; begins tells
 * them. */
static inline struct str random_piece(struct dice *d, struct str text, const unsigned char *begins,
                                      size_t at, size_t max)
{
    while (at > 0 && (at >= text.n || !begins[at]))
        at--;
    size_t end = at;
    for (size_t n = 1 + dice_below(d, max); n > 0 && end < text.n; n--)
        end += random_step(text, end);
    return str_from(text.p + at, end - at);
}

/* A word list of pieces of a text, "WORD FREQUENCY" in lines. */
static inline void random_words(struct dice *d, struct str text, size_t n, struct buf *out)
{
    while (n-- > 0) {
        size_t at = utf8_floor(text.p, text.n, dice_below(d, text.n)), end = at;
        for (size_t len = 1 + dice_below(d, 1 + dice_below(d, 12)); len > 0 && end < text.n; len--)
            end += random_step(text, end);
        struct str word = str_from(text.p + at, end - at);
        if (utf8_check(word.p, word.n) != word.n || memchr(word.p, '\n', word.n) ||
            memchr(word.p, ' ', word.n) || word.p[0] == '#')
            continue;
        buf_adds(out, word);
        buf_addf(out, " %zu\n", 1 + dice_below(d, dice_once_in(d, 2) ? 20 : 100000));
    }
}

#endif
