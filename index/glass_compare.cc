/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Two databases side by side, through nothing but the library's public interface.
 *
 * Whatever a list yields becomes a line of text, and lists are walked together line by line, so a
 * difference can be shown as what the one says and the other does not.
 */

#include "glass_compare.h"
#include "guard.h"
#include <functional>
#include <memory>
#include <sstream>
#include <vector>
#include <xapian.h>

struct library_writer {
    Xapian::WritableDatabase db;
};

static std::string text(struct str s)
{
    return s.n ? std::string(s.p, s.n) : std::string();
}

enum st library_new(const char *dir, struct library_writer **out, struct err *err)
{
    return guard(err, dir, [&] {
        auto w = std::make_unique<library_writer>();
        w->db = Xapian::WritableDatabase(dir, Xapian::DB_CREATE | Xapian::DB_NO_TERMLIST |
                                                  Xapian::DB_BACKEND_GLASS);
        *out = w.release();
        return ST_OK;
    });
}

enum st library_add(struct library_writer *w, uint32_t docid, const struct library_doc *doc,
                    struct err *err)
{
    return guard(err, nullptr, [&] {
        Xapian::Document d;
        d.set_data(text(doc->data));
        for (size_t i = 0; i < doc->nterms; i++)
            d.add_term(text(doc->terms[i].bytes), doc->terms[i].wdf);
        for (size_t i = 0; i < doc->nvalues; i++)
            d.add_value(doc->values[i].slot, text(doc->values[i].bytes));
        w->db.replace_document(docid, d);
        return ST_OK;
    });
}

enum st library_metadata(struct library_writer *w, struct str name, struct str value,
                         struct err *err)
{
    return guard(err, nullptr, [&] {
        w->db.set_metadata(text(name), text(value));
        return ST_OK;
    });
}

enum st library_finish(struct library_writer *w, struct err *err)
{
    return guard(err, nullptr, [&] {
        w->db.commit();
        w->db.close();
        return ST_OK;
    });
}

void library_free(struct library_writer *w)
{
    if (!w)
        return;
    guard(nullptr, nullptr, [&] {
        w->db.close();
        return ST_OK;
    });
    delete w;
}

/* ---- comparing ---- */

/* The next line of a list; false at its end. */
using Lines = std::function<bool(std::ostream &)>;

/* Bytes that may be anything, on one line and not too long. */
static std::string shown(const std::string &s)
{
    static const char digit[] = "0123456789abcdef";
    std::string out = "'";
    for (size_t i = 0; i < s.size() && i < 60; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c > ' ' && c < 0x7f)
            out += s[i];
        else
            out = out + '\\' + digit[c >> 4] + digit[c & 15];
    }
    return out + "'/" + std::to_string(s.size());
}

static enum st differ(const std::string &what, const std::string &a, const std::string &b,
                      struct err *err)
{
    return err_set(err, ST_DAMAGED, "%s: %s instead of %s", what.c_str(), b.c_str(), a.c_str());
}

static enum st same_lines(const std::string &what, const Lines &a, const Lines &b, struct err *err)
{
    for (;;) {
        std::ostringstream x, y;
        bool more = a(x), more_too = b(y);
        if (more != more_too || x.str() != y.str())
            return differ(what, more ? x.str() : "the end", more_too ? y.str() : "the end", err);
        if (!more)
            return ST_OK;
    }
}

static Lines postings(const Xapian::Database &db, const std::string &term)
{
    auto at = std::make_shared<Xapian::PostingIterator>(db.postlist_begin(term));
    return [=](std::ostream &out) {
        if (*at == db.postlist_end(term))
            return false;
        out << "document " << **at << " wdf " << at->get_wdf() << " length " << at->get_doclength();
        ++*at;
        return true;
    };
}

static Lines terms(const Xapian::Database &db)
{
    auto at = std::make_shared<Xapian::TermIterator>(db.allterms_begin());
    return [=](std::ostream &out) {
        if (*at == db.allterms_end())
            return false;
        const std::string term = **at;
        out << shown(term) << " tf " << at->get_termfreq() << " " << db.get_termfreq(term) << " cf "
            << db.get_collection_freq(term) << " wdf " << db.get_wdf_upper_bound(term);
        ++*at;
        return true;
    };
}

static Lines values(const Xapian::Database &db, Xapian::valueno slot)
{
    auto at = std::make_shared<Xapian::ValueIterator>(db.valuestream_begin(slot));
    return [=](std::ostream &out) {
        if (*at == db.valuestream_end(slot))
            return false;
        out << "document " << at->get_docid() << " " << shown(**at);
        ++*at;
        return true;
    };
}

static Lines metadata(const Xapian::Database &db)
{
    auto at = std::make_shared<Xapian::TermIterator>(db.metadata_keys_begin());
    return [=](std::ostream &out) {
        if (*at == db.metadata_keys_end())
            return false;
        const std::string name = **at, value = db.get_metadata(name);
        out << shown(name) << " " << std::hash<std::string>()(value) << " " << shown(value);
        ++*at;
        return true;
    };
}

static Lines documents(const Xapian::Database &db)
{
    auto at = std::make_shared<Xapian::PostingIterator>(db.postlist_begin(""));
    return [=](std::ostream &out) {
        if (*at == db.postlist_end(""))
            return false;
        const std::string data = db.get_document(**at).get_data();
        out << "document " << **at << " length " << db.get_doclength(**at) << " data "
            << std::hash<std::string>()(data) << " " << shown(data);
        ++*at;
        return true;
    };
}

static std::string numbers(const Xapian::Database &db)
{
    std::ostringstream out;
    out << "documents " << db.get_doccount() << " last " << db.get_lastdocid() << " length "
        << db.get_total_length() << " in " << db.get_doclength_lower_bound() << ".."
        << db.get_doclength_upper_bound() << " positions " << db.has_positions();
    return out.str();
}

static std::string bounds(const Xapian::Database &db, Xapian::valueno slot)
{
    return std::to_string(db.get_value_freq(slot)) + " values in " +
           shown(db.get_value_lower_bound(slot)) + ".." + shown(db.get_value_upper_bound(slot));
}

static enum st compare_slots(const Xapian::Database &a, const Xapian::Database &b, struct err *err)
{
    /* Slots cannot be asked for: those that tests use, each side of where their packing changes. */
    for (Xapian::valueno slot : {0u, 1u, 2u, 127u, 128u, 129u, 255u, 256u, 300u, 16384u, 70000u}) {
        const std::string what = "slot " + std::to_string(slot);
        if (bounds(a, slot) != bounds(b, slot))
            return differ(what, bounds(a, slot), bounds(b, slot), err);
        enum st st = same_lines(what, values(a, slot), values(b, slot), err);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

/* Every so many terms, so that there are some hundred queries. */
static std::vector<std::string> some_terms(const Xapian::Database &db)
{
    std::vector<std::string> all(db.allterms_begin(), db.allterms_end()), some;
    for (size_t i = 0; i < all.size(); i += 1 + all.size() / 100)
        some.push_back(all[i]);
    return some;
}

static Lines hits(const Xapian::Database &db, const Xapian::Query &query)
{
    Xapian::Enquire enquire(db);
    enquire.set_query(query);
    const Xapian::MSet mset = enquire.get_mset(0, 50, db.get_doccount());
    auto at = std::make_shared<Xapian::MSetIterator>(mset.begin());
    return [=](std::ostream &out) {
        if (*at == mset.end())
            return false;
        out.precision(17);
        out << "document " << **at << " weight " << at->get_weight() << " of "
            << mset.get_matches_estimated() << " at most " << mset.get_max_possible();
        ++*at;
        return true;
    };
}

static enum st compare_searches(const Xapian::Database &a, const Xapian::Database &b,
                                struct err *err)
{
    std::string before = "in every document";
    for (const std::string &term : some_terms(a)) {
        for (auto op : {Xapian::Query::OP_OR, Xapian::Query::OP_AND, Xapian::Query::OP_AND_MAYBE}) {
            const Xapian::Query query(op, Xapian::Query(before), Xapian::Query(term));
            enum st st = same_lines(query.get_description(), hits(a, query), hits(b, query), err);
            if (st != ST_OK)
                return st;
        }
        before = term;
    }
    return ST_OK;
}

static enum st compare(const Xapian::Database &a, const Xapian::Database &b, struct err *err)
{
    if (numbers(a) != numbers(b))
        return differ("numbers", numbers(a), numbers(b), err);
    enum st st = same_lines("documents", documents(a), documents(b), err);
    if (st == ST_OK)
        st = same_lines("terms", terms(a), terms(b), err);
    for (auto t = a.allterms_begin(); t != a.allterms_end() && st == ST_OK; ++t)
        st = same_lines("postings of " + shown(*t), postings(a, *t), postings(b, *t), err);
    if (st == ST_OK)
        st = compare_slots(a, b, err);
    if (st == ST_OK)
        st = same_lines("metadata", metadata(a), metadata(b), err);
    return st == ST_OK ? compare_searches(a, b, err) : st;
}

enum st glass_compare(const char *a, const char *b, struct err *err)
{
    return guard(err, b, [&] {
        return compare(Xapian::Database(a, Xapian::DB_BACKEND_GLASS),
                       Xapian::Database(b, Xapian::DB_BACKEND_GLASS), err);
    });
}

enum st glass_compare_served(const char *a, const char *host, unsigned port, struct err *err)
{
    return guard(err, a, [&] {
        const Xapian::Database here(a, Xapian::DB_BACKEND_GLASS);
        const Xapian::Database there = Xapian::Remote::open(host, port);
        return compare_searches(here, there, err);
    });
}

/* ---- queries ---- */

static Xapian::Query to_query(const struct ix_node *node);

/* The kids from one on, joined. */
static Xapian::Query joined(Xapian::Query::op op, const struct ix_node *node, size_t from)
{
    std::vector<Xapian::Query> kids;
    for (size_t i = from; i < node->nkid; i++)
        kids.push_back(to_query(node->kid[i]));
    return Xapian::Query(op, kids.begin(), kids.end());
}

static Xapian::Query first_and(Xapian::Query::op op, const struct ix_node *node,
                               Xapian::Query::op others)
{
    return Xapian::Query(op, to_query(node->kid[0]), joined(others, node, 1));
}

static Xapian::Query to_query(const struct ix_node *node)
{
    switch (node->op) {
    case IX_TERM:
        return Xapian::Query(std::string(node->term.p, node->term.n));
    case IX_ALL:
        return Xapian::Query::MatchAll;
    case IX_AND:
        return joined(Xapian::Query::OP_AND, node, 0);
    case IX_OR:
        return joined(Xapian::Query::OP_OR, node, 0);
    case IX_AND_MAYBE:
        return first_and(Xapian::Query::OP_AND_MAYBE, node, Xapian::Query::OP_OR);
    case IX_FILTER:
        return first_and(Xapian::Query::OP_FILTER, node, Xapian::Query::OP_AND);
    case IX_AND_NOT:
        return first_and(Xapian::Query::OP_AND_NOT, node, Xapian::Query::OP_OR);
    case IX_SCALE:
        return Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, to_query(node->kid[0]), node->factor);
    default:
        return Xapian::Query::MatchNothing;
    }
}

enum st library_search(const char *const *dir, size_t ndir, const struct ix_search *q,
                       struct arena *a, struct library_hit **out, size_t *n, struct err *err)
{
    return guard(err, nullptr, [&] {
        Xapian::Database db;
        for (size_t i = 0; i < ndir; i++)
            db.add_database(Xapian::Database(dir[i], Xapian::DB_BACKEND_GLASS));
        Xapian::Enquire enquire(db);
        enquire.set_query(to_query(q->query));
        enquire.set_weighting_scheme(Xapian::BM25Weight(q->k1, 0, 1, q->b, 0.5));
        const Xapian::MSet mset = enquire.get_mset(0, db.get_doccount());
        *n = 0;
        *out = static_cast<struct library_hit *>(arena_calloc(a, mset.size() + 1, sizeof(**out)));
        if (!*out)
            return err_nomem(err);
        for (auto i = mset.begin(); i != mset.end(); ++i)
            (*out)[(*n)++] = {*i, i.get_weight()};
        return ST_OK;
    });
}

enum st glass_check(const char *dir, struct err *err)
{
    return guard(err, dir, [&] {
        std::ostringstream said;
        if (Xapian::Database::check(dir, 0, &said) == 0)
            return ST_OK;
        return err_set(err, ST_DAMAGED, "%s", said.str().c_str());
    });
}
