/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_ENGINE_H
#define INDEX_ENGINE_H

/* What a reader and a view are made of; for the C++ files. */

#include "columns.h"
#include "extracts.h"
#include "guard.h"
#include "match.h"
#include "reader.h"
#include "squeeze.h"
#include "stored.h"
#include <array>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <vector>
#include <xapian.h>

/* An open segment; readers of several generations may share it. */
struct segment {
    std::string name; /* "DIR/seg-3-0", for messages */
    std::string uuid;
    struct sum128 sums;
    uint64_t disk;
    Xapian::Database db;
    mutable std::array<struct stat, 2> seen;  /* of its tables, before they were last verified */
    std::vector<struct squeeze_dict *> dicts; /* of its stored text; a share of each */
    struct columns *columns = nullptr;
    struct stored *text = nullptr;
    struct extracts *extracts = nullptr;

    segment() : sums(), disk(0), seen()
    {
    }
    ~segment()
    {
        columns_free(columns);
        stored_close(text);
        extracts_free(extracts);
        for (struct squeeze_dict *d : dicts)
            squeeze_dict_drop(d);
    }
    segment(const segment &) = delete;
    segment &operator=(const segment &) = delete;
};

/* A segment as one generation sees it. */
struct part {
    std::shared_ptr<const segment> s; /* none: it was damaged already when it was to be opened */
    struct tomb dead;
    std::string damage; /* what is known to be wrong with it; empty: nothing */

    part()
    {
        tomb_init(&dead);
    }
    ~part()
    {
        tomb_fini(&dead);
    }
    part(const part &) = delete;
    part &operator=(const part &) = delete;

    const char *name() const
    {
        return s->name.c_str();
    }
    bool is_dead(Xapian::docid docid) const
    {
        return tomb_has(&dead, docid);
    }
};

struct ix_reader {
    std::string dir;
    struct manifest manifest;
    struct ix_reader_opts opts;
    struct stat seen; /* of MANIFEST, before it was read */
    std::vector<std::unique_ptr<part>> parts;

    ix_reader() : opts(), seen()
    {
        manifest_init(&manifest);
    }
    ~ix_reader()
    {
        manifest_fini(&manifest);
    }
    ix_reader(const ix_reader &) = delete;
    ix_reader &operator=(const ix_reader &) = delete;
};

/* Document d of part i, out of n, is number (d - 1) * n + i + 1. */
struct ix_view {
    std::vector<part *> parts;
    const part *left_out = nullptr; /* the first of those that are damaged, which are not joined */
    std::vector<size_t> reader;     /* that each of them is of, by its number */
    uint64_t documents = 0;
    struct unsqueeze text; /* with the dictionaries of all of them */
    struct match_memory spare = {};
    uint64_t written = 0; /* documents, dead ones included */
    double length = 0;    /* of all of them */
    struct ix_extract extract = {};
    struct buf made; /* an extract that is being made */

    ix_view()
    {
        unsqueeze_init(&text);
        buf_init(&made, SIZE_MAX);
    }
    ~ix_view()
    {
        unsqueeze_fini(&text);
        buf_fini(&made);
        match_memory_fini(&spare);
    }
    ix_view(const ix_view &) = delete;
    ix_view &operator=(const ix_view &) = delete;

    size_t part_of(uint64_t doc) const
    {
        return (size_t)((doc - 1) % parts.size());
    }
    Xapian::docid docid_in(uint64_t doc) const
    {
        return (Xapian::docid)((doc - 1) / parts.size() + 1);
    }
    uint64_t doc_of(size_t i, Xapian::docid docid) const
    {
        return ((uint64_t)docid - 1) * parts.size() + i + 1;
    }
    bool holds(uint64_t doc) const;
};

/* Read a stored document; its strings live in the arena. An error does not name the segment. */
enum st view_read(struct ix_view *v, const part *p, uint32_t docid, struct arena *a,
                  struct ix_doc *out, struct err *err);

/* Whether extracts are made, and there is room for more. */
bool view_keeps(const struct ix_view *v);

/* Make and keep the extract of a document of which nothing is known. */
enum st view_keep(struct ix_view *v, const part *p, uint32_t docid, const struct ix_doc *doc,
                  struct err *err);

/* Verify a segment's files; its tables are looked at (stat(2)) before they are read. */
enum st segment_verify(const segment *s, struct err *err);

/* Whether a table of an open segment was written into since it was last verified. */
bool segment_touched(const segment *s);

/* Note what a call on one part came to: damage is remembered. Returns st. */
enum st part_note(part *p, enum st st, const struct err *err);

/* A guard around a body that concerns one part, which is given an err: errors begin with the part's
 * name, and damage is noted. */
template <class Body> enum st guard_part(part *p, struct err *err, Body body) noexcept
{
    struct err mine = {};
    enum st st = guard(&mine, p->name(), [&] { return body(&mine); });
    if (st == ST_DAMAGED)
        guard(nullptr, nullptr, [&] { return part_note(p, st, &mine); });
    if (st != ST_OK && err)
        *err = mine;
    return st;
}

#endif
