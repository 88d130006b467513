/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_MINE_H
#define GONGBAO_MINE_H

/* New words out of a corpus that has no list of them: what writers quote again and again, and
 * strings of characters that hold together inside and are free outside.
 *
 *     mine_text_init(&t, an, characters, err);
 *     mine_text_document(&t), mine_text_add(&t, title), mine_text_add(&t, body) ...
 *     mine_sort(&t, &suffixes, err);
 *     mine_quoted(&t, &suffixes, &opts, &found, err);
 *     mine_cohesive(&t, &suffixes, &opts, &found, err);
 *     ... found.word[i] is t.code[at .. at + n), best first
 *     mine_words_fini(&found), mine_suffixes_fini(&suffixes), mine_text_fini(&t);
 *
 * The corpus is held in memory, some seven bytes a character.
 */

#include <gongbao/analysis.h>

#define MINE_WORD_MAX LEX_WORD_MAX

/* ---- the corpus ---- */

/* A run in quotes or book title marks. */
struct mine_quote {
    uint32_t at, n; /* in code of the text */
};

struct mine_text {
    struct an *an;
    uint16_t *code;    /* of each Han character; 0: anything else, and between documents */
    uint8_t *cut;      /* 1: a word of the segmentation begins here */
    size_t n, cap;     /* cap is fixed at birth; what comes later is left out */
    uint16_t *code_of; /* of each code point, by first occurrence; 0: none yet */
    uint32_t *cp_of;   /* of each code; ncodes of them, the first for code 0 */
    size_t ncodes;
    uint32_t *document; /* where each begins */
    size_t ndocuments, document_cap;
    struct mine_quote *quote;
    size_t nquotes, quote_cap;
};

/* Room for so many characters, under 2^32, is taken at once. ST_NO_MEMORY. an is borrowed. */
enum st mine_text_init(struct mine_text *t, struct an *an, size_t characters, struct err *err);
void mine_text_fini(struct mine_text *t);

/* Begin a document, and add a text of it. ST_NO_MEMORY. */
enum st mine_text_document(struct mine_text *t);
enum st mine_text_add(struct mine_text *t, struct str text);

/* The number of the document that a character is of. */
size_t mine_text_document_of(const struct mine_text *t, size_t at);

/* ---- suffixes ---- */

/* All places where two or more Han characters stand, ordered by the MINE_WORD_MAX characters from
 * there on (a 0 ends them). */
struct mine_suffixes {
    uint32_t *at;
    size_t n;
    size_t *first;   /* of each code: the first suffix that begins with it; ncodes + 1 of them */
    uint32_t *count; /* of each code: how often it occurs at all */
};

enum st mine_sort(const struct mine_text *t, struct mine_suffixes *out, struct err *err);
void mine_suffixes_fini(struct mine_suffixes *s);

/* ---- proposed words ---- */

struct mine_opts {
    const struct lex *lex; /* words that it has are not proposed; may be NULL */
    size_t documents;      /* a proposed word stands in at least so many */
};

/* A string that looks like a word. */
struct mine_word {
    uint32_t at; /* one place where it stands */
    uint32_t n;
    uint32_t count, documents;
    uint32_t quoted;    /* how often it stands alone between quotes */
    double cohesion;    /* least pointwise mutual information over its cuts, bits */
    double left, right; /* branching entropy, bits */
    double score;
};

struct mine_words {
    struct mine_word *word;
    size_t n, cap;
};

void mine_words_fini(struct mine_words *w);

/* Append the phrases between quotes, and the cohesive strings. ST_NO_MEMORY. */
enum st mine_quoted(const struct mine_text *t, const struct mine_suffixes *s,
                    const struct mine_opts *opts, struct mine_words *out, struct err *err);
enum st mine_cohesive(const struct mine_text *t, const struct mine_suffixes *s,
                      const struct mine_opts *opts, struct mine_words *out, struct err *err);

#endif
