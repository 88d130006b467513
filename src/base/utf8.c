/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checking UTF-8 and cutting it.
 *
 * A Chinese bulletin is mostly three-byte characters with short runs of ASCII between them. Text
 * is therefore checked in blocks, eight bytes at a time and without a branch: each byte that
 * continues a character must stand where one is due, and where one is due there must be one. A
 * byte that tells less than that, and that hardly ever occurs, sends its block the long way: by
 * utf8_next, character by character, which is the only place that knows all the rules.
 *
 * Nothing is read past the end: the input may end where the memory does.
 */

#include <gongbao/utf8.h>
#include <string.h>

#define BLOCK 64
#define ONES  UINT64_C(0x0101010101010101)
#define TOPS  UINT64_C(0x8080808080808080)

static uint64_t load8(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    return w;
}

/* Not 0 when a byte of w is 0. */
static uint64_t has_zero(uint64_t w)
{
    return (w - ONES) & ~w & TOPS;
}

/* Not 0 when something is wrong with the eight bytes at p, or not known to be right. The two before
 * them are looked at. Bits that a shift brings from one byte into its neighbour are at its lower
 * end, and only top bits count. */
static uint64_t doubt(const char *p)
{
    uint64_t w = load8(p), before = load8(p - 1), before2 = load8(p - 2);
    uint64_t continues = w & ~(w << 1);
    uint64_t due = (before & before << 1) | (before2 & before2 << 1 & before2 << 2);
    uint64_t four = w & w << 1 & w << 2 & w << 3; /* begins a character of four bytes, or none */
    /* C0 and C1 are too long a form of something; E0 may be, and ED may be half of a pair. */
    uint64_t rare = has_zero((w & ONES * 0xfe) ^ ONES * 0xc0) | has_zero(w ^ ONES * 0xe0) |
                    has_zero(w ^ ONES * 0xed);
    return ((continues ^ due) | four | rare) & TOPS;
}

/* Whether the block at p is right as far as it goes, when what is before it is; there are at least
 * two bytes. Its last character may be cut off. */
static bool is_good_block(const char *p)
{
    uint64_t any = 0;
    for (size_t i = 0; i < BLOCK; i += 8)
        any |= doubt(p + i);
    return any == 0;
}

/* From a character on, past those that end in the next block at the latest; at itself when the
 * first is not valid. */
static const char *check_slowly(const char *at, const char *end)
{
    const char *stop = end - at > BLOCK ? at + BLOCK : end;
    uint32_t cp;
    for (unsigned n; at < stop && (n = utf8_next(at, end, &cp)) > 0;)
        at += n;
    return at;
}

/* The character that p is in, or ends. */
static const char *begin_of(const char *p)
{
    do
        p--;
    while (((unsigned char)*p & 0xc0) == 0x80);
    return p;
}

size_t utf8_check(const char *p, size_t n)
{
    if (n == 0)
        return 0; /* p may be NULL */
    const char *at = p, *end = p + n;
    while (at < end) {
        const char *from = at;
        if (at > p + 1) {
            while (end - at >= BLOCK && is_good_block(at))
                at += BLOCK;
            if (at > from)
                at = begin_of(at);
        }
        from = at;
        at = check_slowly(at, end);
        if (at == from)
            break;
    }
    return (size_t)(at - p);
}

size_t utf8_floor(const char *p, size_t n, size_t m)
{
    if (m >= n)
        return n;
    while (m > 0 && ((unsigned char)p[m] & 0xc0) == 0x80)
        m--;
    return m;
}

unsigned utf8_columns(uint32_t cp)
{
    static const uint32_t wide[][2] = {
        {0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
        {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
    };
    for (size_t i = 0; cp >= 0x1100 && i < sizeof(wide) / sizeof(wide[0]); i++)
        if (cp >= wide[i][0] && cp <= wide[i][1])
            return 2;
    return 1;
}
