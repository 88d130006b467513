/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Holding an index.
 *
 * The lock is flock(2) on LOCK: it goes with the process that holds it, so a writer that was
 * killed leaves none behind. It says nothing about the name, though. Restoring puts another folder
 * under the index's name, and so may somebody with mv(1), in the middle of a batch; or LOCK is
 * removed, and the next writer makes another one. So a writer remembers which files it has found,
 * and looks again before it publishes and before it removes anything. LOCK alone would not tell:
 * a copy of links has the same one.
 */

#include "hold.h"
#include "folder.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void hold_init(struct hold *h)
{
    *h = (struct hold){.lock = -1};
}

void hold_drop(struct hold *h)
{
    if (h->lock >= 0)
        close(h->lock);
    hold_init(h);
}

/* DIR/NAME, or nothing that any file is like. */
static struct stat look_at(const char *dir, const char *name)
{
    char path[FOLDER_PATH_MAX];
    struct stat sb;
    if (folder_path(path, dir, name, NULL) != ST_OK || stat(path, &sb) != 0)
        sb = (struct stat){0};
    return sb;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The times of its status are no matter: a link to it changes them. */
static bool same_bytes(const struct stat *a, const struct stat *b)
{
    return same_file(a, b) && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void hold_note(struct hold *h)
{
    h->manifest = look_at(h->dir, MANIFEST_NAME);
}

enum st hold_still(const struct hold *h, struct err *err)
{
    const struct stat folder = look_at(h->dir, "."), file = look_at(h->dir, "LOCK"),
                      manifest = look_at(h->dir, MANIFEST_NAME);
    if (same_file(&folder, &h->folder) && same_file(&file, &h->file) &&
        same_bytes(&manifest, &h->manifest))
        return ST_OK;
    return err_set(err, ST_LOCKED,
                   "%s: the index was exchanged under the writer, for its %s is another one than "
                   "before; nothing in it was changed",
                   h->dir,
                   !same_file(&folder, &h->folder) ? "folder"
                   : !same_file(&file, &h->file)   ? "LOCK"
                                                   : MANIFEST_NAME);
}

/* ---- taking it ---- */

/* The process that has a file locked; 0 when the system does not tell. */
static long holder_of(const struct stat *file)
{
    char line[256];
    long pid = 0;
    FILE *locks = fopen("/proc/locks", "re");
    while (locks && pid == 0 && fgets(line, sizeof(line), locks)) {
        unsigned high, low;
        unsigned long long inode;
        long owner;
        if (sscanf(line, "%*s FLOCK %*s WRITE %ld %x:%x:%llu", &owner, &high, &low, &inode) == 4 &&
            inode == file->st_ino && high == major(file->st_dev) && low == minor(file->st_dev) &&
            owner > 0)
            pid = owner;
    }
    if (locks)
        fclose(locks);
    return pid;
}

static enum st refuse(const struct hold *h, struct err *err)
{
    long pid = holder_of(&h->file);
    if (pid == 0)
        return err_set(err, ST_LOCKED, "%s: another writer holds the index", h->dir);
    return err_set(err, ST_LOCKED, "%s: another writer holds the index: process %ld", h->dir, pid);
}

static enum st lock(struct hold *h, const char *path, struct err *err)
{
    if (fstat(h->lock, &h->file) != 0)
        return err_sys(err, "stat", path);
    if (flock(h->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? refuse(h, err) : err_sys(err, "lock", path);
    h->folder = look_at(h->dir, ".");
    hold_note(h);
    const struct stat now = look_at(h->dir, "LOCK");
    if (!same_file(&now, &h->file))
        return err_set(err, ST_LOCKED, "%s: the index has just been restored; try again", h->dir);
    return ST_OK;
}

enum st hold_take(const char *dir, struct hold *h, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    hold_init(h);
    h->dir = dir;
    enum st st = folder_path(path, dir, "LOCK", err);
    if (st != ST_OK)
        return st;
    h->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (h->lock < 0)
        return err_sys(err, "open", path);
    st = lock(h, path, err);
    if (st != ST_OK)
        hold_drop(h);
    return st;
}
