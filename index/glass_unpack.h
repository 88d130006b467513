/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_UNPACK_H
#define INDEX_GLASS_UNPACK_H

/* What glass_pack.h packs, read back. A function that is given a string takes its part off the
 * front of it, and is false when what is there makes no sense. */

#include "c.h"

/* A number that must fit in 32 bits, as docids and frequencies do. */
static inline bool unpack_uint(struct str *s, uint32_t *out)
{
    const unsigned char *p = (const unsigned char *)s->p;
    uint64_t v = 0;
    for (size_t i = 0; i < s->n && i < 5; i++) {
        v |= (uint64_t)(p[i] & 0x7f) << (7 * i);
        if (p[i] & 0x80)
            continue;
        *out = (uint32_t)v;
        *s = str_from(s->p + i + 1, s->n - i - 1);
        return v <= UINT32_MAX;
    }
    return false;
}

/* A number that is known to be whole, as in what this process has packed itself or walked through;
 * returns the end of it. */
static inline const unsigned char *unpack_sure(const unsigned char *p, uint64_t *out)
{
    uint64_t v = *p & 0x7f;
    for (unsigned shift = 7; *p++ & 0x80; shift += 7)
        v |= (uint64_t)(*p & 0x7f) << shift;
    *out = v;
    return p;
}

/* The end of such a number. */
static inline const unsigned char *skip_sure(const unsigned char *p)
{
    while (*p++ & 0x80)
        continue;
    return p;
}

/* A docid at the end of a key, in the form that sorts. */
static inline bool unpack_docid(struct str *s, uint32_t *out)
{
    unsigned char first = s->n ? (unsigned char)s->p[0] : 0xff;
    unsigned ones = 0;
    while (ones < 8 && first & 0x80 >> ones)
        ones++;
    size_t n = ones + 2;
    if (n > 5 || s->n < n)
        return false;
    uint64_t v = first & (0x7fu >> ones);
    for (size_t i = 1; i < n; i++)
        v = v << 8 | (unsigned char)s->p[i];
    if (v > UINT32_MAX)
        return false;
    *out = (uint32_t)v;
    *s = str_from(s->p + n, s->n - n);
    return true;
}

/* A term off the front of a key, NULs single again; `to` has room for the key. What is left of *s
 * is the docid of a later chunk, or nothing. */
static inline bool unpack_term(struct str *s, unsigned char *to, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < s->n; i++) {
        to[(*n)++] = (unsigned char)s->p[i];
        if (s->p[i])
            continue;
        if (i + 1 < s->n && (unsigned char)s->p[i + 1] == 0xff) {
            i++;
            continue;
        }
        *s = str_from(s->p + i + 1, s->n - i - 1);
        return --*n > 0 && s->n > 0;
    }
    *s = str_from(s->p, 0);
    return *n > 0;
}

/* What stands before the postings of a chunk: whether it is the last of its list, and how far its
 * last docid is from its first. */
static inline bool unpack_chunk(struct str *s, bool *last, uint32_t *span)
{
    if (s->n == 0 || (s->p[0] != '0' && s->p[0] != '1'))
        return false;
    *last = s->p[0] == '1';
    *s = str_from(s->p + 1, s->n - 1);
    return unpack_uint(s, span);
}

#endif
