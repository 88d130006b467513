/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checksums of a segment's files.
 *
 * SUMS has one line a file, "CHECKSUM  NAME", in order of the names; FORMAT.md has the details.
 * The checksum of SUMS itself stands in the manifest. A segment's folder holds plain files only.
 */

#include "sums.h"
#include "folder.h"
#include <errno.h>
#include <unistd.h>

#define SUMS_MAX ((size_t)1 << 20)

static enum st add_line(const char *folder, const char *name, struct buf *text, uint64_t *disk,
                        struct err *err)
{
    char path[FOLDER_PATH_MAX], hex[SUM_HEX];
    struct sum128 sum;
    uint64_t size;
    enum st st = folder_path(path, folder, name, err);
    if (st == ST_OK)
        st = sum_file(path, &sum, &size, err);
    if (st != ST_OK)
        return st;
    sum_hex(sum, hex);
    buf_addf(text, "%s  %s\n", hex, name);
    *disk += size;
    return ST_OK;
}

static enum st write_text(const char *folder, struct str text, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, folder, SUMS_NAME, err);
    return st == ST_OK ? file_new(path, text, 0644, err) : st;
}

enum st sums_write(const char *folder, uint64_t *disk, struct sum128 *sums, struct err *err)
{
    struct names names;
    enum st st = names_read(folder, &names, err);
    if (st != ST_OK)
        return st;
    struct buf text;
    buf_init(&text, SUMS_MAX);
    *disk = 0;
    for (size_t i = 0; st == ST_OK && i < names.n; i++)
        st = add_line(folder, names.v[i], &text, disk, err);
    if (st == ST_OK)
        st = buf_ok(&text) ? write_text(folder, buf_str(&text), err) : err_nomem(err);
    *disk += text.n;
    *sums = sum128_of(buf_str(&text));
    buf_fini(&text);
    names_free(&names);
    return st;
}

/* The text of SUMS, checked against the manifest. */
static enum st read_text(const char *folder, struct sum128 sums, struct buf *out, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, folder, SUMS_NAME, err);
    if (st != ST_OK)
        return st;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return err_set(err, ST_DAMAGED, "%s: missing", path);
    st = file_read(path, out, err);
    if (st == ST_OK && !sum_eq(sum128_of(buf_str(out)), sums))
        st = err_set(err, ST_DAMAGED, "%s: its checksum is not the one in the manifest", path);
    return st;
}

/* The next line of SUMS; the name is copied so that it ends in a NUL. */
static bool next_line(struct str *text, struct sum128 *sum, char name[256])
{
    struct str line = str_cut(text, '\n');
    if (line.n < SUM_HEX + 2 || line.n - (SUM_HEX + 1) > 255 ||
        !sum_unhex(str_from(line.p, SUM_HEX - 1), sum))
        return false;
    memcpy(name, line.p + SUM_HEX + 1, line.n - (SUM_HEX + 1));
    name[line.n - (SUM_HEX + 1)] = '\0';
    return true;
}

/* A check under way: the first failure is kept, each is told. */
struct sums_walk {
    const char *folder;
    uint64_t total;
    ix_say *say;
    void *ctx;
    struct err first;
};

static void wrong(struct sums_walk *w, const struct err *err)
{
    if (w->first.st == ST_OK)
        w->first = *err;
    if (w->say)
        w->say(w->ctx, err->text);
}

static void check_file(struct sums_walk *w, const char *name, struct sum128 want)
{
    char path[FOLDER_PATH_MAX];
    struct err err = ERR_INIT;
    struct sum128 sum;
    uint64_t size;
    enum st st = folder_path(path, w->folder, name, &err);
    if (st == ST_OK && access(path, F_OK) != 0 && errno == ENOENT)
        st = err_set(&err, ST_DAMAGED, "%s: missing", path);
    if (st == ST_OK)
        st = sum_file(path, &sum, &size, &err);
    if (st == ST_OK)
        w->total += size;
    if (st == ST_OK && !sum_eq(sum, want))
        st = err_set(&err, ST_DAMAGED, "%s: its checksum does not match", path);
    if (st != ST_OK)
        wrong(w, &err);
}

static void check_files(struct sums_walk *w, struct str text, uint64_t disk)
{
    struct err err = ERR_INIT;
    w->total = text.n;
    while (text.n > 0) {
        struct sum128 sum;
        char name[256];
        if (next_line(&text, &sum, name)) {
            check_file(w, name, sum);
        } else {
            err_set(&err, ST_DAMAGED, "%s/" SUMS_NAME ": a line cannot be read", w->folder);
            wrong(w, &err);
        }
    }
    if (w->first.st == ST_OK && w->total != disk) {
        err_set(&err, ST_DAMAGED, "%s: its files have %llu bytes, the manifest says %llu",
                w->folder, (unsigned long long)w->total, (unsigned long long)disk);
        wrong(w, &err);
    }
}

enum st sums_check(const char *folder, uint64_t disk, struct sum128 sums, ix_say *say, void *ctx,
                   struct err *err)
{
    struct sums_walk w = {.folder = folder, .say = say, .ctx = ctx, .first = ERR_INIT};
    struct err mine = ERR_INIT;
    struct buf b;
    buf_init(&b, SUMS_MAX);
    if (read_text(folder, sums, &b, &mine) == ST_OK)
        check_files(&w, buf_str(&b), disk);
    else
        wrong(&w, &mine);
    buf_fini(&b);
    return w.first.st == ST_OK ? ST_OK : err_set(err, w.first.st, "%s", w.first.text);
}
