/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_TERM_TABLE_H
#define GONGBAO_INGEST_TERM_TABLE_H

/* The distinct terms of one document with their frequencies.
 *
 * Terms come as code points, tens of millions of them a minute, and nearly all have three at most:
 * so many fit into 63 bits and are their own key. A longer term is hashed, and its code points are
 * compared. The table is open addressing over slots of 16 bytes. As much of it is used as the
 * document needs, which for most documents stays in the first-level cache; emptying it costs what
 * the document put in. Nothing is allocated for a term once the table has grown to the size of a
 * large document.
 *
 *     term_table_begin(&t, bytes);           // of text
 *     term_table_count(&t, cp, n, weight, TERM_WHOLE);
 *     ...
 *     for (size_t i = 0; i < t.n; i++)       // in order of first occurrence
 *         if (!term_table_is_idle(&t, i))
 *             at = term_table_spell(&t, i, at);
 */

#include <gongbao/analysis.h>

struct term_slot {
    uint64_t key; /* 0: empty */
    uint32_t wdf;
    uint32_t more; /* of a long term its place in the pool; else an enum term_sort */
};

/* A lone character is wanted when nothing longer begins with it: see term_table_is_idle. */
enum term_sort { TERM_LONE, TERM_WHOLE };

#define TERM_BEGINS (0x10000 / 64)

struct term_table {
    struct term_slot *slot;
    size_t size, room; /* slots in use, a power of two, and all of them; those beyond are empty */
    unsigned shift;    /* 64 - log2(size) */
    uint64_t factor;   /* of the hash, odd, by chance: no document can be made to collide */
    uint32_t *order;   /* the slots that hold a term, as they came */
    size_t n, cap;
    uint32_t *pool; /* of each long term its length and its code points */
    size_t npool, pool_cap;
    uint64_t begins[TERM_BEGINS]; /* a bit for each character that begins a term of two */
};

/* ST_NO_MEMORY, ST_IO. */
enum st term_table_init(struct term_table *t, struct err *err);
void term_table_fini(struct term_table *t);

/* Forget the last document. The next has about so many bytes. ST_NO_MEMORY. */
enum st term_table_begin(struct term_table *t, size_t bytes);

/* Count cp[0..n), n from 1 to AN_TOKEN_MAX; the frequency stops at the largest number rather than
 * wrap. False without memory. */
bool term_table_count(struct term_table *t, const uint32_t *cp, size_t n, uint32_t weight,
                      enum term_sort sort);

static inline const struct term_slot *term_table_at(const struct term_table *t, size_t i)
{
    return &t->slot[t->order[i]];
}

/* Whether the i-th term is a lone character which a term of two begins with. */
bool term_table_is_idle(const struct term_table *t, size_t i);

#define TERM_BYTES (4 * (size_t)AN_TOKEN_MAX)

/* Write the i-th term in UTF-8 at `at`, where there is room for TERM_BYTES; returns its end. */
char *term_table_spell(const struct term_table *t, size_t i, char *at);

/* Bytes in which all terms can be spelt. */
size_t term_table_bytes(const struct term_table *t);

#endif
