/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The replies for a search box: how a text may go on, and what was meant by it.
 *
 * What a browser takes as suggestions (OpenSearch, "Suggestions" extension 1.0) is an array of the
 * text and an array of completions. In JSON it stands in the reply as it is, so that whoever serves
 * a browser has to take out one member.
 */
#include "reply.h"

#include <gongbao/json.h>

static void add_opensearch(struct buf *b, struct str text, const struct srch_suggestion *list,
                           size_t n)
{
    json_add_key(b, "opensearch");
    buf_addc(b, '[');
    json_add_str(b, text);
    buf_addz(b, ",[");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_addc(b, ',');
        json_add_str(b, list[i].text);
    }
    buf_addz(b, "]]");
}

void reply_suggestions(struct reply *r, struct str text, const struct srch_suggestion *list,
                       size_t n)
{
    static const char *const kind[] = {
        [SRCH_WORD] = "word", [SRCH_TITLE] = "title", [SRCH_QUERY] = "query"};
    reply_begin(r, 210, "suggestions");
    reply_num(r, "n", n);
    if (r->fmt == REPLY_JSON)
        add_opensearch(r->out, text, list, n);
    reply_rows_begin(r, "suggestions");
    for (size_t i = 0; i < n; i++) {
        reply_row_begin(r);
        reply_cell(r, "text", list[i].text);
        reply_cell(r, "kind", str_of(kind[list[i].kind]));
        reply_cell_num(r, "documents", list[i].documents);
        reply_row_end(r);
    }
    reply_rows_end(r);
}

/* Behind the likeliest: in text cells, for only the last value of a line may hold spaces. */
static void add_others(struct reply *r, const struct srch_meant *meant)
{
    bool json = r->fmt == REPLY_JSON;
    if (meant->n < 2)
        return;
    if (json) {
        json_add_key(r->out, "others");
        buf_addc(r->out, '[');
    }
    for (size_t i = 1; i < meant->n; i++) {
        if (i > 1 || !json)
            buf_addc(r->out, json ? ',' : '\t');
        if (json)
            json_add_str(r->out, meant->text[i]);
        else
            reply_escape(r->out, meant->text[i]);
    }
    if (json)
        buf_addc(r->out, ']');
}

void reply_spelling(struct reply *r, const struct srch_meant *meant)
{
    reply_begin(r, 200, "spelling");
    reply_flag(r, "found", meant->n > 0);
    reply_meant(r, meant->via, meant->n > 0 ? meant->text[0] : STR(""));
    add_others(r, meant);
    reply_end(r);
}
