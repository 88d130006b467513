/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looking things up in the generation before.
 *
 * A segment is opened when it is first looked into, and then stays open; only the first time that
 * an id is looked for, the segments that do not have it are closed again, for a batch of one
 * document looks into each just once, and the memory of one then does for all. An id is looked for
 * in the newest segments first, for what is replaced was often put lately: its term's postings, of
 * which the living one counts.
 */

#include "past.h"
#include "folder.h"
#include "glass_pack.h"
#include "glass_unpack.h"
#include "record.h"
#include "segment_input.h"
#include "squeeze.h"
#include <errno.h>
#include <stdlib.h>

/* A segment that has been looked into. */
struct looked {
    struct segment_input *input;
    struct post_source *terms;
    struct glass_cursor *data;
    struct tomb dead;
    bool dead_loaded;
    bool dicts_loaded;
};

struct past {
    char *dir;
    struct manifest manifest;
    struct looked *segment; /* of the manifest, in its order */
    bool searched;          /* an id has been looked for */
    struct unsqueeze text;  /* with the dictionaries of those whose records were asked for */
};

enum st past_open(const char *dir, struct past **out, struct err *err)
{
    struct past *p = calloc(1, sizeof(*p));
    if (!p)
        return err_nomem(err);
    manifest_init(&p->manifest);
    unsqueeze_init(&p->text);
    p->dir = strdup(dir);
    enum st st = p->dir ? folder_manifest(dir, &p->manifest, err) : err_nomem(err);
    if (st == ST_OK) {
        p->segment = calloc(p->manifest.n + 1, sizeof(*p->segment));
        st = p->segment ? ST_OK : err_nomem(err);
    }
    if (st != ST_OK)
        past_close(p);
    else
        *out = p;
    return st;
}

static void close_segment(struct looked *l)
{
    if (l->terms)
        l->terms->ops->close(l->terms);
    glass_cursor_free(l->data);
    segment_input_free(l->input);
    l->terms = NULL;
    l->data = NULL;
    l->input = NULL;
}

void past_close(struct past *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->segment && i < p->manifest.n; i++) {
        close_segment(&p->segment[i]);
        tomb_fini(&p->segment[i].dead);
    }
    free(p->segment);
    unsqueeze_fini(&p->text);
    manifest_fini(&p->manifest);
    free(p->dir);
    free(p);
}

const struct manifest *past_manifest(const struct past *p)
{
    return &p->manifest;
}

enum st past_tomb(struct past *p, size_t i, const struct tomb **out, struct err *err)
{
    struct looked *l = &p->segment[i];
    enum st st = ST_OK;
    *out = &l->dead;
    if (!l->dead_loaded)
        st = tomb_load(p->dir, &p->manifest.segment[i], &l->dead, err);
    l->dead_loaded = st == ST_OK;
    return st;
}

/* Each segment that is looked into takes a descriptor or two; when there are too many for this
 * process, merging them, which takes some at a time, is the way out. */
static enum st blame_number(const struct past *p, enum st st, struct err *err)
{
    const char *why = err_why(EMFILE);
    if (st != ST_IO || !err || !strstr(err->text, why))
        return st;
    return err_set(err, st,
                   "%s: the index has %zu segments: %s; gongbao-ingest --optimize merges them",
                   p->dir, p->manifest.n, why);
}

static enum st open_input(struct past *p, size_t i, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    const struct manifest_segment *s = &p->manifest.segment[i];
    struct looked *l = &p->segment[i];
    if (l->input)
        return ST_OK;
    enum st st = folder_path(path, p->dir, s->name, err);
    return st == ST_OK ? segment_input_new(path, s->documents, NULL, 0, &l->input, err) : st;
}

/* ---- by id ---- */

/* The terms of a segment from one on. */
static enum st seek_term(struct past *p, size_t i, struct str term, struct post_source **out,
                         struct err *err)
{
    struct looked *l = &p->segment[i];
    enum st st = open_input(p, i, err);
    if (st == ST_OK && !l->terms)
        st = segment_terms.open(&l->input->input, &l->terms, err);
    *out = l->terms;
    return st == ST_OK ? l->terms->ops->seek(l->terms, term, err) : st;
}

/* The first living document of a part; 0 when there is none. */
static uint32_t first_living(struct post_part part, const struct tomb *dead)
{
    uint32_t docid = part.first, gap, wdf;
    unpack_uint(&part.packed, &wdf);
    while (tomb_has(dead, docid)) {
        if (!unpack_uint(&part.packed, &gap) || !unpack_uint(&part.packed, &wdf))
            return 0;
        docid += gap + 1;
    }
    return docid;
}

/* The living document of a segment with a term; 0 when there is none. */
static enum st find_in(struct past *p, size_t i, struct str term, uint32_t *docid, struct err *err)
{
    struct post_source *s;
    struct post_part part;
    const struct tomb *dead;
    *docid = 0;
    enum st st = seek_term(p, i, term, &s, err);
    if (st != ST_OK || !str_eq(s->term, term))
        return st;
    st = past_tomb(p, i, &dead, err);
    while (st == ST_OK && *docid == 0) {
        st = s->ops->part(s, &part, err);
        if (st != ST_OK || part.packed.n == 0)
            return st;
        *docid = first_living(part, dead);
    }
    return st;
}

/* Two long ids could share a checksum, if somebody took the trouble. */
static enum st confirm(struct past *p, size_t i, uint32_t docid, struct str id, bool *same,
                       struct err *err)
{
    struct arena a;
    struct str plain = {0};
    struct ix_doc doc = {0};
    *same = true;
    if (!field_is_hashed(id))
        return ST_OK;
    arena_init(&a, SIZE_MAX);
    enum st st = past_record(p, i, docid, &a, &plain, err);
    if (st == ST_OK)
        st = record_decode(plain, &a, &doc, err);
    *same = st == ST_OK && str_eq(doc.id, id);
    arena_fini(&a);
    return st;
}

static enum st find_term(struct past *p, struct str id, struct str term, size_t *segment,
                         uint32_t *docid, struct err *err)
{
    for (size_t i = p->manifest.n; i-- > 0;) {
        bool same = false;
        enum st st = find_in(p, i, term, docid, err);
        if (st == ST_OK && *docid)
            st = confirm(p, i, *docid, id, &same, err);
        *segment = i;
        if (st != ST_OK || same)
            return st;
        if (!p->searched)
            close_segment(&p->segment[i]);
    }
    *docid = 0;
    return ST_OK;
}

enum st past_find(struct past *p, struct str id, size_t *segment, uint32_t *docid, struct err *err)
{
    struct arena a;
    *segment = 0;
    *docid = 0;
    if (id.n == 0 || id.n > IX_ID_MAX)
        return ST_OK;
    arena_init(&a, 4096 + IX_ID_MAX);
    struct str term = ix_field_term(IX_ID, id, &a);
    enum st st = term.n ? find_term(p, id, term, segment, docid, err) : err_nomem(err);
    p->searched = true;
    arena_fini(&a);
    return blame_number(p, st, err);
}

/* ---- records ---- */

static enum st add_dict(void *ctx, struct str name, struct str value, struct err *err)
{
    struct past *p = ctx;
    struct squeeze_dict *dict;
    if (!str_starts(name, STR(SQUEEZE_DICT_PREFIX)))
        return ST_OK;
    enum st st = squeeze_dict_read(name, value, SQUEEZE_UNPACK, &dict, err);
    if (st != ST_OK)
        return st;
    st = unsqueeze_add(&p->text, dict, err);
    squeeze_dict_drop(dict);
    return st;
}

/* Have the dictionary that data of a segment was packed with. */
static enum st load_dicts(struct past *p, struct looked *l, struct str data, struct err *err)
{
    const struct segment_sink sink = {.ctx = p, .metadata = add_dict};
    uint16_t key;
    if (l->dicts_loaded || !squeeze_data_key(data, &key))
        return ST_OK;
    l->dicts_loaded = true;
    return segment_input_tell_metadata(l->input, &sink, err);
}

static enum st open_data(struct past *p, size_t i, struct err *err)
{
    struct looked *l = &p->segment[i];
    enum st st = open_input(p, i, err);
    if (st != ST_OK || l->data)
        return st;
    return segment_input_docdata(l->input, &l->data, err);
}

enum st past_record(struct past *p, size_t segment, uint32_t docid, struct arena *a,
                    struct str *plain, struct err *err)
{
    struct looked *l = &p->segment[segment];
    struct glass_item item = {0};
    unsigned char key[PACK_SORT_MAX];
    struct str wanted = str_from((char *)key, (size_t)(pack_uint_sort(key, docid) - key));
    enum st st = open_data(p, segment, err);
    if (st == ST_OK)
        st = glass_cursor_seek(l->data, wanted, err);
    if (st == ST_OK)
        st = glass_cursor_next(l->data, &item, err);
    if (st != ST_OK)
        return blame_number(p, st, err);
    if (!str_eq(item.key, wanted) || item.deflated)
        st = err_set(err, ST_DAMAGED, "nothing is stored of it");
    else
        st = load_dicts(p, l, item.tag, err);
    if (st == ST_OK)
        st = unsqueeze_record(&p->text, item.tag, a, plain, err);
    if (st == ST_DAMAGED)
        err_prefix(err, "%s: document %u", l->input->dir, docid);
    return st;
}
