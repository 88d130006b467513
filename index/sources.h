/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SOURCES_H
#define INDEX_SOURCES_H

/* What this room adds to libxapian's matcher: a clock, tombstones, and a caller's say. */

#include "engine.h"
#include <memory>

/* A document counts as at least so long, in average lengths. */
constexpr double BM25_MIN_LENGTH = 0.5;

/* A deadline that is looked at often and asked of the system seldom. Once passed it stays so. */
class Clock
{
  public:
    explicit Clock(uint64_t deadline_ns) : deadline(deadline_ns)
    {
    }

    /* Every 64th call reads the clock. */
    bool passed()
    {
        if (!late && deadline && ++calls % 64 == 0)
            late = now_is_past();
        return late;
    }
    bool check_now()
    {
        return late = late || now_is_past();
    }

    /* Whether anything was cut short. */
    bool late = false;

  private:
    uint64_t deadline;
    unsigned calls = 0;
    bool now_is_past() const;
};

/* A source that knows how many documents it has as soon as it has been initialised. */
class Counted : public Xapian::PostingSource
{
  public:
    Xapian::doccount get_termfreq_min() const override
    {
        return count;
    }
    Xapian::doccount get_termfreq_est() const override
    {
        return count;
    }
    Xapian::doccount get_termfreq_max() const override
    {
        return count;
    }

  protected:
    Xapian::doccount count = 0;
};

/* Every document, until the deadline: then it is at its end, and under OP_FILTER so is the
 * query. */
class UntilDeadline : public Counted
{
  public:
    explicit UntilDeadline(Clock &c) : clock(c)
    {
    }
    PostingSource *clone() const override
    {
        return new UntilDeadline(clock);
    }
    std::string name() const override
    {
        return "until-deadline";
    }
    void init(const Xapian::Database &db) override;
    void next(double min_wt) override;
    void skip_to(Xapian::docid did, double min_wt) override;
    bool at_end() const override
    {
        return clock.late || at > last;
    }
    Xapian::docid get_docid() const override
    {
        return at;
    }

  private:
    Clock &clock;
    Xapian::docid at = 0, last = 0;
};

/* The tombstones of whichever segment the matcher asks about. */
class Tombstones : public Counted
{
  public:
    explicit Tombstones(const ix_view &v) : view(v)
    {
    }
    PostingSource *clone() const override
    {
        return new Tombstones(view);
    }
    std::string name() const override
    {
        return "tombstones";
    }
    void init(const Xapian::Database &db) override;
    void next(double min_wt) override;
    void skip_to(Xapian::docid did, double min_wt) override;
    bool at_end() const override
    {
        return i >= dead->n;
    }
    Xapian::docid get_docid() const override
    {
        return dead->docid[i];
    }

  private:
    const ix_view &view;
    const struct tomb *dead = nullptr;
    size_t i = 0;
    bool started = false;
};

/* Stored documents of candidates, the last of which is kept: several parts of a query may ask for
 * it in a row. */
class Candidates
{
  public:
    Candidates(Clock &c, ix_view &v);
    ~Candidates();
    Candidates(const Candidates &) = delete;
    Candidates &operator=(const Candidates &) = delete;

    /* Whether a document is live and accept takes it; none once the deadline has passed. */
    bool ask(const part *p, Xapian::docid docid, ix_accept *accept, void *ctx);

    Clock &clock;
    ix_view &view;

  private:
    const part *last = nullptr;
    Xapian::docid last_docid = 0;
    struct ix_doc doc;
    struct arena arena;
    void load(const part *p, Xapian::docid docid);
};

/* The documents that a caller takes. It tells of many, so that the matcher asks it last. */
class Where : public Counted
{
  public:
    Where(std::shared_ptr<Candidates> c, ix_accept *a, void *x)
        : candidates(std::move(c)), accept(a), ctx(x)
    {
    }
    PostingSource *clone() const override
    {
        return new Where(candidates, accept, ctx);
    }
    std::string name() const override
    {
        return "where";
    }
    void init(const Xapian::Database &db) override;
    Xapian::doccount get_termfreq_min() const override
    {
        return 0;
    }
    void next(double min_wt) override;
    void skip_to(Xapian::docid did, double min_wt) override;
    bool check(Xapian::docid did, double min_wt) override;
    bool at_end() const override
    {
        return candidates->clock.late || at > last;
    }
    Xapian::docid get_docid() const override
    {
        return at;
    }

  private:
    const std::shared_ptr<Candidates> candidates;
    ix_accept *const accept;
    void *const ctx;
    const part *segment = nullptr;
    Xapian::docid at = 0, last = 0;
};

#endif
