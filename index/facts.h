/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_FACTS_H
#define INDEX_FACTS_H

/* What the postings and values of a segment say of its documents, to be held against what is stored
 * of them. */

#include "reader.h"

C_BEGIN

struct facts {
    uint64_t wdf;    /* of all its terms, added up */
    uint64_t length; /* as it stands in the table of lengths */
    uint64_t fields; /* facts_of of its terms that a field owns */
    uint64_t date;   /* facts_value of its date */
};

/* Of every document of segment i: documents + 1 of them, for docids count from 1; the caller frees
 * them. ST_DAMAGED also when a posting is of a document that is not there. */
enum st facts_read(const struct ix_reader *r, size_t i, struct facts **out, struct err *err);

/* One number for a set of terms, whatever their order. */
uint64_t facts_of(const struct ix_term *terms, size_t n);

/* One number for a value; 0 for an empty one. */
uint64_t facts_value(struct str value);

C_END
#endif
