/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checking an index from end to end.
 *
 * The chain is followed from the manifest over SUMS to every byte of every segment. Only a segment
 * whose bytes are those once written is then given to libxapian, which does not survive every
 * damage: its structure is checked, and each live document is read. One finding is one line; all
 * are told, not just the first.
 *
 * To check the structure libxapian opens tables for writing, though it writes nothing. Who may only
 * read an index is told that this part was left out; it is no finding.
 */

#include "folder.h"
#include "reader.h"
#include "record.h"
#include "sums.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
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

/* ---- documents ---- */

/* What the documents of one segment add up to. */
struct tally {
    uint64_t live, body;
};

static void check_document(struct check *c, struct ix_view *v, uint64_t doc, struct arena *a,
                           struct tally *t)
{
    struct ix_doc d;
    struct err err = ERR_INIT;
    uint64_t same = 0;
    arena_reset(a);
    enum st st = ix_document(v, doc, a, &d, &err);
    if (st == ST_OK) {
        t->live++;
        t->body += d.body.n;
        st = ix_find(v, d.id, &same, &err);
    }
    if (st == ST_OK && same != doc)
        err_set(&err, ST_DAMAGED, "%s: two live documents have the id " STR_FMT, c->dir,
                STR_ARG(d.id));
    if (err.text[0] != '\0')
        found(c, err.text);
}

static void check_tally(struct check *c, const struct manifest_segment *s, const struct tally *t)
{
    char line[300];
    if (t->live == s->documents - s->dead && t->body == s->body - s->dead_body)
        return;
    snprintf(line, sizeof(line),
             "%s/%s: %" PRIu64 " live documents with %" PRIu64
             " bytes of body; the manifest says %" PRIu64 " with %" PRIu64,
             c->dir, s->name, t->live, t->body, s->documents - s->dead, s->body - s->dead_body);
    found(c, line);
}

static void check_documents(struct check *c, const struct ix_reader *r, struct ix_view *v)
{
    const struct manifest *m = reader_manifest(r);
    struct arena a;
    arena_init(&a, SIZE_MAX);
    for (size_t i = 0; i < m->n; i++) {
        struct tally t = {0};
        for (uint64_t docid = 1; docid <= m->segment[i].documents; docid++)
            if (!tomb_has(reader_tomb(r, i), (uint32_t)docid))
                check_document(c, v, (docid - 1) * m->n + i + 1, &a, &t);
        check_tally(c, &m->segment[i], &t);
    }
    arena_fini(&a);
}

static void check_open(struct check *c)
{
    struct err err = ERR_INIT;
    struct ix_reader *r = NULL;
    struct ix_view *v = NULL;
    enum st st = ix_reader_open(c->dir, &r, &err);
    if (st == ST_OK)
        st = ix_view_open(&r, 1, &v, &err);
    if (st == ST_OK)
        check_documents(c, r, v);
    else
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
    enum st st = manifest_load(dir, MANIFEST_NAME, &m, &mine);
    if (st == ST_DAMAGED)
        say(ctx, mine.text);
    if (st != ST_OK)
        return err_set(err, st, "%s", mine.text);
    for (size_t i = 0; i < m.n; i++)
        check_segment_files(&c, &m.segment[i]);
    manifest_fini(&m);
    if (c.findings == 0)
        check_open(&c);
    if (c.findings == 0)
        return ST_OK;
    return err_set(err, ST_DAMAGED, "%s: %" PRIu64 " finding%s", dir, c.findings,
                   c.findings == 1 ? "" : "s");
}
