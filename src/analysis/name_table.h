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

/* Of a character in words that end names of places and organisations. Bit n, n from 1 on: it begins
 * such words of n characters. */
enum name_end_flag {
    NAME_ENDS_WORD = 1 << 0, /* it is the last of such words */
    NAME_END_LENGTHS = 0x7e, /* the bits of lengths */
    NAME_ENDS_AREA = 1 << 7  /* a word of three or more that it ends mostly is a place */
};

#define NAME_FIRST 0x4e00u /* the characters that have flags */
#define NAME_CHARS 0x5200u
#define NAME_PAIRS 128

#define NAME_SLOTS 1024

struct name_pairs {
    uint8_t slot[NAME_SLOTS]; /* 1: some pair has it, see name_slot */
    uint64_t at[NAME_PAIRS];
    size_t n;
};

struct name_table {
    uint8_t flag[NAME_CHARS + 1];   /* the last is that of all other characters: 0 */
    uint8_t begins[NAME_CHARS + 1]; /* bit n: such a word of n characters is to be looked at, see
                                     * name_starts and ends */
    uint8_t ends[NAME_CHARS + 1];   /* enum name_end_flag, and bits of lengths */
    struct name_pairs compound;     /* surnames */
    struct name_pairs title;        /* before a name or behind one */
    struct name_pairs cue;          /* behind one only */
    struct name_pairs province;     /* places of two characters */
    struct name_pairs no_area;      /* end words that are no places */
    struct name_pairs organisation; /* end names of organisations */
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

static inline unsigned name_ends(const struct name_table *t, uint32_t cp)
{
    uint32_t at = cp - NAME_FIRST;
    return t->ends[at < NAME_CHARS ? at : NAME_CHARS];
}

/* Bit n: a word of n characters that begins with one of these flags may begin a name or, if n is
 * 1, belong to an unknown word. */
static inline unsigned name_starts(uint8_t flags)
{
    unsigned pair = (flags & NAME_COMPOUND) != 0;
    unsigned alone = (flags & (NAME_SURNAME | NAME_COMPOUND | NAME_BOUND)) != 0;
    return alone << 1 | pair << 2;
}

static inline uint64_t name_pair(uint32_t first, uint32_t second)
{
    return (uint64_t)first << 32 | second;
}

/* Most pairs that are asked for are in no list, and nearly all of them have a slot of none. */
static inline unsigned name_slot(uint32_t first, uint32_t second)
{
    return (first * 31 + second) % NAME_SLOTS;
}

bool name_has_pair(const struct name_pairs *pairs, uint32_t first, uint32_t second);

#endif
