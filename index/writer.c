/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Filling a batch.
 *
 * Documents go into segments of the generation to come, one segment at a time. A document that
 * takes the place of another one puts a tombstone on it; tombstones are kept aside, one list a
 * segment, and written when the batch is published. What the batch did to an id is remembered in
 * a map, because a segment being written cannot be read: the map comes first, then the generation
 * before.
 *
 * A document that cannot be taken (ST_REJECTED) changes nothing and the batch goes on. Any other
 * failure while adding ends the batch: it can then only be closed.
 */

#include "batch.h"
#include "folder.h"
#include "record.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_BYTES  ((uint64_t)256 << 20)
#define SEGMENT_MEMORY ((uint64_t)512 << 20)

/* ---- opening ---- */

static enum st make_folder(const char *dir, struct err *err)
{
    if (mkdir(dir, 0755) == 0) {
        char parent[FOLDER_PATH_MAX];
        enum st st = folder_path(parent, dir, "..", err);
        return st == ST_OK ? file_sync(parent, err) : st;
    }
    return errno == EEXIST ? ST_OK : err_sys(err, "create", dir);
}

/* The generation to build on; none is fine. */
static enum st open_before(struct ix_writer *w, struct err *err)
{
    struct err mine = ERR_INIT;
    enum st st = ix_reader_open(w->dir, &w->reader, &mine);
    if (st == ST_NO_INDEX)
        return folder_sweep(w->dir, NULL, err);
    if (st != ST_OK)
        return err_set(err, st, "%s", mine.text);
    const struct manifest *m = reader_manifest(w->reader);
    st = ix_view_open(&w->reader, 1, &w->view, err);
    if (st == ST_OK)
        st = manifest_copy(m, &w->next, err);
    if (st == ST_OK)
        st = manifest_keep(w->dir, m, err);
    if (st == ST_OK)
        st = folder_sweep(w->dir, m, err);
    w->nold = w->next.n;
    return st;
}

/* Room in w->dead for one more segment than next has. */
static enum st reserve_dead(struct ix_writer *w, struct err *err)
{
    if (w->next.n < w->dead_cap)
        return ST_OK;
    size_t cap = w->next.n * 2 + 8;
    struct tomb *p = reallocarray(w->dead, cap, sizeof(*p));
    if (!p)
        return err_nomem(err);
    for (size_t i = w->dead_cap; i < cap; i++)
        tomb_init(&p[i]);
    w->dead = p;
    w->dead_cap = cap;
    return ST_OK;
}

static enum st open_batch(struct ix_writer *w, struct err *err)
{
    enum st st = make_folder(w->dir, err);
    if (st == ST_OK)
        st = folder_lock(w->dir, &w->lock, err);
    if (st == ST_OK)
        st = open_before(w, err);
    if (st == ST_OK)
        st = reserve_dead(w, err);
    w->next.generation++;
    return st;
}

enum st ix_writer_open(const char *dir, const struct ix_writer_opts *opts, struct ix_writer **out,
                       struct err *err)
{
    struct ix_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return err_nomem(err);
    w->lock = -1;
    w->opts = *opts;
    if (w->opts.segment_bytes == 0)
        w->opts.segment_bytes = SEGMENT_BYTES;
    if (w->opts.memory == 0)
        w->opts.memory = SEGMENT_MEMORY;
    manifest_init(&w->next);
    map_init(&w->touched);
    squeeze_init(&w->squeeze);
    buf_init(&w->record, SQUEEZE_ROOM);
    buf_init(&w->data, SQUEEZE_ROOM);
    arena_init(&w->arena, 2 * SQUEEZE_ROOM);
    w->dir = strdup(dir);
    enum st st = w->dir ? open_batch(w, err) : err_nomem(err);
    if (st == ST_OK)
        *out = w;
    else
        ix_writer_close(w);
    return st;
}

/* Remove the segments of a batch that came to nothing. What cannot be removed is left to the next
 * writer's sweep. */
static void abandon(struct ix_writer *w)
{
    seg_builder_free(w->builder);
    w->builder = NULL;
    if (w->lock >= 0 && !w->hands_off && w->next.n > w->nold)
        folder_sweep(w->dir, w->reader ? reader_manifest(w->reader) : NULL, NULL);
}

void ix_writer_close(struct ix_writer *w)
{
    if (!w)
        return;
    abandon(w);
    ix_view_close(w->view);
    ix_reader_close(w->reader);
    for (size_t i = 0; i < w->dead_cap; i++)
        tomb_fini(&w->dead[i]);
    free(w->dead);
    manifest_fini(&w->next);
    map_fini(&w->touched);
    free(w->place);
    squeeze_fini(&w->squeeze);
    buf_fini(&w->record);
    buf_fini(&w->data);
    arena_fini(&w->arena);
    if (w->lock >= 0)
        close(w->lock);
    free(w->dir);
    free(w);
}

/* ---- what is there already ---- */

/* What the batch did to an id; NULL when it has not touched it. */
static struct place *batch_place(const struct ix_writer *w, struct str id)
{
    const uint64_t *number = map_get(&w->touched, id);
    return number && *number ? &w->place[*number - 1] : NULL;
}

/* The live document of an id in the generation before: *doc, or 0. */
static enum st find_before(struct ix_writer *w, struct str id, uint64_t *doc, struct err *err)
{
    *doc = 0;
    if (!w->view)
        return ST_OK;
    enum st st = ix_find(w->view, id, doc, err);
    if (st != ST_NOT_FOUND)
        return st;
    *doc = 0;
    return ST_OK;
}

static enum st check_usable(const struct ix_writer *w, struct err *err)
{
    return w->over ? err_set(err, ST_INTERNAL, "the batch is over") : ST_OK;
}

/* The plain record of doc into w->record. */
static enum st encode(struct ix_writer *w, const struct ix_doc *doc, struct err *err)
{
    if (doc->id.n == 0 || doc->id.n > IX_ID_MAX)
        return err_set(err, ST_REJECTED, "an id has 1 to %d bytes, this one %zu", IX_ID_MAX,
                       doc->id.n);
    buf_reset(&w->record);
    record_encode(doc, &w->record);
    return buf_ok(&w->record)
               ? ST_OK
               : err_set(err, ST_REJECTED, "the document is larger than %zu bytes", SQUEEZE_ROOM);
}

enum st ix_writer_compare(struct ix_writer *w, const struct ix_doc *doc, enum ix_change *out,
                          struct err *err)
{
    uint64_t old;
    struct str plain;
    enum st st = check_usable(w, err);
    if (st == ST_OK)
        st = encode(w, doc, err);
    if (st != ST_OK)
        return st;
    const struct place *p = batch_place(w, doc->id);
    if (p) {
        bool same = p->live && sum_eq(p->record, sum128_of(buf_str(&w->record)));
        *out = !p->live ? IX_NEW : same ? IX_SAME : IX_CHANGED;
        return ST_OK;
    }
    *out = IX_NEW;
    st = find_before(w, doc->id, &old, err);
    if (st != ST_OK || old == 0)
        return st;
    arena_reset(&w->arena);
    st = view_record(w->view, old, &w->arena, &plain, err);
    *out = st == ST_OK && str_eq(plain, buf_str(&w->record)) ? IX_SAME : IX_CHANGED;
    return st;
}

/* ---- tombstones ---- */

static enum st bury(struct ix_writer *w, size_t segment, uint32_t docid, uint64_t body,
                    struct err *err)
{
    struct manifest_segment *s = &w->next.segment[segment];
    enum st st = tomb_add(&w->dead[segment], docid, err);
    if (st != ST_OK)
        return st;
    s->dead++;
    s->dead_body += body;
    s->dead_since = w->next.generation;
    return ST_OK;
}

static enum st bury_old(struct ix_writer *w, uint64_t doc, struct err *err)
{
    size_t segment;
    uint32_t docid;
    struct ix_doc old;
    arena_reset(&w->arena);
    enum st st = ix_document(w->view, doc, &w->arena, &old, err);
    if (st != ST_OK)
        return st;
    view_place(w->view, doc, &segment, &docid);
    return bury(w, segment, docid, old.body.n, err);
}

/* Where an id was before: a place of this batch, a document of the generation before, or
 * nowhere. */
struct before {
    struct place *place;
    uint64_t doc;
};

static enum st look_up(struct ix_writer *w, struct str id, struct before *out, struct err *err)
{
    *out = (struct before){.place = batch_place(w, id)};
    return out->place ? ST_OK : find_before(w, id, &out->doc, err);
}

static bool was_live(const struct before *b)
{
    return b->place ? b->place->live : b->doc != 0;
}

static enum st bury_before(struct ix_writer *w, const struct before *b, struct err *err)
{
    if (b->place && b->place->live)
        return bury(w, b->place->segment, b->place->docid, b->place->body, err);
    return b->doc ? bury_old(w, b->doc, err) : ST_OK;
}

/* The place of an id, made when the batch has not touched it. */
static struct place *make_place(struct ix_writer *w, struct str id)
{
    uint64_t *number = map_slot(&w->touched, id);
    if (!number)
        return NULL;
    if (*number)
        return &w->place[*number - 1];
    if (w->nplace == w->place_cap) {
        size_t cap = w->place_cap ? w->place_cap * 2 : 256;
        struct place *p = reallocarray(w->place, cap, sizeof(*p));
        if (!p)
            return NULL;
        w->place = p;
        w->place_cap = cap;
    }
    *number = ++w->nplace;
    w->place[w->nplace - 1] = (struct place){0};
    return &w->place[w->nplace - 1];
}

/* ---- putting ---- */

static enum st check_terms(const struct ix_term *terms, size_t n, struct err *err)
{
    uint64_t length = 0;
    for (size_t i = 0; i < n; i++) {
        struct str t = terms[i].bytes;
        length += terms[i].wdf;
        if (t.n == 0 || term_cost(t) > IX_TERM_MAX)
            return err_set(err, ST_REJECTED, "a term of %zu bytes: 1 to %d are possible", t.n,
                           IX_TERM_MAX);
        if (field_owns(t))
            return err_set(err, ST_REJECTED, "a term begins with %c, which stands for a field",
                           t.p[0]);
    }
    if (length > UINT32_MAX)
        return err_set(err, ST_REJECTED, "the document is too long to be counted");
    return ST_OK;
}

enum st batch_add_segment(struct ix_writer *w, struct err *err)
{
    enum st st = reserve_dead(w, err);
    if (st != ST_OK)
        return st;
    size_t number = w->next.n - w->nold;
    struct manifest_segment *s = manifest_add(&w->next);
    if (!s)
        return err_nomem(err);
    snprintf(s->name, sizeof(s->name), "seg-%" PRIu64 "-%zu", w->next.generation, number);
    s->lexicon = w->opts.lexicon;
    s->fold = w->opts.fold;
    return ST_OK;
}

static enum st start_segment(struct ix_writer *w, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    enum st st = batch_add_segment(w, err);
    if (st == ST_OK)
        st = batch_tmp_path(w, w->next.n - 1, path, err);
    return st == ST_OK ? seg_builder_new(path, &w->builder, err) : st;
}

/* Into the builder, with the data that w->data holds. */
static enum st add_document(struct ix_writer *w, const struct ix_doc *doc, struct seg_doc sd,
                            struct err *err)
{
    char digits[8];
    struct seg_value date = {.slot = IX_SLOT_DATE};
    enum st st = w->builder ? ST_OK : start_segment(w, err);
    if (st != ST_OK)
        return st;
    sd.data = buf_str(&w->data);
    record_date(doc->date, digits, &date.bytes);
    sd.values = &date;
    sd.nvalues = date.bytes.n > 0;
    st = seg_builder_add(w->builder, &sd, err);
    if (st != ST_OK)
        err_prefix(err, "%s", w->next.segment[w->next.n - 1].name);
    return st;
}

/* Whether the generation before has this record of an id, or with an empty one, nothing. */
static enum st is_as_before(struct ix_writer *w, struct str id, struct str record, bool *same,
                            struct err *err)
{
    uint64_t old;
    struct str plain = {NULL, 0};
    enum st st = find_before(w, id, &old, err);
    arena_reset(&w->arena);
    if (st == ST_OK && old != 0)
        st = view_record(w->view, old, &w->arena, &plain, err);
    *same = st == ST_OK && str_eq(plain, record);
    return st;
}

/* A batch that has come back to what was there has changed nothing. */
static void settle(struct ix_writer *w, struct place *p, struct place now)
{
    w->differing += now.differs;
    w->differing -= p->differs;
    w->changed = w->differing > 0;
    *p = now;
}

/* Note where the document went, and close its segment when it is full. */
static enum st note(struct ix_writer *w, const struct ix_doc *doc, bool same, struct err *err)
{
    struct manifest_segment *s = &w->next.segment[w->next.n - 1];
    struct place *p = make_place(w, doc->id);
    if (!p)
        return err_nomem(err);
    s->documents++;
    s->body += doc->body.n;
    settle(w, p,
           (struct place){.live = true,
                          .differs = !same,
                          .segment = w->next.n - 1,
                          .docid = (uint32_t)s->documents,
                          .body = doc->body.n,
                          .record = sum128_of(buf_str(&w->record))});
    bool full = s->body >= w->opts.segment_bytes || s->documents == UINT32_MAX ||
                seg_builder_bytes(w->builder) >= w->opts.memory;
    return full ? batch_finish_segment(w, err) : ST_OK;
}

/* Everything that may refuse the document, before anything is done. */
static enum st prepare(struct ix_writer *w, const struct ix_doc *doc, struct seg_doc *sd,
                       struct err *err)
{
    struct ix_term *fields;
    enum st st = check_usable(w, err);
    if (st == ST_OK)
        st = encode(w, doc, err);
    if (st == ST_OK)
        st = check_terms(sd->terms, sd->nterms, err);
    if (st == ST_OK)
        st = squeeze(&w->squeeze, buf_str(&w->record), &w->data, err);
    arena_reset(&w->arena);
    if (st == ST_OK)
        st = record_terms(doc, &w->arena, &fields, &sd->nfields, err);
    if (st == ST_OK)
        sd->fields = fields;
    return st;
}

enum st ix_writer_put(struct ix_writer *w, const struct ix_doc *doc, const struct ix_term *terms,
                      size_t nterms, struct err *err)
{
    struct seg_doc sd = {.terms = terms, .nterms = nterms};
    struct before before;
    bool same = false;
    enum st st = prepare(w, doc, &sd, err);
    if (st != ST_OK)
        return st;
    st = look_up(w, doc->id, &before, err);
    if (st == ST_OK)
        st = add_document(w, doc, sd, err);
    if (st == ST_OK)
        st = bury_before(w, &before, err);
    if (st == ST_OK && before.place)
        st = is_as_before(w, doc->id, buf_str(&w->record), &same, err);
    if (st == ST_OK)
        st = note(w, doc, same, err);
    w->over = st != ST_OK;
    return st;
}

/* The document is buried; from now on the id is one that the batch deleted. */
static enum st note_deletion(struct ix_writer *w, struct str id, struct err *err)
{
    bool same;
    struct place *p = make_place(w, id);
    if (!p)
        return err_nomem(err);
    enum st st = is_as_before(w, id, STR(""), &same, err);
    settle(w, p, (struct place){.live = false, .differs = !same});
    return st;
}

enum st ix_writer_delete(struct ix_writer *w, struct str id, bool *was, struct err *err)
{
    struct before before;
    *was = false;
    enum st st = check_usable(w, err);
    if (st == ST_OK)
        st = look_up(w, id, &before, err);
    if (st != ST_OK || !was_live(&before))
        return st;
    st = bury_before(w, &before, err);
    if (st == ST_OK)
        st = note_deletion(w, id, err);
    *was = st == ST_OK;
    w->over = st != ST_OK;
    return st;
}
