/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From one run to what the index runs.
 *
 * A run becomes two things: what must be there (its bigrams, and its characters without a
 * neighbour), and what only ranks (its words), so words can never lose a hit. A bigram that is a
 * word is one term with it, and weighs both. A short run asks for itself as a word too, for a text
 * may have it as a name or in quotes. Terms are scaled one by one.
 *
 * A character without a neighbour has a term of its own in few texts; in the others it begins a
 * bigram. So it asks for all terms that it begins (IX_PREFIX), which is dear. A quoted run with
 * bigrams leaves such characters to the stored text.
 *
 * A run asks for no more than any text around it would have: the ends of a run are folded by
 * an_fold_run, which takes away the characters whose role depends on what was cut off; an exact
 * run asks for its separators but not for its dots and quotes, which are not in the text's fold
 * either. Where the terms alone do not prove an exact run (three characters or more, or two that
 * are not Han), it is looked for in the stored text. So is a run of letters that is not quoted: all
 * pairs of python stand in a text with some English in it.
 *
 * A run that is a number or a shorthand is found by its word as well as by its bigrams: the word of
 * 9,876元 or GB/T 7714-2015 in a text is spelt without what stands between. Likewise a run that may
 * be a name of two characters is found by the word of that name set with a space: 雷 敏. A quoted
 * number is found so too, where the text has it with spaces beside its digits: 第 34 条.
 *
 * What else a run may stand for is in ways.c.
 */

#include "lower.h"

#include <uchar.h>

#define EXACT_LONERS 8

/* Characters without a neighbour that are asked for. */
struct loners {
    const struct loner **at;
    size_t n;
};

/* ---- one run ---- */

static enum st fold_run(struct lowering *l, struct str text, enum an_view view)
{
    return an_fold_run(text, view, &l->fold) == ST_OK ? ST_OK : err_nomem(l->err);
}

/* Keep what was folded between two places of the run. */
static struct an_text keep(struct lowering *l, uint32_t start, uint32_t end)
{
    size_t from = 0, to = l->fold.n;
    while (from < to && l->fold.start[from] < start)
        from++;
    while (to > from && l->fold.start[to - 1] >= end)
        to--;
    struct an_text kept = {.cp = arena_alloc(l->a, (to - from) * sizeof(uint32_t)), .n = to - from};
    if (!kept.cp)
        return (struct an_text){0};
    if (kept.n)
        memcpy(kept.cp, l->fold.cp + from, kept.n * sizeof(uint32_t));
    return kept;
}

/* Whether a character without a neighbour is asked for; l->fold is the run's AN_VIEW_TEXT. A run
 * without text asks for its separators, and one without those for everything in it. */
static bool wanted(const struct lowering *l, const struct run_terms *r, const struct loner *c,
                   bool exact)
{
    if (l->fold.n == 0)
        return true;
    return !c->aside && c->cp != ' ' && (c->text || exact || !r->text);
}

/* Whether a character may begin a bigram, so that its own term may be missing. */
static bool is_prefix(const struct loner *c)
{
    uint32_t cp = an_lexicon_char(c->cp);
    return cp != 0 && cp != LEX_NOT_TEXT;
}

static bool has_loner(const struct loners *list, struct str term)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->at[i]->term, term))
            return true;
    return false;
}

/* The characters without a neighbour that the run asks for, each once. An exact run is looked for
 * in the stored text, so its bigrams are enough, or a few characters where it has none. */
static enum st choose_loners(struct lowering *l, const struct q_node *node,
                             const struct run_terms *r, struct loners *out)
{
    bool exact = node->kind == Q_EXACT;
    size_t most = !exact ? r->nloner : r->bigram.n > 0 ? 0 : EXACT_LONERS;
    out->at = arena_calloc(l->a, r->nloner, sizeof(struct loner *));
    if (!out->at)
        return err_nomem(l->err);
    for (size_t i = 0; i < r->nloner && out->n < most; i++) {
        const struct loner *c = &r->loner[i];
        if (!wanted(l, r, c, exact) || has_loner(out, c->term))
            continue;
        out->at[out->n++] = c;
        l->prefixes += is_prefix(c);
    }
    if (l->prefixes > IX_PREFIX_MAX)
        return err_at(l->err, ST_TOO_MUCH, node->offset, "more than %d characters by themselves",
                      IX_PREFIX_MAX);
    return ST_OK;
}

static struct ix_node *loner_node(struct lowering *l, const struct loner *c, bool exact)
{
    return q_find_node(l->a, is_prefix(c) ? IX_PREFIX : IX_TERM, c->term,
                       l->opts->weights.character, exact);
}

/* Whether a bigram of the run counts as a word too, and how much that is. */
static double word_weight(const struct lowering *l, const struct run_terms *r, struct str bigram)
{
    if (l->apart)
        return 0;
    if (q_has_term(&r->word, bigram))
        return l->opts->weights.word;
    return q_has_term(&r->piece, bigram) ? l->opts->weights.piece : 0;
}

static struct ix_node *bigram_node(struct lowering *l, const struct run_terms *r, struct str term,
                                   bool exact)
{
    double weight = l->opts->weights.bigram + word_weight(l, r, term);
    return q_find_node(l->a, IX_TERM, term, weight, exact);
}

/* Whether a numeral stands between 第 and a place of the run. */
static bool is_ordinal(const struct an_text *fold, size_t end)
{
    static const char32_t numeral[] = U"〇零一二三四五六七八九十百";
    size_t at = end;
    for (; at > 0; at--) {
        const char32_t *c = numeral;
        while (*c && an_fold_char(*c) != fold->cp[at - 1])
            c++;
        if (!*c && (fold->cp[at - 1] < '0' || fold->cp[at - 1] > '9'))
            break;
    }
    return at > 0 && at < end && fold->cp[at - 1] == U'第';
}

/* A heading is set off its number by a space: 第一章 总则. So a run not quoted need not have the
 * pair over that place, which is given here, or nothing; l->fold is its AN_VIEW_TEXT. */
static struct str heading_pair(struct lowering *l)
{
    const struct an_text *fold = &l->fold;
    for (size_t i = 2; i + 2 < fold->n; i++) {
        bool heading = fold->cp[i] == U'章' || fold->cp[i] == U'节' || fold->cp[i] == U'编';
        if (heading && an_is_han(fold->cp[i + 1]) && is_ordinal(fold, i))
            return q_spell(&(struct an_text){.cp = fold->cp + i, .n = 2}, "", l->a);
    }
    return (struct str){0};
}

/* All that finds, but for one pair. */
static struct ix_node *join_all(struct lowering *l, const struct run_terms *r,
                                const struct loners *loners, bool exact, struct str but)
{
    size_t n = 0;
    struct ix_node **kid = arena_calloc(l->a, r->bigram.n + loners->n, sizeof(struct ix_node *));
    if (!kid)
        return NULL;
    for (size_t i = 0; i < r->bigram.n; i++)
        if (!str_eq(r->bigram.at[i], but))
            kid[n++] = bigram_node(l, r, r->bigram.at[i], exact);
    for (size_t i = 0; i < loners->n; i++)
        kid[n++] = loner_node(l, loners->at[i], exact);
    return q_join(l->a, IX_AND, kid, n);
}

/* Whether a bigram or a word is among what any of will do. Some pair of letters stands in any text
 * that has letters, so beside a word of letters whole words stand for pairs without Han. */
static bool may_find(const struct run_terms *r, struct str term, bool word)
{
    bool plain = true;
    for (size_t i = 0; i < term.n; i++)
        plain = plain && (unsigned char)term.p[i] < 0x80;
    return word ? r->letters && plain && term.n > 2 : !(r->letters && plain);
}

/* Any of what finds, likewise; their number. */
static struct ix_node *join_any(struct lowering *l, const struct run_terms *r,
                                const struct loners *loners, struct str but, size_t *n)
{
    size_t most = r->bigram.n + loners->n + r->word.n;
    struct ix_node **kid = arena_calloc(l->a, most, sizeof(struct ix_node *));
    *n = 0;
    if (!kid)
        return NULL;
    for (size_t i = 0; i < r->bigram.n; i++)
        if (may_find(r, r->bigram.at[i], false) && !str_eq(r->bigram.at[i], but))
            kid[(*n)++] = bigram_node(l, r, r->bigram.at[i], false);
    for (size_t i = 0; i < r->word.n; i++)
        if (may_find(r, r->word.at[i], true))
            kid[(*n)++] = q_find_node(l->a, IX_TERM, r->word.at[i], l->opts->weights.bigram, false);
    for (size_t i = 0; i < loners->n; i++)
        kid[(*n)++] = loner_node(l, loners->at[i], false);
    return q_join(l->a, IX_OR, kid, *n);
}

/* The words that only rank: those that are no bigram of the run. */
static struct ix_node *join_words(struct lowering *l, const struct run_terms *r)
{
    struct term_list words = {.at = arena_calloc(l->a, r->word.n, sizeof(struct str))};
    if (!words.at)
        return NULL;
    for (size_t i = 0; i < r->word.n; i++)
        if (l->apart || !q_has_term(&r->bigram, r->word.at[i]))
            words.at[words.n++] = r->word.at[i];
    return q_join_terms(l->a, IX_OR, &words, l->opts->weights.word);
}

/* The terms that find, for whoever chooses among them. */
static void list_typed(struct lowering *l, const struct run_terms *r, const struct loners *loners,
                       struct term_list *out)
{
    out->at = arena_calloc(l->a, r->bigram.n + loners->n + r->word.n, sizeof(*out->at));
    if (!out->at)
        return;
    for (size_t i = 0; i < r->bigram.n; i++)
        out->at[out->n++] = r->bigram.at[i];
    for (size_t i = 0; i < loners->n; i++)
        out->at[out->n++] = loners->at[i]->term;
    for (size_t i = 0; i < r->word.n; i++)
        if (may_find(r, r->word.at[i], true))
            out->at[out->n++] = r->word.at[i];
}

static void build(struct lowering *l, const struct run_terms *r, const struct loners *loners,
                  bool exact, struct part *out)
{
    struct str pair = {0};
    if (!exact)
        pair = heading_pair(l);
    out->must = join_all(l, r, loners, exact, pair);
    out->any = join_any(l, r, loners, pair, &out->nany);
    out->rank = join_words(l, r);
    if (pair.n > 0)
        out->rank = q_join2(l->a, IX_OR, out->rank, bigram_node(l, r, pair, false));
    list_typed(l, r, loners, &out->typed);
}

/* A run that is not quoted is found by this word too. */
static void let_in(struct lowering *l, struct str word, double weight, struct part *out)
{
    if (word.n == 0)
        return;
    struct ix_node *node = q_term_node(l->a, word, weight);
    out->must = q_join2(l->a, IX_OR, out->must, node);
    out->any = q_unite(l->a, out->any, node);
}

/* What the bigrams of a run miss. A text may have a number or a shorthand with spaces, commas or
 * other brackets inside; its word ranks already and only lets in, 0*9876元. It may have a name with
 * a space. A quoted number is let in only where it is then seen: 第 34 条. Looking for a quoted
 * run of Han twice would cost too much. l->fold is the run's AN_VIEW_TEXT. */
static enum st add_spaced(struct lowering *l, const struct run_terms *r, struct q_run *run,
                          struct part *out)
{
    struct str name;
    if (run->exact && r->whole.n == 0 && l->fold.n > 2)
        return ST_OK;
    if (q_spaced(l->an, &l->fold, l->a, &run->spaced, &name) != ST_OK)
        return err_nomem(l->err);
    if (!run->exact)
        let_in(l, name, l->opts->weights.word, out);
    if (!q_has_term(&r->bigram, r->whole) && (!run->exact || run->spaced.n > 0))
        let_in(l, r->whole, 0, out);
    return ST_OK;
}

static bool is_letter(uint32_t cp)
{
    return cp >= 'a' && cp <= 'z';
}

/* A run that was cut out with a part of a reading, or with one and without its character, begins or
 * ends so. */
static bool piece_of_reading(const struct an_text *run)
{
    uint32_t first = run->cp[0], last = run->cp[run->n - 1];
    return is_letter(first) || first == '(' || first == ')' || is_letter(last) || last == '(';
}

/* Without text in the run: all of its marks. A lone connector, which is no core of anything, is
 * looked for as it is. */
static enum st fold_marks(struct lowering *l, struct str text, struct q_run *run)
{
    enum st st = fold_run(l, text, AN_VIEW_MARKS);
    if (st == ST_OK && l->fold.n == 0 && an_fold(text, AN_VIEW_MARKS, &l->fold) != ST_OK)
        st = err_nomem(l->err);
    if (st == ST_OK)
        run->marks = keep(l, 0, UINT32_MAX);
    return st;
}

/* Fold the run every way it will be looked for; l->fold is its AN_VIEW_TEXT. */
static enum st fold_views(struct lowering *l, const struct q_node *node, const struct run_terms *r,
                          struct q_run *run)
{
    bool trim = !run->exact && r->text;
    uint32_t start = trim ? r->text_start : 0, end = trim ? r->text_end : UINT32_MAX;
    run->text = keep(l, start, end);
    if (run->text.n == 0)
        return fold_marks(l, node->text, run);
    if (!run->exact || !piece_of_reading(&run->text))
        return ST_OK;
    enum st st = fold_run(l, node->text, AN_VIEW_ALL);
    if (st == ST_OK)
        run->all = keep(l, start, end);
    return st;
}

/* A run of nothing but letters, three or more; l->fold is its AN_VIEW_TEXT. */
static bool is_letters(const struct lowering *l)
{
    for (size_t i = 0; i < l->fold.n; i++)
        if (!is_letter(l->fold.cp[i]))
            return false;
    return l->fold.n > 2;
}

/* Whether the terms of an exact run leave open if it stands in a text. The term of two characters
 * that are not Han may be a number which a text has with a space: 5 月. */
static bool unproven(const struct q_run *run, const struct run_terms *r, size_t nloners)
{
    const struct an_text *text = run->text.n ? &run->text : &run->marks;
    bool one = text->n == 1 && r->bigram.n == 0 && nloners == 1;
    bool two = text->n == 2 && r->bigram.n == 1 && nloners == 0;
    return !one && !(two && an_is_han(text->cp[0]) && an_is_han(text->cp[1]));
}

static enum st too_many(struct lowering *l, const struct q_node *node)
{
    return err_at(l->err, ST_TOO_MUCH, node->offset,
                  "more than %ju terms after analysis (search.max_terms)",
                  (uintmax_t)l->opts->limits.terms);
}

/* The terms of the run's core, l->fold being its AN_VIEW_TEXT; of all of it when that is empty. */
static enum st analyze(struct lowering *l, const struct q_node *node, struct run_terms *r)
{
    uint32_t start = 0, end = (uint32_t)node->text.n;
    if (l->fold.n) {
        start = l->fold.start[0];
        end = l->fold.end[l->fold.n - 1];
    }
    struct str core = str_from(node->text.p + start, end - start);
    uint64_t most = l->opts->limits.terms - l->terms;
    enum st st = q_terms(l->an, core, start, most, l->a, r);
    if (st == ST_OK)
        st = q_add_unit(&l->fold, most, l->a, r);
    if (st == ST_TOO_MUCH)
        return too_many(l, node);
    l->terms += r->n;
    return st == ST_OK ? ST_OK : err_set(l->err, st, "the query could not be analysed");
}

/* The way to write a run that was lowered. */
static bool keep_run(struct lowering *l, const struct q_run *run, struct part *out)
{
    out->same.at = arena_alloc(l->a, sizeof(*run));
    if (!out->same.at)
        return false;
    out->same.at[0] = *run;
    out->same.n = 1;
    return true;
}

enum st q_lower_typed(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct run_terms r;
    struct loners loners = {0};
    struct q_run run = {.exact = node->kind == Q_EXACT, .typed = node->text};
    *out = (struct part){0};
    enum st st = fold_run(l, node->text, AN_VIEW_TEXT);
    if (st == ST_OK)
        st = analyze(l, node, &r);
    if (st == ST_OK)
        st = choose_loners(l, node, &r, &loners);
    const bool letters = is_letters(l);
    if (st == ST_OK)
        st = fold_views(l, node, &r, &run);
    if (st != ST_OK)
        return st;
    run.word = r.spelling;
    run.nword = r.nspelling;
    out->text = r.text;
    out->word = r.word;
    out->piece = r.piece;
    if (!l->apart)
        out->bigram = r.bigram;
    build(l, &r, &loners, run.exact, out);
    if (add_spaced(l, &r, &run, out) != ST_OK || !keep_run(l, &run, out))
        return err_nomem(l->err);
    if (out->must && (run.exact ? unproven(&run, &r, loners.n) : letters))
        out->must = q_where_stands(l, out->must, &out->same, l->field == Q_TITLE);
    return l->a->failed ? err_nomem(l->err) : ST_OK;
}
