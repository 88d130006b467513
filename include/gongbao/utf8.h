/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_UTF8_H
#define GONGBAO_UTF8_H

/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decode the character at p (p < end). Returns its length, 1 to 4, or 0 when the bytes there are
 * not valid UTF-8 (*cp is then untouched). */
static inline unsigned utf8_next(const char *p, const char *end, uint32_t *cp)
{
    const unsigned char *s = (const unsigned char *)p;
    size_t n = (size_t)(end - p);
    if (s[0] < 0x80) {
        *cp = s[0];
        return 1;
    }
    if (s[0] >= 0xe0 && s[0] < 0xf0 && n >= 3) {
        uint32_t c = (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 | (s[2] & 63);
        if ((s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80 && c >= 0x800 &&
            (c < 0xd800 || c > 0xdfff)) {
            *cp = c;
            return 3;
        }
        return 0;
    }
    if (s[0] >= 0xc2 && s[0] < 0xe0 && n >= 2 && (s[1] & 0xc0) == 0x80) {
        *cp = (uint32_t)(s[0] & 31) << 6 | (s[1] & 63);
        return 2;
    }
    if (s[0] >= 0xf0 && s[0] < 0xf5 && n >= 4 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80 &&
        (s[3] & 0xc0) == 0x80) {
        uint32_t c = (uint32_t)(s[0] & 7) << 18 | (uint32_t)(s[1] & 63) << 12 |
                     (uint32_t)(s[2] & 63) << 6 | (s[3] & 63);
        if (c >= 0x10000 && c <= 0x10ffff) {
            *cp = c;
            return 4;
        }
    }
    return 0;
}

/* Encode cp (a valid scalar value) into out, which has room for 4. Returns the length. */
static inline unsigned utf8_put(uint32_t cp, char *out)
{
    unsigned char *o = (unsigned char *)out;
    if (cp < 0x80) {
        o[0] = (unsigned char)cp;
        return 1;
    }
    if (cp < 0x800) {
        o[0] = (unsigned char)(0xc0 | cp >> 6);
        o[1] = (unsigned char)(0x80 | (cp & 63));
        return 2;
    }
    if (cp < 0x10000) {
        o[0] = (unsigned char)(0xe0 | cp >> 12);
        o[1] = (unsigned char)(0x80 | (cp >> 6 & 63));
        o[2] = (unsigned char)(0x80 | (cp & 63));
        return 3;
    }
    o[0] = (unsigned char)(0xf0 | cp >> 18);
    o[1] = (unsigned char)(0x80 | (cp >> 12 & 63));
    o[2] = (unsigned char)(0x80 | (cp >> 6 & 63));
    o[3] = (unsigned char)(0x80 | (cp & 63));
    return 4;
}

/* The same of n characters, each with room for 4. */
static inline size_t utf8_puts(const uint32_t *cp, size_t n, char *out)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += utf8_put(cp[i], out + bytes);
    return bytes;
}

/* A character that moves a cursor instead of showing something, and so must not reach a terminal,
 * a log or one line of JSON as it is: C0, DEL, C1, the line and paragraph separators, and the
 * controls of writing direction. */
static inline bool utf8_is_control(uint32_t cp)
{
    if (cp < 0xa0)
        return cp < 0x20 || cp >= 0x7f;
    return cp == 0x61c || cp == 0x200e || cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x2069);
}

/* White space of any script, line breaks and the ideographic space too. */
static inline bool utf8_is_space(uint32_t cp)
{
    return (cp >= 0x09 && cp <= 0x0d) || cp == ' ' || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
           cp == 0x205f || cp == 0x3000;
}

/* Columns of a terminal: 2 for Han, full width and most emoji, 1 for all others, also those that a
 * terminal gives none. */
unsigned utf8_columns(uint32_t cp);

/* The offset of the first byte that is not valid UTF-8, or n. */
size_t utf8_check(const char *p, size_t n);

/* The largest m <= n at which a character begins (or n itself): where to cut valid text. */
size_t utf8_floor(const char *p, size_t n, size_t m);

#endif
