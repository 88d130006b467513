/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A batch from beginning to end.
 *
 *     plan      every source is looked up before anything is read
 *     writer    the index is taken for writing
 *     sources   record by record: check, compare with what the index has, admit
 *     flow      what was admitted is analysed by several threads and put into the index
 *     deletions the ids listed go, whether the index had them or this batch brought them
 *     approval  whoever is to be asked looks at what would be published
 *     publish   all of it becomes the next generation
 *
 * A document is compared before it is analysed, so that a run over the same sources costs little
 * more than reading them. Whatever goes wrong before the end of publishing leaves the index as it
 * was: closing a writer abandons its batch.
 *
 * Quality is counted on the documents that are new or changed, and reported by source. All that is
 * here happens on one thread; flow.c has the others.
 */
#include "flow.h"
#include "source.h"

#include <gongbao/ingest.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct batch {
    const struct ing_opts *opts;
    struct plan plan;
    struct report report;
    struct progress progress;
    struct flow flow;
    struct ix_writer *writer;
    struct ing_counts counts;
    uint64_t raw;               /* bytes of the sources that are behind us */
    char hash[DOC_HASH_ID + 1]; /* the id of a document without one */
};

/* ---- one document ---- */

/* Have the writer take doc. ST_REJECTED when it cannot be taken. */
static enum st admit(struct batch *b, struct ix_doc *doc, enum ix_change *change, struct err *err)
{
    enum st st = doc_check(doc, b->opts->body_max, err);
    if (st == ST_OK && doc->id.n == 0) {
        doc_hash_id(doc, b->hash);
        doc->id = str_of(b->hash);
    }
    return st == ST_OK ? ix_writer_admit(b->writer, doc, change, err) : st;
}

static void count(struct batch *b, enum ix_change change, uint64_t body)
{
    b->counts.added += change == IX_NEW;
    b->counts.updated += change == IX_CHANGED;
    b->counts.unchanged += change == IX_SAME;
    b->counts.body_bytes += body;
}

static enum st take_record(struct batch *b, const char *source, struct record *rec, struct err *err)
{
    enum ix_change change;
    enum st st = ST_REJECTED;
    if (rec->kind == RECORD_DOCUMENT)
        st = admit(b, &rec->doc, &change, &rec->why);
    if (st == ST_REJECTED)
        return flow_rejected(&b->flow, source, rec->line, rec->doc.id, &rec->why, err);
    if (st != ST_OK) {
        if (err)
            *err = rec->why;
        err_prefix(err, "%s:%ju", source, (uintmax_t)rec->line);
        return st;
    }
    count(b, change, rec->doc.body.n);
    return change == IX_SAME ? ST_OK : flow_document(&b->flow, source, rec->line, err);
}

/* ---- one source ---- */

static enum st stopped(const struct batch *b, struct err *err)
{
    if (b->opts->stop && *b->opts->stop)
        return err_set(err, ST_STOPPING, "interrupted");
    return ST_OK;
}

static uint64_t documents(const struct batch *b)
{
    return b->counts.added + b->counts.updated + b->counts.unchanged;
}

static enum st end_source(struct batch *b, const struct source *s, struct err *err)
{
    enum st st = ST_OK;
    for (size_t i = 0; i < sizeof(s->converted) / sizeof(*s->converted) && st == ST_OK; i++) {
        char from[64];
        if (s->converted[i] == 0)
            continue;
        snprintf(from, sizeof(from), "converted from %s", an_encoding_name((enum an_encoding)i));
        st = flow_warning(&b->flow, s->item->path, from, s->converted[i], err);
    }
    return st == ST_OK ? flow_source_end(&b->flow, s->item->path, err) : st;
}

static enum st read_source(struct batch *b, const struct item *it, struct err *err)
{
    struct source s;
    struct record rec = {.kind = RECORD_DOCUMENT};
    enum st st = source_open(&s, it, b->opts->line_max, b->opts->stop, err);
    if (st != ST_OK)
        return st;
    while (st == ST_OK) {
        st = stopped(b, err);
        if (st == ST_OK)
            st = source_next(&s, &rec, err);
        if (st != ST_OK || rec.kind == RECORD_END)
            break;
        st = take_record(b, it->path, &rec, err);
        progress_draw(&b->progress, documents(b), b->counts.body_bytes, b->raw + s.input.raw);
    }
    if (st == ST_OK)
        st = end_source(b, &s, err);
    b->raw += s.input.raw;
    source_close(&s);
    return st;
}

/* All sources, and all of them in the writer. */
static enum st read_sources(struct batch *b, struct err *err)
{
    enum st st = ST_OK;
    for (size_t i = 0; i < b->plan.n && st == ST_OK; i++)
        st = read_source(b, &b->plan.item[i], err);
    if (st == ST_OK) {
        progress_writing(&b->progress, documents(b), b->counts.body_bytes);
        st = flow_finish(&b->flow, err);
    }
    if (st != ST_OK)
        st = flow_fail(&b->flow, st, err);
    b->counts.rejected = b->flow.rejected;
    return st;
}

/* ---- deletions ---- */

/* The line could not be read as an id. */
static enum st reject_line(struct batch *b, uint64_t line, const struct err *why, struct err *err)
{
    struct buf text;
    b->counts.rejected++;
    progress_clear(&b->progress);
    buf_init(&text, REPORT_LINES);
    report_rejected(&text, b->opts->deletions, line, STR(""), why);
    return report_take(&b->report, &text, err);
}

static enum st delete_line(struct batch *b, struct source *s, struct str line, struct err *err)
{
    bool was = false;
    struct str id;
    enum st st = source_decode(s, line, &id, err);
    if (st != ST_OK)
        return st;
    id = str_trim(id);
    if (id.n > IX_ID_MAX)
        return err_set(err, ST_REJECTED, "the id is over %d bytes", IX_ID_MAX);
    if (id.n > 0)
        st = ix_writer_delete(b->writer, id, &was, err);
    b->counts.deleted += was;
    return st;
}

static enum st read_deletions(struct batch *b, struct err *err)
{
    const struct item it = {.path = b->opts->deletions, .any = true};
    struct source s;
    struct str line;
    enum line_kind kind = LINE_WHOLE;
    enum st st = source_open(&s, &it, b->opts->line_max, b->opts->stop, err);
    if (st != ST_OK)
        return st;
    while (st == ST_OK) {
        struct err why = ERR_INIT;
        st = lines_next(&s.lines, &line, &kind, err);
        if (st != ST_OK || kind == LINE_END)
            break;
        st = kind == LINE_WHOLE ? delete_line(b, &s, line, &why)
                                : err_set(&why, ST_REJECTED, "the line is too long");
        if (st == ST_REJECTED)
            st = reject_line(b, s.lines.line, &why, err);
        else if (st != ST_OK && err)
            *err = why;
    }
    source_close(&s);
    return st;
}

/* ---- the batch ---- */

static enum st skip(void *ctx, const char *path, const char *why, struct err *err)
{
    struct batch *b = ctx;
    struct buf text;
    buf_init(&text, REPORT_LINES);
    report_skipped(&text, path, why);
    return report_take(&b->report, &text, err);
}

static enum st plan_deletions(struct batch *b, struct err *err)
{
    const char *path = b->opts->deletions;
    struct stat sb = {0};
    if (strcmp(path, "-") == 0) {
        if (b->plan.piped)
            return err_set(err, ST_USAGE, "standard input is both a source and the deletions");
        fstat(STDIN_FILENO, &sb);
        return report_apart(&b->report, &sb, path, err);
    }
    if (access(path, R_OK) != 0 || stat(path, &sb) != 0)
        return err_set(err, ST_USAGE, "deletions %s: %s", path, strerror(errno));
    if (S_ISDIR(sb.st_mode))
        return err_set(err, ST_USAGE, "deletions %s: a folder", path);
    return report_apart(&b->report, &sb, path, err);
}

static enum st make_plan(struct batch *b, struct err *err)
{
    const struct ing_opts *o = b->opts;
    enum st st = ST_OK;
    for (size_t i = 0; i < o->nsource && st == ST_OK; i++)
        st = plan_add(&b->plan, o->source[i], skip, b, err);
    if (st == ST_OK && o->deletions)
        st = plan_deletions(b, err);
    for (size_t i = 0; i < b->plan.n && st == ST_OK; i++)
        st = report_apart(&b->report, &b->plan.item[i].file, b->plan.item[i].path, err);
    return st;
}

static bool is_set(const void *flag)
{
    return *(const atomic_bool *)flag;
}

static enum st open_writer(struct batch *b, struct err *err)
{
    uint64_t seconds = b->opts->merge_seconds;
    struct ix_writer_opts opts = {.segment_bytes = b->opts->segment_bytes,
                                  .memory = b->opts->memory,
                                  .jobs = (unsigned)b->flow.jobs,
                                  .fold = an_fold_version(),
                                  .merge_ms = seconds > 0 ? seconds * 1000 : IX_NO_MERGE,
                                  .optimize = b->opts->optimize,
                                  .stopped = b->opts->stop ? is_set : NULL,
                                  .stopped_ctx = b->opts->stop};
    if (b->opts->lexicon) {
        struct lex_info info;
        lex_info(b->opts->lexicon, &info);
        opts.lexicon = info.stamp;
    }
    enum st st = ix_writer_open(b->opts->index, &opts, &b->writer, err);
    b->flow.writer = b->writer;
    return st;
}

/* Ask whether the batch may be published. */
static enum st approve(struct batch *b, struct err *err)
{
    struct buf lines;
    buf_init(&lines, REPORT_LINES);
    enum st st = b->opts->approve(b->opts->approve_ctx, b->writer, &lines, err);
    progress_clear(&b->progress);
    enum st told = report_take(&b->report, &lines, st == ST_OK ? err : NULL);
    if (told == ST_OK)
        told = report_flush(&b->report, st == ST_OK ? err : NULL);
    return st == ST_OK ? told : st;
}

static enum st run(struct batch *b, struct err *err)
{
    const char *report = b->opts->report;
    enum st st = report ? report_open(&b->report, report, b->opts->index, err) : ST_OK;
    if (st == ST_OK)
        st = make_plan(b, err);
    if (st == ST_OK)
        st = open_writer(b, err);
    if (st == ST_OK)
        st = report_begin(&b->report, err);
    b->progress.total = b->plan.piped ? 0 : b->plan.bytes;
    if (st == ST_OK)
        st = read_sources(b, err);
    if (st == ST_OK && b->opts->deletions)
        st = read_deletions(b, err);
    if (st == ST_OK)
        st = report_flush(&b->report, err);
    if (st == ST_OK)
        st = stopped(b, err);
    if (st == ST_OK && b->opts->approve)
        st = approve(b, err);
    if (st == ST_OK)
        st = stopped(b, err);
    if (st == ST_OK)
        st = ix_writer_publish(b->writer, &b->counts.generation, err);
    progress_clear(&b->progress);
    return st;
}

enum st ing_run(const struct ing_opts *opts, struct ing_counts *out, struct err *err)
{
    struct batch b = {.opts = opts};
    plan_init(&b.plan);
    report_init(&b.report, opts->report_fd);
    progress_init(&b.progress, opts->progress_fd, 0);
    flow_init(&b.flow, opts, &b.report, &b.progress);
    enum st st = run(&b, err);
    if (st != ST_OK) /* what was found so far may tell why */
        report_flush(&b.report, NULL);
    b.counts.seconds = progress_seconds(&b.progress);
    *out = b.counts;
    flow_fini(&b.flow);
    if (b.writer)
        ix_writer_close(b.writer);
    report_close(&b.report);
    report_fini(&b.report);
    plan_fini(&b.plan);
    return st;
}
