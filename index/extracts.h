/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_EXTRACTS_H
#define INDEX_EXTRACTS_H

/* What the caller keeps in memory of the documents of a segment, by docid. */

#include "c.h"

C_BEGIN

struct extracts;

enum st extracts_new(uint32_t documents, struct extracts **out, struct err *err);
void extracts_free(struct extracts *x);

/* Whether something is known of a document: its extract, or that it has none, which is one without
 * bytes. */
bool extracts_get(const struct extracts *x, uint32_t docid, struct str *out);

/* It will be asked for soon. */
void extracts_ahead(const struct extracts *x, uint32_t docid);

/* Keep a copy for a document of which nothing is known. */
enum st extracts_put(struct extracts *x, uint32_t docid, struct str bytes, struct err *err);

/* The first document from which on something may be unknown; behind the last when all is known. */
uint32_t extracts_next(struct extracts *x);

/* Of how many documents nothing is known. */
uint32_t extracts_unknown(const struct extracts *x);

/* Memory that is taken. */
uint64_t extracts_bytes(const struct extracts *x);

C_END
#endif
