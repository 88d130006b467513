/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_MANIFEST_H
#define INDEX_MANIFEST_H

/* The manifest: which segments and tombstones a generation consists of. FORMAT.md has the text. */

#include "c.h"

C_BEGIN

#define MANIFEST_NAME    "MANIFEST"
#define MANIFEST_SEG_MAX 48 /* "seg-GENERATION-NUMBER" and a NUL */

struct manifest_segment {
    char name[MANIFEST_SEG_MAX];
    uint64_t documents, body; /* written, tombstoned ones included */
    uint64_t dead, dead_body;
    uint64_t dead_since; /* generation in the name of the tombstone file; 0: there is none */
    uint64_t disk;
    uint64_t lexicon;
    uint32_t fold;
    struct sum128 sums; /* of the segment's SUMS */
};

struct manifest {
    uint64_t generation, published;
    struct manifest_segment *segment;
    size_t n, cap;
};

void manifest_init(struct manifest *m);
void manifest_fini(struct manifest *m);

/* A new, cleared entry at the end; NULL without memory. */
struct manifest_segment *manifest_add(struct manifest *m);

/* Make *out a copy of m. */
enum st manifest_copy(const struct manifest *m, struct manifest *out, struct err *err);

void manifest_format(const struct manifest *m, struct buf *out);

/* Read text into an empty *out. ST_DAMAGED says what is wrong with it. */
enum st manifest_parse(struct str text, struct manifest *out, struct err *err);

/* Read DIR/NAME into an empty *out. ST_NO_INDEX when there is no such file or folder. */
enum st manifest_load(const char *dir, const char *name, struct manifest *out, struct err *err);

/* Make m the current generation of dir, durably. The names of segments and tombstones need not be
 * durable in dir before, nor need what is in the segments that have this generation's number. */
enum st manifest_publish(const char *dir, const struct manifest *m, struct err *err);

/* Whether two manifests have the same text. */
bool manifest_equal(const struct manifest *a, const struct manifest *b);

/* Give the current manifest, which is m, its generation's name as well. What has that name already
 * is replaced unless it says the same. A crash may undo it; who opens the index for writing does it
 * again. */
enum st manifest_keep(const char *dir, const struct manifest *m, struct err *err);

/* The name of a segment's tombstone file. */
#define MANIFEST_DEAD_MAX (MANIFEST_SEG_MAX + 32)
void manifest_dead_name(const struct manifest_segment *s, char out[MANIFEST_DEAD_MAX]);

/* The name of a generation's own copy of its manifest. */
#define MANIFEST_COPY_MAX 32
void manifest_copy_name(uint64_t generation, char out[MANIFEST_COPY_MAX]);

C_END
#endif
