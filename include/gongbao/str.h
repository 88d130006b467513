/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_STR_H
#define GONGBAO_STR_H

/* A borrowed run of bytes. Not NUL-terminated, owns nothing, passed by value. p may be NULL only
 * when n is 0. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(lit)   ((struct str){(lit), sizeof(lit) - 1})
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *s)
{
    return (struct str){s, s ? strlen(s) : 0};
}

static inline struct str str_from(const char *p, size_t n)
{
    return (struct str){p, n};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal but for the case of ASCII letters. */
bool str_eq_nocase(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Order by unsigned bytes, the shorter first: <0, 0, >0. */
int str_cmp(struct str a, struct str b);

/* Cut the part of *rest before the first sep off its front; the separator is dropped. Without a
 * separator the whole is taken and *rest becomes empty with p NULL. */
struct str str_cut(struct str *rest, char sep);

/* Without ASCII white space at either end. */
struct str str_trim(struct str s);

/* An unsigned decimal number, all of s, no sign, at most max. False otherwise; *out untouched. */
bool str_u64(struct str s, uint64_t max, uint64_t *out);

/* Edits (insert, delete, replace, swap neighbours) from a to b ignoring ASCII case; for "did you
 * mean" over short words: anything over 32 bytes counts as far away (100). */
unsigned str_distance(struct str a, struct str b);

#endif
