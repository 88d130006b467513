/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_READ_H
#define INDEX_GLASS_READ_H

/* What reads a glass database without libxapian: its tables, entry by entry, in the order of keys.
 *
 *     struct glass_about about;
 *     struct glass_cursor *c;
 *     struct glass_item item;
 *     glass_about_read("seg-38-0", &about, err);
 *     glass_cursor_new("seg-38-0/postlist.glass", &about.postlist, &c, err);
 *     while (glass_cursor_next(c, &item, err) == ST_OK && item.key.n > 0)
 *         ...
 *     glass_cursor_free(c);
 *
 * Whatever the bytes are, nothing outside them is looked at and every walk ends: what makes no
 * sense is ST_DAMAGED, naming the file. A byte that is wrong and still makes sense is not found
 * here; checksums find it.
 */

#include "c.h"
#include "glass_table.h"

C_BEGIN

/* What the version file tells. */
struct glass_about {
    struct glass_root postlist, docdata; /* without their checksums */
    uint64_t documents;
    uint64_t last_docid;
};

enum st glass_about_read(const char *dir, struct glass_about *out, struct err *err);

struct glass_cursor;

/* An entry. At the end the key is empty. */
struct glass_item {
    struct str key, tag;
    bool deflated; /* the tag is a raw deflate stream of what it stands for */
};

/* Open a table; the next entry is the first one. A table without entries needs no file. */
enum st glass_cursor_new(const char *path, const struct glass_root *root, struct glass_cursor **out,
                         struct err *err);

/* Have the next entry be the first whose key is not less than this one. */
enum st glass_cursor_seek(struct glass_cursor *c, struct str key, struct err *err);

/* Tell the key that leads to each leaf but the first. It is not above the keys in the leaf and
 * above most before it; it need not be that of an entry. Then the walk is at its end. Only branches
 * are read, a hundredth of the file. */
typedef enum st glass_leaf(void *ctx, struct str key, struct err *err);
enum st glass_cursor_leaves(struct glass_cursor *c, glass_leaf *tell, void *ctx, struct err *err);

/* The next entry; its strings are good until the next call. After a failure a cursor can only be
 * sought again, or freed. */
enum st glass_cursor_next(struct glass_cursor *c, struct glass_item *out, struct err *err);

void glass_cursor_free(struct glass_cursor *c);

C_END
#endif
