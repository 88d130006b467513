/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of postings, in chunks.
 *
 * A chunk is whether it is the last, the distance from its first docid to its last, the first wdf,
 * and then for each further posting the gap between docids less one, and the wdf. The first chunk
 * begins with the number of postings, the sum of their wdf and the first docid less one; the others
 * have their first docid in the key. A chunk is full once its postings take 2000 bytes, as the
 * library has it, so readers skip at the pace that they are made for.
 *
 * The lengths of documents are a list like that of a term, but for the key and the two counts,
 * which are 0.
 */

#include "glass_postlist.h"
#include "glass_pack.h"

enum {
    FULL = 2000,
    HEAD_MAX = 5 * PACK_MAX + 1,
    BODY_MAX = FULL + 2 * PACK_MAX,
    KEY_ROOM = 2 * GLASS_KEY_MAX /* for keys that turn out too long as well */
};

/* A chunk's postings are packed behind the room for its head, which is known last. */
struct chunk {
    unsigned char bytes[HEAD_MAX + BODY_MAX];
    unsigned char *end;
};

/* Pack postings from the first on until the chunk is full; how many. */
static size_t fill(struct chunk *c, const struct glass_posting *posting, size_t n)
{
    unsigned char *p = c->bytes + HEAD_MAX, *full = p + FULL;
    p = pack_uint(p, posting[0].wdf);
    size_t i;
    for (i = 1; i < n && p < full; i++) {
        p = pack_uint(p, posting[i].docid - posting[i - 1].docid - 1);
        p = pack_uint(p, posting[i].wdf);
    }
    c->end = p;
    return i;
}

/* The chunk's tag, its head before its postings; counts only for the first chunk. */
static struct str with_head(struct chunk *c, const struct glass_counts *counts, uint32_t first,
                            uint32_t last, bool is_last)
{
    unsigned char head[HEAD_MAX], *p = head;
    if (counts) {
        p = pack_uint(p, counts->tf);
        p = pack_uint(p, counts->cf);
        p = pack_uint(p, first - 1);
    }
    *p++ = is_last ? '1' : '0';
    p = pack_uint(p, last - first);
    size_t n = (size_t)(p - head);
    unsigned char *begin = c->bytes + HEAD_MAX - n;
    memcpy(begin, head, n);
    return str_from((const char *)begin, (size_t)(c->end - begin));
}

enum st glass_put_list(struct glass_table *t, struct str key, struct str then,
                       struct glass_counts counts, const struct glass_posting *posting, size_t n,
                       struct err *err)
{
    struct chunk chunk;
    chunk.end = chunk.bytes;
    unsigned char later[KEY_ROOM + 1 + 5], *did = later;
    memcpy(did, key.p, key.n);
    did += key.n;
    if (then.n)
        *did++ = (unsigned char)then.p[0];
    for (size_t i = 0; i < n;) {
        size_t took = fill(&chunk, posting + i, n - i);
        uint32_t first = posting[i].docid, last = posting[i + took - 1].docid;
        struct str tag = with_head(&chunk, i ? NULL : &counts, first, last, i + took == n);
        if (i)
            key = str_from((char *)later, (size_t)(pack_uint_sort(did, first) - later));
        enum st st = glass_table_put(t, key, tag, false, err);
        if (st != ST_OK)
            return st;
        i += took;
    }
    return ST_OK;
}

enum st glass_put_term(struct glass_table *t, struct str term, uint64_t cf,
                       const struct glass_posting *posting, size_t n, struct err *err)
{
    unsigned char key[KEY_ROOM];
    if (term.n > GLASS_KEY_MAX)
        return err_set(err, ST_INTERNAL, "a term of %zu bytes is too long", term.n);
    struct str packed = str_from((char *)key, (size_t)(pack_string_sort(key, term) - key));
    return glass_put_list(t, packed, str_from("", 1), (struct glass_counts){n, cf}, posting, n,
                          err);
}

enum st glass_put_lengths(struct glass_table *t, const struct glass_posting *length, size_t n,
                          struct err *err)
{
    return glass_put_list(t, STR("\x00\xe0"), str_from(NULL, 0), (struct glass_counts){0, 0},
                          length, n, err);
}
