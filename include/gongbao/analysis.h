/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_H
#define GONGBAO_ANALYSIS_H

/* Text to tokens: the one analyzer that ingest, query and snippet share.
 *
 * 1. Fold, character by character and without context: width and case (as NFKC), Latin letters
 *    to their base letter, Traditional and variant characters to one Simplified representative
 *    of their class (乾 and 干 are one class, 著 and 着, 畫 and 划), so that any two spellings
 *    of a text, and any piece cut out of it, fold alike. The tables are compiled into the program
 *    from OpenCC's and utf8proc's data; they do not depend on the lexicon.
 *
 * 2. Read marks. Every folded character has one of four roles:
 *    - text: letters, digits, Han, and symbols such as + % ° ；
 *    - dropped: middle dots of every kind (· ・ • ‧), quotes, combining marks, zero-width and bidi
 *      controls. They are not there: 大場景·小切口 is 大场景小切口.
 *    - connector: . - _ / : ' & @ ~ are text between two ASCII letters or digits (23.4%, COVID-19,
 *      GB/T); elsewhere . and ' are dropped and the others separate. Between means: behind the
 *      last character that was kept, right before the next one as it stands.
 *    - separator: other punctuation, brackets, white space, line breaks, controls, invalid bytes.
 *
 *    A removed reading belongs to the character before it: 調(diào), and 關(guan) with the single
 *    space behind it when another Han character follows.
 *
 * 3. Segment runs of text into words: the best path over the word graph for Han, and whole runs of
 *    letters, digits and shorthand (1410, 5+5, 23.4%, 5G, 1.5亿, COVID-19). A date is cut fine, as
 *    2025|年|10|月|31|日, and its wholes are tokens too: 2025年10月31日, 10月31日, 10月; and so
 *    are the parts of a run that a reader may type: covid of covid-19, 919 of c919. Some wholes
 *    reach over Han or separators: 第3条, 农业+, 国发〔2019〕5号, GB/T 7714-2015, 1,234.5. They are
 *    spelt without the separators, a long dash as '-', so brackets of all kinds and a missing space
 *    are the same: 国发20195号, gb/t7714-2015, 1234.5.
 *    With a lexicon, names of persons are words where the path leaves their characters alone
 *    (市委書記吳舜澤; 雷　敏 is 雷 敏), and foreign names both whole and in pieces (马可·罗西).
 *    Other characters that the path leaves alone, though they hardly ever are words by themselves,
 *    are an unknown word together (碧湖). Two to eight characters between quotes are a word beside
 *    those inside it (“三大战略任务”).
 *
 *    Chinese numerals in dates and numbers (二〇二四年, 十月三十一日, 第三十二条, 二十届,
 *    一百二十三号, 〔二〇一九〕五号) also give what their digits would give: words, bigrams and
 *    characters beside the text, over the characters they stand for. They are the tokens aside of
 *    the kinds up to AN_BIGRAM, and the characters aside that are digits; a quoted run does not
 *    ask for them.
 *
 *    Two Han characters that are set apart by a space and stand by themselves (附　则) also give
 *    their bigram, aside likewise.
 *
 * 4. Emit, for each position: the words that begin there, the bigram of two neighbouring text
 *    characters, and the character itself. Every character but a line break is emitted, one ' '
 *    for a run of white space.
 *
 * Words rank, bigrams and characters find. Bigrams and characters depend on the fold alone, so the
 * terms of any substring (without a line break) are among the terms of the text it was cut from,
 * whatever the lexicon, where a character by itself stands for any term that it begins: it may end
 * the substring and have a neighbour in the text. Separators and dropped marks are emitted as
 * single characters for this. A substring may also begin or end inside a reading, where it cannot
 * be known for one. So the letters of a removed reading are emitted too, beside the text and as a
 * kind of their own: where a piece has the bigram or the character of Latin letters, the text has
 * that, or the same as letters of a reading. Who means text (AI) does not ask for them, who quotes
 * a piece does.
 */

#include <gongbao/arena.h>
#include <gongbao/buf.h>
#include <gongbao/err.h>
#include <gongbao/lexicon.h>
#include <stdbool.h>

enum an_kind {
    AN_WORD,      /* a word of the lexicon, a lone character between such words, or a quoted unit */
    AN_NAME,      /* a name recognised outside the lexicon */
    AN_UNKNOWN,   /* another word outside the lexicon; its characters are words too */
    AN_LATIN,     /* letters: iphone */
    AN_NUMBER,    /* 1410 23.4% 2025年 10月31日 1.5亿元 */
    AN_SHORTHAND, /* 5+5 5g c919 covid-19 gb/t */
    AN_BIGRAM,    /* two neighbouring characters of text */
    AN_CHAR,      /* one character: text, separator or mark */
    AN_READING,   /* a removed reading; not a term */
    AN_LETTERS,   /* a letter of a removed reading, or two neighbouring ones */
    AN_PIECE,     /* a word inside a long word, for looking at: see an_show_pieces */
    AN_KINDS
};

/* "word" "name" ... */
const char *an_kind_name(enum an_kind kind);

#define AN_TOKEN_MAX 60 /* code points; a longer run of letters or digits gives no word token */

struct an_token {
    uint32_t start, end; /* byte offsets into the original text, end exclusive; on character
                            boundaries; a reading lies inside its character's slice */
    const uint32_t *cp;  /* the folded characters (a word's dictionary spelling), ncp of them;
                            valid during the call only */
    uint8_t ncp;
    uint8_t kind;  /* enum an_kind */
    bool aside;    /* stands beside the text (a reading, a dropped mark, 2024 for 二〇二四) */
    bool beside;   /* a word beside those that the text is cut into: 10月31日, 吴舜泽 */
    uint32_t word; /* lexicon number, or AN_NO_WORD */
};

#define AN_NO_WORD UINT32_MAX

/* Takes n tokens, in order of start; at the same start the longer first. Returns ST_OK to go on,
 * anything else to stop. */
typedef enum st an_sink(void *ctx, const struct an_token *tok, size_t n);

struct an;

/* An analyzer: a borrowed lexicon and scratch memory that is reused from call to call. One a
 * thread. lex may be NULL: then every Han character is a word. ST_DAMAGED when the lexicon was
 * compiled with other fold tables. */
enum st an_new(const struct lex *lex, struct an **out, struct err *err);
void an_free(struct an *an);

/* Whether the words that long words are made of are given too, as AN_PIECE: 人民 and 政府 of
 * 人民政府, 一 and 个 of 一个. They show how a text is cut, and rank a query that has the long
 * word; an index does not take them. Not at first. */
void an_show_pieces(struct an *an, bool show);

/* Whether only what an index takes is given, half as many tokens. A bigram that is a word of the
 * text is one token, the word. A character is given where it begins no bigram. Words are as the
 * text folds and not as a dictionary spells them. Not at first. */
void an_for_index(struct an *an, bool on);

/* Whether two folded characters may be a name that a text sets with a space, where it is a word
 * with that space: 雷 敏. */
bool an_may_be_spaced(const struct an *an, uint32_t surname, uint32_t given);

/* Analyse text under 4 GiB. Any bytes may come: an invalid byte is a separator of length 1. Returns
 * what the sink returned, or ST_NO_MEMORY. Memory does not grow with the text. */
enum st an_analyze(struct an *an, struct str text, an_sink *sink, void *ctx);

/* An edge of the word graph: one way to go on from a place in the text. It is a word of the
 * lexicon, a lone character, or a stretch that is cut alike whatever the lexicon says (5+5, and a
 * date, which is several words). */
struct an_edge {
    uint32_t from, to;   /* places between the characters that are kept, counted from 0 */
    uint32_t start, end; /* byte offsets, as those of a token; so are cp and ncp */
    const uint32_t *cp;
    uint16_t ncp;
    uint8_t kind;   /* enum an_kind; AN_CHAR: a separator or symbols, which are no word */
    bool chosen;    /* is on the best path */
    uint32_t word;  /* lexicon number, or AN_NO_WORD */
    uint32_t cost;  /* -ln of its probability, in units of 1 / LEX_COST_ONE */
    uint64_t total; /* of the best path from the beginning of the text whose last edge it is */
};

/* Takes the n edges that end at one place, the longest first; one at least. Places come in order.
 * Returns ST_OK to go on, anything else to stop. */
typedef enum st an_edge_sink(void *ctx, const struct an_edge *edge, size_t n);

/* The word graph from which the words of a text under 4 GiB are taken, and the path through it that
 * is. Names and other words that are found over the path are not in it. Returns what the sink
 * returned. */
enum st an_graph(struct an *an, struct str text, an_edge_sink *sink, void *ctx);

/* Append the index term of a token: its folded characters in UTF-8, at most 1 + 4 * AN_TOKEN_MAX
 * bytes. So a word of two characters and their bigram are one term, and so are a word of one and
 * the character. The letters of a reading are behind a prefix, which no other term begins with,
 * since folded text has no upper-case ASCII letter. Nothing for AN_READING. */
void an_term(const struct an_token *tok, struct buf *out);

#define AN_TERM_LETTERS "R"

/* ---- days ---- */

struct an_date {
    int year, month, day; /* what is not told is 0 */
};

/* Read folded characters that are a date with a year and nothing else: 2024-10-31 (or . or /),
 * 2024年10月31日, 2024年10月, 2024-10, 2024年. False when they are none, or the calendar has no
 * such day. */
bool an_read_date(const uint32_t *cp, size_t n, struct an_date *out);

#define AN_DAYS_MAX 256 /* of one bulletin; more are not looked at */

/* The days that a bulletin mentions: dates with a year, and those without one that the bulletin's
 * own date or a year in the same sentence tells the year of; src/analysis/dates.c has the rule.
 * Chinese numerals count: 十月三十一日.
 *
 *     an_days_init(&days, doc->date);
 *     an_days_begin(&days, doc->title);  // and an_days_take for its tokens in their order
 *     an_days_begin(&days, doc->body);   // likewise
 */
struct an_days {
    uint32_t day[AN_DAYS_MAX]; /* 20241031, each once, in order of first mention */
    size_t n;
    /* the rest is for an_days_take */
    struct str text;
    struct an_date own, last, whole; /* the bulletin's, the last with a year, the last one */
    uint32_t end, year_end;          /* behind the last one, behind the last with a year */
};

/* own is "YYYY-MM-DD" or empty. */
void an_days_init(struct an_days *d, struct str own);

/* The next text. It is borrowed until the text after it. */
void an_days_begin(struct an_days *d, struct str text);

void an_days_take_number(struct an_days *d, const struct an_token *tok);

static inline void an_days_take(struct an_days *d, const struct an_token *tok)
{
    if (tok->kind == AN_NUMBER)
        an_days_take_number(d, tok);
}

/* The same text as a sequence of folded characters with their places, for checking a quoted run
 * against stored text and for marking. */
enum an_view {
    AN_VIEW_TEXT, /* dropped marks and removed readings are not in it; separators are */
    AN_VIEW_ALL,  /* readings are in it as text; dropped marks still are not */
    AN_VIEW_MARKS /* every character, dropped marks too: for a query of nothing but marks */
};

struct an_text {
    uint32_t *cp;    /* folded; any run of white space is one ' ', a line break '\n' */
    uint32_t *start; /* byte offset of each character in the original */
    uint32_t *end;   /* behind it, its reading included */
    size_t n, cap;
};

void an_text_init(struct an_text *t);
void an_text_fini(struct an_text *t);

/* Fold text under 4 GiB into *out, replacing what was there. ST_NO_MEMORY. */
enum st an_fold(struct str text, enum an_view view, struct an_text *out);

/* Fold a query's run: as an_fold, then without white space and, but for AN_VIEW_MARKS, without
 * connectors at both ends, whose role depends on neighbours that were cut away.
 *
 * A run cut out of a text, a line break not in it, is found in that text: in AN_VIEW_TEXT, or if
 * the run is empty there or the cut went through a reading, in AN_VIEW_ALL, or if it is empty
 * there too, in AN_VIEW_MARKS (a run of white space alone is empty in all). */
enum st an_fold_run(struct str text, enum an_view view, struct an_text *out);

/* The first place >= from where needle occurs in hay, or SIZE_MAX. An empty needle is nowhere. */
size_t an_find(const struct an_text *hay, const struct an_text *needle, size_t from);

/* Fold one character: its class representative. For tests and for building tables. */
uint32_t an_fold_char(uint32_t cp);

/* The same for lex_builder_new: 0 for a dropped mark, LEX_NOT_TEXT for a separator. */
uint32_t an_lexicon_char(uint32_t cp);

/* Whether a folded character is Han. */
bool an_is_han(uint32_t cp);

/* How a character is read in Mandarin, without tones, ü as u: "hang", "xing". The usual reading is
 * the first; readings that today's dictionaries do not have are given only where there is no other,
 * and then one. Their number, 0 for what is not Han. A character and its fold may differ: 乾 is
 * read qian, and 干, which stands for it, is not. */
#define AN_READINGS_MAX 12
size_t an_readings(uint32_t han, const char *out[AN_READINGS_MAX]);

/* A number that changes whenever the fold tables do; kept with each segment. */
uint32_t an_fold_version(void);

/* What the bytes of a source may be. */
enum an_encoding { AN_UTF8, AN_GB18030, AN_BIG5, AN_UTF16LE, AN_UTF16BE };

const char *an_encoding_name(enum an_encoding e);

/* Append raw as UTF-8 to out. A byte order mark is honoured and dropped. Valid UTF-8 is taken as
 * it is, unless it looks like GB18030 by accident (一些). Otherwise GB18030 and Big5 are tried
 * whole, and one is believed only when all of it decodes and nearly all of it reads as ordinary
 * Chinese; a few wrong bytes in a text that is UTF-8 for the rest are damage, not another encoding.
 * ST_BAD_UTF8 with the offset of the first wrong byte when nothing fits; out is then as it was. */
enum st an_decode(struct str raw, struct buf *out, enum an_encoding *found, struct err *err);

/* What looks damaged in a text under 4 GiB, counted for the ingest report. */
struct an_quality {
    uint32_t readings;         /* removed */
    uint32_t damaged_readings; /* left as they stand: 張?zhí)熘, 結構(g */
    uint32_t invalid;          /* bytes that are not UTF-8, U+FFFD */
    uint32_t entities;         /* of HTML, left in the text: &nbsp; &#x4E2D; */
};

void an_count_damage(struct str text, struct an_quality *out);

#endif
