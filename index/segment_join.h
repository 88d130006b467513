/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SEGMENT_JOIN_H
#define INDEX_SEGMENT_JOIN_H

/* What makes one segment of several. */

#include "segment_input.h"

C_BEGIN

/* Merge segments into a new one in the folder `out`, which is not there yet. The base of each is
 * the live documents of all before it. But for how its stored text is packed, the result has
 * the bytes that it would have if the live documents had been put into one segment in this order.
 * Nothing is durable yet. `again`: more merges are to come, so little text need not be packed well.
 * Terms are merged on `jobs` threads, or fewer, which change nothing of what is written.
 *
 * ST_DEADLINE once an input has no time left. After a failure the folder may be there; it is of no
 * use. */
enum st segment_join(struct segment_input *const *in, size_t n, bool again, const char *out,
                     unsigned jobs, struct err *err);

C_END
#endif
