/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading and writing the manifest.
 *
 * The text is checked as a whole by its last line before anything in it is believed, and then
 * every item is read strictly: a known key, in its place, with a value in its range. A segment's
 * name can therefore be used as a path without further thought.
 */

#include "manifest.h"
#include "folder.h"
#include <errno.h>
#include <gongbao/array.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION  3
#define TEXT_MAX ((size_t)64 << 20)

void manifest_init(struct manifest *m)
{
    *m = (struct manifest){0};
}

void manifest_fini(struct manifest *m)
{
    free(m->segment);
    manifest_init(m);
}

struct manifest_segment *manifest_add(struct manifest *m)
{
    struct manifest_segment *p = array_room(m->segment, m->n, &m->cap, sizeof(*p));
    if (!p)
        return NULL;
    m->segment = p;
    struct manifest_segment *s = &m->segment[m->n++];
    *s = (struct manifest_segment){0};
    return s;
}

enum st manifest_copy(const struct manifest *m, struct manifest *out, struct err *err)
{
    manifest_init(out);
    for (size_t i = 0; i < m->n; i++) {
        struct manifest_segment *s = manifest_add(out);
        if (!s) {
            manifest_fini(out);
            return err_nomem(err);
        }
        *s = m->segment[i];
    }
    out->generation = m->generation;
    out->published = m->published;
    return ST_OK;
}

void manifest_dead_name(const struct manifest_segment *s, char out[MANIFEST_DEAD_MAX])
{
    snprintf(out, MANIFEST_DEAD_MAX, "dead-%s-%" PRIu64, s->name, s->dead_since);
}

void manifest_copy_name(uint64_t generation, char out[MANIFEST_COPY_MAX])
{
    snprintf(out, MANIFEST_COPY_MAX, MANIFEST_NAME ".%" PRIu64, generation);
}

/* ---- writing ---- */

static void format_segment(const struct manifest_segment *s, struct buf *out)
{
    char sums[SUM_HEX];
    sum_hex(s->sums, sums);
    buf_addf(out, "segment %s documents=%" PRIu64 " body=%" PRIu64, s->name, s->documents, s->body);
    buf_addf(out, " dead=%" PRIu64 " dead_body=%" PRIu64 " dead_since=%" PRIu64, s->dead,
             s->dead_body, s->dead_since);
    buf_addf(out, " disk=%" PRIu64 " lexicon=%016" PRIx64 " fold=%" PRIu32 " sums=%s\n", s->disk,
             s->lexicon, s->fold, sums);
}

void manifest_format(const struct manifest *m, struct buf *out)
{
    size_t start = out->n;
    buf_addf(out, "gongbao-index %d\n", VERSION);
    buf_addf(out, "generation %" PRIu64 "\npublished %" PRIu64 "\n", m->generation, m->published);
    for (size_t i = 0; i < m->n; i++)
        format_segment(&m->segment[i], out);
    if (!buf_ok(out))
        return;
    char sum[SUM_HEX];
    sum_hex(sum128_of(str_from(out->p + start, out->n - start)), sum);
    buf_addf(out, "checksum %s\n", sum);
}

/* A manifest on its way into a folder. */
struct news {
    const char *dir;
    const struct manifest *m;
};

static bool is_new(const struct manifest *m, const struct manifest_segment *s)
{
    char stem[MANIFEST_SEG_MAX];
    int n = snprintf(stem, sizeof(stem), "seg-%" PRIu64 "-", m->generation);
    return strncmp(s->name, stem, (size_t)n) == 0;
}

static enum st sync_segments(void *ctx, struct err *err)
{
    const struct news *news = ctx;
    enum st st = ST_OK;
    for (size_t i = 0; i < news->m->n && st == ST_OK; i++) {
        char path[FOLDER_PATH_MAX];
        if (!is_new(news->m, &news->m->segment[i]))
            continue;
        st = folder_path(path, news->dir, news->m->segment[i].name, err);
        if (st == ST_OK)
            st = folder_sync(path, err);
    }
    return st;
}

static enum st write_as(struct news *news, const char *name, bool publish, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    struct buf text;
    buf_init(&text, TEXT_MAX);
    manifest_format(news->m, &text);
    enum st st = folder_path(path, news->dir, name, err);
    if (st == ST_OK && !buf_ok(&text))
        st = err_nomem(err);
    if (st == ST_OK)
        st = publish ? file_replace_after(path, buf_str(&text), 0644, sync_segments, news, err)
                     : file_put(path, buf_str(&text), 0644, err);
    buf_fini(&text);
    return st;
}

enum st manifest_publish(const char *dir, const struct manifest *m, struct err *err)
{
    return write_as(&(struct news){dir, m}, MANIFEST_NAME, true, err);
}

bool manifest_equal(const struct manifest *a, const struct manifest *b)
{
    struct buf x, y;
    buf_init(&x, TEXT_MAX);
    buf_init(&y, TEXT_MAX);
    manifest_format(a, &x);
    manifest_format(b, &y);
    bool same = buf_ok(&x) && buf_ok(&y) && str_eq(buf_str(&x), buf_str(&y));
    buf_fini(&x);
    buf_fini(&y);
    return same;
}

static bool one_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Whether DIR/NAME can be read and says what m does. */
static bool says(const char *dir, const char *name, const struct manifest *m)
{
    struct manifest copy;
    manifest_init(&copy);
    bool same = manifest_load(dir, name, &copy, NULL) == ST_OK && manifest_equal(&copy, m);
    manifest_fini(&copy);
    return same;
}

enum st manifest_keep(const char *dir, const struct manifest *m, struct err *err)
{
    char name[MANIFEST_COPY_MAX], from[FOLDER_PATH_MAX], to[FOLDER_PATH_MAX];
    manifest_copy_name(m->generation, name);
    enum st st = folder_path(from, dir, MANIFEST_NAME, err);
    if (st == ST_OK)
        st = folder_path(to, dir, name, err);
    if (st != ST_OK || link(from, to) == 0)
        return st;
    if (errno == EEXIST && (one_file(from, to) || says(dir, name, m)))
        return ST_OK;
    /* Not every file system has links, and a copy may have come to harm. */
    return write_as(&(struct news){dir, m}, name, false, err);
}

/* ---- reading ---- */

static bool take_word(struct str *line, const char *word)
{
    return str_eq(str_cut(line, ' '), str_of(word));
}

/* "key=" and the text behind it, up to a space. */
static bool take_key(struct str *line, const char *key, struct str *value)
{
    struct str item = str_cut(line, ' ');
    if (!str_eq(str_cut(&item, '='), str_of(key)))
        return false;
    *value = item;
    return true;
}

static bool take_count(struct str *line, const char *key, uint64_t max, uint64_t *out)
{
    struct str value;
    return take_key(line, key, &value) && str_u64(value, max, out);
}

static bool take_stamp(struct str *line, uint64_t *out)
{
    struct str value;
    char digits[SUM_HEX] = "0000000000000000";
    struct sum128 sum;
    if (!take_key(line, "lexicon", &value) || value.n != 16)
        return false;
    memcpy(digits + 16, value.p, 16);
    if (!sum_unhex(str_from(digits, 32), &sum))
        return false;
    *out = sum.lo;
    return true;
}

/* seg-G-N in decimal digits, so that the name is nothing but a name. */
static bool take_name(struct str *line, char out[MANIFEST_SEG_MAX])
{
    struct str name = str_cut(line, ' ');
    struct str rest = name;
    uint64_t generation, number;
    bool good = name.n < MANIFEST_SEG_MAX && str_eq(str_cut(&rest, '-'), STR("seg")) &&
                str_u64(str_cut(&rest, '-'), UINT64_MAX, &generation) &&
                str_u64(rest, UINT64_MAX, &number);
    if (!good)
        return false;
    memcpy(out, name.p, name.n);
    out[name.n] = '\0';
    return true;
}

static bool parse_segment(struct str line, uint64_t generation, struct manifest_segment *s)
{
    uint64_t fold;
    struct str sums;
    bool good = take_name(&line, s->name) &&
                take_count(&line, "documents", UINT32_MAX, &s->documents) &&
                take_count(&line, "body", UINT64_MAX, &s->body) &&
                take_count(&line, "dead", s->documents, &s->dead) &&
                take_count(&line, "dead_body", s->body, &s->dead_body) &&
                take_count(&line, "dead_since", generation, &s->dead_since) &&
                take_count(&line, "disk", UINT64_MAX, &s->disk) && take_stamp(&line, &s->lexicon) &&
                take_count(&line, "fold", UINT32_MAX, &fold) && take_key(&line, "sums", &sums) &&
                sum_unhex(sums, &s->sums) && line.n == 0;
    if (!good)
        return false;
    s->fold = (uint32_t)fold;
    return (s->dead != 0) == (s->dead_since != 0);
}

/* Cut the last line off, and see that it is the checksum of what is before it. */
static bool cut_checksum(struct str *text)
{
    const size_t length = sizeof "checksum \n" - 1 + SUM_HEX - 1;
    if (text->n < length)
        return false;
    struct str line = str_from(text->p + text->n - length, length - 1);
    text->n -= length;
    struct sum128 sum;
    return take_word(&line, "checksum") && sum_unhex(line, &sum) &&
           text->p[text->n + length - 1] == '\n' && sum_eq(sum, sum128_of(*text));
}

static bool parse_number(struct str *text, const char *word, uint64_t *out)
{
    struct str line = str_cut(text, '\n');
    return take_word(&line, word) && str_u64(line, UINT64_MAX, out);
}

static enum st parse_items(struct str text, struct manifest *out, struct err *err)
{
    uint64_t version;
    if (!parse_number(&text, "gongbao-index", &version))
        return err_set(err, ST_DAMAGED, "it does not begin with \"gongbao-index\"");
    if (version != VERSION)
        return err_set(err, ST_DAMAGED, "written in version %" PRIu64 ", this program reads %d%s",
                       version, VERSION,
                       version < VERSION ? ": ingest again, into a new folder" : "");
    if (!parse_number(&text, "generation", &out->generation) ||
        !parse_number(&text, "published", &out->published) || out->generation == 0)
        return err_set(err, ST_DAMAGED, "generation or time cannot be read");
    while (text.n > 0) {
        struct str line = str_cut(&text, '\n');
        struct manifest_segment *s = manifest_add(out);
        if (!s)
            return err_nomem(err);
        if (!take_word(&line, "segment") || !parse_segment(line, out->generation, s))
            return err_set(err, ST_DAMAGED, "the line of segment %zu cannot be read", out->n);
    }
    return ST_OK;
}

enum st manifest_parse(struct str text, struct manifest *out, struct err *err)
{
    if (!cut_checksum(&text))
        return err_set(err, ST_DAMAGED, "its checksum does not match");
    enum st st = parse_items(text, out, err);
    if (st != ST_OK)
        manifest_fini(out);
    return st;
}

enum st manifest_load(const char *dir, const char *name, struct manifest *out, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, dir, name, err);
    if (st != ST_OK)
        return st;
    struct stat sb;
    if (stat(path, &sb) != 0)
        return errno == ENOENT ? err_set(err, ST_NO_INDEX, "%s: there is no index here", dir)
                               : err_sys(err, "stat", path);
    struct buf text;
    buf_init(&text, TEXT_MAX);
    st = file_read(path, &text, err);
    if (st == ST_OK) {
        st = manifest_parse(buf_str(&text), out, err);
        if (st != ST_OK)
            err_prefix(err, "%s", path);
    }
    buf_fini(&text);
    return st;
}
