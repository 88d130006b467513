/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_FOLD_H
#define GONGBAO_ANALYSIS_FOLD_H

/* The fold table: for each code point its folded form, role and class in one 32-bit entry.
 *
 *     bits  0..20  folded code point minus the code point, modulo 2^21
 *     bits 21..22  enum fold_role
 *     bits 23..25  enum fold_class
 *     bit  26      folds to an ASCII letter or digit
 *     bit  27      belongs to the character before it: combining marks, zero-width controls
 *     bit  28      one of the most frequent Han characters, or of the class of one
 *
 * Code points of one block mostly share an entry when the difference is stored, so equal pages of
 * 256 entries are kept once. The tables are written by foldgen.c at build time; the generator
 * includes this header too.
 */

#include <stdbool.h>
#include <stdint.h>

enum fold_role { ROLE_TEXT, ROLE_DROPPED, ROLE_CONNECTOR, ROLE_SEPARATOR };

enum fold_class {
    CLASS_SYMBOL, /* text that is neither letter nor digit, and all that is not text */
    CLASS_HAN,
    CLASS_LETTER,
    CLASS_DIGIT, /* 0 to 9 */
    CLASS_SPACE,
    CLASS_BREAK, /* line break */
    CLASS_POINT  /* connector that is dropped, not a separator, where it does not connect: . ' */
};

#define FOLD_CP_MASK     0x1fffffu
#define FOLD_ROLE_SHIFT  21
#define FOLD_CLASS_SHIFT 23
#define FOLD_SORT        (3u << FOLD_ROLE_SHIFT | 7u << FOLD_CLASS_SHIFT) /* role and class */
#define FOLD_HAN         ((uint32_t)ROLE_TEXT << FOLD_ROLE_SHIFT | (uint32_t)CLASS_HAN << FOLD_CLASS_SHIFT)
#define FOLD_ALNUM       (1u << 26)
#define FOLD_EXTEND      (1u << 27)
#define FOLD_COMMON      (1u << 28)

#define FOLD_PAGE_BITS 8
#define FOLD_PAGES     (0x110000u >> FOLD_PAGE_BITS)
#define FOLD_BAD       0xfffdu /* what an invalid byte and a control character fold to */

extern const uint16_t fold_index[FOLD_PAGES];
extern const uint32_t fold_page[][1u << FOLD_PAGE_BITS];
extern const uint32_t fold_version;

/* cp is at most U+10FFFF. */
static inline uint32_t fold_entry(uint32_t cp)
{
    return fold_page[fold_index[cp >> FOLD_PAGE_BITS]][cp & ((1u << FOLD_PAGE_BITS) - 1)];
}

static inline uint32_t entry_cp(uint32_t entry, uint32_t cp)
{
    return (cp + entry) & FOLD_CP_MASK;
}

static inline enum fold_role entry_role(uint32_t entry)
{
    return (enum fold_role)(entry >> FOLD_ROLE_SHIFT & 3);
}

static inline enum fold_class entry_class(uint32_t entry)
{
    return (enum fold_class)(entry >> FOLD_CLASS_SHIFT & 7);
}

#endif
