/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ARRAY_H
#define GONGBAO_ARRAY_H

/* Arrays that grow item by item.
 *
 *     struct mark *mark = array_room(r->mark, r->n, &r->cap, sizeof(*mark));
 *     if (!mark)
 *         return err_nomem(err);
 *     r->mark = mark;
 *     r->mark[r->n++] = ...
 */

#include <stddef.h>

/* Room for one item of this size more than the n that the array has; *cap is how many it holds. The
 * array, which may have moved; NULL without memory, and then the one given is as it was. */
void *array_room(void *array, size_t n, size_t *cap, size_t size);

#endif
