/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checksums of a segment's files.
 *
 * SUMS has one line a file, "CHECKSUM  NAME", in order of the names; FORMAT.md has the details.
 * The checksum of SUMS itself stands in the manifest. A segment's folder holds plain files only.
 */

#include "sums.h"
#include "folder.h"
#include <errno.h>
#include <sys/stat.h>
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
        st = sum_file(path, true, &sum, &size, err);
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
    return st == ST_OK ? file_replace(path, text, 0644, err) : st;
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

static enum st add_size(const char *folder, const char *name, uint64_t *total, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    struct stat sb;
    enum st st = folder_path(path, folder, name, err);
    if (st != ST_OK)
        return st;
    if (stat(path, &sb) != 0)
        return errno == ENOENT ? err_set(err, ST_DAMAGED, "%s: missing", path)
                               : err_sys(err, "stat", path);
    *total += (uint64_t)sb.st_size;
    return ST_OK;
}

enum st sums_glance(const char *folder, uint64_t disk, struct sum128 sums, struct err *err)
{
    struct buf b;
    buf_init(&b, SUMS_MAX);
    enum st st = read_text(folder, sums, &b, err);
    struct str text = buf_str(&b);
    uint64_t total = b.n;
    while (st == ST_OK && text.n > 0) {
        struct sum128 sum;
        char name[256];
        if (!next_line(&text, &sum, name))
            st = err_set(err, ST_DAMAGED, "%s: a line of " SUMS_NAME " cannot be read", folder);
        else
            st = add_size(folder, name, &total, err);
    }
    if (st == ST_OK && total != disk)
        st = err_set(err, ST_DAMAGED, "%s: its files have %llu bytes, the manifest says %llu",
                     folder, (unsigned long long)total, (unsigned long long)disk);
    buf_fini(&b);
    return st;
}

static enum st check_file(const char *folder, const char *name, struct sum128 want, ix_say *say,
                          void *ctx)
{
    char path[FOLDER_PATH_MAX];
    struct err err = ERR_INIT;
    struct sum128 sum;
    uint64_t size;
    enum st st = folder_path(path, folder, name, &err);
    if (st == ST_OK)
        st = sum_file(path, false, &sum, &size, &err);
    if (st == ST_OK && !sum_eq(sum, want))
        st = err_set(&err, ST_DAMAGED, "%s: its checksum does not match", path);
    if (st == ST_OK)
        return ST_OK;
    say(ctx, err.text);
    return ST_DAMAGED;
}

static enum st check_files(const char *folder, struct str text, ix_say *say, void *ctx)
{
    enum st st = ST_OK;
    while (text.n > 0) {
        struct sum128 sum;
        char name[256];
        if (!next_line(&text, &sum, name) || check_file(folder, name, sum, say, ctx) != ST_OK)
            st = ST_DAMAGED;
    }
    return st;
}

enum st sums_check(const char *folder, struct sum128 sums, ix_say *say, void *ctx, struct err *err)
{
    struct buf b;
    struct err mine = ERR_INIT;
    buf_init(&b, SUMS_MAX);
    enum st st = read_text(folder, sums, &b, &mine);
    if (st == ST_OK) {
        st = check_files(folder, buf_str(&b), say, ctx);
        if (st == ST_DAMAGED)
            err_set(err, st, "%s: a file is damaged", folder);
    } else {
        say(ctx, mine.text);
        err_set(err, st, "%s", mine.text);
    }
    buf_fini(&b);
    return st;
}
