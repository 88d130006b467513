/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_WORDS_H
#define GONGBAO_ANALYSIS_WORDS_H

/* From items to words. The finders, each in a file of its own, run in the order that analyze.c
 * tells, and leave in struct words what they find: the path, which segment.c makes and few others
 * change, and parts over it. */

#include "scan.h"

#define CHUNK 4096 /* items analysed together */

/* A token that is not on the path: 31日 in 10月31日, covid in covid-19, 三大战略任务 in quotes. */
struct part {
    uint16_t from, n; /* items */
    uint32_t word;    /* lexicon number, or AN_NO_WORD */
    uint8_t kind;
    uint8_t aside;
    uint16_t ncp; /* characters of its own, from words.spelt[cp] on; 0: those of its items */
    uint16_t cp;
};

/* Where a number begins that may belong to a whole of which Han or a separator is a part. */
enum hint_kind {
    HINT_ORDINAL,   /* 第3条 */
    HINT_SPACED,    /* 2024 年 10 月, 2024年 10月, 第 3 条 */
    HINT_PLUS,      /* 农业+ */
    HINT_DOCUMENT,  /* 国发〔2019〕5号 */
    HINT_STANDARD,  /* gb/t 7714-2015 */
    HINT_DASH,      /* gb/t7714—2015 */
    HINT_THOUSANDS, /* 1,234.5 */
};

struct hint {
    uint16_t at; /* the item where the number, or the +, begins */
    uint8_t kind;
};

#define PARTS ((size_t)4 * CHUNK) /* of a chunk; more are lost */
#define SPELT ((size_t)2 * CHUNK) /* characters that parts have of their own; more are lost */

/* The order of parts: by their first item, the longer first. */
static inline bool words_part_before(const struct part *a, const struct part *b)
{
    return a->from < b->from || (a->from == b->from && a->n > b->n);
}

#define ATOM_PIECES 16

/* A stretch that is on the path whatever the lexicon says: 5+5, 23.4%, 10|月|31|日. */
struct atom {
    size_t n;                        /* items, 1 or more */
    uint8_t kind;                    /* AN_KINDS: no token, symbols alone */
    uint8_t npieces;                 /* words of the path, which add up to n; 0: it is one word */
    uint8_t piece[ATOM_PIECES];      /* items in each */
    uint8_t piece_kind[ATOM_PIECES]; /* enum an_kind */
};

struct placed_atom {
    uint16_t from;
    struct atom atom;
};

/* An edge of the word graph that is listed by its end: a long word, or an atom. */
struct far_edge {
    uint32_t word, cost;
    uint16_t from, n;
    uint16_t next; /* that ends at the same place, 0: none */
};

#define DENSE_MAX 4 /* items in words that have an array of their own */
#define FAR_EDGES ((size_t)2 * CHUNK)

/* The word graph of a chunk and the best ways through it. Nodes are the places before items and the
 * one behind the last; edges of up to DENSE_MAX items are listed by their first item, those of more
 * by the place where they end. */
struct word_graph {
    struct placed_atom atom[CHUNK];
    size_t natoms;
    uint32_t unknown;                    /* cost of an item that is no word */
    uint16_t code[CHUNK + LEX_WORD_MAX]; /* of the items, by the lexicon */
    struct lex_place front[2][CHUNK];    /* scratch of a lookup */
    uint32_t cost[DENSE_MAX + 1][CHUNK]; /* of the word of 1, 2 ... items; the last is scratch */
    uint32_t word[DENSE_MAX + 1][CHUNK]; /* its number */
    struct far_edge far[FAR_EDGES + 1];
    size_t nfar;
    uint16_t far_at[CHUNK + 1]; /* first edge that ends at the place before this item */
    uint8_t inside[CHUNK + 1];  /* that place is within an atom */
    uint64_t best[CHUNK + 1];   /* cost of the best way there, and its last step */
};

/* What is found in a chunk. Arrays of CHUNK are parallel to its items. */
struct words {
    /* The path: each item is in one word of it, or a separator or mere symbol. */
    uint16_t n[CHUNK];   /* items in the word that begins here, 0: none does */
    uint8_t kind[CHUNK]; /* enum an_kind */
    uint32_t id[CHUNK];  /* lexicon number, or AN_NO_WORD */
    /* Beside the path. */
    struct part part[PARTS]; /* ascending by from; at the same from the longer first */
    struct part late[PARTS]; /* scratch of a merge */
    size_t nparts;
    uint32_t spelt[SPELT]; /* characters of parts that are not those of their items */
    size_t nspelt;
    struct hint hint[CHUNK]; /* ascending */
    size_t nhints;
    uint16_t candidate[CHUNK]; /* scratch: items that a finder is to look at */
    uint16_t ending[CHUNK];    /* items where words begin that may end a place or organisation */
    size_t nendings;
    /* What the path was chosen from. */
    struct word_graph graph;
};

/* ---- segment.c: the path ---- */

/* Find the atoms and the words of items [0, n). lex may be NULL. */
void segment_items(const struct lex *lex, const struct items *it, size_t n, struct words *w);

/* The cost of the word on the path that begins at item at. */
uint32_t words_cost(const struct words *w, size_t at);

/* The cost of the best way to the place before item to, and the items in its last step. */
uint64_t words_total(const struct words *w, size_t to);
size_t words_step(const struct words *w, size_t to);

/* ---- atom.c: runs that are not Han ---- */

/* The atom that begins at items[at], which is not Han, within [at, to). Its parts, and hints at
 * wholes that reach beyond it, are added to w. */
struct atom atom_read(const struct items *it, size_t at, size_t to, struct words *w);

/* The rank of the unit of time at item at, the largest first; 0: none. */
int time_unit(const struct items *it, size_t at, size_t to);

/* ---- parts.c: keeping parts, quoted units, and what spaces set apart ---- */

/* Begin a chunk: no parts and no hints. */
void words_reset(struct words *w);

/* Add a part behind the others, whatever its place. A part of fewer than two items or more than
 * AN_TOKEN_MAX is none. */
void words_add_part(struct words *w, size_t from, size_t to, enum an_kind kind);

/* Add a word inside a word of the path. */
void words_add_piece(struct words *w, size_t from, size_t to);

/* Merge the first `sorted` parts and those behind them; either are in order. Of two at the same
 * items the earlier stays. */
void words_merge_parts(struct words *w, size_t sorted);

/* Sort the parts from sorted on, which are few, and merge them with those before. */
void words_settle(struct words *w, size_t sorted);

/* Add the units between quotes among the items [0, n). */
void quoted_units(const struct items *it, size_t n, struct words *w);

/* Add the pairs of Han characters that the items [0, n) set apart by spaces: 附则 of 附 则. */
void spaced_pairs(const struct items *it, size_t n, struct words *w);

/* ---- wholes.c: over Han and separators ---- */

/* Add the wholes that the hints of the items [0, n) lead to. */
void wholes_find(const struct items *it, size_t n, struct words *w);

#define AGENCY_MOST 8 /* characters */

/* The places where the agency in a document's number, which the bracket at an item follows, may
 * begin, the nearest first; their number. */
size_t agencies_before(const struct items *it, const struct words *w, size_t bracket,
                       size_t from[AGENCY_MOST]);

/* ---- numerals.c ---- */

/* Add what Chinese numerals among the items [0, n) are in digits. */
void numerals_find(const struct items *it, size_t n, struct words *w);

/* ---- pieces.c ---- */

/* Add the words inside the long words of the paths of the items [0, n). */
void pieces_find(const struct lex *lex, const struct items *it, size_t n, struct words *w);

#endif
