/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any query and any text through the snippet cutter.
 *
 * Three bytes choose the width (the last of them: the whole text), the lexicon and how much of the
 * rest is the query. What is shown is bounded, marks are in it, in order, not touching, on
 * character boundaries.
 */

#include "proof.h"
#include "some_lexicons.h"
#include <gongbao/snippet.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_boundary(struct str text, size_t at)
{
    uint32_t cp;
    size_t p = 0;
    while (p < at)
        p += proof_char(text, p, &cp);
    return p == at;
}

static void prove_marks(const struct proof *p, const struct snip *snip)
{
    size_t end = 0;
    for (size_t i = 0; i < snip->nmark; i++) {
        const struct snip_mark *m = &snip->mark[i];
        PROVE(p, m->length > 0 && m->offset <= snip->text.n);
        PROVE(p, m->length <= snip->text.n - m->offset);
        PROVE(p, i == 0 || m->offset > end);
        end = (size_t)m->offset + m->length;
        PROVE(p, on_boundary(snip->text, m->offset) && on_boundary(snip->text, end));
    }
}

/* Places come in order and are where they are said to be, and each is marked in its context. */
static void prove_places(struct proof *p, const struct q_plan *plan, uint32_t columns)
{
    struct snip_place *place;
    size_t n, end = 0;
    PROVE(p, snip_places(p->text, plan, columns, 8, &p->slice, &p->a, &place, &n, NULL) == ST_OK);
    PROVE(p, n <= 8);
    for (size_t i = 0; i < n; i++) {
        PROVE(p, place[i].offset >= end && place[i].length > 0);
        end = (size_t)place[i].offset + place[i].length;
        PROVE(p, end <= p->text.n);
        PROVE(p, place[i].around.text.n <= 4 * (size_t)(columns ? columns : 1) + 160);
        PROVE(p, place[i].around.nmark == 1);
        prove_marks(p, &place[i].around);
    }
}

static void prove_snippet(struct proof *p, struct an *an, struct str query, uint32_t columns)
{
    static const struct q_weights weights = {
        .word = 1.0, .bigram = 0.5, .character = 0.3, .piece = 0.5};
    const struct q_opts asked = {
        .limits = {.runs = 32, .terms = 256, .depth = 16, .expansion = 1000},
        .weights = weights,
        .check = &p->check};
    const struct snip_opts opts = {.columns = columns, .whole = columns == UINT8_MAX};
    struct q_node *tree;
    struct q_plan plan;
    struct snip snip;
    if (utf8_check(query.p, query.n) != query.n ||
        q_parse(query, &asked, &p->a, &tree, NULL) != ST_OK ||
        q_lower(an, tree, &asked, &p->a, &plan, NULL) != ST_OK)
        return;
    PROVE(p, snip_cut(p->text, &plan, &opts, &p->slice, &p->a, &snip, NULL) == ST_OK);
    size_t width = columns ? columns : SNIP_WHOLE;
    PROVE(p, snip.text.n <= (opts.whole ? p->text.n : 4 * width + 160));
    prove_marks(p, &snip);
    prove_places(p, &plan, columns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct some_lexicons s;
    struct proof p;
    if (size < 3)
        return 0;
    some_lexicons_open(&s);
    struct str rest = str_from((const char *)data + 3, size - 3);
    size_t asked = data[2] < rest.n ? data[2] : rest.n;
    proof_init(&p);
    p.piece = str_from(rest.p, asked);
    p.text = str_from(rest.p + asked, rest.n - asked);
    prove_snippet(&p, s.an[data[1] % SOME_LEXICONS], p.piece, data[0]);
    proof_fini(&p);
    return 0;
}
