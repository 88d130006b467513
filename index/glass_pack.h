/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_PACK_H
#define INDEX_GLASS_PACK_H

/* How glass packs numbers and strings. Every function writes at p and returns the end of what it
 * wrote; the caller has room for the most that it writes, which is said at each. */

#include "c.h"

#define PACK_MAX      10 /* bytes of a packed number, at most */
#define PACK_SORT_MAX 5  /* of one that sorts */

/* 7 bits a byte, low group first, top bit: more follows. At most PACK_MAX bytes. */
static inline unsigned char *pack_uint(unsigned char *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = (unsigned char)(v | 0x80);
    *p++ = (unsigned char)v;
    return p;
}

/* Low byte first, as few as it takes, none for 0; what follows cannot be told from it. */
static inline unsigned char *pack_uint_last(unsigned char *p, uint64_t v)
{
    for (; v; v >>= 8)
        *p++ = (unsigned char)v;
    return p;
}

/* In the order of the numbers; never begins with ff. At most PACK_SORT_MAX bytes. */
static inline unsigned char *pack_uint_sort(unsigned char *p, uint32_t v)
{
    unsigned n = v < 0x8000 ? 2 : v < 1u << 22 ? 3 : v < 1u << 29 ? 4 : 5;
    uint64_t mark = 0xffu & ~(0xffu >> (n - 2)); /* n - 2 one bits, then a zero bit */
    uint64_t whole = mark << (8 * (n - 1)) | v;
    for (unsigned i = n; i-- > 0;)
        *p++ = (unsigned char)(whole >> (8 * i));
    return p;
}

/* Each NUL becomes 00 ff; without the closing NUL. At most twice the length. */
static inline unsigned char *pack_string_sort(unsigned char *p, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        *p++ = (unsigned char)s.p[i];
        if (!s.p[i])
            *p++ = 0xff;
    }
    return p;
}

#endif
