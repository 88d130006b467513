/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Replies as bytes: the grammar that every reply shares, in its text and its JSON form.
 *
 * A reply is a first line of named values and, for some, rows of named cells. The two forms are
 * written by the same calls, so that they cannot drift apart: in text the names of cells fall
 * away and their order counts, in JSON every row is an object. What particular replies hold is in
 * reply_search.c, command.c and slot.c.
 *
 * Text that comes from documents or from the client is escaped on its way out, in one place for
 * each form (reply_escape and json_add_str): nothing that a terminal takes for a command passes.
 */
#include "reply.h"

#include <gongbao/json.h>
#include <gongbao/utf8.h>

static void escape_char(struct buf *b, uint32_t cp)
{
    if (cp == '\t')
        buf_addz(b, "\\t");
    else if (cp == '\n')
        buf_addz(b, "\\n");
    else if (cp < 0x80)
        buf_addf(b, "\\x%02x", (unsigned)cp);
    else
        buf_addf(b, "\\u%04x", (unsigned)cp);
}

void reply_escape(struct buf *b, struct str v)
{
    const char *p = v.p, *end = v.p + v.n;
    while (p < end) {
        uint32_t cp = 0;
        unsigned len = utf8_next(p, end, &cp);
        if (len == 0)
            buf_addf(b, "\\x%02x", (unsigned)(unsigned char)*p);
        else if (cp == '\\')
            buf_addz(b, "\\\\");
        else if (utf8_is_control(cp))
            escape_char(b, cp);
        else
            buf_add(b, p, len);
        p += len ? len : 1;
    }
}

void reply_marked(struct buf *b, const struct snip *s)
{
    size_t at = 0;
    for (size_t i = 0; i < s->nmark; i++) {
        const struct snip_mark *m = &s->mark[i];
        reply_escape(b, str_from(s->text.p + at, m->offset - at));
        buf_addc(b, '[');
        reply_escape(b, str_from(s->text.p + m->offset, m->length));
        buf_addc(b, ']');
        at = m->offset + (size_t)m->length;
    }
    reply_escape(b, str_from(s->text.p + at, s->text.n - at));
}

void reply_highlights(struct buf *b, const char *field, const struct snip *s, bool *any)
{
    for (size_t i = 0; i < s->nmark; i++) {
        buf_addf(b, "%s{\"field\":\"%s\",\"offset\":%u,\"length\":%u}", *any ? "," : "", field,
                 s->mark[i].offset, s->mark[i].length);
        *any = true;
    }
}

static void add_tag(struct buf *b, enum reply_fmt fmt, struct str tag)
{
    if (tag.n == 0)
        return;
    if (fmt == REPLY_JSON) {
        json_add_key(b, "tag");
        json_add_str(b, tag);
    } else {
        buf_addf(b, "@" STR_FMT " ", STR_ARG(tag));
    }
}

void reply_begin(struct reply *r, int code, const char *name)
{
    r->code = code;
    r->any_row = false;
    r->begun = r->out->n;
    if (r->fmt == REPLY_JSON)
        buf_addf(r->out, "{\"code\":%d,\"name\":\"%s\"", code, name);
    else
        buf_addf(r->out, "%d ", code);
    r->tag_at = r->out->n - r->begun;
    add_tag(r->out, r->fmt, r->tag);
    if (r->fmt == REPLY_TEXT)
        buf_addz(r->out, name);
    reply_mark(r);
}

void reply_mark(struct reply *r)
{
    r->mark_at = r->out->n - r->begun;
}

void reply_finish(struct buf *out, enum reply_fmt fmt, const struct answer *a, struct str tag,
                  bool cached)
{
    const char *p = a->bytes.p;
    buf_add(out, p, a->tag_at);
    add_tag(out, fmt, tag);
    buf_add(out, p + a->tag_at, a->mark_at - a->tag_at);
    if (cached)
        buf_addz(out, fmt == REPLY_JSON ? ",\"cached\":true" : " cached=1");
    buf_add(out, p + a->mark_at, a->bytes.n - a->mark_at);
}

static void add_key(struct reply *r, const char *key)
{
    if (r->fmt == REPLY_JSON) {
        json_add_key(r->out, key);
        return;
    }
    buf_addc(r->out, ' ');
    buf_addz(r->out, key);
    buf_addc(r->out, '=');
}

void reply_num(struct reply *r, const char *key, uint64_t v)
{
    add_key(r, key);
    buf_addu(r->out, v);
}

void reply_real(struct reply *r, const char *key, double v)
{
    add_key(r, key);
    json_add_real(r->out, v);
}

void reply_ms(struct reply *r, double ms)
{
    reply_real(r, "ms", (double)(uint64_t)(ms * 100 + 0.5) / 100);
}

void reply_flag(struct reply *r, const char *key, bool v)
{
    add_key(r, key);
    if (r->fmt == REPLY_JSON)
        buf_addz(r->out, v ? "true" : "false");
    else
        buf_addc(r->out, v ? '1' : '0');
}

void reply_str(struct reply *r, const char *key, struct str v)
{
    add_key(r, key);
    if (r->fmt == REPLY_JSON)
        json_add_str(r->out, v);
    else
        reply_escape(r->out, v);
}

void reply_end(struct reply *r)
{
    buf_addz(r->out, r->fmt == REPLY_JSON ? "}\n" : "\n");
}

void reply_rows_begin(struct reply *r, const char *key)
{
    if (r->fmt == REPLY_JSON) {
        json_add_key(r->out, key);
        buf_addc(r->out, '[');
    } else {
        buf_addc(r->out, '\n');
    }
}

void reply_row_begin(struct reply *r)
{
    if (r->fmt == REPLY_JSON)
        buf_addz(r->out, r->any_row ? ",{" : "{");
    r->any_row = true;
    r->row_open = true;
}

/* What stands before a cell. */
static void add_cell(struct reply *r, const char *key)
{
    if (r->fmt == REPLY_JSON)
        json_add_key(r->out, key);
    else if (!r->row_open)
        buf_addc(r->out, '\t');
}

void reply_cell(struct reply *r, const char *key, struct str v)
{
    add_cell(r, key);
    if (r->fmt == REPLY_JSON) {
        json_add_str(r->out, v);
    } else {
        if (r->row_open && v.n > 0 && v.p[0] == '.')
            buf_addc(r->out, '.');
        reply_escape(r->out, v);
    }
    r->row_open = false;
}

void reply_cell_num(struct reply *r, const char *key, uint64_t v)
{
    add_cell(r, key);
    buf_addu(r->out, v);
    r->row_open = false;
}

void reply_cell_real(struct reply *r, const char *key, double v)
{
    add_cell(r, key);
    json_add_real(r->out, v);
    r->row_open = false;
}

void reply_row_end(struct reply *r)
{
    buf_addc(r->out, r->fmt == REPLY_JSON ? '}' : '\n');
}

void reply_rows_end(struct reply *r)
{
    buf_addz(r->out, r->fmt == REPLY_JSON ? "]}\n" : ".\n");
}

void reply_error(struct reply *r, const struct err *err, const char *usage, uint64_t retry_ms)
{
    const struct st_info *info = st_info(err->st);
    struct str message = str_of(err->text[0] ? err->text : info->text);

    reply_begin(r, info->code, info->word);
    if (err->offset >= 0)
        reply_num(r, "offset", (uint64_t)err->offset);
    if (retry_ms > 0)
        reply_num(r, "retry_ms", retry_ms);
    reply_str(r, "message", message);
    if (usage && r->fmt == REPLY_JSON) {
        reply_str(r, "usage", str_of(usage));
    } else if (usage) {
        buf_addz(r->out, "; usage: ");
        reply_escape(r->out, str_of(usage));
    }
    reply_end(r);
}
