/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Trees as one line of text, for people and for golden tests.
 *
 * Both trees print as nested brackets, operator first; a factor stands before what it scales. The
 * text of a run and the bytes of a term stand as they are: whoever puts the line on a wire escapes
 * it there. A term's frequency is asked of the index while printing; one that cannot be had prints
 * as "?".
 */

#include <gongbao/query.h>
#include <inttypes.h>

static void dump_head(const struct q_node *node, struct buf *out)
{
    static const char *const name[] = {
        [Q_AND] = "and", [Q_OR] = "or",       [Q_NOT] = "not",       [Q_NEAR] = "near",
        [Q_RUN] = "run", [Q_EXACT] = "exact", [Q_PREFIX] = "prefix", [Q_DATE] = "date"};
    static const char *const field[] = {
        [Q_ANYWHERE] = "anywhere", [Q_TITLE] = "title", [Q_ISSUER] = "issuer", [Q_TAG] = "tag",
        [Q_URL] = "url",           [Q_ID] = "id",       [Q_WHO] = "who",       [Q_DATES] = "date"};
    buf_addf(out, "(%s", node->kind == Q_FIELD ? field[node->field] : name[node->kind]);
    if (node->kind == Q_NEAR)
        buf_addf(out, " %u", (unsigned)node->distance);
}

void q_dump(const struct q_node *node, struct buf *out)
{
    dump_head(node, out);
    for (size_t i = 0; i < node->nkid; i++) {
        buf_addc(out, ' ');
        q_dump(node->kid[i], out);
    }
    if (node->nkid == 0) {
        buf_addc(out, ' ');
        buf_adds(out, node->text);
    }
    buf_addc(out, ')');
}

static void dump_term(struct str term, struct ix_view *view, struct buf *out)
{
    buf_adds(out, term);
    if (!view)
        return;
    uint64_t documents;
    if (ix_view_frequency(view, term, &documents, NULL) == ST_OK)
        buf_addf(out, ":%" PRIu64, documents);
    else
        buf_addz(out, ":?");
}

static void dump_kids(const struct ix_node *node, struct ix_view *view, struct buf *out)
{
    for (size_t i = 0; i < node->nkid; i++) {
        buf_addc(out, ' ');
        q_dump_lowered(node->kid[i], view, out);
    }
}

void q_dump_lowered(const struct ix_node *node, struct ix_view *view, struct buf *out)
{
    static const char *const name[] = {
        [IX_ALL] = "all",         [IX_NONE] = "none",     [IX_AND] = "and",
        [IX_OR] = "or",           [IX_FILTER] = "filter", [IX_AND_MAYBE] = "and-maybe",
        [IX_AND_NOT] = "and-not", [IX_RANGE] = "range",   [IX_WHERE] = "where",
        [IX_ENOUGH] = "enough",   [IX_SINCE] = "since",
    };
    if (node->op == IX_TERM) {
        dump_term(node->term, view, out);
        return;
    }
    if (node->op == IX_PREFIX) {
        buf_adds(out, node->term);
        buf_addz(out, node->most ? "**" : "*");
        return;
    }
    if (node->op == IX_SCALE) {
        buf_addf(out, "%g*", node->factor);
        q_dump_lowered(node->kid[0], view, out);
        return;
    }
    buf_addf(out, "(%s", name[node->op]);
    if (node->op == IX_RANGE) {
        buf_addf(out, " %d " STR_FMT ".." STR_FMT, (int)node->slot, STR_ARG(node->term),
                 STR_ARG(node->high));
    }
    if (node->op == IX_ENOUGH)
        buf_addf(out, " %u", (unsigned)node->least);
    if (node->op == IX_SINCE)
        buf_addf(out, " %" PRIu64, node->since);
    dump_kids(node, view, out);
    buf_addc(out, ')');
}
