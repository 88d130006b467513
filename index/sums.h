/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SUMS_H
#define INDEX_SUMS_H

/* SUMS: the checksums of the files in a segment's folder. */

#include "c.h"

C_BEGIN

#define SUMS_NAME "SUMS"

/* Write the SUMS of a folder. *disk: the sizes of all files; *sums: the checksum of SUMS. */
enum st sums_write(const char *folder, uint64_t *disk, struct sum128 *sums, struct err *err);

/* Read every file and compare: SUMS with `sums`, the files with SUMS, their sizes with `disk`.
 * ST_DAMAGED names the first file that is wrong; `say`, unless NULL, is told of each. */
enum st sums_check(const char *folder, uint64_t disk, struct sum128 sums, ix_say *say, void *ctx,
                   struct err *err);

C_END
#endif
