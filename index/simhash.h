/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SIMHASH_H
#define INDEX_SIMHASH_H

/* A number of 64 bits that differs in few bits for documents that differ in few terms. */

#include "c.h"

C_BEGIN

#define SIMHASH_BYTES 8 /* as a value: the highest first */

/* Of the distinct terms with a frequency; false when there is none. */
bool simhash_of(const struct ix_term *terms, size_t n, uint64_t *out);

C_END
#endif
