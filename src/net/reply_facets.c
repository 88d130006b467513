/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The facets of a search, behind its hits: how many of all hits have which value.
 *
 * In text rows of their own, whose first cell is a word where that of a hit is its rank; in JSON an
 * array beside that of the hits.
 */
#include "reply.h"

#include <gongbao/json.h>

static void facet_text(struct reply *r, const struct srch_facet *f)
{
    for (size_t i = 0; i < f->n; i++) {
        reply_row_begin(r);
        reply_cell(r, "kind", STR("facet"));
        reply_cell(r, "name", f->name);
        reply_cell(r, "value", f->row[i].value);
        reply_cell_num(r, "n", f->row[i].n);
        reply_row_end(r);
    }
    if (f->more == 0)
        return;
    reply_row_begin(r);
    reply_cell(r, "kind", STR("more"));
    reply_cell(r, "name", f->name);
    reply_cell_num(r, "n", f->more);
    reply_row_end(r);
}

static void facet_json(struct reply *r, const struct srch_facet *f)
{
    reply_row_begin(r);
    reply_cell(r, "name", f->name);
    json_add_key(r->out, "values");
    buf_addc(r->out, '[');
    r->any_row = false;
    for (size_t i = 0; i < f->n; i++) {
        reply_row_begin(r);
        reply_cell(r, "value", f->row[i].value);
        reply_cell_num(r, "n", f->row[i].n);
        reply_row_end(r);
    }
    buf_addc(r->out, ']');
    reply_cell_num(r, "more", f->more);
    reply_row_end(r);
    r->any_row = true;
}

void reply_facets(struct reply *r, const struct srch_facet *facet, size_t n)
{
    if (r->fmt == REPLY_JSON && n > 0) {
        buf_addc(r->out, ']');
        reply_rows_begin(r, "facets");
        r->any_row = false;
    }
    for (size_t i = 0; i < n; i++)
        (r->fmt == REPLY_JSON ? facet_json : facet_text)(r, &facet[i]);
}
