/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Exceptions to statuses.
 *
 * libxapian's errors come in three kinds here: those that say that stored bytes make no sense, or
 * that the disk cannot read them (EIO), are ST_DAMAGED; those that carry another errno are ST_IO;
 * the rest mean that this room used the library wrongly, ST_INTERNAL. A segment is never changed
 * once it is there, so DatabaseModifiedError can only come from bytes that changed underneath:
 * damage.
 */

#include "guard.h"
#include <cerrno>
#include <cstring>
#include <new>
#include <xapian.h>

static enum st xapian_error(struct err *err, enum st st, const Xapian::Error &e)
{
    const char *why = e.get_error_string();
    if (why && strcmp(why, strerror(EMFILE)) == 0)
        why = err_why(EMFILE); /* the number itself is not to be had */
    if (why)
        return err_set(err, strcmp(why, strerror(EIO)) == 0 ? ST_DAMAGED : ST_IO, "%s: %s",
                       e.get_msg().c_str(), why);
    return err_set(err, st, "%s", e.get_msg().c_str());
}

static enum st rethrow(struct err *err)
{
    try {
        throw;
    } catch (const Xapian::DatabaseModifiedError &) {
        return err_set(err, ST_DAMAGED, "it is damaged: a block of it is not the one written");
    } catch (const Xapian::DatabaseCorruptError &e) {
        enum st st = xapian_error(err, ST_DAMAGED, e);
        if (st == ST_DAMAGED)
            err_prefix(err, "it is damaged");
        return st;
    } catch (const Xapian::DatabaseError &e) {
        return xapian_error(err, ST_DAMAGED, e);
    } catch (const Xapian::RangeError &e) {
        return xapian_error(err, ST_DAMAGED, e);
    } catch (const Xapian::SerialisationError &e) {
        return xapian_error(err, ST_DAMAGED, e);
    } catch (const Xapian::Error &e) {
        return xapian_error(err, ST_INTERNAL, e);
    } catch (const std::bad_alloc &) {
        return err_nomem(err);
    } catch (const std::exception &e) {
        return err_set(err, ST_INTERNAL, "%s", e.what());
    } catch (...) {
        return err_set(err, ST_INTERNAL, "an unknown exception");
    }
}

enum st guard_caught(struct err *err, const char *where) noexcept
{
    try {
        enum st st = rethrow(err);
        if (where)
            err_prefix(err, "%s", where);
        return st;
    } catch (...) {
        return err_nomem(err);
    }
}
