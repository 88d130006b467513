/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_REPORT_H
#define GONGBAO_INGEST_REPORT_H

/* What a batch tells people while it runs: the report, and a line of progress on a terminal. */

#include <gongbao/buf.h>
#include <gongbao/err.h>
#include <sys/stat.h>

/* ---- report.c: JSON Lines ---- */

struct report {
    int fd;           /* -1: nothing is written */
    const char *path; /* of the file, which is owned; NULL: fd is borrowed */
    bool made;        /* the file was not there before */
    bool held;        /* nothing is written yet */
    struct buf buf;   /* lines not yet written */
    size_t gather;    /* bytes of them to wait for; 0 on a terminal */
};

void report_init(struct report *r, int fd);

/* Write what is pending, unless it is held. ST_IO. */
enum st report_flush(struct report *r, struct err *err);
void report_fini(struct report *r);

/* Append whole lines, made by the functions below. ST_IO. */
enum st report_add(struct report *r, struct str lines, struct err *err);

/* The same with the lines in a buffer, which is freed. ST_NO_MEMORY when it has failed. */
#define REPORT_LINES ((size_t)1 << 20) /* bytes that such a buffer may hold */
enum st report_take(struct report *r, struct buf *take_lines, struct err *err);

/* {"source":…,"line":…,"id":…,"reason":…}: a document that was not taken. line 0 and an empty id
 * are left out. An offset in why goes along. */
void report_rejected(struct buf *out, const char *source, uint64_t line, struct str id,
                     const struct err *why);

/* {"source":…,"line":…,"warning":…,"count":…}: the line is where the first one was; 0 is left out.
 */
void report_warning(struct buf *out, const char *source, uint64_t line, const char *warning,
                    uint64_t count);

/* {"source":…,"skipped":…}: a file in a folder that is no source. */
void report_skipped(struct buf *out, const char *source, const char *why);

/* ---- report_file.c: where it is written ---- */

/* Write to a file instead, which is left as it is, and the lines held, until report_begin.
 * ST_USAGE when it cannot be opened or lies in the index's folder. */
enum st report_open(struct report *r, const char *path, const char *index, struct err *err);

/* ST_USAGE when the report's file is this one, which the batch reads. */
enum st report_apart(const struct report *r, const struct stat *file, const char *name,
                     struct err *err);

/* From here on the report is written; its file is emptied first. ST_IO. */
enum st report_begin(struct report *r, struct err *err);

/* Close the file; one that was made for a report that never began is removed. */
void report_close(struct report *r);

/* ---- progress.c ---- */

struct progress {
    int fd;         /* borrowed; -1: nothing is drawn */
    uint64_t start; /* ns */
    uint64_t drawn; /* ns */
    uint64_t total; /* bytes of all sources, 0: not known; may be set later */
    bool visible;
};

void progress_init(struct progress *p, int fd, uint64_t total);

/* Draw the line, at most some times a second. raw: bytes of the sources read so far; text: bytes
 * of body taken. */
void progress_draw(struct progress *p, uint64_t documents, uint64_t text, uint64_t raw);

/* Draw at once that the sources are behind us and the index is being written. */
void progress_writing(struct progress *p, uint64_t documents, uint64_t text);

/* Take the line away, before something else is written and at the end. */
void progress_clear(struct progress *p);

/* Seconds since the start. */
double progress_seconds(const struct progress *p);

#endif
