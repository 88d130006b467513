/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inflating a gzipped source.
 *
 * zlib's inflate() is driven by hand rather than through gzread(): a file may consist of several
 * members, each with a checksum of its own, and what is behind the last one must be nothing or
 * zeros. A truncated stream, a wrong checksum and foreign bytes at the end are told apart, and what
 * was inflated before them has been given out by then.
 *
 * Output is bounded in relation to input and in all: deflate can blow a kilobyte up to a megabyte,
 * and a source that does is not text. A gzip inside a gzip is not unpacked; the source finds it out
 * by its first bytes.
 */
#include "input.h"

enum st gunzip_init(struct gunzip *g, struct err *err)
{
    /* 15 bits of window, and 16: a gzip header and trailer, nothing else. */
    if (inflateInit2(&g->z, 15 + 16) != Z_OK)
        return err_nomem(err);
    g->open = g->between = true;
    return ST_OK;
}

void gunzip_fini(struct gunzip *g)
{
    if (g->open)
        inflateEnd(&g->z);
    g->open = false;
}

/* Have at least one byte of input; *end when the file is at its end. */
static enum st feed(struct gunzip *g, struct input *from, bool *end, struct err *err)
{
    *end = false;
    if (g->z.avail_in > 0)
        return ST_OK;
    size_t got = 0;
    enum st st = input_raw(from, g->in, sizeof(g->in), &got, err);
    if (st != ST_OK)
        return st;
    g->z.next_in = g->in;
    g->z.avail_in = (uInt)got;
    g->total_in += got;
    *end = got == 0;
    return ST_OK;
}

/* Between members: a further one may begin, or zeros may fill a block up to its end. */
static enum st between(struct gunzip *g, struct input *from, bool *end, struct err *err)
{
    bool padding = false;
    for (;;) {
        enum st st = feed(g, from, end, err);
        if (st != ST_OK || *end)
            return st;
        if (*g->z.next_in == 0 && g->members > 0) {
            g->z.next_in++;
            g->z.avail_in--;
            padding = true;
        } else if (padding || *g->z.next_in != 0x1f) {
            return err_set(err, ST_REJECTED,
                           g->members > 0 ? "gzip: foreign bytes after the end"
                                          : "gzip: not a gzip file");
        } else {
            g->members++;
            g->between = false;
            return ST_OK;
        }
    }
}

static enum st check_size(const struct gunzip *g, struct err *err)
{
    if (g->total_out > GUNZIP_OUT_MAX)
        return err_set(err, ST_REJECTED, "gzip: inflates to over %llu bytes", GUNZIP_OUT_MAX);
    if (g->total_out > GUNZIP_RATIO_MIN && g->total_out / GUNZIP_RATIO_MAX > g->total_in)
        return err_set(err, ST_REJECTED, "gzip: inflates to over %d times its size",
                       GUNZIP_RATIO_MAX);
    return ST_OK;
}

/* One call of inflate; *got bytes came out. */
static enum st step(struct gunzip *g, char *p, size_t n, size_t *got, struct err *err)
{
    g->z.next_out = (Bytef *)p;
    g->z.avail_out = n > UINT32_MAX ? UINT32_MAX : (uInt)n;
    uInt room = g->z.avail_out;
    int z = inflate(&g->z, Z_NO_FLUSH);
    *got = room - g->z.avail_out;
    g->total_out += *got;
    if (z == Z_STREAM_END) {
        g->between = true;
        inflateReset(&g->z);
    } else if (z == Z_MEM_ERROR) {
        return err_nomem(err);
    } else if (z != Z_OK && z != Z_BUF_ERROR) {
        g->damage = g->z.msg ? g->z.msg : "bad data";
    }
    return check_size(g, err);
}

enum st gunzip_read(struct gunzip *g, struct input *from, char *p, size_t n, size_t *got,
                    struct err *err)
{
    *got = 0;
    while (*got == 0) {
        bool end;
        if (g->damage)
            return err_set(err, ST_REJECTED, "gzip: damaged: %s", g->damage);
        enum st st = g->between ? between(g, from, &end, err) : feed(g, from, &end, err);
        if (st != ST_OK)
            return st;
        if (end && g->between && g->members > 0)
            return ST_OK;
        if (end)
            return err_set(err, ST_REJECTED, "gzip: truncated");
        st = step(g, p, n, got, err);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}
