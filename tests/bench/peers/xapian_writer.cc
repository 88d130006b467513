/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What libxapian's own writer takes for the same terms: xapian_writer NEW SEGMENT...
 *
 * The terms, values and data of every document are read from segments that gongbao-ingest has
 * written, which are glass databases, and given to a WritableDatabase in NEW. Only add_document and
 * commit are timed; making the documents is not, and no list of each document's terms is written,
 * as our segments have none. Prints seconds of CPU and the number of documents.
 */

#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>
#include <utility>
#include <vector>
#include <xapian.h>

static const size_t BLOCK = 500;       /* documents that are made before they are timed */
static const Xapian::valueno DATE = 0; /* the one slot there is */

struct collected {
    std::vector<std::string> term;
    std::vector<std::vector<std::pair<uint32_t, uint32_t>>> doc; /* term's number, wdf */
};

static double cpu_seconds()
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return double(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           double(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static collected collect(const Xapian::Database &db)
{
    collected c;
    c.doc.resize(db.get_lastdocid() + 1);
    for (auto t = db.allterms_begin(); t != db.allterms_end(); ++t) {
        uint32_t number = uint32_t(c.term.size());
        c.term.push_back(*t);
        for (auto p = db.postlist_begin(*t); p != db.postlist_end(*t); ++p)
            c.doc[*p].emplace_back(number, p.get_wdf());
    }
    return c;
}

static Xapian::Document make(const Xapian::Database &db, const collected &c, Xapian::docid id)
{
    Xapian::Document from = db.get_document(id), to;
    to.set_data(from.get_data());
    to.add_value(DATE, from.get_value(DATE));
    for (auto [number, wdf] : c.doc[id])
        to.add_term(c.term[number], wdf);
    return to;
}

static double add_all(const Xapian::Database &db, Xapian::WritableDatabase &out)
{
    const collected c = collect(db);
    double seconds = 0;
    for (Xapian::docid id = 1; id < c.doc.size();) {
        std::vector<Xapian::Document> block;
        for (; id < c.doc.size() && block.size() < BLOCK; id++)
            block.push_back(make(db, c, id));
        double before = cpu_seconds();
        for (const auto &doc : block)
            out.add_document(doc);
        seconds += cpu_seconds() - before;
    }
    return seconds;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: xapian_writer NEW SEGMENT...\n");
        return 1;
    }
    try {
        Xapian::WritableDatabase out(argv[1], Xapian::DB_CREATE | Xapian::DB_NO_TERMLIST);
        double seconds = 0;
        for (int i = 2; i < argc; i++)
            seconds += add_all(Xapian::Database(argv[i]), out);
        double before = cpu_seconds();
        out.commit();
        seconds += cpu_seconds() - before;
        printf("%.3f %u\n", seconds, out.get_doccount());
    } catch (const Xapian::Error &e) {
        fprintf(stderr, "xapian_writer: %s\n", e.get_description().c_str());
        return 1;
    }
    return 0;
}
