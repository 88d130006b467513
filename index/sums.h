/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SUMS_H
#define INDEX_SUMS_H

/* SUMS: the checksums of the files in a segment's folder. */

#include "checksum.h"

C_BEGIN

#define SUMS_NAME "SUMS"

/* Make every file in the folder durable, write its SUMS, and make the folder durable. *disk: the
 * sizes of all files; *sums: the checksum of SUMS. */
enum st sums_write(const char *folder, uint64_t *disk, struct sum128 *sums, struct err *err);

/* What can be seen without reading the files: SUMS is the one that was written, and the sizes add
 * up. ST_DAMAGED. */
enum st sums_glance(const char *folder, uint64_t disk, struct sum128 sums, struct err *err);

/* Read every file and compare; one line to `say` for each that is wrong, missing or not listed.
 * ST_DAMAGED when there was one. */
enum st sums_check(const char *folder, struct sum128 sums, ix_say *say, void *ctx, struct err *err);

C_END
#endif
