/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_POST_MERGE_H
#define INDEX_POST_MERGE_H

/* Several inputs as one. */

#include "post_source.h"

C_BEGIN

/* A source that tells what sources of all inputs tell; the postings of an input stand behind those
 * of the inputs before it. The inputs are borrowed, the array is not. */
enum st post_merge_open(const struct post_input *const *input, size_t n, struct post_source **out,
                        struct err *err);

C_END
#endif
