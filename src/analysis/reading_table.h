/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_READING_TABLE_H
#define GONGBAO_ANALYSIS_READING_TABLE_H

/* Mandarin syllables without tones, and which of them each Han character can be read as. Written
 * by readgen.c from Unihan at build time. */

#include <stdint.h>

#define READING_PAGE_BITS 7
#define READING_PAGES     (0x40000u >> READING_PAGE_BITS) /* up to the last Han plane */
#define READING_LAST      0x8000u
#define READING_OLD       0x4000u /* in no dictionary of today */
#define READING_NUMBER    0x3fffu

extern const char reading_syllable[][8]; /* ascending */
extern const unsigned reading_syllables;

/* For a code point: page, then place in reading_set where its list of syllables begins; the last
 * one has READING_LAST. The usual one is the first. Place 0: none. */
extern const uint16_t reading_index[READING_PAGES];
extern const uint16_t reading_page[][1u << READING_PAGE_BITS];
extern const uint16_t reading_set[];

#endif
