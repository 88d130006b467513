/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_NAME_TABLE_H
#define GONGBAO_ANALYSIS_NAME_TABLE_H

/* What is known of characters and pairs of characters in and beside names, folded, and of
 * characters in unknown words. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum name_flag {
    NAME_SURNAME = 1 << 0,
    NAME_DOUBTFUL = 1 << 1, /* a surname that is mostly something else */
    NAME_COMPOUND = 1 << 2, /* begins a surname of two characters */
    NAME_NEVER = 1 << 3,    /* in no given name */
    NAME_RARELY = 1 << 4,   /* in a given name only where a title says that it is one */
    NAME_FOREIGN = 1 << 5,  /* used to write foreign names */
    NAME_BOUND = 1 << 6,    /* hardly ever a word by itself */
    NAME_SINGLE = 1 << 7    /* mostly one */
};

#define NAME_FIRST 0x4e00u /* the characters that have flags */
#define NAME_CHARS 0x5200u
#define NAME_PAIRS 128

struct name_pairs {
    uint64_t at[NAME_PAIRS];
    size_t n;
};

struct name_table {
    uint8_t flag[NAME_CHARS + 1];   /* the last is that of all other characters: 0 */
    uint8_t begins[NAME_CHARS + 1]; /* bit n: a word of n characters that may begin a name or, if
                                     * n is 1, belong to an unknown word */
    struct name_pairs compound;     /* surnames */
    struct name_pairs title;        /* before a name or behind one */
    struct name_pairs cue;          /* behind one only */
};

/* Fill a table that is all zero. */
void name_table_init(struct name_table *t);

static inline uint8_t name_flags(const struct name_table *t, uint32_t cp)
{
    uint32_t at = cp - NAME_FIRST;
    return t->flag[at < NAME_CHARS ? at : NAME_CHARS];
}

static inline unsigned name_begins(const struct name_table *t, uint32_t cp)
{
    uint32_t at = cp - NAME_FIRST;
    return t->begins[at < NAME_CHARS ? at : NAME_CHARS];
}

static inline uint64_t name_pair(uint32_t first, uint32_t second)
{
    return (uint64_t)first << 32 | second;
}

bool name_has_pair(const struct name_pairs *pairs, uint32_t first, uint32_t second);

#endif
