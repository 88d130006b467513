/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CACHE_H
#define NET_CACHE_H

#include "frame.h"

/* Finished answers by the requests that they are to (request_put), for one state of the indexes at
 * a time. */

struct cache;

/* At most so many bytes, all that belongs to it counted. NULL without memory. */
struct cache *cache_new(size_t max);
void cache_free(struct cache *c); /* NULL is allowed */

/* Forget everything. */
void cache_clear(struct cache *c);

/* The state that the indexes are in now (srch_published), and the number of the day: answers from
 * any other state or day are forgotten. */
void cache_at(struct cache *c, uint64_t state, uint64_t day);

/* The answer to a request, good until the next call on the cache; NULL when it is not there. */
const struct answer *cache_get(struct cache *c, struct str key);

/* Keep a copy of an answer that is to be kept and whose state is that of the cache. */
void cache_put(struct cache *c, struct str key, const struct answer *a);

/* Append lines of "key=number" for STATS. */
void cache_counters(const struct cache *c, struct buf *out);

#endif
