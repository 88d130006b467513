/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SQUEEZE_H
#define INDEX_SQUEEZE_H

/* Records to document data and back: zlib, in as many layers as glass needs. */

#include "c.h"
#include <zlib.h>

C_BEGIN

#define SQUEEZE_PLAIN_MAX ((size_t)256 << 20) /* bytes of a plain record */
#define SQUEEZE_DATA_MAX  ((size_t)96 << 20)  /* bytes of document data; glass holds about 130 MB */
#define SQUEEZE_ROOM      (SQUEEZE_PLAIN_MAX + ((size_t)1 << 20)) /* while deflating */

struct squeeze {
    z_stream z; /* kept from record to record */
    bool ready;
    struct buf last; /* the layer below the one being made */
};

void squeeze_init(struct squeeze *s);
void squeeze_fini(struct squeeze *s);

/* Replace out, whose cap is SQUEEZE_ROOM, by the document data for a plain record. ST_REJECTED
 * when it is too large. */
enum st squeeze(struct squeeze *s, struct str plain, struct buf *out, struct err *err);

/* Take the head off document data: how many layers, and the length of the plain record. */
enum st unsqueeze_head(struct str *data, unsigned *layers, size_t *length, struct err *err);

/* Write the plain record, length bytes, to out. data, layers and length are from the head.
 * ST_DAMAGED. */
enum st unsqueeze(struct str data, unsigned layers, char *out, size_t length, struct err *err);

C_END
#endif
