/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_EMIT_H
#define GONGBAO_ANALYSIS_EMIT_H

/* From the words of a chunk to tokens, handed over in batches. */

#include "words.h"

#define EMIT_BATCH 256
#define EMIT_SIDE  1024

struct emitter {
    /* Set by the caller. */
    const struct lex *lex;
    const struct items *it; /* kind[it->n] is no text */
    const struct words *w;
    struct str text;
    bool index; /* see an_for_index */
    an_sink *sink;
    void *ctx;
    enum st st; /* first thing the sink returned that is not ST_OK */
    size_t at;  /* bytes emitted; 0 before the first chunk */
    /* Of its own. */
    struct an_token token[EMIT_BATCH];
    size_t ntokens;
    uint32_t side[EMIT_SIDE]; /* characters of tokens in gaps */
    size_t nside;
    size_t part; /* next of w->part */
};

/* The tokens of items [0, n) of a chunk, with the gaps before and behind them. */
void emit_items(struct emitter *e, size_t n);

/* Hand over what there is. */
void emit_flush(struct emitter *e);

#endif
