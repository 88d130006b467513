/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Posting sources and the match decider.
 *
 * The matcher clones a source for each segment and gives the clone the segment's database. All
 * clones of a deadline share one clock, so that all end together. Failures inside the decider leave
 * through the matcher as exceptions, which the guard around the search turns back into the status
 * they were.
 */

#include "sources.h"
#include "record.h"
#include <algorithm>
#include <new>

bool Clock::now_is_past() const
{
    return deadline && clock_ns() >= deadline;
}

void UntilDeadline::init(const Xapian::Database &db)
{
    at = 0;
    last = db.get_lastdocid();
    count = db.get_doccount();
}

void UntilDeadline::next(double)
{
    if (!clock.passed())
        at++;
}

void UntilDeadline::skip_to(Xapian::docid did, double)
{
    if (!clock.passed())
        at = std::max(at, did);
}

void Tombstones::init(const Xapian::Database &db)
{
    const std::string uuid = db.get_uuid();
    for (const part *p : view.parts)
        if (p->s->uuid == uuid)
            dead = &p->dead;
    if (!dead)
        throw Xapian::InternalError("a search met a segment that is not of its view");
    count = (Xapian::doccount)dead->n;
    i = 0;
    started = false;
}

void Tombstones::next(double)
{
    if (started)
        i++;
    started = true;
}

void Tombstones::skip_to(Xapian::docid did, double)
{
    started = true;
    i = (size_t)(std::lower_bound(dead->docid + i, dead->docid + dead->n, did) - dead->docid);
}

Accept::Accept(const struct ix_search &q, struct unsqueeze &u, Clock &c)
    : search(q), text(u), clock(c)
{
    arena_init(&arena, SIZE_MAX);
}

Accept::~Accept()
{
    arena_fini(&arena);
}

bool Accept::operator()(const Xapian::Document &doc) const
{
    if (clock.check_now())
        return false;
    arena_reset(&arena);
    std::string data = doc.get_data();
    struct str plain;
    struct ix_doc stored;
    struct err err = {};
    enum st st = unsqueeze_record(&text, str_from(data.data(), data.size()), &arena, &plain, &err);
    if (st == ST_OK)
        st = record_decode(plain, &arena, &stored, &err);
    if (st == ST_NO_MEMORY)
        throw std::bad_alloc();
    if (st != ST_OK)
        throw Xapian::DatabaseCorruptError(err.text);
    return search.accept(search.accept_ctx, &stored);
}
