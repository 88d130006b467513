/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A table of glass from its first entry to its last.
 *
 * The tree is walked from the root: the branches on the way to a leaf are kept, a block each, and
 * behind the last item of a leaf the walk goes up to the nearest branch that has another child.
 * Leaves that were written in the order of their keys lie one behind the other, so several blocks
 * are read at a time when the one wanted follows the one before, more each time.
 *
 * Who looks for keys passes by the same branches again and again. The lowest ones, which are nearly
 * all there are, are then kept, as many as there is room for, each in the place that its number
 * gives; of those above, the last one of each level. A table that is open never changes.
 *
 * A tag in one piece is handed out where it lies in the block; pieces are put together in a buffer.
 *
 * Nothing in a block is believed: an offset, a length, a level, a block's number, and the order of
 * keys, which must ascend all the time, are checked before they are used. A walk that enters more
 * blocks than there are goes in a circle.
 *
 * Files are read and not mapped: one that is cut short while it is read is damage then, and no
 * signal.
 */

#include "glass_read.h"
#include "glass_block.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    AHEAD = 16, /* blocks that are read at a time, at most */
    KEPT = 64   /* lowest branches that are kept */
};

/* A block that is being walked through. */
struct place {
    const unsigned char *block;
    uint32_t number;
    size_t at, end; /* of the directory: the next entry, and its end */
};

/* A branch's block, when bytes is not NULL and it is good. */
struct branch {
    unsigned char *bytes;
    uint32_t number;
    bool good;
};

struct glass_cursor {
    char *path;
    int fd;
    struct glass_root root;
    uint32_t blocks;   /* in the file */
    uint32_t left;     /* how many may still be entered before the walk makes no sense */
    struct place leaf; /* at == end: at its end */
    struct place up[GLASS_LEVELS];
    bool begun, over;
    bool sought; /* pieces of a tag that began before may come first */
    bool keep;   /* keys are looked for */

    unsigned char key[GLASS_KEY_MAX]; /* of the entry that was read last */
    size_t nkey;
    struct buf tag; /* of several pieces */

    uint32_t ahead_first, ahead_n; /* the blocks in `ahead` */
    uint32_t ahead_cap;
    uint32_t in_row; /* how many were read at once, the last time */
    unsigned char *ahead;
    struct branch kept[KEPT];           /* of level 1 */
    struct branch branch[GLASS_LEVELS]; /* the last of each level above */
};

static unsigned get16(const unsigned char *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t get32(const unsigned char *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static enum st damaged(const struct glass_cursor *c, uint32_t block, const char *what,
                       struct err *err)
{
    return err_set(err, ST_DAMAGED, "%s: block %u: %s", c->path, block, what);
}

/* ---- blocks ---- */

static enum st read_blocks(const struct glass_cursor *c, uint32_t number, size_t n,
                           unsigned char *to, struct err *err)
{
    size_t want = n * GLASS_BLOCK;
    ssize_t got = file_read_at(c->fd, to, want, (uint64_t)number * GLASS_BLOCK);
    if (got < 0)
        return err_sys(err, "read", c->path);
    return (size_t)got == want ? ST_OK : damaged(c, number, "the file ends before it", err);
}

/* Room for n blocks; who looks for one key needs one. */
static enum st reserve_ahead(struct glass_cursor *c, uint32_t n, struct err *err)
{
    if (n <= c->ahead_cap)
        return ST_OK;
    free(c->ahead);
    c->ahead = malloc((size_t)n * GLASS_BLOCK);
    c->ahead_cap = c->ahead ? n : 0;
    return c->ahead ? ST_OK : err_nomem(err);
}

/* How many blocks to read when this one is wanted: twice as many as before where it follows them,
 * or follows a branch that does. */
static uint32_t how_many(struct glass_cursor *c, uint32_t number)
{
    bool next = c->ahead_n > 0 && number - c->leaf.number <= 2;
    uint32_t n = next ? 2 * c->in_row : 1;
    n = n > AHEAD ? AHEAD : n;
    c->in_row = n;
    return n > c->blocks - number ? c->blocks - number : n;
}

/* A leaf's block, out of several that were read at once. */
static enum st fetch_leaf(struct glass_cursor *c, uint32_t number, const unsigned char **out,
                          struct err *err)
{
    uint32_t i = number - c->ahead_first;
    if (number < c->ahead_first || i >= c->ahead_n) {
        uint32_t n = how_many(c, number);
        c->ahead_n = 0;
        enum st st = reserve_ahead(c, n, err);
        if (st == ST_OK)
            st = read_blocks(c, number, n, c->ahead, err);
        if (st != ST_OK)
            return st;
        c->ahead_first = number;
        c->ahead_n = n;
        i = 0;
    }
    *out = c->ahead + (size_t)i * GLASS_BLOCK;
    return ST_OK;
}

static enum st fetch_branch(struct glass_cursor *c, unsigned level, uint32_t number,
                            const unsigned char **out, struct err *err)
{
    struct branch *b = level == 1 ? &c->kept[c->keep ? number % KEPT : 0] : &c->branch[level];
    *out = b->bytes;
    if (b->bytes && b->good && b->number == number)
        return ST_OK;
    if (!b->bytes)
        b->bytes = malloc(GLASS_BLOCK);
    if (!b->bytes)
        return err_nomem(err);
    *out = b->bytes;
    b->number = number;
    enum st st = read_blocks(c, number, 1, b->bytes, err);
    b->good = st == ST_OK;
    return st;
}

/* Begin to walk through a block, which must be of this level. */
static enum st enter(struct glass_cursor *c, unsigned level, uint32_t number, struct err *err)
{
    struct place *p = level ? &c->up[level] : &c->leaf;
    const unsigned char *block = NULL;
    if (number >= c->blocks)
        return damaged(c, number, "it is beyond the end of the file", err);
    if (c->left-- == 0)
        return damaged(c, number, "it has been passed before", err);
    enum st st =
        level ? fetch_branch(c, level, number, &block, err) : fetch_leaf(c, number, &block, err);
    if (st != ST_OK)
        return st;
    size_t end = get16(block + 9);
    if (block[4] != level)
        return damaged(c, number, "it is of another level", err);
    if (end % 2 != 1 || end < BLOCK_HEAD + 2 || end > GLASS_BLOCK)
        return damaged(c, number, "its directory makes no sense", err);
    *p = (struct place){.block = block, .number = number, .at = BLOCK_HEAD, .end = end};
    return ST_OK;
}

/* ---- branches ---- */

/* A branch's item: the block that it leads to, and the least key there with its piece. */
struct child {
    uint32_t number;
    struct str key;
    unsigned piece;
};

static enum st read_child(const struct glass_cursor *c, const struct place *p, size_t at,
                          struct child *out, struct err *err)
{
    size_t offset = get16(p->block + at);
    if (offset < p->end || offset + 7 > GLASS_BLOCK)
        return damaged(c, p->number, "an item lies outside", err);
    const unsigned char *item = p->block + offset;
    size_t n = item[4];
    if (offset + 7 + n > GLASS_BLOCK)
        return damaged(c, p->number, "a key reaches outside", err);
    *out = (struct child){get32(item), str_from((const char *)item + 5, n), get16(item + 5 + n)};
    return ST_OK;
}

/* From a branch that has been entered down to a level, always by the first child. */
static enum st descend(struct glass_cursor *c, unsigned level, unsigned to, struct err *err)
{
    enum st st = ST_OK;
    for (; level > to && st == ST_OK; level--) {
        struct place *p = &c->up[level];
        struct child child = {0};
        st = read_child(c, p, p->at, &child, err);
        p->at += 2;
        if (st == ST_OK)
            st = enter(c, level - 1, child.number, err);
    }
    return st;
}

/* The block behind the one of a level that has been read; there may be none. */
static enum st next_block(struct glass_cursor *c, unsigned to, struct err *err)
{
    for (unsigned level = to + 1; level <= c->root.level; level++)
        if (c->up[level].at < c->up[level].end)
            return descend(c, level, to, err);
    c->over = true;
    return ST_OK;
}

/* Whether what is sought may begin with this child's first item, or behind it. */
static bool reaches(const struct child *child, struct str key)
{
    int order = str_cmp(child->key, key);
    return order < 0 || (order == 0 && child->piece <= 1);
}

/* Have the next child be the last one that does not begin behind a key. The first one begins before
 * any. */
static enum st choose(struct glass_cursor *c, struct place *p, struct str key, struct err *err)
{
    size_t low = 0, high = (p->end - BLOCK_HEAD) / 2;
    while (high - low > 1) {
        struct child child = {0};
        size_t middle = low + (high - low) / 2;
        enum st st = read_child(c, p, BLOCK_HEAD + 2 * middle, &child, err);
        if (st != ST_OK)
            return st;
        if (reaches(&child, key))
            low = middle;
        else
            high = middle;
    }
    p->at = BLOCK_HEAD + 2 * low;
    return ST_OK;
}

/* ---- leaves ---- */

/* A leaf's item. */
struct piece {
    unsigned flags, number; /* of the piece: 1 and more */
    struct str key, bytes;
};

static enum st read_piece(const struct glass_cursor *c, struct piece *out, struct err *err)
{
    const struct place *p = &c->leaf;
    size_t offset = get16(p->block + p->at);
    if (offset < p->end || offset + 3 > GLASS_BLOCK)
        return damaged(c, p->number, "an item lies outside", err);
    const unsigned char *item = p->block + offset;
    unsigned flags = get16(item);
    size_t size = (flags & ITEM_SIZE) + 3, key = item[2];
    size_t head = 3 + key + (flags & ITEM_FIRST ? 0 : 2);
    if (offset + size > GLASS_BLOCK || head > size)
        return damaged(c, p->number, "an item reaches outside", err);
    *out = (struct piece){
        .flags = flags,
        .number = flags & ITEM_FIRST ? 1 : get16(item + 3 + key),
        .key = str_from((const char *)item + 3, key),
        .bytes = str_from((const char *)item + head, size - head),
    };
    return ST_OK;
}

/* The next item of the leaf, or of the one behind it; c->over when there is none. */
static enum st next_piece(struct glass_cursor *c, struct piece *out, struct err *err)
{
    if (c->leaf.at == c->leaf.end) {
        enum st st = next_block(c, 0, err);
        if (st != ST_OK || c->over)
            return st;
    }
    enum st st = read_piece(c, out, err);
    c->leaf.at += 2;
    return st;
}

/* Go to the first leaf. It begins with an item that stands for nothing. */
static enum st begin(struct glass_cursor *c, struct err *err)
{
    struct piece nothing = {0};
    c->begun = true;
    c->left = c->blocks;
    enum st st = enter(c, c->root.level, c->root.root, err);
    if (st == ST_OK)
        st = descend(c, c->root.level, 0, err);
    if (st == ST_OK)
        st = next_piece(c, &nothing, err);
    if (st == ST_OK && (nothing.key.n > 0 || !(nothing.flags & ITEM_FIRST)))
        st = damaged(c, c->leaf.number, "the first leaf does not begin as one", err);
    return st;
}

/* The first piece of an entry, which must be a first piece behind all keys before. */
static enum st first_piece(struct glass_cursor *c, struct piece *out, struct err *err)
{
    enum st st;
    do
        st = next_piece(c, out, err);
    while (st == ST_OK && !c->over && c->sought && !(out->flags & ITEM_FIRST));
    if (st != ST_OK || c->over)
        return st;
    c->sought = false;
    if (!(out->flags & ITEM_FIRST))
        return damaged(c, c->leaf.number, "a tag has no beginning", err);
    if (str_cmp(str_from((char *)c->key, c->nkey), out->key) >= 0)
        return damaged(c, c->leaf.number, "a key is out of order", err);
    memcpy(c->key, out->key.p, out->key.n);
    c->nkey = out->key.n;
    return ST_OK;
}

/* Put a tag together whose first piece is given. */
static enum st gather(struct glass_cursor *c, const struct piece *first, struct err *err)
{
    struct piece more = *first;
    buf_reset(&c->tag);
    buf_adds(&c->tag, first->bytes);
    for (unsigned number = 2; !(more.flags & ITEM_LAST); number++) {
        enum st st = next_piece(c, &more, err);
        if (st != ST_OK)
            return st;
        if (c->over || more.flags & ITEM_FIRST || more.number != number ||
            ((more.flags ^ first->flags) & ITEM_DEFLATED) ||
            !str_eq(more.key, str_from((char *)c->key, c->nkey)))
            return damaged(c, c->leaf.number, "a tag breaks off", err);
        buf_adds(&c->tag, more.bytes);
    }
    return buf_ok(&c->tag) ? ST_OK : err_nomem(err);
}

enum st glass_cursor_next(struct glass_cursor *c, struct glass_item *out, struct err *err)
{
    struct piece first = {0};
    *out = (struct glass_item){0};
    enum st st = c->begun ? ST_OK : begin(c, err);
    if (st == ST_OK && !c->over)
        st = first_piece(c, &first, err);
    if (st != ST_OK || c->over)
        return st;
    bool whole = first.flags & ITEM_LAST;
    if (!whole)
        st = gather(c, &first, err);
    if (st != ST_OK)
        return st;
    *out = (struct glass_item){.key = str_from((char *)c->key, c->nkey),
                               .tag = whole ? first.bytes : buf_str(&c->tag),
                               .deflated = first.flags & ITEM_DEFLATED};
    return ST_OK;
}

/* ---- leaves, from above ---- */

/* Tell the children of the lowest branch that is entered. */
static enum st tell_children(struct glass_cursor *c, glass_leaf *tell, void *ctx, struct err *err)
{
    struct place *p = &c->up[1];
    enum st st = ST_OK;
    for (; p->at < p->end && st == ST_OK; p->at += 2) {
        struct child child = {0};
        st = read_child(c, p, p->at, &child, err);
        if (st == ST_OK && c->left-- == 0)
            st = damaged(c, p->number, "it leads to more leaves than there are", err);
        if (st == ST_OK && child.key.n > 0)
            st = tell(ctx, child.key, err);
    }
    return st;
}

enum st glass_cursor_leaves(struct glass_cursor *c, glass_leaf *tell, void *ctx, struct err *err)
{
    c->begun = c->over = true;
    if (c->root.entries == 0 || c->root.level == 0)
        return ST_OK;
    c->over = false;
    c->left = c->blocks;
    enum st st = enter(c, c->root.level, c->root.root, err);
    if (st == ST_OK)
        st = descend(c, c->root.level, 1, err);
    while (st == ST_OK && !c->over) {
        st = tell_children(c, tell, ctx, err);
        if (st == ST_OK)
            st = next_block(c, 1, err);
    }
    return st;
}

/* ---- seeking ---- */

static enum st descend_to(struct glass_cursor *c, struct str key, struct err *err)
{
    enum st st = enter(c, c->root.level, c->root.root, err);
    for (unsigned level = c->root.level; level > 0 && st == ST_OK; level--) {
        struct place *p = &c->up[level];
        struct child child = {0};
        st = choose(c, p, key, err);
        if (st == ST_OK)
            st = read_child(c, p, p->at, &child, err);
        p->at += 2;
        if (st == ST_OK)
            st = enter(c, level - 1, child.number, err);
    }
    return st;
}

/* Pass by what the leaf holds below a key. */
static enum st pass_by(struct glass_cursor *c, struct str key, struct err *err)
{
    for (; c->leaf.at < c->leaf.end; c->leaf.at += 2) {
        struct piece p = {0};
        enum st st = read_piece(c, &p, err);
        if (st != ST_OK || (p.flags & ITEM_FIRST && p.key.n > 0 && str_cmp(p.key, key) >= 0))
            return st;
    }
    return ST_OK;
}

enum st glass_cursor_seek(struct glass_cursor *c, struct str key, struct err *err)
{
    if (c->root.entries == 0)
        return ST_OK;
    c->begun = true;
    c->over = false;
    c->sought = true;
    c->keep = true;
    c->left = c->blocks;
    c->nkey = 0;
    enum st st = descend_to(c, key, err);
    return st == ST_OK ? pass_by(c, key, err) : st;
}

/* ---- beginning and end ---- */

static enum st open_file(struct glass_cursor *c, struct err *err)
{
    struct stat sb;
    c->fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (c->fd < 0)
        return errno == ENOENT ? err_set(err, ST_DAMAGED, "%s: missing", c->path)
                               : err_sys(err, "open", c->path);
    if (fstat(c->fd, &sb) != 0)
        return err_sys(err, "stat", c->path);
    if (!S_ISREG(sb.st_mode))
        return err_set(err, ST_DAMAGED, "%s: not a regular file", c->path);
    uint64_t blocks = (uint64_t)sb.st_size / GLASS_BLOCK;
    c->blocks = blocks < UINT32_MAX ? (uint32_t)blocks : UINT32_MAX;
    if (c->root.root >= c->blocks)
        return damaged(c, c->root.root, "the root is beyond the end of the file", err);
    return ST_OK;
}

enum st glass_cursor_new(const char *path, const struct glass_root *root, struct glass_cursor **out,
                         struct err *err)
{
    struct glass_cursor *c = calloc(1, sizeof(*c));
    if (!c)
        return err_nomem(err);
    c->fd = -1;
    c->root = *root;
    buf_init(&c->tag, SIZE_MAX);
    c->path = strdup(path);
    enum st st = c->path ? ST_OK : err_nomem(err);
    c->begun = c->over = root->entries == 0;
    if (st == ST_OK && root->entries > 0)
        st = open_file(c, err);
    if (st != ST_OK)
        glass_cursor_free(c);
    else
        *out = c;
    return st;
}

void glass_cursor_free(struct glass_cursor *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    for (size_t i = 0; i < GLASS_LEVELS; i++)
        free(c->branch[i].bytes);
    for (size_t i = 0; i < KEPT; i++)
        free(c->kept[i].bytes);
    free(c->ahead);
    buf_fini(&c->tag);
    free(c->path);
    free(c);
}
