/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_CMD_EVAL_H
#define GONGBAO_CMD_EVAL_H

/* What gongbao eval is made of: judged queries, and measures of a ranked list. */

#include <gongbao/arena.h>
#include <gongbao/err.h>

#define EVAL_GRADE_MAX 1000

/* One line of the qrels: how good an answer the document is; 0: none. */
struct eval_judgment {
    struct str query, document;
    uint32_t grade;
    size_t line;
};

struct eval_query {
    struct str id, text;
    size_t line;
    const struct eval_judgment *judged; /* ascending by document */
    size_t njudged;
};

struct eval_set {
    struct eval_query *query; /* those with an answer, ascending by id */
    size_t n;
};

/* Read both files. Everything in *out points into the arena or into the bytes given. ST_REJECTED
 * with "NAME:LINE: what is wrong"; ST_NO_MEMORY. */
enum st eval_read(struct str queries, const char *queries_name, struct str qrels,
                  const char *qrels_name, struct arena *a, struct eval_set *out, struct err *err);

/* The grade of a document for a query, 0 when nothing is said about it. */
uint32_t eval_grade(const struct eval_query *q, struct str document);

/* The measures below take the grades of the hits, best hit first, and look at depth of them. */

/* 1 / rank of the first answer, 0 without one. */
double eval_reciprocal_rank(const uint32_t *grade, size_t n, size_t depth);

/* Normalised discounted cumulated gain: the sum of grade / log2(1 + rank) over that of the best
 * order, given by the grades of all answers, the highest first. (Järvelin and Kekäläinen, Cumulated
 * gain-based evaluation of IR techniques, 2002, with the discount that is usual today: theirs
 * leaves the first two ranks alike.) */
double eval_ndcg(const uint32_t *grade, size_t n, const uint32_t *best, size_t nbest, size_t depth);

/* The share of all answers that are among the hits. */
double eval_recall(const uint32_t *grade, size_t n, size_t answers, size_t depth);

/* The smallest of the values below or at which a share of them lies (0.5: the median). values are
 * ascending and at least one. */
double eval_percentile(const double *value, size_t n, double share);

#endif
