/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SQUEEZE_H
#define INDEX_SQUEEZE_H

/* Records to document data and back, by zstd, mostly with a dictionary of the segment. */

#include "squeeze_dict.h"

C_BEGIN

#define SQUEEZE_PLAIN_MAX ((size_t)96 << 20)                      /* bytes of a plain record */
#define SQUEEZE_ROOM      (SQUEEZE_PLAIN_MAX + ((size_t)1 << 20)) /* and of its document data */

/* What packs, for one thread. */
struct squeeze {
    struct ZSTD_CCtx_s *z; /* kept from record to record */
    struct buf dense;
};

void squeeze_init(struct squeeze *s);
void squeeze_fini(struct squeeze *s);

/* Append the document data for a plain record. The dictionary, one for packing, may be NULL.
 * ST_REJECTED when the record is larger than SQUEEZE_PLAIN_MAX. */
enum st squeeze_record(struct squeeze *s, const struct squeeze_dict *dict, struct str plain,
                       struct buf *out, struct err *err);

/* What unpacks, for one thread. */
struct unsqueeze {
    struct ZSTD_DCtx_s *z;
    struct buf frame, dense;
    struct squeeze_dict **dict; /* those that data may name; a share of each */
    size_t n;
};

void unsqueeze_init(struct unsqueeze *u);
void unsqueeze_fini(struct unsqueeze *u);

/* Add a dictionary for unpacking, unless it is there. */
enum st unsqueeze_add(struct unsqueeze *u, struct squeeze_dict *dict, struct err *err);

/* The plain record of document data, in the arena. ST_DAMAGED when it is not what was packed, or
 * was packed with a dictionary that was not added. */
enum st unsqueeze_record(struct unsqueeze *u, struct str data, struct arena *a, struct str *plain,
                         struct err *err);

/* Whether data was packed with a dictionary, and the key of that. */
bool squeeze_data_key(struct str data, uint16_t *key);

C_END
#endif
