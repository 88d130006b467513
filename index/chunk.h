/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_CHUNK_H
#define INDEX_CHUNK_H

/* The insides of a chunk: documents of a batch that follow one another, on their way into a
 * segment; for the files that fill and empty it.
 */

#include "invert.h"
#include "simhash.h"
#include "squeeze.h"
#include <pthread.h>

C_BEGIN

/* A chunk is full with so much. */
enum {
    CHUNK_BYTES = 4 << 20, /* of plain records */
    CHUNK_DOCUMENTS = 32768
};

struct chunk_doc {
    size_t at, n;           /* the plain record, in records */
    size_t data_at, data_n; /* the document data, in data */
    uint32_t length;        /* sum of wdf */
    char date[8];
    bool dated;
    char simhash[SIMHASH_BYTES];
    bool hashed; /* it has one */
};

struct ix_chunk {
    size_t segment;            /* of the manifest to come */
    bool last;                 /* of its segment */
    struct squeeze_dict *dict; /* for packing its records, or NULL; a share */
    struct buf records, data;
    struct chunk_doc *doc;
    size_t n, cap;
    size_t put;          /* documents that have their terms */
    struct run *run;     /* of their terms, once it is ended */
    struct tools *tools; /* where the others come from */
    struct invert *invert;
    struct arena arena;
};

enum { TOOLS_MAX = 8 }; /* that are kept */

/* Inversions that are not in use, kept from chunk to chunk. */
struct tools {
    pthread_mutex_t lock;
    struct invert *spare[TOOLS_MAX];
    size_t n;
};

void tools_init(struct tools *t);
void tools_fini(struct tools *t);

/* An empty chunk; NULL without memory. The tools outlive it. */
struct ix_chunk *chunk_new(size_t segment, struct tools *tools);

/* Append doc, whose plain record is this. */
enum st chunk_admit(struct ix_chunk *c, const struct ix_doc *doc, struct str record,
                    struct err *err);

/* A dictionary made of the records of a chunk, or NULL when there are too few. */
enum st chunk_make_dict(const struct ix_chunk *c, struct squeeze_dict **out, struct err *err);

/* Whether a document can have these terms: ST_REJECTED. *length: the sum of their wdf. */
enum st chunk_check_terms(const struct ix_term *terms, size_t n, uint32_t *length, struct err *err);

C_END
#endif
