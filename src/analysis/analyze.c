/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The door: text in, tokens out.
 *
 * The text is read in chunks of at most CHUNK items, so memory does not grow with it. A chunk is
 * cut behind a separator where one is near; if there is none, its last items are kept for the next
 * chunk, so that the bigram across the cut is not lost (a word across it is, and may be: words
 * only rank).
 *
 * Tokens come out in order of start. What the view drops lies in the gaps between items, and is
 * read again from there: a dropped mark is a character of its own, the letters of a removed
 * reading are characters and bigrams beside the text. Gaps are rare, so the second reading costs
 * nothing where it is not needed.
 *
 * Tokens are handed over in batches. Their characters lie in the items, in the lexicon, or, for
 * gaps, in `side`; all three stay as they are until the batch is handed over.
 */

#include "fold.h"
#include "names.h"
#include "readings.h"
#include "segment.h"
#include <stdlib.h>

#define BATCH    256
#define SIDE     1024
#define LOOKBACK 512 /* items behind which a separator is looked for, to cut there */

struct an {
    const struct lex *lex;
    an_sink *sink;
    void *ctx;
    enum st st; /* first thing the sink returned that is not ST_OK */
    struct str text;
    size_t at; /* bytes emitted */
    struct an_token token[BATCH];
    size_t ntokens;
    uint32_t side[SIDE];
    size_t nside;
    struct items items;
    uint32_t cp[CHUNK], start[CHUNK], end[CHUNK];
    uint8_t kind[CHUNK];
    struct mark mark[CHUNK];
    struct words words;
    struct name_table names;
    size_t part; /* next of words.part to emit */
};

enum st an_new(const struct lex *lex, struct an **out, struct err *err)
{
    if (lex) {
        struct lex_info info;
        lex_info(lex, &info);
        if (info.fold != an_fold_version())
            return err_set(err, ST_DAMAGED,
                           "the lexicon was compiled with other fold tables: compile it again");
    }
    struct an *an = calloc(1, sizeof(*an));
    if (!an)
        return err_nomem(err);
    an->lex = lex;
    an->items = (struct items){.cp = an->cp,
                               .start = an->start,
                               .end = an->end,
                               .kind = an->kind,
                               .cap = CHUNK,
                               .mark = an->mark,
                               .mark_cap = CHUNK};
    name_table_init(&an->names);
    *out = an;
    return ST_OK;
}

void an_free(struct an *an)
{
    free(an);
}

static void flush(struct an *an)
{
    if (an->ntokens > 0 && an->st == ST_OK)
        an->st = an->sink(an->ctx, an->token, an->ntokens);
    an->ntokens = 0;
    an->nside = 0;
}

static struct an_token *add(struct an *an, enum an_kind kind, size_t start, size_t end,
                            const uint32_t *cp, size_t ncp)
{
    if (an->ntokens == BATCH)
        flush(an);
    struct an_token *t = &an->token[an->ntokens++];
    *t = (struct an_token){.start = (uint32_t)start,
                           .end = (uint32_t)end,
                           .cp = cp,
                           .ncp = (uint16_t)ncp,
                           .kind = (uint8_t)kind,
                           .word = AN_NO_WORD};
    return t;
}

/* A token in a gap; its characters are copied. */
static void add_aside(struct an *an, enum an_kind kind, size_t start, size_t end,
                      const uint32_t *cp, size_t ncp)
{
    if (an->ntokens == BATCH || an->nside + ncp > SIDE)
        flush(an);
    uint32_t *copy = an->side + an->nside;
    memcpy(copy, cp, ncp * sizeof(*cp));
    an->nside += ncp;
    add(an, kind, start, end, copy, ncp)->aside = 1;
}

/* ---- Gaps ---- */

/* A reading at [at, end): itself, then its parentheses and letters, with their marks. */
static void emit_reading(struct an *an, size_t at, size_t end)
{
    uint32_t letter[16], place[16] = {0}, raw, entry;
    size_t n = 0;
    for (size_t p = at; p < end && n < 15;) {
        unsigned len = scan_char(an->text, p, &raw, &entry);
        if (entry_role(entry) == ROLE_TEXT) {
            letter[n] = entry_cp(entry, raw);
            place[n++] = (uint32_t)p;
        }
        p += len;
    }
    add_aside(an, AN_READING, at, end, letter, n);
    for (size_t p = at, i = 0; p < end;) {
        unsigned len = scan_char(an->text, p, &raw, &entry);
        uint32_t cp = entry_cp(entry, raw);
        if (entry_role(entry) == ROLE_TEXT && i + 1 < n) {
            size_t next = place[i + 1];
            add_aside(an, AN_LETTERS, p, next + scan_char(an->text, next, &raw, &entry), letter + i,
                      2);
        }
        bool letter_here = i < n && place[i] == p;
        add_aside(an, letter_here ? AN_LETTERS : AN_CHAR, p, p + len, &cp, 1);
        i += letter_here;
        p += len;
    }
}

/* What the view dropped between the last item and `to`: marks, and the reading of that item. White
 * space in a gap is the rest of a run that is an item already, unless a reading is before it. */
static void emit_gap(struct an *an, size_t to, uint32_t han)
{
    bool space = false;
    while (an->at < to) {
        uint32_t raw, entry;
        size_t end = an->at + scan_char(an->text, an->at, &raw, &entry);
        uint32_t cp = entry_cp(entry, raw);
        size_t reading = han && cp == '(' ? reading_bare_length(an->text, an->at, han) : 0;
        if (reading > 0) {
            end = an->at + reading;
            emit_reading(an, an->at, end);
            space = true;
        } else if (entry_class(entry) != CLASS_SPACE || space) {
            add_aside(an, AN_CHAR, an->at, end, &cp, 1);
        }
        han = 0;
        an->at = end;
    }
}

/* ---- Items ---- */

/* The word or part of n items that begins at item i. */
static void emit_word(struct an *an, size_t i, size_t n, enum an_kind kind, uint32_t id)
{
    const struct items *it = &an->items;
    struct an_token *t = add(an, kind, it->start[i], it->end[i + n - 1], it->cp + i, n);
    size_t ncp;
    const uint32_t *spelling = id != AN_NO_WORD ? lex_spelling(an->lex, id, &ncp) : NULL;
    t->word = id;
    if (spelling) {
        t->cp = spelling;
        t->ncp = (uint16_t)ncp;
    }
}

/* A part with characters of its own. */
static void emit_spelt(struct an *an, const struct part *p)
{
    const struct items *it = &an->items;
    add(an, p->kind, it->start[p->from], it->end[p->from + p->n - 1], an->words.spelt + p->cp,
        p->ncp)
        ->aside = p->aside;
}

/* The parts of at least so many items that begin at item i and the word of n items there, the
 * longest first; a word of one is left to the caller. */
static void emit_parts(struct an *an, size_t i, size_t n, size_t least)
{
    const struct words *w = &an->words;
    while (an->part < w->nparts && w->part[an->part].from == i && w->part[an->part].n >= least) {
        const struct part *p = &w->part[an->part++];
        if (n >= p->n && n > 1) {
            emit_word(an, i, n, w->kind[i], w->id[i]);
            n = 0;
        }
        if (p->ncp)
            emit_spelt(an, p);
        else if (p->n != w->n[i])
            emit_word(an, i, p->n, p->kind, AN_NO_WORD);
    }
    if (n > 1)
        emit_word(an, i, n, w->kind[i], w->id[i]);
}

static void emit_text(struct an *an, size_t i, bool pair)
{
    const struct items *it = &an->items;
    const struct words *w = &an->words;
    size_t n = w->n[i];
    bool parts = an->part < w->nparts && w->part[an->part].from == i;
    if (parts)
        emit_parts(an, i, n, 2);
    else if (n > 1)
        emit_word(an, i, n, w->kind[i], w->id[i]);
    if (pair)
        add(an, AN_BIGRAM, it->start[i], it->end[i + 1], it->cp + i, 2);
    if (parts)
        emit_parts(an, i, 0, 1);
    if (n == 1)
        emit_word(an, i, 1, w->kind[i], w->id[i]);
    add(an, AN_CHAR, it->start[i], it->end[i], it->cp + i, 1);
}

/* The length of a character of valid UTF-8, by its first byte. */
static size_t lead_length(char first)
{
    unsigned char c = (unsigned char)first;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* The gap between item i and `next`. Nearly always there is none, and the first byte tells. */
static void emit_gap_behind(struct an *an, size_t i, size_t next)
{
    const struct items *it = &an->items;
    uint32_t raw, entry;
    if (it->start[i] + lead_length(an->text.p[it->start[i]]) == next && it->cp[i] != FOLD_BAD)
        return;
    an->at = it->start[i] + scan_char(an->text, it->start[i], &raw, &entry);
    if (an->at < next)
        emit_gap(an, next, entry_class(entry) == CLASS_HAN ? raw : 0);
}

/* Emit items [0, n) and the gaps before and behind each; `known` items are there to look at. */
static void emit_items(struct an *an, size_t n, size_t known, size_t text_end)
{
    const struct items *it = &an->items;
    if (n > 0 && an->at < it->start[0])
        emit_gap(an, it->start[0], 0);
    for (size_t i = 0; i < n && an->st == ST_OK; i++) {
        if (item_is_text(it->kind[i]))
            emit_text(an, i, i + 1 < known && item_is_text(it->kind[i + 1]));
        else if (it->kind[i] != ITEM_BREAK)
            add(an, AN_CHAR, it->start[i], it->end[i], it->cp + i, 1);
        size_t next = i + 1 < known ? it->start[i + 1] : text_end;
        emit_gap_behind(an, i, next);
        an->at = next;
    }
}

/* ---- Chunks ---- */

/* The words of items [0, n), and those beside the path. */
static void find_words(struct an *an, size_t n)
{
    const struct items *it = &an->items;
    struct words *w = &an->words;
    words_reset(w);
    an->part = 0;
    segment_items(an->lex, it, n, w);
    size_t sorted = w->nparts;
    for (size_t from = 0, to; an->lex && from < n; from = to) {
        to = from + 1;
        if (!item_is_text(it->kind[from]))
            continue;
        while (to < n && item_is_text(it->kind[to]))
            to++;
        names_find(&an->names, it, from, to, w);
    }
    words_merge_parts(w, 0, sorted);
    if (w->nhints > 0)
        wholes_find(it, n, w);
    numerals_find(it, n, w);
    if (it->nmarks == 0)
        return;
    if (an->lex)
        names_with_dots(&an->names, it, n, w);
    quoted_units(it, n, w);
}

/* How many items of a full chunk to take now: up to a separator near its end, or all but two: the
 * last may yet grow, and is an end of the bigram of both. */
static size_t cut_place(const struct items *it)
{
    size_t last = it->n - 1;
    for (size_t i = last; i > 0 && last - i < LOOKBACK; i--)
        if (!item_is_text(it->kind[i - 1]))
            return i;
    return last - 1;
}

static void keep_from(struct items *it, size_t from)
{
    size_t n = it->n - from;
    memmove(it->cp, it->cp + from, n * sizeof(*it->cp));
    memmove(it->start, it->start + from, n * sizeof(*it->start));
    memmove(it->end, it->end + from, n * sizeof(*it->end));
    memmove(it->kind, it->kind + from, n);
    it->n = n;
    size_t kept = 0;
    for (size_t i = 0; i < it->nmarks; i++)
        if (it->mark[i].at >= from)
            it->mark[kept++] = (struct mark){it->mark[i].at - (uint32_t)from, it->mark[i].kind};
    it->nmarks = kept;
}

enum st an_analyze(struct an *an, struct str text, an_sink *sink, void *ctx)
{
    struct scan scan;
    bool done;
    scan_init(&scan, text, AN_VIEW_TEXT);
    an->text = text;
    an->sink = sink;
    an->ctx = ctx;
    an->st = ST_OK;
    an->at = 0;
    an->items.n = an->items.nmarks = 0;
    do {
        done = scan_fill(&scan, &an->items);
        size_t n = done ? an->items.n : cut_place(&an->items);
        find_words(an, n);
        emit_items(an, n, an->items.n, text.n);
        flush(an);
        keep_from(&an->items, n);
    } while (!done && an->st == ST_OK);
    if (an->at < text.n && an->st == ST_OK) /* marks and nothing else */
        emit_gap(an, text.n, 0);
    flush(an);
    return an->st;
}
