/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The segment merger that leaves the work to libxapian's compaction.
 *
 * Compaction takes the B-trees of the inputs and writes each table of the result once, from left
 * to right, adding to the docids of an input the last docid of the one before. Postings stay in
 * the pieces in which they were written: nothing is decoded, so it is quick, but pieces of many
 * small segments take more room than those of one large segment would. Tombstoned documents are
 * merged like any others. When compaction fails, libxapian leaks the cursors it had on the inputs.
 */

#include "segment_merge.h"
#include "guard.h"
#include <xapian.h>

/* The counts that a reader will hold against the manifest. */
static enum st check_result(const char *out, Xapian::doccount documents, struct err *err)
{
    Xapian::Database db(out, Xapian::DB_BACKEND_GLASS);
    if (db.get_doccount() == documents && db.get_lastdocid() == documents)
        return ST_OK;
    return err_set(err, ST_INTERNAL, "%s: merging gave %u documents instead of %u", out,
                   db.get_doccount(), documents);
}

enum st segment_merge(const char *dir, const char *const *name, size_t n, const char *out,
                      struct err *err)
{
    return guard(err, out, [&] {
        Xapian::Database all;
        for (size_t i = 0; i < n; i++)
            all.add_database(
                Xapian::Database(std::string(dir) + "/" + name[i], Xapian::DB_BACKEND_GLASS));
        all.compact(out, 0);
        return check_result(out, all.get_doccount(), err);
    });
}
