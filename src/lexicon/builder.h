/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_LEXICON_BUILDER_H
#define GONGBAO_LEXICON_BUILDER_H

/* What builder.c (reading the lists) and compile.c (writing the file) share. */

#include "format.h"
#include <gongbao/arena.h>
#include <gongbao/map.h>

/* A way to write a word. All strings live in the builder's arena. */
struct spelling {
    const uint32_t *key; /* folded, nkey of them */
    const uint32_t *cp;  /* as the dictionary writes it, width and case folded, ncp of them */
    uint32_t nkey, ncp;
    double frequency;
    struct str target; /* an alias: the word it stands for; otherwise p is NULL */
    bool guess;        /* no frequency was given */
    bool removed;      /* of the user words: no word */
    uint32_t user;     /* its place among the user words, from 1; 0: it is of a list */
};

struct lex_builder {
    lex_fold *fold;
    uint32_t fold_version;
    struct arena strings;
    struct map by_text; /* dictionary spelling, or alias, to its index + 1 */
    struct spelling *spelling;
    size_t n, cap;
    uint32_t users; /* user words read */
    double total;   /* of all frequencies, as the base lexicon has it; 0: to be added up */
};

/* A line of user words. */
struct user_line {
    struct str word; /* n 0: the line has none */
    uint64_t weight; /* 0: none is given */
    bool removed;    /* "-WORD" */
    struct str rest; /* from the white space behind: a comment, or empty */
};

/* Take a line apart and fold its word into key. ST_REJECTED with what is wrong. */
enum st user_read_line(struct str line, lex_fold *fold, struct user_line *out,
                       uint32_t key[LEX_WORD_MAX], uint32_t *nkey, struct err *err);

#endif
