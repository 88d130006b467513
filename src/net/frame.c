/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Frames between the loop and its workers: how a task is written and read, and a frame's length.
 *
 * A number is a varint, a string its length and its bytes, in the order of the fields. Both ends
 * are the same program, so there is no version and no negotiation; still every length is checked,
 * because a worker that ran into a damaged database may send anything before it dies. What is read
 * is slices of the frame. Moving the bytes is the business of proc.c and worker.c.
 */
#include "frame.h"

size_t frame_begin(struct buf *b)
{
    size_t begin = b->n;
    buf_add(b, "\0\0\0\0", FRAME_HEAD);
    return begin;
}

void frame_end(struct buf *b, size_t begin)
{
    if (!buf_ok(b))
        return;
    size_t n = b->n - begin - FRAME_HEAD;
    for (int i = 0; i < FRAME_HEAD; i++)
        b->p[begin + (size_t)i] = (char)(n >> (8 * i) & 0xff);
}

size_t frame_length(const char *head)
{
    size_t n = 0;
    for (int i = 0; i < FRAME_HEAD; i++)
        n |= (size_t)(unsigned char)head[i] << (8 * i);
    return n;
}

void task_put(struct buf *b, const struct task *t)
{
    const struct request *rq = &t->rq;
    buf_varint(b, rq->id);
    buf_varint(b, rq->fmt);
    buf_varint(b, rq->limit);
    buf_varint(b, rq->offset);
    buf_varint(b, rq->snippet);
    buf_varint(b, rq->graph);
    buf_varint(b, t->deadline_ns);
    buf_varstr(b, rq->tag);
    buf_varstr(b, rq->text);
    buf_varstr(b, rq->in);
    buf_varstr(b, rq->doc);
    buf_varstr(b, t->counters);
}

bool task_get(struct str bytes, struct task *out)
{
    uint64_t id, fmt, snippet, graph;
    struct request *rq = &out->rq;
    *out = (struct task){0};
    if (!str_varint(&bytes, &id) || !str_varint(&bytes, &fmt) || !str_varint(&bytes, &rq->limit) ||
        !str_varint(&bytes, &rq->offset) || !str_varint(&bytes, &snippet) ||
        !str_varint(&bytes, &graph) || !str_varint(&bytes, &out->deadline_ns))
        return false;
    if (id >= CMD_END || fmt > REPLY_JSON)
        return false;
    rq->id = (enum command_id)id;
    rq->fmt = (enum reply_fmt)fmt;
    rq->snippet = snippet != 0;
    rq->graph = graph != 0;
    return str_varstr(&bytes, &rq->tag) && str_varstr(&bytes, &rq->text) &&
           str_varstr(&bytes, &rq->in) && str_varstr(&bytes, &rq->doc) &&
           str_varstr(&bytes, &out->counters) && bytes.n == 0;
}
