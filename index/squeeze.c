/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Deflating records so that glass can always give them back.
 *
 * Glass compresses document data by itself where that makes it smaller, and reads it back in pieces
 * of 8192 bytes; it fails to, when the compressed bytes run out at the very end of a piece. What
 * it leaves uncompressed, and what is shorter than a piece, is safe. So a record is deflated once,
 * as any text should be, and then again for as long as glass would find something left to save:
 * the same deflation that glass does is done here and tells. Ordinary text takes one layer; only
 * the likes of a megabyte of blanks take more.
 */

#include "squeeze.h"
#include <stdlib.h>

#define LEVEL      1 /* a quarter of the time of the default level for 2 hundredths of the size */
#define LAYERS_MAX 8
#define PIECE      8192

void squeeze_init(struct squeeze *s)
{
    *s = (struct squeeze){0};
    buf_init(&s->last, SQUEEZE_ROOM);
}

void squeeze_fini(struct squeeze *s)
{
    if (s->ready)
        deflateEnd(&s->z);
    buf_fini(&s->last);
    *s = (struct squeeze){0};
}

static void put_head(struct buf *out, unsigned layers, size_t length)
{
    buf_addc(out, (char)layers);
    buf_varint(out, length);
}

/* Append the zlib stream of in. */
static enum st deflate_once(struct squeeze *s, struct str in, struct buf *out, struct err *err)
{
    if (!s->ready && deflateInit(&s->z, LEVEL) != Z_OK)
        return err_nomem(err);
    s->ready = true;
    deflateReset(&s->z);
    size_t bound = deflateBound(&s->z, in.n);
    char *room = buf_room(out, bound);
    if (!room)
        return err_nomem(err);
    s->z.next_in = (Bytef *)(uintptr_t)in.p;
    s->z.avail_in = (uInt)in.n;
    s->z.next_out = (Bytef *)room;
    s->z.avail_out = (uInt)bound;
    if (deflate(&s->z, Z_FINISH) != Z_STREAM_END)
        return err_set(err, ST_INTERNAL, "zlib did not finish a stream");
    out->n += bound - s->z.avail_out;
    return ST_OK;
}

/* Whether glass would store data compressed: raw deflate at the default level, and less comes out
 * than went in. */
static enum st glass_saves(struct str data, bool *out, struct err *err)
{
    z_stream z = {0};
    char *room = malloc(data.n);
    if (!room)
        return err_nomem(err);
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(room);
        return err_nomem(err);
    }
    z.next_in = (Bytef *)(uintptr_t)data.p;
    z.avail_in = (uInt)data.n;
    z.next_out = (Bytef *)room;
    z.avail_out = (uInt)data.n - 1;
    *out = deflate(&z, Z_FINISH) == Z_STREAM_END;
    deflateEnd(&z);
    free(room);
    return ST_OK;
}

/* Put another layer around the payload of out, which begins at `head`. */
static enum st add_layer(struct squeeze *s, unsigned layers, size_t length, size_t head,
                         struct buf *out, struct err *err)
{
    buf_reset(&s->last);
    buf_add(&s->last, out->p + head, out->n - head);
    if (!buf_ok(&s->last))
        return err_nomem(err);
    buf_reset(out);
    put_head(out, layers, length);
    return deflate_once(s, buf_str(&s->last), out, err);
}

enum st squeeze(struct squeeze *s, struct str plain, struct buf *out, struct err *err)
{
    if (plain.n > SQUEEZE_PLAIN_MAX)
        return err_set(err, ST_REJECTED, "the document is larger than %zu bytes",
                       SQUEEZE_PLAIN_MAX);
    buf_reset(out);
    put_head(out, 1, plain.n);
    size_t head = out->n;
    enum st st = deflate_once(s, plain, out, err);
    if (st == ST_OK && out->n >= head + plain.n && out->n < PIECE) {
        buf_reset(out);
        put_head(out, 0, plain.n);
        buf_adds(out, plain);
    }
    for (unsigned layers = 2; st == ST_OK && out->n >= PIECE; layers++) {
        bool saves = false;
        st = glass_saves(buf_str(out), &saves, err);
        if (st != ST_OK || !saves)
            break;
        if (layers > LAYERS_MAX)
            return err_set(err, ST_REJECTED, "the document cannot be compressed for good");
        st = add_layer(s, layers, plain.n, head, out, err);
    }
    if (st == ST_OK && !buf_ok(out))
        st = err_nomem(err);
    if (st == ST_OK && out->n > SQUEEZE_DATA_MAX)
        st = err_set(err, ST_REJECTED, "the document is larger than %zu bytes, deflated",
                     SQUEEZE_DATA_MAX);
    return st;
}

enum st unsqueeze_head(struct str *data, unsigned *layers, size_t *length, struct err *err)
{
    uint64_t n;
    if (data->n == 0)
        return err_set(err, ST_DAMAGED, "a stored document is empty");
    *layers = (unsigned char)data->p[0];
    *data = str_from(data->p + 1, data->n - 1);
    if (*layers > LAYERS_MAX || !str_varint(data, &n) || n > SQUEEZE_PLAIN_MAX)
        return err_set(err, ST_DAMAGED, "the head of a stored document cannot be read");
    *length = (size_t)n;
    return ST_OK;
}

static enum st damaged(struct err *err)
{
    return err_set(err, ST_DAMAGED, "a stored document cannot be inflated");
}

/* Inflate the innermost layer: exactly length bytes. */
static enum st inflate_last(struct str data, char *out, size_t length, struct err *err)
{
    uLongf n = length;
    int z = uncompress((Bytef *)out, &n, (const Bytef *)data.p, data.n);
    if (z == Z_MEM_ERROR)
        return err_nomem(err);
    return z == Z_OK && n == length ? ST_OK : damaged(err);
}

/* Inflate the outer layers into scratch memory, of which each is at most a deflated plain
 * record. */
static enum st inflate_outer(struct str data, unsigned layers, char *out, size_t length,
                             struct err *err)
{
    size_t bound = compressBound(length);
    char *a = malloc(bound), *b = malloc(bound);
    enum st st = a && b ? ST_OK : err_nomem(err);
    for (; st == ST_OK && layers > 1; layers--) {
        uLongf n = bound;
        if (uncompress((Bytef *)a, &n, (const Bytef *)data.p, data.n) != Z_OK) {
            st = damaged(err);
            break;
        }
        data = str_from(a, n);
        char *swap = a;
        a = b;
        b = swap;
    }
    if (st == ST_OK)
        st = inflate_last(data, out, length, err);
    free(a);
    free(b);
    return st;
}

enum st unsqueeze(struct str data, unsigned layers, char *out, size_t length, struct err *err)
{
    if (layers > 1)
        return inflate_outer(data, layers, out, length, err);
    if (layers == 1)
        return inflate_last(data, out, length, err);
    if (data.n != length)
        return damaged(err);
    if (length > 0)
        memcpy(out, data.p, length);
    return ST_OK;
}
