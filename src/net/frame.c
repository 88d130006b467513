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

/* The numbers and the strings of a request, in the order in which they are sent. */
static const size_t numbers[] = {
    offsetof(struct request, limit),
    offsetof(struct request, offset),
    offsetof(struct request, width),
    offsetof(struct request, since),
};

static const size_t strings[] = {
    offsetof(struct request, text),   offsetof(struct request, in),
    offsetof(struct request, doc),    offsetof(struct request, facet),
    offsetof(struct request, issuer), offsetof(struct request, label),
    offsetof(struct request, who),    offsetof(struct request, from),
    offsetof(struct request, to),
};

static const size_t flags[] = {
    offsetof(struct request, snippet),  offsetof(struct request, graph),
    offsetof(struct request, strict),   offsetof(struct request, whole),
    offsetof(struct request, collapse), offsetof(struct request, by_year),
};

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define AT(type, p, o) ((type *)((char *)(p) + (o)))
#define IN(type, p, o) ((const type *)((const char *)(p) + (o)))

void request_put(struct buf *b, const struct request *rq)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < COUNT(flags); i++)
        bits |= (uint64_t)*IN(bool, rq, flags[i]) << i;
    buf_varint(b, rq->id);
    buf_varint(b, rq->fmt);
    buf_varint(b, rq->sort);
    buf_varint(b, bits);
    for (size_t i = 0; i < COUNT(numbers); i++)
        buf_varint(b, *IN(uint64_t, rq, numbers[i]));
    for (size_t i = 0; i < COUNT(strings); i++)
        buf_varstr(b, *IN(struct str, rq, strings[i]));
}

static bool request_get(struct str *bytes, struct request *out)
{
    uint64_t id, fmt, sort, bits;
    if (!str_varint(bytes, &id) || !str_varint(bytes, &fmt) || !str_varint(bytes, &sort) ||
        !str_varint(bytes, &bits))
        return false;
    if (id >= CMD_END || fmt > REPLY_JSON || sort > SRCH_OLDEST)
        return false;
    out->id = (enum command_id)id;
    out->fmt = (enum reply_fmt)fmt;
    out->sort = (enum srch_sort)sort;
    for (size_t i = 0; i < COUNT(flags); i++)
        *AT(bool, out, flags[i]) = (bits >> i) & 1;
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (!str_varint(bytes, AT(uint64_t, out, numbers[i])))
            return false;
    for (size_t i = 0; i < COUNT(strings); i++)
        if (!str_varstr(bytes, AT(struct str, out, strings[i])))
            return false;
    return true;
}

size_t task_put(struct buf *b, const struct task *t)
{
    size_t begin = b->n;
    request_put(b, &t->rq);
    size_t n = b->n - begin;
    buf_varint(b, t->deadline_ns);
    buf_varstr(b, t->known);
    return n;
}

bool task_get(struct str bytes, struct task *out)
{
    *out = (struct task){0};
    return request_get(&bytes, &out->rq) && str_varint(&bytes, &out->deadline_ns) &&
           str_varstr(&bytes, &out->known) && bytes.n == 0;
}

/* The head has a fixed size, so that the reply is written behind it where it stays. */
enum {
    HEAD_CODE,
    HEAD_MAY_CACHE,
    HEAD_TAG_AT,
    HEAD_MARK_AT,
    HEAD_STATE,
    HEAD_TOTAL,
    HEAD_US,
    HEAD_N
};

#define HEAD_BYTES (HEAD_N * sizeof(uint64_t))

size_t answer_begin(struct buf *b)
{
    static const char head[HEAD_BYTES];
    size_t begin = b->n;
    buf_add(b, head, sizeof(head));
    return begin;
}

void answer_end(struct buf *b, size_t begin, const struct answer *a)
{
    const uint64_t head[HEAD_N] = {
        [HEAD_CODE] = (uint64_t)a->code,
        [HEAD_MAY_CACHE] = a->may_cache,
        [HEAD_TAG_AT] = a->tag_at,
        [HEAD_MARK_AT] = a->mark_at,
        [HEAD_STATE] = a->state,
        [HEAD_TOTAL] = a->total,
        [HEAD_US] = a->us,
    };
    if (buf_ok(b))
        memcpy(b->p + begin, head, sizeof(head));
}

bool answer_get(struct str bytes, struct answer *out)
{
    uint64_t head[HEAD_N];
    if (bytes.n < sizeof(head))
        return false;
    memcpy(head, bytes.p, sizeof(head));
    *out = (struct answer){
        .code = head[HEAD_CODE] < 600 ? (int)head[HEAD_CODE] : 0,
        .may_cache = head[HEAD_MAY_CACHE] != 0,
        .tag_at = (size_t)head[HEAD_TAG_AT],
        .mark_at = (size_t)head[HEAD_MARK_AT],
        .state = head[HEAD_STATE],
        .total = head[HEAD_TOTAL],
        .us = head[HEAD_US],
        .bytes = str_from(bytes.p + sizeof(head), bytes.n - sizeof(head)),
    };
    return out->code > 0 && out->tag_at <= out->mark_at && out->mark_at <= out->bytes.n;
}
