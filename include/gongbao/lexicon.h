/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_LEXICON_H
#define GONGBAO_LEXICON_H

/* The lexicon: words with their frequencies, compiled into one file that is mapped, not parsed.
 *
 * Keys are words after folding (see analysis.h), as code points. A word whose dictionary spelling
 * is not its fold keeps that spelling beside it: 乾隆 is found under the fold 干隆 and 著作 under
 * 着作, so that a phrase brings back what folding by character loses. Where two words share a fold
 * the more frequent spelling stands, with the sum of the frequencies.
 *
 * The file is little-endian by definition, has a magic, a version, a section table and a checksum;
 * src/lexicon/FORMAT.md describes its bytes. Opening checks the structure, and every step of a
 * walk is checked against the bounds of the mapping, so that a damaged file can give wrong words
 * but never a read outside it; lex_verify also computes the checksum.
 */

#include <gongbao/buf.h>
#include <gongbao/err.h>

struct lex;

/* Map a compiled lexicon. ST_IO, or ST_DAMAGED with a reason (truncated, wrong version, section
 * out of bounds). The caller closes it after every analyzer made from it. */
enum st lex_open(const char *path, struct lex **out, struct err *err);
void lex_close(struct lex *lex);

/* The same, with the file read into memory and held against its checksum: whatever happens to the
 * file then, also to its bytes in place, the lexicon stays as it is. Processes forked share it. */
enum st lex_read(const char *path, struct lex **out, struct err *err);

/* Check the checksum of the whole file: ST_DAMAGED when a bit is wrong. */
enum st lex_verify(const struct lex *lex, struct err *err);

struct lex_info {
    uint32_t words;
    uint32_t fold;  /* version of the fold its keys were made with: an_fold_version */
    uint64_t bytes; /* of the file */
    uint64_t stamp; /* its checksum: tells one lexicon from another */
};

void lex_info(const struct lex *lex, struct lex_info *out);

#define LEX_COST_ONE 1024 /* costs are -log(frequency / total) in units of 1 / LEX_COST_ONE */
#define LEX_NO_COST  0x40404040u /* from here on: no word; its bytes are alike, for memset */
#define LEX_NO_CODE  0u          /* a character that is in no word */
#define LEX_UNKNOWN  UINT32_MAX  /* the number of no word */
#define LEX_SPELLED  (1u << 31)  /* set in the number of a word with a spelling, see lex_spelling */
#define LEX_WORD_MAX 16          /* code points in the longest word kept */

/* Looking a whole text up at once, length by length, which is several times as fast as place by
 * place: first the words of one character at every place, then those of two, of three ... as long
 * as there are places left.
 *
 *     left = lex_first(lex, cp, n, code, place, cost, word);
 *     for (length = 2; left > 0; length++)
 *         left = lex_longer(lex, code + length - 1, place, left, next, cost, word); swap
 */

/* A place of the text at which a longer word may begin. */
struct lex_place {
    uint32_t base; /* of the lexicon's own */
    uint32_t at;
};

/* For each of n folded characters its code, by which lex_longer goes, and behind them LEX_WORD_MAX
 * times LEX_NO_CODE; cost[at] and word[at] of the word of this one character, which costs
 * lex_unknown_cost and is LEX_UNKNOWN when it is no word. Places where longer words may begin are
 * written to out, in order; their number is returned. */
size_t lex_first(const struct lex *lex, const uint32_t *cp, size_t n, uint16_t *code,
                 struct lex_place *out, uint32_t *cost, uint32_t *word);

/* The next length: the n places of in where the characters up to code[at] are a word, or the
 * beginning of one, are written to out, which may not be in; their number is returned. For these,
 * cost[at] and word[at] of the word, or LEX_NO_COST or more when it is only a beginning. */
size_t lex_longer(const struct lex *lex, const uint16_t *code, const struct lex_place *in, size_t n,
                  struct lex_place *out, uint32_t *cost, uint32_t *word);

/* A word of the lexicon that is a prefix of some text. */
struct lex_match {
    uint32_t length; /* code points, 1 or more */
    uint32_t word;   /* its number: one word has one in one file */
    uint32_t cost;
};

/* The codes of n folded characters, for lex_prefixes_of. */
void lex_codes(const struct lex *lex, const uint32_t *cp, size_t n, uint16_t *code);

/* Every word that is a prefix of code[0..n), shortest first, none longer than LEX_WORD_MAX. At most
 * max are written; the number written is returned. */
size_t lex_prefixes_of(const struct lex *lex, const uint16_t *code, size_t n, struct lex_match *out,
                       size_t max);

/* The word whose key is all of cp[0..n). False when there is none. */
bool lex_find(const struct lex *lex, const uint32_t *cp, size_t n, struct lex_match *out);

/* The cost of a single character that the lexicon does not know. */
uint32_t lex_unknown_cost(const struct lex *lex);

/* The dictionary spelling of a word when it differs from its fold: code points, *n of them; NULL
 * when it is the fold itself, which a number without LEX_SPELLED says already. Lives as long as the
 * lexicon. */
const uint32_t *lex_spelling(const struct lex *lex, uint32_t word, size_t *n);

/* Compiling: add words in any order, then finish. */
struct lex_builder;

/* How a character of a word is folded: its fold, 0 when the fold drops it, LEX_NOT_TEXT when it
 * cannot stand in a word. This room lies below analysis, so the fold is handed in; fold_version
 * is kept in the file. */
typedef uint32_t lex_fold(uint32_t cp);
#define LEX_NOT_TEXT UINT32_MAX

enum st lex_builder_new(lex_fold *fold, uint32_t fold_version, struct lex_builder **out,
                        struct err *err);
void lex_builder_free(struct lex_builder *b);

/* A text of lines "WORD [FREQUENCY [TAG]]", UTF-8; '#' begins a comment line. A word given again
 * takes the later frequency. Words without a frequency get one that makes them win over their
 * parts. Words longer than LEX_WORD_MAX, and those with separators in them, are skipped.
 * ST_REJECTED with name:line. The text is copied. */
enum st lex_builder_words(struct lex_builder *b, struct str text, const char *name,
                          struct err *err);

/* A text of lines "PHRASE<TAB>SPELLING[ MORE]": other ways to write a known word (OpenCC's phrase
 * data); the first spelling counts. One that is no word by the time of lex_builder_finish is
 * left out. */
enum st lex_builder_aliases(struct lex_builder *b, struct str text, const char *name,
                            struct err *err);

/* The words of a compiled lexicon, with their costs, which no other word then changes. ST_DAMAGED;
 * it is not needed any more afterwards. */
enum st lex_builder_base(struct lex_builder *b, const struct lex *lex, struct err *err);

/* User words, a text of lines that an administrator writes (conf/words.txt):
 *
 *     共富工坊              a word; it gets the least frequency that lets it win over its parts
 *     联农带富 500          a word and its frequency, on the scale of the dictionary
 *     -以下                 no word, whatever the lists say
 *     工业上楼 # 2024-118   a comment begins at a '#' at the beginning or behind white space
 *
 * They stand over all lists and over the base, and the last line about a word holds. What is
 * spelled differently and folds alike is one word. ST_REJECTED with "name:line: what is wrong",
 * words that are too long or have a separator in them too, and a dash before a word that is not
 * the - of ASCII. */
enum st lex_builder_user(struct lex_builder *b, struct str text, const char *name, struct err *err);

/* Write the compiled file at path, replacing it atomically. The builder can only be freed then.
 * ST_REJECTED when there is no word at all. */
enum st lex_builder_finish(struct lex_builder *b, const char *path, struct err *err);

/* Editing a text of user words. */
struct lex_edit {
    struct str word;
    uint64_t weight;                              /* 0: none */
    enum { LEX_PUT, LEX_REMOVE, LEX_FORGET } how; /* put "WORD [WEIGHT]", put "-WORD", or neither */
};

/* The key of a word, *n characters, as it stands on a line of user words. ST_REJECTED says why it
 * can be none: a separator in it, too long, nothing left after folding, a dash of any kind or '#'
 * before it. */
enum st lex_word_key(lex_fold *fold, struct str word, uint32_t key[LEX_WORD_MAX], uint32_t *n,
                     struct err *err);

/* Append text, edited, to out. The last line about the word, however it is spelled there, is
 * replaced, and the comment behind it kept; earlier ones about it go; without one a line is
 * appended. All other lines stay as they are. *changed tells whether out differs from text.
 * ST_REJECTED with "name:line: what is wrong" when a line is not as lex_builder_user wants it. */
enum st lex_user_edit(lex_fold *fold, struct str text, const char *name,
                      const struct lex_edit *edit, struct buf *out, bool *changed, struct err *err);

#endif
