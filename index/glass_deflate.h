/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GLASS_DEFLATE_H
#define INDEX_GLASS_DEFLATE_H

/* Compressed tags as libxapian inflates them by itself. */

#include "c.h"
#include <zlib.h>

C_BEGIN

struct glass_deflate {
    z_stream z; /* kept from tag to tag */
    int level;  /* of zlib's */
    bool ready;
};

void glass_deflate_init(struct glass_deflate *d, int level);
void glass_deflate_fini(struct glass_deflate *d);

/* Append the stream for data, not empty, to out. It may be longer than data, which then is better
 * stored as it is. */
enum st glass_deflate(struct glass_deflate *d, struct str data, struct buf *out, struct err *err);

C_END
#endif
