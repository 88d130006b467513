/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What one hand does to one parcel: terms and flaws of each document, a run of postings of all.
 *
 * While a parcel is with a hand, nobody else looks at it. A hand has an analyzer and a table of
 * terms of its own; the lexicon alone is shared, and that nobody writes to. So what becomes of a
 * parcel depends on its documents and on nothing else, whoever works on it and when.
 *
 * Notes are bounded in number and in bytes, so that a source of nothing but bad lines does not
 * gather in memory.
 */
#include "parcel.h"

#include <gongbao/array.h>
#include <stdlib.h>

#define NOTES_MAX 50000
#define TEXT_MAX  ((size_t)1 << 20)
#define TEXT_CAP  (2 * TEXT_MAX) /* one line more, of any length */

struct parcel *parcel_new(void)
{
    struct parcel *p = calloc(1, sizeof(*p));
    if (p)
        buf_init(&p->text, TEXT_CAP);
    return p;
}

void parcel_free(struct parcel *p)
{
    if (!p)
        return;
    ix_chunk_free(p->chunk);
    buf_fini(&p->text);
    free(p->note);
    free(p);
}

enum st parcel_note(struct parcel *p, const struct note *note, struct err *err)
{
    struct note *room = array_room(p->note, p->n, &p->cap, sizeof(*room));
    if (!room)
        return err_nomem(err);
    p->note = room;
    p->note[p->n++] = *note;
    return buf_ok(&p->text) ? ST_OK : err_nomem(err);
}

bool parcel_full(const struct parcel *p)
{
    return p->n >= NOTES_MAX || p->text.n >= TEXT_MAX;
}

enum st hand_init(struct hand *h, const struct lex *lex, uint64_t title_weight,
                  const atomic_bool *stop, struct err *err)
{
    *h = (struct hand){.stop = stop};
    arena_init(&h->mem, IX_DOC_MAX);
    return terms_new(lex, title_weight, &h->terms, err);
}

void hand_fini(struct hand *h)
{
    terms_free(h->terms);
    arena_fini(&h->mem);
}

static void count_flaws(struct str text, struct note *note)
{
    struct an_quality q;
    an_count_damage(text, &q);
    note->flaw[FLAW_READING] += (uint32_t)q.damaged_readings;
    note->flaw[FLAW_LOST] += (uint32_t)q.invalid;
    note->flaw[FLAW_ENTITY] += (uint32_t)q.entities;
}

/* Work on document i. It has been taken and cannot be rejected any more. */
static enum st work_on(struct hand *h, struct ix_chunk *c, size_t i, struct note *note,
                       struct err *err)
{
    struct ix_doc doc;
    const struct ix_term *term;
    size_t n;
    arena_reset(&h->mem);
    enum st st = ix_chunk_doc(c, i, &h->mem, &doc, err);
    if (st == ST_OK)
        st = terms_of(h->terms, &doc, &term, &n, err);
    if (st == ST_OK)
        st = ix_chunk_put(c, i, term, n, err);
    if (st != ST_OK) {
        err_prefix(err, "%s:%ju", note->source, (uintmax_t)note->line);
        return st == ST_REJECTED ? ST_INTERNAL : st;
    }
    count_flaws(doc.title, note);
    count_flaws(doc.body, note);
    return ST_OK;
}

enum st parcel_work(void *hand, void *parcel, struct err *err)
{
    struct hand *h = hand;
    struct parcel *p = parcel;
    size_t i = 0;
    for (p->done = 0; p->done < p->n; p->done++) {
        struct note *note = &p->note[p->done];
        if (note->kind != NOTE_DOCUMENT)
            continue;
        if (h->stop && *h->stop)
            return err_set(err, ST_STOPPING, "interrupted");
        enum st st = work_on(h, p->chunk, i++, note, err);
        if (st != ST_OK)
            return st;
    }
    return p->chunk ? ix_chunk_end(p->chunk, err) : ST_OK;
}
