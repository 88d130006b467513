/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Compressed tags as libxapian inflates them by itself: raw deflate, without a head or a checksum.
 *
 * The library inflates into pieces of 8192 bytes, and stops when it has no more input although
 * there may be output left to fetch: a tag whose stream is used up just when a piece is full cannot
 * be read. In a stream that is flushed before it is finished some bytes follow the last symbol, so
 * input is left until all output has been fetched.
 */

#include "glass_deflate.h"

enum {
    PIECE = 8192, /* of output; shorter tags are fetched by one call */
    FLUSHED = 16  /* bytes that flushing adds, and some more */
};

void glass_deflate_init(struct glass_deflate *d, int level)
{
    *d = (struct glass_deflate){.level = level};
}

void glass_deflate_fini(struct glass_deflate *d)
{
    if (d->ready)
        deflateEnd(&d->z);
    d->ready = false;
}

static enum st make_ready(struct glass_deflate *d, struct err *err)
{
    if (d->ready)
        return deflateReset(&d->z) == Z_OK ? ST_OK : err_set(err, ST_INTERNAL, "zlib: reset");
    if (deflateInit2(&d->z, d->level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_nomem(err);
    d->ready = true;
    return ST_OK;
}

enum st glass_deflate(struct glass_deflate *d, struct str data, struct buf *out, struct err *err)
{
    enum st st = make_ready(d, err);
    if (st != ST_OK)
        return st;
    size_t most = deflateBound(&d->z, data.n) + FLUSHED;
    char *to = data.n <= UINT32_MAX && most <= UINT32_MAX ? buf_room(out, most) : NULL;
    if (!to)
        return err_nomem(err);
    d->z.next_in = (Bytef *)(uintptr_t)data.p;
    d->z.avail_in = (uInt)data.n;
    d->z.next_out = (Bytef *)to;
    d->z.avail_out = (uInt)most;
    if (data.n > PIECE && deflate(&d->z, Z_SYNC_FLUSH) != Z_OK)
        return err_set(err, ST_INTERNAL, "zlib did not flush a stream");
    if (deflate(&d->z, Z_FINISH) != Z_STREAM_END)
        return err_set(err, ST_INTERNAL, "zlib did not finish a stream");
    out->n += most - d->z.avail_out;
    return ST_OK;
}
