/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_GLASS_PAIR_H
#define GONGBAO_GLASS_PAIR_H

/* A database that this room writes and one that libxapian writes of the same documents. Included
 * behind harness.h. */

#include "../../index/glass_compare.h"
#include "../../index/invert.h"
#include "../../index/segment_builder.h"
#include "random_document.h"
#include <gongbao/file.h>

/* Both writers, fed alike. */
struct pair {
    char *folder;
    char ours[PATH_MAX], theirs[PATH_MAX];
    struct glass *glass;
    struct invert *invert;
    struct run **run;
    size_t nrun;
    uint32_t first, last; /* docids in the run at hand */
    uint32_t run_docs;    /* documents after which a run ends */
    unsigned jobs;
    struct library_writer *library;
    struct err err;
};

#define assert_ok(actual, p) check_ok((actual), (p), __FILE__, __LINE__)

static inline void check_ok(enum st st, const struct pair *p, const char *file, int line)
{
    if (st == ST_OK)
        return;
    print_error("status %d: %s\n", (int)st, p->err.text);
    _fail(file, line);
}

static inline int set_up(void **state)
{
    struct pair *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    p->folder = harness_folder();
    snprintf(p->ours, sizeof(p->ours), "%s/ours", p->folder);
    snprintf(p->theirs, sizeof(p->theirs), "%s/theirs", p->folder);
    assert_ok(glass_new(p->ours, &p->glass, &p->err), p);
    p->invert = invert_new();
    assert_non_null(p->invert);
    p->run_docs = 1000;
    p->jobs = 3;
    assert_ok(library_new(p->theirs, &p->library, &p->err), p);
    *state = p;
    return 0;
}

static inline int tear_down(void **state)
{
    struct pair *p = *state;
    glass_free(p->glass);
    invert_free(p->invert);
    for (size_t i = 0; i < p->nrun; i++)
        run_free(p->run[i]);
    free(p->run);
    library_free(p->library);
    assert_int_equal(file_remove_tree(p->folder, NULL), ST_OK);
    free(p->folder);
    free(p);
    return 0;
}

/* End the run at hand, if there is one. */
static inline void end_run(struct pair *p)
{
    if (!p->last)
        return;
    p->run = realloc(p->run, (p->nrun + 1) * sizeof(struct run *));
    assert_non_null(p->run);
    assert_ok(invert_end(p->invert, &p->run[p->nrun], &p->err), p);
    p->run[p->nrun++]->base = p->first - 1;
    p->last = 0;
}

/* The documents of a run are numbered without gaps. */
static inline void invert(struct pair *p, uint32_t docid, const struct library_doc *doc)
{
    if (docid != p->last + 1 || docid - p->first >= p->run_docs)
        end_run(p);
    if (!p->last)
        p->first = docid;
    p->last = docid;
    assert_ok(invert_add(p->invert, doc->terms, doc->nterms, &p->err), p);
    assert_ok(invert_end_document(p->invert, &p->err), p);
}

/* A document to both. */
static inline void add(struct pair *p, uint32_t docid, const struct library_doc *doc)
{
    uint32_t length = 0;
    for (size_t i = 0; i < doc->nterms; i++)
        length += doc->terms[i].wdf;
    assert_ok(glass_document(p->glass, docid, length, doc->data, &p->err), p);
    for (size_t i = 0; i < doc->nvalues; i++)
        assert_ok(glass_value(p->glass, docid, doc->values[i].slot, doc->values[i].bytes, &p->err),
                  p);
    invert(p, docid, doc);
    assert_ok(library_add(p->library, docid, doc, &p->err), p);
}

static inline void add_metadata(struct pair *p, struct str name, struct str value)
{
    assert_ok(glass_metadata(p->glass, name, value, &p->err), p);
    assert_ok(library_metadata(p->library, name, value, &p->err), p);
}

static inline enum st put_terms(struct pair *p)
{
    end_run(p);
    const struct post_input **input = calloc(p->nrun + 1, sizeof(const struct post_input *));
    assert_non_null(input);
    for (size_t i = 0; i < p->nrun; i++)
        input[i] = &p->run[i]->input;
    enum st st = glass_terms(p->glass, input, p->nrun, p->jobs, &p->err);
    free(input);
    return st;
}

static inline void finish_and_compare(struct pair *p)
{
    assert_ok(put_terms(p), p);
    assert_ok(glass_finish(p->glass, &p->err), p);
    assert_ok(library_finish(p->library, &p->err), p);
    assert_ok(glass_check(p->ours, &p->err), p);
    assert_ok(glass_compare(p->theirs, p->ours, &p->err), p);
}

static inline void random_collection(struct pair *p, struct dice *d, uint32_t documents,
                                     uint32_t gap)
{
    enum { TERMS = 60 };
    static char room[TERMS][128], value_room[10][300], data[5000];
    struct ix_term terms[TERMS];
    struct seg_value values[10];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)dice_below(d, i % 1000 + 1);
    uint32_t docid = 0;
    for (uint32_t i = 0; i < documents; i++) {
        docid += 1 + (uint32_t)dice_below(d, gap);
        size_t at = dice_below(d, 4000);
        struct library_doc doc = {
            .data =
                str_from(data + at, dice_below(d, dice_once_in(d, 50) ? sizeof(data) - at : 30)),
            .terms = terms,
            .nterms = dice_once_in(d, 50) ? 0 : random_terms(d, room, terms, TERMS - 1),
            .values = values,
            .nvalues = random_values(d, value_room, values),
        };
        add(p, docid, &doc);
    }
}

#endif
