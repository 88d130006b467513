/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The bytes of one source, in pieces and in lines.
 *
 * An input owns a descriptor and gives out its bytes, inflated when the source is gzipped. Lines
 * are cut out of one buffer, which holds at most the longest line allowed and one piece: memory
 * does not grow with the source. A longer line is dropped as it comes in and reported once.
 *
 * A signal that asks for an end is noticed at each piece; on a pipe, where a piece may be long in
 * coming, the wait is cut into slices so that it is noticed there too.
 */
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE   ((size_t)256 << 10)
#define WAIT_MS 200

enum st input_open(struct input *in, int fd, bool gzip, const char *name, const atomic_bool *stop,
                   struct err *err)
{
    struct stat sb;
    *in = (struct input){.fd = fd, .name = name, .stop = stop};
    in->wait = fstat(fd, &sb) != 0 || !S_ISREG(sb.st_mode);
    if (!gzip)
        return ST_OK;
    enum st st = ST_OK;
    in->gunzip = calloc(1, sizeof(*in->gunzip));
    if (!in->gunzip)
        st = err_nomem(err);
    else
        st = gunzip_init(in->gunzip, err);
    if (st != ST_OK)
        input_close(in);
    return st;
}

void input_close(struct input *in)
{
    if (in->gunzip)
        gunzip_fini(in->gunzip);
    free(in->gunzip);
    in->gunzip = NULL;
    if (in->fd >= 0)
        close(in->fd);
    in->fd = -1;
}

/* Wait until the descriptor has something to say, or until the end is asked for. */
static void wait_for_bytes(const struct input *in)
{
    struct pollfd p = {.fd = in->fd, .events = POLLIN};
    while (!(in->stop && *in->stop) && poll(&p, 1, WAIT_MS) == 0)
        continue;
}

enum st input_raw(struct input *in, void *p, size_t n, size_t *got, struct err *err)
{
    for (;;) {
        if (in->wait)
            wait_for_bytes(in);
        if (in->stop && *in->stop)
            return err_set(err, ST_STOPPING, "%s: interrupted", in->name);
        ssize_t k = read(in->fd, p, n);
        if (k >= 0) {
            *got = (size_t)k;
            in->raw += (uint64_t)k;
            return ST_OK;
        }
        if (errno != EINTR && errno != EAGAIN)
            return err_sys(err, "read", in->name);
    }
}

enum st input_read(struct input *in, char *p, size_t n, size_t *got, struct err *err)
{
    if (in->gunzip)
        return gunzip_read(in->gunzip, in, p, n, got, err);
    return input_raw(in, p, n, got, err);
}

enum st input_all(struct input *in, struct buf *out, struct err *err)
{
    for (;;) {
        size_t left = out->max - out->n, got = 0;
        size_t want = left < PIECE ? left : PIECE;
        /* With the buffer full, one byte more tells whether the source ends here. */
        char over = 0, *p = left > 0 ? buf_room(out, want) : &over;
        if (!p)
            return err_nomem(err);
        enum st st = input_read(in, p, left > 0 ? want : 1, &got, err);
        if (st != ST_OK || got == 0)
            return st;
        if (left == 0)
            return err_set(err, ST_REJECTED, "the text is over %zu bytes (ingest.line_max)",
                           out->max);
        out->n += got;
    }
}

void lines_init(struct lines *l, struct input *from, uint64_t max)
{
    *l = (struct lines){.from = from, .max = max};
    buf_init(&l->buf, (size_t)max + 2 * PIECE);
}

void lines_fini(struct lines *l)
{
    buf_fini(&l->buf);
}

/* Read one more piece behind what is there. */
static enum st more(struct lines *l, struct err *err)
{
    if (l->at > 0) {
        buf_drop(&l->buf, l->at);
        l->at = 0;
    }
    size_t got = 0;
    char *p = buf_room(&l->buf, PIECE);
    if (!p)
        return err_nomem(err);
    enum st st = input_read(l->from, p, PIECE, &got, err);
    l->buf.n += got;
    l->end = st != ST_OK || got == 0;
    return st;
}

/* The bytes of the line at hand, up to its line feed; NULL while that has not been read. */
static const char *find_feed(struct lines *l)
{
    const char *from = l->buf.p + l->at + l->searched;
    size_t n = l->buf.n - l->at - l->searched;
    const char *feed = n > 0 ? memchr(from, '\n', n) : NULL;
    l->searched = feed ? 0 : l->searched + n;
    return feed;
}

enum st lines_next(struct lines *l, struct str *line, enum line_kind *kind, struct err *err)
{
    bool too_long = false;
    for (;;) {
        const char *feed = find_feed(l);
        size_t have = l->buf.n - l->at;
        const char *begin = l->buf.p ? l->buf.p + l->at : NULL;
        size_t n = feed ? (size_t)(feed - begin) : have;
        too_long = too_long || n > l->max;
        if (feed || (l->end && (have > 0 || too_long))) {
            l->at += feed ? n + 1 : n;
            l->searched = 0;
            l->line++;
            *line = str_from(begin, n);
            *kind = too_long ? LINE_TOO_LONG : LINE_WHOLE;
            return ST_OK;
        }
        if (l->end) {
            *kind = LINE_END;
            return ST_OK;
        }
        if (too_long) {
            l->at = l->buf.n;
            l->searched = 0;
        }
        enum st st = more(l, err);
        if (st != ST_OK) {
            l->at = l->buf.n;
            l->searched = 0;
            return st;
        }
    }
}
