/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_SUM_H
#define GONGBAO_SUM_H

/* XXH3 checksums in the two forms that the files use: numbers and hexadecimal text. */

#include <gongbao/err.h>
#include <gongbao/str.h>

struct sum128 {
    uint64_t hi, lo;
};

#define SUM_HEX 33 /* 32 digits and a NUL */

struct sum128 sum128_of(struct str s);
uint64_t sum64_of(struct str s);

/* For a table that strangers fill: with a seed from getrandom(2) nobody can make keys collide. */
uint64_t sum64_seeded(struct str s, uint64_t seed);

/* Of the parts one behind the other. */
struct sum128 sum128_join(const struct str *part, size_t n);

static inline bool sum_eq(struct sum128 a, struct sum128 b)
{
    return a.hi == b.hi && a.lo == b.lo;
}

void sum_hex(struct sum128 sum, char out[SUM_HEX]);
bool sum_unhex(struct str s, struct sum128 *out);

/* The checksum and the size of a whole file. */
enum st sum_file(const char *path, struct sum128 *sum, uint64_t *size, struct err *err);

#endif
