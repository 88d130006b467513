/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_FILE_H
#define GONGBAO_FILE_H

/* Files: whole reads, durable atomic replacement, mapping. Every error names the path. */

#include <gongbao/buf.h>
#include <gongbao/err.h>
#include <sys/types.h>

/* Append all of a regular file to out; ST_IO when it cannot be read or out's cap is passed. */
enum st file_read(const char *path, struct buf *out, struct err *err);

/* Replace path by data: written to a temporary name beside it, fsynced, renamed, and the folder
 * fsynced. A reader sees the old file or the new one; after a crash too. The file has the mode
 * that is given; what the calls below make has it less the umask. */
enum st file_replace(const char *path, struct str data, mode_t mode, struct err *err);

/* What file_replace_after calls to make durable what the data tells of. */
typedef enum st file_ahead(void *ctx, struct err *err);

/* The same for data that tells of other things in the folder: before path is replaced, `call` is
 * called to make them durable, and the folder is fsynced, which does so for their names. The
 * temporary file is written before the call: a file system that commits all files at once then
 * does so once. */
enum st file_replace_after(const char *path, struct str data, mode_t mode, file_ahead *call,
                           void *ctx, struct err *err);

/* file_replace, but the folder is not fsynced: after a crash the old file may be there again. For
 * who fsyncs the folder later, or can do without the file. */
enum st file_put(const char *path, struct str data, mode_t mode, struct err *err);

/* Write data to a file that is not there yet. Neither it nor its folder is fsynced: for folders
 * that nobody looks into yet. A file that was begun is removed when it fails. */
enum st file_new(const char *path, struct str data, mode_t mode, struct err *err);

/* Write all of data to a descriptor, however many calls it takes; false, with errno, when one
 * fails. */
bool file_write_all(int fd, struct str data);

/* Read n bytes from a place in a file, however many calls it takes. How many there were, fewer only
 * where the file ends; -1, with errno, when a call fails. */
ssize_t file_read_at(int fd, void *to, size_t n, uint64_t at);

/* Copy a regular file to a new one, durably; its folder is not fsynced. A file that was begun is
 * removed when it fails. */
enum st file_copy(const char *from, const char *to, struct err *err);

/* fsync a file or a folder by its path. */
enum st file_sync(const char *path, struct err *err);

/* Let an open file begin to go to the disk; fsync then has less to wait for. */
void file_begin_sync(int fd);

/* A file mapped read-only. p is NULL for an empty file. */
struct file_map {
    const unsigned char *p;
    size_t n;
};

enum st file_map(const char *path, struct file_map *out, struct err *err);
void file_unmap(struct file_map *m);

/* Remove a folder and what is in it (files and folders, links not followed). A missing one is no
 * error. */
enum st file_remove_tree(const char *path, struct err *err);

#endif
