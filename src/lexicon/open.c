/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opening and reading a compiled lexicon.
 *
 * The file is mapped and used where it lies, or a copy of it in memory is. Opening looks at the
 * header, the section table and the code map, some fifty kilobytes, so it takes no time however
 * large the lexicon is. The nodes are not looked at: a walk checks each step against their number
 * instead, and a spelling is checked when it is asked for. A damaged file can therefore give wrong
 * words, never a read outside the mapping; lex_verify finds the damage.
 */

#include "format.h"
#include <gongbao/file.h>
#include <gongbao/sum.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 64 /* lookups between asking for a node and using it */

struct lex {
    struct file_map map; /* or, of what was read, the bytes of copy */
    struct buf copy;
    const struct lex_meta *meta;
    const uint16_t *code_index;
    const uint16_t *code_page;
    const struct lex_node *node;
    size_t nnode;
    const struct lex_node *first; /* by code */
    size_t nfirst;
    const struct lex_spelled *spelled;
    size_t nspelled;
    const uint32_t *spelling;
    size_t nspelling;
    uint64_t stamp;
};

static struct lex_header header_of(const struct lex *lex)
{
    struct lex_header h;
    memcpy(&h, lex->map.p, sizeof(h));
    return h;
}

static enum st check_header(const struct lex *lex, const char *path, struct err *err)
{
    if (lex->map.n < sizeof(struct lex_header) ||
        memcmp(lex->map.p, LEX_MAGIC, sizeof(LEX_MAGIC) - 1) != 0)
        return err_set(err, ST_DAMAGED, "%s is not a compiled lexicon", path);
    struct lex_header h = header_of(lex);
    if (h.version != LEX_VERSION)
        return err_set(err, ST_DAMAGED, "%s has version %u, not %u: compile it again", path,
                       h.version, LEX_VERSION);
    if (h.bytes != lex->map.n)
        return err_set(err, ST_DAMAGED, "%s has %zu bytes, not %llu: it was cut or added to", path,
                       lex->map.n, (unsigned long long)h.bytes);
    if (h.sections != LEX_SECTIONS ||
        lex->map.n < sizeof(h) + LEX_SECTIONS * sizeof(struct lex_section))
        return err_set(err, ST_DAMAGED, "%s: bad section table", path);
    return ST_OK;
}

const void *lex_section(const struct lex *lex, enum lex_section_id id, size_t item, size_t *n)
{
    struct lex_section s;
    memcpy(&s, lex->map.p + sizeof(struct lex_header) + (id - 1) * sizeof(s), sizeof(s));
    if (s.id != (uint32_t)id || s.offset % LEX_ALIGN != 0 || s.offset > lex->map.n ||
        s.bytes > lex->map.n - s.offset || s.bytes % item != 0)
        return NULL;
    *n = s.bytes / item;
    return lex->map.p + s.offset;
}

static bool find_sections(struct lex *lex)
{
    size_t nmeta = 0, nindex = 0, npage = 0;
    const size_t page = sizeof(uint16_t) << LEX_CODE_BITS;
    lex->meta = lex_section(lex, LEX_SEC_META, sizeof(*lex->meta), &nmeta);
    lex->code_index = lex_section(lex, LEX_SEC_CODE_INDEX, sizeof(uint16_t), &nindex);
    lex->code_page = lex_section(lex, LEX_SEC_CODE_PAGES, page, &npage);
    lex->node = lex_section(lex, LEX_SEC_NODES, sizeof(*lex->node), &lex->nnode);
    lex->first = lex_section(lex, LEX_SEC_FIRST, sizeof(*lex->first), &lex->nfirst);
    lex->spelled = lex_section(lex, LEX_SEC_SPELLED, sizeof(*lex->spelled), &lex->nspelled);
    lex->spelling = lex_section(lex, LEX_SEC_SPELLINGS, sizeof(uint32_t), &lex->nspelling);
    if (!lex->meta || !lex->code_index || !lex->code_page || !lex->node || !lex->first ||
        !lex->spelled || !lex->spelling || nmeta != 1 || nindex != LEX_CODE_IDX || lex->nnode == 0)
        return false;
    for (size_t i = 0; i < nindex; i++)
        if (lex->code_index[i] >= npage)
            return false;
    for (size_t i = 0; i < npage << LEX_CODE_BITS; i++)
        if (lex->code_page[i] >= lex->nfirst)
            return false;
    return true;
}

/* The sections lie in the file, and what the analyzer adds up stays in the range it counts on. */
static enum st check_sections(struct lex *lex, const char *path, struct err *err)
{
    if (!find_sections(lex))
        return err_set(err, ST_DAMAGED, "%s: a section lies out of bounds", path);
    if (lex->meta->unknown > LEX_COST_MAX)
        return err_set(err, ST_DAMAGED, "%s: an unknown character costs %u, more than %u", path,
                       lex->meta->unknown, LEX_COST_MAX);
    return ST_OK;
}

static enum st read_copy(struct lex *lex, const char *path, struct err *err)
{
    enum st st = file_read(path, &lex->copy, err);
    if (st == ST_OK)
        lex->map = (struct file_map){.p = (const unsigned char *)lex->copy.p, .n = lex->copy.n};
    return st;
}

static enum st open_by(bool mapped, const char *path, struct lex **out, struct err *err)
{
    struct lex *lex = calloc(1, sizeof(*lex));
    if (!lex)
        return err_nomem(err);
    buf_init(&lex->copy, LEX_FILE_MAX);
    enum st st = mapped ? file_map(path, &lex->map, err) : read_copy(lex, path, err);
    if (st == ST_OK)
        st = check_header(lex, path, err);
    if (st == ST_OK)
        st = check_sections(lex, path, err);
    if (st != ST_OK) {
        lex_close(lex);
        return st;
    }
    lex->stamp = header_of(lex).checksum;
    *out = lex;
    return ST_OK;
}

enum st lex_open(const char *path, struct lex **out, struct err *err)
{
    return open_by(true, path, out, err);
}

enum st lex_read(const char *path, struct lex **out, struct err *err)
{
    struct lex *lex = NULL;
    enum st st = open_by(false, path, &lex, err);
    if (st != ST_OK)
        return st;
    st = lex_verify(lex, err);
    if (st != ST_OK) {
        err_prefix(err, "%s", path);
        lex_close(lex);
        return st;
    }
    *out = lex;
    return ST_OK;
}

void lex_close(struct lex *lex)
{
    if (!lex)
        return;
    if (!lex->copy.p)
        file_unmap(&lex->map);
    buf_fini(&lex->copy);
    free(lex);
}

enum st lex_verify(const struct lex *lex, struct err *err)
{
    const size_t head = sizeof(struct lex_header);
    if (sum64_of(str_from((const char *)lex->map.p + head, lex->map.n - head)) != lex->stamp)
        return err_set(err, ST_DAMAGED, "lexicon: the checksum does not fit, compile it again");
    return ST_OK;
}

void lex_info(const struct lex *lex, struct lex_info *out)
{
    *out = (struct lex_info){.words = lex->meta->words,
                             .fold = lex->meta->fold,
                             .bytes = lex->map.n,
                             .stamp = lex->stamp};
}

static uint16_t code_of(const struct lex *lex, uint32_t cp)
{
    if (cp > 0x10ffff)
        return LEX_NO_CODE;
    size_t page = lex->code_index[cp >> LEX_CODE_BITS];
    return lex->code_page[page << LEX_CODE_BITS | (cp & ((1u << LEX_CODE_BITS) - 1))];
}

void lex_codes(const struct lex *lex, const uint32_t *cp, size_t n, uint16_t *code)
{
    for (size_t i = 0; i < n; i++)
        code[i] = code_of(lex, cp[i]);
}

/* The place where code would lead to from a node with this base. */
static size_t place_of(const struct lex *lex, uint32_t base, uint16_t code)
{
    size_t at = (size_t)base + code;
    return at < lex->nnode ? at : 0;
}

/* Where it does; the root, which is nobody's child, when there is no such node. No base is 0, so a
 * node without children needs no test of its own. */
static uint32_t child(const struct lex *lex, uint32_t base, uint16_t code)
{
    size_t at = place_of(lex, base, code);
    return (uint32_t)at & (0u - (uint32_t)(lex->node[at].code == code));
}

size_t lex_first(const struct lex *lex, const uint32_t *cp, size_t n, uint16_t *code,
                 struct lex_place *out, uint32_t *cost, uint32_t *word)
{
    uint32_t root = lex->node[0].base;
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        uint16_t c = code_of(lex, cp[i]);
        struct lex_node node = lex->first[c];
        code[i] = c;
        cost[i] = node.cost;
        word[i] = (root + c) | (0u - (uint32_t)(node.code == LEX_FREE));
        out[left] = (struct lex_place){.base = node.base, .at = (uint32_t)i};
        left += node.base != 0;
    }
    memset(code + n, LEX_NO_CODE, LEX_WORD_MAX * sizeof(*code));
    return left;
}

static void fetch(const struct lex *lex, const uint16_t *code, struct lex_place place)
{
    __builtin_prefetch(&lex->node[place_of(lex, place.base, code[place.at])]);
}

/* What is found is as good as random: so no branch hangs on it, and each node, which lies anywhere
 * among megabytes, is asked for AHEAD places before it is needed. */
size_t lex_longer(const struct lex *lex, const uint16_t *code, const struct lex_place *in, size_t n,
                  struct lex_place *out, uint32_t *cost, uint32_t *word)
{
    size_t found = 0;
    for (size_t i = 0; i < n && i < AHEAD; i++)
        fetch(lex, code, in[i]);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = in[i].at, place = child(lex, in[i].base, code[at]);
        struct lex_node node = lex->node[place];
        if (i + AHEAD < n)
            fetch(lex, code, in[i + AHEAD]);
        cost[at] = lex_node_cost(node);
        word[at] = lex_number(node, place);
        out[found] = (struct lex_place){.base = node.base, .at = at};
        found += place != 0;
    }
    return found;
}

size_t lex_prefixes_of(const struct lex *lex, const uint16_t *code, size_t n, struct lex_match *out,
                       size_t max)
{
    size_t found = 0;
    uint32_t at = 0;
    if (n > LEX_WORD_MAX)
        n = LEX_WORD_MAX; /* the nodes of a damaged file may go in a circle */
    for (size_t i = 0; i < n && found < max; i++) {
        at = child(lex, lex->node[at].base, code[i]);
        if (at == 0)
            break;
        struct lex_node node = lex->node[at];
        if (node.cost != LEX_NO_WORD)
            out[found++] = (struct lex_match){.length = (uint32_t)i + 1,
                                              .word = lex_number(node, at),
                                              .cost = lex_node_cost(node)};
    }
    return found;
}

uint32_t lex_unknown_cost(const struct lex *lex)
{
    return lex->meta->unknown;
}

const uint32_t *lex_spelling(const struct lex *lex, uint32_t word, size_t *n)
{
    if (!(word & LEX_SPELLED) || word == LEX_UNKNOWN)
        return NULL;
    word &= ~LEX_SPELLED;
    size_t low = 0, high = lex->nspelled;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (lex->spelled[mid].node < word)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == lex->nspelled || lex->spelled[low].node != word)
        return NULL;
    size_t at = lex->spelled[low].at;
    if (at >= lex->nspelling || lex->spelling[at] > LEX_WORD_MAX ||
        lex->spelling[at] > lex->nspelling - at - 1)
        return NULL;
    *n = lex->spelling[at];
    return lex->spelling + at + 1;
}
