/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Measures of a ranked list whose answers are known.
 *
 * Each is a pure function of the grades of the hits, best hit first; an answer is a hit with a
 * grade over 0. A list may be shorter than the depth asked for: what is not there has no grade.
 * Means over queries are taken by the caller.
 */

#include "eval.h"

#include <math.h>

static size_t within(size_t n, size_t depth)
{
    return n < depth ? n : depth;
}

double eval_reciprocal_rank(const uint32_t *grade, size_t n, size_t depth)
{
    for (size_t i = 0; i < within(n, depth); i++)
        if (grade[i] > 0)
            return 1 / (double)(i + 1);
    return 0;
}

static double cumulated_gain(const uint32_t *grade, size_t n, size_t depth)
{
    double gain = 0;
    for (size_t i = 0; i < within(n, depth); i++)
        gain += grade[i] / log2((double)i + 2);
    return gain;
}

double eval_ndcg(const uint32_t *grade, size_t n, const uint32_t *best, size_t nbest, size_t depth)
{
    double most = cumulated_gain(best, nbest, depth);
    return most > 0 ? cumulated_gain(grade, n, depth) / most : 0;
}

double eval_recall(const uint32_t *grade, size_t n, size_t answers, size_t depth)
{
    size_t found = 0;
    for (size_t i = 0; i < within(n, depth); i++)
        found += grade[i] > 0;
    return answers > 0 ? (double)found / (double)answers : 0;
}

double eval_percentile(const double *value, size_t n, double share)
{
    size_t rank = (size_t)ceil(share * (double)n);
    return value[rank > 0 ? rank - 1 : 0];
}
