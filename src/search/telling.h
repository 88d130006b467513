/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SEARCH_TELLING_H
#define SEARCH_TELLING_H

/* What a document is about, and how much of it another document says too. */

#include "search.h"

#define TELLING_MAX 25 /* terms of a document that tell it from others */

struct telling {
    struct str term;
    double weight; /* log of how often it is there */
    double worth;  /* the same times its inverse document frequency */
};

/* The most telling terms of doc, best first, at most TELLING_MAX, in the arena. */
enum st telling_terms(struct srch *s, struct ix_view *view, const struct ix_doc *doc,
                      struct arena *a, struct telling **out, size_t *n, struct err *err);

/* A text as the set of its neighbouring pairs of characters, ascending. */
struct shingles {
    uint64_t *pair;
    size_t n;
};

/* Of the folded text; of a long one of its beginning. ST_NO_MEMORY. */
enum st shingles_of(struct str text, struct an_text *scratch, struct arena *a,
                    struct shingles *out);

/* What two sets have in common over what they have together, 0 to 1; 1 for two empty ones. (Their
 * resemblance: Broder, On the resemblance and containment of documents, 1997.) */
double resemblance(const struct shingles *a, const struct shingles *b);

#endif
