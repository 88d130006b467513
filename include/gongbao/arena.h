/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ARENA_H
#define GONGBAO_ARENA_H

/* Memory that is given back all at once: one arena a request or a document.
 *
 * Everything allocated lives until arena_reset or arena_fini. Allocation is capped at birth like a
 * buffer, and a failure is sticky: `failed` stays set until the reset.
 */

#include <gongbao/str.h>

struct arena_block;

struct arena {
    struct arena_block *head;
    size_t used; /* bytes given out since the last reset */
    size_t max;
    bool failed;
    bool full; /* ... because of the cap, and not for want of memory */
};

void arena_init(struct arena *a, size_t max);
void arena_fini(struct arena *a);

/* Give everything back but one block, which is kept for reuse. */
void arena_reset(struct arena *a);

/* n bytes aligned for any type, not cleared; NULL (and failed) over the cap or without memory.
 * n may be 0. */
void *arena_alloc(struct arena *a, size_t n);

/* Cleared; n * size is checked for overflow. */
void *arena_calloc(struct arena *a, size_t n, size_t size);

/* A copy of s, with a NUL after it that n does not count. On failure {NULL, 0} and failed. */
struct str arena_str(struct arena *a, struct str s);

/* Characters in UTF-8. On failure {NULL, 0} and failed. */
struct str arena_chars(struct arena *a, const uint32_t *cp, size_t n);

/* A formatted NUL-terminated string; "" on failure. */
const char *arena_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Room for one item of this size more than the n that a list in the arena has, of which *cap tells
 * how many it holds: the list, which may have moved. NULL without memory. What was moved stays
 * where it was until the arena is emptied. */
void *arena_room(struct arena *a, void *list, size_t n, size_t *cap, size_t size);

#endif
