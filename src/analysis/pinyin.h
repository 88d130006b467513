/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_PINYIN_H
#define GONGBAO_ANALYSIS_PINYIN_H

/* The letters of Hanyu Pinyin, shared by the library and the generator of its reading table. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pinyin_mark { PINYIN_PLAIN, PINYIN_TONE, PINYIN_OTHER /* not pinyin */ };

struct pinyin_letter {
    uint16_t cp;
    char base; /* ü and v count as u */
    bool tone;
};

/* Besides the ASCII letters. A breve is often put for the caron, ɑ and ɡ for a and g. */
static const struct pinyin_letter pinyin_letters[] = {
    {0xe0, 'a', true},
    {0xe1, 'a', true},
    {0xe8, 'e', true},
    {0xe9, 'e', true},
    {0xea, 'e', false},
    {0xec, 'i', true},
    {0xed, 'i', true},
    {0xf2, 'o', true},
    {0xf3, 'o', true},
    {0xf9, 'u', true},
    {0xfa, 'u', true},
    {0xfc, 'u', false},
    {0x101, 'a', true},
    {0x103, 'a', true},
    {0x113, 'e', true},
    {0x115, 'e', true},
    {0x11b, 'e', true},
    {0x12b, 'i', true},
    {0x12d, 'i', true},
    {0x144, 'n', true},
    {0x148, 'n', true},
    {0x14d, 'o', true},
    {0x14f, 'o', true},
    {0x16b, 'u', true},
    {0x16d, 'u', true},
    {0x1ce, 'a', true},
    {0x1d0, 'i', true},
    {0x1d2, 'o', true},
    {0x1d4, 'u', true},
    {0x1d6, 'u', true},
    {0x1d8, 'u', true},
    {0x1da, 'u', true},
    {0x1dc, 'u', true},
    {0x1f9, 'n', true},
    {0x251, 'a', false},
    {0x261, 'g', false},
    {0x1e3f, 'm', true},
    {0x1ebf, 'e', true},
    {0x1ec1, 'e', true},
    /* Capitals. */
    {0xc0, 'a', true},
    {0xc1, 'a', true},
    {0xc8, 'e', true},
    {0xc9, 'e', true},
    {0xca, 'e', false},
    {0xcc, 'i', true},
    {0xcd, 'i', true},
    {0xd2, 'o', true},
    {0xd3, 'o', true},
    {0xd9, 'u', true},
    {0xda, 'u', true},
    {0xdc, 'u', false},
    {0x100, 'a', true},
    {0x112, 'e', true},
    {0x11a, 'e', true},
    {0x14c, 'o', true},
    {0x1cd, 'a', true},
    {0x1d1, 'o', true},
};

/* The base letter of cp and whether it bears a tone mark; 0 when cp is no letter of pinyin. */
static inline char pinyin_letter(uint32_t cp, bool *tone)
{
    *tone = false;
    if (cp >= 0xff21 && cp <= 0xff5a) /* full width */
        cp -= 0xff21 - 'A';
    uint32_t lower = cp | 0x20;
    if (cp < 0x80)
        return lower < 'a' || lower > 'z' ? 0 : lower == 'v' ? 'u' : (char)lower;
    for (size_t i = 0; i < sizeof(pinyin_letters) / sizeof(pinyin_letters[0]); i++) {
        if (pinyin_letters[i].cp == cp) {
            *tone = pinyin_letters[i].tone;
            return pinyin_letters[i].base;
        }
    }
    return 0;
}

/* A combining mark behind a letter. */
static inline enum pinyin_mark pinyin_mark(uint32_t cp)
{
    switch (cp) {
    case 0x300: /* grave, acute, macron, breve, caron */
    case 0x301:
    case 0x304:
    case 0x306:
    case 0x30c:
        return PINYIN_TONE;
    case 0x302: /* circumflex of ê, dots of ü */
    case 0x308:
        return PINYIN_PLAIN;
    default:
        return PINYIN_OTHER;
    }
}

#endif
