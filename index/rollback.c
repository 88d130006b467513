/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Going back to the generation before.
 *
 * Its manifest and its files are still there, for each batch keeps them. They are verified, and a
 * manifest that names them is published under the next number: to readers and to later batches it
 * is a generation like any other, and numbers only grow. The generation that was taken back is the
 * one before from then on, so its files stay until the next batch, and going back once more brings
 * it back.
 *
 * Where the manifest itself has gone or is damaged, its newest copy whose files are whole takes its
 * place: as it is, if it is of the newest generation that anything in the folder tells of.
 */

#include "folder.h"
#include <inttypes.h>
#include <time.h>

/* The manifest of the generation before `below`. */
static enum st load_previous(const char *dir, uint64_t below, struct manifest *out, struct err *err)
{
    struct names names;
    enum st st = names_read(dir, &names, err);
    if (st != ST_OK)
        return st;
    uint64_t generation = folder_previous(&names, below);
    names_free(&names);
    if (generation == 0)
        return err_set(err, ST_NOT_FOUND, "%s: there is no generation before %" PRIu64, dir, below);
    return folder_load_copy(dir, generation, out, err);
}

/* Publish a manifest. What is left to do once it is in force, the next writer does if it fails
 * here. */
static enum st publish(struct hold *h, const struct manifest *m, struct err *err)
{
    enum st st = hold_still(h, err);
    if (st == ST_OK)
        st = manifest_publish(h->dir, m, err);
    hold_note(h);
    if (st == ST_OK && manifest_keep(h->dir, m, NULL) == ST_OK)
        folder_sweep(h, m, NULL);
    return st;
}

static void number(struct manifest *m, uint64_t generation)
{
    m->generation = generation;
    m->published = (uint64_t)time(NULL);
}

/* From `current` to the generation before. */
static enum st go_back(struct hold *h, const struct manifest *current, uint64_t *generation,
                       struct err *err)
{
    struct manifest before;
    manifest_init(&before);
    enum st st = load_previous(h->dir, current->generation, &before, err);
    if (st == ST_OK)
        st = folder_verify(h->dir, &before, err);
    if (st == ST_OK)
        st = manifest_keep(h->dir, current, err);
    if (st == ST_OK) {
        number(&before, current->generation + 1);
        st = publish(h, &before, err);
    }
    *generation = before.generation;
    manifest_fini(&before);
    return st;
}

/* ---- without a manifest ---- */

/* The newest copy whose files are whole, into *m. *err, which tells what is wrong with the
 * manifest, tells of the newest copy that can be read when there is none. */
static enum st load_whole(const char *dir, const struct names *names, struct manifest *m,
                          struct err *err)
{
    struct err first = *err;
    bool readable = false;
    for (uint64_t g = UINT64_MAX; (g = folder_previous(names, g)) != 0;) {
        struct err mine = ERR_INIT;
        if (folder_load_copy(dir, g, m, NULL) != ST_OK)
            continue;
        if (folder_verify(dir, m, &mine) == ST_OK)
            return ST_OK;
        manifest_fini(m);
        first = readable ? first : mine;
        readable = true;
    }
    *err = first;
    return first.st;
}

static enum st bring_back(struct hold *h, uint64_t *generation, struct err *err)
{
    struct names names;
    struct manifest m;
    struct err mine = *err;
    enum st st = names_read(h->dir, &names, err);
    if (st != ST_OK)
        return st;
    manifest_init(&m);
    st = load_whole(h->dir, &names, &m, &mine);
    if (st != ST_OK)
        *err = mine;
    uint64_t newest = folder_newest(&names);
    if (st == ST_OK && newest > m.generation)
        number(&m, newest + 1);
    if (st == ST_OK)
        st = publish(h, &m, err);
    *generation = m.generation;
    manifest_fini(&m);
    names_free(&names);
    return st;
}

static enum st roll_back(struct hold *h, uint64_t *generation, struct err *err)
{
    struct manifest current;
    manifest_init(&current);
    enum st st = folder_manifest(h->dir, &current, err);
    if (st == ST_OK)
        st = go_back(h, &current, generation, err);
    else if (st == ST_DAMAGED)
        st = bring_back(h, generation, err);
    manifest_fini(&current);
    return st;
}

enum st ix_rollback(const char *dir, uint64_t *generation, struct err *err)
{
    struct hold h;
    struct err mine = ERR_INIT;
    uint64_t now, then = 0;
    enum st st = ix_generation(dir, &now, &mine); /* no lock is made where there is no index */
    if (st == ST_OK || st == ST_DAMAGED)
        st = hold_take(dir, &h, &mine);
    if (st == ST_OK) {
        st = roll_back(&h, &then, &mine);
        hold_drop(&h);
    }
    if (st != ST_OK)
        return err_set(err, st, "%s", mine.text);
    *generation = then;
    return ST_OK;
}
