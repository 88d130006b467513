/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of postings, in chunks.
 *
 * A chunk is whether it is the last, the distance from its first docid to its last, the first wdf,
 * and then for each further posting the gap between docids less one, and the wdf. The first chunk
 * begins with the number of postings, the sum of their wdf and the first docid less one; the others
 * have their first docid in the key. A chunk is full once its postings take 2000 bytes, as the
 * library has it, so readers skip at the pace that they are made for.
 *
 * Postings come packed as they will be written. They are copied, with the gap between two parts put
 * in anew, until a chunk is full; only where a chunk ends inside a part is it read posting by
 * posting.
 *
 * An entry for the table is the length of its key, the length of its tag in two bytes, key and tag.
 *
 * The lengths of documents are a list like that of a term, but for the key and the two counts,
 * which are 0.
 */

#include "glass_postlist.h"
#include "glass_unpack.h"

enum { HEAD_MAX = 5 * PACK_MAX + 1 };

/* ---- entries ---- */

static size_t chunk_head(const struct glass_list *l, bool is_last, unsigned char *head)
{
    unsigned char *p = head;
    if (!l->later) {
        p = pack_uint(pack_uint(p, l->tf), l->cf);
        p = pack_uint(p, l->first - 1);
    }
    *p++ = is_last ? '1' : '0';
    p = pack_uint(p, l->last - l->first);
    return (size_t)(p - head);
}

static void close_chunk(struct glass_list *l, bool is_last)
{
    unsigned char head[HEAD_MAX];
    size_t key_n = l->key_n, head_n = chunk_head(l, is_last, head), n = head_n + l->n;
    if (l->later)
        key_n = (size_t)(pack_uint_sort(l->key + l->later_n, l->first) - l->key);
    unsigned char *p = (unsigned char *)buf_room(l->out, 3 + key_n + n);
    if (!p)
        return;
    if (key_n > GLASS_KEY_MAX)
        key_n = 0; /* which the table refuses */
    p[0] = (unsigned char)key_n;
    p[1] = (unsigned char)(n >> 8);
    p[2] = (unsigned char)n;
    memcpy(p + 3, l->key, key_n);
    memcpy(p + 3 + key_n, head, head_n);
    memcpy(p + 3 + key_n + head_n, l->body, l->n);
    l->out->n += 3 + key_n + n;
    l->later = true;
    l->n = 0;
}

enum st glass_put_entries(struct glass_table *t, struct str entries, struct err *err)
{
    const char *p = entries.p, *end = p + entries.n;
    enum st st = ST_OK;
    while (p < end && st == ST_OK) {
        size_t key_n = (unsigned char)p[0];
        size_t tag_n = (size_t)(unsigned char)p[1] << 8 | (unsigned char)p[2];
        struct str key = str_from(p + 3, key_n), tag = str_from(p + 3 + key_n, tag_n);
        st = glass_table_put(t, key, tag, false, err);
        p = tag.p + tag_n;
    }
    return st;
}

/* ---- lists ---- */

static void begin(struct glass_list *l, unsigned char *key_end, uint64_t tf, uint64_t cf)
{
    l->key_n = l->later_n = (size_t)(key_end - l->key);
    l->tf = tf;
    l->cf = cf;
    l->later = false;
    l->n = 0;
}

void glass_list_term(struct glass_list *l, struct str term, uint64_t tf, uint64_t cf)
{
    begin(l, pack_string_sort(l->key, term), tf, cf);
    l->key[l->later_n++] = 0;
}

static void append(struct glass_list *l, const unsigned char *p, const unsigned char *end)
{
    memcpy(l->body + l->n, p, (size_t)(end - p));
    l->n += (size_t)(end - p);
}

/* Fill chunk after chunk with postings. p stands at the wdf of docid; the gap before it is there
 * where one is wanted. */
static void add_long(struct glass_list *l, const unsigned char *p, const unsigned char *end,
                     uint32_t docid)
{
    for (;;) {
        const unsigned char *q = skip_sure(p);
        uint64_t gap;
        while (q < end && l->n + (size_t)(q - p) < GLASS_CHUNK_FULL) {
            q = skip_sure(unpack_sure(q, &gap));
            docid += (uint32_t)gap + 1;
        }
        append(l, p, q);
        l->last = docid;
        if (q == end)
            return;
        close_chunk(l, false);
        p = unpack_sure(q, &gap);
        docid += (uint32_t)gap + 1;
        l->first = docid;
    }
}

void glass_list_add(struct glass_list *l, const struct post_part *part)
{
    const unsigned char *p = (const unsigned char *)part->packed.p, *end = p + part->packed.n;
    if (l->n >= GLASS_CHUNK_FULL)
        close_chunk(l, false);
    if (l->n)
        l->n = (size_t)(pack_uint(l->body + l->n, part->first - l->last - 1) - l->body);
    else
        l->first = part->first;
    if (l->n + part->packed.n <= GLASS_CHUNK_FULL)
        append(l, p, end);
    else
        add_long(l, p, end, part->first);
    l->last = part->last;
}

void glass_list_end(struct glass_list *l)
{
    close_chunk(l, true);
}

/* ---- lengths ---- */

/* Lengths packed as postings; two numbers of 32 bits take PACK_MAX. */
static void pack_lengths(struct buf *out, const struct glass_length *length, size_t n)
{
    unsigned char *begin = (unsigned char *)buf_room(out, n * PACK_MAX), *p = begin;
    if (!begin)
        return;
    for (size_t i = 0; i < n; i++) {
        if (i)
            p = pack_uint(p, length[i].docid - length[i - 1].docid - 1);
        p = pack_uint(p, length[i].length);
    }
    out->n += (size_t)(p - begin);
}

enum st glass_put_lengths(struct glass_table *t, const struct glass_length *length, size_t n,
                          struct err *err)
{
    struct buf packed, out;
    struct glass_list l = {.out = &out};
    if (n == 0)
        return ST_OK;
    buf_init(&packed, SIZE_MAX);
    buf_init(&out, SIZE_MAX);
    pack_lengths(&packed, length, n);
    bool good = buf_ok(&packed);
    if (good) {
        const struct post_part all = {length[0].docid, length[n - 1].docid, buf_str(&packed)};
        begin(&l, glass_begin_key(l.key, GLASS_LENGTHS), 0, 0);
        glass_list_add(&l, &all);
        glass_list_end(&l);
        good = buf_ok(&out);
    }
    enum st st = good ? glass_put_entries(t, buf_str(&out), err) : err_nomem(err);
    buf_fini(&packed);
    buf_fini(&out);
    return st;
}
