/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the spellings that builder.c has read to the compiled file.
 *
 *   1. An alias takes the frequency and the spelling of the word it stands for; without one it is
 *      dropped.
 *   2. Spellings are sorted by their key. Those that share a key become one word: the frequencies
 *      of the dictionary spellings add up, and the most frequent spelling stands. The last user
 *      word of a key takes it away, or gives it its weight; the spelling stays the dictionary's.
 *   3. A word without a frequency gets the least that makes it cheaper than its parts. A user word
 *      that no dictionary spells is spelled as its parts are: 著名工坊, though its key is 着名工坊.
 *   4. Code points get dense codes, the most frequent first, so that the hot part of the code map
 *      and of the trie lies close together; the trie is built over the codes.
 *   5. The sections are laid out, summed and written.
 */

#include "builder.h"
#include <gongbao/file.h>
#include <gongbao/sum.h>
#include <gongbao/utf8.h>
#include <math.h>
#include <stdlib.h>

/* A word is its strongest spelling, with the sum of frequencies. */
struct compile {
    struct arena *strings; /* of the builder */
    struct spelling *word; /* ascending by key; all keys different */
    size_t n;
    double total;   /* of the frequencies */
    uint16_t *code; /* of each code point */
    size_t ncodes;
    struct trie_word *trie;
    uint16_t *codes; /* of all words, one after another */
    struct lex_node *node;
    size_t nnode;
    struct buf spelled, spellings, file;
};

static int by_key(const void *pa, const void *pb)
{
    const struct spelling *a = pa, *b = pb;
    for (uint32_t i = 0; i < a->nkey && i < b->nkey; i++)
        if (a->key[i] != b->key[i])
            return a->key[i] < b->key[i] ? -1 : 1;
    if (a->nkey != b->nkey)
        return a->nkey < b->nkey ? -1 : 1;
    if (a->user != b->user)
        return a->user > b->user ? -1
                                 : 1; /* user words first, the last of them before the others */
    if (a->frequency != b->frequency)
        return a->frequency > b->frequency ? -1 : 1;
    /* The rest only makes the outcome the same on every run. */
    if (a->ncp == 0 || b->ncp == 0)
        return 0;
    return memcmp(a->cp, b->cp, a->ncp * sizeof(*a->cp));
}

static bool same_key(const struct spelling *a, const struct spelling *b)
{
    return a->nkey == b->nkey && memcmp(a->key, b->key, a->nkey * sizeof(*a->key)) == 0;
}

/* An alias takes the place of its target's spelling; false when the target is no word. */
static bool resolve_alias(struct lex_builder *b, struct spelling *sp)
{
    const uint64_t *at = map_get(&b->by_text, sp->target);
    if (!at || *at == 0)
        return false;
    const struct spelling *target = &b->spelling[*at - 1];
    if (target->target.p != NULL)
        return false;
    sp->cp = target->cp;
    sp->ncp = target->ncp;
    sp->frequency = target->frequency;
    return true;
}

static size_t resolve_aliases(struct lex_builder *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct spelling *sp = &b->spelling[i];
        if (sp->target.p != NULL && !resolve_alias(b, sp))
            sp->nkey = 0;
    }
    for (size_t i = 0; i < b->n; i++)
        if (b->spelling[i].nkey != 0)
            b->spelling[kept++] = b->spelling[i];
    return kept;
}

/* The word of n spellings of the lists that share a key, the strongest first. */
static struct spelling join_lists(const struct spelling *sp, size_t n)
{
    struct spelling word = sp[0];
    for (size_t i = 1; i < n; i++) {
        if (sp[i].target.p == NULL) {
            word.frequency = word.target.p ? word.frequency : word.frequency + sp[i].frequency;
            word.guess |= sp[i].guess;
        }
    }
    return word;
}

/* The word of n spellings that share a key, those of user words first, the last of them before the
 * others. False when it is taken away. */
static bool join_key(const struct spelling *sp, size_t n, struct spelling *word)
{
    size_t from = 0;
    while (from < n && sp[from].user)
        from++;
    *word = from < n ? join_lists(sp + from, n - from) : sp[0];
    if (from > 0) {
        word->frequency = sp[0].frequency;
        word->guess = sp[0].guess;
    }
    return from == 0 || !sp[0].removed;
}

/* Join the spellings of each key in place; they are sorted. */
static size_t join_keys(struct spelling *sp, size_t n)
{
    size_t kept = 0;
    for (size_t from = 0, to; from < n; from = to) {
        struct spelling word;
        for (to = from + 1; to < n && same_key(&sp[from], &sp[to]);)
            to++;
        if (join_key(sp + from, to - from, &word))
            sp[kept++] = word;
    }
    return kept;
}

static const struct spelling *find_word(const struct compile *c, const uint32_t *key, uint32_t n)
{
    const struct spelling want = {.key = key, .nkey = n};
    size_t low = 0, high = c->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct spelling *at = &c->word[mid];
        if (same_key(at, &want))
            return at;
        struct spelling probe = want;
        probe.frequency = at->frequency;
        if (by_key(at, &probe) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* The best way to write a word by shorter words. */
struct parts {
    double likely[LEX_WORD_MAX + 1]; /* of the first so many characters; not its logarithm */
    uint32_t from[LEX_WORD_MAX + 1]; /* where the part that ends here begins */
    const struct spelling *part[LEX_WORD_MAX + 1]; /* that part; NULL: an unknown character */
};

static void best_parts(const struct compile *c, const struct spelling *w, struct parts *p)
{
    *p = (struct parts){.likely = {1}};
    for (uint32_t end = 1; end <= w->nkey; end++) {
        for (uint32_t from = 0; from < end; from++) {
            if (end - from == w->nkey)
                continue;
            const struct spelling *part = find_word(c, w->key + from, end - from);
            double frequency = part && part->frequency > 0 ? part->frequency : 0;
            if (frequency <= 0 && end - from == 1)
                frequency = 1;
            double likely = p->likely[from] * frequency / c->total;
            if (likely > p->likely[end]) {
                p->likely[end] = likely;
                p->from[end] = from;
                p->part[end] = part;
            }
        }
    }
}

/* Spell a word as its parts are spelled. A part has as many characters as its key, or it is left
 * as it is. */
static bool spell_by_parts(const struct compile *c, struct spelling *w, const struct parts *p)
{
    uint32_t *cp = arena_alloc(c->strings, w->nkey * sizeof(*cp));
    if (!cp)
        return false;
    memcpy(cp, w->key, w->nkey * sizeof(*cp));
    for (uint32_t end = w->nkey; end > 0 && p->likely[end] > 0; end = p->from[end]) {
        const struct spelling *part = p->part[end];
        if (part && part->nkey > 1 && part->ncp == part->nkey)
            memcpy(cp + p->from[end], part->cp, part->ncp * sizeof(*cp));
    }
    w->cp = cp;
    return true;
}

static enum st complete_words(struct compile *c, struct err *err)
{
    for (size_t i = 0; i < c->n; i++) {
        struct spelling *w = &c->word[i];
        if (!w->guess && !w->user)
            continue;
        struct parts parts;
        best_parts(c, w, &parts);
        double least = parts.likely[w->nkey] * c->total * 1.1 + 1;
        if (w->guess && w->frequency < least)
            w->frequency = floor(least) + 1;
        if (w->user && !spell_by_parts(c, w, &parts))
            return err_nomem(err);
    }
    return ST_OK;
}

/* What frequencies are a share of. With a base lexicon it is that of the base, so that a user word
 * changes the cost of no other. */
static double total_of(const struct compile *c, double base)
{
    double total = 1;
    for (size_t i = 0; i < c->n; i++)
        total += c->word[i].frequency;
    return base > 0 ? base : total;
}

static uint16_t cost_of(const struct compile *c, double frequency)
{
    double cost = log(c->total / (frequency > 0 ? frequency : 1)) * LEX_COST_ONE;
    if (cost < 0)
        return 0;
    return cost > LEX_COST_MAX ? LEX_COST_MAX : (uint16_t)lround(cost);
}

/* How often a code point stands in words. */
struct weight {
    uint64_t count;
    uint32_t cp;
};

static int by_weight(const void *pa, const void *pb)
{
    const struct weight *a = pa, *b = pb;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->cp < b->cp ? -1 : a->cp > b->cp;
}

static enum st make_codes(struct compile *c, struct err *err)
{
    struct weight *w = calloc(0x110000, sizeof(*w));
    c->code = calloc(0x110000, sizeof(*c->code));
    if (!w || !c->code) {
        free(w);
        return err_nomem(err);
    }
    for (uint32_t cp = 0; cp < 0x110000; cp++)
        w[cp].cp = cp;
    for (size_t i = 0; i < c->n; i++)
        for (uint32_t k = 0; k < c->word[i].nkey; k++)
            w[c->word[i].key[k]].count += (uint64_t)c->word[i].frequency + 1;
    qsort(w, 0x110000, sizeof(*w), by_weight);
    uint32_t n = 0;
    for (; n < 0x110000 && w[n].count != 0 && n < LEX_CODE_MAX; n++)
        c->code[w[n].cp] = (uint16_t)(n + 1);
    c->ncodes = n;
    bool too_many = n == LEX_CODE_MAX && w[n].count != 0;
    free(w);
    return too_many ? err_set(err, ST_REJECTED, "more than %u different characters", LEX_CODE_MAX)
                    : ST_OK;
}

static int by_codes(const void *pa, const void *pb)
{
    const struct trie_word *a = pa, *b = pb;
    for (uint32_t i = 0; i < a->n && i < b->n; i++)
        if (a->code[i] != b->code[i])
            return a->code[i] < b->code[i] ? -1 : 1;
    return a->n < b->n ? -1 : a->n > b->n;
}

/* The trie over the codes of all words, which it wants in its own order. */
static enum st make_trie(struct compile *c, struct err *err)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < c->n; i++)
        total += c->word[i].nkey;
    c->codes = malloc((total + 1) * sizeof(*c->codes));
    c->trie = calloc(c->n + 1, sizeof(*c->trie));
    if (!c->codes || !c->trie)
        return err_nomem(err);
    for (size_t i = 0; i < c->n; i++) {
        const struct spelling *w = &c->word[i];
        c->trie[i] = (struct trie_word){
            .code = c->codes + at, .n = w->nkey, .cost = cost_of(c, w->frequency)};
        for (uint32_t k = 0; k < w->nkey; k++)
            c->codes[at++] = c->code[w->key[k]];
    }
    qsort(c->trie, c->n, sizeof(*c->trie), by_codes);
    return trie_build(c->trie, c->n, &c->node, &c->nnode, err);
}

/* The node of a word, by the same walk that readers take. */
static uint32_t node_of(const struct compile *c, const struct spelling *w)
{
    uint32_t at = 0;
    for (uint32_t k = 0; k < w->nkey; k++)
        at = c->node[at].base + c->code[w->key[k]];
    return at;
}

static int by_node(const void *pa, const void *pb)
{
    const struct lex_spelled *a = pa, *b = pb;
    return a->node < b->node ? -1 : a->node > b->node;
}

/* One character needs no spelling: its fold is the most frequent of its class already. */
static bool is_spelled(const struct spelling *w)
{
    return w->nkey > 1 &&
           (w->ncp != w->nkey || memcmp(w->cp, w->key, w->ncp * sizeof(*w->cp)) != 0);
}

static enum st make_spellings(struct compile *c, struct err *err)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct spelling *w = &c->word[i];
        if (!is_spelled(w))
            continue;
        struct lex_spelled s = {.node = node_of(c, w),
                                .at = (uint32_t)(c->spellings.n / sizeof(uint32_t))};
        c->node[s.node].cost |= LEX_NODE_SPELLED;
        buf_add(&c->spelled, &s, sizeof(s));
        buf_add(&c->spellings, &w->ncp, sizeof(w->ncp));
        buf_add(&c->spellings, w->cp, w->ncp * sizeof(*w->cp));
    }
    if (!buf_ok(&c->spelled) || !buf_ok(&c->spellings))
        return err_nomem(err);
    if (c->spelled.n != 0)
        qsort(c->spelled.p, c->spelled.n / sizeof(struct lex_spelled), sizeof(struct lex_spelled),
              by_node);
    return ST_OK;
}

static void add_section(struct compile *c, enum lex_section_id id, const void *p, size_t n)
{
    while (c->file.n % LEX_ALIGN != 0 && buf_ok(&c->file))
        buf_addc(&c->file, 0);
    struct lex_section s = {.id = id, .offset = c->file.n, .bytes = n};
    buf_add(&c->file, p, n);
    if (buf_ok(&c->file))
        memcpy(c->file.p + sizeof(struct lex_header) + (id - 1) * sizeof(s), &s, sizeof(s));
}

/* The code map: a page of codes for each block of code points, the empty page once. */
static void add_code_map(struct compile *c)
{
    static const uint16_t empty[1u << LEX_CODE_BITS];
    uint16_t index[LEX_CODE_IDX];
    struct buf pages;
    buf_init(&pages, LEX_FILE_MAX);
    buf_add(&pages, empty, sizeof(empty));
    for (uint32_t p = 0; p < LEX_CODE_IDX; p++) {
        const uint16_t *page = c->code + ((size_t)p << LEX_CODE_BITS);
        index[p] = 0;
        if (memcmp(page, empty, sizeof(empty)) != 0) {
            index[p] = (uint16_t)(pages.n / sizeof(empty));
            buf_add(&pages, page, sizeof(empty));
        }
    }
    add_section(c, LEX_SEC_CODE_INDEX, index, sizeof(index));
    add_section(c, LEX_SEC_CODE_PAGES, pages.p, pages.n);
    c->file.failed |= pages.failed;
    buf_fini(&pages);
}

/* The children of the root once more, by code, with the cost of a character that is no word where
 * there is no word. */
static void add_first(struct compile *c, uint16_t unknown)
{
    size_t root = c->node[0].base, n = c->ncodes + 1;
    struct lex_node *first = calloc(n, sizeof(*first));
    c->file.failed |= !first;
    for (size_t code = 0; first && code < n; code++) {
        const struct lex_node *node = &c->node[root + code];
        first[code] = (struct lex_node){.code = LEX_FREE, .cost = unknown};
        if (root + code >= c->nnode || node->code != code)
            continue;
        first[code].base = node->base;
        if (node->cost != LEX_NO_WORD)
            first[code] = *node;
    }
    if (first)
        add_section(c, LEX_SEC_FIRST, first, n * sizeof(*first));
    free(first);
}

static enum st make_file(struct compile *c, uint32_t fold, struct err *err)
{
    const struct lex_meta meta = {.words = (uint32_t)c->n, .fold = fold, .unknown = cost_of(c, 1)};
    const size_t head = sizeof(struct lex_header);
    char *p = buf_room(&c->file, head + LEX_SECTIONS * sizeof(struct lex_section));
    if (!p)
        return err_nomem(err);
    c->file.n = head + LEX_SECTIONS * sizeof(struct lex_section);
    memset(p, 0, c->file.n);
    add_section(c, LEX_SEC_META, &meta, sizeof(meta));
    add_code_map(c);
    add_section(c, LEX_SEC_NODES, c->node, c->nnode * sizeof(*c->node));
    add_first(c, (uint16_t)meta.unknown);
    add_section(c, LEX_SEC_SPELLED, c->spelled.p, c->spelled.n);
    add_section(c, LEX_SEC_SPELLINGS, c->spellings.p, c->spellings.n);
    if (!buf_ok(&c->file))
        return err_nomem(err);
    struct lex_header h = {.magic = LEX_MAGIC,
                           .version = LEX_VERSION,
                           .sections = LEX_SECTIONS,
                           .bytes = c->file.n,
                           .checksum = sum64_of(str_from(c->file.p + head, c->file.n - head))};
    memcpy(c->file.p, &h, sizeof(h));
    return ST_OK;
}

enum st lex_builder_finish(struct lex_builder *b, const char *path, struct err *err)
{
    struct compile c = {.strings = &b->strings, .word = b->spelling};
    buf_init(&c.spelled, LEX_FILE_MAX);
    buf_init(&c.spellings, LEX_FILE_MAX);
    buf_init(&c.file, LEX_FILE_MAX);
    c.n = resolve_aliases(b);
    enum st st = c.n ? ST_OK : err_set(err, ST_REJECTED, "no word to compile");
    if (st == ST_OK) {
        qsort(c.word, c.n, sizeof(*c.word), by_key);
        c.n = join_keys(c.word, c.n);
        c.total = total_of(&c, b->total);
        st = complete_words(&c, err);
    }
    if (st == ST_OK)
        st = make_codes(&c, err);
    if (st == ST_OK)
        st = make_trie(&c, err);
    if (st == ST_OK)
        st = make_spellings(&c, err);
    if (st == ST_OK)
        st = make_file(&c, b->fold_version, err);
    if (st == ST_OK)
        st = file_replace(path, buf_str(&c.file), 0644, err);
    buf_fini(&c.spelled);
    buf_fini(&c.spellings);
    buf_fini(&c.file);
    free(c.code);
    free(c.codes);
    free(c.trie);
    free(c.node);
    return st;
}
