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
 * src/lexicon/FORMAT.md describes its bytes. Opening checks structure and bounds (no read outside
 * the mapping is possible afterwards); lex_verify also computes the checksum.
 */

#include <gongbao/buf.h>
#include <gongbao/err.h>

struct lex;

/* Map a compiled lexicon. ST_IO, or ST_DAMAGED with a reason (truncated, wrong version, section
 * out of bounds). The caller closes it after every analyzer made from it. */
enum st lex_open(const char *path, struct lex **out, struct err *err);
void lex_close(struct lex *lex);

/* Check the checksum of the whole file: ST_DAMAGED when a bit is wrong. */
enum st lex_verify(const struct lex *lex, struct err *err);

struct lex_info {
    uint32_t words;
    uint64_t bytes;  /* of the file */
    uint64_t stamp;  /* its checksum: tells one lexicon from another */
};

void lex_info(const struct lex *lex, struct lex_info *out);

/* A word of the lexicon that is a prefix of some text. */
struct lex_match {
    uint32_t length; /* code points, 1 or more */
    uint32_t word;   /* its number, 0..words-1 */
    float cost;      /* -log(frequency / total); smaller is more likely */
};

/* Every word that is a prefix of cp[0..n), shortest first. At most max are written; the number
 * written is returned. cp is folded. */
size_t lex_prefixes(const struct lex *lex, const uint32_t *cp, size_t n, struct lex_match *out,
                    size_t max);

/* The cost of a single character that the lexicon does not know. */
float lex_unknown_cost(const struct lex *lex);

/* The dictionary spelling of a word when it differs from its fold: code points, *n of them; NULL
 * when it is the fold itself. Lives as long as the lexicon. */
const uint32_t *lex_spelling(const struct lex *lex, uint32_t word, size_t *n);

#define LEX_WORD_MAX 16 /* code points in the longest word kept */

/* Compiling: add words in any order, then finish. */
struct lex_builder;

enum st lex_builder_new(struct lex_builder **out, struct err *err);
void lex_builder_free(struct lex_builder *b);

/* A text of lines "WORD [FREQUENCY [TAG]]", UTF-8; '#' begins a comment line. Words without a
 * frequency get one that makes them win over their parts. Words longer than LEX_WORD_MAX are
 * skipped. ST_REJECTED with name:line. */
enum st lex_builder_words(struct lex_builder *b, struct str text, const char *name,
                          struct err *err);

/* A text of lines "PHRASE<TAB>SPELLING[ MORE]": other ways to write a known word (OpenCC's phrase
 * data); the first spelling counts. */
enum st lex_builder_aliases(struct lex_builder *b, struct str text, const char *name,
                            struct err *err);

/* Write the compiled file at path, replacing it atomically. */
enum st lex_builder_finish(struct lex_builder *b, const char *path, struct err *err);

#endif
