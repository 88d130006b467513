/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SEGMENT_MERGE_H
#define INDEX_SEGMENT_MERGE_H

/* What makes one segment of several. The rest of the room knows nothing else of how that is done,
 * so that another merger can take this one's place. */

#include "c.h"

C_BEGIN

/* Merge the segments DIR/NAME[0] to DIR/NAME[n - 1], which are known to be the bytes once written,
 * into a new one in the folder `out`, which is not there yet. Docids go on from one input to the
 * next: docid d of an input becomes d plus the documents of all inputs before it. Nothing is made
 * durable. After a failure the folder may be there; it is of no use. */
enum st segment_merge(const char *dir, const char *const *name, size_t n, const char *out,
                      struct err *err);

C_END
#endif
