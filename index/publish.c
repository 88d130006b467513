/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ending a batch: segments, merged segments, tombstones, manifest, in that order. All else is
 * durable before the manifest is, which sees to the segments itself.
 *
 * Until the manifest is renamed nothing of the batch is named by anything, so a failure or a crash
 * leaves the generation before in force and rubbish for the next sweep. A segment of which no live
 * document is left is not named any more.
 */

#include "batch.h"
#include "folder.h"
#include "sums.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum st batch_path(const struct ix_writer *w, size_t i, char out[FOLDER_PATH_MAX], struct err *err)
{
    return folder_path(out, w->dir, w->next.segment[i].name, err);
}

enum st batch_tmp_path(const struct ix_writer *w, size_t i, char out[FOLDER_PATH_MAX],
                       struct err *err)
{
    char name[MANIFEST_SEG_MAX];
    snprintf(name, sizeof(name), "tmp%s", w->next.segment[i].name + 3);
    return folder_path(out, w->dir, name, err);
}

/* ---- segments ---- */

static enum st move_segment(struct ix_writer *w, size_t i, const char *from, struct err *err)
{
    char to[FOLDER_PATH_MAX];
    enum st st = batch_path(w, i, to, err);
    if (st == ST_OK && rename(from, to) != 0)
        st = err_sys(err, "rename", from);
    return st;
}

enum st batch_seal_segment(struct ix_writer *w, size_t i, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    struct manifest_segment *s = &w->next.segment[i];
    enum st st = batch_tmp_path(w, i, path, err);
    if (st == ST_OK)
        st = hold_still(&w->hold, err);
    if (st == ST_OK)
        st = sums_write(path, &s->disk, &s->sums, err);
    return st == ST_OK ? move_segment(w, i, path, err) : st;
}

void batch_discard_segment(const struct ix_writer *w, size_t i)
{
    char path[FOLDER_PATH_MAX];
    if (hold_still(&w->hold, NULL) != ST_OK)
        return;
    if (batch_tmp_path(w, i, path, NULL) == ST_OK)
        file_remove_tree(path, NULL);
    if (batch_path(w, i, path, NULL) == ST_OK)
        file_remove_tree(path, NULL);
}

/* ---- tombstones ---- */

enum st batch_join_old_tombs(struct ix_writer *w, size_t i, struct tomb *out, struct err *err)
{
    const struct tomb *old;
    enum st st = past_tomb(w->past, i, &old, err);
    return st == ST_OK ? tomb_join(out, old, err) : st;
}

static enum st write_tombs(struct ix_writer *w, size_t i, struct err *err)
{
    struct tomb *t = &w->dead[i];
    if (t->n == 0)
        return ST_OK;
    enum st st = i < w->nold ? batch_join_old_tombs(w, i, t, err) : ST_OK;
    if (st != ST_OK)
        return st;
    tomb_sort(t);
    return tomb_write(w->dir, &w->next.segment[i], t, err);
}

void batch_drop_empty(struct manifest *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (m->segment[i].dead < m->segment[i].documents)
            m->segment[n++] = m->segment[i];
    m->n = n;
}

/* ---- the manifest ---- */

/* What is left to do once the batch is in force. None of it can undo the batch, and the next
 * writer does what fails here. */
static void tidy(struct ix_writer *w)
{
    if (manifest_keep(w->dir, &w->next, NULL) == ST_OK)
        folder_sweep(&w->hold, &w->next, NULL);
}

static enum st put_in_force(struct ix_writer *w, struct err *err)
{
    enum st st = hold_still(&w->hold, err);
    if (st != ST_OK)
        return st;
    batch_drop_empty(&w->next);
    w->next.published = (uint64_t)time(NULL);
    w->hands_off = true;
    st = manifest_publish(w->dir, &w->next, err);
    hold_note(&w->hold);
    return st;
}

/* Write everything that the manifest to come names. */
static enum st write_rest(struct ix_writer *w, struct err *err)
{
    if (w->detached)
        return err_set(err, ST_INTERNAL, "chunks of the batch were not taken");
    enum st st = batch_take_chunk(w, err);
    if (st == ST_OK)
        st = batch_finish_segment(w, err);
    if (st == ST_OK)
        st = batch_merge(w, err);
    if (st == ST_OK)
        st = hold_still(&w->hold, err);
    for (size_t i = 0; st == ST_OK && i < w->next.n; i++)
        if (w->next.segment[i].dead < w->next.segment[i].documents)
            st = write_tombs(w, i, err);
    return st;
}

enum st batch_get_ready(struct ix_writer *w, struct err *err)
{
    if (w->over)
        return err_set(err, ST_INTERNAL, "the batch is over");
    w->over = true;
    w->idle = !w->changed && w->past && !batch_wants_merge(w);
    enum st st = w->idle ? ST_OK : write_rest(w, err);
    w->ready = st == ST_OK;
    return st;
}

enum st ix_writer_publish(struct ix_writer *w, uint64_t *generation, struct err *err)
{
    enum st st = w->ready ? ST_OK : batch_get_ready(w, err);
    w->ready = false;
    if (st == ST_OK && w->idle) {
        *generation = w->next.generation - 1;
        return ST_OK;
    }
    if (st == ST_OK)
        st = put_in_force(w, err);
    if (st != ST_OK)
        return st;
    *generation = w->next.generation;
    tidy(w);
    return ST_OK;
}
