/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ranked searches.
 *
 * The matcher goes through the segments of a view, whose statistics span them, and tells of every
 * hit; here the best are kept, and all are counted. Stored documents that a query asks about are
 * read here too, the last of which is kept: several parts of a query may ask for it in a row.
 *
 * An error names the segment. After damage the bytes of all segments are held against their
 * checksums, to say which file it is in, and what is wrong is remembered.
 */

#include "engine.h"
#include "fresh.h"
#include "record.h"
#include "top.h"
#include <algorithm>
#include <new>

static const uint64_t prefix_bytes = (uint64_t)128 << 20;

namespace
{
struct run {
    ix_view *view;
    const struct ix_search *search;
    struct top top;
    uint64_t total;
    struct arena arena; /* of the document at hand */
    struct ix_doc doc;
    size_t segment; /* that it is of; SIZE_MAX: there is none */
    uint32_t docid;
    size_t unread; /* the segment of an id that could not be read, when top.st tells so */
};
} // namespace

static enum st load(void *ctx, size_t segment, uint32_t docid, const struct ix_doc **out,
                    struct err *err)
{
    run *r = static_cast<run *>(ctx);
    *out = &r->doc;
    if (r->segment == segment && r->docid == docid)
        return ST_OK;
    r->segment = SIZE_MAX;
    arena_reset(&r->arena);
    enum st st = view_read(r->view, r->view->parts[segment], docid, &r->arena, &r->doc, err);
    if (st == ST_OK) {
        r->segment = segment;
        r->docid = docid;
    }
    return st;
}

/* One that cannot be kept is gone without: the document is read instead. */
static enum st extract(void *ctx, size_t segment, uint32_t docid, struct str *out, struct err *err)
{
    run *r = static_cast<run *>(ctx);
    const part *p = r->view->parts[segment];
    const struct ix_doc *doc;
    if (!view_keeps(r->view))
        return ST_OK;
    enum st st = load(r, segment, docid, &doc, err);
    if (st == ST_OK && view_keep(r->view, p, docid, doc, nullptr) == ST_OK)
        extracts_get(p->s->extracts, docid, out);
    return st;
}

/* For ids that are too long for a term. */
static struct str long_id(void *ctx, uint32_t segment, uint32_t docid)
{
    run *r = static_cast<run *>(ctx);
    const struct ix_doc *doc;
    enum st st = load(r, segment, docid, &doc, r->top.err);
    if (st != ST_OK) {
        r->top.st = st;
        r->unread = segment;
        return str_from("", 0);
    }
    return doc->id;
}

static enum st hit(void *ctx, size_t segment, uint32_t docid, double score, struct err *)
{
    run *r = static_cast<run *>(ctx);
    const struct ix_search *q = r->search;
    r->total++;
    if (q->visit)
        q->visit(q->visit_ctx, r->view->doc_of(segment, docid), score);
    const double most = q->half_life > 0 ? FRESHNESS_MAX : 1;
    if (top_is_full_of_better(&r->top, score * most))
        return ST_OK;
    struct columns_basic basic;
    columns_get_basic(r->view->parts[segment]->s->columns, &basic);
    const uint32_t date = basic.date[docid];
    score *= ix_freshness(q->half_life, q->today, date);
    const struct top_hit h = {score, date, (uint32_t)segment, docid};
    return top_add(&r->top, &h);
}

static double least(void *ctx)
{
    const run *r = static_cast<run *>(ctx);
    const double most = r->search->half_life > 0 ? FRESHNESS_MAX : 1;
    return r->top.n && r->top.n == r->top.max ? r->top.hit[0].score / most : 0;
}

static enum st give(run *r, const struct matched *matched, struct arena *a, struct ix_result *out,
                    struct err *err)
{
    enum st st = top_sort(&r->top);
    if (st != ST_OK)
        return st;
    const size_t from = (size_t)std::min<uint64_t>(r->search->offset, r->top.n);
    out->hit = static_cast<struct ix_hit *>(arena_calloc(a, r->top.n - from, sizeof(*out->hit)));
    if (!out->hit)
        return err_nomem(err);
    for (size_t i = from; i < r->top.n; i++) {
        const struct top_hit *h = &r->top.hit[i];
        out->hit[out->n].doc = r->view->doc_of(h->segment, h->docid);
        out->hit[out->n++].score = h->score;
    }
    out->total = r->total;
    out->timed_out = matched->timed_out;
    out->cut = matched->cut;
    out->exact = !out->timed_out && !out->cut && !matched->passed_over;
    return ST_OK;
}

/* Say of damage which file it is in, and note it. */
static enum st blame(run *r, size_t segment, enum st st, struct err *err)
{
    if (st != ST_DAMAGED)
        return st;
    for (part *p : r->view->parts) {
        struct err mine = {};
        if (part_note(p, segment_verify(p->s.get(), &mine), &mine) == ST_DAMAGED)
            return err_set(err, ST_DAMAGED, "%s", mine.text);
    }
    part *p = r->view->parts[segment];
    if (strstr(err->text, p->name()) == nullptr)
        err_prefix(err, "%s", p->name());
    return part_note(p, st, err);
}

static enum st search(run *r, struct arena *a, struct ix_result *out, struct err *err)
{
    ix_view *v = r->view;
    std::vector<struct match_segment> segment;
    std::vector<struct columns *> columns;
    for (const part *p : v->parts) {
        segment.push_back({p->s->columns, &p->dead, p->s->extracts});
        columns.push_back(p->s->columns);
    }
    r->top.columns = columns.data();
    struct match m = {};
    m.query = r->search->query;
    m.segment = segment.data();
    m.nsegment = segment.size();
    m.documents = (double)v->written;
    m.average_length = v->written ? v->length / (double)v->written : 0;
    m.k1 = r->search->k1;
    m.b = r->search->b;
    m.deadline_ns = r->search->deadline_ns;
    m.prefix_bytes = r->search->prefix_bytes ? r->search->prefix_bytes : prefix_bytes;
    m.spare = &v->spare;
    m.ctx = r;
    m.load = load;
    m.extract = extract;
    m.hit = hit;
    m.least =
        r->search->best && !r->search->visit && r->search->order == IX_BY_SCORE ? least : nullptr;
    struct matched matched = {};
    enum st st = match_run(&m, &matched, err);
    if (st == ST_OK)
        st = give(r, &matched, a, out, err);
    return blame(r, r->top.st == ST_OK ? matched.segment : r->unread, st, err);
}

enum st ix_search(struct ix_view *v, const struct ix_search *q, struct arena *a,
                  struct ix_result *out, struct err *err)
{
    *out = {};
    return guard(err, nullptr, [&] {
        run r = {};
        r.view = v;
        r.search = q;
        r.segment = SIZE_MAX;
        r.top.order = q->order;
        uint64_t limit = std::min(q->limit, v->documents),
                 offset = std::min(q->offset, v->documents);
        r.top.max = (size_t)std::min(limit + offset, v->documents);
        r.top.id = long_id;
        r.top.ctx = &r;
        r.top.err = err;
        arena_init(&r.arena, SIZE_MAX);
        enum st st = search(&r, a, out, err);
        top_fini(&r.top);
        arena_fini(&r.arena);
        return st;
    });
}
