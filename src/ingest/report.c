/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The report: one JSON object a line for each document that was not taken, for each file that was
 * passed over, and for each kind of damage found in a source.
 *
 * Whole lines are gathered and written together, on a terminal one by one. Whatever a source is
 * called and whatever it holds, a line of the report is one harmless line.
 */
#include "report.h"

#include <gongbao/file.h>
#include <gongbao/json.h>
#include <unistd.h>

#define PIECE (32u << 10)
#define CAP   (256u << 20) /* a folder may hold very many files that are passed over */

void report_init(struct report *r, int fd)
{
    *r = (struct report){.fd = fd};
    r->gather = fd >= 0 && isatty(fd) ? 0 : PIECE;
    buf_init(&r->buf, CAP);
}

void report_fini(struct report *r)
{
    buf_fini(&r->buf);
}

enum st report_flush(struct report *r, struct err *err)
{
    if (!buf_ok(&r->buf))
        return err_nomem(err);
    if (r->held)
        return ST_OK;
    if (!file_write_all(r->fd, buf_str(&r->buf)))
        return err_sys(err, "write", "the report");
    buf_reset(&r->buf);
    return ST_OK;
}

static void begin(struct report *r, const char *source)
{
    buf_addc(&r->buf, '{');
    json_add_key(&r->buf, "source");
    json_add_str(&r->buf, str_of(source));
}

static void add_text(struct report *r, const char *key, struct str text)
{
    json_add_key(&r->buf, key);
    json_add_str(&r->buf, text);
}

static void add_count(struct report *r, const char *key, uint64_t n)
{
    json_add_key(&r->buf, key);
    buf_addf(&r->buf, "%ju", (uintmax_t)n);
}

static enum st end(struct report *r, struct err *err)
{
    buf_addz(&r->buf, "}\n");
    return r->buf.n < r->gather ? ST_OK : report_flush(r, err);
}

enum st report_rejected(struct report *r, const char *source, uint64_t line, struct str id,
                        const struct err *why, struct err *err)
{
    if (r->fd < 0)
        return ST_OK;
    begin(r, source);
    if (line > 0)
        add_count(r, "line", line);
    if (id.n > 0)
        add_text(r, "id", str_from(id.p, id.n < 1024 ? id.n : 1024));
    add_text(r, "reason", str_of(why->text));
    if (why->offset >= 0)
        add_count(r, "offset", (uint64_t)why->offset);
    return end(r, err);
}

enum st report_warning(struct report *r, const char *source, uint64_t line, const char *warning,
                       uint64_t count, struct err *err)
{
    if (r->fd < 0)
        return ST_OK;
    begin(r, source);
    if (line > 0)
        add_count(r, "line", line);
    add_text(r, "warning", str_of(warning));
    add_count(r, "count", count);
    return end(r, err);
}

enum st report_skipped(struct report *r, const char *source, const char *why, struct err *err)
{
    if (r->fd < 0)
        return ST_OK;
    begin(r, source);
    add_text(r, "skipped", str_of(why));
    return end(r, err);
}
