/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CMD_MINE_H
#define GONGBAO_CMD_MINE_H

/* What gongbao lexicon mine is made of: a corpus in memory, its suffixes in order, and the strings
 * in it that look like words.
 *
 *     mine_text_init(&t, an, characters);
 *     mine_text_document(&t), mine_text_add(&t, title), mine_text_add(&t, body) ...
 *     mine_sort(&t, &suffixes, &err);
 *     mine_quoted(&t, &suffixes, &opts, &found, &err);
 *     mine_cohesive(&t, &suffixes, &opts, &found, &err);
 */

#include <gongbao/analysis.h>

#define MINE_WORD_MAX LEX_WORD_MAX

/* ---- the corpus (mine_text.c) ---- */

/* A run in quotes or book title marks. */
struct mine_quote {
    uint32_t at, n; /* in mine_text.code */
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

/* ---- suffixes (mine_sort.c) ---- */

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

/* The suffixes that begin with n codes, at[*from .. *to). */
void mine_range(const struct mine_text *t, const struct mine_suffixes *s, const uint16_t *code,
                size_t n, size_t *from, size_t *to);

/* How often n codes stand in the text. */
size_t mine_count(const struct mine_text *t, const struct mine_suffixes *s, const uint16_t *code,
                  size_t n);

/* ---- words of grammar (mine_grammar.c) ---- */

#define MINE_GRAMMAR_WORDS  1024
#define MINE_GRAMMAR_LENGTH 4

enum mine_where { MINE_NOWHERE, MINE_NOT_FIRST, MINE_NOT_LAST };

struct mine_stop {
    uint16_t code[MINE_GRAMMAR_LENGTH];
    size_t n;
    enum mine_where where;
};

struct mine_grammar {
    struct mine_stop stop[MINE_GRAMMAR_WORDS];
    size_t n;
};

/* The lists in codes of the text. */
void mine_grammar_init(struct mine_grammar *g, const struct mine_text *t);

/* Whether a word cannot be a part of a term, as its first or last part or at all. */
bool mine_is_grammar(const struct mine_grammar *g, const uint16_t *code, size_t n, bool first,
                     bool last);

/* ---- proposed words (mine_words.c, mine_score.c, mine_quote.c) ---- */

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

/* False without memory. */
bool mine_words_add(struct mine_words *w, const struct mine_word *word);

/* Best first. */
void mine_words_sort(struct mine_words *w);

/* Whether the lexicon has the n characters at `at`. */
bool mine_is_known(const struct mine_text *t, const struct lex *lex, size_t at, size_t n);

/* Which documents were met in this round: an entry each, 0 at first. */
struct mine_seen {
    uint32_t *of;
    uint32_t mark; /* number of the round */
};

/* In how many documents suffixes [from, to) begin: a round of seen. */
size_t mine_documents(const struct mine_text *t, const struct mine_suffixes *s, size_t from,
                      size_t to, struct mine_seen *seen);

/* Append the phrases between quotes, and the cohesive strings. ST_NO_MEMORY. */
enum st mine_quoted(const struct mine_text *t, const struct mine_suffixes *s,
                    const struct mine_opts *opts, struct mine_words *out, struct err *err);
enum st mine_cohesive(const struct mine_text *t, const struct mine_suffixes *s,
                      const struct mine_opts *opts, struct mine_words *out, struct err *err);

#endif
