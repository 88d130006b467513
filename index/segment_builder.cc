/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The segment builder that leaves the work to libxapian's WritableDatabase.
 *
 * Everything goes into one transaction: the destructor of a WritableDatabase commits what it
 * holds, and only a cancelled transaction is surely dropped. Within the transaction libxapian
 * still writes postings out every 10,000 documents, so memory does not grow with the segment.
 */

#include "segment_builder.h"
#include "guard.h"
#include <memory>
#include <xapian.h>

static const int FLAGS = Xapian::DB_CREATE | Xapian::DB_NO_TERMLIST | Xapian::DB_BACKEND_GLASS;

struct seg_builder {
    Xapian::WritableDatabase db;
    bool open = false; /* the transaction is */
};

static std::string text(struct str s)
{
    return s.n ? std::string(s.p, s.n) : std::string();
}

enum st seg_builder_new(const char *path, struct seg_builder **out, struct err *err)
{
    return guard(err, path, [&] {
        auto b = std::make_unique<seg_builder>();
        b->db = Xapian::WritableDatabase(path, FLAGS);
        b->db.begin_transaction();
        b->open = true;
        *out = b.release();
        return ST_OK;
    });
}

enum st seg_builder_add(struct seg_builder *b, const struct seg_doc *doc, struct err *err)
{
    return guard(err, nullptr, [&] {
        Xapian::Document d;
        d.set_data(text(doc->data));
        for (size_t i = 0; i < doc->nterms; i++)
            d.add_term(text(doc->terms[i].bytes), doc->terms[i].wdf);
        for (size_t i = 0; i < doc->nfields; i++)
            d.add_boolean_term(text(doc->fields[i].bytes));
        for (size_t i = 0; i < doc->nvalues; i++)
            d.add_value(doc->values[i].slot, text(doc->values[i].bytes));
        b->db.add_document(d);
        return ST_OK;
    });
}

enum st seg_builder_finish(struct seg_builder *b, struct err *err)
{
    return guard(err, nullptr, [&] {
        b->open = false;
        b->db.commit_transaction();
        b->db.close();
        return ST_OK;
    });
}

void seg_builder_free(struct seg_builder *b)
{
    if (!b)
        return;
    guard(nullptr, nullptr, [&] {
        if (b->open)
            b->db.cancel_transaction();
        return ST_OK;
    });
    guard(nullptr, nullptr, [&] {
        b->db.close();
        return ST_OK;
    });
    delete b;
}
