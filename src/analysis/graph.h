/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_GRAPH_H
#define GONGBAO_ANALYSIS_GRAPH_H

/* The word graph of a chunk, for looking at. */

#include "words.h"

struct graph {
    /* Set by the caller. */
    const struct lex *lex; /* may be NULL */
    const struct items *it;
    const struct words *w;
    an_edge_sink *sink;
    void *ctx;
    /* Zero before the first chunk. */
    uint32_t place; /* items of the chunks before */
    uint64_t total; /* cost of their paths */
};

/* The edges between the items [0, n), which segment_items has just seen. Returns what the sink
 * returned. */
enum st graph_chunk(struct graph *g, size_t n);

#endif
