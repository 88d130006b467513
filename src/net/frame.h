/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include "command.h"

/* What passes between the loop and a worker: frames of a 4-byte little-endian length and as many
 * bytes. The first byte of a frame from a worker tells its kind. */

#define FRAME_HEAD 4
#define FRAME_MAX  (256u << 20) /* of a frame; a reply that is larger is an error */

enum frame_kind {
    FRAME_READY = 'R',  /* generation, documents: at the start and whenever they change */
    FRAME_INDEX = 'I',  /* number of an index, its status, why: at the start and when they change */
    FRAME_FAILED = 'F', /* could not start: why, as text; then the worker ends */
    FRAME_ANSWER = 'A'  /* see answer_begin */
};

/* Begin a frame at the end of b; frame_end puts in the length. */
size_t frame_begin(struct buf *b);
void frame_end(struct buf *b, size_t begin);

/* The length that stands at the front of a frame, from FRAME_HEAD bytes. */
size_t frame_length(const char *head);

/* A request as it goes to a worker. */
struct task {
    struct request rq; /* its tag and its deadline_ms stay with the loop */
    uint64_t deadline_ns;
    struct str known; /* by the loop: STATS its counters, see reply_stats; SUGGEST frequent queries,
                         see history_frequent */
};

/* A request without its tag: what the answer depends on, but for time. */
void request_put(struct buf *b, const struct request *rq);

/* How many bytes of it, the first ones, are those of request_put. */
size_t task_put(struct buf *b, const struct task *t);

/* The other way; strings are slices of bytes. False when they do not hold a whole task. */
bool task_get(struct str bytes, struct task *out);

/* An answer is written where it is to be sent from: answer_begin, the bytes of the reply, and
 * answer_end with everything but them. */
size_t answer_begin(struct buf *b);
void answer_end(struct buf *b, size_t begin, const struct answer *a);

/* The other way; its bytes are a slice. False when it makes no sense. */
bool answer_get(struct str bytes, struct answer *out);

#endif
