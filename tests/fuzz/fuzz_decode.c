/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any bytes through the decoder.
 *
 * What comes out is UTF-8 and stands behind what was in the buffer; a refusal names a place in the
 * bytes and leaves the buffer alone; what was decoded, with the mark of UTF-8 before it, decodes to
 * itself (without the mark a short one may look like GB18030). A buffer that is too small is a
 * refusal too.
 */

#include "proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BEFORE "那"
#define MARK   "\xef\xbb\xbf"

static enum st decode(struct str raw, size_t max, struct buf *out)
{
    struct err err = ERR_INIT;
    enum an_encoding found = AN_UTF8;
    buf_init(out, max);
    buf_addz(out, BEFORE);
    enum st st = an_decode(raw, out, &found, &err);
    PROVE(NULL, out->n >= strlen(BEFORE) && memcmp(out->p, BEFORE, strlen(BEFORE)) == 0);
    PROVE(NULL, strcmp(an_encoding_name(found), "?") != 0);
    if (st == ST_OK)
        PROVE(NULL, utf8_check(out->p, out->n) == out->n);
    else
        PROVE(NULL, out->n == strlen(BEFORE) && err.st == st && err.text[0]);
    if (st == ST_BAD_UTF8)
        PROVE(NULL, err.offset >= 0 && (size_t)err.offset < raw.n);
    else
        PROVE(NULL, st == ST_OK || st == ST_REJECTED);
    return st;
}

/* out is what was decoded, behind BEFORE. */
static void prove_stays(const struct buf *out)
{
    struct buf marked, again;
    buf_init(&marked, 1 << 20);
    buf_addz(&marked, MARK);
    buf_add(&marked, out->p + strlen(BEFORE), out->n - strlen(BEFORE));
    PROVE(NULL, decode(buf_str(&marked), 1 << 20, &again) == ST_OK);
    PROVE(NULL, str_eq(buf_str(&again), buf_str(out)));
    buf_fini(&again);
    buf_fini(&marked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str raw = str_from((const char *)data, size);
    struct buf out, again;
    if (decode(raw, 1 << 20, &out) == ST_OK)
        prove_stays(&out);
    PROVE(NULL, size < 64 || decode(raw, strlen(BEFORE) + 8, &again) != ST_OK);
    if (size >= 64)
        buf_fini(&again);
    buf_fini(&out);
    return 0;
}
