/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A request line taken apart: bytes in, slices out, no input or output.
 *
 *     line   = ["@" tag SP] (bare | request)
 *     bare   = byte >= 0x80 and the rest, or "?" and the rest: a query
 *     request = verb *(SP option) [SP "--"] [SP text]
 *     option = key "=" value            key: a letter, then letters, digits, "_", "." or "-"
 *     value  = bytes without a space, or '"' bytes '"' up to the first '"' before a space or the
 * end
 *
 * The first word that has not the shape of an option begins the text, which is the rest of the
 * line as it is; behind a lone "--" the text begins after one space. Which verbs and options there
 * are is the business of the command table. Nothing is ever read past the end of the line.
 */
#include "proto.h"

#include <gongbao/utf8.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct str skip_spaces(struct str s)
{
    while (s.n > 0 && s.p[0] == ' ') {
        s.p++;
        s.n--;
    }
    return s;
}

/* Cut the next word, up to a space or the end, off the front of *rest. */
static struct str cut_word(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != ' ')
        n++;
    struct str word = {rest->p, n};
    rest->p += n;
    rest->n -= n;
    return word;
}

/* The place of the '=' when word has the shape of an option, else 0. */
static size_t option_equals(struct str word)
{
    if (word.n == 0 || !is_letter(word.p[0]))
        return 0;
    for (size_t i = 1; i < word.n; i++) {
        char c = word.p[i];
        if (c == '=')
            return i;
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '.' && c != '-')
            return 0;
    }
    return 0;
}

bool proto_is_tls(struct str bytes)
{
    return bytes.n >= 2 && bytes.p[0] == 0x16 && bytes.p[1] == 0x03;
}

/* "… HTTP/1.x" or "Host: …". Only lines that begin with a letter: a bare query may say so. */
static bool is_http(struct str line)
{
    struct str version = STR(" HTTP/");
    struct str host = STR("Host:");

    if (line.n == 0 || !is_letter(line.p[0]))
        return false;
    if (line.n >= host.n && str_eq_nocase(str_from(line.p, host.n), host))
        return true;
    if (line.n < version.n + 3)
        return false;
    const char *tail = line.p + line.n - 3;
    return is_digit(tail[0]) && tail[1] == '.' && is_digit(tail[2]) &&
           str_ends(str_from(line.p, line.n - 3), version);
}

static bool tag_ok(struct str tag)
{
    if (tag.n == 0 || tag.n > PROTO_TAG_MAX)
        return false;
    for (size_t i = 0; i < tag.n; i++)
        if (tag.p[i] <= ' ' || tag.p[i] > '~')
            return false;
    return true;
}

/* Cut the tag off the front of *rest. One that is malformed is not told again, but what is behind
 * it is still read. */
static bool cut_tag(struct str *rest, struct str *tag)
{
    if (rest->n == 0 || rest->p[0] != '@')
        return true;
    struct str word = cut_word(rest);
    *rest = skip_spaces(*rest);
    word = str_from(word.p + 1, word.n - 1);
    if (!tag_ok(word))
        return false;
    *tag = word;
    return true;
}

/* Cut a value in quotes off the front of *rest; false when that is none. */
static bool cut_quoted(struct str *rest, struct str *value)
{
    if (rest->n == 0 || rest->p[0] != '"')
        return false;
    for (size_t i = 1; i < rest->n; i++) {
        if (rest->p[i] != '"' || (i + 1 < rest->n && rest->p[i + 1] != ' '))
            continue;
        *value = str_from(rest->p + 1, i - 1);
        *rest = str_from(rest->p + i + 1, rest->n - i - 1);
        return true;
    }
    return false;
}

/* Verb, options, text. Options are read to the end even after one too many, which is not kept. */
static enum st parse_request(struct str rest, struct proto_line *out, struct err *err)
{
    enum st st = ST_OK;
    out->verb = cut_word(&rest);
    for (;;) {
        rest = skip_spaces(rest);
        struct str after = rest;
        struct str word = cut_word(&after);
        if (str_eq(word, STR("--"))) {
            out->text = after.n > 0 ? str_from(after.p + 1, after.n - 1) : after;
            return st;
        }
        size_t eq = option_equals(word);
        if (eq == 0) {
            out->text = rest;
            return st;
        }
        struct str value = str_from(rest.p + eq + 1, rest.n - eq - 1), behind = value;
        if (cut_quoted(&behind, &value))
            after = behind;
        else
            value.n = word.n - eq - 1;
        if (out->noption < PROTO_OPTIONS)
            out->option[out->noption++] = (struct proto_option){{word.p, eq}, value};
        else
            st = err_set(err, ST_BAD_VALUE, "more than %d options", PROTO_OPTIONS);
        rest = after;
    }
}

static enum st check_bytes(struct str line, struct err *err)
{
    size_t bad = utf8_check(line.p, line.n);
    if (bad < line.n)
        return err_at(err, ST_BAD_UTF8, bad, "byte 0x%02x at offset %zu is not valid UTF-8",
                      (unsigned)(unsigned char)line.p[bad], bad);
    const char *nul = line.n > 0 ? memchr(line.p, 0, line.n) : NULL;
    if (nul)
        return err_at(err, ST_BAD_VALUE, (size_t)(nul - line.p), "a NUL byte at offset %zu",
                      (size_t)(nul - line.p));
    return ST_OK;
}

enum st proto_parse(struct str line, struct proto_line *out, struct err *err)
{
    *out = (struct proto_line){0};
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    if (is_http(line))
        return err_set(err, ST_WRONG_SPEECH,
                       "this port speaks lines, not HTTP; to look for such a "
                       "text put ? before it");
    struct str rest = skip_spaces(line);
    bool tag_good = cut_tag(&rest, &out->tag);
    enum st request = ST_OK;
    if (rest.n > 0 && (rest.p[0] == '?' || (unsigned char)rest.p[0] >= 0x80)) {
        out->bare = true;
        out->text = rest.p[0] == '?' ? skip_spaces(str_from(rest.p + 1, rest.n - 1)) : rest;
    } else {
        request = parse_request(rest, out, err);
    }
    /* What comes first on the line is told, but broken bytes explain whatever else looks wrong. */
    enum st bytes = check_bytes(line, err);
    if (bytes != ST_OK)
        return bytes;
    if (!tag_good)
        return err_set(err, ST_BAD_VALUE, "a tag is 1 to %d visible ASCII characters after the @",
                       PROTO_TAG_MAX);
    return request;
}
