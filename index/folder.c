/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An index folder: names, lock, verification, sweep.
 *
 * The lock is flock(2) on LOCK: it goes with the process that holds it, so a writer that was
 * killed leaves none behind. Restoring an index puts another folder under its name, so a lock
 * counts only when its file is the one that the folder has afterwards.
 *
 * The sweep looks only at names that this room makes; it keeps what the kept manifests name and
 * removes the rest. A manifest copy that cannot be read keeps nothing.
 */

#include "folder.h"
#include "sums.h"
#include "tomb.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gongbao/map.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum st folder_path(char out[FOLDER_PATH_MAX], const char *dir, const char *name, struct err *err)
{
    int n = snprintf(out, FOLDER_PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= FOLDER_PATH_MAX)
        return err_set(err, ST_IO, "%s: the path is too long", dir);
    return ST_OK;
}

/* ---- listings ---- */

static bool names_add(struct names *names, const char *name)
{
    if (names->n == names->cap) {
        size_t cap = names->cap ? names->cap * 2 : 16;
        char **v = reallocarray(names->v, cap, sizeof(*v));
        if (!v)
            return false;
        names->v = v;
        names->cap = cap;
    }
    names->v[names->n] = strdup(name);
    return names->v[names->n] && ++names->n;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum st read_entries(DIR *d, const char *dir, struct names *out, struct err *err)
{
    for (;;) {
        errno = 0;
        struct dirent *e = readdir(d);
        if (!e)
            return errno ? err_sys(err, "read", dir) : ST_OK;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (!names_add(out, e->d_name))
            return err_nomem(err);
    }
}

enum st names_read(const char *dir, struct names *out, struct err *err)
{
    *out = (struct names){0};
    DIR *d = opendir(dir);
    if (!d)
        return err_sys(err, "open", dir);
    enum st st = read_entries(d, dir, out, err);
    closedir(d);
    if (st != ST_OK)
        names_free(out);
    else if (out->n > 0)
        qsort(out->v, out->n, sizeof(*out->v), name_order);
    return st;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->v[i]);
    free(names->v);
    *names = (struct names){0};
}

/* ---- lock ---- */

/* Whether the name still stands for the file that is open. */
static bool same_file(int fd, const char *path)
{
    struct stat open_one, named;
    return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

enum st folder_lock(const char *dir, int *fd, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, dir, "LOCK", err);
    if (st != ST_OK)
        return st;
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (lock < 0)
        return err_sys(err, "open", path);
    if (flock(lock, LOCK_EX | LOCK_NB) != 0)
        st = errno == EWOULDBLOCK
                 ? err_set(err, ST_LOCKED, "%s: another writer holds the index", dir)
                 : err_sys(err, "lock", path);
    else if (!same_file(lock, path))
        st = err_set(err, ST_LOCKED, "%s: the index has just been restored; try again", dir);
    if (st != ST_OK) {
        close(lock);
        return st;
    }
    *fd = lock;
    return ST_OK;
}

/* ---- what a manifest names ---- */

enum st folder_verify(const char *dir, const struct manifest *m, struct err *err)
{
    enum st st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < m->n; i++) {
        char path[FOLDER_PATH_MAX];
        struct tomb dead;
        tomb_init(&dead);
        st = folder_path(path, dir, m->segment[i].name, err);
        if (st == ST_OK)
            st = sums_check(path, m->segment[i].disk, m->segment[i].sums, NULL, NULL, err);
        if (st == ST_OK)
            st = tomb_load(dir, &m->segment[i], &dead, err);
        tomb_fini(&dead);
    }
    return st;
}

/* ---- sweep ---- */

static bool ours(const char *name)
{
    static const char *const stem[] = {"seg-", "tmp-", "dead-", MANIFEST_NAME};
    for (size_t i = 0; i < sizeof(stem) / sizeof(*stem); i++)
        if (strncmp(name, stem[i], strlen(stem[i])) == 0)
            return true;
    return false;
}

static bool keep(struct map *kept, const char *name)
{
    uint64_t *v = map_slot(kept, str_of(name));
    if (v)
        *v = 1;
    return v != NULL;
}

static bool keep_generation(struct map *kept, const struct manifest *m)
{
    char name[MANIFEST_DEAD_MAX], copy[MANIFEST_COPY_MAX];
    manifest_copy_name(m->generation, copy);
    bool good = keep(kept, copy);
    for (size_t i = 0; good && i < m->n; i++) {
        good = keep(kept, m->segment[i].name);
        manifest_dead_name(&m->segment[i], name);
        if (good && m->segment[i].dead_since)
            good = keep(kept, name);
    }
    return good;
}

uint64_t folder_previous(const struct names *names, uint64_t below)
{
    uint64_t best = 0, g;
    for (size_t i = 0; i < names->n; i++) {
        struct str name = str_of(names->v[i]);
        struct str stem = str_cut(&name, '.');
        if (str_eq(stem, STR(MANIFEST_NAME)) && str_u64(name, UINT64_MAX, &g) && g < below &&
            g > best)
            best = g;
    }
    return best;
}

/* Copies of manifests without the manifest itself: somebody removed it. Nothing may be swept then,
 * for the copies are the way back. */
static enum st refuse_orphans(const char *dir, const struct names *names, struct err *err)
{
    uint64_t g = folder_previous(names, UINT64_MAX);
    if (g == 0)
        return ST_OK;
    return err_set(err, ST_DAMAGED,
                   "%s: " MANIFEST_NAME " is missing, but " MANIFEST_NAME ".%" PRIu64
                   " is there: copy it back",
                   dir, g);
}

static enum st keep_previous(const char *dir, const struct names *names, uint64_t below,
                             struct map *kept, struct err *err)
{
    for (int i = 0; i < FOLDER_KEEP && (below = folder_previous(names, below)) != 0; i++) {
        char name[MANIFEST_COPY_MAX];
        manifest_copy_name(below, name);
        struct manifest m;
        manifest_init(&m);
        bool good = true;
        enum st st = manifest_load(dir, name, &m, err);
        if (st == ST_OK)
            good = keep_generation(kept, &m);
        manifest_fini(&m);
        if (!good || st == ST_NO_MEMORY)
            return err_nomem(err);
        if (st == ST_IO)
            return st;
    }
    return ST_OK;
}

static enum st remove_any(const char *path, struct err *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return ST_OK;
    if (errno != EISDIR)
        return err_sys(err, "remove", path);
    return file_remove_tree(path, err);
}

static enum st remove_rest(const char *dir, const struct names *names, const struct map *kept,
                           struct err *err)
{
    for (size_t i = 0; i < names->n; i++) {
        char path[FOLDER_PATH_MAX];
        if (!ours(names->v[i]) || map_get(kept, str_of(names->v[i])))
            continue;
        enum st st = folder_path(path, dir, names->v[i], err);
        if (st == ST_OK)
            st = remove_any(path, err);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

enum st folder_sweep(const char *dir, const struct manifest *current, struct err *err)
{
    struct names names;
    enum st st = names_read(dir, &names, err);
    if (st != ST_OK)
        return st;
    struct map kept;
    map_init(&kept);
    bool good = !current || (keep(&kept, MANIFEST_NAME) && keep_generation(&kept, current));
    st = good ? ST_OK : err_nomem(err);
    if (st == ST_OK)
        st = current ? keep_previous(dir, &names, current->generation, &kept, err)
                     : refuse_orphans(dir, &names, err);
    if (st == ST_OK)
        st = remove_rest(dir, &names, &kept, err);
    map_fini(&kept);
    names_free(&names);
    return st;
}
