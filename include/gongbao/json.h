/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_JSON_H
#define GONGBAO_JSON_H

/* JSON (RFC 8259), strictly: one value, valid UTF-8, no lone surrogates, no duplicate keys in one
 * object, no trailing rubbish. Strings without escapes are slices of the input, so the input must
 * outlive the tree; the rest lives in the arena. */

#include <gongbao/arena.h>
#include <gongbao/buf.h>
#include <gongbao/err.h>

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

#define JSON_MAX_DEPTH 64

struct json {
    enum json_type type;
    struct str key;           /* member name when the parent is an object */
    struct str text;          /* string: unescaped; number: as written */
    struct str raw;           /* the value as it stands in the input */
    const struct json *child; /* first member or element */
    const struct json *next;  /* sibling */
};

/* Parse all of text. ST_REJECTED with the byte offset of what is wrong, or ST_NO_MEMORY. */
enum st json_parse(struct str text, struct arena *a, const struct json **out, struct err *err);

/* The same, of a text that is known to be valid UTF-8. */
enum st json_parse_valid(struct str text, struct arena *a, const struct json **out,
                         struct err *err);

/* The member of an object, or NULL. */
const struct json *json_get(const struct json *object, struct str key);

/* Append s as a JSON string with its quotes. Control characters, DEL, C1 controls, U+2028, U+2029
 * and bidi controls are escaped, so the result is always one harmless line. s is valid UTF-8;
 * an invalid byte becomes \ufffd. */
void json_add_str(struct buf *b, struct str s);

/* Append "key": (with the colon), preceded by a comma unless b ends with '{' or '['. */
void json_add_key(struct buf *b, const char *key);

/* Append a key with a text, or with a number. */
void json_add_text(struct buf *b, const char *key, struct str text);
void json_add_count(struct buf *b, const char *key, uint64_t n);

/* Append a number so that it reads back as the same decimal: at most 6 significant digits for a
 * score, no exponent, never "nan". */
void json_add_real(struct buf *b, double v);

#endif
