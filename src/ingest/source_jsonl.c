/* SPDX-License-Identifier: GPL-2.0-or-later */

/* JSON Lines: one bulletin a line, an object.
 *
 * The keys are a table: each row gives what its value must be and which field it fills. Keys that
 * are not in the table are kept, as they were written, in one object beside the document. A line is
 * decoded before it is parsed: scraped lines in GB18030 or Big5 occur among others in UTF-8, and a
 * line feed is never part of a character in either.
 *
 * Empty lines are skipped. What is wrong with a line concerns that line alone; only a file in
 * UTF-16, where lines cannot be found, is rejected as a whole.
 */
#include "source.h"

#include <gongbao/json.h>

enum want {
    WANT_STRING,  /* a string, or null for none */
    WANT_ID,      /* the same, or a number, taken as it is written */
    WANT_STRINGS, /* an array of strings, or null for none */
};

static const struct member {
    struct str key;
    enum want want;
    size_t field; /* of struct ix_doc: a struct str, or for arrays a pointer */
    size_t count; /* arrays: their number of items */
} members[] = {
    {{"id", 2}, WANT_ID, offsetof(struct ix_doc, id), 0},
    {{"title", 5}, WANT_STRING, offsetof(struct ix_doc, title), 0},
    {{"body", 4}, WANT_STRING, offsetof(struct ix_doc, body), 0},
    {{"date", 4}, WANT_STRING, offsetof(struct ix_doc, date), 0},
    {{"issuer", 6}, WANT_STRING, offsetof(struct ix_doc, issuer), 0},
    {{"url", 3}, WANT_STRING, offsetof(struct ix_doc, url), 0},
    {{"tags", 4}, WANT_STRINGS, offsetof(struct ix_doc, tags), offsetof(struct ix_doc, ntags)},
    {{"audience", 8},
     WANT_STRINGS,
     offsetof(struct ix_doc, audience),
     offsetof(struct ix_doc, naudience)},
};

#define MEMBERS (sizeof(members) / sizeof(*members))

static const struct member *member_of(struct str key)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (str_eq(members[i].key, key))
            return &members[i];
    return NULL;
}

static enum st take_string(const struct json *v, const struct member *m, struct ix_doc *doc,
                           struct err *err)
{
    struct str *field = (struct str *)((char *)doc + m->field);
    if (v->type == JSON_STRING || (v->type == JSON_NUMBER && m->want == WANT_ID))
        *field = v->text;
    else if (v->type != JSON_NULL)
        return err_set(err, ST_REJECTED, "\"" STR_FMT "\" is not a string", STR_ARG(m->key));
    return ST_OK;
}

static enum st take_strings(const struct json *v, const struct member *m, struct arena *a,
                            struct ix_doc *doc, struct err *err)
{
    const struct str **field = (const struct str **)((char *)doc + m->field);
    size_t *count = (size_t *)((char *)doc + m->count), n = 0;
    if (v->type == JSON_NULL)
        return ST_OK;
    if (v->type != JSON_ARRAY)
        return err_set(err, ST_REJECTED, "\"" STR_FMT "\" is not an array", STR_ARG(m->key));
    for (const struct json *e = v->child; e; e = e->next, n++)
        if (e->type != JSON_STRING)
            return err_set(err, ST_REJECTED, "\"" STR_FMT "\" holds something not a string",
                           STR_ARG(m->key));
    struct str *s = arena_calloc(a, n, sizeof(*s));
    if (!s)
        return err_nomem(err);
    *field = s;
    *count = n;
    for (const struct json *e = v->child; e; e = e->next)
        *s++ = e->text;
    return ST_OK;
}

/* The members that the table does not know, as an object in the order of the line. */
static enum st keep_others(const struct json *object, struct arena *a, struct ix_doc *doc,
                           struct err *err)
{
    struct buf b;
    bool any = false;
    buf_init(&b, object->raw.n * 6 + 2); /* a byte grows to six at most, escaped */
    buf_addc(&b, '{');
    for (const struct json *v = object->child; v; v = v->next) {
        if (member_of(v->key))
            continue;
        if (any)
            buf_addc(&b, ',');
        any = true;
        json_add_str(&b, v->key);
        buf_addc(&b, ':');
        buf_adds(&b, v->raw);
    }
    buf_addc(&b, '}');
    if (any)
        doc->extra = arena_str(a, buf_str(&b));
    bool ok = buf_ok(&b) && !a->failed;
    buf_fini(&b);
    return ok ? ST_OK : err_nomem(err);
}

static enum st take_members(const struct json *object, struct arena *a, struct ix_doc *out,
                            struct err *err)
{
    enum st st = ST_OK;
    bool others = false;
    for (const struct json *v = object->child; v && st == ST_OK; v = v->next) {
        const struct member *m = member_of(v->key);
        others = others || !m;
        if (m && m->want == WANT_STRINGS)
            st = take_strings(v, m, a, out, err);
        else if (m)
            st = take_string(v, m, out, err);
    }
    if (st == ST_OK && others)
        st = keep_others(object, a, out, err);
    return st;
}

enum st json_document(struct str line, struct arena *a, struct ix_doc *out, struct err *err)
{
    const struct json *object;
    doc_init(out);
    enum st st = json_parse_valid(line, a, &object, err);
    if (st == ST_REJECTED)
        return st;
    if (st == ST_OK && object->type != JSON_OBJECT)
        return err_set(err, ST_REJECTED, "not a JSON object");
    if (st == ST_OK)
        st = take_members(object, a, out, err);
    /* The arena is capped: a line of nothing but brackets is turned away, it does not end the
     * batch. */
    if (st == ST_NO_MEMORY && a->full)
        return err_set(err, ST_REJECTED, "the line holds too many values");
    return st;
}

/* The first line of a file tells whether it is UTF-16. */
static enum st check_first(struct source *s, struct str line, struct err *err)
{
    if (str_starts(line, STR("\xff\xfe")) || str_starts(line, STR("\xfe\xff"))) {
        s->done = true;
        return err_set(err, ST_REJECTED, "JSON Lines in UTF-16; convert the file to UTF-8");
    }
    if (str_starts(line, STR("\x1f\x8b")))
        s->done = true;
    return ST_OK;
}

enum st jsonl_next(struct source *s, struct record *out, struct err *err)
{
    struct str line, text;
    enum line_kind kind;
    do {
        out->line = s->lines.line + 1;
        enum st st = lines_next(&s->lines, &line, &kind, err);
        if (st != ST_OK || kind == LINE_END)
            return st;
        if (kind == LINE_TOO_LONG)
            return err_set(err, ST_REJECTED, "the line is over %ju bytes (ingest.line_max)",
                           (uintmax_t)s->line_max);
    } while (str_trim(line).n == 0);
    enum st st = s->started ? ST_OK : check_first(s, line, err);
    s->started = true;
    if (st == ST_OK)
        st = source_decode(s, line, &text, err);
    if (st == ST_OK)
        st = json_document(str_trim(text), &s->mem, &out->doc, err);
    if (st == ST_OK)
        out->kind = RECORD_DOCUMENT;
    return st;
}
