/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_FOLDER_H
#define INDEX_FOLDER_H

/* Paths, listings, the lock and the sweep of an index folder. */

#include "manifest.h"

C_BEGIN

#define FOLDER_PATH_MAX 4096

/* "DIR/NAME" into out. ST_IO when it is too long. */
enum st folder_path(char out[FOLDER_PATH_MAX], const char *dir, const char *name, struct err *err);

/* The names in a folder, in byte order, without "." and "..". */
struct names {
    char **v;
    size_t n, cap;
};

enum st names_read(const char *dir, struct names *out, struct err *err);
void names_free(struct names *names);

/* Take the lock of an index folder; *fd holds it until closed. ST_LOCKED at once. */
enum st folder_lock(const char *dir, int *fd, struct err *err);

/* Generations besides the current one whose files are kept. */
#define FOLDER_KEEP 1

/* Of the names in an index folder: the largest generation below `below` that has a copy of its
 * manifest; 0 when there is none. */
uint64_t folder_previous(const struct names *names, uint64_t below);

/* Hold every file that a manifest names against its checksum. ST_DAMAGED names the first one that
 * is wrong. */
enum st folder_verify(const char *dir, const struct manifest *m, struct err *err);

/* Remove what the kept generations do not name. current is the manifest in force, NULL when there
 * is none; copies of older ones are then ST_DAMAGED, and nothing is removed. Needs the lock. */
enum st folder_sweep(const char *dir, const struct manifest *current, struct err *err);

C_END
#endif
