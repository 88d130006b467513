/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking for documents in docdata.glass by the room's own hands.
 *
 * A cursor stays open as long as the segment and keeps the branches that it has passed, so that a
 * document costs one read of a block, or two where it reaches into the next. libxapian opens a
 * cursor for each document and reads every level of the tree, which takes longer than unpacking.
 *
 * The key of a document is its docid in the form that sorts. That a block is the one that was
 * written is not seen here: the bytes of a segment are held against their checksums when it is
 * opened, and again when its files were written into.
 */

#include "stored.h"
#include "folder.h"
#include "glass_pack.h"
#include "glass_read.h"
#include <stdlib.h>

struct stored {
    struct glass_cursor *cursor;
    char name[]; /* "DIR/docdata.glass", for messages */
};

enum st stored_open(const char *dir, struct stored **out, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    struct glass_about about;
    enum st st = glass_about_read(dir, &about, err);
    if (st == ST_OK)
        st = folder_path(path, dir, "docdata.glass", err);
    if (st != ST_OK)
        return st;
    size_t n = strlen(path) + 1;
    struct stored *s = calloc(1, sizeof(*s) + n);
    if (!s)
        return err_nomem(err);
    memcpy(s->name, path, n);
    st = glass_cursor_new(path, &about.docdata, &s->cursor, err);
    if (st == ST_OK)
        *out = s;
    else
        stored_close(s);
    return st;
}

void stored_close(struct stored *s)
{
    if (!s)
        return;
    glass_cursor_free(s->cursor);
    free(s);
}

enum st stored_read(struct stored *s, uint32_t docid, struct str *data, struct err *err)
{
    struct glass_item item = {0};
    unsigned char key[PACK_SORT_MAX];
    struct str wanted = str_from((char *)key, (size_t)(pack_uint_sort(key, docid) - key));
    enum st st = glass_cursor_seek(s->cursor, wanted, err);
    if (st == ST_OK)
        st = glass_cursor_next(s->cursor, &item, err);
    if (st == ST_OK && (!str_eq(item.key, wanted) || item.deflated))
        st = err_set(err, ST_DAMAGED, "%s: nothing is stored of document %u", s->name, docid);
    *data = item.tag;
    return st;
}
