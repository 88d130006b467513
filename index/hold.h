/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_HOLD_H
#define INDEX_HOLD_H

/* The hold that a writer has on an index.
 *
 *     hold_take(dir, &h, err);          nobody else writes from here on
 *     ...
 *     hold_still(&h, err);              before anything in the folder counts or goes
 *     manifest_publish(dir, &m, err);
 *     hold_note(&h);
 *     hold_drop(&h);
 */

#include "c.h"
#include <sys/stat.h>

C_BEGIN

struct hold {
    const char *dir; /* the caller's */
    int lock;        /* of LOCK; -1: nothing is held */
    struct stat folder, file, manifest;
};

void hold_init(struct hold *h);

/* Take the lock of an index folder. ST_LOCKED at once, with the process that has it if that can be
 * told. What is held is dropped when it fails. */
enum st hold_take(const char *dir, struct hold *h, struct err *err);

/* Whether all is as it was: the folder, its LOCK, and the manifest that was there when the lock was
 * taken or last noted. ST_LOCKED when somebody has exchanged one of them; what is there then is not
 * the caller's to change. Three stat(2). */
enum st hold_still(const struct hold *h, struct err *err);

/* The manifest that is there now is the caller's. */
void hold_note(struct hold *h);

void hold_drop(struct hold *h);

C_END
#endif
