/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tombstone files.
 *
 * A file holds all tombstones of one segment as of one generation and is never changed: a batch
 * that adds one writes a new file under its own generation. FORMAT.md has the bytes. A file is
 * believed only when its checksum is right, it names the segment, its docids ascend, and there are
 * as many as the manifest says.
 */

#include "tomb.h"
#include "folder.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MAGIC    STR("gongbao-dead 1\n")
#define FILE_MAX ((size_t)1 << 31)
#define SUM_SIZE 8

void tomb_init(struct tomb *t)
{
    *t = (struct tomb){0};
}

void tomb_fini(struct tomb *t)
{
    free(t->docid);
    tomb_init(t);
}

enum st tomb_add(struct tomb *t, uint32_t docid, struct err *err)
{
    uint32_t *more = array_room(t->docid, t->n, &t->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    t->docid = more;
    t->docid[t->n++] = docid;
    return ST_OK;
}

enum st tomb_join(struct tomb *t, const struct tomb *more, struct err *err)
{
    enum st st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < more->n; i++)
        st = tomb_add(t, more->docid[i], err);
    return st;
}

static int docid_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void tomb_sort(struct tomb *t)
{
    if (t->n == 0)
        return;
    qsort(t->docid, t->n, sizeof(*t->docid), docid_order);
    size_t n = 1;
    for (size_t i = 1; i < t->n; i++)
        if (t->docid[i] != t->docid[n - 1])
            t->docid[n++] = t->docid[i];
    t->n = n;
}

bool tomb_has(const struct tomb *t, uint32_t docid)
{
    return t->n > 0 && bsearch(&docid, t->docid, t->n, sizeof(docid), docid_order) != NULL;
}

static void put_sum(struct buf *b)
{
    uint64_t sum = sum64_of(buf_str(b));
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_addc(b, (char)(sum >> shift & 255));
}

static enum st dead_path(char out[FOLDER_PATH_MAX], const char *dir,
                         const struct manifest_segment *s, struct err *err)
{
    char name[MANIFEST_DEAD_MAX];
    manifest_dead_name(s, name);
    return folder_path(out, dir, name, err);
}

enum st tomb_write(const char *dir, const struct manifest_segment *s, const struct tomb *t,
                   struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = dead_path(path, dir, s, err);
    if (st != ST_OK)
        return st;
    struct buf b;
    buf_init(&b, FILE_MAX);
    buf_adds(&b, MAGIC);
    buf_varint(&b, strlen(s->name));
    buf_addz(&b, s->name);
    buf_varint(&b, t->n);
    for (size_t i = 0; i < t->n; i++)
        buf_varint(&b, t->docid[i] - (i > 0 ? t->docid[i - 1] : 0));
    put_sum(&b);
    st = buf_ok(&b) ? file_put(path, buf_str(&b), 0644, err) : err_nomem(err);
    buf_fini(&b);
    return st;
}

/* Cut the checksum off the end; false when it is not that of the rest. */
static bool cut_sum(struct str *s)
{
    if (s->n < SUM_SIZE)
        return false;
    s->n -= SUM_SIZE;
    uint64_t sum = 0;
    for (size_t i = 0; i < SUM_SIZE; i++)
        sum = sum << 8 | (unsigned char)s->p[s->n + i];
    return sum == sum64_of(*s);
}

static bool cut_text(struct str *s, struct str want)
{
    if (!str_starts(*s, want))
        return false;
    *s = str_from(s->p + want.n, s->n - want.n);
    return true;
}

static enum st parse_docids(struct str s, const struct manifest_segment *seg, struct tomb *out,
                            struct err *err)
{
    uint64_t docid = 0;
    for (uint64_t i = 0; i < seg->dead; i++) {
        uint64_t gap;
        if (!str_varint(&s, &gap) || gap == 0 || gap > seg->documents - docid)
            return err_set(err, ST_DAMAGED, "a document number is out of order or out of range");
        docid += gap;
        enum st st = tomb_add(out, (uint32_t)docid, err);
        if (st != ST_OK)
            return st;
    }
    return s.n == 0 ? ST_OK : err_set(err, ST_DAMAGED, "there is more in it than tombstones");
}

static enum st parse(struct str s, const struct manifest_segment *seg, struct tomb *out,
                     struct err *err)
{
    uint64_t length, count;
    if (!cut_sum(&s))
        return err_set(err, ST_DAMAGED, "its checksum does not match");
    if (!cut_text(&s, MAGIC) || !str_varint(&s, &length) || length != strlen(seg->name) ||
        !cut_text(&s, str_of(seg->name)))
        return err_set(err, ST_DAMAGED, "it is not the tombstone file of %s", seg->name);
    if (!str_varint(&s, &count) || count != seg->dead)
        return err_set(err, ST_DAMAGED, "the manifest counts %llu tombstones, it has another count",
                       (unsigned long long)seg->dead);
    return parse_docids(s, seg, out, err);
}

enum st tomb_load(const char *dir, const struct manifest_segment *s, struct tomb *out,
                  struct err *err)
{
    char path[FOLDER_PATH_MAX];
    if (s->dead_since == 0)
        return ST_OK;
    enum st st = dead_path(path, dir, s, err);
    if (st != ST_OK)
        return st;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return err_set(err, ST_DAMAGED, "%s: missing", path);
    struct buf b;
    buf_init(&b, FILE_MAX);
    st = file_read(path, &b, err);
    if (st == ST_OK) {
        st = parse(buf_str(&b), s, out, err);
        if (st != ST_OK) {
            err_prefix(err, "%s", path);
            tomb_fini(out);
        }
    }
    buf_fini(&b);
    return st;
}
