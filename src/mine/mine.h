/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_MINE_MINE_H
#define GONGBAO_MINE_MINE_H

/* What the two ways of finding words share (quote.c, score.c). */

#include <gongbao/mine.h>

/* ---- suffixes (sort.c) ---- */

/* The suffixes that begin with n codes, at[*from .. *to). */
void mine_range(const struct mine_text *t, const struct mine_suffixes *s, const uint16_t *code,
                size_t n, size_t *from, size_t *to);

/* How often n codes stand in the text. */
size_t mine_count(const struct mine_text *t, const struct mine_suffixes *s, const uint16_t *code,
                  size_t n);

/* ---- words of grammar (grammar.c) ---- */

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

/* ---- proposed words (words.c) ---- */

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

#endif
