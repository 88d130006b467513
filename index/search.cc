/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ranked searches.
 *
 * A query is run over all segments of a view at once, so that statistics span them. Around it go
 * the tombstones, under AND_NOT, and the deadline, under FILTER. A total is exact when the matcher
 * says that its bounds meet: it counts one by one up to exact_up_to, tombstones and refusals taken
 * off, and gives bounds beyond that. When a search stumbles over damage, it is run again one
 * segment at a time to learn which one it is.
 */

#include "guard.h"
#include "query.h"
#include "sources.h"
#include <algorithm>

namespace
{
struct run {
    ix_view *view;
    const struct ix_search *search;
    Xapian::Query query;
    Clock clock;
};
} // namespace

static Xapian::MSet match(const Xapian::Database &db, run *r)
{
    const struct ix_search *q = r->search;
    const uint64_t most = db.get_lastdocid();
    UntilDeadline until(r->clock);
    Tombstones dead(*r->view);
    Xapian::Query query = r->query;
    if (r->view->has_dead)
        query = Xapian::Query(Xapian::Query::OP_AND_NOT, query, Xapian::Query(&dead));
    if (q->deadline_ns)
        query = Xapian::Query(Xapian::Query::OP_FILTER, query, Xapian::Query(&until));
    Xapian::Enquire enquire(db);
    enquire.set_weighting_scheme(Xapian::BM25Weight(q->k1, 0, 1, q->b, BM25_MIN_LENGTH));
    enquire.set_query(query);
    uint64_t offset = std::min(q->offset, most), limit = std::min(q->limit, most - offset);
    uint64_t exact = q->exact_up_to < most ? q->exact_up_to + 1 : most;
    return enquire.get_mset((Xapian::doccount)offset, (Xapian::doccount)limit,
                            (Xapian::doccount)exact);
}

static enum st give(const Xapian::MSet &mset, const run *r, struct arena *a, struct ix_result *out,
                    struct err *err)
{
    out->hit = static_cast<struct ix_hit *>(arena_calloc(a, mset.size(), sizeof(*out->hit)));
    if (!out->hit)
        return err_nomem(err);
    for (auto i = mset.begin(); i != mset.end(); ++i) {
        out->hit[out->n].doc = *i;
        out->hit[out->n++].score = i.get_weight();
    }
    out->total = mset.get_matches_estimated();
    out->timed_out = r->clock.late;
    out->exact =
        !out->timed_out && mset.get_matches_lower_bound() == mset.get_matches_upper_bound();
    return ST_OK;
}

/* The same by checksums: libxapian keeps a block that it has complained about, and is content with
 * it the next time. */
static void blame_bytes(run *r, struct err *err)
{
    for (part *p : r->view->parts) {
        struct err mine = {};
        enum st st = segment_verify(p->s.get(), &mine);
        if (part_note(p, st, &mine) == ST_DAMAGED) {
            err_set(err, ST_DAMAGED, "%s", mine.text);
            return;
        }
    }
}

/* Put the name of the first segment on which the search fails by itself before the message, and
 * note the damage. */
static void blame(run *r, struct err *err)
{
    for (part *p : r->view->parts) {
        enum st st = guard_part(p, nullptr, [&](struct err *) {
            match(p->s->db, r);
            return ST_OK;
        });
        if (st == ST_DAMAGED || st == ST_IO) {
            err_prefix(err, "%s", p->name());
            return;
        }
    }
    blame_bytes(r, err);
}

enum st ix_search(struct ix_view *v, const struct ix_search *q, struct arena *a,
                  struct ix_result *out, struct err *err)
{
    *out = {};
    return guard(err, nullptr, [&] {
        run r = {v, q, Xapian::Query(), Clock(q->deadline_ns)};
        const query_scope scope = {
            std::make_shared<prefix_stats>(prefix_stats{
                (double)v->db.get_doccount(), v->db.get_avlength(), q->k1, q->b, &r.clock, 0}),
            std::make_shared<Candidates>(r.clock, *v)};
        enum st st = query_build(q->query, scope, &r.query, err);
        if (st != ST_OK)
            return st;
        out->exact = true;
        if (v->parts.empty() || r.query.empty())
            return ST_OK;
        Xapian::MSet mset;
        r.clock.check_now();
        st = guard(err, nullptr, [&] {
            mset = match(v->db, &r);
            return ST_OK;
        });
        if (st == ST_DAMAGED || st == ST_IO)
            blame(&r, err);
        return st == ST_OK ? give(mset, &r, a, out, err) : st;
    });
}
