/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SEARCH_H
#define SEARCH_H

/* What the files of this room share. */

#include "trace.h"

#include <gongbao/map.h>
#include <gongbao/words.h>

/* One index of the searcher. */
struct source {
    const struct srch_index *name;
    struct ix_reader *reader; /* NULL until it could be opened */
    struct err err;           /* of the last opening that failed; st is ST_OK when it is current */
    uint64_t retry_ns;        /* a damaged one is not tried again before */
    uint64_t wait_ns;         /* and not before so long the next time */
    uint64_t damaged;         /* segments of the reader that are known to be */
};

struct srch {
    const struct srch_opts *opts;
    const struct lex *lex; /* NULL: opts names none */
    struct lex *mapped;    /* the same, when it was opened here */
    struct an *an;
    struct source *source; /* opts->nindex of them */
    struct ix_view *all;   /* of every reader there is; NULL until it is needed */
    int watch;             /* of every index's folder; -1: none */
    struct map stop;       /* stop words, folded */
    struct an_text scratch;
    struct q_check check;
    struct q_synonyms *synonyms; /* NULL: opts names none */
    struct words *words;         /* of all indexes; NULL until it is whole for the first time */
    struct words *making;        /* the next, over `all` */
    bool words_due;              /* the next is not whole yet */
    struct err words_err;        /* why it could not be made, as long as there is none */
    uint64_t making_ns;          /* what it has taken so far */
    uint64_t words_rest_ns;      /* it is not begun before */
    bool cold;                   /* there may be texts to fold ahead */
    struct trace *trace;         /* where steps are noted, or NULL */
};

/* What a request looks into. */
struct scope {
    struct ix_view *view;
    bool own; /* made for this request */
    uint64_t generation;
    const char **name; /* of each index in the view, by its number there */
    struct err damage; /* of the first thing that is left out because of it; st is ST_OK for none */
};

/* The scope of a list of names; all of them when it is empty. Errors as srch_search. */
enum st srch_scope(struct srch *s, struct str in, struct arena *a, struct scope *out,
                   struct err *err);
void srch_unscope(struct scope *scope);

/* After a request that ended with st, its scope given back: note the damage that came to light.
 * Whether the request should be run again, now without what is damaged. */
bool srch_again(struct srch *s, enum st st);

/* How a request's text is read. What a plan looks for in stored text, it does with the searcher's
 * memory; see struct q_check. */
struct q_opts srch_query_opts(struct srch *s, bool strict);

/* Whether the time of a request is over; looks at the clock. */
bool srch_is_late(const struct srch_request *req);

/* A date as 20241031. */
uint32_t srch_day(const struct an_date *d);

/* Read a file of stop words. ST_IO; ST_CONFIG. */
enum st srch_stop_load(struct srch *s, const char *path, struct err *err);

/* The table of words. If there is none it is made now, until the clock passes until_ns (0: to its
 * end); NULL when it is not whole by then. Errors as srch_scope; the same again for a while, before
 * it is tried anew. */
enum st srch_words(struct srch *s, uint64_t until_ns, struct words **out, struct err *err);

/* What was being made of the next table is of no use any more. */
void srch_words_drop(struct srch *s);

/* What may have been meant by a query that has no hit as it stands, at most `want` texts. After
 * until_ns (0: never) only what is likeliest is tried. Errors as srch_search. */
enum st srch_meaning(struct srch *s, const struct srch_request *req, size_t want, uint64_t until_ns,
                     struct arena *a, struct srch_meant *out, struct err *err);

/* srch_search, taking the query as it stands. */
enum st srch_search_plain(struct srch *s, const struct srch_request *req, struct arena *a,
                          struct srch_result *out, struct err *err);

/* The request that srch_search ends with: with another text where letters are read as pinyin.
 * *found tells by via and meant. Errors as srch_search. */
enum st srch_as_read(struct srch *s, const struct srch_request *req, struct arena *a,
                     struct srch_request *out, struct srch_result *found, struct err *err);

/* The query under the conditions that the request makes beside it. NULL without memory. */
struct ix_node *srch_filtered(struct srch *s, const struct srch_request *req, struct ix_node *query,
                              struct arena *a);

/* Try again the indexes that have no reader. */
void srch_open_missing(struct srch *s);

#endif
