/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ranges of documents and the generations that brought them.
 *
 * Neighbours of one generation are one range, so there are as many as there were batches, whatever
 * was merged how often.
 */

#include "born.h"
#include "folder.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void born_init(struct born *b)
{
    *b = (struct born){0};
}

void born_fini(struct born *b)
{
    free(b->range);
    born_init(b);
}

enum st born_add(struct born *b, uint32_t documents, uint64_t generation, struct err *err)
{
    if (documents == 0)
        return ST_OK;
    if (b->n > 0 && b->range[b->n - 1].generation == generation) {
        b->range[b->n - 1].documents += documents;
        return ST_OK;
    }
    struct born_range *more = array_room(b->range, b->n, &b->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    b->range = more;
    b->range[b->n++] = (struct born_range){documents, generation};
    return ST_OK;
}

enum st born_write(const struct born *b, const char *dir, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    struct buf bytes;
    buf_init(&bytes, SIZE_MAX);
    for (size_t i = 0; i < b->n; i++) {
        buf_varint(&bytes, b->range[i].documents);
        buf_varint(&bytes, b->range[i].generation);
    }
    enum st st = buf_ok(&bytes) ? folder_path(path, dir, BORN_NAME, err) : err_nomem(err);
    if (st == ST_OK)
        st = file_new(path, buf_str(&bytes), 0644, err);
    buf_fini(&bytes);
    return st;
}

static enum st decode(const char *path, struct str bytes, uint32_t documents, struct born *out,
                      struct err *err)
{
    uint64_t n, generation, left = documents;
    while (bytes.n > 0) {
        if (!str_varint(&bytes, &n) || !str_varint(&bytes, &generation) || n == 0 || n > left)
            return err_set(err, ST_DAMAGED, "%s: it makes no sense", path);
        enum st st = born_add(out, (uint32_t)n, generation, err);
        if (st != ST_OK)
            return st;
        left -= n;
    }
    return left ? err_set(err, ST_DAMAGED, "%s: it has fewer documents than there are", path)
                : ST_OK;
}

/* The generation in the name of a segment's folder; 0 when it has none. */
static uint64_t generation_of(const char *dir)
{
    uint64_t generation;
    const char *name = strrchr(dir, '/');
    return sscanf(name ? name + 1 : dir, "seg-%" SCNu64 "-", &generation) == 1 ? generation : 0;
}

enum st born_read(const char *dir, uint32_t documents, struct born *out, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    struct buf bytes;
    enum st st = folder_path(path, dir, BORN_NAME, err);
    if (st != ST_OK)
        return st;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return born_add(out, documents, generation_of(dir), err);
    buf_init(&bytes, SIZE_MAX);
    st = file_read(path, &bytes, err);
    if (st == ST_OK)
        st = decode(path, buf_str(&bytes), documents, out, err);
    buf_fini(&bytes);
    return st;
}
