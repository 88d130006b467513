/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_GUARD_H
#define INDEX_GUARD_H

/* The one place where C++ stops. A function that C calls has its body in a guard, and whatever is
 * thrown in there comes out as a status:
 *
 *     return guard(err, "seg-3-0", [&] {
 *         db.get_document(docid);
 *         return ST_OK;
 *     });
 */

#include "c.h"

/* The status of the exception in flight, with its text in *err, behind "where: " when where is not
 * NULL. */
enum st guard_caught(struct err *err, const char *where) noexcept;

template <class Body> enum st guard(struct err *err, const char *where, Body body) noexcept
{
    try {
        return body();
    } catch (...) {
        return guard_caught(err, where);
    }
}

#endif
