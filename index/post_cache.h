/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_POST_CACHE_H
#define INDEX_POST_CACHE_H

/* Postings of a segment that were looked up lately, kept for who asks next. */

#include "postings.h"

C_BEGIN

struct post_cache;

/* Of so many bytes at most; while postings are held it may be more. */
enum st post_cache_new(uint64_t bytes, struct post_cache **out, struct err *err);
void post_cache_free(struct post_cache *k);

/* The postings of a term, found or loaded; also of one that is not there. To be given back, once
 * for each time they were taken. */
enum st post_cache_take(struct post_cache *k, struct columns *c, struct str term,
                        struct postings **out, struct err *err);
void post_cache_give(struct post_cache *k, struct postings *p);

C_END
#endif
