/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Queries and the documents that answer them, from two files of cells separated by tabs.
 *
 * Both are read into arrays and sorted, the queries by id and the judgments by query and document,
 * so that the judgments of a query are a slice of the one array and a document is found in it by
 * halving. What is given twice stands side by side then, and is told by its later line. Empty lines
 * are passed over.
 *
 * Numbers of lines bound the arrays, so each is allocated once.
 */

#include "eval.h"

#include <stdlib.h>

struct input {
    struct str text; /* what is left of it */
    const char *name;
    size_t line; /* the one read last, from 1 */
};

static size_t count_lines(struct str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

/* The next line that is not empty; false at the end. */
static bool next_line(struct input *in, struct str *out)
{
    while (in->text.n > 0) {
        *out = str_cut(&in->text, '\n');
        in->line++;
        if (str_ends(*out, STR("\r")))
            out->n--;
        if (str_trim(*out).n > 0)
            return true;
    }
    return false;
}

static enum st bad_line(const struct input *in, size_t line, struct err *err, const char *what)
{
    return err_set(err, ST_REJECTED, "%s:%zu: %s", in->name, line, what);
}

/* ---- queries ---- */

static int by_id(const void *a, const void *b)
{
    const struct eval_query *x = a, *y = b;
    int c = str_cmp(x->id, y->id);
    return c ? c : (x->line > y->line) - (x->line < y->line);
}

static enum st read_queries(struct input *in, struct arena *a, struct eval_set *out,
                            struct err *err)
{
    struct str rest;
    out->query = arena_calloc(a, count_lines(in->text), sizeof(*out->query));
    out->n = 0;
    if (!out->query)
        return err_nomem(err);
    while (next_line(in, &rest)) {
        struct str id = str_trim(str_cut(&rest, '\t')), text = str_trim(rest);
        if (id.n == 0 || text.n == 0)
            return bad_line(in, in->line, err, "expected ID, a tab, and the text of a query");
        out->query[out->n++] = (struct eval_query){.id = id, .text = text, .line = in->line};
    }
    qsort(out->query, out->n, sizeof(*out->query), by_id);
    for (size_t i = 1; i < out->n; i++)
        if (str_eq(out->query[i].id, out->query[i - 1].id))
            return bad_line(in, out->query[i].line, err, "the id of this query is given twice");
    return ST_OK;
}

/* ---- judgments ---- */

static int by_query_document(const void *a, const void *b)
{
    const struct eval_judgment *x = a, *y = b;
    int c = str_cmp(x->query, y->query);
    if (c == 0)
        c = str_cmp(x->document, y->document);
    return c ? c : (x->line > y->line) - (x->line < y->line);
}

/* QUERY TAB [0 TAB] DOCUMENT TAB GRADE. */
static bool read_judgment(struct str line, struct eval_judgment *out)
{
    struct str cell[5];
    size_t n = 0;
    uint64_t grade;
    while (line.n > 0 && n < 5)
        cell[n++] = str_trim(str_cut(&line, '\t'));
    if (n < 3 || n > 4 || (n == 4 && !str_eq(cell[1], STR("0"))))
        return false;
    if (!str_u64(cell[n - 1], EVAL_GRADE_MAX, &grade))
        return false;
    out->query = cell[0];
    out->document = cell[n - 2];
    out->grade = (uint32_t)grade;
    return out->query.n > 0 && out->document.n > 0;
}

static enum st read_qrels(struct input *in, struct arena *a, struct eval_judgment **out, size_t *n,
                          struct err *err)
{
    struct str line;
    struct eval_judgment *j = arena_calloc(a, count_lines(in->text), sizeof(*j));
    *n = 0;
    if (!j)
        return err_nomem(err);
    while (next_line(in, &line)) {
        if (!read_judgment(line, &j[*n]))
            return bad_line(in, in->line, err,
                            "expected QUERY, DOCUMENT and a grade from 0 to 1000, with tabs "
                            "between them");
        j[(*n)++].line = in->line;
    }
    qsort(j, *n, sizeof(*j), by_query_document);
    for (size_t i = 1; i < *n; i++)
        if (str_eq(j[i].query, j[i - 1].query) && str_eq(j[i].document, j[i - 1].document))
            return bad_line(in, j[i].line, err, "this document is judged twice for this query");
    *out = j;
    return ST_OK;
}

static bool has_answer(const struct eval_query *q)
{
    for (size_t i = 0; i < q->njudged; i++)
        if (q->judged[i].grade > 0)
            return true;
    return false;
}

/* Both are in the order of the query's id: one walk through them gives each query its slice. */
static void join(struct eval_set *set, const struct eval_judgment *j, size_t n)
{
    size_t at = 0, kept = 0;
    for (size_t i = 0; i < set->n; i++) {
        struct eval_query q = set->query[i];
        while (at < n && str_cmp(j[at].query, q.id) < 0)
            at++;
        q.judged = j + at;
        while (at < n && str_eq(j[at].query, q.id))
            at++;
        q.njudged = (size_t)(j + at - q.judged);
        if (has_answer(&q))
            set->query[kept++] = q;
    }
    set->n = kept;
}

enum st eval_read(struct str queries, const char *queries_name, struct str qrels,
                  const char *qrels_name, struct arena *a, struct eval_set *out, struct err *err)
{
    struct input q = {queries, queries_name, 0}, r = {qrels, qrels_name, 0};
    struct eval_judgment *j = NULL;
    size_t n = 0;
    enum st st = read_queries(&q, a, out, err);
    if (st == ST_OK)
        st = read_qrels(&r, a, &j, &n, err);
    if (st != ST_OK)
        return st;
    join(out, j, n);
    return ST_OK;
}

static int document_of(const void *key, const void *judgment)
{
    const struct eval_judgment *j = judgment;
    return str_cmp(*(const struct str *)key, j->document);
}

uint32_t eval_grade(const struct eval_query *q, struct str document)
{
    const struct eval_judgment *j =
        bsearch(&document, q->judged, q->njudged, sizeof(*q->judged), document_of);
    return j ? j->grade : 0;
}
