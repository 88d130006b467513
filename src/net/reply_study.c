/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The replies for who studies a collection: a phrase in its contexts, its first and last use,
 * counts over time, the documents most like one.
 *
 * As in reply_search.c, text is rows for people and cut(1), JSON for programs. */
#include "reply.h"

#include <gongbao/json.h>
#include <math.h>

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

static void add_like(struct reply *r, const struct srch_like *like, size_t rank)
{
    reply_row_begin(r);
    reply_cell_num(r, "rank", rank);
    reply_cell_real(r, "score", like->score);
    reply_cell_real(r, "resemblance", round(like->resemblance * 100) / 100);
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
    reply_ms(r, res->ms);
    reply_num(r, "generation", res->generation);
    add_terms(r, res);
    reply_rows_begin(r, "hits");
    for (size_t i = 0; i < res->n; i++)
        add_like(r, &res->like[i], i + 1);
    reply_rows_end(r);
}

/* ---- uses of a phrase ---- */

static void use_text(struct reply *r, const struct srch_use *use)
{
    reply_cell(r, "date", use->date);
    reply_cell(r, "id", use->id);
    reply_cell(r, "field", use->in_title ? STR("title") : STR("body"));
    reply_cell_num(r, "offset", use->place.offset);
    buf_addc(r->out, '\t');
    reply_marked(r->out, &use->place.around);
}

static void use_json(struct reply *r, const struct srch_use *use)
{
    const struct snip *around = &use->place.around;
    reply_cell(r, "date", use->date);
    reply_cell(r, "id", use->id);
    reply_cell(r, "title", use->title);
    reply_cell(r, "field", use->in_title ? STR("title") : STR("body"));
    reply_cell_num(r, "offset", use->place.offset);
    reply_cell_num(r, "length", use->place.length);
    reply_cell(r, "context", around->text);
    json_add_key(r->out, "highlights");
    buf_addc(r->out, '[');
    bool any = false;
    reply_highlights(r->out, "context", around, &any);
    buf_addc(r->out, ']');
    reply_cell(r, "index", str_of(use->index));
}

static void add_use(struct reply *r, const struct srch_use *use, const char *which)
{
    reply_row_begin(r);
    if (which)
        reply_cell(r, "which", str_of(which));
    if (r->fmt == REPLY_JSON)
        use_json(r, use);
    else
        use_text(r, use);
    reply_row_end(r);
}

static void begin_uses(struct reply *r, const char *name, const struct srch_uses *res)
{
    reply_begin(r, 210, name);
    reply_num(r, "documents", res->documents);
    reply_flag(r, "exact", res->exact);
    reply_flag(r, "partial", res->partial);
    reply_ms(r, res->ms);
    reply_num(r, "generation", res->generation);
    reply_rows_begin(r, "uses");
}

void reply_kwic(struct reply *r, const struct srch_uses *res)
{
    begin_uses(r, "kwic", res);
    for (size_t i = 0; i < res->n; i++)
        add_use(r, &res->use[i], NULL);
    reply_rows_end(r);
}

void reply_first(struct reply *r, const struct srch_uses *res)
{
    begin_uses(r, "first", res);
    for (size_t i = 0; i < res->n; i++)
        add_use(r, &res->use[i], i == 0 ? "first" : "last");
    reply_rows_end(r);
}

/* ---- counts over time ---- */

void reply_trend(struct reply *r, const struct srch_trend *res)
{
    reply_begin(r, 210, "trend");
    reply_num(r, "total", res->total);
    reply_num(r, "undated", res->undated);
    reply_flag(r, "exact", res->exact);
    reply_flag(r, "partial", res->partial);
    reply_ms(r, res->ms);
    reply_num(r, "generation", res->generation);
    reply_rows_begin(r, "counts");
    for (size_t i = 0; i < res->n; i++) {
        reply_row_begin(r);
        reply_cell(r, "when", res->row[i].value);
        reply_cell_num(r, "n", res->row[i].n);
        reply_row_end(r);
    }
    reply_rows_end(r);
}
