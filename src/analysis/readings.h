/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_READINGS_H
#define GONGBAO_ANALYSIS_READINGS_H

/* Inline readings: 強調(diào), 關(guan) 於(yu). */

#include <gongbao/str.h>

/* A run of Latin letters that may be a syllable. */
struct syllable {
    char letter[8]; /* lower case, without marks, ü and v as u; NUL-terminated */
    unsigned n;     /* letters, at most 7 */
    unsigned tones; /* tone marks among them */
    bool capital;   /* an ASCII capital among them */
    size_t bytes;
};

/* Read letters from text[at] on, until something else or an eighth letter. */
struct syllable syllable_read(struct str text, size_t at);

/* Its number in the table of Mandarin syllables, or -1. */
int syllable_find(const char *letters);

/* Whether a character (unfolded) can be read as that syllable, tone aside. */
bool has_reading(uint32_t han, int syllable);

/* Parentheses of either width; small and vertical ones are rare and hold no readings. */
static inline bool is_opening(uint32_t cp)
{
    return cp == '(' || cp == 0xff08;
}

static inline bool is_closing(uint32_t cp)
{
    return cp == ')' || cp == 0xff09;
}

/* The length in bytes of the reading whose parenthesis stands at text[at], right behind the
 * character han; 0 when it is no reading. A single space between it and another Han character
 * is part of it. */
size_t reading_length(struct str text, size_t at, uint32_t han);

/* The same without the space. */
size_t reading_bare_length(struct str text, size_t at, uint32_t han);

#endif
