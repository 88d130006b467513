/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_MATCH_H
#define INDEX_MATCH_H

/* Which documents of some segments a query finds, and with what weight. */

#include "columns.h"
#include "extracts.h"
#include "tomb.h"

C_BEGIN

struct match_segment {
    struct columns *columns;
    const struct tomb *dead;
    const struct extracts *extracts;
};

/* Working memory that is kept from one run to the next, a hundred kilobytes for each level of a
 * query; all zero at first. */
struct match_memory {
    struct match_list *lists;
    struct match_sum *sums;
};

void match_memory_fini(struct match_memory *spare);

struct match {
    const struct ix_node *query;
    const struct match_segment *segment;
    size_t nsegment;
    double documents, average_length; /* of all segments, dead documents included */
    double k1, b;
    uint64_t deadline_ns;  /* 0: none */
    uint64_t prefix_bytes; /* as in struct ix_search */
    struct match_memory *spare;
    void *ctx;

    /* Read a stored document, for IX_WHERE; it is good until the next one is read. */
    enum st (*load)(void *ctx, size_t segment, uint32_t docid, const struct ix_doc **out,
                    struct err *err);

    /* Make the extract of one of which there is none, also for IX_WHERE; without bytes when that
     * cannot be. */
    enum st (*extract)(void *ctx, size_t segment, uint32_t docid, struct str *out, struct err *err);

    /* Told of every live document that is found: segment by segment, docids ascending. */
    enum st (*hit)(void *ctx, size_t segment, uint32_t docid, double score, struct err *err);

    /* NULL, or the score below which hits are not wanted at the moment; some may be told all the
     * same. */
    double (*least)(void *ctx);
};

struct matched {
    bool timed_out;   /* hits are of what was seen */
    bool passed_over; /* hits that are not wanted may have been left out */
    bool cut;         /* a prefix has more terms than it may */
    size_t segment;   /* after a failure: where it was */
};

/* What a term weighs that was found in so many of these documents; never below 0. */
double match_idf(double documents, uint64_t found);

enum st match_run(const struct match *m, struct matched *out, struct err *err);

C_END
#endif
