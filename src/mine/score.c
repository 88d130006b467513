/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Words by their statistics: strings of 2 to 8 characters that hold together inside and are free
 * outside.
 *
 * Cohesion is the least pointwise mutual information over all cuts of a string w into a and b,
 *
 *     log2( p(ab) / (p(a) p(b)) ),
 *
 * p being the share of all characters (Church and Hanks, Word association norms, mutual
 * information, and lexicography, 1990). Freedom is the branching entropy of the character before
 * the string, and of the one behind it (Jin and Tanaka-Ishii, Unsupervised segmentation of Chinese
 * text by use of branching entropy, 2006): inside a word it falls, at its end it rises. Where no
 * Han character is the neighbour (a mark, the end of a line), each occurrence counts as a neighbour
 * of its own, for there a word surely ends.
 *
 * Strings are met in the order of suffixes: those that begin with w are neighbours, those of each
 * character behind w are again neighbours among them, so one descent counts everything but what
 * stands before w. That is counted only for strings that have passed all cheaper tests.
 *
 * Two things the statistics do not see are asked of the segmentation: most occurrences must begin
 * and end where words of the lexicon do (级人民政府 is free on both sides, but cuts 县级 and 市级
 * in two), and none of its words may be grammar (grammar.c).
 */

#include "mine.h"

#include <math.h>
#include <stdlib.h>

#define LENGTH_MAX 8

/* Bits. Below them lie strings that merely occur often. */
#define COHESION_MIN 4.0
#define FREEDOM_MIN  2.0

#define ALIGNED_MIN 0.6 /* the share of occurrences that begin, and that end, with words */

struct miner {
    const struct mine_text *t;
    const struct mine_suffixes *s;
    const struct mine_opts *opts;
    struct mine_words *out;
    struct mine_seen seen;
    uint32_t *before; /* of each code: how often it stands before the string */
    uint16_t *met;    /* those codes that do */
    struct mine_grammar *grammar;
    double total;                 /* characters */
    size_t count[LENGTH_MAX + 1]; /* of the first so many characters of the string in hand */
    bool ok;
};

static double plogp(double count, double total)
{
    return count / total * log2(total / count);
}

/* Entropy, in bits, of what stands behind the first n characters of suffixes [from, to). */
static double right_entropy(const struct miner *m, size_t from, size_t to, size_t n)
{
    const uint16_t *code = m->t->code + n;
    double total = (double)(to - from), sum = 0;
    for (size_t i = from, next; i < to; i = next) {
        uint16_t here = code[m->s->at[i]];
        for (next = i + 1; next < to && code[m->s->at[next]] == here;)
            next++;
        double n_here = (double)(next - i);
        sum += here == 0 ? n_here * plogp(1, total) : plogp(n_here, total);
    }
    return sum;
}

/* The same of what stands before them. */
static double left_entropy(struct miner *m, size_t from, size_t to)
{
    double total = (double)(to - from), sum = 0;
    size_t nmet = 0;
    for (size_t i = from; i < to; i++) {
        uint32_t at = m->s->at[i];
        uint16_t code = at > 0 ? m->t->code[at - 1] : 0;
        if (code == 0)
            sum += plogp(1, total);
        else if (m->before[code]++ == 0)
            m->met[nmet++] = code;
    }
    for (size_t i = 0; i < nmet; i++) {
        sum += plogp(m->before[m->met[i]], total);
        m->before[m->met[i]] = 0;
    }
    return sum;
}

/* The least mutual information over all cuts. The counts of what begins the string are known from
 * the way down to it. */
static double cohesion(const struct miner *m, size_t at, size_t n)
{
    double least = INFINITY;
    for (size_t cut = 1; cut < n; cut++) {
        size_t head = m->count[cut];
        size_t tail = mine_count(m->t, m->s, m->t->code + at + cut, n - cut);
        double bits = log2((double)m->count[n] * m->total / ((double)head * (double)tail));
        least = bits < least ? bits : least;
        if (least < COHESION_MIN)
            break;
    }
    return least;
}

/* Whether words begin and end where the string does, for most of its occurrences; *at is one. */
static bool is_aligned(const struct miner *m, size_t from, size_t to, size_t n, uint32_t *at)
{
    const struct mine_text *t = m->t;
    size_t begins = 0, ends = 0;
    for (size_t i = from; i < to; i++) {
        size_t begin = m->s->at[i], end = begin + n;
        bool begun = t->cut[begin] != 0, ended = t->code[end] == 0 || t->cut[end] != 0;
        begins += begun;
        ends += ended;
        if (begun && ended)
            *at = (uint32_t)begin;
    }
    double least = (double)(to - from) * ALIGNED_MIN;
    return (double)begins >= least && (double)ends >= least;
}

/* Whether it is a word of grammar, or one is among the words that it is made of. 第 before a number
 * is part of a word that there are many of. */
static bool has_grammar(const struct miner *m, size_t at, size_t n)
{
    const uint8_t *cut = m->t->cut + at;
    if (m->t->cp_of[m->t->code[at]] == U'第' ||
        mine_is_grammar(m->grammar, m->t->code + at, n, true, true))
        return true;
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && !cut[to];)
            to++;
        if (mine_is_grammar(m->grammar, m->t->code + at + from, to - from, from == 0, to == n))
            return true;
    }
    return false;
}

static void measure(struct miner *m, size_t from, size_t to, size_t n)
{
    struct mine_word w = {.at = m->s->at[from], .n = (uint32_t)n, .count = (uint32_t)(to - from)};
    w.right = right_entropy(m, from, to, n);
    if (w.right < FREEDOM_MIN)
        return;
    w.left = left_entropy(m, from, to);
    if (w.left < FREEDOM_MIN || mine_is_known(m->t, m->opts->lex, w.at, n) ||
        !is_aligned(m, from, to, n, &w.at) || has_grammar(m, w.at, n))
        return;
    w.documents = (uint32_t)mine_documents(m->t, m->s, from, to, &m->seen);
    if (w.documents < m->opts->documents)
        return;
    w.cohesion = cohesion(m, w.at, n);
    if (w.cohesion < COHESION_MIN)
        return;
    double freedom = w.left < w.right ? w.left : w.right;
    w.score = w.cohesion * sqrt(freedom) * log2(1 + (double)w.documents);
    m->ok = mine_words_add(m->out, &w);
}

/* Suffixes [from, to) agree in n characters: measure them, and go on to each character behind. */
static void descend(struct miner *m, size_t from, size_t to, size_t n)
{
    if (!m->ok || to - from < m->opts->documents)
        return;
    m->count[n] = n == 1 ? m->s->count[m->t->code[m->s->at[from]]] : to - from;
    if (n >= 2)
        measure(m, from, to, n);
    if (n == LENGTH_MAX)
        return;
    const uint16_t *code = m->t->code + n;
    for (size_t i = from, next; i < to; i = next) {
        uint16_t here = code[m->s->at[i]];
        for (next = i + 1; next < to && code[m->s->at[next]] == here;)
            next++;
        if (here != 0)
            descend(m, i, next, n + 1);
    }
}

enum st mine_cohesive(const struct mine_text *t, const struct mine_suffixes *s,
                      const struct mine_opts *opts, struct mine_words *out, struct err *err)
{
    struct miner m = {.t = t, .s = s, .opts = opts, .out = out};
    m.seen.of = calloc(t->ndocuments + 1, sizeof(*m.seen.of));
    m.before = calloc(t->ncodes + 1, sizeof(*m.before));
    m.met = calloc(t->ncodes + 1, sizeof(*m.met));
    m.grammar = malloc(sizeof(*m.grammar));
    m.ok = m.seen.of && m.before && m.met && m.grammar;
    if (m.ok)
        mine_grammar_init(m.grammar, t);
    for (size_t c = 1; c < t->ncodes; c++)
        m.total += s->count[c];
    for (size_t c = 1; c < t->ncodes && m.ok; c++)
        if (s->first[c] < s->first[c + 1])
            descend(&m, s->first[c], s->first[c + 1], 1);
    free(m.seen.of);
    free(m.before);
    free(m.met);
    free(m.grammar);
    mine_words_sort(out);
    return m.ok ? ST_OK : err_nomem(err);
}
