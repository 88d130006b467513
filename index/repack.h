/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_REPACK_H
#define INDEX_REPACK_H

/* The stored text of several segments becomes that of one.
 *
 *     struct repack *r;
 *     repack_new(n, &sink, &r, err);
 *     for each input:     repack_input(r, i, bytes), repack_dict(r, i, name, value, err) ...
 *     repack_begin(r, again, err);
 *     for each document:  repack_document(r, i, docid, length, data, err);    ascending
 *     repack_end(r, err);
 *     repack_free(r);
 *
 * Data of large segments is copied, with their dictionaries; so is that of very small ones without
 * any, for as long as more merges are to come. That of other small ones, or of some more when there
 * would be too many dictionaries, is packed again: with the dictionary of the largest segment that
 * is copied, or where there is none, with a new one, made of the first records as that of a new
 * segment is. So small segments merge to what would have been built of them at once, and
 * dictionaries stay few and good.
 */

#include "squeeze.h"

C_BEGIN

#define REPACK_PACKED ((uint64_t)384 << 10) /* bytes of stored text worth a first dictionary */
#define REPACK_COPIED ((uint64_t)4 << 20)   /* bytes of stored text from which on it is copied */
#define REPACK_DICTS  8                     /* dictionaries in a segment */

/* Where documents and dictionaries go. Documents come ascending; dictionaries come last. */
struct repack_sink {
    void *ctx;
    enum st (*document)(void *ctx, uint32_t docid, uint32_t length, struct str data,
                        struct err *err);
    enum st (*metadata)(void *ctx, struct str name, struct str value, struct err *err);
};

struct repack;

enum st repack_new(size_t inputs, const struct repack_sink *sink, struct repack **out,
                   struct err *err);
void repack_free(struct repack *r);

/* How many bytes of stored text input i has, and one of its dictionaries. */
void repack_input(struct repack *r, size_t i, uint64_t bytes);
enum st repack_dict(struct repack *r, size_t i, struct str name, struct str bytes, struct err *err);

/* All inputs are known: settle what is copied. `again`: the segment is likely to be merged again.
 */
enum st repack_begin(struct repack *r, bool again, struct err *err);

/* A document of input i. ST_DAMAGED when its data cannot be unpacked. */
enum st repack_document(struct repack *r, size_t i, uint32_t docid, uint32_t length,
                        struct str data, struct err *err);

enum st repack_end(struct repack *r, struct err *err);

C_END
#endif
