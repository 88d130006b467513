/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_TERMS_H
#define INDEX_GLASS_TERMS_H

/* All terms of a table of postings, merged from what has them. */

#include "glass_table.h"
#include "post_source.h"

C_BEGIN

/* Put the terms of all inputs, on so many threads (0 counts as one), which change nothing of what
 * is written. A term takes its bytes in a key and each NUL twice; keys go up to 255 bytes, of which
 * up to 6 are needed for more. *wdf_max: the highest of any posting, 0 when there is none. */
enum st glass_put_terms(struct glass_table *t, const struct post_input *const *input, size_t n,
                        unsigned jobs, uint32_t *wdf_max, struct err *err);

C_END
#endif
