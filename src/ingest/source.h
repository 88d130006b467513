/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_SOURCE_H
#define GONGBAO_INGEST_SOURCE_H

/* From paths to documents: what is to be read, and the records that reading gives. */

#include "input.h"
#include <gongbao/analysis.h>
#include <gongbao/arena.h>
#include <gongbao/index.h>
#include <sys/stat.h>

/* ---- source_dir.c: what is to be read ---- */

enum format { FORMAT_JSONL, FORMAT_TXT, FORMAT_UNKNOWN };

struct item {
    const char *path; /* as given, or folder as given + '/' + place; names the source */
    const char *root; /* the folder given, or NULL: path is opened as it is */
    const char *rest; /* place below root */
    enum format format;
    bool gzip;
    struct stat file; /* as it was when the plan was made */
    bool any;         /* a pipe or a device will do */
};

struct plan {
    struct arena mem;
    struct item *item;
    size_t n, cap;
    uint64_t bytes; /* of all items */
    bool piped;     /* standard input is among them: the bytes are not all */
};

/* Told of a file in a folder that is not taken, and why. */
typedef enum st plan_skip(void *ctx, const char *path, const char *why, struct err *err);

void plan_init(struct plan *p);
void plan_fini(struct plan *p);

/* Add what a SOURCE stands for: itself, or the files of a folder in sorted order. Nothing is
 * read yet. ST_USAGE naming the source when it is not there or of no kind that is known. */
enum st plan_add(struct plan *p, const char *path, plan_skip *skip, void *ctx, struct err *err);

/* Open an item for reading. Below a folder no link is followed, and only a regular file is
 * opened, whatever has been put in its place since the plan was made; unless any will do. */
enum st item_open(const struct item *it, int *fd, struct err *err);

/* The format that a name tells, without regard to .gz, which is told in *gzip. */
enum format item_format(struct str name, bool *gzip);

/* ---- source.c: reading it ---- */

enum record_kind { RECORD_DOCUMENT, RECORD_REJECTED, RECORD_END };

struct record {
    enum record_kind kind;
    uint64_t line;     /* from 1; 0: the source as a whole */
    struct ix_doc doc; /* of a rejected one what is known, at least an empty id */
    struct err why;    /* it was rejected */
};

struct source {
    const struct item *item;
    struct input input;
    struct lines lines; /* JSON Lines */
    struct buf raw;     /* a text file as it was read */
    struct buf text;    /* decoded line or file, where it was not UTF-8 */
    struct arena mem;   /* of the record at hand */
    uint64_t line_max;
    uint64_t converted[AN_UTF16BE + 1]; /* records that were not UTF-8, by what they were */
    bool started, done;
};

/* Open an item. stop may be NULL. The source is to be closed only after ST_OK. */
enum st source_open(struct source *s, const struct item *it, uint64_t line_max,
                    const atomic_bool *stop, struct err *err);
void source_close(struct source *s);

/* The next record; *out borrows from the source until the next call. A document that cannot be
 * made out, or a source whose compression is damaged, is a rejected record. ST_IO, ST_STOPPING,
 * ST_NO_MEMORY. */
enum st source_next(struct source *s, struct record *out, struct err *err);

/* raw as UTF-8: raw itself, or s->text, decoded from what it seems to be. ST_REJECTED. */
enum st source_decode(struct source *s, struct str raw, struct str *out, struct err *err);

/* ---- the formats ---- */

/* An empty document for everybody to see. */
void doc_init(struct ix_doc *doc);

/* The next record of a source of that format. The first bytes have not been looked at yet. */
enum st jsonl_next(struct source *s, struct record *out, struct err *err);
enum st txt_next(struct source *s, struct record *out, struct err *err);

/* One line of JSON, valid UTF-8, as a document. ST_REJECTED with the reason; out then has the id if
 * it is known. Strings are slices of line or lie in the arena. */
enum st json_document(struct str line, struct arena *a, struct ix_doc *out, struct err *err);

/* A text as title and body, slices of it. */
void txt_document(struct str text, struct ix_doc *out);

#endif
