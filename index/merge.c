/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeping the segments few.
 *
 * Segments are sorted into levels by how many live documents they have: 1 to 7, 8 to 63, 64 to 511,
 * and so on, each level eight times the one before. When a batch leaves eight or more of one level,
 * they are merged into one, which then is of a higher level. So there are at most seven of each
 * level, and no document is rewritten more often than there are levels: eleven, for docids have 32
 * bits. When the merged segment would be the eighth of its own level, those others go into the same
 * merge instead of into one after it. A segment of some size that is dead by a third is rewritten
 * by itself.
 *
 * Only segments of the same fold are merged, for queries fold in one way. Their lexicons may
 * differ, or a word added every day would leave a segment a day for ever: the merged one then has
 * the stamp of none.
 *
 * The merged segment is one more segment of the batch and becomes visible with it. Dead documents
 * stay behind. The inputs are then empty: all that lived in them lives in it, and like other
 * segments without a live document they are not named any more. Bytes of older generations are held
 * against their checksums before they are merged, for the result gets checksums of its own and
 * damage in it would never be found again.
 *
 * Merging is upkeep and has a time to keep to. A merge that would take longer than what is left of
 * it is not begun, judged by its bytes and by how quickly the merges before went; one that does is
 * given up. When a file cannot be written, as when there is no room for both the inputs and
 * the result, the batch is published without the merge, and the next one tries again. Who asked
 * for one segment waits however long it takes, and is told of a failure. Who is asked to stop
 * gives up the merge and the batch with it.
 */

#include "batch.h"
#include "born.h"
#include "folder.h"
#include "segment_join.h"
#include "sums.h"
#include <stdlib.h>

#define FAN       8  /* segments that make a merge; also how much larger each level is */
#define MERGE_MAX 64 /* segments in one merge: each takes a descriptor and some memory */

enum {
    MERGE_MS = 30000,     /* for merging, unless the caller has another opinion */
    RATE = 40 << 20,      /* bytes merged in a second, before it has been measured */
    MEASURABLE = 1 << 20, /* bytes of a merge that tells the rate */
    REWRITTEN = 64,       /* documents of a segment that is rewritten alone */
    DEAD_PERCENT = 30     /* when more than this is dead */
};

/* The merges of one batch. */
struct upkeep {
    struct ix_writer *w;
    uint64_t deadline_ns; /* 0: none */
    uint64_t rate;        /* bytes in a second */
};

/* ---- which ---- */

struct plan {
    size_t segment[MERGE_MAX]; /* numbers in the manifest to come, ascending */
    size_t n;
    uint64_t documents, bytes; /* live ones */
};

static unsigned level_of(uint64_t documents)
{
    unsigned level = 0;
    for (; documents >= FAN; documents /= FAN)
        level++;
    return level;
}

static uint64_t live(const struct manifest_segment *s)
{
    return s->documents - s->dead;
}

static bool planned(const struct plan *p, size_t segment)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->segment[i] == segment)
            return true;
    return false;
}

/* What of a segment's bytes a merge writes, more or less. */
static uint64_t live_bytes(const struct manifest_segment *s)
{
    return (uint64_t)((double)s->disk * (double)live(s) / (double)s->documents);
}

static void add(struct plan *p, const struct manifest *m, size_t i)
{
    p->segment[p->n++] = i;
    p->documents += live(&m->segment[i]);
    p->bytes += live_bytes(&m->segment[i]);
}

/* Whether a segment may join those planned, which are of this fold. */
static bool fits(const struct plan *p, const struct manifest *m, size_t i, uint32_t fold)
{
    const struct manifest_segment *s = &m->segment[i];
    return p->n < MERGE_MAX && live(s) > 0 && s->fold == fold && !planned(p, i) &&
           p->documents + live(s) < UINT32_MAX;
}

static void add_level(const struct manifest *m, uint32_t fold, unsigned level, struct plan *p)
{
    for (size_t i = 0; i < m->n; i++)
        if (fits(p, m, i, fold) && level_of(live(&m->segment[i])) == level)
            add(p, m, i);
}

static int number_order(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Whether there is time for a merge. */
static bool affordable(const struct upkeep *u, const struct plan *p)
{
    if (!u->deadline_ns)
        return true;
    uint64_t now = clock_ns();
    double seconds = now < u->deadline_ns ? (double)(u->deadline_ns - now) / 1e9 : 0;
    return (double)p->bytes <= seconds * (double)u->rate;
}

/* Add the level that the merged segment would fill, and so on upwards. */
static void cascade(const struct upkeep *u, uint32_t fold, struct plan *p)
{
    for (;;) {
        struct plan more = *p;
        add_level(&u->w->next, fold, level_of(p->documents), &more);
        if (more.n - p->n + 1 < FAN || !affordable(u, &more))
            break;
        *p = more;
    }
    qsort(p->segment, p->n, sizeof(*p->segment), number_order);
}

static bool mostly_dead(const struct manifest_segment *s)
{
    return s->documents >= REWRITTEN && s->dead * 100 > s->documents * DEAD_PERCENT;
}

/* A merge that is due and for which there is time; false when there is none. */
static bool find_merge(const struct upkeep *u, struct plan *p)
{
    const struct manifest *m = &u->w->next;
    for (size_t i = 0; i < m->n; i++) {
        const struct manifest_segment *s = &m->segment[i];
        *p = (struct plan){0};
        if (live(s) == 0)
            continue;
        add_level(m, s->fold, level_of(live(s)), p);
        if (p->n >= FAN && affordable(u, p)) {
            cascade(u, s->fold, p);
            return true;
        }
        *p = (struct plan){0};
        add(p, m, i);
        if (mostly_dead(s) && affordable(u, p))
            return true;
    }
    return false;
}

/* The next merge on the way to one segment a fold without dead documents. */
static bool find_whole(const struct manifest *m, struct plan *p)
{
    for (size_t first = 0; first < m->n; first++) {
        uint32_t fold = m->segment[first].fold;
        *p = (struct plan){0};
        for (size_t i = first; i < m->n; i++)
            if (fits(p, m, i, fold))
                add(p, m, i);
        if (p->n > 1 || (p->n == 1 && m->segment[p->segment[0]].dead > 0))
            return true;
    }
    return false;
}

/* ---- how ---- */

/* All tombstones of a segment, sorted. */
static enum st all_tombs(struct ix_writer *w, size_t i, struct tomb *out, struct err *err)
{
    enum st st = tomb_join(out, &w->dead[i], err);
    if (st == ST_OK && i < w->nold)
        st = batch_join_old_tombs(w, i, out, err);
    tomb_sort(out);
    return st;
}

static enum st open_input(struct ix_writer *w, size_t i, uint32_t base, struct segment_input **out,
                          struct err *err)
{
    const struct manifest_segment *s = &w->next.segment[i];
    char path[FOLDER_PATH_MAX];
    struct tomb dead;
    tomb_init(&dead);
    enum st st = batch_path(w, i, path, err);
    if (st == ST_OK && i < w->nold)
        st = sums_check(path, s->disk, s->sums, NULL, NULL, err);
    if (st == ST_OK)
        st = all_tombs(w, i, &dead, err);
    if (st == ST_OK)
        st = segment_input_new(path, s->documents, &dead, base, out, err);
    tomb_fini(&dead);
    return st;
}

/* Add which generations brought the documents of an input that live. */
static enum st join_born(const struct segment_input *in, struct born *to, struct err *err)
{
    struct born from;
    uint32_t docid = 1;
    born_init(&from);
    enum st st = born_read(in->dir, in->documents, &from, err);
    for (size_t i = 0; i < from.n && st == ST_OK; i++) {
        uint32_t end = docid + from.range[i].documents, alive = 0;
        for (; docid < end; docid++)
            alive += segment_input_docid(in, docid) != 0;
        st = born_add(to, alive, from.range[i].generation, err);
    }
    born_fini(&from);
    return st;
}

static enum st write_born(struct segment_input *const *in, size_t n, const char *path,
                          struct err *err)
{
    struct born born;
    enum st st = ST_OK;
    born_init(&born);
    for (size_t i = 0; i < n && st == ST_OK; i++)
        st = join_born(in[i], &born, err);
    if (st == ST_OK)
        st = born_write(&born, path, err);
    born_fini(&born);
    return st;
}

static enum st write_merged(struct upkeep *u, const struct plan *p, size_t to, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    struct segment_input *in[MERGE_MAX] = {NULL};
    uint32_t base = 0;
    enum st st = batch_tmp_path(u->w, to, path, err);
    if (st != ST_OK)
        return st;
    for (size_t i = 0; i < p->n && st == ST_OK; i++) {
        st = open_input(u->w, p->segment[i], base, &in[i], err);
        if (st != ST_OK)
            break;
        in[i]->deadline_ns = u->deadline_ns;
        in[i]->stopped = u->w->opts.stopped;
        in[i]->stopped_ctx = u->w->opts.stopped_ctx;
        base += in[i]->live;
    }
    if (st == ST_OK)
        st = segment_join(in, p->n, !u->w->opts.optimize, path, u->w->opts.jobs, err);
    if (st == ST_OK)
        st = write_born(in, p->n, path, err);
    for (size_t i = 0; i < p->n; i++)
        segment_input_free(in[i]);
    if (st == ST_OK)
        st = batch_seal_segment(u->w, to, err);
    if (st != ST_OK)
        batch_discard_segment(u->w, to);
    return st;
}

/* The merged segment takes over what lives in an input. */
static void take_over(struct manifest *m, size_t from, size_t to)
{
    struct manifest_segment *s = &m->segment[from], *merged = &m->segment[to];
    merged->documents += live(s);
    merged->body += s->body - s->dead_body;
    s->dead = s->documents;
}

/* The stamp of the lexicon that all inputs were built with; 0 when they differ. */
static uint64_t common_lexicon(const struct manifest *m, const struct plan *p)
{
    uint64_t lexicon = m->segment[p->segment[0]].lexicon;
    for (size_t i = 1; i < p->n; i++)
        if (m->segment[p->segment[i]].lexicon != lexicon)
            return 0;
    return lexicon;
}

static void measure(struct upkeep *u, const struct plan *p, uint64_t ns)
{
    if (p->bytes >= MEASURABLE)
        u->rate = (uint64_t)((double)p->bytes * 1e9 / ((double)ns + 1));
}

static enum st merge(struct upkeep *u, const struct plan *p, struct err *err)
{
    struct manifest *m = &u->w->next;
    uint64_t began = clock_ns();
    enum st st = batch_add_segment(u->w, err);
    if (st != ST_OK)
        return st;
    size_t to = m->n - 1;
    m->segment[to].lexicon = common_lexicon(m, p);
    m->segment[to].fold = m->segment[p->segment[0]].fold;
    st = write_merged(u, p, to, err);
    if (st != ST_OK) {
        m->n--;
        return st;
    }
    for (size_t i = 0; i < p->n; i++)
        take_over(m, p->segment[i], to);
    u->w->changed = true;
    measure(u, p, clock_ns() - began);
    return ST_OK;
}

static enum st merge_whole(struct upkeep *u, struct err *err)
{
    struct plan p;
    enum st st = ST_OK;
    while (st == ST_OK && find_whole(&u->w->next, &p))
        st = merge(u, &p, err);
    return st;
}

enum st batch_merge(struct ix_writer *w, struct err *err)
{
    struct upkeep u = {.w = w, .rate = RATE};
    struct plan p;
    struct err mine = ERR_INIT;
    if (w->opts.optimize)
        return merge_whole(&u, err);
    if (w->opts.merge_ms == IX_NO_MERGE)
        return ST_OK;
    uint64_t ms = w->opts.merge_ms ? w->opts.merge_ms : MERGE_MS;
    u.deadline_ns = clock_ns() + ms * 1000000;
    while (find_merge(&u, &p)) {
        enum st st = merge(&u, &p, &mine);
        if (st == ST_IO || st == ST_DEADLINE)
            return ST_OK;
        if (st != ST_OK)
            return err_set(err, st, "%s", mine.text);
    }
    return ST_OK;
}

bool batch_wants_merge(const struct ix_writer *w)
{
    struct plan p;
    return w->opts.optimize && find_whole(&w->next, &p);
}
