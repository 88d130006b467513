/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checking an index from end to end.
 *
 * The chain is followed from the manifest over SUMS to every byte of every segment, those of the
 * generation before too, for somebody may want to go back to it. Only a segment whose bytes are
 * those once written is then given to libxapian, which does not survive every damage: its structure
 * is checked, each live document is read, and what is stored of it is held against its terms, its
 * date value, its length, and the sums in the manifest. One finding is one line; all are told, not
 * just the first.
 *
 * To check the structure libxapian opens tables for writing, though it writes nothing. Who may only
 * read an index is told that this part was left out; it is no finding.
 */

#include "facts.h"
#include "folder.h"
#include "reader.h"
#include "record.h"
#include "sums.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct check {
    const char *dir;
    ix_say *say;
    void *ctx;
    uint64_t findings;
};

/* A line may hold a folder's name or what libxapian says, so it is told as clean as an error. */
static void found(struct check *c, const char *line)
{
    struct err clean = ERR_INIT;
    err_set(&clean, ST_DAMAGED, "%s", line);
    c->findings++;
    c->say(c->ctx, clean.text);
}

static void relay(void *ctx, const char *line)
{
    found(ctx, line);
}

/* ---- files ---- */

/* Whether this process may read a table of a segment but not write it. */
static bool read_only(const char *segment, const char *table)
{
    char path[FOLDER_PATH_MAX];
    if (folder_path(path, segment, table, NULL) != ST_OK)
        return false;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS);
}

static void check_structure(struct check *c, const char *path)
{
    struct err err = ERR_INIT;
    uint64_t before = c->findings;
    if (read_only(path, "docdata.glass") || read_only(path, "postlist.glass")) {
        err_set(&err, ST_OK,
                "%s: its structure was not looked at, for its files may not be opened for writing; "
                "their checksums are right",
                path);
        c->say(c->ctx, err.text);
        return;
    }
    if (segment_check(path, relay, c, &err) != ST_OK && c->findings == before)
        found(c, err.text);
}

static void check_segment_files(struct check *c, const struct manifest_segment *s)
{
    char path[FOLDER_PATH_MAX];
    struct err err = ERR_INIT;
    struct tomb dead;
    tomb_init(&dead);
    if (tomb_load(c->dir, s, &dead, &err) != ST_OK)
        found(c, err.text);
    tomb_fini(&dead);
    if (folder_path(path, c->dir, s->name, &err) != ST_OK)
        found(c, err.text);
    else if (sums_check(path, s->disk, s->sums, relay, c, &err) == ST_OK)
        check_structure(c, path);
}

/* ---- generations that are kept ---- */

/* Whether the current generation has a segment with the same tombstones. */
static bool has_segment(const struct manifest *m, const struct manifest_segment *s)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->segment[i].name, s->name) == 0 && m->segment[i].dead_since == s->dead_since)
            return true;
    return false;
}

/* A copy of a manifest, and the files that are there for its sake. A batch that is published
 * meanwhile may sweep it away. */
static void check_copy(struct check *c, const char *name, const struct manifest *current)
{
    struct manifest m;
    struct err err = ERR_INIT;
    char line[300];
    manifest_init(&m);
    enum st st = manifest_load(c->dir, name, &m, &err);
    if (st == ST_OK && m.generation == current->generation && !manifest_equal(&m, current)) {
        snprintf(line, sizeof(line), "%s/%s: it differs from " MANIFEST_NAME, c->dir, name);
        found(c, line);
    } else if (st != ST_OK && st != ST_NO_INDEX) {
        found(c, err.text);
    }
    for (size_t i = 0; st == ST_OK && i < m.n; i++)
        if (!has_segment(current, &m.segment[i]))
            check_segment_files(c, &m.segment[i]);
    manifest_fini(&m);
}

/* The copy of the current manifest. It is missing when a batch was interrupted at its very end,
 * which is no finding; but then there is one manifest less to come back to. */
static void see_copy(struct check *c, const struct names *names, const struct manifest *current)
{
    char copy[MANIFEST_COPY_MAX];
    struct err err = ERR_INIT;
    uint64_t now;
    manifest_copy_name(current->generation, copy);
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->v[i], copy) == 0)
            return;
    if (ix_generation(c->dir, &now, NULL) != ST_OK || now != current->generation)
        return;
    err_set(&err, ST_OK, "%s/%s: missing; the next batch makes it again", c->dir, copy);
    c->say(c->ctx, err.text);
}

static void check_copies(struct check *c, const struct manifest *current)
{
    struct names names;
    struct err err = ERR_INIT;
    if (names_read(c->dir, &names, &err) != ST_OK) {
        found(c, err.text);
        return;
    }
    for (size_t i = 0; i < names.n; i++)
        if (strncmp(names.v[i], MANIFEST_NAME ".", strlen(MANIFEST_NAME ".")) == 0 &&
            !strstr(names.v[i], ".tmp-"))
            check_copy(c, names.v[i], current);
    see_copy(c, &names, current);
    names_free(&names);
}

/* ---- documents ---- */

/* One segment under way. */
struct walk {
    struct check *c;
    struct ix_view *v;
    const struct manifest_segment *s;
    const struct facts *facts;
    struct arena a;
    uint64_t live, body; /* what its live documents add up to */
};

static void wrong(struct walk *w, uint64_t docid, const char *what)
{
    char line[400];
    snprintf(line, sizeof(line), "%s/%s: document %" PRIu64 ": %s", w->c->dir, w->s->name, docid,
             what);
    found(w->c, line);
}

/* What is stored of a document against its terms, value and length. */
static void check_facts(struct walk *w, uint64_t docid, const struct ix_doc *d)
{
    const struct facts *f = &w->facts[docid];
    struct ix_term *fields;
    struct str date;
    char digits[8];
    size_t n;
    if (record_terms(d, &w->a, &fields, &n, NULL) != ST_OK ||
        !record_date(d->date, digits, &date)) {
        wrong(w, docid, "its stored fields make no terms");
        return;
    }
    if (f->fields != facts_of(fields, n))
        wrong(w, docid,
              "its terms of id, date, issuer, tags and audience are not those of what is stored");
    if (f->date != facts_value(date))
        wrong(w, docid, "its date value is not the stored date");
    if (f->length != f->wdf)
        wrong(w, docid, "its length is not the sum of its terms' frequencies");
}

/* doc is the document's number in the view. */
static void check_document(struct walk *w, uint64_t docid, uint64_t doc)
{
    struct ix_doc d;
    struct err err = ERR_INIT;
    uint64_t same = 0;
    arena_reset(&w->a);
    if (ix_document(w->v, doc, &w->a, &d, &err) != ST_OK) {
        found(w->c, err.text);
        return;
    }
    w->live++;
    w->body += d.body.n;
    check_facts(w, docid, &d);
    enum st st = ix_find(w->v, d.id, &same, &err);
    if (st == ST_NOT_FOUND)
        wrong(w, docid, "its id has no term");
    else if (st != ST_OK)
        found(w->c, err.text);
    else if (same != doc)
        wrong(w, docid, "another live document has its id");
}

static void check_tally(const struct walk *w)
{
    const struct manifest_segment *s = w->s;
    char line[300];
    if (w->live == s->documents - s->dead && w->body == s->body - s->dead_body)
        return;
    snprintf(line, sizeof(line),
             "%s/%s: %" PRIu64 " live documents with %" PRIu64
             " bytes of body; the manifest says %" PRIu64 " with %" PRIu64,
             w->c->dir, s->name, w->live, w->body, s->documents - s->dead, s->body - s->dead_body);
    found(w->c, line);
}

static void check_segment(struct check *c, const struct ix_reader *r, size_t i, struct ix_view *v)
{
    const struct manifest *m = reader_manifest(r);
    struct walk w = {.c = c, .v = v, .s = &m->segment[i]};
    struct facts *facts = NULL;
    struct err err = ERR_INIT;
    if (facts_read(r, i, &facts, &err) != ST_OK) {
        found(c, err.text);
        return;
    }
    w.facts = facts;
    arena_init(&w.a, SIZE_MAX);
    for (uint64_t docid = 1; docid <= w.s->documents; docid++)
        if (!tomb_has(reader_tomb(r, i), (uint32_t)docid))
            check_document(&w, docid, (docid - 1) * m->n + i + 1);
    check_tally(&w);
    arena_fini(&w.a);
    free(facts);
}

static void check_open(struct check *c)
{
    struct err err = ERR_INIT;
    struct ix_reader *r = NULL;
    struct ix_view *v = NULL;
    enum st st = ix_reader_open(c->dir, &r, &err);
    if (st == ST_OK)
        st = ix_view_open(&r, 1, &v, &err);
    for (size_t i = 0; st == ST_OK && i < reader_manifest(r)->n; i++)
        check_segment(c, r, i, v);
    if (st != ST_OK)
        found(c, err.text);
    ix_view_close(v);
    ix_reader_close(r);
}

enum st ix_check(const char *dir, ix_say *say, void *ctx, struct err *err)
{
    struct check c = {.dir = dir, .say = say, .ctx = ctx};
    struct manifest m;
    manifest_init(&m);
    struct err mine = ERR_INIT;
    enum st st = folder_manifest(dir, &m, &mine);
    if (st == ST_DAMAGED)
        say(ctx, mine.text);
    if (st != ST_OK)
        return err_set(err, st, "%s", mine.text);
    for (size_t i = 0; i < m.n; i++)
        check_segment_files(&c, &m.segment[i]);
    check_copies(&c, &m);
    manifest_fini(&m);
    if (c.findings == 0)
        check_open(&c);
    if (c.findings == 0)
        return ST_OK;
    return err_set(err, ST_DAMAGED, "%s: %" PRIu64 " finding%s", dir, c.findings,
                   c.findings == 1 ? "" : "s");
}
