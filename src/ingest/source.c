/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A source as a sequence of records.
 *
 * What the formats share is here: opening an item, decoding bytes of an unknown encoding, and
 * turning trouble with one document into a rejected record, so that a caller sees three things
 * only: a document, a document that was rejected and why, the end. A failure of the machine (a disk
 * that cannot be read, a signal to stop, no memory) is returned as a status instead.
 *
 * One record is in memory at a time: its text in `text` or in the buffer of `lines`, the rest in
 * an arena that is reset for each.
 */
#include "source.h"

#include <gongbao/utf8.h>

/* A line of n bytes can hold n/2 values, each of which takes a tree node. The tree is held to a
 * multiple of the line limit; ordinary documents need a few kilobytes. */
#define TREE_FACTOR 2

enum st source_open(struct source *s, const struct item *it, uint64_t line_max,
                    const atomic_bool *stop, struct err *err)
{
    int fd;
    *s = (struct source){.item = it, .line_max = line_max};
    enum st st = item_open(it, &fd, err);
    if (st == ST_OK)
        st = input_open(&s->input, fd, it->gzip, it->path, stop, err);
    if (st != ST_OK)
        return st;
    lines_init(&s->lines, &s->input, line_max);
    buf_init(&s->raw, (size_t)line_max);
    /* Any encoding that is understood grows to at most three bytes for each two. */
    buf_init(&s->text, (size_t)line_max * 2);
    arena_init(&s->mem, (size_t)line_max * TREE_FACTOR + (1u << 20));
    return ST_OK;
}

void source_close(struct source *s)
{
    arena_fini(&s->mem);
    buf_fini(&s->text);
    buf_fini(&s->raw);
    lines_fini(&s->lines);
    input_close(&s->input);
}

void doc_init(struct ix_doc *doc)
{
    static const struct str everybody = {"public", 6};
    *doc = (struct ix_doc){.audience = &everybody, .naudience = 1};
}

enum st source_decode(struct source *s, struct str raw, struct str *out, struct err *err)
{
    enum an_encoding found;
    if (raw.n >= 2 && memcmp(raw.p, "\x1f\x8b", 2) == 0)
        return err_set(err, ST_REJECTED, "gzipped data where text is expected");
    bool mark = str_starts(raw, STR("\xef\xbb\xbf"));
    if (!mark && utf8_check(raw.p, raw.n) == raw.n) {
        *out = raw;
        return ST_OK;
    }
    buf_reset(&s->text);
    enum st st = an_decode(raw, &s->text, &found, err);
    if (st != ST_OK)
        return st == ST_BAD_UTF8 ? ST_REJECTED : st;
    *out = buf_str(&s->text);
    s->converted[found] += found != AN_UTF8;
    return ST_OK;
}

enum st source_next(struct source *s, struct record *out, struct err *err)
{
    *out = (struct record){.kind = RECORD_END, .why = ERR_INIT};
    doc_init(&out->doc);
    if (s->done)
        return ST_OK;
    arena_reset(&s->mem);
    enum st st =
        s->item->format == FORMAT_TXT ? txt_next(s, out, &out->why) : jsonl_next(s, out, &out->why);
    if (st == ST_REJECTED) {
        out->kind = RECORD_REJECTED;
        out->why.st = ST_REJECTED;
        return ST_OK;
    }
    if (st != ST_OK && err)
        *err = out->why;
    s->done = s->done || st != ST_OK || out->kind == RECORD_END;
    return st;
}
