/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_DENSE_H
#define INDEX_DENSE_H

/* Text in fewer bytes: characters by their rank, the frequent ones in one byte. */

#include "c.h"

C_BEGIN

enum {
    DENSE_ONE = 240,                        /* ranks of one byte, and first bytes of the others */
    DENSE_TWO = 14,                         /* first bytes of two */
    DENSE_MAX = DENSE_ONE + DENSE_TWO * 256 /* ranks there can be */
};

/* The characters that have a rank, and from character to bytes; 128 KB, so it lives on the heap. */
struct dense {
    uint16_t n;
    uint16_t character[DENSE_MAX]; /* by rank */
    uint16_t code[65536];
};

/* From bytes back to characters. */
struct undense {
    uint32_t utf8[DENSE_MAX]; /* by rank, as they lie in memory: three bytes, how many count */
};

/* Rank the characters of n texts by how often they occur, equal ones by their number; of each text
 * at most `most` bytes are looked at. */
enum st dense_rank(struct dense *d, const struct str *text, size_t n, size_t most, struct err *err);

/* The same from the characters of a dictionary; false when one of them is none, or stands twice. */
bool dense_set(struct dense *d, const uint16_t *character, size_t n);
bool undense_set(struct undense *u, const uint16_t *character, size_t n);

/* Any bytes, into out, which has room for as many. The number of bytes written, or SIZE_MAX when
 * they would be more than there were. */
size_t dense_pack(const struct dense *d, struct str text, char *out);

/* Back again: exactly n bytes into out; false when the bytes are not such text. */
bool dense_unpack(const struct undense *u, struct str packed, char *out, size_t n);

C_END
#endif
