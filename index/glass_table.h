/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_TABLE_H
#define INDEX_GLASS_TABLE_H

/* One table of a glass database: a B-tree that is written from left to right. */

#include "c.h"

C_BEGIN

#define GLASS_BLOCK   8192 /* bytes in a block */
#define GLASS_KEY_MAX 255
#define GLASS_LEVELS  10 /* a tree has no more */

struct glass_table;

/* What the version file tells about a table. */
struct glass_root {
    uint32_t root;
    unsigned level;   /* of the root: 0 is a leaf */
    uint64_t entries; /* 0: the file is empty, and there is no root */
    uint32_t blocks;
    struct sum128 sum; /* made of all blocks */
};

/* Begin the file, which is not there yet. */
enum st glass_table_new(const char *path, struct glass_table **out, struct err *err);

/* Add an entry. Keys ascend as unsigned bytes and have 1 to GLASS_KEY_MAX of them, or it is
 * ST_INTERNAL. `deflated`: the tag is a raw deflate stream of what it stands for. A tag too long
 * for the format, some 130 MB, is ST_REJECTED. */
enum st glass_table_put(struct glass_table *t, struct str key, struct str tag, bool deflated,
                        struct err *err);

/* Write out what is left and close the file, which is not durable yet. */
enum st glass_table_finish(struct glass_table *t, struct glass_root *out, struct err *err);

void glass_table_free(struct glass_table *t);

C_END
#endif
