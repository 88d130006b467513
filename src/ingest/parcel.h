/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_PARCEL_H
#define GONGBAO_INGEST_PARCEL_H

/* A chunk of documents on its way into the index, with notes of what was read: a note for each
 * document, and between them, in the order of reading, what the report has to say. */

#include "document.h"
#include <gongbao/buf.h>
#include <stdatomic.h>

/* What may be wrong with a text. */
enum flaw { FLAW_READING, FLAW_LOST, FLAW_ENTITY, FLAWS };

enum note_kind {
    NOTE_DOCUMENT,  /* the next one of the chunk */
    NOTE_REJECTED,  /* a line of the report, about a document that was not taken */
    NOTE_WARNING,   /* a line of the report, of another kind */
    NOTE_SOURCE_END /* what was found in the documents of a source may be told */
};

struct note {
    enum note_kind kind;
    const char *source; /* borrowed */
    uint64_t line;      /* NOTE_DOCUMENT: where it stood */
    union {
        uint32_t flaw[FLAWS]; /* NOTE_DOCUMENT: how many, once it has been worked on */
        size_t bytes;         /* NOTE_REJECTED, NOTE_WARNING: how many more of text */
    };
};

struct parcel {
    struct ix_chunk *chunk; /* owned; NULL while it is open, and where no document is in it */
    struct note *note;
    size_t n, cap;
    size_t done; /* notes that have been worked on; when work failed, the note where it did */
    struct buf text;
};

struct parcel *parcel_new(void);

/* The writer that the chunk is of must still be open. p may be NULL. */
void parcel_free(struct parcel *p);

/* Add a note, of a line for the report with the bytes that were appended to text since the note
 * before. ST_NO_MEMORY. */
enum st parcel_note(struct parcel *p, const struct note *note, struct err *err);

/* Whether there are so many notes that the parcel should go, however few documents it has. */
bool parcel_full(const struct parcel *p);

/* What one hand works with. */
struct hand {
    struct terms *terms;
    struct arena mem;
    const atomic_bool *stop; /* may be NULL */
};

enum st hand_init(struct hand *h, const struct lex *lex, uint64_t title_weight,
                  const atomic_bool *stop, struct err *err);
void hand_fini(struct hand *h);

/* Give the documents of a parcel their terms, and count their flaws; a crew_work. ST_STOPPING once
 * *stop is set. */
enum st parcel_work(void *hand, void *parcel, struct err *err);

#endif
