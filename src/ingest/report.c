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

static void begin(struct buf *b, const char *source)
{
    buf_addc(b, '{');
    json_add_text(b, "source", str_of(source));
}

void report_rejected(struct buf *out, const char *source, uint64_t line, struct str id,
                     const struct err *why)
{
    begin(out, source);
    if (line > 0)
        json_add_count(out, "line", line);
    if (id.n > 0)
        json_add_text(out, "id", str_from(id.p, id.n < 1024 ? id.n : 1024));
    json_add_text(out, "reason", str_of(why->text));
    if (why->offset >= 0)
        json_add_count(out, "offset", (uint64_t)why->offset);
    buf_addz(out, "}\n");
}

void report_warning(struct buf *out, const char *source, uint64_t line, const char *warning,
                    uint64_t count)
{
    begin(out, source);
    if (line > 0)
        json_add_count(out, "line", line);
    json_add_text(out, "warning", str_of(warning));
    json_add_count(out, "count", count);
    buf_addz(out, "}\n");
}

void report_skipped(struct buf *out, const char *source, const char *why)
{
    begin(out, source);
    json_add_text(out, "skipped", str_of(why));
    buf_addz(out, "}\n");
}

enum st report_add(struct report *r, struct str lines, struct err *err)
{
    if (r->fd < 0)
        return ST_OK;
    buf_adds(&r->buf, lines);
    return r->buf.n < r->gather ? ST_OK : report_flush(r, err);
}

enum st report_take(struct report *r, struct buf *take_lines, struct err *err)
{
    enum st st = buf_ok(take_lines) ? report_add(r, buf_str(take_lines), err) : err_nomem(err);
    buf_fini(take_lines);
    return st;
}
