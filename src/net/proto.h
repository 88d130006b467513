/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_PROTO_H
#define NET_PROTO_H

#include <gongbao/err.h>
#include <gongbao/str.h>

#define PROTO_OPTIONS 24 /* options on one line */
#define PROTO_TAG_MAX 64 /* bytes of a tag, without the @ */

struct proto_option {
    struct str key, value;
};

/* A request line taken apart. Every field is a slice of the line. */
struct proto_line {
    struct str tag;  /* without the @; empty: none */
    struct str verb; /* as typed; empty: a greeting is asked for */
    bool bare;       /* the line is a query without a verb; verb is then empty too */
    struct proto_option option[PROTO_OPTIONS];
    size_t noption;
    struct str text;
};

/* Whether the start of what a peer sent shows that it speaks TLS. */
bool proto_is_tls(struct str bytes);

/* Take a line apart (without its LF; a CR at the end is dropped). What could be read before an
 * error, and behind it, is in *out, so that the answer can carry the tag and the format asked for.
 * ST_WRONG_SPEECH for HTTP; ST_BAD_UTF8 and ST_BAD_VALUE (a NUL byte) with the offset in the
 * line; ST_BAD_VALUE for a malformed tag or too many options. */
enum st proto_parse(struct str line, struct proto_line *out, struct err *err);

#endif
