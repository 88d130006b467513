/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_LEXICON_FORMAT_H
#define GONGBAO_LEXICON_FORMAT_H

/* The bytes of a compiled lexicon, as FORMAT.md describes them, and the trie that builder.c has
 * made by trie.c. */

#include <gongbao/err.h>
#include <gongbao/lexicon.h>
#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "a lexicon is little-endian and read in place");

#define LEX_MAGIC     "GBlex\r\n\x1a"
#define LEX_VERSION   3u
#define LEX_ALIGN     64u
#define LEX_FILE_MAX  ((size_t)1 << 30)
#define LEX_CODE_BITS 8u /* code points a page of the code map, as a power of two */
#define LEX_CODE_IDX  (0x110000u >> LEX_CODE_BITS)

struct lex_header {
    char magic[8];
    uint32_t version;
    uint32_t sections;
    uint64_t bytes;    /* of the whole file */
    uint64_t checksum; /* XXH3, 64 bits, of what follows the header */
};

enum lex_section_id {
    LEX_SEC_META = 1,
    LEX_SEC_CODE_INDEX, /* uint16_t[LEX_CODE_IDX]: page of each block of code points */
    LEX_SEC_CODE_PAGES, /* uint16_t[][1 << LEX_CODE_BITS]: code of each code point, 0: in no word */
    LEX_SEC_NODES,      /* struct lex_node[] */
    LEX_SEC_FIRST,      /* struct lex_node[]: the children of the root, by code */
    LEX_SEC_SPELLED,    /* struct lex_spelled[], ascending by node */
    LEX_SEC_SPELLINGS,  /* uint32_t[]: a length, then as many code points */
    LEX_SECTIONS = LEX_SEC_SPELLINGS
};

struct lex_section {
    uint32_t id;
    uint32_t zero;
    uint64_t offset, bytes;
};

struct lex_meta {
    uint32_t words;
    uint32_t fold;
    uint32_t unknown; /* cost of a character that is in no word */
    uint32_t zero;
};

/* A node of the double array. The child of node s by code c is node base(s) + c, if its code is
 * c: no two nodes share a base, so the code alone tells whose child it is. */
struct lex_node {
    uint32_t base; /* 0: no children */
    uint16_t code; /* by which the parent reaches it; LEX_FREE: there is none, or it is the root */
    uint16_t cost; /* LEX_NO_WORD, or the cost in 15 bits and LEX_NODE_SPELLED */
};

#define LEX_FREE         0xffffu
#define LEX_NO_WORD      0xffffu
#define LEX_NODE_SPELLED 0x8000u /* the word has a spelling of its own */
#define LEX_COST_MAX     0x7ffeu
#define LEX_CODE_MAX     (LEX_FREE - 1)

/* Its cost, LEX_NO_COST or more when no word ends at it. */
static inline uint32_t lex_node_cost(struct lex_node node)
{
    return (node.cost & (LEX_NODE_SPELLED - 1)) | LEX_NO_COST * (node.cost == LEX_NO_WORD);
}

/* The number of the word that ends at node at. */
static inline uint32_t lex_number(struct lex_node node, size_t at)
{
    return (uint32_t)at | (node.cost & LEX_NODE_SPELLED) << 16;
}

struct lex_spelled {
    uint32_t node;
    uint32_t at; /* in LEX_SEC_SPELLINGS */
};

/* The bytes of a section, a whole number *n of items of the given size. NULL when it is not so. */
const void *lex_section(const struct lex *lex, enum lex_section_id id, size_t item, size_t *n);

/* Takes a word of the lexicon: m->length characters of its key. Anything but ST_OK stops. */
typedef enum st lex_take(void *ctx, const uint32_t *key, const struct lex_match *m);

/* Hand over every word, in an order that means nothing. Returns what take returned; ST_DAMAGED,
 * ST_NO_MEMORY. */
enum st lex_each(const struct lex *lex, lex_take *take, void *ctx, struct err *err);

/* A word for the trie: its codes, 1 or more, none 0. */
struct trie_word {
    const uint16_t *code;
    uint32_t n;
    uint16_t cost;
};

/* Build a double array over words in ascending order of codes, all different. The caller frees
 * *nodes. ST_NO_MEMORY. */
enum st trie_build(const struct trie_word *word, size_t n, struct lex_node **nodes, size_t *nnodes,
                   struct err *err);

#endif
