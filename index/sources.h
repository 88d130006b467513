/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_SOURCES_H
#define INDEX_SOURCES_H

/* What this room adds to libxapian's matcher: a clock, tombstones, and a caller's say. */

#include "engine.h"

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

/* The caller's say over a candidate, on its stored document. */
class Accept : public Xapian::MatchDecider
{
  public:
    Accept(const struct ix_search &q, struct unsqueeze &text, Clock &c);
    ~Accept() override;
    Accept(const Accept &) = delete;
    Accept &operator=(const Accept &) = delete;
    bool operator()(const Xapian::Document &doc) const override;

  private:
    const struct ix_search &search;
    struct unsqueeze &text; /* of the view that is searched */
    Clock &clock;
    mutable struct arena arena; /* reused from candidate to candidate */
};

#endif
