/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Going back to the generation before.
 *
 * Its manifest and its files are still there, for each batch keeps them. They are verified, and a
 * manifest that names them is published under the next number: to readers and to later batches it
 * is a generation like any other, and numbers only grow. The generation that was taken back is the
 * one before from then on, so its files stay until the next batch, and going back once more brings
 * it back.
 */

#include "folder.h"
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

/* The manifest of the generation before `below`. */
static enum st load_previous(const char *dir, uint64_t below, struct manifest *out, struct err *err)
{
    char copy[MANIFEST_COPY_MAX];
    struct names names;
    enum st st = names_read(dir, &names, err);
    if (st != ST_OK)
        return st;
    uint64_t generation = folder_previous(&names, below);
    names_free(&names);
    if (generation == 0)
        return err_set(err, ST_NOT_FOUND, "%s: there is no generation before %" PRIu64, dir, below);
    manifest_copy_name(generation, copy);
    st = manifest_load(dir, copy, out, err);
    if (st == ST_OK && out->generation != generation)
        st = err_set(err, ST_DAMAGED, "%s/%s: it is of generation %" PRIu64, dir, copy,
                     out->generation);
    return st;
}

/* Publish `before` as the generation after `current`. What is left to do once it is in force, the
 * next writer does if it fails here. */
static enum st publish(const char *dir, const struct manifest *current, struct manifest *before,
                       struct err *err)
{
    before->generation = current->generation + 1;
    before->published = (uint64_t)time(NULL);
    enum st st = manifest_keep(dir, current, err);
    if (st == ST_OK)
        st = manifest_publish(dir, before, err);
    if (st == ST_OK && manifest_keep(dir, before, NULL) == ST_OK)
        folder_sweep(dir, before, NULL);
    return st;
}

static enum st roll_back(const char *dir, uint64_t *generation, struct err *err)
{
    struct manifest current, before;
    manifest_init(&current);
    manifest_init(&before);
    enum st st = manifest_load(dir, MANIFEST_NAME, &current, err);
    if (st == ST_OK)
        st = load_previous(dir, current.generation, &before, err);
    if (st == ST_OK)
        st = folder_verify(dir, &before, err);
    if (st == ST_OK)
        st = publish(dir, &current, &before, err);
    if (st == ST_OK)
        *generation = before.generation;
    manifest_fini(&before);
    manifest_fini(&current);
    return st;
}

enum st ix_rollback(const char *dir, uint64_t *generation, struct err *err)
{
    int lock;
    uint64_t now;
    enum st st = ix_generation(dir, &now, err); /* no lock is made where there is no index */
    if (st == ST_OK)
        st = folder_lock(dir, &lock, err);
    if (st != ST_OK)
        return st;
    st = roll_back(dir, generation, err);
    close(lock);
    return st;
}
