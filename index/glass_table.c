/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A B-tree from left to right, each block written once.
 *
 * A file is blocks of one size. A block is a head of 11 bytes, a directory of two bytes an item
 * that grows upward, and the items, which are stacked from the end downward; all numbers are
 * big-endian. A leaf holds the pieces of tags under their keys, a branch the numbers of blocks
 * under keys that divide them. One block of each level is open. An item that does not fit closes
 * the block: that gets the next number, goes to the file, and is entered in the open block one
 * level up, which may close likewise. So a block stands behind its children, leaves are numbered in
 * the order of their keys, and the file is one stream. At the end all levels are closed upward; the
 * first that never closed a block before is the root.
 *
 * A tag that does not fit is cut into pieces. The first piece fills the leaf, unless so little room
 * is left there that a longer dividing key would cost more than it gains; the others are as
 * long as pieces may be, four to a leaf.
 *
 * Between two leaves the dividing key is the shortest that tells the first key of the right one
 * from the last of the left one. Dividing keys move up the tree unchanged. The first leaf begins
 * with an item of an empty key, and the first key of any branch is left empty: it is never looked
 * at.
 *
 * Not here: reading, changing anything, the list of free blocks.
 */

#include "glass_table.h"
#include "glass_block.h"
#include <fcntl.h>
#include <gongbao/file.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    REVISION = 1,
    ITEM_MAX = (GLASS_BLOCK - 19) / 4, /* so that four fit in a block, which later writers need */
    PIECE_MIN = 34, /* a first piece of fewer bytes than this and its key is not cut */
    PIECES_MAX = 65535,
    OUT_BLOCKS = 64, /* written by one call */
    BEGIN_SYNC = 256 /* a table of fewer may be merged with others before it is to be durable */
};

/* The first key of a block and which piece of the tag it holds: what divides it from the block
 * before. */
struct divider {
    unsigned char key[GLASS_KEY_MAX];
    uint8_t n;
    uint16_t piece;
};

struct level {
    size_t directory; /* its end */
    size_t low;       /* offset of the item added last */
    struct divider first;
    unsigned char block[GLASS_BLOCK];
};

struct glass_table {
    char *path;
    int fd;
    uint32_t blocks; /* numbered so far */
    uint64_t entries;
    struct divider last; /* the key added last */
    struct sum128 sum;   /* of what has been written, each time with the sum before */
    size_t out_n;
    uint32_t open; /* a bit for each level whose block is begun; the others are never touched */
    struct level level[GLASS_LEVELS];
    unsigned char out[OUT_BLOCKS * GLASS_BLOCK];
};

static unsigned char *put16(unsigned char *p, size_t v)
{
    p[0] = (unsigned char)(v >> 8);
    p[1] = (unsigned char)v;
    return p + 2;
}

static unsigned char *put32(unsigned char *p, uint32_t v)
{
    return put16(put16(p, v >> 16), v & 0xffff);
}

static unsigned char *put_bytes(unsigned char *p, const void *from, size_t n)
{
    if (n)
        memcpy(p, from, n);
    return p + n;
}

/* ---- blocks ---- */

static bool is_open(const struct glass_table *t, unsigned level)
{
    return t->open >> level & 1;
}

static void open_block(struct glass_table *t, unsigned level)
{
    t->open |= 1u << level;
    t->level[level].directory = BLOCK_HEAD;
    t->level[level].low = GLASS_BLOCK;
}

/* The longest item that still fits. */
static size_t room(const struct level *l)
{
    size_t gap = l->low - l->directory;
    return gap > 2 ? gap - 2 : 0;
}

/* Where an item of n bytes, for which there is room, is to be written. */
static unsigned char *add_item(struct level *l, size_t n)
{
    l->low -= n;
    put16(l->block + l->directory, l->low);
    l->directory += 2;
    return l->block + l->low;
}

static enum st flush(struct glass_table *t, struct err *err)
{
    struct str out = str_from((const char *)t->out, t->out_n);
    if (!file_write_all(t->fd, out))
        return err_sys(err, "write", t->path);
    const struct str summed[] = {str_from((const char *)&t->sum, sizeof(t->sum)), out};
    t->sum = sum128_join(summed, 2);
    t->out_n = 0;
    return ST_OK;
}

/* Give the open block of a level the next number and write it. */
static enum st write_block(struct glass_table *t, unsigned level, uint32_t *number, struct err *err)
{
    struct level *l = &t->level[level];
    size_t gap = l->low - l->directory;
    unsigned char *p = put32(l->block, REVISION);
    *p++ = (unsigned char)level;
    p = put16(p, gap); /* in one piece */
    p = put16(p, gap); /* in all */
    put16(p, l->directory);
    memset(l->block + l->directory, 0, gap);
    memcpy(t->out + t->out_n, l->block, GLASS_BLOCK);
    t->out_n += GLASS_BLOCK;
    t->open &= ~(1u << level);
    if (t->blocks == UINT32_MAX)
        return err_set(err, ST_REJECTED, "%s: too many blocks", t->path);
    *number = t->blocks++;
    return t->out_n == sizeof(t->out) ? flush(t, err) : ST_OK;
}

static enum st close_block(struct glass_table *t, unsigned level, struct err *err);

/* Enter a block of the level below under what divides it from the one before. */
static enum st enter(struct glass_table *t, unsigned level, const struct divider *d,
                     uint32_t number, struct err *err)
{
    if (level == GLASS_LEVELS)
        return err_set(err, ST_INTERNAL, "%s: the tree is too high", t->path);
    struct level *l = &t->level[level];
    if (is_open(t, level) && room(l) < (size_t)d->n + 7) {
        enum st st = close_block(t, level, err);
        if (st != ST_OK)
            return st;
    }
    bool leftmost = !is_open(t, level);
    if (leftmost) {
        open_block(t, level);
        l->first = *d;
    }
    uint8_t n = leftmost ? 0 : d->n;
    unsigned char *p = put32(add_item(l, (size_t)n + 7), number);
    *p++ = n;
    p = put_bytes(p, d->key, n);
    put16(p, leftmost ? 0 : d->piece);
    return ST_OK;
}

static enum st close_block(struct glass_table *t, unsigned level, struct err *err)
{
    uint32_t number = 0;
    enum st st = write_block(t, level, &number, err);
    return st == ST_OK ? enter(t, level + 1, &t->level[level].first, number, err) : st;
}

/* ---- leaves ---- */

/* The shortest key that is greater than the last one of the leaf before and not greater than this
 * one; between two pieces of a tag the whole key. */
static void divide(const struct divider *last, struct str key, uint16_t piece, struct divider *out)
{
    size_t n = 0;
    if (piece == 1) {
        while (n < last->n && n < key.n && last->key[n] == (unsigned char)key.p[n])
            n++;
        n++;
    } else {
        n = key.n;
    }
    memcpy(out->key, key.p, n);
    out->n = (uint8_t)n;
    out->piece = piece;
}

/* One piece of a tag into a leaf. */
static enum st put_piece(struct glass_table *t, struct str key, uint16_t piece, unsigned flags,
                         struct str bytes, struct err *err)
{
    struct level *leaf = &t->level[0];
    size_t size = 3 + key.n + (piece > 1 ? 2 : 0) + bytes.n;
    if (room(leaf) < size) {
        enum st st = close_block(t, 0, err);
        if (st != ST_OK)
            return st;
        open_block(t, 0);
        divide(&t->last, key, piece, &leaf->first);
    }
    unsigned char *p =
        put16(add_item(leaf, size), flags | (piece == 1 ? ITEM_FIRST : 0u) | (size - 3));
    *p++ = (unsigned char)key.n;
    p = put_bytes(p, key.p, key.n);
    if (piece > 1)
        p = put16(p, piece);
    put_bytes(p, bytes.p, bytes.n);
    return ST_OK;
}

/* How many bytes of a tag its first piece takes. */
static size_t first_piece(const struct level *leaf, size_t key, size_t tag)
{
    size_t head = 3 + key, left = room(leaf);
    if (left >= head + tag && ITEM_MAX >= head + tag)
        return tag;
    if (left > ITEM_MAX)
        left = ITEM_MAX;
    if (left < head + key + PIECE_MIN)
        left = ITEM_MAX;
    return tag < left - head ? tag : left - head;
}

static void open_first_leaf(struct glass_table *t)
{
    struct level *leaf = &t->level[0];
    open_block(t, 0);
    leaf->first = (struct divider){.piece = 0};
    unsigned char *p = put16(add_item(leaf, 3), ITEM_FIRST | ITEM_LAST);
    *p = 0;
}

static bool ascends(const struct divider *last, struct str key)
{
    return key.n > 0 && key.n <= GLASS_KEY_MAX &&
           str_cmp(str_from((const char *)last->key, last->n), key) < 0;
}

enum st glass_table_put(struct glass_table *t, struct str key, struct str tag, bool deflated,
                        struct err *err)
{
    if (!ascends(&t->last, key))
        return err_set(err, ST_INTERNAL, "%s: a key is out of order", t->path);
    if (tag.n > (size_t)PIECES_MAX * (ITEM_MAX - 5 - GLASS_KEY_MAX))
        return err_set(err, ST_REJECTED, "%s: an entry of %zu bytes is too long", t->path, tag.n);
    if (!t->entries++)
        open_first_leaf(t);
    unsigned flags = deflated ? ITEM_DEFLATED : 0;
    size_t n = first_piece(&t->level[0], key.n, tag.n);
    for (uint16_t piece = 1;; piece++) {
        unsigned last = n == tag.n ? ITEM_LAST : 0;
        enum st st = put_piece(t, key, piece, flags | last, str_from(tag.p, n), err);
        if (st != ST_OK)
            return st;
        if (piece == 1) {
            memcpy(t->last.key, key.p, key.n);
            t->last.n = (uint8_t)key.n;
        }
        if (last)
            return ST_OK;
        tag = str_from(tag.p + n, tag.n - n);
        size_t most = ITEM_MAX - 5 - key.n;
        n = tag.n < most ? tag.n : most;
    }
}

/* ---- beginning and end ---- */

enum st glass_table_new(const char *path, struct glass_table **out, struct err *err)
{
    struct glass_table *t = malloc(sizeof(*t));
    if (!t)
        return err_nomem(err);
    t->fd = -1;
    t->blocks = 0;
    t->entries = 0;
    t->out_n = 0;
    t->last.n = 0;
    t->sum = (struct sum128){0, 0};
    t->open = 0;
    t->path = strdup(path);
    enum st st = t->path ? ST_OK : err_nomem(err);
    if (st == ST_OK) {
        t->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        st = t->fd < 0 ? err_sys(err, "create", path) : ST_OK;
    }
    if (st != ST_OK)
        glass_table_free(t);
    else
        *out = t;
    return st;
}

/* Close the open blocks, from the leaves to the root. */
static enum st close_levels(struct glass_table *t, struct glass_root *out, struct err *err)
{
    unsigned top = 0;
    while (top + 1 < GLASS_LEVELS && is_open(t, top + 1)) {
        enum st st = close_block(t, top++, err);
        if (st != ST_OK)
            return st;
    }
    out->level = top;
    return write_block(t, top, &out->root, err);
}

enum st glass_table_finish(struct glass_table *t, struct glass_root *out, struct err *err)
{
    *out = (struct glass_root){.entries = t->entries};
    enum st st = t->entries ? close_levels(t, out, err) : ST_OK;
    if (st == ST_OK)
        st = flush(t, err);
    if (t->blocks >= BEGIN_SYNC)
        file_begin_sync(t->fd);
    out->blocks = t->blocks;
    out->sum = t->sum;
    if (close(t->fd) != 0 && st == ST_OK)
        st = err_sys(err, "close", t->path);
    t->fd = -1;
    return st;
}

void glass_table_free(struct glass_table *t)
{
    if (!t)
        return;
    if (t->fd >= 0)
        close(t->fd);
    free(t->path);
    free(t);
}
