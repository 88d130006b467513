/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A growing byte buffer, capped at birth and sticky.
 *
 * All growth goes through buf_room. Memory doubles, but never past max, so appending costs the
 * same per byte however long the contents become.
 *
 * Invariants: n <= cap <= max; when p is not NULL there are cap + 1 bytes behind it. The spare
 * byte is where vsnprintf puts its NUL and where buf_take ends the string it gives away.
 *
 * Not here: insertion in the middle, and appending a part of a buffer to itself.
 */

#include <gongbao/buf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SMALLEST = 64 };

void buf_init(struct buf *b, size_t max)
{
    if (max >= PTRDIFF_MAX)
        max = PTRDIFF_MAX - 1;
    *b = (struct buf){.max = max};
}

void buf_fini(struct buf *b)
{
    free(b->p);
    buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

static bool grow(struct buf *b, size_t need)
{
    size_t cap = b->cap < SMALLEST ? SMALLEST : b->cap * 2;
    if (cap < need)
        cap = need;
    if (cap > b->max)
        cap = b->max;
    char *p = realloc(b->p, cap + 1);
    if (!p)
        return false;
    b->p = p;
    b->cap = cap;
    return true;
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->failed)
        return NULL;
    bool fits = b->p && n <= b->cap - b->n;
    if (!fits && (n > b->max - b->n || !grow(b, b->n + n))) {
        b->failed = true;
        return NULL;
    }
    return b->p + b->n;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    char *to = buf_room(b, n);
    if (to && n) {
        memcpy(to, p, n);
        b->n += n;
    }
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_adds(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.n);
}

void buf_addz(struct buf *b, const char *cstr)
{
    buf_add(b, cstr, strlen(cstr));
}

void buf_addu(struct buf *b, uint64_t v)
{
    char digit[20];
    size_t at = sizeof(digit);
    do
        digit[--at] = (char)('0' + v % 10);
    while (v /= 10);
    buf_add(b, digit + at, sizeof(digit) - at);
}

/* Most texts are short, and then they are written once. */
void buf_addf(struct buf *b, const char *fmt, ...)
{
    char brief[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(brief, sizeof(brief), fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
        return;
    }
    if ((size_t)n < sizeof(brief)) {
        buf_add(b, brief, (size_t)n);
        return;
    }
    char *to = buf_room(b, (size_t)n);
    if (!to)
        return;
    va_start(ap, fmt);
    vsnprintf(to, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void buf_varint(struct buf *b, uint64_t v)
{
    unsigned char group[10];
    size_t n = 0;
    while (v >= 0x80) {
        group[n++] = (unsigned char)(v | 0x80);
        v >>= 7;
    }
    group[n++] = (unsigned char)v;
    buf_add(b, group, n);
}

bool str_varint(struct str *s, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s->n && i < 10; i++) {
        unsigned char byte = (unsigned char)s->p[i];
        if (i == 9 && byte > 1) /* the tenth group holds the 64th bit and no other */
            return false;
        v |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *s = str_from(s->p + i + 1, s->n - i - 1);
            *out = v;
            return true;
        }
    }
    return false;
}

void buf_varstr(struct buf *b, struct str s)
{
    buf_varint(b, s.n);
    buf_adds(b, s);
}

bool str_varstr(struct str *s, struct str *out)
{
    struct str rest = *s;
    uint64_t n;
    if (!str_varint(&rest, &n) || n > rest.n)
        return false;
    *out = str_from(rest.p, (size_t)n);
    *s = str_from(rest.p + n, rest.n - (size_t)n);
    return true;
}

void buf_drop(struct buf *b, size_t n)
{
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    b->n -= n;
    memmove(b->p, b->p + n, b->n);
}

char *buf_take(struct buf *b)
{
    if (!buf_room(b, 0))
        return NULL;
    char *p = b->p;
    p[b->n] = '\0';
    buf_init(b, b->max);
    return p;
}
