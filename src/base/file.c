/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files: whole reads, durable atomic replacement, copies, mapping, removal of a tree.
 *
 * Replacing follows the only order that survives a power cut: write a temporary file beside the
 * target, fsync it, rename it over the target, fsync the folder. The temporary name is the
 * target's with ".tmp-" and six letters, so that whoever sweeps a folder can tell what a crash
 * left there.
 *
 * Only regular files are read or mapped: opening never blocks on a FIFO. Every descriptor is
 * close-on-exec.
 *
 * Not here: locks, and reading a part of a file.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gongbao/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_PIECE ((size_t)256 << 10)
#define TRIES      100 /* of names for a temporary file */

/* Open a regular file and tell its size. */
static enum st open_regular(const char *path, int *fd_out, size_t *size_out, struct err *err)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_sys(err, "open", path);
    enum st st = ST_OK;
    if (fstat(fd, &info) != 0)
        st = err_sys(err, "stat", path);
    else if (!S_ISREG(info.st_mode))
        st = err_set(err, ST_IO, "%s: not a regular file", path);
    if (st != ST_OK) {
        close(fd);
        return st;
    }
    *fd_out = fd;
    *size_out = (size_t)info.st_size;
    return ST_OK;
}

/* Like read(2), but a signal does not count. */
static ssize_t read_some(int fd, char *to, size_t n)
{
    ssize_t got;
    do
        got = read(fd, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Read on until the end, which may have moved since the size was asked for. */
static enum st read_rest(int fd, size_t want, const char *path, struct buf *out, struct err *err)
{
    for (;;) {
        size_t room = out->max - out->n;
        char *to = buf_room(out, want < room ? want : room);
        if (!to)
            return err_nomem(err);
        /* A full buffer is fine if nothing follows: one byte more tells. */
        char extra;
        bool full = out->n == out->max;
        ssize_t got = read_some(fd, full ? &extra : to, full ? 1 : out->cap - out->n);
        if (got < 0)
            return err_sys(err, "read", path);
        if (got == 0)
            return ST_OK;
        if (full) {
            out->failed = true;
            return err_set(err, ST_IO, "%s: larger than the limit of %zu bytes", path, out->max);
        }
        out->n += (size_t)got;
        want = 1;
    }
}

enum st file_read(const char *path, struct buf *out, struct err *err)
{
    int fd = -1;
    size_t size = 0;
    enum st st = open_regular(path, &fd, &size, err);
    if (st != ST_OK)
        return st;
    st = read_rest(fd, size + 1, path, out, err);
    close(fd);
    return st;
}

bool file_write_all(int fd, struct str data)
{
    while (data.n) {
        ssize_t put = write(fd, data.p, data.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        data = str_from(data.p + put, data.n - (size_t)put);
    }
    return true;
}

ssize_t file_read_at(int fd, void *to, size_t n, uint64_t at)
{
    size_t got = 0;
    while (got < n) {
        ssize_t more = pread(fd, (char *)to + got, n - got, (off_t)(at + got));
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        if (more == 0)
            break;
        got += (size_t)more;
    }
    return (ssize_t)got;
}

static enum st write_data(int fd, struct str data, const char *path, struct err *err)
{
    return file_write_all(fd, data) ? ST_OK : err_sys(err, "write", path);
}

static enum st sync_data(int fd, const char *path, struct err *err)
{
    return fsync(fd) == 0 ? ST_OK : err_sys(err, "fsync", path);
}

/* Takes fd. What went wrong before, st, goes first. */
static enum st close_written(int take_fd, enum st st, const char *path, struct err *err)
{
    return close(take_fd) != 0 && st == ST_OK ? err_sys(err, "close", path) : st;
}

enum st file_new(const char *path, struct str data, mode_t mode, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_sys(err, "create", path);
    enum st st = close_written(fd, write_data(fd, data, path, err), path, err);
    if (st != ST_OK)
        unlink(path);
    return st;
}

/* fsync the folder that path is in. */
static enum st sync_folder_of(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return file_sync(".", err);
    char *folder = slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
    if (!folder)
        return err_nomem(err);
    enum st st = file_sync(folder, err);
    free(folder);
    return st;
}

/* Make a file beside path that is not there yet. *name is the caller's to free, whatever comes of
 * it. */
static enum st make_beside(const char *path, mode_t mode, char **name, int *fd, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    unsigned char byte[6];
    if (asprintf(name, "%s.tmp-XXXXXX", path) < 0) {
        *name = NULL;
        return err_nomem(err);
    }
    char *x = *name + strlen(*name) - sizeof(byte);
    for (int i = 0; i < TRIES; i++) {
        if (getrandom(byte, sizeof(byte), 0) != (ssize_t)sizeof(byte))
            break;
        for (size_t k = 0; k < sizeof(byte); k++)
            x[k] = letters[byte[k] % (sizeof(letters) - 1)];
        *fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (*fd >= 0)
            return ST_OK;
        if (errno != EEXIST)
            break;
    }
    return err_sys(err, "create", *name);
}

/* What has to be durable before the file is. */
struct ahead {
    file_ahead *call;
    void *ctx;
};

/* Fill a fresh file and bring it to the disk. Takes fd. */
static enum st fill_file(int take_fd, struct str data, const char *path, const struct ahead *ahead,
                         struct err *err)
{
    enum st st = write_data(take_fd, data, path, err);
    if (st == ST_OK && ahead) {
        file_begin_sync(take_fd);
        st = ahead->call(ahead->ctx, err);
    }
    if (st == ST_OK)
        st = sync_data(take_fd, path, err);
    return close_written(take_fd, st, path, err);
}

/* `exact`: the mode is not that of the umask. ahead: see file_replace_after; may be NULL. */
static enum st put_file(const char *path, struct str data, mode_t mode, bool exact,
                        const struct ahead *ahead, struct err *err)
{
    char *temporary;
    int fd = -1;
    enum st st = make_beside(path, mode, &temporary, &fd, err);
    if (st != ST_OK) {
        free(temporary);
        return st;
    }
    if (!exact || fchmod(fd, mode) == 0) {
        st = fill_file(fd, data, temporary, ahead, err);
    } else {
        st = err_sys(err, "chmod", temporary);
        close(fd);
    }
    if (st == ST_OK && ahead)
        st = sync_folder_of(path, err);
    if (st == ST_OK && rename(temporary, path) != 0)
        st = err_sys(err, "rename onto", path);
    if (st != ST_OK)
        unlink(temporary);
    free(temporary);
    return st;
}

enum st file_put(const char *path, struct str data, mode_t mode, struct err *err)
{
    return put_file(path, data, mode, false, NULL, err);
}

enum st file_replace_after(const char *path, struct str data, mode_t mode, file_ahead *call,
                           void *ctx, struct err *err)
{
    enum st st = put_file(path, data, mode, false, &(struct ahead){call, ctx}, err);
    return st == ST_OK ? sync_folder_of(path, err) : st;
}

enum st file_replace(const char *path, struct str data, mode_t mode, struct err *err)
{
    enum st st = put_file(path, data, mode, true, NULL, err);
    return st == ST_OK ? sync_folder_of(path, err) : st;
}

/* All of a file to another one that is empty. */
static enum st copy_bytes(int in, const char *from, int out, const char *to, struct err *err)
{
    char *piece = malloc(COPY_PIECE);
    if (!piece)
        return err_nomem(err);
    enum st st = ST_OK;
    for (ssize_t got; st == ST_OK && (got = read_some(in, piece, COPY_PIECE)) != 0;)
        if (got < 0)
            st = err_sys(err, "read", from);
        else if (!file_write_all(out, str_from(piece, (size_t)got)))
            st = err_sys(err, "write", to);
    free(piece);
    return st == ST_OK ? sync_data(out, to, err) : st;
}

enum st file_copy(const char *from, const char *to, struct err *err)
{
    int in = -1;
    size_t size;
    enum st st = open_regular(from, &in, &size, err);
    if (st != ST_OK)
        return st;
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (out < 0) {
        st = err_sys(err, "create", to);
        close(in);
        return st;
    }
    st = copy_bytes(in, from, out, to, err);
    if (close(out) != 0 && st == ST_OK)
        st = err_sys(err, "close", to);
    close(in);
    if (st != ST_OK)
        unlink(to);
    return st;
}

enum st file_sync(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_sys(err, "open", path);
    enum st st = sync_data(fd, path, err);
    close(fd);
    return st;
}

void file_begin_sync(int fd)
{
    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* or not: fsync does it all */
}

enum st file_map(const char *path, struct file_map *out, struct err *err)
{
    int fd = -1;
    size_t size = 0;
    enum st st = open_regular(path, &fd, &size, err);
    if (st != ST_OK)
        return st;
    void *p = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (p == MAP_FAILED)
        st = err_sys(err, "map", path);
    else
        *out = (struct file_map){.p = p, .n = size};
    close(fd);
    return st;
}

void file_unmap(struct file_map *m)
{
    if (m->p)
        munmap((void *)(uintptr_t)m->p, m->n);
    *m = (struct file_map){0};
}

static enum st remove_entries(int take_fd, const char *path, struct err *err);

/* Remove one entry of a folder, whatever it is. path is the folder's, for messages. */
static enum st remove_entry(int folder, const char *name, const char *path, struct err *err)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return ST_OK;
    if (errno != EISDIR && errno != EPERM)
        return err_sys(err, "remove from", path);
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ST_OK : err_sys(err, "open a folder in", path);
    enum st st = remove_entries(fd, path, err);
    if (st == ST_OK && unlinkat(folder, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        st = err_sys(err, "remove a folder from", path);
    return st;
}

/* Empty a folder. Takes fd. */
static enum st remove_entries(int take_fd, const char *path, struct err *err)
{
    DIR *folder = fdopendir(take_fd);
    if (!folder) {
        enum st st = err_sys(err, "read", path);
        close(take_fd);
        return st;
    }
    enum st st = ST_OK;
    while (st == ST_OK) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (!entry) {
            st = errno ? err_sys(err, "read", path) : ST_OK;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            st = remove_entry(dirfd(folder), entry->d_name, path, err);
    }
    closedir(folder);
    return st;
}

enum st file_remove_tree(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ST_OK : err_sys(err, "open", path);
    enum st st = remove_entries(fd, path, err);
    if (st == ST_OK && rmdir(path) != 0 && errno != ENOENT)
        st = err_sys(err, "remove", path);
    return st;
}
