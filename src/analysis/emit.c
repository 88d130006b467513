/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the words of a chunk to tokens, in order of start.
 *
 * For nearly every item the tokens are the same few: the word that begins there, the bigram with
 * the next item, the character. They are written without a branch on which of them there are, and a
 * pointer is moved on by those that count. Where something else stands (a part, a gap, a word with
 * a spelling) the item is taken by itself.
 *
 * What the view dropped lies in the gaps between items, which the scan has listed, and is read
 * again from there: a dropped mark is a character of its own, the letters of a removed reading are
 * characters and bigrams beside the text.
 *
 * Tokens are handed over in batches. Their characters lie in the items, in the words, in the
 * lexicon, or, for gaps, in `side`; all stay as they are until the batch is handed over.
 */

#include "emit.h"
#include "fold.h"
#include "readings.h"

#define PER_ITEM 3 /* tokens at most of an item without parts */

void emit_flush(struct emitter *e)
{
    if (e->ntokens > 0 && e->st == ST_OK)
        e->st = e->sink(e->ctx, e->token, e->ntokens);
    e->ntokens = 0;
    e->nside = 0;
}

/* Field by field: a whole structure would be made elsewhere and copied. */
static void put(struct an_token *t, enum an_kind kind, uint32_t start, uint32_t end,
                const uint32_t *cp, size_t ncp, uint32_t word)
{
    t->start = start;
    t->end = end;
    t->cp = cp;
    t->ncp = (uint8_t)ncp;
    t->kind = (uint8_t)kind;
    t->aside = t->beside = false;
    t->word = word;
}

static struct an_token *add(struct emitter *e, enum an_kind kind, size_t start, size_t end,
                            const uint32_t *cp, size_t ncp)
{
    if (e->ntokens == EMIT_BATCH)
        emit_flush(e);
    struct an_token *t = &e->token[e->ntokens++];
    put(t, kind, (uint32_t)start, (uint32_t)end, cp, ncp, AN_NO_WORD);
    return t;
}

/* A token in a gap; its characters are copied. */
static void add_aside(struct emitter *e, enum an_kind kind, size_t start, size_t end,
                      const uint32_t *cp, size_t ncp)
{
    if (e->ntokens == EMIT_BATCH || e->nside + ncp > EMIT_SIDE)
        emit_flush(e);
    uint32_t *copy = e->side + e->nside;
    memcpy(copy, cp, ncp * sizeof(*cp));
    e->nside += ncp;
    add(e, kind, start, end, copy, ncp)->aside = true;
}

/* ---- Gaps ---- */

/* A reading at [at, end): itself, then its parentheses and letters, with their marks. */
static void emit_reading(struct emitter *e, size_t at, size_t end)
{
    uint32_t letter[16], place[16] = {0}, raw, entry;
    size_t n = 0;
    for (size_t p = at; p < end && n < 15;) {
        unsigned len = scan_char(e->text, p, &raw, &entry);
        if (entry_role(entry) == ROLE_TEXT) {
            letter[n] = entry_cp(entry, raw);
            place[n++] = (uint32_t)p;
        }
        p += len;
    }
    add_aside(e, AN_READING, at, end, letter, n);
    for (size_t p = at, i = 0; p < end;) {
        unsigned len = scan_char(e->text, p, &raw, &entry);
        uint32_t cp = entry_cp(entry, raw);
        if (entry_role(entry) == ROLE_TEXT && i + 1 < n) {
            size_t next = place[i + 1];
            add_aside(e, AN_LETTERS, p, next + scan_char(e->text, next, &raw, &entry), letter + i,
                      2);
        }
        bool letter_here = i < n && place[i] == p;
        add_aside(e, letter_here ? AN_LETTERS : AN_CHAR, p, p + len, &cp, 1);
        i += letter_here;
        p += len;
    }
}

/* What the view dropped in [at, to): marks, and the reading of the character han before it. White
 * space in a gap is the rest of a run that is an item already, unless a reading is before it. */
static void emit_gap(struct emitter *e, size_t at, size_t to, uint32_t han)
{
    bool space = false;
    while (at < to) {
        uint32_t raw, entry;
        size_t end = at + scan_char(e->text, at, &raw, &entry);
        uint32_t cp = entry_cp(entry, raw);
        size_t reading = han && cp == '(' ? reading_bare_length(e->text, at, han) : 0;
        if (reading > 0) {
            end = at + reading;
            emit_reading(e, at, end);
            space = true;
        } else if (entry_class(entry) != CLASS_SPACE || space) {
            add_aside(e, AN_CHAR, at, end, &cp, 1);
        }
        han = 0;
        at = end;
    }
}

/* The gap behind item i, up to `to`. */
static void emit_gap_behind(struct emitter *e, size_t i, size_t to)
{
    uint32_t raw, entry;
    size_t at = e->it->start[i];
    at += scan_char(e->text, at, &raw, &entry);
    emit_gap(e, at, to, entry_class(entry) == CLASS_HAN ? raw : 0);
}

/* ---- Items ---- */

/* The word or part of n items that begins at item i. */
static struct an_token *emit_word(struct emitter *e, size_t i, size_t n, enum an_kind kind,
                                  uint32_t id)
{
    const struct items *it = e->it;
    struct an_token *t = add(e, kind, it->start[i], it->end[i + n - 1], it->cp + i, n);
    size_t ncp;
    const uint32_t *spelling =
        !e->index && id & LEX_SPELLED ? lex_spelling(e->lex, id, &ncp) : NULL;
    t->word = id;
    if (spelling) {
        t->cp = spelling;
        t->ncp = (uint8_t)ncp;
    }
    return t;
}

/* A part with characters of its own. */
static void emit_spelt(struct emitter *e, const struct part *p)
{
    const struct items *it = e->it;
    struct an_token *t = add(e, p->kind, it->start[p->from], it->end[p->from + p->n - 1],
                             e->w->spelt + p->cp, p->ncp);
    t->aside = p->aside;
    t->beside = true;
}

/* The parts of at least so many items that begin at item i and the word of n items there, the
 * longest first; a word of one is left to the caller. */
static void emit_parts(struct emitter *e, size_t i, size_t n, size_t least)
{
    const struct words *w = e->w;
    while (e->part < w->nparts && w->part[e->part].from == i && w->part[e->part].n >= least) {
        const struct part *p = &w->part[e->part++];
        if (n >= p->n && n > 1) {
            emit_word(e, i, n, e->w->kind[i], e->w->id[i]);
            n = 0;
        }
        if (p->ncp)
            emit_spelt(e, p);
        else if (p->n != w->n[i])
            emit_word(e, i, p->n, p->kind, p->word)->beside = p->kind != AN_UNKNOWN;
    }
    if (n > 1)
        emit_word(e, i, n, e->w->kind[i], e->w->id[i]);
}

static void emit_item(struct emitter *e, size_t i)
{
    const struct items *it = e->it;
    size_t n = e->w->n[i];
    bool pair = item_is_text(it->kind[i]) && item_is_text(it->kind[i + 1]);
    emit_parts(e, i, n, 2);
    if (pair && !(e->index && n == 2))
        add(e, AN_BIGRAM, it->start[i], it->end[i + 1], it->cp + i, 2);
    emit_parts(e, i, 0, 1);
    if (n == 1)
        emit_word(e, i, 1, e->w->kind[i], e->w->id[i]);
    if (it->kind[i] != ITEM_BREAK && !(e->index && pair))
        add(e, AN_CHAR, it->start[i], it->end[i], it->cp + i, 1);
}

/* Whether nothing but a word without a spelling begins at item i. */
static bool is_plain(const struct words *w, size_t i)
{
    return w->n[i] < 2 || !(w->id[i] & LEX_SPELLED);
}

/* The tokens of the items from i on, up to `to` or one that is not plain, for which there is room.
 * A word of two or more stands before the bigram, a word of one behind it; what is not there is
 * written all the same, and what is there written over it. Returns the item where it stopped. */
static size_t emit_plain(struct emitter *e, size_t i, size_t to)
{
    const struct items it = *e->it; /* for a store to a token might be to anything */
    const struct words *w = e->w;
    struct an_token *t = e->token + e->ntokens, *full = e->token + EMIT_BATCH - PER_ITEM;
    for (; i < to && t <= full && is_plain(w, i); i++) {
        const uint32_t *cp = it.cp + i;
        uint32_t start = it.start[i];
        size_t n = w->n[i], word = n > 0;
        size_t pair = item_is_text(it.kind[i]) & item_is_text(it.kind[i + 1]);
        put(t + (n > 1), AN_BIGRAM, start, it.end[i + 1], cp, 2, AN_NO_WORD);
        put(t + (n > 1 ? 0 : pair), w->kind[i], start, it.end[i + n - word], cp, n, w->id[i]);
        t += pair + word;
        put(t, AN_CHAR, start, it.end[i], cp, 1, AN_NO_WORD);
        t += it.kind[i] != ITEM_BREAK;
    }
    e->ntokens = (size_t)(t - e->token);
    return i;
}

_Static_assert(AN_CHAR == AN_BIGRAM + 1, "a bigram's kind is one less than a character's");

/* The same for an index, to which every item is plain: a word of two is the bigram too, and a
 * character is there only when no bigram is. So there are two tokens at most. */
static size_t emit_indexed(struct emitter *e, size_t i, size_t to)
{
    const struct items it = *e->it;
    const struct words *w = e->w;
    struct an_token *t = e->token + e->ntokens, *full = e->token + EMIT_BATCH - PER_ITEM;
    for (; i < to && t <= full; i++) {
        const uint32_t *cp = it.cp + i;
        uint32_t start = it.start[i];
        size_t n = w->n[i], word = n > 0;
        size_t pair = item_is_text(it.kind[i]) & item_is_text(it.kind[i + 1]);
        size_t both = pair & (n == 2), before = word & ((n > 2) | !pair);
        put(t + before, (enum an_kind)(AN_CHAR - pair), start, it.end[i + pair], cp, 1 + pair,
            AN_NO_WORD);
        put(t + !(before | both), w->kind[i], start, it.end[i + n - word], cp, n, w->id[i]);
        t += word + ((it.kind[i] != ITEM_BREAK) & !both);
    }
    e->ntokens = (size_t)(t - e->token);
    return i;
}

/* The items [i, to), none of which has a part or a gap. */
static void emit_stretch(struct emitter *e, size_t i, size_t to)
{
    while (i < to && e->st == ST_OK) {
        if (e->ntokens > EMIT_BATCH - PER_ITEM)
            emit_flush(e);
        i = e->index ? emit_indexed(e, i, to) : emit_plain(e, i, to);
        if (i < to && !e->index && !is_plain(e->w, i))
            emit_item(e, i++);
    }
}

/* ---- Chunks ---- */

/* The next item with a part or a gap behind it; n when there is none. */
static size_t next_special(const struct emitter *e, size_t gap, size_t n)
{
    const struct items *it = e->it;
    if (e->part < e->w->nparts && e->w->part[e->part].from < n)
        n = e->w->part[e->part].from;
    if (gap < it->ngaps && it->gap[gap] <= n)
        n = it->gap[gap] - 1;
    return n;
}

static size_t next_start(const struct emitter *e, size_t i)
{
    return i + 1 < e->it->n ? e->it->start[i + 1] : e->text.n;
}

void emit_items(struct emitter *e, size_t n)
{
    const struct items *it = e->it;
    size_t gap = 0;
    e->part = 0;
    if (it->ngaps > 0 && it->gap[0] == 0) {
        emit_gap(e, e->at, it->n > 0 ? it->start[0] : e->text.n, 0);
        gap++;
    }
    for (size_t i = 0; i < n && e->st == ST_OK; i++) {
        size_t special = next_special(e, gap, n);
        emit_stretch(e, i, special);
        i = special;
        if (i == n)
            break;
        emit_item(e, i);
        if (gap < it->ngaps && it->gap[gap] == i + 1) {
            emit_gap_behind(e, i, next_start(e, i));
            gap++;
        }
    }
    if (n > 0)
        e->at = next_start(e, n - 1);
}
