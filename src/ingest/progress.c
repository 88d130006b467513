/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A line of progress, drawn over itself: documents, MB of text, MB/s, time left.
 *
 * It counts what has been read; a few chunks of that are still being worked on. When all has been
 * read, the line says that the index is being written.
 *
 * The time left is guessed from the bytes of the sources, compressed as they are; with a pipe among
 * them it is not known and not shown. A terminal that cannot be written to does not disturb the
 * batch.
 */
#include "report.h"

#include <gongbao/clock.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define DRAW_NS UINT64_C(250000000)
#define NS      1e9
#define MB      1e6

void progress_init(struct progress *p, int fd, uint64_t total)
{
    *p = (struct progress){.fd = fd, .start = clock_ns(), .total = total};
}

double progress_seconds(const struct progress *p)
{
    return (double)(clock_ns() - p->start) / NS;
}

static void put(const struct progress *p, const char *s, size_t n)
{
    ssize_t ignored = write(p->fd, s, n);
    (void)ignored;
}

static __attribute__((format(printf, 2, 3))) void put_line(struct progress *p, const char *fmt, ...)
{
    char line[160];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (n > 0)
        put(p, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
    p->visible = true;
}

void progress_draw(struct progress *p, uint64_t documents, uint64_t text, uint64_t raw)
{
    char left[48] = "";
    if (p->fd < 0)
        return;
    uint64_t t = clock_ns();
    if (t - p->drawn < DRAW_NS)
        return;
    p->drawn = t;
    double s = (double)(t - p->start) / NS;
    if (p->total > 0 && raw > 0 && raw <= p->total) {
        uint64_t rest = (uint64_t)(s * (double)(p->total - raw) / (double)raw);
        snprintf(left, sizeof(left), ", %ju:%02ju left", (uintmax_t)(rest / 60),
                 (uintmax_t)(rest % 60));
    }
    put_line(p, "\r%ju documents, %.1f MB, %.1f MB/s%s\033[K", (uintmax_t)documents,
             (double)text / MB, s > 0 ? (double)text / MB / s : 0.0, left);
}

void progress_writing(struct progress *p, uint64_t documents, uint64_t text)
{
    if (p->fd >= 0)
        put_line(p, "\r%ju documents, %.1f MB, writing the index\033[K", (uintmax_t)documents,
                 (double)text / MB);
}

void progress_clear(struct progress *p)
{
    static const char clear[] = "\r\033[K";
    if (p->visible)
        put(p, clear, sizeof(clear) - 1);
    p->visible = false;
}
