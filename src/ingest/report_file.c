/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file that a report goes to.
 *
 * A slip on the command line must not cost a file: the report may be none of the files that the
 * batch reads, whatever name or hard link leads to it, and nothing in the index's folder. What
 * stands in the file stays until the batch may proceed; up to then the report's lines wait in
 * memory, and a file that was made for them goes again if the batch ends before.
 *
 * The folder is told by resolved paths. A link that leads nowhere is not followed.
 */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder that path is in, resolved; or path itself when it is there. */
static bool resolve(const char *path, char out[PATH_MAX])
{
    char copy[PATH_MAX];
    if (realpath(path, out))
        return true;
    if (errno != ENOENT || strlen(path) >= sizeof(copy))
        return false;
    strcpy(copy, path);
    return realpath(dirname(copy), out);
}

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    if (strncmp(path, folder, n) != 0)
        return false;
    return path[n] == 0 || path[n] == '/' || folder[n - 1] == '/';
}

static enum st refuse(const char *path, const char *why, struct err *err)
{
    return err_set(err, ST_USAGE, "report %s: %s", path, why);
}

enum st report_open(struct report *r, const char *path, const char *index, struct err *err)
{
    char place[PATH_MAX], folder[PATH_MAX];
    const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;
    if (!resolve(path, place))
        return refuse(path, strerror(errno), err);
    if (realpath(index, folder) && is_below(place, folder))
        return refuse(path, "lies in the folder of the index", err);
    int fd = open(path, flags);
    r->made = fd < 0 && errno == ENOENT;
    if (r->made)
        fd = open(path, flags | O_CREAT | O_EXCL, 0644);
    if (fd < 0)
        return refuse(path, strerror(errno), err);
    r->fd = fd;
    r->path = path;
    r->held = true;
    return ST_OK;
}

enum st report_apart(const struct report *r, const struct stat *file, const char *name,
                     struct err *err)
{
    struct stat sb;
    if (!r->path)
        return ST_OK;
    if (fstat(r->fd, &sb) != 0)
        return err_sys(err, "stat", r->path);
    if (!S_ISREG(sb.st_mode) || sb.st_dev != file->st_dev || sb.st_ino != file->st_ino)
        return ST_OK;
    return err_set(err, ST_USAGE, "report %s: the same file as %s, which is to be read", r->path,
                   name);
}

enum st report_begin(struct report *r, struct err *err)
{
    struct stat sb;
    if (!r->held)
        return ST_OK;
    if (fstat(r->fd, &sb) != 0 || (S_ISREG(sb.st_mode) && ftruncate(r->fd, 0) != 0))
        return err_sys(err, "empty", r->path);
    r->held = false;
    return ST_OK;
}

void report_close(struct report *r)
{
    if (!r->path)
        return;
    if (r->held && r->made)
        unlink(r->path);
    close(r->fd);
}
