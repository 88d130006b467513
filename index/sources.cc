/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Posting sources.
 *
 * The matcher clones a source for each segment and gives the clone the segment's database. All
 * clones of a deadline share one clock, so that all end together. A failure to read a candidate
 * leaves through the matcher as exceptions, which the guard around the search turns back into the
 * status they were.
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

/* The part of the view that a segment is. */
static const part *part_with(const ix_view &view, const Xapian::Database &db)
{
    const std::string uuid = db.get_uuid();
    for (const part *p : view.parts)
        if (p->s->uuid == uuid)
            return p;
    throw Xapian::InternalError("a search met a segment that is not of its view");
}

void Tombstones::init(const Xapian::Database &db)
{
    dead = &part_with(view, db)->dead;
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

Candidates::Candidates(Clock &c, ix_view &v) : clock(c), view(v), doc()
{
    arena_init(&arena, SIZE_MAX);
}

Candidates::~Candidates()
{
    arena_fini(&arena);
}

void Candidates::load(const part *p, Xapian::docid docid)
{
    last = nullptr;
    arena_reset(&arena);
    std::string data = p->s->db.get_document(docid, Xapian::DOC_ASSUME_VALID).get_data();
    struct str plain;
    struct err err = {};
    enum st st =
        unsqueeze_record(&view.text, str_from(data.data(), data.size()), &arena, &plain, &err);
    if (st == ST_OK)
        st = record_decode(plain, &arena, &doc, &err);
    if (st == ST_NO_MEMORY)
        throw std::bad_alloc();
    if (st != ST_OK)
        throw Xapian::DatabaseCorruptError(err.text);
    last = p;
    last_docid = docid;
}

bool Candidates::ask(const part *p, Xapian::docid docid, ix_accept *accept, void *ctx)
{
    if (clock.check_now() || p->is_dead(docid))
        return false;
    if (last != p || last_docid != docid)
        load(p, docid);
    return accept(ctx, &doc);
}

void Where::init(const Xapian::Database &db)
{
    segment = part_with(candidates->view, db);
    at = 0;
    last = db.get_lastdocid();
    count = db.get_doccount();
}

/* At its end it says yes, for the matcher goes on with a source that says no. */
bool Where::check(Xapian::docid did, double)
{
    at = did;
    return did > last || candidates->ask(segment, did, accept, ctx) || candidates->clock.late;
}

/* Only where nothing else says which document comes next. */
void Where::skip_to(Xapian::docid did, double min_wt)
{
    for (at = std::max(at, did); !at_end() && !check(at, min_wt); at++)
        ;
}

void Where::next(double min_wt)
{
    skip_to(at + 1, min_wt);
}
