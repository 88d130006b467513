/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The replies that hold what a search found: hits, counts, documents, tokens, statistics.
 *
 * Text is for people and scripts with cut(1): a row a hit, matched runs in […]. JSON is for
 * programs: nothing is put into title and snippet, and the places of the matches are byte offsets
 * into them as they are given.
 */
#include "reply.h"

#include <gongbao/json.h>
#include <gongbao/utf8.h>
#include <stdio.h>

static void hit_text(struct reply *r, const struct srch_hit *h)
{
    reply_cell_num(r, "rank", h->rank);
    reply_cell_real(r, "score", h->score);
    reply_cell(r, "date", h->doc.date);
    reply_cell(r, "id", h->doc.id);
    buf_addc(r->out, '\t');
    reply_marked(r->out, &h->title);
    buf_addc(r->out, '\t');
    reply_marked(r->out, &h->body);
}

static void hit_json(struct reply *r, const struct srch_hit *h)
{
    reply_cell_num(r, "rank", h->rank);
    reply_cell(r, "id", h->doc.id);
    reply_cell(r, "title", h->title.text);
    reply_cell(r, "date", h->doc.date);
    reply_cell(r, "issuer", h->doc.issuer);
    reply_cell(r, "url", h->doc.url);
    reply_cell_real(r, "score", h->score);
    reply_cell(r, "snippet", h->body.text);
    json_add_key(r->out, "highlights");
    buf_addc(r->out, '[');
    bool any = false;
    reply_highlights(r->out, "title", &h->title, &any);
    reply_highlights(r->out, "snippet", &h->body, &any);
    buf_addc(r->out, ']');
    reply_cell(r, "index", str_of(h->index));
}

void reply_meant(struct reply *r, const char *via, struct str meant)
{
    if (via && via[0])
        reply_str(r, "via", str_of(via));
    if (meant.n > 0)
        reply_str(r, "meant", meant);
}

void reply_hits(struct reply *r, const struct srch_result *res, bool copies)
{
    reply_begin(r, 210, "hits");
    reply_num(r, "total", res->total);
    reply_flag(r, "exact", res->exact);
    reply_flag(r, "relaxed", res->relaxed);
    reply_flag(r, "partial", res->partial);
    reply_ms(r, res->ms);
    reply_num(r, "generation", res->generation);
    reply_mark(r);
    reply_meant(r, res->via, res->meant);
    reply_rows_begin(r, "hits");
    for (size_t i = 0; i < res->nhit; i++) {
        reply_row_begin(r);
        if (r->fmt == REPLY_JSON)
            hit_json(r, &res->hit[i]);
        else
            hit_text(r, &res->hit[i]);
        if (copies)
            reply_cell_num(r, "copies", res->hit[i].copies);
        reply_row_end(r);
    }
    reply_facets(r, res->facet, res->nfacet);
    reply_rows_end(r);
}

void reply_count(struct reply *r, const struct srch_result *res)
{
    reply_begin(r, 200, "count");
    reply_num(r, "n", res->total);
    reply_flag(r, "exact", res->exact);
    if (res->partial)
        reply_flag(r, "partial", true);
    reply_ms(r, res->ms);
    reply_num(r, "generation", res->generation);
    reply_mark(r);
    reply_end(r);
}

/* A text row of a name and a value; without a value there is no row. */
static void pair(struct reply *r, const char *name, struct str value)
{
    if (value.n == 0)
        return;
    reply_row_begin(r);
    reply_cell(r, "name", str_of(name));
    reply_cell(r, "value", value);
    reply_row_end(r);
}

static void document_text(struct reply *r, const struct ix_doc *doc)
{
    pair(r, "id", doc->id);
    pair(r, "title", doc->title);
    pair(r, "date", doc->date);
    pair(r, "issuer", doc->issuer);
    pair(r, "url", doc->url);
    for (size_t i = 0; i < doc->ntags; i++)
        pair(r, "tag", doc->tags[i]);
    for (size_t i = 0; i < doc->naudience; i++)
        pair(r, "audience", doc->audience[i]);
    pair(r, "extra", doc->extra);
    struct str rest = doc->body;
    while (rest.p) {
        struct str line = str_cut(&rest, '\n');
        reply_row_begin(r);
        reply_cell(r, "name", STR("body"));
        reply_cell(r, "value", line);
        reply_row_end(r);
    }
}

static void add_strings(struct reply *r, const char *key, const struct str *v, size_t n)
{
    json_add_key(r->out, key);
    buf_addc(r->out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_addc(r->out, ',');
        json_add_str(r->out, v[i]);
    }
    buf_addc(r->out, ']');
}

/* Append a JSON value that came with a document as one harmless line. What is harmful stands
 * inside strings, where it can be escaped, but for line breaks and tabs between tokens. */
static void add_json(struct buf *b, struct str json)
{
    const char *p = json.p, *end = json.p + json.n;
    while (p < end) {
        uint32_t cp = 0xfffd;
        unsigned len = utf8_next(p, end, &cp);
        if (cp < 0x20)
            buf_addc(b, ' ');
        else if (len == 0 || utf8_is_control(cp))
            buf_addf(b, "\\u%04x", (unsigned)cp);
        else
            buf_add(b, p, len);
        p += len ? len : 1;
    }
}

static void document_json(struct reply *r, const struct ix_doc *doc, const char *index)
{
    reply_str(r, "id", doc->id);
    reply_str(r, "title", doc->title);
    reply_str(r, "date", doc->date);
    reply_str(r, "issuer", doc->issuer);
    reply_str(r, "url", doc->url);
    add_strings(r, "tags", doc->tags, doc->ntags);
    add_strings(r, "audience", doc->audience, doc->naudience);
    if (doc->extra.n > 0) {
        json_add_key(r->out, "extra");
        add_json(r->out, doc->extra);
    }
    reply_str(r, "body", doc->body);
    reply_str(r, "index", str_of(index));
    reply_end(r);
}

void reply_document(struct reply *r, const struct ix_doc *doc, const char *index)
{
    reply_begin(r, 210, "document");
    if (r->fmt == REPLY_JSON) {
        document_json(r, doc, index);
        return;
    }
    reply_str(r, "id", doc->id);
    reply_rows_begin(r, "rows");
    document_text(r, doc);
    reply_rows_end(r);
}

void reply_tokens(struct reply *r, const struct srch_token *tok, size_t n)
{
    reply_begin(r, 210, "tokens");
    reply_num(r, "n", n);
    reply_rows_begin(r, "tokens");
    for (size_t i = 0; i < n; i++) {
        reply_row_begin(r);
        reply_cell_num(r, "start", tok[i].start);
        reply_cell_num(r, "end", tok[i].end);
        reply_cell(r, "kind", str_of(an_kind_name(tok[i].kind)));
        if (tok[i].aside && r->fmt == REPLY_TEXT)
            buf_addc(r->out, '+');
        reply_cell(r, "term", tok[i].term);
        reply_cell(r, "slice", tok[i].slice);
        if (r->fmt == REPLY_JSON)
            buf_addz(r->out, tok[i].aside ? ",\"aside\":true" : ",\"aside\":false");
        reply_row_end(r);
    }
    reply_rows_end(r);
}

void reply_graph(struct reply *r, const struct srch_edge *edge, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total = edge[i].chosen ? edge[i].total : total;
    reply_begin(r, 210, "graph");
    reply_num(r, "n", n);
    reply_real(r, "total", total);
    reply_rows_begin(r, "edges");
    for (size_t i = 0; i < n; i++) {
        reply_row_begin(r);
        reply_cell_num(r, "start", edge[i].start);
        reply_cell_num(r, "end", edge[i].end);
        reply_cell(r, "kind", str_of(an_kind_name(edge[i].kind)));
        reply_cell(r, "term", edge[i].term);
        reply_cell(r, "slice", edge[i].slice);
        reply_cell_real(r, "weight", edge[i].weight);
        reply_cell_real(r, "total", edge[i].total);
        if (r->fmt == REPLY_JSON)
            buf_addz(r->out, edge[i].chosen ? ",\"chosen\":true" : ",\"chosen\":false");
        else
            reply_cell(r, "chosen", edge[i].chosen ? STR("*") : STR(""));
        reply_row_end(r);
    }
    reply_rows_end(r);
}

/* Statistics are names and numbers. A name "requests.search" is a row of that name in text, and
 * the member "search" of the object "requests" in JSON. */
struct stat_writer {
    struct reply *r;
    struct str group; /* JSON: of the object that is open; empty: none */
};

static void stat_group(struct stat_writer *w, struct str group)
{
    struct buf *b = w->r->out;
    if (str_eq(group, w->group))
        return;
    if (w->group.n > 0)
        buf_addc(b, '}');
    if (group.n > 0)
        buf_addf(b, ",\"" STR_FMT "\":{", STR_ARG(group));
    w->group = group;
}

static void stat_add(struct stat_writer *w, struct str name, struct str number)
{
    if (w->r->fmt == REPLY_TEXT) {
        reply_row_begin(w->r);
        reply_cell(w->r, "name", name);
        reply_cell(w->r, "value", number);
        reply_row_end(w->r);
        return;
    }
    struct str rest = name;
    struct str group = str_cut(&rest, '.');
    if (!rest.p) {
        rest = group;
        group = (struct str){0};
    }
    stat_group(w, group);
    struct buf *b = w->r->out;
    if (b->n > 0 && b->p[b->n - 1] != '{')
        buf_addc(b, ',');
    buf_addf(b, "\"" STR_FMT "\":" STR_FMT, STR_ARG(rest), STR_ARG(number));
}

static void stat_num(struct stat_writer *w, const char *name, uint64_t v)
{
    char number[24];
    int n = snprintf(number, sizeof(number), "%llu", (unsigned long long)v);
    stat_add(w, str_of(name), str_from(number, (size_t)n));
}

/* A lexicon's stamp, as gongbao lexicon info prints it. */
static struct str stamp_of(uint64_t stamp, char out[20])
{
    int n = snprintf(out, 20, "%016llx", (unsigned long long)stamp);
    return str_from(out, (size_t)n);
}

static void stat_stamp(struct stat_writer *w, const char *name, uint64_t stamp)
{
    char hex[20], quoted[24];
    struct str value = stamp_of(stamp, hex);
    if (w->r->fmt == REPLY_JSON) {
        int n = snprintf(quoted, sizeof(quoted), "\"%s\"", hex);
        value = str_from(quoted, (size_t)n);
    }
    stat_add(w, str_of(name), value);
}

static void stat_segment(struct reply *r, const char *index, const struct ix_segment_info *seg)
{
    char stamp[20];
    reply_row_begin(r);
    if (r->fmt == REPLY_TEXT) {
        reply_cell(r, "kind", STR("segment"));
        reply_cell(r, "index", str_of(index));
    }
    reply_cell(r, "name", seg->name);
    reply_cell_num(r, "documents", seg->documents);
    reply_cell_num(r, "tombstones", seg->tombstones);
    reply_cell(r, "lexicon", stamp_of(seg->lexicon, stamp));
    reply_cell(r, "state", seg->damage.n ? seg->damage : STR("ok"));
    reply_row_end(r);
}

/* Rows of their own in text, an array in the index's object in JSON. */
static void stat_segments(struct reply *r, const struct srch_index_stats *e)
{
    if (r->fmt == REPLY_JSON) {
        json_add_key(r->out, "parts");
        buf_addc(r->out, '[');
        r->any_row = false;
    }
    for (size_t i = 0; e->segment && i < e->info.segments; i++)
        stat_segment(r, e->name, &e->segment[i]);
    if (r->fmt == REPLY_JSON) {
        buf_addc(r->out, ']');
        r->any_row = true;
    }
}

static void stat_indexes(struct reply *r, const struct srch_stats *s)
{
    for (size_t i = 0; i < s->nindex; i++) {
        const struct srch_index_stats *e = &s->each[i];
        reply_row_begin(r);
        if (r->fmt == REPLY_TEXT)
            reply_cell(r, "kind", STR("index"));
        reply_cell(r, "name", str_of(e->name));
        reply_cell(r, "state", str_of(e->state));
        reply_cell_num(r, "generation", e->info.generation);
        reply_cell_num(r, "documents", e->info.documents);
        reply_cell_num(r, "segments", e->info.segments);
        if (r->fmt == REPLY_JSON)
            stat_segments(r, e);
        reply_row_end(r);
        if (r->fmt == REPLY_TEXT)
            stat_segments(r, e);
    }
}

void reply_stats(struct reply *r, const struct srch_stats *s, struct str counters)
{
    struct stat_writer w = {.r = r};
    const struct ix_info *ix = &s->index;

    reply_begin(r, r->fmt == REPLY_JSON ? 200 : 210, "stats");
    reply_num(r, "generation", ix->generation);
    reply_num(r, "documents", ix->documents);
    reply_num(r, "segments", ix->segments);
    if (r->fmt == REPLY_TEXT)
        reply_rows_begin(r, "rows");
    stat_num(&w, "tombstones", ix->tombstones);
    stat_num(&w, "damaged", ix->damaged);
    stat_num(&w, "body_bytes", ix->body_bytes);
    stat_num(&w, "disk_bytes", ix->disk_bytes);
    stat_num(&w, "published", ix->published);
    stat_num(&w, "lexicon.words", s->lexicon.words);
    stat_num(&w, "lexicon.bytes", s->lexicon.bytes);
    stat_stamp(&w, "lexicon.stamp", s->lexicon.stamp);
    while (counters.n > 0) {
        struct str line = str_cut(&counters, '\n');
        struct str name = str_cut(&line, '=');
        stat_add(&w, name, line);
    }
    stat_group(&w, (struct str){0});
    if (r->fmt == REPLY_JSON)
        reply_rows_begin(r, "indexes");
    stat_indexes(r, s);
    reply_rows_end(r);
}
