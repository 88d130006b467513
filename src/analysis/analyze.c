/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The door: text in, tokens out.
 *
 * The text is read in chunks of at most CHUNK items, so memory does not grow with it, and each
 * chunk goes the same way, from struct items (scan.h) to struct words (words.h) to tokens:
 *
 *    scan.c       decodes and folds: items; readings (readings.c) and dropped marks are not there
 *    segment.c    the best path over lexicon words and the atoms of atom.c, which leaves hints
 *    wholes.c     follows the hints: 第3条, 国发〔2019〕5号, GB/T 7714-2015
 *    numerals.c   Chinese numerals in digits
 *    names.c      马可·罗西, with pieces on the path
 *    refine.c     persons' names (names.c again) and unknown words
 *    places.c     names of places and organisations
 *    pieces.c     words inside long words, for who asks
 *    parts.c      units between quotes
 *    emit.c       tokens; or graph.c instead, to look at the word graph
 *
 * What the steps behind segment.c find lies over the path, as parts; wholes.c, numerals.c and
 * names.c also change the path itself a little. decode.c, which tells what the bytes are, comes
 * before all this, and dates.c reads days out of the tokens.
 *
 * A chunk is cut behind a separator where one is near; if there is none, its last items are kept
 * for the next chunk, so that the bigram across the cut is not lost (a word across it is, and may
 * be: words only rank).
 */

#include "emit.h"
#include "graph.h"
#include "names.h"
#include "places.h"
#include "refine.h"
#include <stdlib.h>

#define LOOKBACK 512 /* items behind which a separator is looked for, to cut there */

struct an {
    const struct lex *lex;
    struct items items;
    uint32_t cp[CHUNK + 1], start[CHUNK + 1], end[CHUNK + 1], gap[CHUNK + 1], other[CHUNK];
    uint8_t kind[CHUNK + 1];
    struct mark mark[CHUNK];
    struct words words;
    struct name_table names;
    bool pieces;
    struct emitter emitter;
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
                               .mark_cap = CHUNK,
                               .other = an->other,
                               .gap = an->gap};
    an->emitter.lex = lex;
    an->emitter.it = &an->items;
    an->emitter.w = &an->words;
    name_table_init(&an->names);
    *out = an;
    return ST_OK;
}

void an_show_pieces(struct an *an, bool show)
{
    an->pieces = show;
}

void an_for_index(struct an *an, bool on)
{
    an->emitter.index = on;
}

bool an_may_be_spaced(const struct an *an, uint32_t surname, uint32_t given)
{
    return name_may_be_spaced(&an->names, surname, given);
}

void an_free(struct an *an)
{
    free(an);
}

/* The words of items [0, n), and those beside the path. */
static void find_words(struct an *an, size_t n)
{
    const struct items *it = &an->items;
    struct words *w = &an->words;
    words_reset(w);
    segment_items(an->lex, it, n, w);
    if (w->nhints > 0)
        wholes_find(it, n, w);
    numerals_find(it, n, w);
    if (an->lex) {
        names_with_dots(&an->names, it, n, w);
        refine_path(&an->names, it, n, w);
        places_find(&an->names, it, n, w);
        if (an->pieces)
            pieces_find(an->lex, it, n, w);
    }
    quoted_units(it, n, w);
    spaced_pairs(it, n, w);
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

/* Of n places keep those from `least` on, when the first `from` items go. Returns how many. */
static size_t keep_places(uint32_t *place, size_t n, size_t least, size_t from)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (place[i] >= least)
            place[kept++] = place[i] - (uint32_t)from;
    return kept;
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
    it->nothers = keep_places(it->other, it->nothers, from, from);
    it->ngaps = keep_places(it->gap, it->ngaps, from + 1, from);
}

static void begin(struct an *an, struct str text, struct scan *scan)
{
    struct items *it = &an->items;
    scan_init(scan, text, AN_VIEW_TEXT);
    it->n = it->nmarks = it->nothers = it->ngaps = 0;
}

/* Read the next chunk, *n items, and find its words. True when it is the last. */
static bool next_chunk(struct an *an, struct scan *scan, size_t *n)
{
    struct items *it = &an->items;
    bool done = scan_fill(scan, it);
    *n = done ? it->n : cut_place(it);
    it->kind[it->n] = ITEM_BREAK;
    find_words(an, *n);
    return done;
}

enum st an_analyze(struct an *an, struct str text, an_sink *sink, void *ctx)
{
    struct scan scan;
    struct emitter *e = &an->emitter;
    bool done;
    size_t n;
    begin(an, text, &scan);
    e->text = text;
    e->sink = sink;
    e->ctx = ctx;
    e->st = ST_OK;
    e->at = 0;
    do {
        done = next_chunk(an, &scan, &n);
        emit_items(e, n);
        emit_flush(e);
        keep_from(&an->items, n);
    } while (!done && e->st == ST_OK);
    return e->st;
}

enum st an_graph(struct an *an, struct str text, an_edge_sink *sink, void *ctx)
{
    struct graph g = {.lex = an->lex, .it = &an->items, .w = &an->words, .sink = sink, .ctx = ctx};
    struct scan scan;
    bool done;
    size_t n;
    enum st st;
    begin(an, text, &scan);
    do {
        done = next_chunk(an, &scan, &n);
        st = graph_chunk(&g, n);
        keep_from(&an->items, n);
    } while (!done && st == ST_OK);
    return st;
}
