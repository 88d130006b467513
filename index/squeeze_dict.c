/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Making and reading dictionaries.
 *
 * A dictionary is made of records spread evenly over those that are given: their text in the form
 * of dense.h, one record behind the other, is what zstd may refer to. Other records among them are
 * packed with it for trial, and the frequencies that show go into the dictionary as well, so that
 * no record has to bring tables of its own: for a text of 1500 bytes these would be a tenth of what
 * it packs to. Choosing the text by what recurs most, as training does, saves a sixtieth more and
 * takes as long as packing thirty megabytes.
 *
 * Its bytes are one zstd frame of
 *
 *     count, characters       varint; two bytes each, the higher first, by rank
 *     dictionary              of zstd, to the end
 *
 * The length of the text is just above what makes zstd keep more of what it has seen, which is
 * worth a twentieth of the size; twice the text would give little more.
 */

#include "squeeze_dict.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <zdict.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    TEXT = 144 << 10,       /* bytes of dense text in a dictionary */
    OWN = 4 << 10,          /* bytes of zstd's own in it, at most */
    LEVEL = 3,              /* of zstd */
    BYTES_LEVEL = 6,        /* for the dictionary itself */
    RECORD_MOST = 16 << 10, /* bytes looked at of a record */
    RECORDS_MOST = 4 << 20, /* bytes of records that are looked at */
    TRIALS = 256,           /* records packed for trial */
    PLAIN_MOST = 2 * DENSE_MAX + 8 + TEXT + OWN
};

/* ---- life ---- */

static enum st new_dict(struct squeeze_dict **out, struct err *err)
{
    struct squeeze_dict *d = calloc(1, sizeof(*d));
    if (!d)
        return err_nomem(err);
    d->shares = 1;
    buf_init(&d->bytes, SIZE_MAX);
    *out = d;
    return ST_OK;
}

struct squeeze_dict *squeeze_dict_share(struct squeeze_dict *d)
{
    if (d)
        __atomic_add_fetch(&d->shares, 1, __ATOMIC_RELAXED);
    return d;
}

void squeeze_dict_drop(struct squeeze_dict *d)
{
    if (!d || __atomic_sub_fetch(&d->shares, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    buf_fini(&d->bytes);
    free(d->dense);
    free(d->undense);
    ZSTD_freeCDict(d->pack);
    ZSTD_freeDDict(d->unpack);
    free(d);
}

void squeeze_dict_name(const struct squeeze_dict *d, char out[SQUEEZE_DICT_NAME])
{
    snprintf(out, SQUEEZE_DICT_NAME, SQUEEZE_DICT_PREFIX "%016" PRIx64, d->sum);
}

/* ---- making ---- */

/* Text for a dictionary, and the records that are packed for trial. */
struct sample {
    struct buf text, trial;
    size_t trial_n[TRIALS], trials;
};

static void sample_init(struct sample *s)
{
    s->trials = 0;
    buf_init(&s->text, TEXT);
    buf_init(&s->trial, SIZE_MAX);
}

static void sample_fini(struct sample *s)
{
    buf_fini(&s->text);
    buf_fini(&s->trial);
}

/* Append a record, or as much as there is room for, in its dense form; how many bytes that was. */
static size_t add_dense(const struct dense *d, struct str record, struct buf *out)
{
    size_t left = out->max - out->n;
    if (record.n > RECORD_MOST)
        record.n = RECORD_MOST;
    if (record.n > left)
        record.n = left;
    char *room = buf_room(out, record.n);
    size_t n = room ? dense_pack(d, record, room) : SIZE_MAX;
    if (n == SIZE_MAX)
        return 0;
    out->n += n;
    return n;
}

/* Every stride-th record gives its text, and those halfway between are for trial; all of them are
 * both when the stride is 1. */
static enum st fill_sample(struct sample *s, const struct dense *d, const struct str *record,
                           size_t n, size_t stride, struct err *err)
{
    for (size_t i = 0; i < n && s->text.n < TEXT; i += stride)
        add_dense(d, record[i], &s->text);
    for (size_t i = stride / 2; i < n && s->trials < TRIALS; i += stride) {
        size_t size = add_dense(d, record[i], &s->trial);
        if (size > 0)
            s->trial_n[s->trials++] = size;
    }
    return buf_ok(&s->text) && buf_ok(&s->trial) ? ST_OK : err_nomem(err);
}

/* zstd's dictionary of a sample, appended to out; nothing when zstd finds none to be made, as of
 * noise, or of one text over and over. */
static enum st finalize(const struct sample *s, struct buf *out, struct err *err)
{
    const ZDICT_params_t how = {.compressionLevel = LEVEL};
    char *room = buf_room(out, TEXT + OWN);
    if (!room)
        return err_nomem(err);
    size_t n = ZDICT_finalizeDictionary(room, s->text.n + OWN, s->text.p, s->text.n, s->trial.p,
                                        s->trial_n, (unsigned)s->trials, how);
    if (!ZDICT_isError(n))
        out->n += n;
    else if (ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation)
        return err_nomem(err);
    return ST_OK;
}

static void put_characters(const struct dense *d, struct buf *out)
{
    buf_varint(out, d->n);
    for (size_t i = 0; i < d->n; i++) {
        buf_addc(out, (char)(d->character[i] >> 8));
        buf_addc(out, (char)d->character[i]);
    }
}

/* The plain bytes of a dictionary into out; where zstd's own dictionary begins there. */
static enum st make_plain(const struct dense *d, const struct str *record, size_t n, size_t stride,
                          struct buf *out, size_t *zstd, struct err *err)
{
    struct sample s;
    sample_init(&s);
    put_characters(d, out);
    *zstd = out->n;
    enum st st = fill_sample(&s, d, record, n, stride, err);
    if (st == ST_OK && s.text.n > 0 && s.trials > 0)
        st = finalize(&s, out, err);
    sample_fini(&s);
    return st;
}

/* The frame around the plain bytes, and their sum. */
static enum st close_dict(struct squeeze_dict *d, struct str plain, struct err *err)
{
    size_t bound = ZSTD_compressBound(plain.n);
    char *room = buf_room(&d->bytes, bound);
    if (!room)
        return err_nomem(err);
    size_t n = ZSTD_compress(room, bound, plain.p, plain.n, BYTES_LEVEL);
    if (ZSTD_isError(n))
        return err_nomem(err);
    d->bytes.n = n;
    d->sum = sum64_of(buf_str(&d->bytes));
    return ST_OK;
}

/* d->pack stays NULL when there is none to be made. */
static enum st make(struct squeeze_dict *d, const struct str *record, size_t n, size_t stride,
                    struct err *err)
{
    struct buf plain;
    size_t zstd = 0;
    buf_init(&plain, SIZE_MAX);
    d->dense = malloc(sizeof(*d->dense));
    enum st st = d->dense ? dense_rank(d->dense, record, n, RECORD_MOST, err) : err_nomem(err);
    if (st == ST_OK)
        st = make_plain(d->dense, record, n, stride, &plain, &zstd, err);
    bool made = plain.n > zstd;
    if (st == ST_OK && made)
        st = close_dict(d, buf_str(&plain), err);
    if (st == ST_OK && made) {
        d->pack = ZSTD_createCDict(plain.p + zstd, plain.n - zstd, LEVEL);
        st = d->pack ? ST_OK : err_nomem(err);
    }
    buf_fini(&plain);
    return st;
}

enum st squeeze_dict_make(const struct str *record, size_t n, struct squeeze_dict **out,
                          struct err *err)
{
    size_t bytes = 0, some = 0;
    *out = NULL;
    for (; some < n && bytes < RECORDS_MOST; some++)
        bytes += record[some].n < RECORD_MOST ? record[some].n : RECORD_MOST;
    if (bytes < SQUEEZE_DICT_MIN)
        return ST_OK;
    struct squeeze_dict *d = NULL;
    enum st st = new_dict(&d, err);
    if (st != ST_OK)
        return st;
    size_t stride = bytes / (TEXT * 9 / 4) + 1;
    st = make(d, record, some, stride, err);
    if (st == ST_OK && d->pack)
        *out = d;
    else
        squeeze_dict_drop(d);
    return st;
}

/* ---- reading ---- */

static enum st damaged(struct str name, struct err *err)
{
    return err_set(err, ST_DAMAGED, "the dictionary " STR_FMT " cannot be read", STR_ARG(name));
}

/* The characters off the front of the plain bytes. */
static bool take_characters(struct str *plain, uint16_t character[DENSE_MAX], size_t *n)
{
    uint64_t count;
    if (!str_varint(plain, &count) || count > DENSE_MAX || plain->n < 2 * count)
        return false;
    const unsigned char *p = (const unsigned char *)plain->p;
    for (size_t i = 0; i < count; i++)
        character[i] = (uint16_t)(p[2 * i] << 8 | p[2 * i + 1]);
    *n = (size_t)count;
    *plain = str_from(plain->p + 2 * count, plain->n - 2 * (size_t)count);
    return true;
}

static enum st read_for_unpacking(struct squeeze_dict *d, const uint16_t *character, size_t n,
                                  struct str zstd, struct str name, struct err *err)
{
    d->undense = malloc(sizeof(*d->undense));
    d->unpack = ZSTD_createDDict(zstd.p, zstd.n);
    if (!d->undense || !d->unpack)
        return err_nomem(err);
    return undense_set(d->undense, character, n) ? ST_OK : damaged(name, err);
}

static enum st read_for_packing(struct squeeze_dict *d, const uint16_t *character, size_t n,
                                struct str zstd, struct str name, struct err *err)
{
    d->dense = malloc(sizeof(*d->dense));
    d->pack = ZSTD_createCDict(zstd.p, zstd.n, LEVEL);
    if (!d->dense || !d->pack)
        return err_nomem(err);
    return dense_set(d->dense, character, n) ? ST_OK : damaged(name, err);
}

static enum st read_plain(struct squeeze_dict *d, struct str plain, struct str name,
                          enum squeeze_use use, struct err *err)
{
    uint16_t character[DENSE_MAX];
    size_t n = 0;
    if (!take_characters(&plain, character, &n) || ZDICT_getDictID(plain.p, plain.n) == 0)
        return damaged(name, err);
    return use == SQUEEZE_PACK ? read_for_packing(d, character, n, plain, name, err)
                               : read_for_unpacking(d, character, n, plain, name, err);
}

static enum st read_bytes(struct squeeze_dict *d, struct str name, struct str bytes,
                          enum squeeze_use use, struct err *err)
{
    char mine[SQUEEZE_DICT_NAME];
    d->sum = sum64_of(bytes);
    squeeze_dict_name(d, mine);
    if (!str_eq(name, str_of(mine)))
        return damaged(name, err);
    char *plain = malloc(PLAIN_MOST);
    if (!plain)
        return err_nomem(err);
    size_t n = ZSTD_decompress(plain, PLAIN_MOST, bytes.p, bytes.n);
    enum st st =
        ZSTD_isError(n) ? damaged(name, err) : read_plain(d, str_from(plain, n), name, use, err);
    free(plain);
    if (st == ST_OK && use == SQUEEZE_PACK) {
        buf_adds(&d->bytes, bytes);
        st = buf_ok(&d->bytes) ? ST_OK : err_nomem(err);
    }
    return st;
}

enum st squeeze_dict_read(struct str name, struct str bytes, enum squeeze_use use,
                          struct squeeze_dict **out, struct err *err)
{
    *out = NULL;
    enum st st = new_dict(out, err);
    if (st != ST_OK)
        return st;
    st = read_bytes(*out, name, bytes, use, err);
    if (st != ST_OK) {
        squeeze_dict_drop(*out);
        *out = NULL;
    }
    return st;
}
