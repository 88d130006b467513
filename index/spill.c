/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs that memory has no room for.
 *
 * What a source tells goes to a file of its own, term by term and part by part as they come: parts
 * are not joined, so nothing of a term has to be held. The file loses its name as soon as it is
 * there: whatever happens to the process, it is gone with it.
 */

#include "run.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 256 << 10 }; /* bytes written by one call */

static enum st make_file(struct run *r, const char *path, struct err *err)
{
    r->path = strdup(path);
    if (!r->path)
        return err_nomem(err);
    r->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (r->fd < 0)
        return err_sys(err, "create", path);
    return unlink(path) == 0 ? ST_OK : err_sys(err, "remove", path);
}

static enum st flush(struct run *r, struct buf *out, struct err *err)
{
    if (!buf_ok(out))
        return err_nomem(err);
    if (!file_write_all(r->fd, buf_str(out)))
        return err_sys(err, "write", r->path);
    r->n += out->n;
    buf_reset(out);
    return ST_OK;
}

static void put_part(struct buf *out, const struct post_part *p)
{
    buf_varint(out, p->packed.n);
    buf_varint(out, p->first);
    buf_varint(out, p->last - p->first);
    buf_adds(out, p->packed);
}

static enum st put_term(struct run *r, struct post_source *s, struct buf *out, struct err *err)
{
    struct post_part p;
    if (!run_note(r, r->n + out->n, s->term))
        return err_nomem(err);
    buf_addc(out, (char)s->term.n);
    buf_adds(out, s->term);
    buf_varint(out, s->tf);
    buf_varint(out, s->cf);
    enum st st = s->ops->part(s, &p, err);
    while (st == ST_OK && p.packed.n) {
        put_part(out, &p);
        if (out->n >= PIECE)
            st = flush(r, out, err);
        if (st == ST_OK)
            st = s->ops->part(s, &p, err);
    }
    buf_varint(out, 0);
    return st;
}

enum st run_spill(struct post_source *s, const char *path, struct run **out, struct err *err)
{
    struct run *r = run_new();
    if (!r)
        return err_nomem(err);
    struct buf b;
    buf_init(&b, SIZE_MAX);
    enum st st = make_file(r, path, err);
    if (st == ST_OK)
        st = s->ops->seek(s, STR(""), err);
    while (st == ST_OK && s->term.n) {
        st = put_term(r, s, &b, err);
        if (st == ST_OK)
            st = s->ops->next(s, err);
    }
    if (st == ST_OK)
        st = flush(r, &b, err);
    r->wdf_max = s->wdf_max;
    buf_fini(&b);
    if (st == ST_OK)
        *out = r;
    else
        run_free(r);
    return st;
}
