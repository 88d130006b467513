/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the tree to what the index runs.
 *
 * A run becomes two things: what must be there (its bigrams, and its characters without a
 * neighbour), and what only ranks (its words). A query of several runs ANDs the first, ORs the
 * second, and joins them with AND_MAYBE:
 *
 *     (and-maybe (and 1.5*经济 0.5*济发 1.5*发展) 经济发展)
 *
 * so words can never lose a hit. A bigram that is a word is one term with it, and weighs both. A
 * short run asks for itself as a word too, for a text may have it as a name or in quotes. The words
 * inside long words, 科学 of 科学家, rank too, at a weight of their own and as far as the limit on
 * terms leaves room. Terms are scaled one by one and nested ANDs and ORs are joined into one, for
 * the matcher orders the terms of one AND by their frequencies. The relaxed query is of the same
 * shape with OR in place of AND for the runs that were not quoted.
 *
 * A character without a neighbour has a term of its own in few texts; in the others it begins a
 * bigram. So it asks for all terms that it begins (IX_PREFIX), which is dear. A quoted run with
 * bigrams leaves such characters to the stored text.
 *
 * A run asks for no more than any text around it would have: the ends of a run are folded by
 * an_fold_run, which takes away the characters whose role depends on what was cut off; an exact
 * run asks for its separators but not for its dots and quotes, which are not in the text's fold
 * either. Where the terms alone do not prove an exact run (three characters or more, or two that
 * are not Han), the run is marked to be verified.
 *
 * A run that is a number or a shorthand is found by its word as well as by its bigrams: the word of
 * 9,876元 or GB/T 7714-2015 in a text is spelt without what stands between. Likewise a run that may
 * be a name of two characters is found by the word of that name set with a space: 雷 敏.
 *
 * A run with Chinese numerals is lowered twice, the second time with digits in their place, and
 * either will do; a quoted one is literal.
 *
 * Dates filter both queries (date.c), and weigh nothing.
 *
 * Not here: operators, other fields, prefixes, synonyms.
 */

#include "nodes.h"
#include "terms.h"

/* A term and its scale are two nodes, each in both trees, with a few to join them. */
_Static_assert(2 * 3 * Q_TERMS_MAX + 16 <= IX_NODES_MAX, "a query at its limit fits the index");

struct lowering {
    struct an *an;
    const struct q_weights *weights;
    const struct q_limits *limits;
    struct arena *a;
    struct an_text fold;
    uint64_t terms;  /* so far */
    size_t prefixes; /* likewise */
    bool apart;      /* words stay apart from bigrams */
    struct err *err;
};

/* A run, lowered. A NULL node stands for no part. */
struct part {
    struct q_run run;
    struct ix_node *must; /* all of it */
    struct ix_node *any;  /* any of it */
    struct ix_node *rank;
    struct ix_node *filter; /* of a date, which is all that it has */
    struct term_list word, piece, bigram;
    size_t nmust;
    bool text; /* more than marks */
};

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
    return q_find_node(l->a, is_prefix(c) ? IX_PREFIX : IX_TERM, c->term, l->weights->character,
                       exact);
}

/* Whether a bigram of the run counts as a word too, and how much that is. */
static double word_weight(const struct lowering *l, const struct run_terms *r, struct str bigram)
{
    if (l->apart)
        return 0;
    if (q_has_term(&r->word, bigram))
        return l->weights->word;
    return q_has_term(&r->piece, bigram) ? l->weights->piece : 0;
}

/* op over all that finds. */
static struct ix_node *join_found(struct lowering *l, enum ix_op op, const struct run_terms *r,
                                  const struct loners *loners, bool exact)
{
    size_t n = 0;
    struct ix_node **kid = arena_calloc(l->a, r->bigram.n + loners->n, sizeof(struct ix_node *));
    if (!kid)
        return NULL;
    for (size_t i = 0; i < r->bigram.n; i++) {
        struct str term = r->bigram.at[i];
        double weight = l->weights->bigram + word_weight(l, r, term);
        kid[n++] = q_find_node(l->a, IX_TERM, term, weight, exact);
    }
    for (size_t i = 0; i < loners->n; i++)
        kid[n++] = loner_node(l, loners->at[i], exact);
    return q_join(l->a, op, kid, n);
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
    return q_join_terms(l->a, IX_OR, &words, l->weights->word);
}

static void build(struct lowering *l, const struct run_terms *r, const struct loners *loners,
                  struct part *out)
{
    bool exact = out->run.exact;
    out->must = join_found(l, IX_AND, r, loners, exact);
    out->any = join_found(l, IX_OR, r, loners, exact);
    out->rank = join_words(l, r);
    out->nmust = r->bigram.n + loners->n;
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
 * a space. l->fold is the run's AN_VIEW_TEXT. */
static enum st add_spaced(struct lowering *l, const struct run_terms *r, struct part *out)
{
    struct str name;
    if (out->run.exact)
        return ST_OK;
    if (q_spaced(l->an, &l->fold, l->a, &out->run.spaced, &name) != ST_OK)
        return err_nomem(l->err);
    let_in(l, name, l->weights->word, out);
    if (!q_has_term(&r->bigram, r->whole))
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
                  (uintmax_t)l->limits->terms);
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
    uint64_t most = l->limits->terms - l->terms;
    enum st st = q_terms(l->an, core, start, most, l->a, r);
    if (st == ST_OK)
        st = q_add_unit(&l->fold, most, l->a, r);
    if (st == ST_TOO_MUCH)
        return too_many(l, node);
    l->terms += r->n;
    return st == ST_OK ? ST_OK : err_set(l->err, st, "the query could not be analysed");
}

/* One run as it stands. */
static enum st lower_typed(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct run_terms r;
    struct loners loners = {0};
    *out = (struct part){.run.exact = node->kind == Q_EXACT, .run.typed = node->text};
    enum st st = fold_run(l, node->text, AN_VIEW_TEXT);
    if (st == ST_OK)
        st = analyze(l, node, &r);
    if (st == ST_OK)
        st = choose_loners(l, node, &r, &loners);
    if (st == ST_OK)
        st = fold_views(l, node, &r, &out->run);
    if (st != ST_OK)
        return st;
    out->run.word = r.spelling;
    out->run.nword = r.nspelling;
    out->run.verify = out->run.exact && unproven(&out->run, &r, loners.n);
    out->text = r.text;
    out->word = r.word;
    out->piece = r.piece;
    if (!l->apart)
        out->bigram = r.bigram;
    build(l, &r, &loners, out);
    st = add_spaced(l, &r, out);
    return l->a->failed ? err_nomem(l->err) : st;
}

/* The words of both runs. */
static bool add_words(struct arena *a, struct q_run *run, const struct q_run *other)
{
    struct an_text *word = arena_calloc(a, run->nword + other->nword, sizeof(*word));
    if (!word)
        return false;
    for (size_t i = 0; i < run->nword; i++)
        word[i] = run->word[i];
    for (size_t i = 0; i < other->nword; i++)
        word[run->nword + i] = other->word[i];
    run->word = word;
    run->nword += other->nword;
    return true;
}

/* A run with Chinese numerals that is not quoted asks for them in digits as well: 二〇二四年 or
 * 2024年. Where the limit on terms leaves no room it does not. */
static enum st lower_run(struct lowering *l, const struct q_node *node, struct part *out)
{
    struct q_node digits = *node;
    struct part other;
    if (node->kind == Q_DATE) {
        *out = (struct part){.run.typed = node->text};
        return q_date(l->an, node, l->a, &out->filter, l->err);
    }
    if (node->kind == Q_RUN && q_digits(l->an, node->text, l->a, &digits.text) != ST_OK)
        return err_nomem(l->err);
    bool twice = node->kind == Q_RUN && digits.text.n > 0;
    l->apart = twice; /* a word of both ways to write it counts once */
    enum st st = lower_typed(l, node, out);
    if (st != ST_OK || !twice)
        return st;
    struct err *err = l->err;
    l->err = NULL;
    st = lower_typed(l, &digits, &other);
    l->err = err;
    l->apart = false;
    if (st == ST_TOO_MUCH)
        return ST_OK;
    if (st != ST_OK || !add_words(l->a, &out->run, &other.run))
        return err_nomem(l->err);
    out->must = q_join2(l->a, IX_OR, out->must, other.must);
    out->any = q_unite(l->a, out->any, other.any);
    out->rank = q_unite(l->a, out->rank, other.rank);
    out->nmust += other.nmust;
    return l->a->failed ? err_nomem(l->err) : ST_OK;
}

/* ---- all runs ---- */

/* Drop what asks for nothing: parts without terms, and loose marks beside text. */
static size_t drop_idle(struct part *part, size_t n)
{
    bool text = false;
    for (size_t i = 0; i < n; i++)
        text = text || part[i].text;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool loose = text && !part[i].text && !part[i].run.exact;
        if ((part[i].must && !loose) || part[i].filter)
            part[kept++] = part[i];
    }
    return kept;
}

enum piece { MUST, ANY, RANK };
enum which { EXACT, LOOSE, EVERY };

static struct ix_node *piece_of(const struct part *part, enum piece piece)
{
    return piece == MUST ? part->must : piece == ANY ? part->any : part->rank;
}

/* op over one piece of each part that is exact, or is not, or of every part. */
static struct ix_node *gather(struct arena *a, enum ix_op op, const struct part *part, size_t n,
                              enum piece piece, enum which which)
{
    struct ix_node **kid = arena_calloc(a, n, sizeof(struct ix_node *));
    for (size_t i = 0; kid && i < n; i++)
        if (which == EVERY || part[i].run.exact == (which == EXACT))
            kid[i] = piece_of(&part[i], piece);
    return kid ? q_join(a, op, kid, n) : NULL;
}

/* Relaxing a query makes a difference when there are two terms to choose from. */
static bool can_relax(const struct part *part, size_t n)
{
    size_t terms = 0;
    for (size_t i = 0; i < n; i++)
        terms += part[i].run.exact ? 0 : part[i].nmust;
    return terms > 1;
}

/* Words that reach over a space rank as well: GB/T 7714-2015. */
static enum st rank_across(struct lowering *l, const struct q_node *tree, struct ix_node **out)
{
    struct term_list words;
    *out = NULL;
    if (tree->kind != Q_AND)
        return ST_OK;
    uint64_t most = l->limits->terms - l->terms;
    if (q_words_across(l->an, tree, most, l->a, &words) != ST_OK)
        return err_nomem(l->err);
    l->terms += words.n;
    *out = q_join_terms(l->a, IX_OR, &words, l->weights->word);
    return ST_OK;
}

static bool is_word(const struct part *part, size_t n, struct str term)
{
    for (size_t i = 0; i < n; i++)
        if (q_has_term(&part[i].word, term))
            return true;
    return false;
}

static bool is_bigram(const struct part *part, size_t n, struct str term)
{
    for (size_t i = 0; i < n; i++)
        if (q_has_term(&part[i].bigram, term))
            return true;
    return false;
}

/* Words inside long words rank as well, if they are not asked for as words already. */
static enum st rank_pieces(struct lowering *l, const struct part *part, size_t n,
                           struct ix_node **out)
{
    struct term_list pieces = {.cap = (size_t)(l->limits->terms - l->terms)};
    *out = NULL;
    if (l->weights->piece <= 0)
        return ST_OK;
    pieces.at = arena_calloc(l->a, pieces.cap, sizeof(struct str));
    if (!pieces.at)
        return err_nomem(l->err);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < part[i].piece.n && pieces.n < pieces.cap; k++) {
            struct str term = part[i].piece.at[k];
            if (!is_word(part, n, term) && !is_bigram(part, n, term) && !q_has_term(&pieces, term))
                pieces.at[pieces.n++] = term;
        }
    l->terms += pieces.n;
    *out = q_join_terms(l->a, IX_OR, &pieces, l->weights->piece);
    return ST_OK;
}

/* What a date finds: `found`, or everything, of that date. */
static struct ix_node *filtered(struct arena *a, const struct part *part, size_t n,
                                struct ix_node *found)
{
    struct ix_node **kid = arena_calloc(a, n + 1, sizeof(struct ix_node *));
    size_t nkid = 1;
    if (!kid)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (part[i].filter)
            kid[nkid++] = part[i].filter;
    if (nkid == 1)
        return found;
    kid[0] = found ? found : q_node_of(a, IX_ALL, NULL, 0);
    return q_node_of(a, IX_FILTER, kid, nkid);
}

/* extra: what ranks beside the words of the parts. */
static void compose(struct arena *a, const struct part *part, size_t n, struct ix_node *extra,
                    struct q_plan *out)
{
    struct ix_node *rank = q_join2(a, IX_OR, gather(a, IX_OR, part, n, RANK, EVERY), extra);
    out->all = q_and_maybe(a, gather(a, IX_AND, part, n, MUST, EVERY), rank);
    out->all = filtered(a, part, n, out->all);
    if (can_relax(part, n)) {
        struct ix_node *any = gather(a, IX_OR, part, n, ANY, LOOSE);
        struct ix_node *exact = gather(a, IX_AND, part, n, MUST, EXACT);
        out->some = filtered(a, part, n, q_and_maybe(a, q_join2(a, IX_AND, exact, any), rank));
    }
}

static enum st lower_all(struct lowering *l, const struct q_node *tree, struct q_plan *out)
{
    size_t n = tree->kind == Q_AND ? tree->nkid : 1;
    struct part *part = arena_calloc(l->a, n, sizeof(*part));
    for (size_t i = 0; part && i < n; i++) {
        enum st st = lower_run(l, tree->kind == Q_AND ? tree->kid[i] : tree, &part[i]);
        if (st != ST_OK)
            return st;
    }
    n = part ? drop_idle(part, n) : 0;
    out->run = arena_calloc(l->a, n, sizeof(*out->run));
    if (!part || !out->run)
        return err_nomem(l->err);
    if (n == 0)
        return err_at(l->err, ST_SYNTAX, 0, "nothing to look for");
    for (size_t i = 0; i < n; i++) {
        if (part[i].filter)
            continue;
        out->run[out->nrun++] = part[i].run;
        out->nword += part[i].run.nword;
        out->verify = out->verify || part[i].run.verify;
    }
    struct ix_node *across, *pieces;
    enum st st = rank_across(l, tree, &across);
    if (st == ST_OK)
        st = rank_pieces(l, part, n, &pieces);
    if (st != ST_OK)
        return st;
    compose(l->a, part, n, q_join2(l->a, IX_OR, across, pieces), out);
    return l->a->failed ? err_nomem(l->err) : ST_OK;
}

enum st q_lower(struct an *an, const struct q_node *node, const struct q_weights *weights,
                const struct q_limits *limits, struct arena *a, struct q_plan *out, struct err *err)
{
    struct lowering l = {.an = an, .weights = weights, .limits = limits, .a = a, .err = err};
    *out = (struct q_plan){0};
    an_text_init(&l.fold);
    enum st st = lower_all(&l, node, out);
    an_text_fini(&l.fold);
    return st;
}
