/* SPDX-License-Identifier: GPL-2.0-or-later */

/* libxapian as its own term generator and query parser use it for Chinese: by n-grams of one and
 * two characters. xapian_search build FILE DATABASE, xapian_search ask DATABASE.
 *
 * FILE holds id, title and body of each document, with a NUL behind each. Standard input of `ask`
 * has a kind and a query a line, with a tab between; for each, microseconds and the number of
 * matches are printed, as the matcher estimates it. All n-grams are asked for, any of them for the
 * kind `long`. No positions are kept, so a phrase is no more than its n-grams.
 */

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <xapian.h>

static void build(const char *feed, const char *path)
{
    std::ifstream in(feed, std::ios::binary);
    Xapian::WritableDatabase db(path, Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_NO_TERMLIST);
    Xapian::TermGenerator terms;
    terms.set_flags(Xapian::TermGenerator::FLAG_CJK_NGRAM);
    std::string id, title, body;
    while (std::getline(in, id, '\0') && std::getline(in, title, '\0') &&
           std::getline(in, body, '\0')) {
        Xapian::Document doc;
        terms.set_document(doc);
        terms.index_text_without_positions(title, 3);
        terms.index_text_without_positions(body);
        doc.set_data(id + "\n" + title);
        db.add_document(doc);
    }
    db.commit();
}

static Xapian::doccount search(const Xapian::Database &db, Xapian::QueryParser &parser,
                               const std::string &kind, const std::string &text, size_t *bytes)
{
    parser.set_default_op(kind == "long" ? Xapian::Query::OP_OR : Xapian::Query::OP_AND);
    Xapian::Enquire enquire(db);
    enquire.set_query(parser.parse_query(text, Xapian::QueryParser::FLAG_CJK_NGRAM));
    Xapian::MSet found = enquire.get_mset(0, 10);
    for (auto i = found.begin(); i != found.end(); ++i)
        *bytes += i.get_document().get_data().size();
    return found.get_matches_estimated();
}

static void ask(const char *path)
{
    const Xapian::Database db(path);
    Xapian::QueryParser parser;
    parser.set_database(db);
    std::string line;
    size_t bytes = 0;
    while (std::getline(std::cin, line)) {
        const size_t tab = line.find('\t');
        if (tab == std::string::npos)
            throw Xapian::InvalidArgumentError("a line without a tab");
        const auto begun = std::chrono::steady_clock::now();
        const auto n = search(db, parser, line.substr(0, tab), line.substr(tab + 1), &bytes);
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - begun;
        printf("%.1f %u\n", took.count(), n);
        fflush(stdout);
    }
    fprintf(stderr, "%zu bytes of ids and titles\n", bytes);
}

int main(int argc, char **argv)
{
    const std::string what = argc > 1 ? argv[1] : "";
    try {
        if (what == "build" && argc == 4) {
            build(argv[2], argv[3]);
        } else if (what == "ask" && argc == 3) {
            ask(argv[2]);
        } else {
            fprintf(stderr, "usage: xapian_search build FILE DATABASE | ask DATABASE\n");
            return 1;
        }
    } catch (const Xapian::Error &e) {
        fprintf(stderr, "xapian_search: %s\n", e.get_description().c_str());
        return 1;
    }
    return 0;
}
