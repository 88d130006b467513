/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The door: text in, tokens out.
 *
 * The text is read in chunks of at most CHUNK items, so memory does not grow with it. A chunk is
 * cut behind a separator where one is near; if there is none, its last item is kept for the next
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
    struct words words;
    size_t part; /* next of words.part to emit */
};

enum st an_new(const struct lex *lex, struct an **out, struct err *err)
{
    if (lex != NULL) {
        struct lex_info info;
        lex_info(lex, &info);
        if (info.fold != an_fold_version())
            return err_set(err, ST_DAMAGED,
                           "the lexicon was compiled with other fold tables: compile it again");
    }
    struct an *an = calloc(1, sizeof(*an));
    if (an == NULL)
        return err_nomem(err);
    an->lex = lex;
    an->items = (struct items){an->cp, an->start, an->end, an->kind, 0, CHUNK};
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

/* ---- Gaps --------------------------------------------------------------------------------------
 */

/* A reading at [at, end): itself, then its parentheses and letters, with their marks. */
static void emit_reading(struct an *an, size_t at, size_t end)
{
    uint32_t letter[16], place[16], raw, entry;
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
            add_aside(an, AN_BIGRAM, p, next + scan_char(an->text, next, &raw, &entry), letter + i,
                      2);
        }
        i += place[i] == p;
        add_aside(an, AN_CHAR, p, p + len, &cp, 1);
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

/* ---- Items -------------------------------------------------------------------------------------
 */

/* The word or part of n items that begins at item i. */
static void emit_word(struct an *an, size_t i, size_t n, enum an_kind kind, uint32_t id)
{
    const struct items *it = &an->items;
    struct an_token *t = add(an, kind, it->start[i], it->end[i + n - 1], it->cp + i, n);
    size_t ncp;
    const uint32_t *spelling = id != AN_NO_WORD ? lex_spelling(an->lex, id, &ncp) : NULL;
    t->word = id;
    if (spelling != NULL) {
        t->cp = spelling;
        t->ncp = (uint16_t)ncp;
    }
}

/* Everything of one length at item i: the word, then parts. */
static void emit_words(struct an *an, size_t i, size_t longest, size_t shortest)
{
    const struct words *w = &an->words;
    size_t n = w->n[i];
    bool word = n >= shortest && n <= longest && n > 0;
    while (an->part < w->nparts && w->part[an->part].from == i && w->part[an->part].n >= shortest) {
        const struct part *p = &w->part[an->part++];
        if (word && n >= p->n) {
            emit_word(an, i, n, w->kind[i], w->id[i]);
            word = false;
        }
        emit_word(an, i, p->n, p->kind, AN_NO_WORD);
    }
    if (word)
        emit_word(an, i, n, w->kind[i], w->id[i]);
}

static void emit_text(struct an *an, size_t i, bool pair)
{
    const struct items *it = &an->items;
    emit_words(an, i, CHUNK, 2);
    if (pair)
        add(an, AN_BIGRAM, it->start[i], it->end[i + 1], it->cp + i, 2);
    emit_words(an, i, 1, 1);
    add(an, AN_CHAR, it->start[i], it->end[i], it->cp + i, 1);
}

/* The unfolded character of item i if it is Han, and its length. */
static unsigned raw_char(const struct an *an, size_t i, uint32_t *han)
{
    uint32_t raw, entry;
    unsigned n = scan_char(an->text, an->items.start[i], &raw, &entry);
    *han = entry_class(entry) == CLASS_HAN ? raw : 0;
    return n;
}

/* Emit items [0, n) and the gaps before and behind each; `known` items are there to look at. */
static void emit_items(struct an *an, size_t n, size_t known, size_t text_end)
{
    const struct items *it = &an->items;
    for (size_t i = 0; i < n && an->st == ST_OK; i++) {
        bool text = item_is_text(it->kind[i]);
        if (an->at < it->start[i])
            emit_gap(an, it->start[i], 0);
        if (text)
            emit_text(an, i, i + 1 < known && item_is_text(it->kind[i + 1]));
        else if (it->kind[i] != ITEM_BREAK)
            add(an, AN_CHAR, it->start[i], it->end[i], it->cp + i, 1);
        uint32_t han;
        an->at = it->start[i] + raw_char(an, i, &han);
        size_t next = i + 1 < known ? it->start[i + 1] : text_end;
        if (an->at < next)
            emit_gap(an, next, han);
    }
}

/* ---- Chunks ------------------------------------------------------------------------------------
 */

static void segment_items(struct an *an, size_t n)
{
    const struct items *it = &an->items;
    an->words.nparts = an->part = 0;
    for (size_t from = 0, to; from < n; from = to) {
        to = from + 1;
        if (!item_is_text(it->kind[from]))
            continue;
        while (to < n && item_is_text(it->kind[to]))
            to++;
        segment_run(an->lex, it, from, to, &an->words);
    }
}

/* How many items of a full chunk to take now: up to a separator near its end, or all but one. */
static size_t cut_place(const struct items *it)
{
    size_t last = it->n - 1;
    for (size_t i = last; i > 0 && last - i < LOOKBACK; i--) {
        if (!item_is_text(it->kind[i - 1]))
            return i;
    }
    return last;
}

static void keep_from(struct items *it, size_t from)
{
    size_t n = it->n - from;
    memmove(it->cp, it->cp + from, n * sizeof(*it->cp));
    memmove(it->start, it->start + from, n * sizeof(*it->start));
    memmove(it->end, it->end + from, n * sizeof(*it->end));
    memmove(it->kind, it->kind + from, n);
    it->n = n;
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
    an->items.n = 0;
    do {
        done = scan_fill(&scan, &an->items);
        size_t n = done ? an->items.n : cut_place(&an->items);
        segment_items(an, n);
        emit_items(an, n, an->items.n, text.n);
        flush(an);
        keep_from(&an->items, n);
    } while (!done && an->st == ST_OK);
    if (an->at < text.n && an->st == ST_OK) /* marks and nothing else */
        emit_gap(an, text.n, 0);
    flush(an);
    return an->st;
}
