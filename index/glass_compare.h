/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_COMPARE_H
#define INDEX_GLASS_COMPARE_H

/* For tests: the library's own writer, and whether the library can tell two databases apart. */

#include "glass.h"
#include "segment_builder.h"

C_BEGIN

struct library_writer;

struct library_doc {
    struct str data;
    const struct ix_term *terms;
    size_t nterms;
    const struct seg_value *values;
    size_t nvalues;
};

/* Begin a database in a folder that is not there yet. */
enum st library_new(const char *dir, struct library_writer **out, struct err *err);
enum st library_add(struct library_writer *w, uint32_t docid, const struct library_doc *doc,
                    struct err *err);
enum st library_metadata(struct library_writer *w, struct str name, struct str value,
                         struct err *err);
enum st library_finish(struct library_writer *w, struct err *err);
void library_free(struct library_writer *w);

/* Hold all terms with their postings and statistics, the lengths of documents, their data, values
 * with their bounds, metadata, the numbers of the whole, and what queries find with which weights
 * against each other. ST_DAMAGED tells the first difference, `b` being what is wrong. */
enum st glass_compare(const char *a, const char *b, struct err *err);

/* The same of queries, the other database being served by xapian-tcpsrv. ST_IO when it cannot be
 * reached. */
enum st glass_compare_served(const char *a, const char *host, unsigned port, struct err *err);

/* What the library finds with a query, with BM25 as ix_search has it, in several databases that are
 * searched as one: every hit, in no order that counts, numbered as a view numbers documents. The
 * query is of terms, all documents, and what joins and scales them. In the arena. */
struct library_hit {
    uint64_t doc;
    double weight;
};
enum st library_search(const char *const *dir, size_t ndir, const struct ix_search *q,
                       struct arena *a, struct library_hit **out, size_t *n, struct err *err);

/* Have the library check a database; ST_DAMAGED when it complains. */
enum st glass_check(const char *dir, struct err *err);

C_END
#endif
