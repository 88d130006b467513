/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_INVERT_H
#define INDEX_INVERT_H

/* Inversion: documents with their terms go in, a run comes out.
 *
 *     struct invert *v = invert_new();
 *     invert_add(v, terms, n, err);        the first document's, in as many calls as one likes
 *     invert_end_document(v, err);
 *     ...
 *     invert_end(v, &run, err);            and begin anew
 *     invert_free(v);
 *
 * The documents of a run are numbered from 1. Between runs memory is kept; after a failure an
 * inversion can only be freed.
 */

#include "run.h"

C_BEGIN

struct invert;

/* NULL without memory. */
struct invert *invert_new(void);
void invert_free(struct invert *v);

/* Add terms of the document at hand, none twice. Terms have 1 to IX_TERM_MAX bytes. */
enum st invert_add(struct invert *v, const struct ix_term *term, size_t n, struct err *err);

/* The document at hand has all its terms; the next one begins. */
enum st invert_end_document(struct invert *v, struct err *err);

/* All documents as a run, which the caller frees. ST_INTERNAL when one had a term twice. */
enum st invert_end(struct invert *v, struct run **out, struct err *err);

C_END
#endif
