/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INDEX_ENGINE_H
#define INDEX_ENGINE_H

/* What a reader and a view are made of; for the C++ files. */

#include "reader.h"
#include <memory>
#include <string>
#include <sys/stat.h>
#include <vector>
#include <xapian.h>

/* An open segment. */
struct segment {
    std::string name; /* "DIR/seg-3-0", for messages */
    std::string uuid;
    Xapian::Database db;
    struct tomb dead;

    segment()
    {
        tomb_init(&dead);
    }
    ~segment()
    {
        tomb_fini(&dead);
    }
    segment(const segment &) = delete;
    segment &operator=(const segment &) = delete;

    bool is_dead(Xapian::docid docid) const
    {
        return tomb_has(&dead, docid);
    }
};

struct ix_reader {
    std::string dir;
    struct manifest manifest;
    struct stat seen; /* of MANIFEST, before it was read */
    std::vector<std::unique_ptr<segment>> segments;

    ix_reader() : seen()
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

/* Document d of segment i, out of n, is number (d - 1) * n + i + 1 in the joined database. */
struct ix_view {
    std::vector<const segment *> segments;
    Xapian::Database db; /* all of them joined */
    uint64_t documents = 0;
    bool has_dead = false;

    size_t segment_of(uint64_t doc) const
    {
        return (size_t)((doc - 1) % segments.size());
    }
    Xapian::docid docid_in(uint64_t doc) const
    {
        return (Xapian::docid)((doc - 1) / segments.size() + 1);
    }
    uint64_t doc_of(size_t i, Xapian::docid docid) const
    {
        return ((uint64_t)docid - 1) * segments.size() + i + 1;
    }
    bool holds(uint64_t doc) const;
};

#endif
