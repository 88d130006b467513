/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any bytes as stored text; the first byte says as what.
 *
 * As document data, and as the dictionary of a document, they are refused or read, and the answer
 * is the same the second time. As a record they come back from data, with a dictionary and
 * without, and with a bit of the data flipped the record comes back or nothing does. As dense text
 * they unpack or do not, and what was unpacked comes back.
 */

#include "../unit/stored_text.h"
#include "proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_MAX ((size_t)1 << 26) /* damaged lengths may ask for much */

struct bench {
    struct notices notices;
    struct squeeze_dict *dict;
    struct squeeze squeeze;
    struct unsqueeze unsqueeze;
    struct buf data;
    struct arena arena, other;
};

static struct bench *bench(void)
{
    static struct bench b;
    if (b.dict)
        return &b;
    make_notices(&b.notices, NOTICES, 6, 0);
    PROVE(NULL, squeeze_dict_make(b.notices.record, NOTICES, &b.dict, NULL) == ST_OK && b.dict);
    squeeze_init(&b.squeeze);
    unsqueeze_init(&b.unsqueeze);
    struct squeeze_dict *reading = reading_dict(b.dict);
    PROVE(NULL, reading && unsqueeze_add(&b.unsqueeze, reading, NULL) == ST_OK);
    squeeze_dict_drop(reading);
    buf_init(&b.data, SIZE_MAX);
    arena_init(&b.arena, ARENA_MAX);
    arena_init(&b.other, ARENA_MAX);
    return &b;
}

static enum st unpack(struct bench *b, struct str data, struct arena *a, struct str *plain)
{
    struct err err = ERR_INIT;
    arena_reset(a);
    enum st st = unsqueeze_record(&b->unsqueeze, data, a, plain, &err);
    PROVE(NULL, st == ST_OK || st == ST_DAMAGED || st == ST_NO_MEMORY);
    PROVE(NULL, (st == ST_OK) == (err.text[0] == '\0'));
    return st;
}

static void prove_data(struct bench *b, struct str data)
{
    struct str plain, again;
    if (unpack(b, data, &b->arena, &plain) == ST_OK)
        PROVE(NULL, unpack(b, data, &b->other, &again) == ST_OK && str_eq(plain, again));
}

static void prove_record(struct bench *b, struct str record, unsigned choice)
{
    struct str plain;
    size_t bit = choice >> 1;
    buf_reset(&b->data);
    PROVE(NULL, squeeze_record(&b->squeeze, choice & 1 ? b->dict : NULL, record, &b->data, NULL) ==
                    ST_OK);
    PROVE(NULL, b->data.n <= record.n + 12);
    PROVE(NULL, unpack(b, buf_str(&b->data), &b->arena, &plain) == ST_OK && str_eq(plain, record));
    bit %= 8 * b->data.n;
    b->data.p[bit / 8] ^= (char)(1 << bit % 8);
    if (unpack(b, buf_str(&b->data), &b->arena, &plain) == ST_OK)
        PROVE(NULL, str_eq(plain, record));
}

/* The name is made to fit, so that the bytes are looked into. */
static void prove_dict(struct str bytes)
{
    struct squeeze_dict named = {.sum = sum64_of(bytes)}, *d;
    char name[SQUEEZE_DICT_NAME];
    squeeze_dict_name(&named, name);
    for (int use = SQUEEZE_UNPACK; use <= SQUEEZE_PACK; use++) {
        enum st st = squeeze_dict_read(str_of(name), bytes, (enum squeeze_use)use, &d, NULL);
        PROVE(NULL, (st == ST_OK) == (d != NULL));
        squeeze_dict_drop(d);
    }
}

/* Three bytes at most come of one. */
static void prove_dense(struct bench *b, struct str packed)
{
    size_t n = 3 * packed.n;
    arena_reset(&b->arena);
    char *text = arena_alloc(&b->arena, n + 1), *back = arena_alloc(&b->arena, n + 1);
    PROVE(NULL, text && back);
    const struct squeeze_dict *d = b->unsqueeze.dict[0];
    while (n > 0 && !dense_unpack(d->undense, packed, text, n))
        n--;
    size_t m = dense_pack(b->dict->dense, str_from(text, n), back);
    if (m != SIZE_MAX)
        PROVE(NULL, m <= n && dense_unpack(d->undense, str_from(back, m), text, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct bench *b = bench();
    struct str rest = str_from((const char *)data + 3, size - 3);
    switch (data[0] % 4) {
    case 0:
        prove_data(b, rest);
        break;
    case 1:
        prove_record(b, rest, (unsigned)(data[1] << 8 | data[2]));
        break;
    case 2:
        prove_dict(rest);
        break;
    default:
        prove_dense(b, rest);
    }
    return 0;
}
