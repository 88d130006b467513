/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_INVERT_H
#define INDEX_INVERT_H

/* Inversion: documents with their terms go in, terms with their postings come out.
 *
 *     struct invert *v;
 *     invert_new(&v, err);
 *     invert_add(v, 1, terms, n, err);        document after document
 *     if (invert_bytes(v) > budget) ...       the caller ends the segment
 *     invert_write(v, glass, err);            all terms, ascending
 *     invert_free(v);
 *
 * After a failure it can only be freed.
 */

#include "glass.h"

C_BEGIN

struct invert;

enum st invert_new(struct invert **out, struct err *err);

/* Add terms of a document. Docids ascend; a document may be given in several calls, one behind the
 * other, but none of its terms twice. Terms have 1 to IX_TERM_MAX bytes. */
enum st invert_add(struct invert *v, uint32_t docid, const struct ix_term *term, size_t n,
                   struct err *err);

/* The memory in use, with what writing will need. */
size_t invert_bytes(const struct invert *v);

/* Hand every term to g. */
enum st invert_write(const struct invert *v, struct glass *g, struct err *err);

void invert_free(struct invert *v);

C_END
#endif
