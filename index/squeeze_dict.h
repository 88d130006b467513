/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SQUEEZE_DICT_H
#define INDEX_SQUEEZE_DICT_H

/* Dictionaries of stored text.
 *
 * A dictionary is made of some records and serves to pack others like them: it ranks their
 * characters (dense.h) and holds text for zstd to refer to. It never changes, so any number of
 * threads may use it; it lives until its last share is dropped. For unpacking one takes some 190 KB
 * of memory and .15 ms to read, for packing some 900 KB.
 */

#include "dense.h"

C_BEGIN

#define SQUEEZE_DICT_MIN ((size_t)32 << 10) /* bytes of records that are worth a dictionary */

struct squeeze_dict {
    int shares;   /* changed atomically */
    uint64_t sum; /* of its bytes */
    struct buf bytes;
    struct dense *dense; /* for packing, or NULL */
    struct ZSTD_CDict_s *pack;
    struct undense *undense; /* for unpacking, or NULL */
    struct ZSTD_DDict_s *unpack;
};

/* Make a dictionary for packing of the first records, the same of the same ones; *out is NULL when
 * they are so few that it would not pay, or are no text that one could be made of. */
enum st squeeze_dict_make(const struct str *record, size_t n, struct squeeze_dict **out,
                          struct err *err);

enum squeeze_use { SQUEEZE_UNPACK, SQUEEZE_PACK };

/* Read the bytes of a dictionary, which are copied for packing only. ST_DAMAGED when they do not
 * have this name. */
enum st squeeze_dict_read(struct str name, struct str bytes, enum squeeze_use use,
                          struct squeeze_dict **out, struct err *err);

/* Its bytes and its name are what is stored, as metadata of a segment. */
#define SQUEEZE_DICT_PREFIX "text-"
#define SQUEEZE_DICT_NAME   22 /* the prefix, 16 digits, a NUL */
void squeeze_dict_name(const struct squeeze_dict *d, char out[SQUEEZE_DICT_NAME]);

/* What document data names: part of the sum. Two dictionaries may have the same key by chance. */
static inline uint16_t squeeze_dict_key(const struct squeeze_dict *d)
{
    return (uint16_t)d->sum;
}

struct squeeze_dict *squeeze_dict_share(struct squeeze_dict *d);
void squeeze_dict_drop(struct squeeze_dict *d);

C_END
#endif
