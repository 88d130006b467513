/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A merge of a segment that may be anything, with one that is sound behind it.
 *
 * The first byte says how the segment is made, and of what documents are dead. Either it is one
 * that was written in good order and then damaged: the rest of the input is a list of wounds, bytes
 * that are changed wherever an item, its head, a directory or anything else lies, blocks that stand
 * in for others, files that end early. Or its tables are sound and hold whatever entries the rest
 * of the input lists: a length and a key, a length and a tag; an empty key leads on to the table of
 * documents, and a tag there of odd length is a record to be packed.
 *
 * A merge is refused as damage, or makes a segment that can be merged again. Checksums, which would
 * find most of it, are not asked.
 *
 * Files are written below GONGBAO_TMP, which is best a folder in memory, or below /tmp.
 */

#include "../../index/glass_pack.h"
#include "../../index/segment_join.h"
#include "../../index/squeeze.h"
#include "proof.h"
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 3, BASES = 2, PATH_ROOM = 256 };

static const char *const file_name[FILES] = {"postlist.glass", "docdata.glass", "iamglass"};

/* A segment in good order. */
struct base {
    struct buf file[FILES];
    uint32_t documents;
    char dir[PATH_ROOM];
};

struct bench {
    char folder[PATH_ROOM / 2];
    char damaged[PATH_ROOM], merged[PATH_ROOM], again[PATH_ROOM];
    struct base base[BASES];
    struct squeeze squeeze;
};

static struct bench the_bench;

static void remove_bench(void)
{
    file_remove_tree(the_bench.folder, NULL);
}

/* ---- segments in good order ---- */

/* Terms that all documents have, that some have, and that one has; more than a block of them. */
static size_t fill_body(uint32_t i, struct ix_term *term, char (*room)[24])
{
    size_t n = 0;
    for (uint32_t k = 0; k < 24; k++) {
        uint32_t which = k < 4 ? k : k < 12 ? 100 + i * k % 37 : 1000 + i * 24 + k;
        int length = snprintf(room[n], sizeof(*room), "t%u", which);
        bool twice = false;
        for (size_t at = 0; at < n; at++)
            twice |= str_eq(term[at].bytes, str_of(room[n]));
        if (!twice)
            term[n] = (struct ix_term){str_from(room[n], (size_t)length), 1 + i * k % 200};
        n += !twice;
    }
    return n;
}

static void write_base(struct base *b, const char *index)
{
    const struct ix_writer_opts opts = {.lexicon = 7};
    struct ix_writer *w;
    uint64_t generation;
    PROVE(NULL, ix_writer_open(index, &opts, &w, NULL) == ST_OK);
    for (uint32_t i = 0; i < b->documents; i++) {
        struct ix_term term[24];
        char room[24][24], id[16];
        snprintf(id, sizeof(id), "d%u", i);
        const struct ix_doc doc = {.id = str_of(id),
                                   .title = STR("通知"),
                                   .body = STR("各县(市、区)人民政府"),
                                   .date = i % 3 ? STR("2024-10-31") : STR("")};
        PROVE(NULL, ix_writer_put(w, &doc, term, fill_body(i, term, room), NULL) == ST_OK);
    }
    PROVE(NULL, ix_writer_publish(w, &generation, NULL) == ST_OK);
    ix_writer_close(w);
    snprintf(b->dir, sizeof(b->dir), "%.200s/seg-1-0", index);
}

static void path_in(char out[PATH_ROOM], const char *dir, const char *name)
{
    PROVE(NULL, snprintf(out, PATH_ROOM, "%s/%s", dir, name) < PATH_ROOM);
}

static void make_base(struct bench *b, size_t i, uint32_t documents)
{
    char index[PATH_ROOM], path[PATH_ROOM];
    snprintf(index, sizeof(index), "%s/index-%zu", b->folder, i);
    b->base[i].documents = documents;
    write_base(&b->base[i], index);
    for (size_t k = 0; k < FILES; k++) {
        path_in(path, b->base[i].dir, file_name[k]);
        buf_init(&b->base[i].file[k], 1 << 24);
        PROVE(NULL, file_read(path, &b->base[i].file[k], NULL) == ST_OK);
    }
}

static struct bench *bench(void)
{
    struct bench *b = &the_bench;
    if (b->folder[0])
        return b;
    const char *tmp = getenv("GONGBAO_TMP");
    snprintf(b->folder, sizeof(b->folder), "%.100s/fuzz-XXXXXX", tmp ? tmp : "/tmp");
    PROVE(NULL, mkdtemp(b->folder) != NULL);
    atexit(remove_bench);
    make_base(b, 0, 5);
    make_base(b, 1, 150);
    path_in(b->damaged, b->folder, "damaged");
    path_in(b->merged, b->folder, "merged");
    path_in(b->again, b->folder, "again");
    PROVE(NULL, mkdir(b->damaged, 0700) == 0);
    squeeze_init(&b->squeeze);
    return b;
}

static void write_file(const char *path, struct str bytes)
{
    FILE *f = fopen(path, "wb");
    PROVE(NULL, f && (bytes.n == 0 || fwrite(bytes.p, 1, bytes.n, f) == bytes.n));
    PROVE(NULL, fclose(f) == 0);
}

/* ---- wounds ---- */

static unsigned take_byte(struct str *s)
{
    if (s->n == 0)
        return 0;
    unsigned byte = (unsigned char)s->p[0];
    *s = str_from(s->p + 1, s->n - 1);
    return byte;
}

static struct str take_bytes(struct str *s, size_t n)
{
    n = n < s->n ? n : s->n;
    struct str bytes = str_from(s->p, n);
    *s = str_from(s->p + n, s->n - n);
    return bytes;
}

/* A place in a block: in the item that its directory has at some number. */
static size_t item_place(const struct buf *file, size_t block, unsigned number)
{
    size_t at = block + 11 + 2 * (size_t)number;
    if (at + 2 > file->n)
        return block;
    return block + ((size_t)(unsigned char)file->p[at] << 8 | (unsigned char)file->p[at + 1]);
}

enum wound { ANYWHERE, IN_AN_ITEM, OTHER_BLOCK, CUT, WOUNDS };

static void wound(struct buf *file, enum wound kind, struct str *s)
{
    size_t blocks = file->n / GLASS_BLOCK, block = take_byte(s), at = take_byte(s);
    block = blocks ? block % blocks * GLASS_BLOCK : 0;
    if (kind == IN_AN_ITEM)
        at = item_place(file, block, (unsigned)at) + take_byte(s);
    else if (kind != OTHER_BLOCK)
        at = block + (at << 8 | take_byte(s));
    if (kind == CUT && at < file->n)
        file->n = at;
    if (kind == OTHER_BLOCK && blocks)
        memmove(file->p + block, file->p + at % blocks * GLASS_BLOCK, GLASS_BLOCK);
    if (kind == CUT || kind == OTHER_BLOCK)
        return;
    struct str bytes = take_bytes(s, 1 + take_byte(s) % 16);
    for (size_t i = 0; i < bytes.n && at + i < file->n; i++)
        file->p[at + i] = bytes.p[i];
}

static void write_wounded(struct bench *b, const struct base *from, struct str s)
{
    struct buf file[FILES];
    for (size_t i = 0; i < FILES; i++) {
        buf_init(&file[i], 1 << 24);
        buf_adds(&file[i], buf_str(&from->file[i]));
    }
    while (s.n > 0) {
        unsigned choice = take_byte(&s);
        wound(&file[choice / WOUNDS % FILES], (enum wound)(choice % WOUNDS), &s);
    }
    for (size_t i = 0; i < FILES; i++) {
        char path[PATH_ROOM];
        path_in(path, b->damaged, file_name[i]);
        write_file(path, buf_str(&file[i]));
        buf_fini(&file[i]);
    }
}

/* ---- entries ---- */

/* Entries until an empty key; those that are not behind the one before are left out. */
static void put_entries(struct bench *b, struct glass_table *t, bool records, struct str *s)
{
    char before[GLASS_KEY_MAX];
    size_t n = 0;
    struct buf data;
    buf_init(&data, 1 << 20);
    while (s->n > 0) {
        struct str key = take_bytes(s, take_byte(s)), tag = take_bytes(s, take_byte(s));
        if (key.n == 0)
            break;
        if (str_cmp(key, str_from(before, n)) <= 0)
            continue;
        memcpy(before, key.p, key.n);
        n = key.n;
        buf_reset(&data);
        if (records && tag.n % 2)
            PROVE(NULL, squeeze_record(&b->squeeze, NULL, tag, &data, NULL) == ST_OK);
        else
            buf_adds(&data, tag);
        PROVE(NULL, glass_table_put(t, key, buf_str(&data), false, NULL) == ST_OK);
    }
    buf_fini(&data);
}

static struct glass_root write_table(struct bench *b, size_t file, struct str *s)
{
    char path[PATH_ROOM];
    struct glass_table *t;
    struct glass_root root;
    path_in(path, b->damaged, file_name[file]);
    unlink(path);
    PROVE(NULL, glass_table_new(path, &t, NULL) == ST_OK);
    put_entries(b, t, file == 1, s);
    PROVE(NULL, glass_table_finish(t, &root, NULL) == ST_OK);
    glass_table_free(t);
    return root;
}

static unsigned char *pack_root(unsigned char *p, const struct glass_root *r)
{
    p = pack_uint(p, r->root);
    p = pack_uint(p, r->level << 2 | (r->entries == 0));
    p = pack_uint(p, r->entries);
    p = pack_uint(p, GLASS_BLOCK >> 11);
    p = pack_uint(p, 4);
    return pack_uint(p, 0); /* no list of free blocks */
}

static void write_about(const char *dir, const struct glass_root root[2], uint32_t documents)
{
    static const char head[] = "\x0f\x0dXapian Glass\x04\x6e";
    const struct glass_root none = {0};
    unsigned char bytes[256] = {0}, *p = bytes + sizeof(head) - 1;
    char path[PATH_ROOM];
    memcpy(bytes, head, sizeof(head) - 1);
    p = pack_uint(p + 16, 1); /* behind a UUID */
    for (int i = 0; i < 6; i++)
        p = pack_root(p, i < 2 ? &root[i] : &none);
    p = pack_uint(p, documents);
    for (int i = 1; i < 8; i++)
        p = pack_uint(p, 0);
    path_in(path, dir, file_name[2]);
    write_file(path, str_from((char *)bytes, (size_t)(p - bytes)));
}

static void write_entries(struct bench *b, uint32_t documents, struct str s)
{
    struct glass_root root[2];
    for (size_t i = 0; i < 2; i++)
        root[i] = write_table(b, i, &s);
    write_about(b->damaged, root, documents);
}

/* ---- the merge ---- */

static enum st merge(const char *const *dir, const uint32_t *documents, const struct tomb *dead,
                     size_t n, const char *to, uint32_t *live)
{
    struct segment_input *in[2] = {NULL, NULL};
    struct err err = ERR_INIT;
    enum st st = ST_OK;
    *live = 0;
    for (size_t i = 0; i < n && st == ST_OK; i++) {
        st = segment_input_new(dir[i], documents[i], i ? NULL : dead, *live, &in[i], &err);
        *live += st == ST_OK ? in[i]->live : 0;
    }
    if (st == ST_OK)
        st = segment_join(in, n, false, to, 1, &err);
    for (size_t i = 0; i < n; i++)
        segment_input_free(in[i]);
    PROVE(NULL, st == ST_OK || st == ST_DAMAGED);
    PROVE(NULL, (st == ST_OK) == (err.text[0] == '\0'));
    return st;
}

static void prove_merge(struct bench *b, uint32_t documents, const struct tomb *dead)
{
    const char *const dir[] = {b->damaged, b->base[0].dir}, *const merged[] = {b->merged};
    const uint32_t count[] = {documents, b->base[0].documents};
    uint32_t live, same;
    if (merge(dir, count, dead, 2, b->merged, &live) == ST_OK) {
        PROVE(NULL, merge(merged, &live, NULL, 1, b->again, &same) == ST_OK && same == live);
        PROVE(NULL, file_remove_tree(b->again, NULL) == ST_OK);
    }
    PROVE(NULL, file_remove_tree(b->merged, NULL) == ST_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench *b = bench();
    struct str s = str_from((const char *)data, size);
    unsigned choice = take_byte(&s);
    bool wounded = choice & 1, some_die = choice & 2;
    const struct base *base = &b->base[choice >> 2 & 1];
    uint32_t documents = wounded ? base->documents : take_byte(&s);
    struct tomb dead;
    tomb_init(&dead);
    for (uint32_t i = 1; i <= documents; i++)
        if (some_die && (i * 7 + choice) % 5 < 2)
            PROVE(NULL, tomb_add(&dead, i, NULL) == ST_OK);
    if (wounded)
        write_wounded(b, base, s);
    else
        write_entries(b, documents, s);
    prove_merge(b, documents, &dead);
    tomb_fini(&dead);
    return 0;
}
