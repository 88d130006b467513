/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Statuses and errors.
 *
 * One table, in the order of enum st, holds everything that is said about a status. A struct err
 * holds one sentence for a person. It is built in a scratch array first and copied over clean, so
 * that an argument of the format may be the very text that is being replaced.
 *
 * The text is always valid UTF-8 on one line: file names and queries end up in it, and whoever
 * prints it must not have to ask what is inside.
 *
 * Not here: how a status reads on the wire (net) and what a program exits with (cmd).
 */

#include <errno.h>
#include <gongbao/err.h>
#include <gongbao/utf8.h>
#include <stdio.h>
#include <string.h>

static const struct st_info table[ST_COUNT] = {
    [ST_OK] = {"ok", 200, 200, "done"},
    [ST_UNKNOWN_VERB] = {"unknown-verb", 400, 400, "there is no such verb"},
    [ST_UNKNOWN_OPTION] = {"unknown-option", 400, 400, "there is no such option"},
    [ST_BAD_VALUE] = {"bad-value", 400, 400, "an option has a value it cannot take"},
    [ST_WRONG_SPEECH] = {"not-line-protocol", 400, 400, "this port speaks the line protocol"},
    [ST_NOT_FOUND] = {"not-found", 404, 404, "there is no such document"},
    [ST_DEADLINE] = {"deadline", 408, 408, "the time allowed for the request is over"},
    [ST_TOO_LONG] = {"line-too-long", 413, 413, "the request is too long"},
    [ST_BAD_UTF8] = {"bad-utf8", 415, 415, "the request is not valid UTF-8"},
    [ST_SYNTAX] = {"syntax", 422, 422, "the query cannot be understood"},
    [ST_TOO_MUCH] = {"too-complex", 422, 422, "the query asks for too much at once"},
    [ST_BUSY] = {"busy", 429, 429, "all workers are busy, try again"},
    [ST_INTERNAL] = {"internal", 500, 500, "something went wrong inside"},
    [ST_DAMAGED] = {"damaged", 500, 500, "stored data fails its check"},
    [ST_NO_INDEX] = {"no-index", 503, 503, "there is no index to serve yet"},
    [ST_NO_WORKER] = {"no-worker", 503, 503, "no worker can be started"},
    [ST_STOPPING] = {"stopping", 503, 503, "the daemon is stopping"},
    [ST_USAGE] = {"usage", 500, 500, "the command line is wrong"},
    [ST_CONFIG] = {"config", 500, 500, "the configuration is wrong"},
    [ST_LOCKED] = {"locked", 500, 500, "another writer holds the index"},
    [ST_REJECTED] = {"rejected", 500, 500, "the document cannot be taken"},
    [ST_IO] = {"io", 500, 500, "reading or writing failed"},
    [ST_CANARY] = {"canary", 500, 500, "a canary query regressed"},
    [ST_NO_MEMORY] = {"no-memory", 500, 500, "out of memory"},
};

const struct st_info *st_info(enum st st)
{
    return &table[(unsigned)st < ST_COUNT ? st : ST_INTERNAL];
}

/* Copy text into err->text: control characters and broken bytes become '?', and what does not
 * fit is left off at the end of a whole character. */
static void put_clean(struct err *err, const char *text)
{
    const char *end = text + strlen(text);
    size_t n = 0;
    while (text < end) {
        uint32_t cp;
        unsigned len = utf8_next(text, end, &cp);
        bool plain = len && !utf8_is_control(cp);
        unsigned room = plain ? len : 1;
        if (n + room >= sizeof(err->text))
            break;
        if (plain)
            memcpy(err->text + n, text, len);
        else
            err->text[n] = '?';
        n += room;
        text += len ? len : 1;
    }
    err->text[n] = '\0';
}

/* A scratch text longer than err->text, so that the cut is made once, by put_clean. */
enum { SCRATCH = 2 * sizeof(((struct err *)NULL)->text) };

static void fill(struct err *err, enum st st, long offset, const char *fmt, va_list ap)
{
    char scratch[SCRATCH];
    if (vsnprintf(scratch, sizeof(scratch), fmt, ap) < 0)
        snprintf(scratch, sizeof(scratch), "%s", st_info(st)->text);
    err->st = st;
    err->offset = offset;
    put_clean(err, scratch);
}

enum st err_set(struct err *err, enum st st, const char *fmt, ...)
{
    if (!err)
        return st;
    va_list ap;
    va_start(ap, fmt);
    fill(err, st, -1, fmt, ap);
    va_end(ap);
    return st;
}

enum st err_at(struct err *err, enum st st, size_t offset, const char *fmt, ...)
{
    if (!err)
        return st;
    va_list ap;
    va_start(ap, fmt);
    fill(err, st, (long)offset, fmt, ap);
    va_end(ap);
    return st;
}

const char *err_why(int code)
{
    if (code == EMFILE)
        return "this process may not open more files (ulimit -n, LimitNOFILE=)";
    const char *why = strerrordesc_np(code);
    return why ? why : "unknown error";
}

enum st err_sys(struct err *err, const char *what, const char *path)
{
    int code = errno;
    return err_set(err, code == ENOMEM ? ST_NO_MEMORY : ST_IO, "%s %s: %s", what, path,
                   err_why(code));
}

void err_prefix(struct err *err, const char *fmt, ...)
{
    if (!err)
        return;
    char scratch[SCRATCH];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(scratch, sizeof(scratch), fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    size_t at = (size_t)n < sizeof(scratch) ? (size_t)n : sizeof(scratch) - 1;
    snprintf(scratch + at, sizeof(scratch) - at, ": %s", err->text);
    put_clean(err, scratch);
}

/* So many bytes are shown on either side of a place. */
enum { AROUND = 60 };

void err_point(struct err *err, struct str text)
{
    if (!err || err->offset < 0 || (size_t)err->offset > text.n || text.n == 0)
        return;
    size_t at = (size_t)err->offset;
    size_t from = at > AROUND ? utf8_floor(text.p, text.n, at - AROUND) : 0;
    size_t to = text.n - at > AROUND ? utf8_floor(text.p, text.n, at + AROUND) : text.n;
    char scratch[SCRATCH];
    snprintf(scratch, sizeof(scratch), "%s, at %s" STR_FMT "^" STR_FMT "%s", err->text,
             from > 0 ? "…" : "", (int)(at - from), text.p + from, (int)(to - at), text.p + at,
             to < text.n ? "…" : "");
    put_clean(err, scratch);
}
