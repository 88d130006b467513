/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A glass database without termlists and positions, written in the order of its keys.
 *
 * Document data goes to its table as it comes. The table of postings begins with metadata, values
 * and the lengths of documents, which are held back until the first term. The version file, which
 * alone makes a database of the files, is written last. It tells the roots of the tables, those
 * that are not there too, and statistics that bound what a query can weigh.
 *
 * Not here: the library's lock file. A writer of the library makes one where there is none, and
 * readers never look at it.
 */

#include "glass.h"
#include "folder.h"
#include "glass_early.h"
#include "glass_postlist.h"
#include "glass_terms.h"
#include <stdlib.h>
#include <sys/stat.h>

enum { REVISION = 1, MODE = 0644 };

/* Tags longer than this may be compressed, says the version file of a table; 0: none is. */
enum { COMPRESS = 18, NEVER = 0 };

struct glass {
    char *dir;
    struct glass_table *postlist, *docdata;
    struct glass_early early;
    struct glass_length *length; /* of every document */
    size_t documents, cap;
    uint64_t length_total;
    uint32_t length_min, length_max; /* not counting 0; 0 when there is none */
    uint32_t wdf_max;
    bool terms; /* what stands before them is written */
};

static enum st new_table(const struct glass *g, const char *name, struct glass_table **out,
                         struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, g->dir, name, err);
    return st == ST_OK ? glass_table_new(path, out, err) : st;
}

enum st glass_new(const char *dir, struct glass **out, struct err *err)
{
    struct glass *g = calloc(1, sizeof(*g));
    if (!g)
        return err_nomem(err);
    glass_early_init(&g->early);
    g->dir = strdup(dir);
    enum st st = g->dir ? ST_OK : err_nomem(err);
    if (st == ST_OK && mkdir(dir, 0755) != 0)
        st = err_sys(err, "create", dir);
    if (st == ST_OK)
        st = new_table(g, "postlist.glass", &g->postlist, err);
    if (st == ST_OK)
        st = new_table(g, "docdata.glass", &g->docdata, err);
    if (st != ST_OK)
        glass_free(g);
    else
        *out = g;
    return st;
}

void glass_free(struct glass *g)
{
    if (!g)
        return;
    glass_table_free(g->postlist);
    glass_table_free(g->docdata);
    glass_early_fini(&g->early);
    free(g->length);
    free(g->dir);
    free(g);
}

/* ---- documents ---- */

static enum st add_length(struct glass *g, uint32_t docid, uint32_t length, struct err *err)
{
    struct glass_length *more = array_room(g->length, g->documents, &g->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    g->length = more;
    g->length[g->documents++] = (struct glass_length){docid, length};
    g->length_total += length;
    if (length && (!g->length_min || length < g->length_min))
        g->length_min = length;
    if (length > g->length_max)
        g->length_max = length;
    return ST_OK;
}

static uint32_t last_docid(const struct glass *g)
{
    return g->documents ? g->length[g->documents - 1].docid : 0;
}

enum st glass_document(struct glass *g, uint32_t docid, uint32_t length, struct str data,
                       struct err *err)
{
    if (g->terms || docid <= last_docid(g))
        return err_set(err, ST_INTERNAL, "%s: document %u is out of order", g->dir, docid);
    enum st st = add_length(g, docid, length, err);
    if (st != ST_OK || !data.n)
        return st;
    unsigned char key[PACK_SORT_MAX];
    size_t n = (size_t)(pack_uint_sort(key, docid) - key);
    return glass_table_put(g->docdata, str_from((char *)key, n), data, false, err);
}

enum st glass_value(struct glass *g, uint32_t docid, uint32_t slot, struct str value,
                    struct err *err)
{
    return glass_early_value(&g->early, docid, slot, value, err);
}

enum st glass_metadata(struct glass *g, struct str name, struct str value, struct err *err)
{
    return glass_early_metadata(&g->early, name, value, err);
}

/* ---- terms ---- */

/* Everything that stands before the first term. */
static enum st begin_terms(struct glass *g, struct err *err)
{
    if (g->terms)
        return ST_OK;
    g->terms = true;
    enum st st = glass_early_put(&g->early, g->postlist, err);
    return st == ST_OK ? glass_put_lengths(g->postlist, g->length, g->documents, err) : st;
}

enum st glass_terms(struct glass *g, const struct post_input *const *input, size_t n, unsigned jobs,
                    struct err *err)
{
    if (g->terms)
        return err_set(err, ST_INTERNAL, "%s: terms are given twice", g->dir);
    enum st st = begin_terms(g, err);
    return st == ST_OK ? glass_put_terms(g->postlist, input, n, jobs, &g->wdf_max, err) : st;
}

/* ---- the version file ---- */

static void add_root(struct buf *b, const struct glass_root *r, unsigned compress)
{
    bool fake = r->entries == 0;
    buf_varint(b, r->root);
    buf_varint(b, r->level << 2 | 2u | fake); /* 2: leaves are numbered in order */
    buf_varint(b, r->entries);
    buf_varint(b, GLASS_BLOCK >> 11);
    buf_varint(b, compress);
    unsigned char list[6 * PACK_MAX], *p = list;
    if (!fake) { /* free blocks: the revision, the first unused one, and an empty list */
        p = pack_uint(pack_uint(p, REVISION), r->blocks);
        for (int i = 0; i < 4; i++)
            p = pack_uint(p, 0);
    }
    buf_varstr(b, str_from((char *)list, (size_t)(p - list)));
}

static void add_statistics(struct buf *b, const struct glass *g)
{
    const uint64_t statistics[] = {
        g->documents,
        last_docid(g) - g->documents,
        g->length_min,
        g->wdf_max,
        g->length_max - g->wdf_max,
        0, /* oldest set of changes */
        g->length_total,
        0, /* bound of spelling frequencies */
    };
    for (size_t i = 0; i < sizeof(statistics) / sizeof(statistics[0]); i++)
        buf_varint(b, statistics[i]);
}

/* A checksum of all that is in the tables, in the form of a UUID of version 8: one's own making. */
static void add_uuid(struct buf *b, const struct glass_root *postlist,
                     const struct glass_root *docdata)
{
    const struct str sums[] = {str_from((const char *)&postlist->sum, sizeof(postlist->sum)),
                               str_from((const char *)&docdata->sum, sizeof(docdata->sum))};
    struct sum128 sum = sum128_join(sums, 2);
    unsigned char uuid[sizeof(sum)];
    memcpy(uuid, &sum, sizeof(sum));
    uuid[6] = (unsigned char)(0x80 | (uuid[6] & 0x0f));
    uuid[8] = (unsigned char)(0x80 | (uuid[8] & 0x3f));
    buf_add(b, uuid, sizeof(uuid));
}

static enum st write_version(const struct glass *g, const struct glass_root *postlist,
                             const struct glass_root *docdata, struct err *err)
{
    const struct glass_root none = {0};
    char path[FOLDER_PATH_MAX];
    struct buf b;
    buf_init(&b, 256); /* readers take no more */
    buf_adds(&b, STR("\x0f\x0dXapian Glass\x04\x6e"));
    add_uuid(&b, postlist, docdata);
    buf_varint(&b, REVISION);
    add_root(&b, postlist, NEVER);
    add_root(&b, docdata, COMPRESS);
    add_root(&b, &none, COMPRESS); /* termlist */
    add_root(&b, &none, NEVER);    /* position */
    add_root(&b, &none, COMPRESS); /* spelling */
    add_root(&b, &none, COMPRESS); /* synonym */
    add_statistics(&b, g);
    enum st st = buf_ok(&b) ? folder_path(path, g->dir, "iamglass", err) : err_nomem(err);
    if (st == ST_OK)
        st = file_new(path, buf_str(&b), MODE, err);
    buf_fini(&b);
    return st;
}

enum st glass_finish(struct glass *g, struct err *err)
{
    struct glass_root postlist, docdata;
    enum st st = begin_terms(g, err);
    if (st == ST_OK && g->wdf_max > g->length_max)
        st = err_set(err, ST_INTERNAL, "%s: a frequency is higher than any length", g->dir);
    if (st == ST_OK)
        st = glass_table_finish(g->postlist, &postlist, err);
    if (st == ST_OK)
        st = glass_table_finish(g->docdata, &docdata, err);
    return st == ST_OK ? write_version(g, &postlist, &docdata, err) : st;
}
