/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Copies of an index: backup and restore.
 *
 * A copy holds the files of one generation and nothing else, so it is an index. Files of an index
 * never change, so a hard link is as good as a copy while both are on one disk; where linking is
 * not possible, files are copied.
 *
 * The copy is made in a folder "NAME.partial" beside its place, verified, fsynced, and renamed: it
 * is there as a whole or not at all. That folder is held by flock(2) on itself; one that nobody
 * holds was left by a process that died, and is emptied. A batch that is published meanwhile may
 * sweep files away before they are linked; the manifest has then changed, and copying starts over.
 *
 * Restoring makes such a copy of a backup and exchanges it with the index, in one call to
 * renameat2(2), so that there is an index at every moment. The lock of the index that goes is held;
 * a writer that comes for it too late finds that its lock is in another folder.
 */

#include "folder.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS  16
#define ASIDE_MAX 100 /* folders of former indexes beside one */

/* ---- files ---- */

static bool cannot_link(int code)
{
    return code == EXDEV || code == EPERM || code == EMLINK || code == EOPNOTSUPP;
}

static enum st transfer_file(const char *from, const char *to, bool copy, struct err *err)
{
    if (!copy && link(from, to) == 0)
        return ST_OK;
    if (!copy && !cannot_link(errno))
        return err_sys(err, "link", from);
    return file_copy(from, to, err);
}

/* DIR/NAME of one folder to the same name in another. */
static enum st transfer(const char *from, const char *to, const char *name, bool copy,
                        struct err *err)
{
    char source[FOLDER_PATH_MAX], target[FOLDER_PATH_MAX];
    enum st st = folder_path(source, from, name, err);
    if (st == ST_OK)
        st = folder_path(target, to, name, err);
    return st == ST_OK ? transfer_file(source, target, copy, err) : st;
}

static enum st transfer_files(const char *from, const char *to, bool copy, struct err *err)
{
    struct names names;
    if (mkdir(to, 0755) != 0)
        return err_sys(err, "create", to);
    enum st st = names_read(from, &names, err);
    if (st != ST_OK)
        return st;
    for (size_t i = 0; st == ST_OK && i < names.n; i++)
        st = transfer(from, to, names.v[i], copy, err);
    names_free(&names);
    return st == ST_OK ? file_sync(to, err) : st;
}

static enum st transfer_segment(const char *from, const char *to, const struct manifest_segment *s,
                                bool copy, struct err *err)
{
    char source[FOLDER_PATH_MAX], target[FOLDER_PATH_MAX], dead[MANIFEST_DEAD_MAX];
    enum st st = folder_path(source, from, s->name, err);
    if (st == ST_OK)
        st = folder_path(target, to, s->name, err);
    if (st == ST_OK)
        st = transfer_files(source, target, copy, err);
    manifest_dead_name(s, dead);
    if (st == ST_OK && s->dead_since)
        st = transfer(from, to, dead, copy, err);
    return st;
}

/* ---- a generation ---- */

/* The current generation of `from` into the empty folder `to`. *m: its manifest. */
static enum st transfer_generation(const char *from, const char *to, bool copy, struct manifest *m,
                                   struct err *err)
{
    enum st st = folder_manifest(from, m, err);
    for (size_t i = 0; st == ST_OK && i < m->n; i++)
        st = transfer_segment(from, to, &m->segment[i], copy, err);
    if (st == ST_OK)
        st = folder_verify(to, m, err);
    if (st == ST_OK)
        st = manifest_publish(to, m, err);
    return st == ST_OK ? manifest_keep(to, m, err) : st;
}

static enum st empty_folder(const char *path, struct err *err)
{
    struct names names;
    enum st st = names_read(path, &names, err);
    if (st != ST_OK)
        return st;
    for (size_t i = 0; st == ST_OK && i < names.n; i++) {
        char entry[FOLDER_PATH_MAX];
        st = folder_path(entry, path, names.v[i], err);
        if (st == ST_OK && unlink(entry) != 0)
            st = errno == EISDIR ? file_remove_tree(entry, err) : err_sys(err, "remove", entry);
    }
    names_free(&names);
    return st;
}

/* Whether another generation than m's is in force by now. */
static bool has_passed(const char *dir, const struct manifest *m)
{
    uint64_t now;
    return m->generation != 0 && ix_generation(dir, &now, NULL) == ST_OK && now != m->generation;
}

static enum st copy_generation(const char *from, const char *to, bool copy, struct manifest *m,
                               struct err *err)
{
    for (int i = 1;; i++) {
        enum st st = empty_folder(to, err);
        if (st != ST_OK)
            return st;
        st = transfer_generation(from, to, copy, m, err);
        if (st == ST_OK || i == ATTEMPTS || !has_passed(from, m))
            return st;
        manifest_fini(m);
    }
}

/* ---- the folder while it is filled ---- */

struct partial {
    char place[FOLDER_PATH_MAX]; /* where the copy is to be */
    char path[FOLDER_PATH_MAX];  /* where it is; empty: it has got its name */
    int fd;                      /* of the folder, held; -1: none */
};

static enum st set_place(struct partial *p, const char *place, struct err *err)
{
    size_t n = strlen(place);
    while (n > 1 && place[n - 1] == '/')
        n--;
    int length = snprintf(p->place, sizeof(p->place), "%.*s", (int)n, place);
    if (length > 0 && length < (int)sizeof(p->place))
        length = snprintf(p->path, sizeof(p->path), "%s.partial", p->place);
    if (length <= 0 || length >= (int)sizeof(p->path))
        return err_set(err, ST_USAGE, "%s: the path is empty or too long", place);
    return ST_OK;
}

/* Whether the folder that is open is still there under its name. */
static bool is_there(const struct partial *p)
{
    struct stat open_one, named;
    return fstat(p->fd, &open_one) == 0 && lstat(p->path, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

static enum st hold(struct partial *p, struct err *err)
{
    if (mkdir(p->path, 0755) != 0 && errno != EEXIST)
        return err_sys(err, "create", p->path);
    p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (p->fd < 0)
        return err_sys(err, "open", p->path);
    bool held = flock(p->fd, LOCK_EX | LOCK_NB) == 0;
    if (!held && errno != EWOULDBLOCK)
        return err_sys(err, "lock", p->path);
    if (held && is_there(p))
        return ST_OK;
    enum st st = err_set(err, ST_LOCKED, "%s: somebody is writing it", p->path);
    p->path[0] = '\0'; /* it is theirs */
    return st;
}

static enum st partial_open(struct partial *p, const char *place, struct err *err)
{
    *p = (struct partial){.fd = -1};
    enum st st = set_place(p, place, err);
    return st == ST_OK ? hold(p, err) : st;
}

/* A copy that did not get its name is removed. */
static void partial_close(struct partial *p)
{
    if (p->fd >= 0 && p->path[0])
        file_remove_tree(p->path, NULL);
    if (p->fd >= 0)
        close(p->fd);
}

/* The folder that a path is in. */
static void parent_of(const char *path, char out[FOLDER_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        snprintf(out, FOLDER_PATH_MAX, ".");
    else
        snprintf(out, FOLDER_PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static enum st sync_parent(const char *path, struct err *err)
{
    char parent[FOLDER_PATH_MAX];
    parent_of(path, parent);
    return file_sync(parent, err);
}

/* Give the copy its name, which nothing has. */
static enum st settle(struct partial *p, struct err *err)
{
    if (rename(p->path, p->place) != 0)
        return err_sys(err, "rename onto", p->place);
    p->path[0] = '\0';
    return sync_parent(p->place, err);
}

/* ---- backup ---- */

static bool exists(const char *path)
{
    struct stat sb;
    return lstat(path, &sb) == 0;
}

/* Whether a path, which need not be there, lies in a folder. */
static bool lies_in(const char *path, const char *dir)
{
    char parent[FOLDER_PATH_MAX];
    parent_of(path, parent);
    char *outer = realpath(dir, NULL), *inner = realpath(parent, NULL);
    size_t n = outer ? strlen(outer) : 0;
    bool inside =
        outer && inner && strncmp(inner, outer, n) == 0 && (inner[n] == '/' || inner[n] == '\0');
    free(outer);
    free(inner);
    return inside;
}

static enum st back_up(const char *dir, struct partial *p, const struct ix_copy_opts *opts,
                       uint64_t *generation, struct err *err)
{
    struct manifest m;
    if (exists(p->place))
        return err_set(err, ST_USAGE, "%s: it is there already", p->place);
    manifest_init(&m);
    enum st st = copy_generation(dir, p->path, opts->copy, &m, err);
    if (st == ST_OK)
        st = settle(p, err);
    *generation = m.generation;
    manifest_fini(&m);
    return st;
}

enum st ix_backup(const char *dir, const char *to, const struct ix_copy_opts *opts,
                  uint64_t *generation, struct err *err)
{
    struct partial p;
    enum st st = ix_generation(dir, generation, err);
    if (st != ST_OK)
        return st;
    if (lies_in(to, dir))
        return err_set(err, ST_USAGE, "%s: lies in the folder of the index", to);
    st = partial_open(&p, to, err);
    if (st == ST_OK)
        st = back_up(dir, &p, opts, generation, err);
    partial_close(&p);
    return st;
}

/* ---- restore ---- */

static bool shares_a_segment(const struct manifest *a, const struct manifest *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (sum_eq(a->segment[i].sums, b->segment[k].sums))
                return true;
    return false;
}

static enum st judge(const char *dir, const struct manifest *now, const struct manifest *m,
                     struct err *err)
{
    if (now->generation > m->generation)
        return err_set(err, ST_REJECTED,
                       "%s: generation %" PRIu64 " is there, the backup is of generation %" PRIu64,
                       dir, now->generation, m->generation);
    if (now->n > 0 && !shares_a_segment(now, m))
        return err_set(err, ST_REJECTED, "%s: another index is there", dir);
    return ST_OK;
}

static bool is_empty(const char *dir)
{
    struct names names;
    if (names_read(dir, &names, NULL) != ST_OK)
        return false;
    bool empty = names.n == 0;
    names_free(&names);
    return empty;
}

/* Whether the index at dir may give way to one with manifest m. */
static enum st may_replace(const char *dir, const struct manifest *m, struct err *err)
{
    struct manifest now;
    struct err mine = ERR_INIT;
    manifest_init(&now);
    enum st st = folder_manifest(dir, &now, &mine);
    if (st == ST_OK)
        st = judge(dir, &now, m, err);
    else if (st == ST_NO_INDEX && is_empty(dir))
        st = ST_OK;
    else if (st == ST_NO_INDEX || st == ST_DAMAGED)
        st = err_set(err, ST_REJECTED, "%s: there is something that cannot be compared: %s", dir,
                     mine.text);
    else
        st = err_set(err, st, "%s", mine.text);
    manifest_fini(&now);
    return st;
}

static bool is_index(const char *dir)
{
    char path[FOLDER_PATH_MAX];
    return folder_path(path, dir, MANIFEST_NAME, NULL) == ST_OK && exists(path);
}

static enum st find_aside(const char *dir, char out[FOLDER_PATH_MAX], struct err *err)
{
    for (int i = 1; i <= ASIDE_MAX; i++) {
        char number[16] = "";
        if (i > 1)
            snprintf(number, sizeof(number), "-%d", i);
        if (snprintf(out, FOLDER_PATH_MAX, "%s.old%s", dir, number) < FOLDER_PATH_MAX &&
            !exists(out))
            return ST_OK;
    }
    return err_set(err, ST_IO, "%s.old: too many former indexes are kept", dir);
}

/* Exchange the copy and what is there. The copy first takes the name that the other will have, so
 * that nothing is left to do afterwards. */
static enum st exchange(struct partial *p, char aside[FOLDER_PATH_MAX], struct err *err)
{
    enum st st = find_aside(p->place, aside, err);
    if (st != ST_OK)
        return st;
    if (rename(p->path, aside) != 0)
        return err_sys(err, "rename onto", aside);
    snprintf(p->path, sizeof(p->path), "%s", aside);
    if (renameat2(AT_FDCWD, aside, AT_FDCWD, p->place, RENAME_EXCHANGE) != 0)
        return err_sys(err, "exchange", p->place);
    p->path[0] = '\0';
    return sync_parent(p->place, err);
}

static enum st put_in_place(struct partial *p, struct ix_restored *out, struct err *err)
{
    if (!exists(p->place) || is_empty(p->place)) /* rename(2) replaces an empty folder */
        return settle(p, err);
    return exchange(p, out->aside, err);
}

static enum st restore(const char *from, struct partial *p, const struct ix_copy_opts *opts,
                       struct ix_restored *out, struct err *err)
{
    struct manifest m;
    struct hold hold;
    hold_init(&hold);
    manifest_init(&m);
    enum st st = copy_generation(from, p->path, opts->copy, &m, err);
    if (st == ST_OK && is_index(p->place))
        st = hold_take(p->place, &hold, err);
    if (st == ST_OK && exists(p->place) && !opts->force)
        st = may_replace(p->place, &m, err);
    if (st == ST_OK && hold.lock >= 0)
        st = hold_still(&hold, err);
    if (st == ST_OK)
        st = put_in_place(p, out, err);
    out->generation = m.generation;
    hold_drop(&hold);
    manifest_fini(&m);
    return st;
}

/* The folder that a path stands for: an index may be a link to where it is. *out is to be freed. */
static enum st resolve(const char *dir, char **out, struct err *err)
{
    struct stat sb;
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    *out = strndup(dir, n);
    if (!*out)
        return err_nomem(err);
    if (lstat(*out, &sb) != 0 || !S_ISLNK(sb.st_mode))
        return ST_OK;
    free(*out);
    *out = realpath(dir, NULL);
    return *out ? ST_OK : err_sys(err, "follow the link", dir);
}

enum st ix_restore(const char *from, const char *dir, const struct ix_copy_opts *opts,
                   struct ix_restored *out, struct err *err)
{
    struct partial p;
    *out = (struct ix_restored){0};
    enum st st = ix_generation(from, &out->generation, err);
    if (st != ST_OK)
        return st;
    char *place;
    st = resolve(dir, &place, err);
    if (st != ST_OK)
        return st;
    st = partial_open(&p, place, err);
    free(place);
    if (st == ST_OK)
        st = restore(from, &p, opts, out, err);
    partial_close(&p);
    if (st != ST_OK && p.path[0])
        out->aside[0] = '\0';
    return st;
}
