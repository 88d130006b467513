/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_POST_SOURCE_H
#define INDEX_POST_SOURCE_H

/* Terms in ascending order, each with its postings: what a merge reads, whether it comes from a run
 * of a batch or from a segment.
 *
 * An input can be read by several threads at once, each through a source of its own, and outlives
 * them. A source stands at a term:
 *
 *     in->ops->open(in, &s, err);
 *     for (st = s->ops->seek(s, from, err); st == ST_OK && s->term.n; st = s->ops->next(s, err))
 *         while ((st = s->ops->part(s, &part, err)) == ST_OK && part.packed.n) ...
 *     s->ops->close(s);
 *
 * Inputs that are merged hold documents that follow one another: all docids of an input are above
 * those of the input before. Docids are those of the result; an input that renumbers its documents,
 * or leaves some out, has done so before anyone sees them.
 */

#include "c.h"
#include <endian.h>

C_BEGIN

/* Postings of a term that follow one another, packed as in a chunk of glass: the first wdf, then
 * for each further posting the gap between docids less one, and the wdf. */
struct post_part {
    uint32_t first, last; /* docids */
    struct str packed;    /* empty: there are no more parts */
};

struct post_source {
    const struct post_source_ops *ops;
    struct str term;  /* where it stands, valid until it moves; empty: behind the last one */
    uint64_t head;    /* of the term, see post_head */
    uint64_t tf, cf;  /* of the term here: how many postings, not 0, and the sum of their wdf */
    uint32_t wdf_max; /* the highest wdf of the input, as far as the source knows; the greatest of
                       * sources that have told all terms between them is it */
};

/* After a failure a source can only be closed. */
struct post_source_ops {
    /* Go to the first term that is not below this one. `term` is not below where it stands. */
    enum st (*seek)(struct post_source *s, struct str term, struct err *err);

    /* Go on to the next term, whether or not all parts of this one were taken. */
    enum st (*next)(struct post_source *s, struct err *err);

    /* Take the next part of the term; valid until anything else is asked of the source. Docids
     * ascend from part to part. */
    enum st (*part)(struct post_source *s, struct post_part *out, struct err *err);

    void (*close)(struct post_source *s);
};

struct post_input {
    const struct post_input_ops *ops;
};

/* Told of a term and of how many bytes the input has up to it from the term told before. */
typedef enum st post_sample(void *ctx, struct str term, uint64_t bytes, struct err *err);

struct post_input_ops {
    /* Any thread. The source stands nowhere until the first seek; seeking the empty term leads to
     * the first one. */
    enum st (*open)(const struct post_input *in, struct post_source **out, struct err *err);

    /* Tell terms, ascending, that cut the input into pieces of POST_SAMPLE bytes, more or less. The
     * merge is cut into ranges by them. NULL: it is too small to be cut. */
    enum st (*sample)(const struct post_input *in, post_sample *tell, void *ctx, struct err *err);
};

#define POST_SAMPLE ((size_t)8 << 10)

static inline uint64_t post_load_be32(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return be32toh(v);
}

/* The first eight of n > 0 bytes as a number that sorts as they do, padded with NULs. Loads that
 * overlap are quicker than a copy of so many bytes that is read back. */
static inline uint64_t post_head(const void *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    if (n >= 8)
        return post_load_be32(p) << 32 | post_load_be32(p + 4);
    if (n >= 4)
        return post_load_be32(p) << 32 | post_load_be32(p + n - 4) << (8 * (8 - n));
    return (uint64_t)p[0] << 56 | (uint64_t)p[n / 2] << (8 * (7 - n / 2)) |
           (uint64_t)p[n - 1] << (8 * (8 - n));
}

C_END
#endif
