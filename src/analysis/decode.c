/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the bytes of a source are, and as UTF-8.
 *
 * A byte order mark says it, and valid UTF-8 is taken as it is. Only where it has no character of
 * three bytes, and letters of scripts that nobody here writes, is it doubted: 一些 in GB18030 is
 * the UTF-8 of a Cyrillic letter and a rare one. Whatever else is valid UTF-8 but for a few bytes
 * is damaged UTF-8: telling another encoding from damage by how many multi-byte characters are in
 * it keeps one broken byte from turning a whole bulletin into other characters. Bytes with hardly
 * any UTF-8 in them are decoded as GB18030 and as Big5. Nearly any bytes decode as one of them, so
 * the outcome is weighed: how much of what is not ASCII are the characters that texts are made of,
 * the few thousand most frequent ones and Chinese punctuation. The better one is believed if nearly
 * all of it is.
 */

#include "fold.h"
#include <errno.h>
#include <gongbao/analysis.h>
#include <gongbao/utf8.h>
#include <iconv.h>
#include <stdlib.h>

#define ORDINARY_MIN 900 /* thousandths */

static const struct {
    const char *name;  /* for people */
    const char *iconv; /* for iconv_open */
} encodings[] = {
    [AN_UTF8] = {"utf-8", "UTF-8"},          [AN_GB18030] = {"gb18030", "GB18030"},
    [AN_BIG5] = {"big5", "BIG5-HKSCS"},      [AN_UTF16LE] = {"utf-16le", "UTF-16LE"},
    [AN_UTF16BE] = {"utf-16be", "UTF-16BE"},
};

const char *an_encoding_name(enum an_encoding e)
{
    return (size_t)e < sizeof(encodings) / sizeof(encodings[0]) ? encodings[e].name : "?";
}

/* Decode all of raw but a mark at its front; ST_BAD_UTF8 with the place of the first byte that does
 * not fit. */
static enum st convert(struct str raw, size_t mark, enum an_encoding from, struct buf *out,
                       struct err *err)
{
    iconv_t cd = iconv_open("UTF-8", encodings[from].iconv);
    if (cd == (iconv_t)-1)
        return err_set(err, ST_INTERNAL, "this machine's iconv knows no %s", encodings[from].iconv);
    char *in = (char *)(uintptr_t)raw.p + mark; /* iconv does not write to it */
    size_t left = raw.n - mark;
    enum st st = ST_OK;
    while (left > 0 && st == ST_OK) {
        size_t room = left * 2 + 16;
        char *at = buf_room(out, room), *p = at;
        if (!at) {
            st = err_set(err, ST_REJECTED, "the text grows over the limit when it is decoded");
            break;
        }
        size_t r = iconv(cd, &in, &left, &p, &room);
        out->n += (size_t)(p - at);
        if (r == (size_t)-1 && errno != E2BIG)
            st = err_at(err, ST_BAD_UTF8, raw.n - left, "byte %zu is not %s", raw.n - left,
                        encodings[from].name);
    }
    iconv_close(cd);
    return st;
}

/* A byte order mark: its length. */
static size_t order_mark(struct str raw, enum an_encoding *e)
{
    if (str_starts(raw, STR("\xef\xbb\xbf"))) {
        *e = AN_UTF8;
        return 3;
    }
    if (str_starts(raw, STR("\xff\xfe"))) {
        *e = AN_UTF16LE;
        return 2;
    }
    if (str_starts(raw, STR("\xfe\xff"))) {
        *e = AN_UTF16BE;
        return 2;
    }
    return 0;
}

/* Whether there is clearly UTF-8 in raw: valid characters of three bytes or more, as Han has, more
 * than twice as many as wrong bytes. */
static bool mostly_utf8(struct str raw)
{
    const char *p = raw.p, *end = p + raw.n;
    size_t good = 0, bad = 0;
    while (p < end) {
        uint32_t cp;
        unsigned n = utf8_next(p, end, &cp);
        good += n >= 3;
        bad += n == 0;
        p += n ? n : 1;
    }
    return good > 2 * bad;
}

/* Characters that ordinary Chinese text is made of. */
static bool is_ordinary(uint32_t cp)
{
    if (entry_class(fold_entry(cp)) == CLASS_HAN)
        return fold_entry(cp) & FOLD_COMMON;
    return (cp >= 0x2010 && cp <= 0x2027) || (cp >= 0x3000 && cp <= 0x301f) ||
           (cp >= 0xff01 && cp <= 0xff5e) || cp == U'·';
}

/* The share of ordinary characters among those that are not ASCII, in thousandths. */
static unsigned ordinary(struct str text)
{
    const char *p = text.p, *end = p + text.n;
    size_t all = 0, good = 0;
    while (p < end) {
        uint32_t cp = 0;
        p += utf8_next(p, end, &cp);
        all += cp >= 0x80;
        good += cp >= 0x80 && is_ordinary(cp);
    }
    return all ? (unsigned)(good * 1000 / all) : 0;
}

/* Try both Chinese encodings. ST_BAD_UTF8 when neither is believed. */
static enum st convert_chinese(struct str raw, struct buf *out, enum an_encoding *found)
{
    static const enum an_encoding candidates[] = {AN_GB18030, AN_BIG5};
    const size_t from = out->n;
    unsigned best = 0;
    struct buf text;
    buf_init(&text, out->max);
    for (size_t i = 0; i < 2; i++) {
        buf_reset(&text);
        if (convert(raw, 0, candidates[i], &text, NULL) != ST_OK)
            continue;
        unsigned share = ordinary(buf_str(&text));
        if (share >= ORDINARY_MIN && share > best) {
            best = share;
            out->n = from;
            buf_adds(out, buf_str(&text));
            *found = candidates[i];
        }
    }
    buf_fini(&text);
    return best ? ST_OK : ST_BAD_UTF8;
}

/* Whether valid UTF-8 may be a short text in GB18030 by accident: all that is not ASCII is of two
 * bytes, and not all of that Latin, Greek or Cyrillic. */
static bool is_doubtful(struct str text)
{
    bool strange = false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= 0xe0)
            return false;
        strange |= c > 0xc5 && c != 0xce && c != 0xcf && c != 0xd0 && c != 0xd1;
    }
    return strange;
}

static enum st bad_utf8(struct str raw, size_t at, struct err *err)
{
    size_t offset = at + utf8_check(raw.p + at, raw.n - at);
    return err_at(err, ST_BAD_UTF8, offset,
                  "byte %zu is not UTF-8, nor is the text GB18030 or Big5", offset);
}

enum st an_decode(struct str raw, struct buf *out, enum an_encoding *found, struct err *err)
{
    const size_t from = out->n;
    *found = AN_UTF8;
    if (raw.n == 0)
        return ST_OK;
    size_t mark = order_mark(raw, found);
    struct str rest = str_from(raw.p + mark, raw.n - mark);
    enum st st;
    if (*found == AN_UTF16LE || *found == AN_UTF16BE) {
        st = convert(raw, mark, *found, out, err);
    } else if (utf8_check(rest.p, rest.n) == rest.n) {
        if (mark != 0 || !is_doubtful(rest) || convert_chinese(rest, out, found) != ST_OK)
            buf_adds(out, rest);
        st = ST_OK;
    } else if (mark != 0 || mostly_utf8(rest) || convert_chinese(rest, out, found) != ST_OK) {
        st = bad_utf8(raw, mark, err);
    } else {
        st = ST_OK;
    }
    if (st != ST_OK)
        out->n = from;
    else if (!buf_ok(out))
        st = err_set(err, ST_REJECTED, "the text is over the limit when it is decoded");
    return st;
}
