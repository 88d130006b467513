/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_REPLY_H
#define NET_REPLY_H

#include <gongbao/buf.h>
#include <gongbao/err.h>
#include <gongbao/search.h>

enum reply_fmt { REPLY_TEXT, REPLY_JSON };

/* A finished reply of a worker, still without its tag. */
struct answer {
    struct str bytes;
    int code;
    size_t tag_at, mark_at; /* as in struct reply */
    bool may_cache;         /* as long as the state below holds, the same request has it again */
    uint64_t state;         /* of the indexes, see srch_opened */
    uint64_t total;         /* hits, of a search */
    uint64_t us;            /* microseconds that the work took */
};

/* A reply under construction. The same calls write either form:
 *
 *     reply_begin(&r, 200, "count");
 *     reply_num(&r, "n", 37);
 *     reply_end(&r);
 *
 * gives "200 count n=37\n" or {"code":200,"name":"count","n":37} and a line feed. Whatever is
 * appended, the text form holds no control character but the separators, and the JSON form is one
 * line. */
struct reply {
    struct buf *out;
    enum reply_fmt fmt;
    struct str tag; /* empty: none */
    int code;       /* set by reply_begin */
    size_t tag_at;  /* where in this reply a tag may be put in later; from its first byte */
    size_t mark_at; /* the same for more values of the first line */
    size_t begun;   /* where in out it begins */
    bool row_open;  /* nothing of the row is there yet */
    bool any_row;
};

void reply_begin(struct reply *r, int code, const char *name);
void reply_num(struct reply *r, const char *key, uint64_t v);
void reply_real(struct reply *r, const char *key, double v);

/* "ms", to two places: no clock here is better. */
void reply_ms(struct reply *r, double ms);
void reply_flag(struct reply *r, const char *key, bool v); /* 1, 0; true, false */

/* In text only the last value of a line may hold spaces. */
void reply_str(struct reply *r, const char *key, struct str v);
void reply_end(struct reply *r);

/* More values may be put into the first line here, later: see reply_finish. */
void reply_mark(struct reply *r);

/* Append a reply that was written without a tag, putting in what came to be known since: its tag,
 * which may be empty, and that it was not searched for again. */
void reply_finish(struct buf *out, enum reply_fmt fmt, const struct answer *a, struct str tag,
                  bool cached);

/* Rows: in text lines of cells behind the first line, in JSON objects in the array `key`. They
 * come last; reply_rows_end also ends the reply. */
void reply_rows_begin(struct reply *r, const char *key);
void reply_row_begin(struct reply *r);
void reply_cell(struct reply *r, const char *key, struct str v);
void reply_cell_num(struct reply *r, const char *key, uint64_t v);
void reply_cell_real(struct reply *r, const char *key, double v);
void reply_row_end(struct reply *r);
void reply_rows_end(struct reply *r);

/* Append v with everything a terminal could take for a command escaped: \t \n \\ \xNN \uXXXX. */
void reply_escape(struct buf *b, struct str v);

/* Append the text of a snippet likewise, each mark in brackets. */
void reply_marked(struct buf *b, const struct snip *s);

/* Append its marks as objects of a JSON array, behind others if there are any. */
void reply_highlights(struct buf *b, const char *field, const struct snip *s, bool *any);

/* An error. usage may be NULL; retry_ms 0: not told. */
void reply_error(struct reply *r, const struct err *err, const char *usage, uint64_t retry_ms);

/* Facets, as the last rows of a reply (see reply_facets.c); then reply_rows_end. */
void reply_facets(struct reply *r, const struct srch_facet *facet, size_t n);

/* In a first line: how a query was read, and what it was read as; nothing where both are empty. */
void reply_meant(struct reply *r, const char *via, struct str meant);

/* Whole replies. With copies, hits tell how many others have nearly their text. */
void reply_hits(struct reply *r, const struct srch_result *res, bool copies);
void reply_count(struct reply *r, const struct srch_result *res);
void reply_kwic(struct reply *r, const struct srch_uses *res);
void reply_first(struct reply *r, const struct srch_uses *res);
void reply_trend(struct reply *r, const struct srch_trend *res);
void reply_suggestions(struct reply *r, struct str text, const struct srch_suggestion *list,
                       size_t n);
void reply_spelling(struct reply *r, const struct srch_meant *meant);
void reply_similar(struct reply *r, const struct srch_similar *res);
void reply_document(struct reply *r, const struct ix_doc *doc, const char *index);
void reply_tokens(struct reply *r, const struct srch_token *tok, size_t n);
void reply_graph(struct reply *r, const struct srch_edge *edge, size_t n);
void reply_explained(struct reply *r, const struct srch_explained *x);
void reply_why(struct reply *r, const struct srch_why *why);

/* counters: lines of "key=number", those whose keys share the part before a dot side by side. */
void reply_stats(struct reply *r, const struct srch_stats *s, struct str counters);

#endif
