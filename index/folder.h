/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_FOLDER_H
#define INDEX_FOLDER_H

/* Paths, listings, the manifest in force and the sweep of an index folder. */

#include "hold.h"
#include "manifest.h"

C_BEGIN

#define FOLDER_PATH_MAX 4096

/* Its name says that segments without a manifest are of a first batch that did not come to its end:
 * without it, somebody has removed the manifest. */
#define FOLDER_FIRST "tmp-first"

/* "DIR/NAME" into out. ST_IO when it is too long. */
enum st folder_path(char out[FOLDER_PATH_MAX], const char *dir, const char *name, struct err *err);

/* The names in a folder, in byte order, without "." and "..". */
struct names {
    char **v;
    size_t n, cap;
};

enum st names_read(const char *dir, struct names *out, struct err *err);
void names_free(struct names *names);

/* Make the files in a folder durable, and their names. There are few, for all are open at once. */
enum st folder_sync(const char *dir, struct err *err);

/* Generations besides the current one whose files are kept. */
#define FOLDER_KEEP 1

/* Of the names in an index folder: the largest generation below `below` that has a copy of its
 * manifest; 0 when there is none. */
uint64_t folder_previous(const struct names *names, uint64_t below);

/* Hold every file that a manifest names against its checksum. ST_DAMAGED names the first one that
 * is wrong. */
enum st folder_verify(const char *dir, const struct manifest *m, struct err *err);

/* The largest number that a published generation can have had, by the names in an index folder. */
uint64_t folder_newest(const struct names *names);

/* Read the copy of a generation's manifest into an empty *out. ST_DAMAGED when it is of another
 * one; otherwise as manifest_load. */
enum st folder_load_copy(const char *dir, uint64_t generation, struct manifest *out,
                         struct err *err);

/* Read the manifest in force into an empty *out. ST_NO_INDEX when there is no index. ST_DAMAGED
 * when the manifest is damaged, or has gone and left copies or segments; what is said then names
 * the way out. */
enum st folder_manifest(const char *dir, struct manifest *out, struct err *err);

/* Begin an index in a folder that is held and has none: what an interrupted first batch left is
 * removed, and there is a file FOLDER_FIRST until the first sweep, or folder_end_first. */
enum st folder_begin_first(const struct hold *h, struct err *err);
void folder_end_first(const struct hold *h);

/* Remove what the kept generations do not name; current is the manifest in force. ST_LOCKED when
 * the index was exchanged: nothing is removed then. */
enum st folder_sweep(const struct hold *h, const struct manifest *current, struct err *err);

/* Remove a file or a folder of an index. It may be missing. */
enum st folder_remove(const char *dir, const char *name, struct err *err);

C_END
#endif
