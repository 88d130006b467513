/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The flow of documents through the hands of a crew.
 *
 *     main thread:   read, check, admit --> open parcel        taken parcel --> writer, report
 *                                               | full              ^
 *                                               v                   | in order
 *     crew:                            terms, flaws, postings of each parcel
 *
 * The main thread fills one parcel and gives it away when its chunk is full. When the crew has as
 * many as it may, two more than hands, it waits for the oldest one first: so memory is bounded, and
 * the next parcel is ready before a hand is free. A parcel with a huge document is worked on alone.
 * The crew is hired when the first parcel is full;
 * a small batch is done by the main thread alone.
 *
 * Whatever the report says goes through parcels as well, and is written when they come out: its
 * lines are then in the order of reading, and so are the first failure and what was counted before
 * it.
 */
#include "flow.h"

#include <stdlib.h>

static const char *const flaw_name[FLAWS] = {
    [FLAW_READING] = "damaged readings",
    [FLAW_LOST] = "characters lost before they came here",
    [FLAW_ENTITY] = "HTML entities left in the text",
};

void flow_init(struct flow *f, const struct ing_opts *opts, struct report *report,
               struct progress *progress)
{
    *f = (struct flow){.opts = opts, .report = report, .progress = progress};
    f->jobs = opts->jobs > 0 ? opts->jobs : crew_cores();
}

void flow_fini(struct flow *f)
{
    void *p;
    if (f->crew) {
        crew_cancel(f->crew);
        while (crew_take(f->crew, &p, NULL), p)
            parcel_free(p);
    }
    crew_free(f->crew);
    parcel_free(f->open);
    for (size_t i = 0; i < f->nhand; i++)
        hand_fini(&f->hand[i]);
    free(f->hand);
    free(f->tool);
}

/* ---- what comes out ---- */

static enum st report_lines(struct flow *f, struct str lines, struct err *err)
{
    progress_clear(f->progress);
    return report_add(f->report, lines, err);
}

static void add_flaws(struct flow *f, const struct note *note)
{
    for (size_t i = 0; i < FLAWS; i++) {
        if (f->flaw[i].count == 0)
            f->flaw[i].line = note->line;
        f->flaw[i].count += note->flaw[i];
    }
}

static enum st tell_flaws(struct flow *f, const char *source, struct err *err)
{
    struct buf text;
    enum st st = ST_OK;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < FLAWS; i++)
        if (f->flaw[i].count > 0)
            report_warning(&text, source, f->flaw[i].line, flaw_name[i], f->flaw[i].count);
    memset(f->flaw, 0, sizeof(f->flaw));
    if (!buf_ok(&text))
        st = err_nomem(err);
    else if (text.n > 0)
        st = report_lines(f, buf_str(&text), err);
    buf_fini(&text);
    return st;
}

/* Act upon the notes of a parcel, up to the one at which work failed. */
static enum st tell(struct flow *f, const struct parcel *p, struct err *err)
{
    const char *text = p->text.p;
    enum st st = ST_OK;
    for (size_t i = 0; i < p->done && st == ST_OK; i++) {
        const struct note *note = &p->note[i];
        if (note->kind == NOTE_DOCUMENT) {
            add_flaws(f, note);
        } else if (note->kind == NOTE_SOURCE_END) {
            st = tell_flaws(f, note->source, err);
        } else {
            f->rejected += note->kind == NOTE_REJECTED;
            st = report_lines(f, str_from(text, note->bytes), err);
            text += note->bytes;
        }
    }
    return st;
}

/* Let the oldest parcel come out; *any tells whether there was one. */
static enum st take(struct flow *f, bool *any, struct err *err)
{
    struct err mine = ERR_INIT;
    void *job;
    enum st worked = crew_take(f->crew, &job, &mine);
    struct parcel *p = job;
    *any = p != NULL;
    if (!p)
        return ST_OK;
    enum st st = tell(f, p, err);
    if (st == ST_OK && worked != ST_OK) {
        st = worked;
        if (err)
            *err = mine;
    }
    if (st == ST_OK && p->chunk && !f->failed) {
        st = ix_writer_take(f->writer, p->chunk, err);
        p->chunk = NULL;
    }
    parcel_free(p);
    f->broken = st != ST_OK;
    return st;
}

static enum st take_all(struct flow *f, struct err *err)
{
    enum st st = ST_OK;
    for (bool any = f->crew != NULL; any && st == ST_OK;)
        st = take(f, &any, err);
    return st;
}

/* ---- what goes in ---- */

static enum st hire(struct flow *f, size_t n, struct err *err)
{
    enum st st = ST_OK;
    f->hand = calloc(n, sizeof(*f->hand));
    f->tool = calloc(n, sizeof(*f->tool));
    if (!f->hand || !f->tool)
        return err_nomem(err);
    for (; f->nhand < n && st == ST_OK; f->nhand++) {
        f->tool[f->nhand] = &f->hand[f->nhand];
        st = hand_init(&f->hand[f->nhand], f->opts->lexicon, f->opts->title_weight, f->opts->stop,
                       err);
    }
    if (st != ST_OK)
        return st;
    return crew_new(parcel_work, f->tool, n, n > 1 ? n + 2 : 1, &f->crew, err);
}

/* Give the open parcel to the crew; a huge one when nothing else is at work, and nothing else
 * before it is done. */
static enum st give(struct flow *f, struct err *err)
{
    bool any;
    enum st st = ST_OK;
    if (crew_full(f->crew))
        st = take(f, &any, err);
    if (st == ST_OK)
        st = ix_writer_detach(f->writer, &f->open->chunk, err);
    bool alone = st == ST_OK && f->open->chunk && ix_chunk_huge(f->open->chunk);
    if (alone)
        st = take_all(f, err);
    if (st != ST_OK)
        return st;
    crew_give(f->crew, f->open);
    f->open = NULL;
    return alone ? take_all(f, err) : ST_OK;
}

/* The text of the open parcel, to append a line for the report to; NULL without memory. */
static struct buf *open_text(struct flow *f, struct err *err)
{
    if (!f->open)
        f->open = parcel_new();
    if (!f->open)
        err_nomem(err);
    return f->open ? &f->open->text : NULL;
}

static enum st put_in(struct flow *f, const struct note *note, struct err *err)
{
    if (!open_text(f, err))
        return ST_NO_MEMORY;
    enum st st = parcel_note(f->open, note, err);
    if (st != ST_OK || !(ix_writer_chunk_full(f->writer) || parcel_full(f->open)))
        return st;
    if (!f->crew)
        st = hire(f, f->jobs, err);
    return st == ST_OK ? give(f, err) : st;
}

enum st flow_document(struct flow *f, const char *source, uint64_t line, struct err *err)
{
    return put_in(f, &(struct note){.kind = NOTE_DOCUMENT, .source = source, .line = line}, err);
}

enum st flow_rejected(struct flow *f, const char *source, uint64_t line, struct str id,
                      const struct err *why, struct err *err)
{
    struct buf *text = open_text(f, err);
    if (!text)
        return ST_NO_MEMORY;
    size_t before = text->n;
    report_rejected(text, source, line, id, why);
    return put_in(f, &(struct note){.kind = NOTE_REJECTED, .bytes = text->n - before}, err);
}

enum st flow_warning(struct flow *f, const char *source, const char *warning, uint64_t count,
                     struct err *err)
{
    struct buf *text = open_text(f, err);
    if (!text)
        return ST_NO_MEMORY;
    size_t before = text->n;
    report_warning(text, source, 0, warning, count);
    return put_in(f, &(struct note){.kind = NOTE_WARNING, .bytes = text->n - before}, err);
}

enum st flow_source_end(struct flow *f, const char *source, struct err *err)
{
    return put_in(f, &(struct note){.kind = NOTE_SOURCE_END, .source = source}, err);
}

enum st flow_finish(struct flow *f, struct err *err)
{
    enum st st = ST_OK;
    if (f->open && !f->crew)
        st = hire(f, 1, err);
    if (st == ST_OK && f->open)
        st = give(f, err);
    return st == ST_OK ? take_all(f, err) : st;
}

enum st flow_fail(struct flow *f, enum st st, struct err *err)
{
    struct err earlier = ERR_INIT;
    f->failed = true;
    if (f->broken)
        return st;
    enum st found = take_all(f, &earlier);
    if (found == ST_OK && f->open) {
        f->open->done = f->open->n;
        found = tell(f, f->open, &earlier);
    }
    if (found == ST_OK)
        return st;
    if (err)
        *err = earlier;
    return found;
}
