/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ERR_H
#define GONGBAO_ERR_H

/* Statuses and errors.
 *
 * Every function that can fail returns an enum st and, where a person may come to see the
 * failure, fills a struct err passed as its last argument. One table (src/base/err.c) gives each
 * status its word on the wire, its protocol code, its HTTP status and a text to fall back on, so
 * that no two rooms can describe the same failure differently.
 *
 * An err argument may be NULL where the caller wants the status alone.
 */

#include <gongbao/str.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum st {
    ST_OK,
    /* What somebody who asks may be answered. */
    ST_UNKNOWN_VERB,
    ST_UNKNOWN_OPTION,
    ST_BAD_VALUE,    /* an option's value is malformed or out of range */
    ST_WRONG_SPEECH, /* the peer speaks HTTP or TLS on the line port */
    ST_NOT_FOUND,
    ST_DEADLINE,
    ST_TOO_LONG,  /* a request line over the limit */
    ST_BAD_UTF8,  /* err.offset: first offending byte */
    ST_SYNTAX,    /* err.offset: byte in the query text */
    ST_TOO_MUCH,  /* a query over a limit on terms, clauses or depth */
    ST_BUSY,      /* try again later */
    ST_INTERNAL,  /* a fault of this program, a worker that died included */
    ST_DAMAGED,   /* stored data fails its check */
    ST_NO_INDEX,  /* nothing to serve yet */
    ST_NO_WORKER, /* none of the processes that search can be started */
    ST_STOPPING,  /* the daemon is on its way out */
    /* What only the programs meet. */
    ST_USAGE,
    ST_CONFIG,   /* a configuration file is wrong; the text names file and line */
    ST_LOCKED,   /* another writer holds the index */
    ST_REJECTED, /* one document cannot be taken; the batch goes on */
    ST_IO,       /* a system call failed; the text names the file */
    ST_CANARY,   /* a batch would make a search worse that is watched */
    ST_NO_MEMORY,
    ST_COUNT
};

struct st_info {
    const char *word; /* name on the wire: "unknown-verb" */
    int code;         /* line protocol: 200..599 */
    int http;         /* HTTP status */
    const char *text; /* one sentence without a full stop, for when nothing better is known */
};

/* The table's row for a status. Never NULL. */
const struct st_info *st_info(enum st st);

struct err {
    enum st st;
    long offset;    /* byte offset into the text the error is about, or -1 */
    char text[400]; /* UTF-8, one line, no control characters */
};

#define ERR_INIT                                                                                   \
    {                                                                                              \
        .st = ST_OK, .offset = -1                                                                  \
    }

/* Fill *err (when not NULL) and return st, so that `return err_set(...)` is one statement.
 * The formatted text is cut at the array's size, on a character boundary, and control characters
 * in it are replaced by '?'. */
enum st err_set(struct err *err, enum st st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, with the byte offset the error is about. */
enum st err_at(struct err *err, enum st st, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* What an errno stands for, in words; where the system's own leave open what to do, with that. */
const char *err_why(int code);

/* A failed system call on a file: text "WHAT PATH: err_why(errno)". Returns ST_IO, or
 * ST_NO_MEMORY when errno is ENOMEM. */
enum st err_sys(struct err *err, const char *what, const char *path);

/* Out of memory. (Here in full, so that whoever reads or checks a caller sees that it never
 * returns ST_OK.) */
static inline enum st err_nomem(struct err *err)
{
    err_set(err, ST_NO_MEMORY, "%s", st_info(ST_NO_MEMORY)->text);
    return ST_NO_MEMORY;
}

/* Put a piece of the text that the error is about behind the error's own, with '^' before the
 * place:
 * ", at 防汛 ^\"值守". Nothing when there is no place, or no text. */
void err_point(struct err *err, struct str text);

/* Put "prefix: " before the text already there; for callers that know the place. */
void err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
