/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All terms with a prefix as one.
 *
 * A character may begin thousands of terms. Joined as a query of the library each would hold a
 * cursor and its blocks for as long as the search runs, and the matcher would go through a tree of
 * them for each document. Here their postings are read one list after the other, which is what is
 * fastest, and added up in an array over the documents of a segment.
 *
 * Weights are those of the library's BM25 (bm25weight.cc) for one query term. How often the
 * prefix occurs in all segments is known once each has been looked at, which the matcher does
 * before it starts; a bound that was told before is then too high, but no less a bound.
 */

#include "prefix.h"
#include <algorithm>
#include <cmath>

/* Whether a term with the prefix has no more than one character behind it. */
static bool is_near(const std::string &term, size_t prefix)
{
    size_t more = 0;
    for (size_t i = prefix; i < term.size(); i++)
        more += ((unsigned char)term[i] & 0xc0) != 0x80;
    return more <= 1;
}

void Prefix::add_term(const std::string &term)
{
    for (auto i = database.postlist_begin(term); i != database.postlist_end(term); ++i) {
        if (*i >= sum.size())
            throw Xapian::DatabaseCorruptError("a posting of a document that is not there");
        uint64_t &s = sum[*i];
        count += s == 0;
        s += i.get_wdf() + (s == 0);
    }
}

void Prefix::init(const Xapian::Database &db)
{
    database = db;
    sum.assign((size_t)db.get_lastdocid() + 1, 0);
    count = 0;
    at = 0;
    for (auto t = db.allterms_begin(prefix); t != db.allterms_end(prefix); ++t) {
        std::string term = *t;
        if (!is_near(term, prefix.size()))
            continue;
        if (stats->clock->check_now())
            break;
        add_term(term);
    }
    stats->found += count;
    set_maxweight(term_weight());
}

double Prefix::term_weight() const
{
    double n = std::min(stats->found, stats->documents);
    double odds = (stats->documents - n + 0.5) / (n + 0.5);
    if (odds < 2)
        odds = odds * 0.5 + 1;
    return std::log(odds) * (stats->k1 + 1);
}

double Prefix::get_weight() const
{
    double wdf = (double)(sum[at] - 1);
    double length = database.get_doclength(at) / stats->average_length;
    double norm = std::max(length, BM25_MIN_LENGTH) * stats->b + 1 - stats->b;
    return wdf > 0 ? term_weight() * wdf / (stats->k1 * norm + wdf) : 0;
}

void Prefix::next(double)
{
    do
        at++;
    while (at < sum.size() && sum[at] == 0);
}

void Prefix::skip_to(Xapian::docid did, double)
{
    if (did > at) {
        at = did - 1;
        next(0);
    }
}
