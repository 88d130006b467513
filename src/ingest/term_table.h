/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_TERM_TABLE_H
#define GONGBAO_INGEST_TERM_TABLE_H

/* The distinct terms of one document with their frequencies.
 *
 * Terms come as code points, tens of millions of them a minute, and nearly all have three at most:
 * so many fit into 63 bits and are their own key. A longer term is hashed, and its code points are
 * compared. The terms lie one behind the other; beside them is a hash table of their numbers, as
 * much of it as the document needs, which for most documents stays in the first-level cache.
 * Nothing is allocated for a term once the table has grown to the size of a large document.
 *
 *     term_table_begin(&t, bytes);           // of text
 *     hit[k++] = (struct term){term_key(cp, n), weight, TERM_WHOLE};
 *     ...
 *     term_table_count(&t, hit, k);
 *     ...
 *     for (size_t i = 1; i <= t.n; i++)
 *         if (!term_table_is_idle(&t, &t.term[i]))
 *             at = term_table_spell(&t, &t.term[i], at);
 */

#include <gongbao/analysis.h>
#include <gongbao/utf8.h>

#define TERM_CP_BITS 21
#define TERM_SHORT   3 /* code points of a term that is its own key */
#define TERM_LONG    (UINT64_C(1) << 63)

/* A lone character is wanted when nothing longer begins with it: see term_table_is_idle. */
enum term_sort { TERM_LONE, TERM_WHOLE };

struct term {
    uint64_t key;
    uint32_t wdf;
    uint32_t more; /* of a long term its place in the pool; else an enum term_sort */
};

#define TERM_BEGINS (0x10000 / 64)

struct term_table {
    struct term *term; /* counted from 1 */
    size_t n;
    uint32_t *slot;  /* the number of a term; 0: empty */
    size_t size;     /* slots in use, a power of two; at most half of them are taken */
    size_t room;     /* all slots */
    unsigned shift;  /* 64 - log2(size) */
    uint64_t factor; /* of the hash, odd, by chance: no document can be made to collide */
    uint32_t *pool;  /* of each long term its length and its code points */
    size_t npool, pool_cap;
    uint64_t begins[TERM_BEGINS + 1]; /* a bit for each character that begins a term of two; the
                                         last 64 are for all characters beyond */
};

/* ST_NO_MEMORY, ST_IO. */
enum st term_table_init(struct term_table *t, struct err *err);
void term_table_fini(struct term_table *t);

/* Forget the last document. The next has about so many bytes. ST_NO_MEMORY. */
enum st term_table_begin(struct term_table *t, size_t bytes);

/* The key of cp[0..n), n from 1 to TERM_SHORT: each plus one in 21 bits, the first at the top, so
 * that no two terms share a key and none is 0. Without a branch, and nothing behind n is read. */
static inline uint64_t term_key(const uint32_t *cp, size_t n)
{
    uint64_t two = n > 1, three = n > 2;
    uint64_t second = (uint64_t)(cp[two] + 1) & -two;
    uint64_t third = (uint64_t)(cp[2 * three] + 1) & -three;
    return (uint64_t)(cp[0] + 1) << 2 * TERM_CP_BITS | second << TERM_CP_BITS | third;
}

/* Note that a term of n begins with cp. */
static inline void term_table_note(struct term_table *t, uint32_t cp, size_t n)
{
    size_t at = cp / 64 < TERM_BEGINS ? cp / 64 : TERM_BEGINS;
    t->begins[at] |= (uint64_t)(n == 2) << cp % 64;
}

/* Count n short terms, each as often as its wdf says; a frequency stops at the largest number
 * rather than wrap. False without memory. */
bool term_table_count(struct term_table *t, const struct term *hit, size_t n);

/* The same for one of more code points, TERM_SHORT + 1 to AN_TOKEN_MAX. */
bool term_table_count_long(struct term_table *t, const uint32_t *cp, size_t n, uint32_t weight);

/* Whether a term is a lone character which a term of two begins with. */
static inline bool term_table_is_idle(const struct term_table *t, const struct term *term)
{
    if (term->more != TERM_LONE || term->key & TERM_LONG)
        return false;
    uint64_t cp = (term->key >> 2 * TERM_CP_BITS) - 1;
    return cp / 64 < TERM_BEGINS && (t->begins[cp / 64] >> cp % 64 & 1);
}

/* Write a term of the pool in UTF-8. */
char *term_table_spell_long(const struct term_table *t, const struct term *term, char *at);

/* Write a term in UTF-8 at `at`, where there is room for it; returns its end. */
static inline char *term_table_spell(const struct term_table *t, const struct term *term, char *at)
{
    if (term->key & TERM_LONG)
        return term_table_spell_long(t, term, at);
    for (uint64_t rest = term->key << 1; rest; rest <<= TERM_CP_BITS)
        at += utf8_put((uint32_t)(rest >> (64 - TERM_CP_BITS)) - 1, at);
    return at;
}

/* Bytes in which all terms can be spelt. */
size_t term_table_bytes(const struct term_table *t);

#endif
