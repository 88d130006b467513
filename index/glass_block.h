/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_BLOCK_H
#define INDEX_GLASS_BLOCK_H

/* A block of a table, for who writes and who reads it.
 *
 *     4 bytes    revision
 *     1          level; 0: a leaf
 *     2, 2       free bytes, in one piece and in all
 *     2          where the directory ends
 *     2 each     the directory: where each item begins, in the order of keys
 *
 * and items from the end backwards. A leaf's item begins with two bytes: flags, and its size less
 * three.
 */

enum {
    BLOCK_HEAD = 11,        /* bytes before the directory */
    ITEM_DEFLATED = 0x8000, /* the tag is a raw deflate stream */
    ITEM_LAST = 0x4000,     /* the last piece of a tag */
    ITEM_FIRST = 0x2000,    /* the first; others have their number behind the key */
    ITEM_SIZE = 0x1fff
};

#endif
