/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_FLOW_H
#define GONGBAO_INGEST_FLOW_H

/* Documents on their way from the sources into the writer, worked on by several threads.
 *
 * What is put in on one side comes out on the other in the same order: chunks at the writer, lines
 * in the report, and of several failures the first. The number of threads changes nothing of it.
 */

#include "parcel.h"
#include "report.h"
#include <gongbao/crew.h>
#include <gongbao/ingest.h>

/* How often something was found in the documents of a source. */
struct tally {
    uint64_t count;
    uint64_t line; /* of the first one */
};

struct flow {
    const struct ing_opts *opts;
    struct ix_writer *writer; /* borrowed, like the two below; set before anything is put in */
    struct report *report;
    struct progress *progress;
    size_t jobs; /* hands */
    struct hand *hand;
    size_t nhand;
    void **tool;
    struct crew *crew;        /* NULL until there is something to do */
    struct parcel *open;      /* being filled */
    struct tally flaw[FLAWS]; /* of the source whose documents come out */
    uint64_t rejected;        /* documents that were not taken, as far as the report has them */
    bool broken;              /* something went wrong with what comes out */
    bool failed;              /* the batch is lost: nothing more goes to the writer */
};

void flow_init(struct flow *f, const struct ing_opts *opts, struct report *report,
               struct progress *progress);

/* Drop what is still on its way. Before the writer is closed. */
void flow_fini(struct flow *f);

/* A document was admitted by the writer. source, here and below, must outlive the flow. */
enum st flow_document(struct flow *f, const char *source, uint64_t line, struct err *err);

/* A document was not taken. */
enum st flow_rejected(struct flow *f, const char *source, uint64_t line, struct str id,
                      const struct err *why, struct err *err);

/* Documents of a source were converted. */
enum st flow_warning(struct flow *f, const char *source, const char *warning, uint64_t count,
                     struct err *err);

/* A source has been read. */
enum st flow_source_end(struct flow *f, const char *source, struct err *err);

/* Have everything come out. */
enum st flow_finish(struct flow *f, struct err *err);

/* Reading failed with st and *err: have everything that was put in before come out, for the report
 * and because it may hold an earlier failure. Returns the failure that is the first, in *err. */
enum st flow_fail(struct flow *f, enum st st, struct err *err);

#endif
