/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WORDS_TABLE_H
#define WORDS_TABLE_H

/* What a table of words consists of. */

#include <gongbao/analysis.h>
#include <gongbao/buf.h>
#include <gongbao/words.h>

#define WORD_CHARS 8 /* of Han; a word of letters has LATIN_CHARS */

#define LATIN_CHARS 24

struct word {
    uint32_t at; /* of its text, and behind it its spelling */
    uint32_t documents;
    uint8_t bytes;
    uint8_t spelled; /* bytes of its spelling where the lexicon has another than its fold: 乾隆 */
    uint8_t n;       /* characters */
    bool latin;      /* letters and digits; else Han */
};

enum { LETTERS = 26, NO_OTHER = LETTERS /* as the second letter of a word of one character */ };

/* Words are in the order of their bytes. Those of Han stand also, by number, in the list of each
 * two letters with which the readings of their first two characters may begin: list first *
 * (LETTERS + 1) + second is item[list[i]] up to item[list[i + 1]], the most frequent first, about:
 * see word_documents_most. */
enum { LISTS = LETTERS * (LETTERS + 1) };

struct words {
    struct word *word;
    size_t n, cap;
    uint32_t *by_end; /* numbers of words, in the order of word_end */
    uint32_t *end;    /* which is this */
    struct buf text;
    uint64_t documents; /* of the view */
    uint32_t floor;     /* words in fewer documents were left out for want of room */
    bool whole;         /* all terms have been read */
    size_t steps;       /* of finishing, that are done */
    uint32_t *by_use;   /* numbers of words, the most frequent first; while lists are made */
    struct buf from;    /* where building goes on */
    struct name {
        uint32_t cp[2];
        uint32_t documents;
    } * name; /* names of two characters, in their order; while the table is built */
    size_t nname, name_cap;
    size_t at_name; /* those before have been passed */
    uint32_t list[LISTS + 1];
    uint32_t *item;
};

/* As it folds, and as it is written and read. */
static inline struct str word_text(const struct words *w, const struct word *word)
{
    return str_from(w->text.p + word->at, word->bytes);
}

static inline struct str word_spelling(const struct words *w, const struct word *word)
{
    return word->spelled ? str_from(w->text.p + word->at + word->bytes, word->spelled)
                         : word_text(w, word);
}

/* The characters of either, at most max of them; their number. */
size_t word_chars(struct str text, uint32_t *out, size_t max);

/* The number of the first word that is not before text. */
size_t words_lower(const struct words *w, struct str text);

/* A number for a word's last two characters, from the end: those with the same last one stand
 * together in by_end, and among them those with the same two. Others may share the number. */
static inline uint32_t end_number(uint32_t last, uint32_t before)
{
    return (last & 0xffff) << 16 | (before & 0xffff);
}

uint32_t word_end(const struct words *w, const struct word *word);

/* The characters that look like one, max at most; their number. */
size_t look_alikes(uint32_t cp, uint32_t *out, size_t max);

/* -ln of the probability of a word: how unlikely it is to be meant when nothing else is known. */
double word_cost(const struct words *w, const struct word *word);

/* In how many documents a word and any behind it in a list are at most. */
static inline double word_documents_most(const struct word *word)
{
    return 1.25 * (double)word->documents;
}

#endif
