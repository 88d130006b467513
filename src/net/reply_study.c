/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The replies for who studies a collection: the documents most like one.
 *
 * As in reply_search.c, text is rows for people and cut(1), JSON for programs. */
#include "reply.h"

#include <gongbao/json.h>

/* Terms hold no spaces, but for a name that a text sets with one, so they can stand in a line. */
static void add_terms(struct reply *r, const struct srch_similar *res)
{
    struct buf line;
    buf_init(&line, 1 << 16);
    buf_addz(&line, "");
    for (size_t i = 0; i < res->nterm; i++) {
        if (i > 0)
            buf_addc(&line, ',');
        buf_adds(&line, res->term[i]);
    }
    reply_str(r, "terms", buf_str(&line));
    buf_fini(&line);
}

/* To two places: more would not mean anything. */
static double hundredths(double v)
{
    return (double)(uint64_t)(v * 100 + 0.5) / 100;
}

static void add_like(struct reply *r, const struct srch_like *like, size_t rank)
{
    reply_row_begin(r);
    reply_cell_num(r, "rank", rank);
    reply_cell_real(r, "score", like->score);
    reply_cell_real(r, "resemblance", hundredths(like->resemblance));
    reply_cell(r, "date", like->doc.date);
    reply_cell(r, "id", like->doc.id);
    reply_cell(r, "title", like->doc.title);
    if (r->fmt == REPLY_JSON) {
        reply_cell(r, "issuer", like->doc.issuer);
        reply_cell(r, "url", like->doc.url);
        reply_cell(r, "index", str_of(like->index));
    }
    reply_row_end(r);
}

void reply_similar(struct reply *r, const struct srch_similar *res)
{
    reply_begin(r, 210, "similar");
    reply_num(r, "n", res->n);
    reply_flag(r, "partial", res->partial);
    reply_real(r, "ms", hundredths(res->ms));
    reply_num(r, "generation", res->generation);
    add_terms(r, res);
    reply_rows_begin(r, "hits");
    for (size_t i = 0; i < res->n; i++)
        add_like(r, &res->like[i], i + 1);
    reply_rows_end(r);
}
