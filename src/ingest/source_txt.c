/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A text file: one bulletin.
 *
 * A first line of up to 60 characters is the title, and what follows is the body. A longer first
 * line belongs to the body, as in texts scraped without their heading; the title is then its
 * first clause: up to the first of ，。；！？ or their ASCII forms, and 60 characters at most. A
 * text of one short line is title and body at once.
 *
 * White space around the title and around the body is dropped, the ideographic space that indents
 * paragraphs among it at the title alone. Line breaks of other systems become line feeds. The id is
 * the path as given.
 */
#include "source.h"

#include <gongbao/utf8.h>

#define TITLE_CHARS 60

static bool is_blank(uint32_t c)
{
    return utf8_is_space(c) || c == 0xfeff; /* an order mark in the middle of a file */
}

static bool ends_clause(uint32_t c)
{
    switch (c) {
    case U'，':
    case U'。':
    case U'；':
    case U'！':
    case U'？':
    case ',':
    case '.':
    case ';':
    case '!':
    case '?':
        return true;
    default:
        return false;
    }
}

/* Without white space, the ideographic one too, in front and behind. */
static struct str trim_wide(struct str s)
{
    uint32_t c;
    unsigned k;
    while (s.n > 0 && (k = utf8_next(s.p, s.p + s.n, &c)) > 0 && is_blank(c))
        s = str_from(s.p + k, s.n - k);
    while (s.n > 0) {
        size_t last = utf8_floor(s.p, s.n, s.n - 1);
        if (utf8_next(s.p + last, s.p + s.n, &c) == 0 || !is_blank(c))
            break;
        s.n = last;
    }
    return s;
}

/* The first max characters of s, or up to the end of its first clause if that comes earlier. */
static struct str first_clause(struct str s, size_t max)
{
    const char *p = s.p, *end = s.p + s.n;
    uint32_t c;
    for (unsigned k; max > 0 && p < end && (k = utf8_next(p, end, &c)) > 0; max--, p += k)
        if (ends_clause(c))
            break;
    return str_from(s.p, (size_t)(p - s.p));
}

static bool longer_than(struct str s, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n <= max; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n > max;
}

void txt_document(struct str text, struct ix_doc *out)
{
    doc_init(out);
    struct str all = trim_wide(text), rest = all;
    struct str first = trim_wide(str_cut(&rest, '\n'));
    struct str body = str_trim(rest);
    if (longer_than(first, TITLE_CHARS)) {
        out->title = trim_wide(first_clause(first, TITLE_CHARS));
        out->body = all;
    } else {
        out->title = first;
        out->body = trim_wide(body).n > 0 ? body : first;
    }
}

/* CR LF and a lone CR become LF, in place. */
static void unify_breaks(struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        bool cr = b->p[i] == '\r';
        if (cr && i + 1 < b->n && b->p[i + 1] == '\n')
            i++;
        b->p[n++] = cr ? '\n' : b->p[i];
    }
    b->n = n;
}

enum st txt_next(struct source *s, struct record *out, struct err *err)
{
    struct str text;
    s->done = true;
    out->doc.id = str_of(s->item->path);
    enum st st = input_all(&s->input, &s->raw, err);
    if (st == ST_OK)
        st = source_decode(s, buf_str(&s->raw), &text, err);
    if (st != ST_OK)
        return st;
    struct buf *in = text.p == s->raw.p ? &s->raw : &s->text;
    unify_breaks(in);
    txt_document(buf_str(in), &out->doc);
    out->doc.id = str_of(s->item->path);
    out->kind = RECORD_DOCUMENT;
    return ST_OK;
}
