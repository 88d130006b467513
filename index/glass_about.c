/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading the version file of a glass database.
 *
 * It is a magic, the version of the format, a UUID and then packed numbers: the revision, for each
 * of six tables what its B-tree is like, and eight statistics: documents, how far the last docid is
 * beyond their number, the shortest length, the highest wdf, and others that are not needed here.
 * Of the tables only those of postings and of document data are looked at; what is made here has no
 * others. Only blocks of the size that is written here are read.
 */

#include "folder.h"
#include "glass_read.h"

enum { VERSION_MAX = 256, UUID = 16, TABLES = 6, STATISTICS = 8 };

static bool take(struct str *s, struct str want)
{
    if (!str_starts(*s, want))
        return false;
    *s = str_from(s->p + want.n, s->n - want.n);
    return true;
}

/* The root, the level and two flags, the entries, the block size, how long tags are before they are
 * compressed, and a list of free blocks, of which there are none. */
static bool take_root(struct str *s, struct glass_root *r)
{
    enum { NO_ROOT = 1 };
    uint64_t root, level, entries, block, compress;
    struct str list;
    if (!str_varint(s, &root) || !str_varint(s, &level) || !str_varint(s, &entries) ||
        !str_varint(s, &block) || !str_varint(s, &compress) || !str_varstr(s, &list))
        return false;
    bool none = level & NO_ROOT;
    if (root > UINT32_MAX || level >> 2 >= GLASS_LEVELS || block != GLASS_BLOCK >> 11 ||
        none != (entries == 0))
        return false;
    *r = (struct glass_root){
        .root = (uint32_t)root, .level = (unsigned)(level >> 2), .entries = entries};
    return true;
}

static bool parse(struct str s, struct glass_about *out)
{
    uint64_t revision;
    struct glass_root ignored;
    if (!take(&s, STR("\x0f\x0dXapian Glass\x04\x6e")) || s.n < UUID)
        return false;
    s = str_from(s.p + UUID, s.n - UUID);
    if (!str_varint(&s, &revision) || !take_root(&s, &out->postlist) ||
        !take_root(&s, &out->docdata))
        return false;
    for (int i = 2; i < TABLES; i++)
        if (!take_root(&s, &ignored))
            return false;
    uint64_t statistic[STATISTICS];
    for (int i = 0; i < STATISTICS; i++)
        if (!str_varint(&s, &statistic[i]))
            return false;
    if (s.n > 0 || statistic[0] > UINT32_MAX || statistic[1] > UINT32_MAX - statistic[0])
        return false;
    out->documents = statistic[0];
    out->last_docid = statistic[0] + statistic[1];
    return true;
}

enum st glass_about_read(const char *dir, struct glass_about *out, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    struct buf b;
    buf_init(&b, VERSION_MAX);
    enum st st = folder_path(path, dir, "iamglass", err);
    if (st == ST_OK)
        st = file_read(path, &b, err);
    if (st == ST_OK && !parse(buf_str(&b), out))
        st = err_set(err, ST_DAMAGED, "%s: it cannot be read as glass's version file", path);
    buf_fini(&b);
    return st;
}
