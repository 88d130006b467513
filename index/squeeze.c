/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packing records with zstd.
 *
 * With a dictionary a record is first brought into its dense form, whose characters the dictionary
 * ranks. Where there is none, or the dense form would be longer, it is packed as it is, and where
 * that gains nothing it is kept plain. The head of document data tells which, and has a checksum of
 * the plain record: so what was damaged is never shown, and neither is what was unpacked with
 * another dictionary of the same key.
 *
 * Of a zstd frame the first four bytes, which are always the same, are left out, and so is the
 * length of its content: of a dense record it is not known to anybody, but it is never longer than
 * the plain one.
 */

#include "squeeze.h"
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { PLAIN, PACKED, DENSE }; /* the first byte of document data */

enum {
    LEVEL = 3,
    MAGIC = 4,
    EXPANSION_BITS = 17 /* no byte stands for more: four make a block of 128 KB, of three each */
};

static const char magic[MAGIC] = {0x28, (char)0xb5, 0x2f, (char)0xfd};

/* ---- packing ---- */

void squeeze_init(struct squeeze *s)
{
    *s = (struct squeeze){0};
    buf_init(&s->dense, SQUEEZE_PLAIN_MAX);
}

void squeeze_fini(struct squeeze *s)
{
    ZSTD_freeCCtx(s->z);
    buf_fini(&s->dense);
    *s = (struct squeeze){0};
}

static enum st make_ready(struct squeeze *s, struct err *err)
{
    if (s->z)
        return ST_OK;
    s->z = ZSTD_createCCtx();
    if (!s->z)
        return err_nomem(err);
    ZSTD_CCtx_setParameter(s->z, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(s->z, ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(s->z, ZSTD_c_dictIDFlag, 0);
    return ST_OK;
}

static enum st zstd_failed(size_t code, struct err *err)
{
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
        return err_nomem(err);
    return err_set(err, ST_INTERNAL, "zstd: %s", ZSTD_getErrorName(code));
}

/* Append the frame of in, but for its magic. */
static enum st put_frame(struct squeeze *s, const struct squeeze_dict *dict, struct str in,
                         struct buf *out, struct err *err)
{
    size_t bound = ZSTD_compressBound(in.n) + MAGIC;
    char *room = buf_room(out, bound);
    if (!room)
        return err_nomem(err);
    ZSTD_CCtx_refCDict(s->z, dict ? dict->pack : NULL);
    size_t n = ZSTD_compress2(s->z, room, bound, in.p, in.n);
    if (ZSTD_isError(n))
        return zstd_failed(n, err);
    memmove(room, room + MAGIC, n - MAGIC);
    out->n += n - MAGIC;
    return ST_OK;
}

static void put_head(int how, struct str plain, struct buf *out)
{
    uint32_t sum = (uint32_t)sum64_of(plain);
    buf_addc(out, (char)how);
    buf_varint(out, plain.n);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_addc(out, (char)(sum >> shift));
}

static void put_key(const struct squeeze_dict *dict, struct buf *out)
{
    buf_addc(out, (char)(squeeze_dict_key(dict) >> 8));
    buf_addc(out, (char)squeeze_dict_key(dict));
}

/* The dense form into s->dense; false when there is none or it would be longer. */
static enum st make_dense(struct squeeze *s, const struct squeeze_dict *dict, struct str plain,
                          bool *good, struct err *err)
{
    *good = false;
    if (!dict)
        return ST_OK;
    buf_reset(&s->dense);
    char *room = buf_room(&s->dense, plain.n);
    if (!room)
        return err_nomem(err);
    size_t n = dense_pack(dict->dense, plain, room);
    *good = n != SIZE_MAX;
    if (*good)
        s->dense.n = n;
    return ST_OK;
}

enum st squeeze_record(struct squeeze *s, const struct squeeze_dict *dict, struct str plain,
                       struct buf *out, struct err *err)
{
    if (plain.n > SQUEEZE_PLAIN_MAX)
        return err_set(err, ST_REJECTED, "the document is larger than %zu bytes",
                       SQUEEZE_PLAIN_MAX);
    bool dense;
    size_t start = out->n;
    enum st st = make_ready(s, err);
    if (st == ST_OK)
        st = make_dense(s, dict, plain, &dense, err);
    if (st != ST_OK)
        return st;
    put_head(dense ? DENSE : PACKED, plain, out);
    if (dense)
        put_key(dict, out);
    size_t head = out->n;
    st = put_frame(s, dense ? dict : NULL, dense ? buf_str(&s->dense) : plain, out, err);
    if (st == ST_OK && out->n - head >= plain.n) {
        out->n = start;
        put_head(PLAIN, plain, out);
        buf_adds(out, plain);
    }
    return st == ST_OK && !buf_ok(out) ? err_nomem(err) : st;
}

/* ---- unpacking ---- */

void unsqueeze_init(struct unsqueeze *u)
{
    *u = (struct unsqueeze){0};
    buf_init(&u->frame, SQUEEZE_ROOM);
    buf_init(&u->dense, SQUEEZE_PLAIN_MAX);
}

void unsqueeze_fini(struct unsqueeze *u)
{
    for (size_t i = 0; i < u->n; i++)
        squeeze_dict_drop(u->dict[i]);
    free(u->dict);
    ZSTD_freeDCtx(u->z);
    buf_fini(&u->frame);
    buf_fini(&u->dense);
    *u = (struct unsqueeze){0};
}

enum st unsqueeze_add(struct unsqueeze *u, struct squeeze_dict *dict, struct err *err)
{
    for (size_t i = 0; i < u->n; i++)
        if (u->dict[i]->sum == dict->sum)
            return ST_OK;
    struct squeeze_dict **more = reallocarray(u->dict, u->n + 1, sizeof(struct squeeze_dict *));
    if (!more)
        return err_nomem(err);
    u->dict = more;
    u->dict[u->n++] = squeeze_dict_share(dict);
    return ST_OK;
}

static enum st damaged(struct err *err)
{
    return err_set(err, ST_DAMAGED, "a stored document cannot be unpacked");
}

struct head {
    uint8_t how;
    uint16_t key; /* of the dictionary */
    uint32_t sum;
    size_t length; /* of the plain record */
};

/* A number off the front of *data, the highest byte first. */
static bool take_number(struct str *data, size_t bytes, uint32_t *out)
{
    *out = 0;
    if (data->n < bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        *out = *out << 8 | (unsigned char)data->p[i];
    *data = str_from(data->p + bytes, data->n - bytes);
    return true;
}

static bool take_head(struct str *data, struct head *h)
{
    uint32_t how, key = 0;
    uint64_t length;
    if (!take_number(data, 1, &how) || how > DENSE || !str_varint(data, &length) ||
        length > SQUEEZE_PLAIN_MAX || !take_number(data, 4, &h->sum))
        return false;
    if (how == DENSE && !take_number(data, 2, &key))
        return false;
    if (length >> EXPANSION_BITS > data->n)
        return false;
    h->how = (uint8_t)how;
    h->key = (uint16_t)key;
    h->length = (size_t)length;
    return true;
}

bool squeeze_data_key(struct str data, uint16_t *key)
{
    struct head h;
    if (!take_head(&data, &h) || h.how != DENSE)
        return false;
    *key = h.key;
    return true;
}

/* What the frame without its magic in u->frame holds, `most` bytes of it. */
static enum st open_frame(struct unsqueeze *u, const struct squeeze_dict *dict, char *out,
                          size_t most, size_t *n, struct err *err)
{
    if (!u->z)
        u->z = ZSTD_createDCtx();
    if (!u->z)
        return err_nomem(err);
    ZSTD_DCtx_refDDict(u->z, dict ? dict->unpack : NULL);
    *n = ZSTD_decompressDCtx(u->z, out, most, u->frame.p, u->frame.n);
    if (!ZSTD_isError(*n))
        return ST_OK;
    return ZSTD_getErrorCode(*n) == ZSTD_error_memory_allocation ? err_nomem(err) : damaged(err);
}

static enum st unpack_dense(struct unsqueeze *u, const struct squeeze_dict *dict,
                            const struct head *h, char *out, struct err *err)
{
    size_t n = 0;
    buf_reset(&u->dense);
    char *room = buf_room(&u->dense, h->length);
    if (!room)
        return err_nomem(err);
    enum st st = open_frame(u, dict, room, h->length, &n, err);
    if (st == ST_OK && !dense_unpack(dict->undense, str_from(room, n), out, h->length))
        st = damaged(err);
    return st;
}

static enum st check_sum(const struct head *h, const char *out, struct err *err)
{
    return (uint32_t)sum64_of(str_from(out, h->length)) == h->sum ? ST_OK : damaged(err);
}

/* Dictionaries with the same key are tried one after the other; the checksum tells the right one.
 */
static enum st try_dicts(struct unsqueeze *u, const struct head *h, char *out, struct err *err)
{
    enum st st = ST_DAMAGED;
    for (size_t i = 0; i < u->n && st == ST_DAMAGED; i++) {
        if (squeeze_dict_key(u->dict[i]) != h->key)
            continue;
        st = unpack_dense(u, u->dict[i], h, out, NULL);
        if (st == ST_OK)
            st = check_sum(h, out, NULL);
    }
    return st == ST_OK ? ST_OK : st == ST_DAMAGED ? damaged(err) : err_nomem(err);
}

static enum st unpack(struct unsqueeze *u, const struct head *h, struct str payload, char *out,
                      struct err *err)
{
    size_t n = 0;
    if (h->how == PLAIN) {
        if (payload.n != h->length)
            return damaged(err);
        memcpy(out, payload.p, payload.n);
        return check_sum(h, out, err);
    }
    buf_reset(&u->frame);
    buf_add(&u->frame, magic, MAGIC);
    buf_adds(&u->frame, payload);
    if (!buf_ok(&u->frame))
        return err_nomem(err);
    if (h->how == DENSE)
        return try_dicts(u, h, out, err);
    enum st st = open_frame(u, NULL, out, h->length, &n, err);
    if (st == ST_OK && n != h->length)
        st = damaged(err);
    return st == ST_OK ? check_sum(h, out, err) : st;
}

enum st unsqueeze_record(struct unsqueeze *u, struct str data, struct arena *a, struct str *plain,
                         struct err *err)
{
    struct head h;
    if (!take_head(&data, &h))
        return err_set(err, ST_DAMAGED, "the head of a stored document cannot be read");
    char *out = arena_alloc(a, h.length ? h.length : 1);
    if (!out)
        return err_nomem(err);
    enum st st = unpack(u, &h, data, out, err);
    *plain = str_from(out, h.length);
    return st;
}
