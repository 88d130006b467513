/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Filling a batch.
 *
 * Documents go into chunks, and by these into segments of the generation to come. The number that a
 * document has in its segment is known when it is admitted. A document that takes the place of
 * another one puts a tombstone on it; tombstones are kept aside, one list a segment, and written
 * when the batch is published. What the batch did to an id is remembered in a map, because a
 * segment being written cannot be read: the map comes first, then the generation before.
 *
 * A document that cannot be taken (ST_REJECTED) changes nothing and the batch goes on. Any other
 * failure while adding ends the batch: it can then only be closed.
 */

#include "batch.h"
#include "folder.h"
#include "record.h"
#include <errno.h>
#include <fcntl.h>
#include <gongbao/array.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_BYTES ((uint64_t)256 << 20)
#define MEMORY        ((uint64_t)512 << 20)

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
    enum st st = past_open(w->dir, &w->past, &mine);
    if (st == ST_NO_INDEX) {
        st = folder_begin_first(&w->hold, err);
        w->first = st == ST_OK;
        return st;
    }
    if (st != ST_OK)
        return err_set(err, st, "%s", mine.text);
    const struct manifest *m = past_manifest(w->past);
    st = manifest_copy(m, &w->next, err);
    if (st == ST_OK)
        st = manifest_keep(w->dir, m, err);
    if (st == ST_OK)
        st = folder_sweep(&w->hold, m, err);
    w->nold = w->next.n;
    return st;
}

enum st batch_reserve_dead(struct ix_writer *w, struct err *err)
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
        st = hold_take(w->dir, &w->hold, err);
    if (st == ST_OK)
        st = open_before(w, err);
    if (st == ST_OK)
        st = batch_reserve_dead(w, err);
    w->next.generation++;
    return st;
}

enum st ix_writer_open(const char *dir, const struct ix_writer_opts *opts, struct ix_writer **out,
                       struct err *err)
{
    struct ix_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return err_nomem(err);
    hold_init(&w->hold);
    w->opts = *opts;
    if (w->opts.segment_bytes == 0)
        w->opts.segment_bytes = SEGMENT_BYTES;
    if (w->opts.memory == 0)
        w->opts.memory = MEMORY;
    manifest_init(&w->next);
    map_init(&w->touched);
    tools_init(&w->tools);
    buf_init(&w->record, SQUEEZE_ROOM);
    arena_init(&w->arena, 2 * SQUEEZE_ROOM);
    w->dir = strdup(dir);
    enum st st = w->dir ? open_batch(w, err) : err_nomem(err);
    if (st == ST_OK)
        *out = w;
    else
        ix_writer_close(w);
    return st;
}

/* Remove what this batch wrote, by the names that it gave: what else is there is not judged. */
static void remove_own(struct ix_writer *w)
{
    char dead[MANIFEST_DEAD_MAX];
    for (size_t i = 0; i < w->next.n; i++) {
        const struct manifest_segment *s = &w->next.segment[i];
        manifest_dead_name(s, dead);
        if (s->dead_since == w->next.generation)
            folder_remove(w->dir, dead, NULL);
        if (i >= w->nold)
            batch_discard_segment(w, i);
    }
}

/* A batch that came to nothing. What cannot be removed is left to the next writer's sweep. */
static void abandon(struct ix_writer *w)
{
    seg_builder_free(w->builder);
    w->builder = NULL;
    ix_chunk_free(w->chunk);
    squeeze_dict_drop(w->dict);
    w->chunk = NULL;
    if (w->hold.lock < 0 || w->hands_off || hold_still(&w->hold, NULL) != ST_OK)
        return;
    remove_own(w);
    if (w->first)
        folder_end_first(&w->hold);
}

void ix_writer_close(struct ix_writer *w)
{
    if (!w)
        return;
    abandon(w);
    past_close(w->past);
    for (size_t i = 0; i < w->dead_cap; i++)
        tomb_fini(&w->dead[i]);
    free(w->dead);
    manifest_fini(&w->next);
    map_fini(&w->touched);
    tools_fini(&w->tools);
    free(w->place);
    buf_fini(&w->record);
    arena_fini(&w->arena);
    hold_drop(&w->hold);
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

/* A document of the generation before; docid 0: there is none. */
struct old {
    size_t segment;
    uint32_t docid;
};

/* The live document of an id in the generation before. */
static enum st find_before(struct ix_writer *w, struct str id, struct old *old, struct err *err)
{
    *old = (struct old){0};
    return w->past ? past_find(w->past, id, &old->segment, &old->docid, err) : ST_OK;
}

/* The plain record of a document of the generation before, in the arena. */
static enum st record_before(struct ix_writer *w, struct old old, struct str *plain,
                             struct err *err)
{
    arena_reset(&w->arena);
    return past_record(w->past, old.segment, old.docid, &w->arena, plain, err);
}

static enum st check_usable(const struct ix_writer *w, struct err *err)
{
    return w->over ? err_set(err, ST_INTERNAL, "the batch is over") : ST_OK;
}

/* Bytes of the text of doc. */
static size_t text_size(const struct ix_doc *doc)
{
    size_t n = doc->id.n + doc->title.n + doc->body.n + doc->date.n + doc->issuer.n + doc->url.n +
               doc->extra.n;
    for (size_t i = 0; i < doc->ntags; i++)
        n += doc->tags[i].n;
    for (size_t i = 0; i < doc->naudience; i++)
        n += doc->audience[i].n;
    return n;
}

/* The plain record of doc into w->record. */
static enum st encode(struct ix_writer *w, const struct ix_doc *doc, struct err *err)
{
    if (doc->id.n == 0 || doc->id.n > IX_ID_MAX)
        return err_set(err, ST_REJECTED, "an id has 1 to %d bytes, this one %zu", IX_ID_MAX,
                       doc->id.n);
    buf_reset(&w->record);
    if (text_size(doc) <= IX_DOC_MAX)
        record_encode(doc, &w->record);
    if (!buf_ok(&w->record))
        return err_nomem(err);
    if (w->record.n == 0 || w->record.n > IX_DOC_MAX)
        return err_set(err, ST_REJECTED, "the document is larger than %zu bytes", IX_DOC_MAX);
    return ST_OK;
}

/* Whether the generation before has the record at hand for an id. */
static enum st is_same(struct ix_writer *w, struct old old, bool *same, struct err *err)
{
    struct str plain;
    enum st st = record_before(w, old, &plain, err);
    *same = st == ST_OK && str_eq(plain, buf_str(&w->record));
    return st;
}

/* Where an id was before: a place of this batch, a document of the generation before, or
 * nowhere. */
struct before {
    struct place *place;
    struct old old;
};

static enum st look_up(struct ix_writer *w, struct str id, struct before *out, struct err *err)
{
    *out = (struct before){.place = batch_place(w, id)};
    return out->place ? ST_OK : find_before(w, id, &out->old, err);
}

static bool was_live(const struct before *b)
{
    return b->place ? b->place->live : b->old.docid != 0;
}

/* What the record at hand is to what was before. */
static enum st compare(struct ix_writer *w, const struct before *b, enum ix_change *out,
                       struct err *err)
{
    bool same = false;
    enum st st = ST_OK;
    if (b->place)
        same = sum_eq(b->place->record, sum128_of(buf_str(&w->record)));
    else if (b->old.docid)
        st = is_same(w, b->old, &same, err);
    *out = !was_live(b) ? IX_NEW : same ? IX_SAME : IX_CHANGED;
    return st;
}

enum st ix_writer_compare(struct ix_writer *w, const struct ix_doc *doc, enum ix_change *out,
                          struct err *err)
{
    struct before before;
    enum st st = check_usable(w, err);
    if (st == ST_OK)
        st = encode(w, doc, err);
    if (st == ST_OK)
        st = look_up(w, doc->id, &before, err);
    return st == ST_OK ? compare(w, &before, out, err) : st;
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

static enum st bury_old(struct ix_writer *w, struct old old, struct err *err)
{
    struct str plain;
    struct ix_doc doc;
    enum st st = record_before(w, old, &plain, err);
    if (st == ST_OK)
        st = record_decode(plain, &w->arena, &doc, err);
    return st == ST_OK ? bury(w, old.segment, old.docid, doc.body.n, err) : st;
}

static enum st bury_before(struct ix_writer *w, const struct before *b, struct err *err)
{
    if (b->place && b->place->live)
        return bury(w, b->place->segment, b->place->docid, b->place->body, err);
    return b->old.docid ? bury_old(w, b->old, err) : ST_OK;
}

/* The place of an id, made when the batch has not touched it. */
static struct place *make_place(struct ix_writer *w, struct str id)
{
    uint64_t *number = map_slot(&w->touched, id);
    if (!number)
        return NULL;
    if (*number)
        return &w->place[*number - 1];
    struct place *p = array_room(w->place, w->nplace, &w->place_cap, sizeof(*p));
    if (!p)
        return NULL;
    w->place = p;
    *number = ++w->nplace;
    w->place[w->nplace - 1] = (struct place){0};
    return &w->place[w->nplace - 1];
}

/* ---- putting ---- */

/* Whether the generation before has this record of an id, or with an empty one, nothing. */
static enum st is_as_before(struct ix_writer *w, struct str id, struct str record, bool *same,
                            struct err *err)
{
    struct old old;
    struct str plain = {NULL, 0};
    enum st st = find_before(w, id, &old, err);
    if (st == ST_OK && old.docid != 0)
        st = record_before(w, old, &plain, err);
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

/* Note where the document went. */
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
    return ST_OK;
}

/* Everything that may refuse the document, before anything is done. */
static enum st prepare(struct ix_writer *w, const struct ix_doc *doc, struct err *err)
{
    char digits[8];
    struct str date;
    enum st st = check_usable(w, err);
    if (st == ST_OK && ix_writer_chunk_full(w))
        st = err_set(err, ST_INTERNAL, "a full chunk was not detached");
    if (st == ST_OK)
        st = encode(w, doc, err);
    if (st == ST_OK && !record_date(doc->date, digits, &date))
        st = err_set(err, ST_REJECTED, "the date is not written as YYYY-MM-DD");
    return st;
}

/* The record at hand, of doc, into the open chunk, in place of what was before. */
static enum st replace(struct ix_writer *w, const struct ix_doc *doc, const struct before *before,
                       struct err *err)
{
    bool same = false;
    enum st st = batch_open_chunk(w, err);
    if (st == ST_OK)
        st = chunk_admit(w->chunk, doc, buf_str(&w->record), err);
    if (st == ST_OK)
        st = bury_before(w, before, err);
    if (st == ST_OK && before->place)
        st = is_as_before(w, doc->id, buf_str(&w->record), &same, err);
    return st == ST_OK ? note(w, doc, same, err) : st;
}

enum st ix_writer_admit(struct ix_writer *w, const struct ix_doc *doc, enum ix_change *out,
                        struct err *err)
{
    struct before before;
    enum st st = prepare(w, doc, err);
    if (st != ST_OK)
        return st;
    st = look_up(w, doc->id, &before, err);
    if (st == ST_OK)
        st = compare(w, &before, out, err);
    if (st == ST_OK && *out != IX_SAME)
        st = replace(w, doc, &before, err);
    w->over = st != ST_OK;
    return st;
}

enum st ix_writer_put(struct ix_writer *w, const struct ix_doc *doc, const struct ix_term *terms,
                      size_t nterms, struct err *err)
{
    struct before before;
    uint32_t length;
    enum st st = prepare(w, doc, err);
    if (st == ST_OK)
        st = chunk_check_terms(terms, nterms, &length, err);
    if (st != ST_OK)
        return st;
    st = look_up(w, doc->id, &before, err);
    if (st == ST_OK)
        st = replace(w, doc, &before, err);
    if (st == ST_OK)
        st = ix_chunk_put(w->chunk, w->chunk->n - 1, terms, nterms, err);
    if (st == ST_OK && ix_writer_chunk_full(w))
        st = batch_take_chunk(w, err);
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
