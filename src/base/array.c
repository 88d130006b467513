/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Arrays that grow item by item.
 *
 * The room is doubled each time, so that an item is moved once or twice on the average however many
 * there are.
 */

#include <gongbao/array.h>
#include <stdlib.h>

#define FIRST 16 /* items */

void *array_room(void *array, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return array;
    size_t more = n < FIRST ? FIRST : 2 * n;
    void *grown = reallocarray(array, more, size);
    if (grown)
        *cap = more;
    return grown;
}
