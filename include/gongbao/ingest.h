/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_H
#define GONGBAO_INGEST_H

/* A batch: sources in, one new generation out.
 *
 * Sources are read one document at a time, decoded, checked and admitted to an index writer;
 * several threads analyse what was admitted. After the last one the batch is published, all of it
 * or nothing. The number of threads changes no byte of the index or of the report. A document that
 * cannot be taken is written to the report and counted, and the batch goes on. A source that cannot
 * be read, or an index that cannot be written, ends the batch with nothing changed.
 */

#include <gongbao/arena.h>
#include <gongbao/buf.h>
#include <gongbao/err.h>
#include <gongbao/index.h>
#include <gongbao/lexicon.h>
#include <stdatomic.h>

/* Whether a batch may be published: ix_writer_prepare tells what would be in force then. Lines of
 * JSON appended to lines go into the report, whatever is returned. ST_OK: yes; anything else ends
 * the batch with it, and nothing has changed. */
typedef enum st ing_approve(void *ctx, struct ix_writer *w, struct buf *lines, struct err *err);

struct ing_opts {
    const char *index;
    const struct lex *lexicon;
    const char *const *source; /* paths; "-" is JSON Lines on standard input */
    size_t nsource;
    const char *deletions; /* file of ids, one a line, "-" for standard input, or NULL */
    const char *report;    /* file for rejected documents and warnings, one JSON object a line, or
                              NULL; emptied once the index is held for writing */
    int report_fd;         /* where they go without a file; -1: nowhere */
    int progress_fd;       /* a terminal to draw a progress line on; -1: none */
    uint64_t body_max;     /* bytes of a body; larger ones are rejected */
    uint64_t line_max;     /* bytes of a line of JSON, inflated */
    uint64_t title_weight; /* how often an occurrence in the title counts */
    uint64_t segment_bytes;
    uint64_t merge_seconds; /* for merging at the end of the batch; 0: none */
    bool optimize;          /* leave one segment, however long it takes */
    uint64_t memory;        /* bytes of postings to hold before they are put aside; 0: a default */
    size_t jobs;            /* threads; 0: as many as this process may use cores */
    ing_approve *approve;   /* NULL: every batch may be */
    void *approve_ctx;
    const atomic_bool *stop; /* set by a signal: end with nothing changed; may be NULL */
};

struct ing_counts {
    uint64_t added, updated, unchanged, deleted, rejected;
    uint64_t body_bytes; /* of documents read and not rejected */
    double seconds;
    uint64_t generation;
};

/* ST_OK also when some were rejected (see counts). ST_USAGE for a source that is not there or
 * whose kind is unknown, and for a report that is one of the files to be read or lies in the
 * index's folder, before anything is read; ST_LOCKED; ST_IO; ST_DAMAGED. */
enum st ing_run(const struct ing_opts *opts, struct ing_counts *out, struct err *err);

#endif
