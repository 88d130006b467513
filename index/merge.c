/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeping the segments few.
 *
 * Segments are sorted into levels by how many documents were written into them: 1 to 7, 8 to 63,
 * 64 to 511, and so on, each level eight times the one before. When a batch leaves eight or more of
 * one level, they are merged into one, which then is of a higher level. So there are at most seven
 * of each level, and no document is ever rewritten more often than there are levels: eleven, for
 * docids have 32 bits. When the merged segment would be the eighth of its own level, those others
 * go into the same merge instead of into one after it.
 *
 * Only segments of the same fold are merged, for queries fold in one way. Their lexicons may
 * differ, or a word added every day would leave a segment a day for ever: the merged one then has
 * the stamp of none.
 *
 * The merged segment is one more segment of the batch and becomes visible with it. Its inputs are
 * then empty: all that lived in them lives in it, and like other segments without a live document
 * they are not named any more. Merging is upkeep: when a file cannot be read or written, as when
 * there is no room for both the inputs and the result, the batch is published without it, and the
 * next one tries again.
 */

#include "batch.h"
#include "folder.h"
#include "segment_merge.h"
#include <stdlib.h>

#define FAN       8  /* segments that make a merge; also how much larger each level is */
#define MERGE_MAX 64 /* segments in one merge: each takes two descriptors */

/* ---- which ---- */

struct plan {
    size_t segment[MERGE_MAX]; /* numbers in the manifest to come, ascending */
    size_t n;
    uint64_t documents;
};

static unsigned level_of(uint64_t documents)
{
    unsigned level = 0;
    for (; documents >= FAN; documents /= FAN)
        level++;
    return level;
}

static bool live(const struct manifest_segment *s)
{
    return s->dead < s->documents;
}

static bool planned(const struct plan *p, size_t segment)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->segment[i] == segment)
            return true;
    return false;
}

/* Add the segments of a level that were folded like s. */
static void add_level(const struct manifest *m, const struct manifest_segment *s, unsigned level,
                      struct plan *p)
{
    for (size_t i = 0; i < m->n && p->n < MERGE_MAX; i++) {
        const struct manifest_segment *other = &m->segment[i];
        if (!live(other) || level_of(other->documents) != level || other->fold != s->fold ||
            planned(p, i) || p->documents + other->documents > UINT32_MAX)
            continue;
        p->segment[p->n++] = i;
        p->documents += other->documents;
    }
}

static int number_order(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Add the level that the merged segment would fill, and so on upwards. */
static void cascade(const struct manifest *m, const struct manifest_segment *s, struct plan *p)
{
    for (;;) {
        struct plan more = *p;
        add_level(m, s, level_of(p->documents), &more);
        if (more.n - p->n + 1 < FAN)
            break;
        *p = more;
    }
    qsort(p->segment, p->n, sizeof(*p->segment), number_order);
}

/* A merge that is due; false when there is none. */
static bool find_merge(const struct manifest *m, struct plan *p)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct manifest_segment *s = &m->segment[i];
        if (!live(s))
            continue;
        *p = (struct plan){0};
        add_level(m, s, level_of(s->documents), p);
        if (p->n < FAN)
            continue;
        cascade(m, s, p);
        return true;
    }
    return false;
}

/* ---- how ---- */

static enum st write_merged(struct ix_writer *w, const struct plan *p, size_t to, struct err *err)
{
    char path[FOLDER_PATH_MAX];
    const char *name[MERGE_MAX];
    for (size_t i = 0; i < p->n; i++)
        name[i] = w->next.segment[p->segment[i]].name;
    enum st st = batch_tmp_path(w, to, path, err);
    if (st != ST_OK)
        return st;
    st = segment_merge(w->dir, name, p->n, path, err);
    if (st == ST_OK)
        st = batch_seal_segment(w, to, err);
    if (st != ST_OK)
        file_remove_tree(path, NULL);
    return st;
}

static enum st move_tombs(struct ix_writer *w, size_t from, size_t to, uint32_t shift,
                          struct err *err)
{
    enum st st = tomb_join(&w->dead[to], &w->dead[from], shift, err);
    if (st == ST_OK && from < w->nold)
        st = tomb_join(&w->dead[to], reader_tomb(w->reader, from), shift, err);
    return st;
}

/* The merged segment takes over what the manifest says of an input. */
static enum st take_over(struct ix_writer *w, size_t from, size_t to, struct err *err)
{
    struct manifest_segment *s = &w->next.segment[from], *merged = &w->next.segment[to];
    enum st st = move_tombs(w, from, to, (uint32_t)merged->documents, err);
    if (st != ST_OK)
        return st;
    merged->documents += s->documents;
    merged->body += s->body;
    merged->dead += s->dead;
    merged->dead_body += s->dead_body;
    merged->dead_since = merged->dead > 0 ? w->next.generation : 0;
    s->dead = s->documents;
    return ST_OK;
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

static enum st merge(struct ix_writer *w, const struct plan *p, struct err *err)
{
    enum st st = batch_add_segment(w, err);
    if (st != ST_OK)
        return st;
    size_t to = w->next.n - 1;
    w->next.segment[to].lexicon = common_lexicon(&w->next, p);
    w->next.segment[to].fold = w->next.segment[p->segment[0]].fold;
    st = write_merged(w, p, to, err);
    if (st != ST_OK)
        w->next.n--;
    for (size_t i = 0; st == ST_OK && i < p->n; i++)
        st = take_over(w, p->segment[i], to, err);
    return st;
}

enum st batch_merge(struct ix_writer *w, struct err *err)
{
    struct plan p;
    struct err mine = ERR_INIT;
    while (find_merge(&w->next, &p)) {
        enum st st = merge(w, &p, &mine);
        if (st == ST_IO)
            return ST_OK;
        if (st != ST_OK)
            return err_set(err, st, "%s", mine.text);
    }
    return ST_OK;
}
