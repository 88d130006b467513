/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An index folder: names, durability, verification, the manifest in force, sweep.
 *
 * Without a manifest there is no index, but what lies about may be one that has lost it. Copies of
 * manifests tell so, and so do segments, for the first batch of an index leaves a mark until its
 * manifest is there. Such a folder is damaged, and nobody removes anything from it.
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
    char **v = array_room(names->v, names->n, &names->cap, sizeof(*v));
    if (!v)
        return false;
    names->v = v;
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

/* ---- durability ---- */

static enum st open_to_sync(const char *dir, const char *name, int *fd, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, dir, name, err);
    if (st != ST_OK)
        return st;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0)
        return err_sys(err, "open", path);
    file_begin_sync(*fd);
    return ST_OK;
}

/* All begin to go to the disk before the first one is waited for. */
static enum st sync_files(const char *dir, const struct names *names, int *fd, struct err *err)
{
    enum st st = ST_OK;
    size_t n = 0;
    for (; n < names->n && st == ST_OK; n++)
        st = open_to_sync(dir, names->v[n], &fd[n], err);
    for (size_t i = 0; i < n && st == ST_OK; i++)
        if (fsync(fd[i]) != 0)
            st = err_sys(err, "fsync", dir);
    for (size_t i = 0; i < n; i++)
        if (fd[i] >= 0)
            close(fd[i]);
    return st;
}

enum st folder_sync(const char *dir, struct err *err)
{
    struct names names;
    enum st st = names_read(dir, &names, err);
    if (st != ST_OK)
        return st;
    int *fd = calloc(names.n + 1, sizeof(*fd));
    st = fd ? sync_files(dir, &names, fd, err) : err_nomem(err);
    free(fd);
    names_free(&names);
    return st == ST_OK ? file_sync(dir, err) : st;
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

/* ---- the manifest in force ---- */

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

/* The number that a name ends in, behind a separator; 0: none. */
static uint64_t number_behind(const char *name, int separator)
{
    const char *last = strrchr(name, separator);
    uint64_t g = 0;
    return last && str_u64(str_of(last + 1), UINT64_MAX, &g) ? g : 0;
}

/* The generation that a name tells of; 0: none. */
static uint64_t generation_of(const char *name)
{
    struct str rest = str_of(name);
    uint64_t g = 0;
    if (str_starts(rest, STR("dead-")))
        return number_behind(name, '-');
    if (str_starts(rest, STR(MANIFEST_NAME ".")))
        return number_behind(name, '.');
    return str_eq(str_cut(&rest, '-'), STR("seg")) && str_u64(str_cut(&rest, '-'), UINT64_MAX, &g)
               ? g
               : 0;
}

uint64_t folder_newest(const struct names *names)
{
    uint64_t best = 0;
    for (size_t i = 0; i < names->n; i++) {
        uint64_t g = generation_of(names->v[i]);
        best = g > best ? g : best;
    }
    return best;
}

enum st folder_load_copy(const char *dir, uint64_t generation, struct manifest *out,
                         struct err *err)
{
    char copy[MANIFEST_COPY_MAX];
    manifest_copy_name(generation, copy);
    enum st st = manifest_load(dir, copy, out, err);
    if (st != ST_OK || out->generation == generation)
        return st;
    st =
        err_set(err, ST_DAMAGED, "%s/%s: it is of generation %" PRIu64, dir, copy, out->generation);
    manifest_fini(out);
    return st;
}

/* The newest copy that can be read; 0: there is none. */
static uint64_t readable_copy(const char *dir, const struct names *names)
{
    for (uint64_t g = UINT64_MAX; (g = folder_previous(names, g)) != 0;) {
        struct manifest m;
        manifest_init(&m);
        enum st st = folder_load_copy(dir, g, &m, NULL);
        manifest_fini(&m);
        if (st == ST_OK)
            return g;
    }
    return 0;
}

static bool has(const struct names *names, const char *name)
{
    const char *const *at =
        names->n ? bsearch(&name, names->v, names->n, sizeof(*names->v), name_order) : NULL;
    return at != NULL;
}

/* A segment that no first batch is writing; NULL: none. */
static const char *lost_segment(const struct names *names)
{
    for (size_t i = 0; i < names->n && !has(names, FOLDER_FIRST); i++)
        if (strncmp(names->v[i], "seg-", 4) == 0)
            return names->v[i];
    return NULL;
}

/* What to do about a manifest that is missing (st is ST_NO_INDEX) or damaged, as *err tells. */
static enum st tell_way_out(const char *dir, const struct names *names, enum st st, struct err *err)
{
    const struct err why = *err;
    uint64_t g = readable_copy(dir, names);
    const char *segment = lost_segment(names);
    if (g && st == ST_NO_INDEX)
        return err_set(err, ST_DAMAGED,
                       "%s: " MANIFEST_NAME " is missing, but " MANIFEST_NAME ".%" PRIu64
                       " is whole: gongbao-ingest --rollback brings it back",
                       dir, g);
    if (g)
        return err_set(err, st,
                       "%s; " MANIFEST_NAME ".%" PRIu64
                       " is whole: gongbao-ingest --rollback brings it back",
                       why.text, g);
    if (st == ST_NO_INDEX && segment)
        return err_set(err, ST_DAMAGED,
                       "%s: there are segments (%s) but no manifest: restore the index from a "
                       "backup, or move the folder away and ingest again",
                       dir, segment);
    return st;
}

enum st folder_manifest(const char *dir, struct manifest *out, struct err *err)
{
    struct err mine = ERR_INIT;
    struct names names;
    enum st st = manifest_load(dir, MANIFEST_NAME, out, &mine);
    if ((st == ST_NO_INDEX || st == ST_DAMAGED) && names_read(dir, &names, NULL) == ST_OK) {
        enum st told = tell_way_out(dir, &names, st, &mine);
        names_free(&names);
        /* A first batch may have ended since. */
        if (told != st)
            st = manifest_load(dir, MANIFEST_NAME, out, NULL) == ST_OK ? ST_OK : told;
    }
    return st == ST_OK ? ST_OK : err_set(err, st, "%s", mine.text);
}

enum st ix_generation(const char *dir, uint64_t *out, struct err *err)
{
    struct manifest m;
    manifest_init(&m);
    enum st st = folder_manifest(dir, &m, err);
    if (st == ST_OK)
        *out = m.generation;
    manifest_fini(&m);
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

enum st folder_remove(const char *dir, const char *name, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, dir, name, err);
    if (st != ST_OK)
        return st;
    if (unlink(path) == 0 || errno == ENOENT)
        return ST_OK;
    if (errno != EISDIR)
        return err_sys(err, "remove", path);
    return file_remove_tree(path, err);
}

static enum st remove_rest(const char *dir, const struct names *names, const struct map *kept,
                           struct err *err)
{
    enum st st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < names->n; i++)
        if (ours(names->v[i]) && !map_get(kept, str_of(names->v[i])))
            st = folder_remove(dir, names->v[i], err);
    return st;
}

/* Sweep, keeping what is in *kept already; current is NULL when there is none. */
static enum st sweep(const struct hold *h, const struct manifest *current, struct map *kept,
                     struct err *err)
{
    struct names names;
    enum st st = names_read(h->dir, &names, err);
    if (st != ST_OK)
        return st;
    if (current)
        st = keep_previous(h->dir, &names, current->generation, kept, err);
    if (st == ST_OK)
        st = hold_still(h, err);
    if (st == ST_OK)
        st = remove_rest(h->dir, &names, kept, err);
    names_free(&names);
    return st;
}

enum st folder_sweep(const struct hold *h, const struct manifest *current, struct err *err)
{
    struct map kept;
    map_init(&kept);
    bool good = keep(&kept, MANIFEST_NAME) && keep_generation(&kept, current);
    enum st st = good ? sweep(h, current, &kept, err) : err_nomem(err);
    map_fini(&kept);
    return st;
}

/* ---- the first batch ---- */

static enum st mark(const char *dir, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = folder_path(path, dir, FOLDER_FIRST, err);
    if (st != ST_OK)
        return st;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return err_sys(err, "create", path);
    close(fd);
    return ST_OK;
}

enum st folder_begin_first(const struct hold *h, struct err *err)
{
    struct map kept;
    map_init(&kept);
    enum st st = keep(&kept, FOLDER_FIRST) ? sweep(h, NULL, &kept, err) : err_nomem(err);
    map_fini(&kept);
    return st == ST_OK ? mark(h->dir, err) : st;
}

void folder_end_first(const struct hold *h)
{
    folder_remove(h->dir, FOLDER_FIRST, NULL);
}
