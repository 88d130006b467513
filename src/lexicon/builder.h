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
    uint64_t frequency;
    struct str target; /* an alias: the word it stands for; otherwise p is NULL */
    bool guess;        /* no frequency was given */
};

struct lex_builder {
    lex_fold *fold;
    uint32_t fold_version;
    struct arena strings;
    struct map by_text; /* dictionary spelling, or alias, to its index + 1 */
    struct spelling *spelling;
    size_t n, cap;
};

#endif
