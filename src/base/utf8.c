/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checking UTF-8 and cutting it.
 *
 * A Chinese bulletin is mostly three-byte characters with short runs of ASCII between them.
 * utf8_check therefore has a fast step for each: eight ASCII bytes in one compare, and characters
 * of three bytes by a table-free test on the word that holds two of them. Everything else goes
 * through utf8_next, which is the only place that knows the rules.
 *
 * Nothing is read past the end: the input may end where the memory does.
 */

#include <gongbao/utf8.h>
#include <string.h>

static uint64_t load8(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    return w;
}

static bool is_ascii8(const char *p)
{
    return (load8(p) & 0x8080808080808080u) == 0;
}

/* Two characters E1..EC xx xx in a row: the first bytes that need no look at the second one
 * (E0 may be overlong, ED a surrogate). These cover all common Chinese. */
static bool is_two_triples(const char *p)
{
    const unsigned char *s = (const unsigned char *)p;
    return (unsigned)(s[0] - 0xe1) < 12 && (unsigned)(s[3] - 0xe1) < 12 &&
           (s[1] & s[2] & s[4] & s[5] & 0x80) && !((s[1] | s[2] | s[4] | s[5]) & 0x40);
}

size_t utf8_check(const char *p, size_t n)
{
    if (n == 0)
        return 0; /* p may be NULL */
    const char *at = p, *end = p + n;
    while (at < end) {
        uint32_t cp;
        unsigned len;
        if (end - at >= 8 && is_ascii8(at))
            len = 8;
        else if (end - at >= 6 && is_two_triples(at))
            len = 6;
        else
            len = utf8_next(at, end, &cp);
        if (len == 0)
            break;
        at += len;
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
