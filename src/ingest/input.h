/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_INGEST_INPUT_H
#define GONGBAO_INGEST_INPUT_H

/* The bytes of one source, inflated where need be, in pieces and in lines. */

#include <gongbao/buf.h>
#include <gongbao/err.h>
#include <stdatomic.h>
#include <zlib.h>

/* ---- source_gzip.c: inflating ---- */

#define GUNZIP_IN        (64u << 10)
#define GUNZIP_RATIO_MAX 300        /* output over input; Chinese text does not come near it */
#define GUNZIP_RATIO_MIN (1u << 20) /* output below which the ratio does not matter */
#define GUNZIP_OUT_MAX   (64ull << 30)

struct gunzip {
    z_stream z;
    unsigned char in[GUNZIP_IN];
    uint64_t total_in, total_out; /* over all members */
    uint64_t members;             /* begun so far */
    bool open;                    /* z is initialised */
    bool between;                 /* before the header of a member, or behind the last */
    const char *damage;           /* found, to be told once what came out before is taken */
};

struct input;

enum st gunzip_init(struct gunzip *g, struct err *err);
void gunzip_fini(struct gunzip *g);

/* As input_read, of the inflated bytes. */
enum st gunzip_read(struct gunzip *g, struct input *from, char *p, size_t n, size_t *got,
                    struct err *err);

/* ---- input.c ---- */

struct input {
    int fd;           /* owned */
    const char *name; /* for messages; borrowed */
    const atomic_bool *stop;
    struct gunzip *gunzip; /* NULL: plain */
    uint64_t raw;          /* bytes read from the descriptor */
    bool wait;             /* a pipe: look at stop while nothing comes */
};

/* Take fd. On failure it is closed. */
enum st input_open(struct input *in, int fd, bool gzip, const char *name, const atomic_bool *stop,
                   struct err *err);
void input_close(struct input *in);

/* Up to n bytes; *got 0 at the end. ST_REJECTED when the compressed data are damaged, ST_IO,
 * ST_STOPPING. */
enum st input_read(struct input *in, char *p, size_t n, size_t *got, struct err *err);

/* The same, straight from the descriptor. */
enum st input_raw(struct input *in, void *p, size_t n, size_t *got, struct err *err);

/* Append everything that is left to out; ST_REJECTED when its cap is passed. */
enum st input_all(struct input *in, struct buf *out, struct err *err);

enum line_kind { LINE_WHOLE, LINE_TOO_LONG, LINE_END };

struct lines {
    struct input *from;
    struct buf buf; /* what has been read and not yet been given out begins at `at` */
    size_t at;
    size_t searched; /* bytes from `at` on that are known to hold no line feed */
    uint64_t max;
    uint64_t line; /* number of the line given last, from 1 */
    bool end;
};

void lines_init(struct lines *l, struct input *from, uint64_t max);
void lines_fini(struct lines *l);

/* The next line without its line feed, valid until the next call. A line of more than max bytes
 * is skipped. Errors as of input_read; a line that an error cut short is not given out. */
enum st lines_next(struct lines *l, struct str *line, enum line_kind *kind, struct err *err);

#endif
