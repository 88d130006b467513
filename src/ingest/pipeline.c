/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A batch from beginning to end.
 *
 *     plan      every source is looked up before anything is read
 *     writer    the index is taken for writing
 *     sources   record by record: check, compare with what the index has, analyse, put
 *     deletions the ids listed go, whether the index had them or this batch brought them
 *     publish   all of it becomes the next generation
 *
 * A document is compared before it is analysed, so that a run over the same sources costs little
 * more than reading them. Whatever goes wrong before the end of publishing leaves the index as it
 * was: closing a writer abandons its batch.
 *
 * Quality is counted on the documents that are new or changed, and reported by source. There are no
 * threads here.
 */
#include "document.h"
#include "report.h"
#include "source.h"

#include <gongbao/ingest.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What may be wrong with the texts of a source. */
enum flaw { FLAW_READING, FLAW_LOST, FLAW_ENTITY, FLAWS };

static const char *const flaw_name[FLAWS] = {
    [FLAW_READING] = "damaged readings",
    [FLAW_LOST] = "characters lost before they came here",
    [FLAW_ENTITY] = "HTML entities left in the text",
};

struct tally {
    uint64_t count;
    uint64_t line; /* of the first one */
};

struct batch {
    const struct ing_opts *opts;
    struct plan plan;
    struct report report;
    struct progress progress;
    struct terms *terms;
    struct ix_writer *writer;
    struct ing_counts counts;
    uint64_t raw;               /* bytes of the sources that are behind us */
    struct tally flaw[FLAWS];   /* in the source at hand */
    uint64_t line;              /* of the document at hand */
    char hash[DOC_HASH_ID + 1]; /* the id of a document without one */
};

/* ---- one document ---- */

static enum st reject(struct batch *b, const char *source, const struct record *rec,
                      struct err *err)
{
    b->counts.rejected++;
    progress_clear(&b->progress);
    return report_rejected(&b->report, source, rec->line, rec->doc.id, &rec->why, err);
}

static void add_flaws(struct batch *b, struct str text)
{
    struct an_quality q;
    an_count_damage(text, &q);
    const uint64_t found[FLAWS] = {
        [FLAW_READING] = q.damaged_readings,
        [FLAW_LOST] = q.invalid,
        [FLAW_ENTITY] = q.entities,
    };
    for (size_t i = 0; i < FLAWS; i++) {
        if (b->flaw[i].count == 0)
            b->flaw[i].line = b->line;
        b->flaw[i].count += found[i];
    }
}

static enum st put(struct batch *b, const struct ix_doc *doc, enum ix_change change,
                   struct err *err)
{
    const struct ix_term *term;
    size_t n;
    enum st st = terms_of(b->terms, doc, &term, &n, err);
    if (st == ST_OK)
        st = ix_writer_put(b->writer, doc, term, n, err);
    if (st != ST_OK)
        return st;
    add_flaws(b, doc->title);
    add_flaws(b, doc->body);
    if (change == IX_NEW)
        b->counts.added++;
    else
        b->counts.updated++;
    return ST_OK;
}

/* ST_REJECTED when it cannot be taken. */
static enum st take(struct batch *b, struct ix_doc *doc, struct err *err)
{
    enum ix_change change = IX_SAME;
    enum st st = doc_check(doc, b->opts->body_max, err);
    if (st == ST_OK && doc->id.n == 0) {
        doc_hash_id(doc, b->hash);
        doc->id = str_of(b->hash);
    }
    if (st == ST_OK)
        st = ix_writer_compare(b->writer, doc, &change, err);
    if (st == ST_OK && change != IX_SAME)
        st = put(b, doc, change, err);
    if (st == ST_OK && change == IX_SAME)
        b->counts.unchanged++;
    if (st == ST_OK)
        b->counts.body_bytes += doc->body.n;
    return st;
}

/* ---- one source ---- */

static enum st stopped(const struct batch *b, struct err *err)
{
    if (b->opts->stop && *b->opts->stop)
        return err_set(err, ST_STOPPING, "interrupted");
    return ST_OK;
}

static void draw(struct batch *b, uint64_t raw)
{
    const struct ing_counts *c = &b->counts;
    progress_draw(&b->progress, c->added + c->updated + c->unchanged, c->body_bytes, b->raw + raw);
}

static enum st take_record(struct batch *b, const char *source, struct record *rec, struct err *err)
{
    enum st st = ST_REJECTED;
    b->line = rec->line;
    if (rec->kind == RECORD_DOCUMENT)
        st = take(b, &rec->doc, &rec->why);
    if (st == ST_REJECTED)
        return reject(b, source, rec, err);
    if (st != ST_OK && err) {
        *err = rec->why;
        err_prefix(err, "%s:%ju", source, (uintmax_t)rec->line);
    }
    return st;
}

static enum st warn(struct batch *b, const char *path, const char *warning, struct tally found,
                    struct err *err)
{
    if (found.count == 0)
        return ST_OK;
    progress_clear(&b->progress);
    return report_warning(&b->report, path, found.line, warning, found.count, err);
}

static enum st report_source(struct batch *b, const struct source *s, struct err *err)
{
    const char *path = s->item->path;
    enum st st = ST_OK;
    for (size_t i = 0; i < sizeof(s->converted) / sizeof(*s->converted) && st == ST_OK; i++) {
        char from[64];
        snprintf(from, sizeof(from), "converted from %s", an_encoding_name((enum an_encoding)i));
        st = warn(b, path, from, (struct tally){.count = s->converted[i]}, err);
    }
    for (size_t i = 0; i < FLAWS && st == ST_OK; i++)
        st = warn(b, path, flaw_name[i], b->flaw[i], err);
    return st;
}

static enum st read_source(struct batch *b, const struct item *it, struct err *err)
{
    struct source s;
    struct record rec = {.kind = RECORD_DOCUMENT};
    enum st st = source_open(&s, it, b->opts->line_max, b->opts->stop, err);
    if (st != ST_OK)
        return st;
    memset(b->flaw, 0, sizeof(b->flaw));
    while (st == ST_OK) {
        st = stopped(b, err);
        if (st == ST_OK)
            st = source_next(&s, &rec, err);
        if (st != ST_OK || rec.kind == RECORD_END)
            break;
        st = take_record(b, it->path, &rec, err);
        draw(b, s.input.raw);
    }
    if (st == ST_OK)
        st = report_source(b, &s, err);
    b->raw += s.input.raw;
    source_close(&s);
    return st;
}

/* ---- deletions ---- */

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
        struct record rec = {.kind = RECORD_REJECTED, .why = ERR_INIT};
        st = lines_next(&s.lines, &line, &kind, err);
        if (st != ST_OK || kind == LINE_END)
            break;
        rec.line = s.lines.line;
        st = kind == LINE_WHOLE ? delete_line(b, &s, line, &rec.why)
                                : err_set(&rec.why, ST_REJECTED, "the line is too long");
        if (st == ST_REJECTED)
            st = reject(b, it.path, &rec, err);
        else if (st != ST_OK && err)
            *err = rec.why;
    }
    source_close(&s);
    return st;
}

/* ---- the batch ---- */

static enum st skip(void *ctx, const char *path, const char *why, struct err *err)
{
    struct batch *b = ctx;
    return report_skipped(&b->report, path, why, err);
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

static enum st open_writer(struct batch *b, struct err *err)
{
    struct ix_writer_opts opts = {.segment_bytes = b->opts->segment_bytes,
                                  .fold = an_fold_version()};
    if (b->opts->lexicon) {
        struct lex_info info;
        lex_info(b->opts->lexicon, &info);
        opts.lexicon = info.stamp;
    }
    enum st st = terms_new(b->opts->lexicon, b->opts->title_weight, &b->terms, err);
    return st == ST_OK ? ix_writer_open(b->opts->index, &opts, &b->writer, err) : st;
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
    for (size_t i = 0; i < b->plan.n && st == ST_OK; i++)
        st = read_source(b, &b->plan.item[i], err);
    if (st == ST_OK && b->opts->deletions)
        st = read_deletions(b, err);
    progress_clear(&b->progress);
    if (st == ST_OK)
        st = report_flush(&b->report, err);
    if (st == ST_OK)
        st = stopped(b, err);
    return st == ST_OK ? ix_writer_publish(b->writer, &b->counts.generation, err) : st;
}

enum st ing_run(const struct ing_opts *opts, struct ing_counts *out, struct err *err)
{
    struct batch b = {.opts = opts};
    plan_init(&b.plan);
    report_init(&b.report, opts->report_fd);
    progress_init(&b.progress, opts->progress_fd, 0);
    enum st st = run(&b, err);
    if (st != ST_OK) /* what was found so far may tell why */
        report_flush(&b.report, NULL);
    b.counts.seconds = progress_seconds(&b.progress);
    *out = b.counts;
    if (b.writer)
        ix_writer_close(b.writer);
    terms_free(b.terms);
    report_close(&b.report);
    report_fini(&b.report);
    plan_fini(&b.plan);
    return st;
}
