/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_COLUMNS_H
#define INDEX_COLUMNS_H

/* What a search asks of one segment again and again: its postings, and what is known of each of its
 * documents, as arrays by docid.
 *
 * The arrays stay as long as the segment is open: 24 bytes a document, and its id. The files of the
 * segment may be removed meanwhile.
 */

#include "born.h"
#include "post_source.h"

C_BEGIN

struct columns;

/* Of a segment in the folder `dir` with so many documents. */
enum st columns_new(const char *dir, uint32_t documents, struct columns **out, struct err *err);
void columns_free(struct columns *c);

uint32_t columns_documents(const struct columns *c);

/* Its terms. One source, which stands wherever the last user left it. After a failure of it, it is
 * to be closed, and is made anew by the next call. */
enum st columns_terms(struct columns *c, struct post_source **out, struct err *err);
void columns_close_terms(struct columns *c);

/* The postings that were looked up lately. */
struct post_cache *columns_cache(const struct columns *c);

/* Arrays by docid; [0] is of no document. */
struct columns_basic {
    const uint32_t *length;  /* sum of wdf */
    const uint32_t *date;    /* 20241031; 0: none */
    const uint64_t *simhash; /* 0: none, hardly ever one */
};
void columns_get_basic(const struct columns *c, struct columns_basic *out);

/* Which generations brought its documents. */
const struct born *columns_born(const struct columns *c);

/* The ids of the segment's documents. One that is too long for a term is told empty. */
struct columns_ids {
    const char *bytes;
    const uint64_t *end; /* by docid; it begins where that of the docid before ends */
};
void columns_get_ids(const struct columns *c, struct columns_ids *out);

static inline struct str columns_id(const struct columns_ids *ids, uint32_t docid)
{
    return str_from(ids->bytes + ids->end[docid - 1],
                    (size_t)(ids->end[docid] - ids->end[docid - 1]));
}

/* The values of a field in the segment, in order, and which of them each document has; those too
 * long for a term are left out. */
struct columns_values {
    const uint32_t *begin; /* by docid: where its values begin in `value`; they end where those of
                              the next begin */
    const uint32_t *value; /* by number */
    const char *bytes;
    const uint64_t *end; /* by number: where a value ends, behind the one before */
    uint32_t n;          /* how many there are */
};
enum st columns_get_values(struct columns *c, enum ix_tally_of of, struct columns_values *out,
                           struct err *err);

C_END
#endif
