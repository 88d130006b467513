/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_BORN_H
#define INDEX_BORN_H

/* Which generation brought which documents of a segment: ranges of docids that follow one another
 * from 1 on. A segment that a batch wrote of new documents is named after its generation; one that
 * was merged has its ranges in a file of its folder. */

#include "c.h"

C_BEGIN

#define BORN_NAME "BORN"

struct born_range {
    uint32_t documents;
    uint64_t generation;
};

struct born {
    struct born_range *range;
    size_t n, cap;
};

void born_init(struct born *b);
void born_fini(struct born *b);

/* Add documents behind those that are there. */
enum st born_add(struct born *b, uint32_t documents, uint64_t generation, struct err *err);

/* Write the file of a segment in the folder `dir`, and read what is known of one that has so many
 * documents into an empty *out. ST_DAMAGED names the file. */
enum st born_write(const struct born *b, const char *dir, struct err *err);
enum st born_read(const char *dir, uint32_t documents, struct born *out, struct err *err);

C_END
#endif
