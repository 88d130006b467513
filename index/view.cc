/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Views: the segments of one or more readers as one.
 *
 * Documents are numbered by turns, so that a document's number tells its segment. What concerns one
 * segment is asked of that segment, so that an error can name it.
 *
 * A segment that turns out to be damaged is remembered by its reader. The view it was found in
 * keeps it, for the numbers of documents hang on it; a view that is opened later does without.
 */

#include "engine.h"
#include "post_cache.h"
#include "record.h"
#include <algorithm>

bool ix_view::holds(uint64_t doc) const
{
    if (doc == 0 || parts.empty() || (doc - 1) / parts.size() >= UINT32_MAX)
        return false;
    return docid_in(doc) <= parts[part_of(doc)]->s->db.get_lastdocid();
}

static bool same_tombs(const struct tomb &a, const struct tomb &b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.docid, b.docid, a.n * sizeof(*a.docid)) == 0);
}

/* A search knows a segment by its uuid. The same segment may be there twice, as when an index is
 * given two names, but not with different tombstones. */
static enum st refuse_twins(const struct ix_view *v, const part *p, struct err *err)
{
    for (const part *other : v->parts)
        if (other->s->uuid == p->s->uuid && !same_tombs(other->dead, p->dead))
            return err_set(err, ST_CONFIG,
                           "%s and %s are one segment at different generations; "
                           "they cannot be searched together",
                           other->name(), p->name());
    return ST_OK;
}

static enum st add_reader(struct ix_view *v, size_t number, const struct ix_reader *r,
                          struct err *err)
{
    for (const auto &p : r->parts) {
        if (!p->damage.empty() && r->opts.partial) {
            v->left_out = v->left_out ? v->left_out : p.get();
            continue;
        }
        enum st st = refuse_twins(v, p.get(), err);
        if (st != ST_OK)
            return st;
        v->parts.push_back(p.get());
        v->reader.push_back(number);
        for (struct squeeze_dict *d : p->s->dicts)
            if (unsqueeze_add(&v->text, d, err) != ST_OK)
                return ST_NO_MEMORY;
        v->written += p->s->db.get_doccount();
        v->length += (double)p->s->db.get_total_length();
        v->documents += p->s->db.get_doccount() - p->dead.n;
    }
    return ST_OK;
}

enum st ix_view_open(struct ix_reader *const *readers, size_t n, struct ix_view **out,
                     struct err *err)
{
    return guard(err, nullptr, [&] {
        auto v = std::make_unique<ix_view>();
        for (size_t i = 0; i < n; i++) {
            enum st st = add_reader(v.get(), i, readers[i], err);
            if (st != ST_OK)
                return st;
        }
        *out = v.release();
        return ST_OK;
    });
}

void ix_view_close(struct ix_view *v)
{
    delete v;
}

uint64_t ix_view_documents(const struct ix_view *v)
{
    return v->documents;
}

bool ix_view_whole(const struct ix_view *v, struct err *err)
{
    if (v->left_out)
        err_set(err, ST_DAMAGED, "%s", v->left_out->damage.c_str());
    return !v->left_out;
}

enum st ix_view_verify(struct ix_view *v, struct err *err)
{
    return guard(err, nullptr, [&] {
        for (part *p : v->parts) {
            struct err mine = {};
            if (p->damage.empty() && segment_touched(p->s.get()))
                part_note(p, segment_verify(p->s.get(), &mine), &mine);
            if (!p->damage.empty())
                return err_set(err, ST_DAMAGED, "%s", p->damage.c_str());
        }
        return ST_OK;
    });
}

double ix_view_idf(const struct ix_view *v, uint64_t frequency)
{
    return match_idf((double)v->written, frequency);
}

uint32_t ix_view_date(const struct ix_view *v, uint64_t doc)
{
    struct columns_basic basic;
    columns_get_basic(v->parts[v->part_of(doc)]->s->columns, &basic);
    return basic.date[v->docid_in(doc)];
}

uint64_t ix_view_simhash(const struct ix_view *v, uint64_t doc)
{
    struct columns_basic basic;
    columns_get_basic(v->parts[v->part_of(doc)]->s->columns, &basic);
    return basic.simhash[v->docid_in(doc)];
}

size_t ix_view_reader(const struct ix_view *v, uint64_t doc)
{
    return v->reader[v->part_of(doc)];
}

enum st ix_view_frequency(const struct ix_view *v, struct str term, uint64_t *out, struct err *err)
{
    *out = 0;
    if (term.n == 0 || term_cost(term) > IX_TERM_MAX)
        return ST_OK;
    for (part *p : v->parts) {
        enum st st = guard_part(p, err, [&](struct err *mine) {
            struct post_cache *known = columns_cache(p->s->columns);
            struct postings *postings;
            enum st found = post_cache_take(known, p->s->columns, term, &postings, mine);
            if (found != ST_OK)
                return found;
            *out += postings->tf;
            post_cache_give(known, postings);
            return ST_OK;
        });
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

enum st ix_view_terms(const struct ix_view *v, struct str from, ix_take_term *take, void *ctx,
                      struct err *err)
{
    return guard(err, nullptr, [&] {
        if (v->parts.empty())
            return ST_OK;
        Xapian::Database db;
        for (const part *p : v->parts)
            db.add_database(p->s->db);
        auto end = db.allterms_end();
        auto t = db.allterms_begin();
        for (t.skip_to(std::string(from.p, from.n)); t != end; ++t) {
            const std::string term = *t;
            if (!take(ctx, str_from(term.data(), term.size()), t.get_termfreq()))
                break;
        }
        return ST_OK;
    });
}

/* ---- documents ---- */

static enum st part_record(struct ix_view *v, part *p, Xapian::docid docid, struct arena *a,
                           struct str *plain, struct err *err)
{
    return guard_part(p, err, [&](struct err *why) {
        struct str data = {};
        enum st st = stored_read(p->s->text, docid, &data, why);
        if (st != ST_OK)
            return st;
        st = unsqueeze_record(&v->text, data, a, plain, why);
        if (st == ST_DAMAGED)
            err_prefix(why, "%s: document %u", p->name(), docid);
        return st;
    });
}

enum st view_record(struct ix_view *v, uint64_t doc, struct arena *a, struct str *plain,
                    struct err *err)
{
    if (!v->holds(doc))
        return err_set(err, ST_NOT_FOUND, "there is no document number %llu",
                       (unsigned long long)doc);
    return part_record(v, v->parts[v->part_of(doc)], v->docid_in(doc), a, plain, err);
}

enum st ix_document(struct ix_view *v, uint64_t doc, struct arena *a, struct ix_doc *out,
                    struct err *err)
{
    struct str plain = {};
    enum st st = view_record(v, doc, a, &plain, err);
    if (st != ST_OK)
        return st;
    part *p = v->parts[v->part_of(doc)];
    return guard_part(p, err, [&](struct err *why) {
        enum st inner = record_decode(plain, a, out, why);
        if (inner == ST_DAMAGED)
            err_prefix(why, "%s: document %u", p->name(), v->docid_in(doc));
        return inner;
    });
}

/* ---- extracts ---- */

enum st view_read(struct ix_view *v, const part *p, uint32_t docid, struct arena *a,
                  struct ix_doc *out, struct err *err)
{
    struct str data = {}, plain = {};
    enum st st = stored_read(p->s->text, docid, &data, err);
    if (st == ST_OK)
        st = unsqueeze_record(&v->text, data, a, &plain, err);
    return st == ST_OK ? record_decode(plain, a, out, err) : st;
}

void ix_view_extract(struct ix_view *v, const struct ix_extract *how)
{
    v->extract = *how;
}

struct str ix_view_extracted(const struct ix_view *v, uint64_t doc)
{
    struct str extract = {};
    if (v->extract.make && v->holds(doc))
        extracts_get(v->parts[v->part_of(doc)]->s->extracts, v->docid_in(doc), &extract);
    return extract;
}

/* About what a brief one takes. */
static const uint64_t brief_bytes = 160;

/* Memory that is left; *whole: ... for whole ones, which leave some for brief ones of documents
 * that are still to come. */
static uint64_t room_left(const struct ix_view *v, uint64_t *whole)
{
    uint64_t bytes = 0, unknown = 0;
    for (const part *p : v->parts) {
        bytes += extracts_bytes(p->s->extracts);
        unknown += extracts_unknown(p->s->extracts);
    }
    const uint64_t left = v->extract.bytes - std::min(bytes, v->extract.bytes);
    const uint64_t later = std::min(unknown * brief_bytes, v->extract.bytes / 4);
    *whole = v->extract.brief ? left - std::min(later, left) : left;
    return left;
}

bool view_keeps(const struct ix_view *v)
{
    uint64_t whole;
    return v->extract.make && room_left(v, &whole) > 0;
}

enum st view_keep(struct ix_view *v, const part *p, uint32_t docid, const struct ix_doc *doc,
                  struct err *err)
{
    const struct ix_extract *how = &v->extract;
    uint64_t whole;
    room_left(v, &whole);
    buf_reset(&v->made);
    enum st st = whole ? how->make(how->ctx, doc, &v->made) : ST_OK;
    if (st == ST_OK && how->brief && v->made.n >= whole) {
        buf_reset(&v->made);
        st = how->brief(how->ctx, doc, &v->made);
    }
    if (st != ST_OK || !buf_ok(&v->made))
        return err_nomem(err);
    return extracts_put(p->s->extracts, docid, buf_str(&v->made), err);
}

/* What is dead, or cannot be read, has no extract: a search that needs it says what is wrong. */
static enum st warm_one(struct ix_view *v, const part *p, uint32_t docid, struct arena *a,
                        struct err *err)
{
    struct ix_doc doc;
    arena_reset(a);
    enum st st = p->is_dead(docid) ? ST_NOT_FOUND : view_read(v, p, docid, a, &doc, nullptr);
    if (st == ST_OK)
        return view_keep(v, p, docid, &doc, err);
    return extracts_put(p->s->extracts, docid, str_from("", 0), err);
}

enum st ix_view_warm(struct ix_view *v, uint64_t until_ns, bool *more, struct err *err)
{
    struct arena a;
    enum st st = ST_OK;
    *more = false;
    arena_init(&a, SIZE_MAX);
    for (const part *p : v->parts)
        while (st == ST_OK && !*more && view_keeps(v) &&
               extracts_next(p->s->extracts) <= columns_documents(p->s->columns)) {
            st = warm_one(v, p, extracts_next(p->s->extracts), &a, err);
            *more = clock_ns() >= until_ns;
        }
    arena_fini(&a);
    return st;
}

/* ---- by id ---- */

/* The first document of a segment with a term that is alive, or dead; 0 when there is none. */
static enum st first_with(part *p, struct str term, bool dead, Xapian::docid *docid,
                          struct err *err)
{
    return guard_part(p, err, [&](struct err *) {
        std::string t(term.p, term.n);
        *docid = 0;
        for (auto i = p->s->db.postlist_begin(t); i != p->s->db.postlist_end(t); ++i) {
            if (p->is_dead(*i) != dead)
                continue;
            *docid = *i;
            break;
        }
        return ST_OK;
    });
}

/* Two long ids could share a checksum, if somebody took the trouble. */
static enum st confirm(struct ix_view *v, uint64_t doc, struct str id, bool *same, struct err *err)
{
    *same = true;
    if (!field_is_hashed(id))
        return ST_OK;
    struct arena a;
    struct ix_doc d;
    arena_init(&a, SIZE_MAX);
    enum st st = ix_document(v, doc, &a, &d, err);
    *same = st == ST_OK && str_eq(d.id, id);
    arena_fini(&a);
    return st;
}

static enum st find_term(struct ix_view *v, struct str id, struct str term, uint64_t *doc,
                         struct err *err)
{
    for (size_t i = 0; i < v->parts.size(); i++) {
        Xapian::docid docid = 0;
        bool same = false;
        enum st st = first_with(v->parts[i], term, false, &docid, err);
        if (st == ST_OK && docid != 0) {
            *doc = v->doc_of(i, docid);
            st = confirm(v, *doc, id, &same, err);
        }
        if (st != ST_OK || same)
            return st;
    }
    return err_set(err, ST_NOT_FOUND, "there is no document with this id");
}

enum st ix_find(struct ix_view *v, struct str id, uint64_t *doc, struct err *err)
{
    if (id.n == 0 || id.n > IX_ID_MAX)
        return err_set(err, ST_NOT_FOUND, "there is no document with this id");
    struct arena a;
    arena_init(&a, 4096 + IX_ID_MAX);
    struct str term = ix_field_term(IX_ID, id, &a);
    enum st st = term.n ? find_term(v, id, term, doc, err) : err_nomem(err);
    arena_fini(&a);
    return st;
}

static enum st find_dead_term(struct ix_view *v, struct str term, struct str *segment,
                              struct err *err)
{
    for (part *p : v->parts) {
        Xapian::docid docid = 0;
        enum st st = first_with(p, term, true, &docid, err);
        if (st != ST_OK)
            return st;
        if (docid != 0) {
            *segment = str_from(p->s->name.data(), p->s->name.size());
            return ST_OK;
        }
    }
    return err_set(err, ST_NOT_FOUND, "no segment holds a document with this id that is gone");
}

enum st ix_find_dead(struct ix_view *v, struct str id, struct str *segment, struct err *err)
{
    *segment = STR("");
    if (id.n == 0 || id.n > IX_ID_MAX)
        return err_set(err, ST_NOT_FOUND, "there is no document with this id");
    struct arena a;
    arena_init(&a, 4096 + IX_ID_MAX);
    struct str term = ix_field_term(IX_ID, id, &a);
    enum st st = term.n ? find_dead_term(v, term, segment, err) : err_nomem(err);
    arena_fini(&a);
    return st;
}
