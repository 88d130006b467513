/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opening an index.
 *
 * The manifest is read, then everything that it names is opened at once: databases, tombstones.
 * From then on nothing is opened any more, so a later batch may remove the files. Between reading
 * the manifest and opening the last segment two batches may come to pass and take a segment away;
 * the manifest has then changed, and opening starts over.
 *
 * libxapian does not survive every damage, so a segment is read whole and held against its
 * checksums before libxapian gets to see it: some 30 ms for 100 MB that are in memory. Reopening
 * shares the segments that have been checked before.
 *
 * A partial reader goes on without the segments that are damaged. A segment whose tombstones
 * cannot be read is left out like one whose tables cannot: what was deleted would be found again.
 */

#include "engine.h"
#include "folder.h"
#include "guard.h"
#include "sums.h"
#include <cerrno>
#include <climits>
#include <cstdio>
#include <gongbao/sum.h>
#include <sstream>

static const int ATTEMPTS = 16;

static bool same_file(const struct stat &a, const struct stat &b)
{
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
           a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

static bool stat_manifest(const std::string &dir, struct stat *out)
{
    *out = {};
    return stat((dir + "/" MANIFEST_NAME).c_str(), out) == 0;
}

/* ---- segments ---- */

static const char *const TABLE[] = {"/postlist.glass", "/docdata.glass"};

static void look_at_tables(const segment *s, std::array<struct stat, 2> *out)
{
    struct stat *at = out->data();
    for (const char *table : TABLE) {
        *at = {};
        if (stat((s->name + table).c_str(), at) != 0)
            *at = {};
        at++;
    }
}

enum st segment_verify(const segment *s, struct err *err)
{
    look_at_tables(s, &s->seen);
    return sums_check(s->name.c_str(), s->disk, s->sums, nullptr, nullptr, err);
}

/* Whether a table is the same file, and something was done to it. Its time of change (ctime) tells
 * of writing that was hidden by setting the time back, and of a link made to it, which is none: it
 * is then verified once for nothing. */
static bool same_but_changed(const struct stat &now, const struct stat &was)
{
    if (now.st_dev != was.st_dev || now.st_ino != was.st_ino)
        return false;
    return !same_file(now, was) || now.st_ctim.tv_sec != was.st_ctim.tv_sec ||
           now.st_ctim.tv_nsec != was.st_ctim.tv_nsec;
}

/* Another file under the name, or none, is no matter: what is open is the file that was there. */
bool segment_touched(const segment *s)
{
    std::array<struct stat, 2> now;
    look_at_tables(s, &now);
    for (size_t i = 0; i < now.size(); i++)
        if (same_but_changed(now[i], s->seen[i]))
            return true;
    return false;
}

static enum st open_database(const struct manifest_segment &m, segment *s, struct err *err)
{
    return guard(err, s->name.c_str(), [&] {
        s->db = Xapian::Database(s->name, Xapian::DB_BACKEND_GLASS);
        s->uuid = s->db.get_uuid();
        if (s->db.get_doccount() != m.documents || s->db.get_lastdocid() != m.documents)
            return err_set(err, ST_DAMAGED, "%s: it has %u documents, the manifest says %llu",
                           s->name.c_str(), s->db.get_doccount(), (unsigned long long)m.documents);
        return ST_OK;
    });
}

static enum st open_dict(segment *s, const std::string &name, struct err *err)
{
    struct squeeze_dict *d;
    std::string bytes = s->db.get_metadata(name);
    s->dicts.reserve(s->dicts.size() + 1);
    enum st st = squeeze_dict_read(str_from(name.data(), name.size()),
                                   str_from(bytes.data(), bytes.size()), SQUEEZE_UNPACK, &d, err);
    if (st == ST_OK)
        s->dicts.push_back(d);
    return st;
}

/* The dictionaries of its stored text, which are metadata. */
static enum st open_dicts(segment *s, struct err *err)
{
    return guard(err, s->name.c_str(), [&] {
        enum st st = ST_OK;
        auto i = s->db.metadata_keys_begin(SQUEEZE_DICT_PREFIX);
        for (; st == ST_OK && i != s->db.metadata_keys_end(SQUEEZE_DICT_PREFIX); ++i)
            st = open_dict(s, *i, err);
        if (st == ST_DAMAGED)
            err_prefix(err, "%s", s->name.c_str());
        return st;
    });
}

/* The same segment in another reader, or NULL; one that has come to harm is not shared. */
static std::shared_ptr<const segment> shared(const struct ix_reader *old, const std::string &name,
                                             const struct manifest_segment &m)
{
    if (old)
        for (const auto &p : old->parts)
            if (p->s && p->damage.empty() && p->s->name == name && sum_eq(p->s->sums, m.sums))
                return p->s;
    return nullptr;
}

static enum st open_segment(const std::string &name, const struct manifest_segment &m,
                            std::shared_ptr<const segment> *out, struct err *err)
{
    auto s = std::make_shared<segment>();
    s->name = name;
    s->sums = m.sums;
    s->disk = m.disk;
    enum st st = segment_verify(s.get(), err);
    if (st == ST_OK)
        st = open_database(m, s.get(), err);
    if (st == ST_OK)
        st = open_dicts(s.get(), err);
    if (st == ST_OK)
        st = columns_new(name.c_str(), (uint32_t)m.documents, &s->columns, err);
    if (st == ST_OK)
        st = stored_open(name.c_str(), &s->text, err);
    if (st == ST_OK)
        st = extracts_new((uint32_t)m.documents, &s->extracts, err);
    if (st == ST_OK)
        *out = s;
    return st;
}

static enum st open_part(struct ix_reader *r, const struct ix_reader *old,
                         const struct manifest_segment &m, struct err *err)
{
    struct err mine = {};
    r->parts.push_back(std::make_unique<part>());
    part *p = r->parts.back().get();
    std::string name = r->dir + "/" + m.name;
    p->s = shared(old, name, m);
    enum st st = p->s ? ST_OK : open_segment(name, m, &p->s, &mine);
    if (st == ST_OK)
        st = tomb_load(r->dir.c_str(), &m, &p->dead, &mine);
    part_note(p, st, &mine);
    if (st == ST_OK || (st == ST_DAMAGED && r->opts.partial))
        return ST_OK;
    return err_set(err, st, "%s", mine.text);
}

enum st part_note(part *p, enum st st, const struct err *err)
{
    if (st == ST_DAMAGED && p->damage.empty())
        p->damage = err && err->text[0] ? err->text : st_info(st)->text;
    return st;
}

/* ---- readers ---- */

static bool whole(const struct ix_reader *r)
{
    for (const auto &p : r->parts)
        if (!p->damage.empty())
            return false;
    return true;
}

static enum st try_open(const std::string &dir, const struct ix_reader_opts *opts,
                        const struct ix_reader *old, std::unique_ptr<ix_reader> *out,
                        struct err *err)
{
    auto r = std::make_unique<ix_reader>();
    r->dir = dir;
    r->opts = *opts;
    stat_manifest(r->dir, &r->seen);
    enum st st = folder_manifest(dir.c_str(), &r->manifest, err);
    for (size_t i = 0; st == ST_OK && i < r->manifest.n; i++)
        st = open_part(r.get(), old, r->manifest.segment[i], err);
    *out = std::move(r);
    return st;
}

static enum st open_current(const std::string &dir, const struct ix_reader_opts *opts,
                            const struct ix_reader *old, struct ix_reader **out, struct err *err)
{
    std::unique_ptr<ix_reader> r;
    enum st st = ST_INTERNAL;
    for (int i = 0; i < ATTEMPTS; i++) {
        st = try_open(dir, opts, old, &r, err);
        if ((st == ST_OK && whole(r.get())) || !ix_reader_stale(r.get()))
            break;
    }
    if (st == ST_OK)
        *out = r.release();
    return st;
}

static enum st open_given(const char *dir, const struct manifest *m, struct ix_reader **out,
                          struct err *err)
{
    auto r = std::make_unique<ix_reader>();
    r->dir = dir;
    stat_manifest(r->dir, &r->seen);
    enum st st = manifest_copy(m, &r->manifest, err);
    for (size_t i = 0; st == ST_OK && i < r->manifest.n; i++)
        st = open_part(r.get(), nullptr, r->manifest.segment[i], err);
    if (st == ST_OK)
        *out = r.release();
    return st;
}

enum st reader_of(const char *dir, const struct manifest *m, struct ix_reader **out,
                  struct err *err)
{
    return guard(err, dir, [&] { return open_given(dir, m, out, err); });
}

enum st ix_reader_open_opts(const char *dir, const struct ix_reader_opts *opts,
                            struct ix_reader **out, struct err *err)
{
    return guard(err, dir, [&] { return open_current(dir, opts, nullptr, out, err); });
}

enum st ix_reader_open(const char *dir, struct ix_reader **out, struct err *err)
{
    const struct ix_reader_opts strict = {};
    return ix_reader_open_opts(dir, &strict, out, err);
}

enum st ix_reader_reopen(const struct ix_reader *old, struct ix_reader **out, struct err *err)
{
    return guard(err, old->dir.c_str(),
                 [&] { return open_current(old->dir, &old->opts, old, out, err); });
}

void ix_reader_close(struct ix_reader *r)
{
    delete r;
}

bool ix_reader_stale(const struct ix_reader *r)
{
    struct stat now;
    stat_manifest(r->dir, &now);
    return !same_file(now, r->seen);
}

static uint64_t stamp_of(const struct stat &sb)
{
    const uint64_t what[] = {sb.st_dev, sb.st_ino, static_cast<uint64_t>(sb.st_size),
                             static_cast<uint64_t>(sb.st_mtim.tv_sec),
                             static_cast<uint64_t>(sb.st_mtim.tv_nsec)};
    return sb.st_ino ? sum64_of({reinterpret_cast<const char *>(what), sizeof(what)}) : 0;
}

uint64_t ix_stamp(const char *dir)
{
    char path[PATH_MAX];
    struct stat now = {};
    int n = snprintf(path, sizeof(path), "%s/" MANIFEST_NAME, dir);
    if (n < 0 || static_cast<size_t>(n) >= sizeof(path) || stat(path, &now) != 0)
        return 0;
    return stamp_of(now);
}

uint64_t ix_reader_stamp(const struct ix_reader *r)
{
    return stamp_of(r->seen);
}

void ix_reader_info(const struct ix_reader *r, struct ix_info *out)
{
    *out = {};
    out->generation = r->manifest.generation;
    out->published = r->manifest.published;
    out->segments = r->manifest.n;
    for (size_t i = 0; i < r->manifest.n; i++) {
        const struct manifest_segment &m = r->manifest.segment[i];
        out->documents += m.documents - m.dead;
        out->tombstones += m.dead;
        out->body_bytes += m.body - m.dead_body;
        out->disk_bytes += m.disk;
        out->damaged += !r->parts[i]->damage.empty();
    }
}

void ix_reader_segment(const struct ix_reader *r, size_t i, struct ix_segment_info *out)
{
    const struct manifest_segment &m = r->manifest.segment[i];
    *out = {};
    out->name = str_of(m.name);
    out->documents = m.documents;
    out->tombstones = m.dead;
    out->body_bytes = m.body;
    out->disk_bytes = m.disk;
    out->lexicon = m.lexicon;
    out->fold = m.fold;
    out->damage = str_from(r->parts[i]->damage.data(), r->parts[i]->damage.size());
}

const struct manifest *reader_manifest(const struct ix_reader *r)
{
    return &r->manifest;
}

const struct tomb *reader_tomb(const struct ix_reader *r, size_t i)
{
    return &r->parts[i]->dead;
}

enum st segment_check(const char *path, ix_say *say, void *ctx, struct err *err)
{
    return guard(err, path, [&] {
        std::ostringstream told;
        if (Xapian::Database::check(path, 0, &told) == 0)
            return ST_OK;
        std::istringstream lines(told.str());
        for (std::string line; std::getline(lines, line);)
            if (!line.empty())
                say(ctx, (std::string(path) + ": " + line).c_str());
        return err_set(err, ST_DAMAGED, "%s: its structure is damaged", path);
    });
}
