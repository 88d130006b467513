/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_RECORD_H
#define INDEX_RECORD_H

/* A document as one run of bytes, and the terms of its fields. */

#include "c.h"

C_BEGIN

/* Append the plain record of doc. Two documents have the same record exactly when no field
 * differs. */
void record_encode(const struct ix_doc *doc, struct buf *out);

/* Read a plain record; the strings of *out are slices of it, the arrays live in the arena. */
enum st record_decode(struct str plain, struct arena *a, struct ix_doc *out, struct err *err);

/* Whether a field's value is too long for a term, so that its term is made of a checksum. */
bool field_is_hashed(struct str value);

/* Whether a term begins as a field's does. */
bool field_owns(struct str term);

/* The bytes that a term takes in a key of glass, where a NUL counts twice. */
size_t term_cost(struct str term);

/* Every field term of doc, in the arena. Dates that are not YYYY-MM-DD give ST_REJECTED. */
enum st record_terms(const struct ix_doc *doc, struct arena *a, struct ix_term **out, size_t *n,
                     struct err *err);

/* "20241031" from "2024-10-31"; empty from an empty date. out has room for 8. False for a date
 * that is neither. */
bool record_date(struct str date, char out[8], struct str *value);

C_END
#endif
