/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef QUERY_SCAN_H
#define QUERY_SCAN_H

/* A query as tokens. */

#include <gongbao/query.h>

enum token_kind {
    TOK_END,
    TOK_RUN,
    TOK_EXACT,
    TOK_PREFIX,
    TOK_OPEN,
    TOK_CLOSE,
    TOK_OR,
    TOK_AND,
    TOK_NOT,
    TOK_FIELD,
    TOK_NEAR
};

struct token {
    enum token_kind kind;
    size_t at, end;  /* all of it in the query, quotes and marks too */
    struct str text; /* of a run, without quotes and the star */
    enum q_field field;
    uint32_t distance;
    bool glued; /* no white space before it */
};

/* Cut text into tokens, TOK_END behind the last. Every operator that is left has what it works on:
 * others have become runs, or with opts->strict are ST_SYNTAX with their place. */
enum st q_scan(struct str text, const struct q_opts *opts, struct arena *a, struct token **out,
               struct err *err);

#endif
