/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is to be read: the sources given, folders taken apart into their files.
 *
 * The whole plan is made before anything is read, so that a misspelt name stops a batch before it
 * begins, and so that the bytes to come are known. A name tells the kind: .jsonl, .txt, and either
 * with .gz behind it. A source that is named must be of a known kind; in a folder other files
 * are passed over and reported, and what begins with a dot is not looked at.
 *
 * A folder is walked in order of names, byte by byte. Nothing outside it is ever read: links in it
 * are not followed, and a file is opened again part by part from the folder that was given, so
 * that a link put there between plan and reading is refused as well. A FIFO or a device is never
 * opened for reading, so nothing can hang. A source given by name may be a link.
 */
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gongbao/array.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLAN_MEMORY (1u << 30) /* some millions of paths */
#define DEPTH_MAX   64

void plan_init(struct plan *p)
{
    *p = (struct plan){0};
    arena_init(&p->mem, PLAN_MEMORY);
}

void plan_fini(struct plan *p)
{
    free(p->item);
    arena_fini(&p->mem);
}

enum format item_format(struct str name, bool *gzip)
{
    *gzip = str_ends(name, STR(".gz"));
    if (*gzip)
        name.n -= 3;
    if (str_ends(name, STR(".jsonl")))
        return FORMAT_JSONL;
    if (str_ends(name, STR(".txt")))
        return FORMAT_TXT;
    return FORMAT_UNKNOWN;
}

static enum st append(struct plan *p, const struct item *it, struct err *err)
{
    struct item *grown = array_room(p->item, p->n, &p->cap, sizeof(*grown));
    if (!grown)
        return err_nomem(err);
    p->item = grown;
    p->item[p->n++] = *it;
    p->bytes += S_ISREG(it->file.st_mode) ? (uint64_t)it->file.st_size : 0;
    return ST_OK;
}

/* A folder being walked. */
struct walk {
    struct plan *plan;
    const char *root;
    plan_skip *skip;
    void *ctx;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted, in the plan's arena. Takes dir. */
static enum st names(struct plan *p, DIR *dir, const char *path, const char ***out, size_t *n,
                     struct err *err)
{
    const char **list = NULL;
    size_t cap = 0;
    struct dirent *e;
    enum st st = ST_OK;
    *n = 0;
    while (st == ST_OK && (errno = 0, e = readdir(dir))) {
        if (e->d_name[0] == '.')
            continue;
        const char **grown = array_room(list, *n, &cap, sizeof(*grown));
        if (!grown) {
            st = err_nomem(err);
            break;
        }
        list = grown;
        list[*n] = arena_str(&p->mem, str_of(e->d_name)).p;
        if (!list[(*n)++])
            st = err_nomem(err);
    }
    if (st == ST_OK && errno != 0)
        st = err_sys(err, "readdir", path);
    closedir(dir);
    if (st == ST_OK && *n > 0)
        qsort(list, *n, sizeof(*list), by_name);
    *out = list;
    return st;
}

static enum st walk_folder(struct walk *w, int fd, const char *path, unsigned depth,
                           struct err *err);

static enum st walk_file(struct walk *w, const char *path, const struct stat *sb, struct err *err)
{
    struct item it = {.path = path, .root = w->root, .rest = path + strlen(w->root)};
    while (*it.rest == '/')
        it.rest++;
    it.file = *sb;
    it.format = item_format(str_of(path), &it.gzip);
    if (!S_ISREG(sb->st_mode))
        return w->skip(w->ctx, path, S_ISLNK(sb->st_mode) ? "a link" : "not a regular file", err);
    if (it.format == FORMAT_UNKNOWN)
        return w->skip(w->ctx, path, "not .jsonl or .txt, plain or .gz", err);
    return append(w->plan, &it, err);
}

static enum st walk_entry(struct walk *w, int fd, const char *parent, const char *name,
                          unsigned depth, struct err *err)
{
    struct stat sb;
    const char *slash = str_ends(str_of(parent), STR("/")) ? "" : "/";
    const char *path = arena_fmt(&w->plan->mem, "%s%s%s", parent, slash, name);
    if (w->plan->mem.failed)
        return err_nomem(err);
    if (fstatat(fd, name, &sb, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ST_OK : err_sys(err, "stat", path);
    if (!S_ISDIR(sb.st_mode))
        return walk_file(w, path, &sb, err);
    if (depth == DEPTH_MAX)
        return w->skip(w->ctx, path, "too deep", err);
    int sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (sub < 0)
        return err_sys(err, "open", path);
    return walk_folder(w, sub, path, depth + 1, err);
}

/* Takes fd. */
static enum st walk_folder(struct walk *w, int fd, const char *path, unsigned depth,
                           struct err *err)
{
    const char **name = NULL;
    size_t n = 0;
    int at = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *dir = at >= 0 ? fdopendir(fd) : NULL;
    enum st st = dir ? names(w->plan, dir, path, &name, &n, err) : err_sys(err, "open", path);
    if (!dir)
        close(fd);
    for (size_t i = 0; i < n && st == ST_OK; i++)
        st = walk_entry(w, at, path, name[i], depth, err);
    free(name);
    if (at >= 0)
        close(at);
    return st;
}

static enum st add_folder(struct plan *p, const char *path, plan_skip *skip, void *ctx,
                          struct err *err)
{
    struct walk w = {p, path, skip, ctx};
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ST_USAGE, "source %s: %s", path, strerror(errno));
    return walk_folder(&w, fd, path, 0, err);
}

enum st plan_add(struct plan *p, const char *path, plan_skip *skip, void *ctx, struct err *err)
{
    struct item it = {.path = path};
    if (strcmp(path, "-") == 0) {
        p->piped = true;
        it.format = FORMAT_JSONL;
        fstat(STDIN_FILENO, &it.file); /* left empty when it is closed: reading tells */
        return append(p, &it, err);
    }
    if (stat(path, &it.file) != 0)
        return err_set(err, ST_USAGE, "source %s: %s", path, strerror(errno));
    if (S_ISDIR(it.file.st_mode))
        return add_folder(p, path, skip, ctx, err);
    if (!S_ISREG(it.file.st_mode))
        return err_set(err, ST_USAGE, "source %s: neither a file nor a folder", path);
    it.format = item_format(str_of(path), &it.gzip);
    if (it.format == FORMAT_UNKNOWN)
        return err_set(err, ST_USAGE,
                       "source %s: of no known kind; expected .jsonl, .txt, either with .gz, a "
                       "folder, or - for standard input",
                       path);
    if (access(path, R_OK) != 0)
        return err_set(err, ST_USAGE, "source %s: %s", path, strerror(errno));
    return append(p, &it, err);
}

/* Open the place `rest` below a folder, part by part, following no link. */
static int open_below(const char *root, const char *rest)
{
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0) {
        char part[256];
        size_t n = strcspn(rest, "/");
        bool last = rest[n] == 0;
        if (n >= sizeof(part)) {
            close(fd);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(part, rest, n);
        part[n] = 0;
        int next = openat(fd, part,
                          O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY |
                              (last ? O_NONBLOCK : O_DIRECTORY));
        int saved = errno;
        close(fd);
        errno = saved;
        if (last)
            return next;
        fd = next;
        rest += n + 1;
    }
    return fd;
}

enum st item_open(const struct item *it, int *fd, struct err *err)
{
    struct stat sb;
    if (strcmp(it->path, "-") == 0) {
        *fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
        return *fd < 0 ? err_sys(err, "standard input", "-") : ST_OK;
    }
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
    *fd = it->root ? open_below(it->root, it->rest)
                   : open(it->path, it->any ? flags : flags | O_NONBLOCK);
    if (*fd < 0)
        return err_sys(err, "open", it->path);
    if (it->any || (fstat(*fd, &sb) == 0 && S_ISREG(sb.st_mode)))
        return ST_OK;
    close(*fd);
    *fd = -1;
    return err_set(err, ST_IO, "open %s: no longer a regular file", it->path);
}
