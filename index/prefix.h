/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_PREFIX_H
#define INDEX_PREFIX_H

/* What IX_PREFIX finds: the documents of all terms that are some bytes, or these and one character
 * more, weighed as one term would be that occurs as often as they do together. */

#include "sources.h"
#include <memory>
#include <string>
#include <vector>

/* What a weight is computed from, and in how many documents of all segments the prefix was found so
 * far: every source is filled before the first weight is asked for. */
struct prefix_stats {
    double documents, average_length; /* of the view */
    double k1, b;
    Clock *clock;
    double found;
};

class Prefix : public Counted
{
  public:
    Prefix(std::string p, std::shared_ptr<prefix_stats> s)
        : prefix(std::move(p)), stats(std::move(s))
    {
    }
    PostingSource *clone() const override
    {
        return new Prefix(prefix, stats);
    }
    std::string name() const override
    {
        return "prefix";
    }
    void init(const Xapian::Database &db) override;
    double get_weight() const override;
    void next(double min_wt) override;
    void skip_to(Xapian::docid did, double min_wt) override;
    bool at_end() const override
    {
        return at >= sum.size();
    }
    Xapian::docid get_docid() const override
    {
        return at;
    }

  private:
    const std::string prefix;
    const std::shared_ptr<prefix_stats> stats;
    Xapian::Database database;
    std::vector<uint64_t> sum; /* of wdf by docid, plus one; 0: not found */
    Xapian::docid at = 0;
    void add_term(const std::string &term);
    double term_weight() const;
};

#endif
