/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_STORED_H
#define INDEX_STORED_H

/* The stored documents of an open segment, as they are packed, by docid. */

#include "c.h"

C_BEGIN

struct stored;

/* Of the segment in the folder `dir`, whose files may be removed from then on. Errors name the
 * file. */
enum st stored_open(const char *dir, struct stored **out, struct err *err);
void stored_close(struct stored *s);

/* The data of a document, good until the next one is read. ST_DAMAGED; ST_IO. */
enum st stored_read(struct stored *s, uint32_t docid, struct str *data, struct err *err);

C_END
#endif
