/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading a segment by its terms.
 *
 * All postings of all terms are walked once, and what they say is added up for each document: so a
 * check costs one pass, and whatever a document's terms are, one that is missing, one too many and
 * one at the wrong document all show in a sum. Sets of terms are compared by the sum of their
 * checksums.
 */

#include "facts.h"
#include "engine.h"
#include "record.h"
#include "simhash.h"
#include <cstdlib>

static uint64_t fact_of(struct str term)
{
    return sum64_of(term);
}

uint64_t facts_of(const struct ix_term *terms, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fact_of(terms[i].bytes);
    return sum;
}

uint64_t facts_value(struct str value)
{
    return value.n ? sum64_of(value) : 0;
}

static void read_term(const Xapian::Database &db, const std::string &term, struct facts *facts,
                      Xapian::docid last)
{
    struct str bytes = str_from(term.data(), term.size());
    uint64_t fact = field_owns(bytes) ? fact_of(bytes) : 0;
    for (auto p = db.postlist_begin(term); p != db.postlist_end(term); ++p) {
        if (*p > last)
            throw Xapian::DatabaseCorruptError("a posting is of a document that is not there");
        facts[*p].wdf += p.get_wdf();
        facts[*p].fields += fact;
    }
}

static void read_all(const Xapian::Database &db, struct facts *facts, Xapian::docid last)
{
    for (auto t = db.allterms_begin(); t != db.allterms_end(); ++t)
        read_term(db, *t, facts, last);
    for (auto v = db.valuestream_begin(IX_SLOT_DATE); v != db.valuestream_end(IX_SLOT_DATE); ++v) {
        std::string value = *v;
        if (v.get_docid() > last)
            throw Xapian::DatabaseCorruptError("a value is of a document that is not there");
        facts[v.get_docid()].date = facts_value(str_from(value.data(), value.size()));
    }
    for (auto v = db.valuestream_begin(IX_SLOT_SIMHASH); v != db.valuestream_end(IX_SLOT_SIMHASH);
         ++v)
        if (v.get_docid() > last || (*v).size() != SIMHASH_BYTES)
            throw Xapian::DatabaseCorruptError("a value of similarity makes no sense");
    for (Xapian::docid d = 1; d <= last; d++)
        facts[d].length = db.get_doclength(d);
}

enum st facts_read(const struct ix_reader *r, size_t i, struct facts **out, struct err *err)
{
    part *p = r->parts[i].get();
    Xapian::docid last = p->s->db.get_lastdocid();
    struct facts *facts = static_cast<struct facts *>(calloc((size_t)last + 1, sizeof(*facts)));
    if (!facts)
        return err_nomem(err);
    enum st st = guard_part(p, err, [&](struct err *) {
        read_all(p->s->db, facts, last);
        return ST_OK;
    });
    if (st == ST_OK)
        *out = facts;
    else
        free(facts);
    return st;
}
