/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Text by the rank of its characters.
 *
 * UTF-8 takes three bytes for a Chinese character. What compresses text looks for what occurs again
 * and gives frequent bytes fewer bits, and does both the better the more of the text a byte is: the
 * 240 most frequent characters of a collection are half of its text. So they take one byte, and
 * the next 3584 two:
 *
 *     00 to ef            the character of this rank
 *     f0 to fd, byte      the character of rank 240 + 256 * (first - f0) + byte
 *     fe, byte            this byte: of what is no UTF-8, above U+FFFF, or an ASCII character
 *                         without a rank
 *     ff, byte, byte      the character of this number, up to U+FFFF
 *
 * Any bytes can be written so and come back the same; only what is mostly without a rank would
 * grow, and is refused.
 */

#include "dense.h"
#include <gongbao/utf8.h>
#include <stdlib.h>

enum { TWO = DENSE_ONE, RAW = 0xfe, NUMBER = 0xff, NO_CODE = 0xffff };

/* ---- ranks ---- */

struct count {
    uint32_t character, n;
};

static int more_frequent(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return (x->character > y->character) - (x->character < y->character);
}

static void count_text(struct count *count, struct str text, size_t most)
{
    const char *p = text.p, *end = p + (text.n < most ? text.n : most);
    while (p < end) {
        uint32_t c = 0;
        unsigned n = utf8_next(p, end, &c);
        if (n >= 1 && n <= 3)
            count[c].n++;
        p += n ? n : 1;
    }
}

enum st dense_rank(struct dense *d, const struct str *text, size_t n, size_t most, struct err *err)
{
    uint16_t character[DENSE_MAX];
    size_t ranks = 0;
    struct count *count = calloc(65536, sizeof(*count));
    if (!count)
        return err_nomem(err);
    for (size_t i = 0; i < n; i++)
        count_text(count, text[i], most);
    for (uint32_t c = 0; c < 65536; c++)
        if (count[c].n > 0)
            count[ranks++] = (struct count){c, count[c].n};
    qsort(count, ranks, sizeof(*count), more_frequent);
    if (ranks > DENSE_MAX)
        ranks = DENSE_MAX;
    for (size_t i = 0; i < ranks; i++)
        character[i] = (uint16_t)count[i].character;
    free(count);
    dense_set(d, character, ranks);
    return ST_OK;
}

static uint16_t code_of(size_t rank)
{
    return (uint16_t)(rank < DENSE_ONE ? rank : (TWO << 8) + (rank - DENSE_ONE));
}

static bool is_character(uint16_t c)
{
    return c < 0xd800 || c > 0xdfff;
}

bool dense_set(struct dense *d, const uint16_t *character, size_t n)
{
    memset(d->code, 0xff, sizeof(d->code));
    d->n = 0;
    for (size_t i = 0; i < n; i++) {
        uint16_t c = character[i];
        if (i >= DENSE_MAX || !is_character(c) || d->code[c] != NO_CODE)
            return false;
        d->code[c] = code_of(i);
        d->character[d->n++] = c;
    }
    return true;
}

bool undense_set(struct undense *u, const uint16_t *character, size_t n)
{
    if (n > DENSE_MAX)
        return false;
    memset(u->utf8, 0, sizeof(u->utf8));
    for (size_t i = 0; i < n; i++) {
        char utf8[4] = {0};
        if (!is_character(character[i]))
            return false;
        utf8[3] = (char)utf8_put(character[i], utf8);
        memcpy(&u->utf8[i], utf8, sizeof(utf8));
    }
    return true;
}

/* ---- packing ---- */

static size_t rare_size(unsigned n)
{
    return n == 2 || n == 3 ? 3 : 2 * (n ? n : 1);
}

/* What has no code: a character of two or three bytes by its number, others byte by byte. */
static char *put_rare(const char *p, unsigned n, uint32_t c, char *out)
{
    if (n == 2 || n == 3) {
        *out++ = (char)NUMBER;
        *out++ = (char)(c >> 8);
        *out++ = (char)c;
        return out;
    }
    for (unsigned i = 0; i < (n ? n : 1); i++) {
        *out++ = (char)RAW;
        *out++ = p[i];
    }
    return out;
}

/* Two bytes are written of either kind: which one comes next cannot be guessed, and so need not be.
 * What is too much is overwritten by what follows. */
static inline char *put_code(uint16_t code, char *out)
{
    bool two = code >> 8 != 0;
    out[0] = (char)(code >> 8 * two);
    out[1] = (char)code;
    return out + 1 + two;
}

size_t dense_pack(const struct dense *d, struct str text, char *out)
{
    const char *p = text.p, *end = p + text.n;
    char *o = out, *stop = out + text.n;
    while (p < end) {
        uint32_t c = 0;
        unsigned n = utf8_next(p, end, &c);
        uint16_t code = n >= 1 && n <= 3 ? d->code[c] : NO_CODE;
        size_t left = (size_t)(stop - o);
        if (code != NO_CODE && left >= 2)
            o = put_code(code, o);
        else if (code < TWO && left == 1)
            *o++ = (char)code;
        else if (code == NO_CODE && left >= rare_size(n))
            o = put_rare(p, n, c, o);
        else
            return SIZE_MAX;
        p += n ? n : 1;
    }
    return (size_t)(o - out);
}

/* ---- unpacking ---- */

/* A character as undense has it. */
struct utf8 {
    char bytes[3], n;
};

static struct utf8 of_rank(const struct undense *u, size_t rank)
{
    struct utf8 c;
    memcpy(&c, &u->utf8[rank], sizeof(c));
    return c;
}

static size_t rank_of(const unsigned char *p)
{
    return p[0] < TWO ? p[0] : DENSE_ONE + ((size_t)(p[0] - TWO) << 8) + p[1];
}

/* The character at p, of one byte to three that are left; n is 0 when there is none. */
static struct utf8 take(const struct undense *u, const unsigned char **p, size_t left)
{
    const unsigned char *s = *p;
    struct utf8 c = {.n = 0};
    size_t n = s[0] < TWO ? 1 : s[0] < NUMBER ? 2 : 3;
    if (left < n)
        return c;
    *p += n;
    if (s[0] < RAW)
        return of_rank(u, rank_of(s));
    if (s[0] == RAW) {
        c.bytes[0] = (char)s[1];
        c.n = 1;
        return c;
    }
    uint16_t number = (uint16_t)(s[1] << 8 | s[2]);
    if (is_character(number)) {
        char utf8[4] = {0};
        c.n = (char)utf8_put(number, utf8);
        memcpy(c.bytes, utf8, sizeof(c.bytes));
    }
    return c;
}

/* What is left at the end, or is not by rank. One character; false when there is none, or no room
 * for it. */
static bool unpack_one(const struct undense *u, const unsigned char **p, const unsigned char *end,
                       char **o, const char *stop)
{
    struct utf8 c = take(u, p, (size_t)(end - *p));
    if (c.n == 0 || stop - *o < c.n)
        return false;
    memcpy(*o, c.bytes, (size_t)c.n);
    *o += c.n;
    return true;
}

/* Ranks, while there are: all four bytes of a table's entry are written, and what is too much is
 * overwritten by the next. False when a rank has no character. */
static bool unpack_ranks(const struct undense *u, const unsigned char **from,
                         const unsigned char *end, char **to, const char *stop)
{
    const unsigned char *p = *from;
    char *o = *to;
    struct utf8 c = {.n = 1};
    while (end - p >= 2 && stop - o >= (ptrdiff_t)sizeof(c) && p[0] < RAW && c.n != 0) {
        c = of_rank(u, rank_of(p));
        memcpy(o, &c, sizeof(c));
        o += c.n;
        p += p[0] < TWO ? 1 : 2;
    }
    *from = p;
    *to = o;
    return c.n != 0;
}

bool dense_unpack(const struct undense *u, struct str packed, char *out, size_t n)
{
    const unsigned char *p = (const unsigned char *)packed.p, *end = p + packed.n;
    char *o = out, *stop = out + n;
    while (p < end)
        if (!unpack_ranks(u, &p, end, &o, stop) || (p < end && !unpack_one(u, &p, end, &o, stop)))
            return false;
    return o == stop;
}
