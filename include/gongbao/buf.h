/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_BUF_H
#define GONGBAO_BUF_H

/* A growing byte buffer, capped at birth and sticky.
 *
 * Append freely and check once: the first append that would pass the cap, or that finds no memory,
 * sets `failed`, and every later append does nothing. What was appended before stays.
 *
 *     struct buf b;
 *     buf_init(&b, 1 << 20);
 *     buf_addf(&b, "generation=%u", 41);
 *     if (!buf_ok(&b)) ...
 *     buf_fini(&b);
 */

#include <gongbao/str.h>

struct buf {
    char *p; /* NULL until the first append; not NUL-terminated */
    size_t n, cap;
    size_t max; /* n never exceeds it */
    bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);

/* Forget the contents and the failure, keep the memory. */
void buf_reset(struct buf *b);

static inline bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p, b->n};
}

/* Room for n more bytes at p + n, or NULL (and failed). The caller writes them and raises n. */
char *buf_room(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *cstr);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void buf_addu(struct buf *b, uint64_t v); /* in decimal digits */

/* An unsigned number, 7 bits a byte, low group first, top bit: more follows. At most 10 bytes. */
void buf_varint(struct buf *b, uint64_t v);

/* Read such a number off the front of *s; false when s ends inside it or it passes 64 bits. */
bool str_varint(struct str *s, uint64_t *out);

/* A string behind its length, and reading one off the front of *s: a slice of it; false when s ends
 * inside it. */
void buf_varstr(struct buf *b, struct str s);
bool str_varstr(struct str *s, struct str *out);

/* Drop n bytes off the front. */
void buf_drop(struct buf *b, size_t n);

/* The contents as a NUL-terminated heap string that the caller frees; the buffer is left empty.
 * NULL when the buffer failed or there is no memory. */
char *buf_take(struct buf *b);

#endif
