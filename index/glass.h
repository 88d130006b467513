/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_H
#define INDEX_GLASS_H

/* What writes a glass database, from its first byte to its last, in the order of its keys.
 *
 *     struct glass *g;
 *     glass_new("tmp-42-0", &g, err);
 *     glass_document(g, 1, 3, STR("..."), err);    documents, ascending
 *     glass_value(g, 1, 0, STR("20241031"), err);  of document 1, in slot 0
 *     glass_terms(g, runs, n, 1, err);             then all terms
 *     glass_finish(g, err);
 *     glass_free(g);
 *
 * Memory grows with the documents' lengths and values, a few bytes a document, not with data or
 * postings. The same calls make the same bytes. After a failure a glass can only be freed; what it
 * has written stays.
 */

#include "post_source.h"

C_BEGIN

struct glass;

/* Begin a database in a folder that is not there yet. */
enum st glass_new(const char *dir, struct glass **out, struct err *err);

/* Add a document. Docids ascend from 1 on, gaps are allowed; length is the sum of its wdf.
 * ST_REJECTED when data is too long, see glass_table_put. */
enum st glass_document(struct glass *g, uint32_t docid, uint32_t length, struct str data,
                       struct err *err);

/* Add a value of a document, whether this has been added or not: one a slot, not empty. In a slot
 * docids ascend. */
enum st glass_value(struct glass *g, uint32_t docid, uint32_t slot, struct str value,
                    struct err *err);

/* Add an entry of metadata, before the first term: a name once, neither it nor the value empty. */
enum st glass_metadata(struct glass *g, struct str name, struct str value, struct err *err);

/* Give the terms of all inputs, once; see glass_put_terms. */
enum st glass_terms(struct glass *g, const struct post_input *const *input, size_t n, unsigned jobs,
                    struct err *err);

/* Write out what is left; nothing is durable yet. The database gets a UUID made of what is in it.
 * Only glass_free may follow. */
enum st glass_finish(struct glass *g, struct err *err);

void glass_free(struct glass *g);

C_END
#endif
