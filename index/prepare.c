/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A look at a batch before it is published: a reader of the generation to come.
 *
 * It stands apart from the ending of a batch, for reading takes libxapian, and a program that
 * only writes does without.
 */

#include "batch.h"
#include "reader.h"

/* A reader of the manifest as it will be. */
static enum st open_next(struct ix_writer *w, struct ix_reader **out, struct err *err)
{
    struct manifest m;
    manifest_init(&m);
    enum st st = manifest_copy(&w->next, &m, err);
    if (st == ST_OK) {
        batch_drop_empty(&m);
        st = reader_of(w->dir, &m, out, err);
    }
    manifest_fini(&m);
    return st;
}

enum st ix_writer_prepare(struct ix_writer *w, struct ix_reader **out, struct err *err)
{
    *out = NULL;
    enum st st = batch_get_ready(w, err);
    if (st != ST_OK || w->idle)
        return st;
    st = open_next(w, out, err);
    w->ready = st == ST_OK;
    return st;
}
