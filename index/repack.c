/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Copying and packing again.
 *
 * Inputs without dictionaries that are small together are copied when more merges are to come, for
 * a dictionary made of them would soon give way to a better one. Otherwise inputs are looked at
 * from the largest down. One is copied when it is large, has dictionaries, and these are not too
 * many together with those of the inputs before it. The first one that is copied lends its
 * dictionary to what is not.
 *
 * When none is, documents wait, unpacked, until they are as many as the first chunk of a segment
 * holds; of them the dictionary is made. All others are then packed as they come.
 */

#include "repack.h"
#include "chunk.h"
#include <stdlib.h>

struct held {
    struct str name, bytes;
    bool kept; /* in the result */
};

struct input {
    uint64_t bytes;
    bool looked_at, copied;
};

/* That an input has a dictionary. */
struct use {
    size_t input, held;
};

struct waiting {
    uint32_t docid, length;
    size_t at, n; /* the plain record, in records */
};

struct repack {
    struct repack_sink sink;
    struct input *input;
    size_t n;
    struct held *held; /* every dictionary once */
    size_t nheld;
    struct use *use;
    size_t nuse;
    struct arena kept; /* names and bytes of dictionaries */

    struct unsqueeze unsqueeze;
    struct squeeze squeeze;
    struct squeeze_dict *dict; /* for packing, or NULL */
    bool lent;                 /* by an input: it is among those held */
    bool settled;              /* whether there is one, and which */
    struct buf records, data;
    struct waiting *waiting;
    size_t nwaiting, cap;
    struct arena arena; /* one record */
};

enum st repack_new(size_t inputs, const struct repack_sink *sink, struct repack **out,
                   struct err *err)
{
    struct repack *r = calloc(1, sizeof(*r));
    if (!r)
        return err_nomem(err);
    r->sink = *sink;
    r->n = inputs;
    arena_init(&r->kept, SIZE_MAX);
    arena_init(&r->arena, SIZE_MAX);
    unsqueeze_init(&r->unsqueeze);
    squeeze_init(&r->squeeze);
    buf_init(&r->records, SIZE_MAX);
    buf_init(&r->data, SIZE_MAX);
    r->input = calloc(inputs + 1, sizeof(*r->input));
    if (!r->input) {
        repack_free(r);
        return err_nomem(err);
    }
    *out = r;
    return ST_OK;
}

void repack_free(struct repack *r)
{
    if (!r)
        return;
    unsqueeze_fini(&r->unsqueeze);
    squeeze_fini(&r->squeeze);
    squeeze_dict_drop(r->dict);
    buf_fini(&r->records);
    buf_fini(&r->data);
    arena_fini(&r->kept);
    arena_fini(&r->arena);
    free(r->waiting);
    free(r->held);
    free(r->use);
    free(r->input);
    free(r);
}

/* ---- inputs ---- */

void repack_input(struct repack *r, size_t i, uint64_t bytes)
{
    r->input[i].bytes = bytes;
}

/* The number of a dictionary among those held; nheld when it is not there. */
static size_t find_held(const struct repack *r, struct str name)
{
    size_t i = 0;
    while (i < r->nheld && !str_eq(r->held[i].name, name))
        i++;
    return i;
}

static enum st hold(struct repack *r, struct str name, struct str bytes, struct err *err)
{
    struct squeeze_dict *d;
    struct held *more = reallocarray(r->held, r->nheld + 1, sizeof(*more));
    if (!more)
        return err_nomem(err);
    r->held = more;
    r->held[r->nheld] =
        (struct held){.name = arena_str(&r->kept, name), .bytes = arena_str(&r->kept, bytes)};
    if (r->kept.failed)
        return err_nomem(err);
    enum st st = squeeze_dict_read(name, bytes, SQUEEZE_UNPACK, &d, err);
    if (st == ST_OK)
        st = unsqueeze_add(&r->unsqueeze, d, err);
    squeeze_dict_drop(d);
    r->nheld += st == ST_OK;
    return st;
}

enum st repack_dict(struct repack *r, size_t i, struct str name, struct str bytes, struct err *err)
{
    size_t held = find_held(r, name);
    struct use *more = reallocarray(r->use, r->nuse + 1, sizeof(*more));
    if (!more)
        return err_nomem(err);
    r->use = more;
    r->use[r->nuse++] = (struct use){i, held};
    return held < r->nheld ? ST_OK : hold(r, name, bytes, err);
}

/* The largest input not looked at yet, of equal ones the first. */
static struct input *next_input(struct repack *r)
{
    struct input *best = NULL;
    for (size_t i = 0; i < r->n; i++)
        if (!r->input[i].looked_at && (!best || r->input[i].bytes > best->bytes))
            best = &r->input[i];
    if (best)
        best->looked_at = true;
    return best;
}

/* Copy an input if its dictionaries are not too many with those kept. The first of them goes to
 * *lender when there is none. */
static void try_copying(struct repack *r, struct input *in, size_t *kept,
                        const struct held **lender)
{
    size_t i = (size_t)(in - r->input), more = 0;
    const struct held *first = NULL;
    for (size_t k = 0; k < r->nuse; k++) {
        if (r->use[k].input != i)
            continue;
        if (!first)
            first = &r->held[r->use[k].held];
        more += !r->held[r->use[k].held].kept;
    }
    if (in->bytes < REPACK_COPIED || !first || *kept + more > REPACK_DICTS)
        return;
    for (size_t k = 0; k < r->nuse; k++)
        if (r->use[k].input == i)
            r->held[r->use[k].held].kept = true;
    in->copied = true;
    *kept += more;
    if (!*lender)
        *lender = first;
}

/* Whether no dictionary is there, nor text enough to make one. */
static bool all_tiny(const struct repack *r)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < r->n; i++)
        bytes += r->input[i].bytes;
    return r->nuse == 0 && bytes < REPACK_PACKED;
}

enum st repack_begin(struct repack *r, bool again, struct err *err)
{
    size_t kept = 0;
    for (size_t i = 0; again && all_tiny(r) && i < r->n; i++)
        r->input[i].copied = true;
    const struct held *lender = NULL;
    for (struct input *in; (in = next_input(r)) != NULL;)
        try_copying(r, in, &kept, &lender);
    if (!lender)
        return ST_OK;
    r->settled = r->lent = true;
    return squeeze_dict_read(lender->name, lender->bytes, SQUEEZE_PACK, &r->dict, err);
}

/* ---- documents ---- */

static enum st pack(struct repack *r, uint32_t docid, uint32_t length, struct str plain,
                    struct err *err)
{
    buf_reset(&r->data);
    enum st st = squeeze_record(&r->squeeze, r->dict, plain, &r->data, err);
    return st == ST_OK ? r->sink.document(r->sink.ctx, docid, length, buf_str(&r->data), err) : st;
}

static enum st wait(struct repack *r, uint32_t docid, uint32_t length, struct str plain,
                    struct err *err)
{
    struct waiting *more = array_room(r->waiting, r->nwaiting, &r->cap, sizeof(*more));
    if (!more)
        return err_nomem(err);
    r->waiting = more;
    r->waiting[r->nwaiting++] = (struct waiting){docid, length, r->records.n, plain.n};
    buf_adds(&r->records, plain);
    return buf_ok(&r->records) ? ST_OK : err_nomem(err);
}

static struct str record_of(const struct repack *r, size_t i)
{
    return str_from(r->records.p + r->waiting[i].at, r->waiting[i].n);
}

static enum st make_dict(struct repack *r, struct err *err)
{
    struct str *record = calloc(r->nwaiting + 1, sizeof(*record));
    if (!record)
        return err_nomem(err);
    for (size_t i = 0; i < r->nwaiting; i++)
        record[i] = record_of(r, i);
    enum st st = squeeze_dict_make(record, r->nwaiting, &r->dict, err);
    free(record);
    return st;
}

/* Nothing waits any longer. */
static enum st settle(struct repack *r, struct err *err)
{
    enum st st = make_dict(r, err);
    for (size_t i = 0; i < r->nwaiting && st == ST_OK; i++)
        st = pack(r, r->waiting[i].docid, r->waiting[i].length, record_of(r, i), err);
    r->settled = true;
    r->nwaiting = 0;
    buf_fini(&r->records);
    return st;
}

enum st repack_document(struct repack *r, size_t i, uint32_t docid, uint32_t length,
                        struct str data, struct err *err)
{
    struct str plain;
    if (r->input[i].copied)
        return r->sink.document(r->sink.ctx, docid, length, data, err);
    arena_reset(&r->arena);
    enum st st = unsqueeze_record(&r->unsqueeze, data, &r->arena, &plain, err);
    if (st != ST_OK)
        return st;
    if (r->settled)
        return pack(r, docid, length, plain, err);
    st = wait(r, docid, length, plain, err);
    bool enough = r->records.n >= CHUNK_BYTES || r->nwaiting >= CHUNK_DOCUMENTS;
    return st == ST_OK && enough ? settle(r, err) : st;
}

static enum st tell_new(struct repack *r, struct err *err)
{
    char name[SQUEEZE_DICT_NAME];
    if (!r->dict || r->lent)
        return ST_OK;
    squeeze_dict_name(r->dict, name);
    return r->sink.metadata(r->sink.ctx, str_of(name), buf_str(&r->dict->bytes), err);
}

enum st repack_end(struct repack *r, struct err *err)
{
    enum st st = r->settled ? ST_OK : settle(r, err);
    for (size_t i = 0; i < r->nheld && st == ST_OK; i++)
        if (r->held[i].kept)
            st = r->sink.metadata(r->sink.ctx, r->held[i].name, r->held[i].bytes, err);
    return st == ST_OK ? tell_new(r, err) : st;
}
