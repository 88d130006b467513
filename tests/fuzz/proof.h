/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_FUZZ_PROOF_H
#define GONGBAO_FUZZ_PROOF_H

/* What holds for any bytes whatsoever, for property tests and fuzzers alike.
 *
 *     struct proof p;
 *     proof_init(&p);
 *     proof_text(&p, an, lex, text);       // its tokens: order, places, slices
 *     proof_piece(&p, other_an, piece);    // a piece of it, asked for in quotes, finds it
 *     proof_fini(&p);
 *
 * proof_text analyses a text and checks each token. [start, end) lies on character boundaries, an
 * invalid byte being a character. Tokens come in order of start, the longer first. A token of the
 * text is what the text's fold has between its two ends, and what its slice folds to when it stands
 * alone, but for connectors at an end, whose role their neighbours decide; a number or shorthand
 * may be that without its separators; a word with a spelling of its own is that spelling, and what
 * it stands for is the word of its number. A token aside is what its slice folds to with everything
 * in it. Each character but line breaks and the rest of a run of white space has a token of one
 * character.
 *
 * Its terms are those that ingest gives a document with this text.
 *
 * proof_piece asks for a piece by the query room: all that the plan requires is among the terms of
 * the text, where a lone character stands for any term of it and one more character, and the piece
 * is found in the text's fold where the plan wants that looked at. The analyzer may have another
 * lexicon, or none.
 *
 * What fails is told on stderr with the text and the piece, and the program is aborted.
 */

#include "../../src/ingest/document.h"
#include <gongbao/map.h>
#include <gongbao/query.h>
#include <gongbao/utf8.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define PROOF_LEXICONS 8

struct proof {
    struct str text, piece;
    const struct lex *lex; /* that the text is analysed with; may be NULL */
    unsigned char *begins; /* for each byte and the end: a character begins here */
    unsigned char *shown;  /* a token of this one character begins here */
    size_t room;           /* of both */
    struct an_text view[3], slice;
    struct map terms;
    struct {
        const struct lex *lex;
        struct terms *of;
    } ingest[PROOF_LEXICONS];
    size_t ningest;
    struct buf term;
    struct an_token last;
    bool first;
    struct arena a; /* of a query */
    struct q_check check;
    size_t asked; /* pieces that asked for something */
};

/* The beginning of s, with bytes that cannot be shown as \377. */
static inline void proof_tell(const char *name, struct str s)
{
    fprintf(stderr, "%s of %zu bytes: \"", name, s.n);
    for (size_t at = 0, n; at < s.n && at < 600; at += n) {
        uint32_t cp;
        n = utf8_next(s.p + at, s.p + s.n, &cp);
        if (n > 0 && !utf8_is_control(cp) && cp != '"' && cp != '\\')
            fprintf(stderr, STR_FMT, (int)n, s.p + at);
        else
            n = (size_t)fprintf(stderr, "\\%03o", (unsigned char)s.p[at]) / 4;
    }
    fprintf(stderr, "\"\n");
}

static inline void proof_fail(const struct proof *p, const char *what, int line)
{
    fprintf(stderr, "proof.h:%d: not so: %s\n", line, what);
    if (p && p->piece.n == 0)
        fprintf(stderr, "token of kind %d at [%u, %u)\n", p->last.kind, p->last.start, p->last.end);
    if (p) {
        proof_tell("text ", p->text);
        proof_tell("piece", p->piece);
    }
    abort();
}

#define PROVE(p, x) ((x) ? (void)0 : proof_fail((p), #x, __LINE__))

static inline void proof_init(struct proof *p)
{
    *p = (struct proof){0};
    for (int v = AN_VIEW_TEXT; v <= AN_VIEW_MARKS; v++)
        an_text_init(&p->view[v]);
    an_text_init(&p->slice);
    map_init(&p->terms);
    buf_init(&p->term, 1 + 4 * AN_TOKEN_MAX); /* a longer term fails it */
    arena_init(&p->a, 64 << 20);
    q_check_init(&p->check);
}

static inline void proof_fini(struct proof *p)
{
    free(p->begins);
    free(p->shown);
    for (int v = AN_VIEW_TEXT; v <= AN_VIEW_MARKS; v++)
        an_text_fini(&p->view[v]);
    an_text_fini(&p->slice);
    map_fini(&p->terms);
    for (size_t i = 0; i < p->ningest; i++)
        terms_free(p->ingest[i].of);
    buf_fini(&p->term);
    arena_fini(&p->a);
    q_check_fini(&p->check);
}

/* The length of the character at text[at], and what it is, 0xfffd for an invalid byte. */
static inline size_t proof_char(struct str text, size_t at, uint32_t *cp)
{
    *cp = 0xfffd;
    unsigned n = utf8_next(text.p + at, text.p + text.n, cp);
    return n ? n : 1;
}

static inline bool proof_has_break(struct str s)
{
    uint32_t cp;
    for (size_t at = 0; at < s.n;) {
        at += proof_char(s, at, &cp);
        if (an_fold_char(cp) == '\n')
            return true;
    }
    return false;
}

/* ---- tokens ---- */

static inline bool proof_is(const struct an_token *t, const uint32_t *cp, size_t n)
{
    return t->ncp == n && memcmp(t->cp, cp, n * sizeof(*cp)) == 0;
}

static inline void proof_fold(struct proof *p, const struct an_token *t, enum an_view view)
{
    struct str slice = str_from(p->text.p + t->start, t->end - t->start);
    PROVE(p, an_fold(slice, view, &p->slice) == ST_OK);
}

static inline bool proof_slice_is(struct proof *p, const struct an_token *t, enum an_view view)
{
    proof_fold(p, t, view);
    return proof_is(t, p->slice.cp, p->slice.n);
}

/* The first of n ascending places that is at least `place`. */
static inline size_t proof_seek(const uint32_t *at, size_t n, uint32_t place)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (at[mid] < place)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Whether the folded characters are the word of this number. */
static inline bool proof_is_word(const struct lex *lex, const uint32_t *cp, size_t n, uint32_t word)
{
    uint16_t code[LEX_WORD_MAX];
    struct lex_match match[LEX_WORD_MAX];
    if (n > LEX_WORD_MAX)
        return false;
    lex_codes(lex, cp, n, code);
    size_t found = lex_prefixes_of(lex, code, n, match, LEX_WORD_MAX);
    return found > 0 && match[found - 1].length == n && match[found - 1].word == word;
}

/* A word of the lexicon over the folded characters: what it stands for, and its spelling. */
static inline void proof_word(struct proof *p, const struct an_token *t, const uint32_t *cp,
                              size_t n)
{
    size_t spelled;
    PROVE(p, p->lex && t->kind == AN_WORD);
    const uint32_t *spelling = lex_spelling(p->lex, t->word, &spelled);
    PROVE(p, proof_is_word(p->lex, cp, n, t->word));
    PROVE(p, spelling ? proof_is(t, spelling, spelled) : proof_is(t, cp, n));
}

static inline bool proof_is_connector(uint32_t cp)
{
    return cp < 0x80 && cp != 0 && strchr(".'-_/:&@", (int)cp);
}

/* Whether the slice by itself has the folded characters, others that are dropped among them. */
static inline bool proof_slice_has(struct proof *p, const struct an_token *t, const uint32_t *cp,
                                   size_t n)
{
    size_t at = 0;
    proof_fold(p, t, AN_VIEW_MARKS);
    for (size_t i = 0; i < p->slice.n && at < n; i++)
        at += p->slice.cp[i] == cp[at];
    return at == n;
}

/* Whether a number or shorthand is the folded characters without the separators among them, a long
 * dash being a '-': GB/T 7714—2015. */
static inline bool proof_is_whole(const struct an_token *t, const uint32_t *cp, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = cp[i] == 0x2014 ? '-' : cp[i];
        if (c != '-' && an_lexicon_char(c) == LEX_NOT_TEXT)
            continue;
        if (at == t->ncp || t->cp[at++] != c)
            return false;
    }
    return at == t->ncp && (t->kind == AN_NUMBER || t->kind == AN_SHORTHAND);
}

/* A token of the text: [from, to) of its fold lie between the token's ends. */
static inline void proof_inside(struct proof *p, const struct an_token *t)
{
    const struct an_text *view = &p->view[AN_VIEW_TEXT];
    size_t from = proof_seek(view->start, view->n, t->start);
    size_t last = proof_seek(view->end, view->n, t->end);
    PROVE(p, from <= last && last < view->n);
    PROVE(p, view->start[from] == t->start && view->end[last] == t->end);
    const uint32_t *cp = view->cp + from;
    size_t n = last + 1 - from;
    if (t->word == AN_NO_WORD)
        PROVE(p, proof_is(t, cp, n) || proof_is_whole(t, cp, n));
    else
        proof_word(p, t, cp, n);
    if (proof_is_connector(cp[0]) || proof_is_connector(cp[n - 1])) {
        PROVE(p, proof_slice_has(p, t, cp, n));
        return;
    }
    proof_fold(p, t, AN_VIEW_TEXT);
    while (cp[0] != ' ' && p->slice.n > n && p->slice.cp[p->slice.n - 1] == ' ')
        p->slice.n--; /* the space behind a reading */
    PROVE(p, p->slice.n == n && memcmp(p->slice.cp, cp, n * sizeof(*cp)) == 0);
}

/* Whether a token is what Chinese numerals are in digits. */
static inline bool proof_is_digits(const struct an_token *t)
{
    bool digit = t->cp[0] >= '0' && t->cp[0] <= '9';
    return t->aside && (t->kind <= AN_BIGRAM || (t->kind == AN_CHAR && digit));
}

/* A digit stands for a Chinese numeral, or for the 0 or O written in its place (二OO四年), and all
 * else for itself. */
static inline void proof_digits(struct proof *p, const struct an_token *t)
{
    bool digits = false, numerals = false;
    proof_fold(p, t, AN_VIEW_TEXT);
    for (size_t i = 0; i < t->ncp; i++)
        digits |= t->cp[i] >= '0' && t->cp[i] <= '9';
    for (size_t i = 0; i < p->slice.n; i++)
        numerals |= p->slice.cp[i] == 0x3007 || p->slice.cp[i] == 0x96f6 ||
                    wcschr(L"一二三四五六七八九十百千廿卅0o", (wchar_t)p->slice.cp[i]) != NULL;
    PROVE(p, digits && numerals);
}

/* Whether the token is a pair of Han characters that the text has with a space between them. */
static inline bool proof_is_apart(struct proof *p, const struct an_token *t)
{
    const uint32_t *cp;
    if (t->kind != AN_BIGRAM || !an_is_han(t->cp[0]) || !an_is_han(t->cp[1]))
        return false;
    proof_fold(p, t, AN_VIEW_TEXT);
    cp = p->slice.cp;
    return p->slice.n >= 3 && cp[0] == t->cp[0] && cp[1] == ' ' && cp[2] == t->cp[1];
}

/* A token aside: a dropped mark, a reading or what it is made of, a number in digits, or a pair set
 * apart. */
static inline void proof_aside(struct proof *p, const struct an_token *t)
{
    PROVE(p, t->word == AN_NO_WORD);
    if (proof_is_apart(p, t))
        return;
    if (proof_is_digits(t)) {
        proof_digits(p, t);
        return;
    }
    if (t->kind == AN_CHAR) {
        PROVE(p, proof_slice_is(p, t, AN_VIEW_MARKS));
        return;
    }
    PROVE(p, t->kind == AN_LETTERS || t->kind == AN_READING);
    proof_fold(p, t, AN_VIEW_ALL);
    size_t paren = t->kind == AN_READING ? 1 : 0;
    PROVE(p, p->slice.n == t->ncp + 2 * paren && proof_is(t, p->slice.cp + paren, t->ncp));
}

static inline void proof_order(struct proof *p, const struct an_token *t)
{
    PROVE(p, t->start < t->end && t->end <= p->text.n);
    PROVE(p, p->begins[t->start] && p->begins[t->end]);
    if (!p->first)
        PROVE(p, t->start > p->last.start || (t->start == p->last.start && t->end <= p->last.end));
    PROVE(p, t->ncp > 0 && t->ncp <= AN_TOKEN_MAX && t->kind < AN_KINDS);
    p->first = false;
    p->last = *t;
}

/* Whether the text has a term that is a character, or that and one more. */
static inline bool proof_has_prefix(const struct proof *p, struct str prefix)
{
    const struct map_entry *e;
    for (size_t at = 0; (e = map_next(&p->terms, &at));) {
        size_t more = 0;
        for (size_t i = prefix.n; i < e->key.n; i++)
            more += ((unsigned char)e->key.p[i] & 0xc0) != 0x80;
        if (e->key.n >= prefix.n && memcmp(e->key.p, prefix.p, prefix.n) == 0 && more <= 1)
            return true;
    }
    return false;
}

/* Each token's term is one of the document's, or what begins with it is; but for words that stand
 * for others (傢俱). */
static inline void proof_indexed(struct proof *p, const struct an_token *t)
{
    bool alias = t->word != AN_NO_WORD && t->word & LEX_SPELLED;
    if (t->kind == AN_READING || alias || map_get(&p->terms, buf_str(&p->term)))
        return;
    PROVE(p, t->kind == AN_CHAR && (p->text.n > 4096 || proof_has_prefix(p, buf_str(&p->term))));
}

static inline enum st proof_take(void *ctx, const struct an_token *tok, size_t n)
{
    struct proof *p = ctx;
    for (size_t i = 0; i < n; i++) {
        const struct an_token *t = &tok[i];
        proof_order(p, t);
        if (t->aside)
            proof_aside(p, t);
        else
            proof_inside(p, t);
        if ((t->kind == AN_CHAR && !proof_is_digits(t)) || (t->kind == AN_LETTERS && t->ncp == 1))
            p->shown[t->start] = 1;
        buf_reset(&p->term);
        an_term(t, &p->term);
        PROVE(p, buf_ok(&p->term) && (p->term.n > 0) == (t->kind != AN_READING));
        proof_indexed(p, t);
    }
    return ST_OK;
}

static inline void proof_begin(struct proof *p, const struct lex *lex, struct str text)
{
    p->text = text;
    p->piece = (struct str){0};
    p->lex = lex;
    p->first = true;
    map_fini(&p->terms);
    map_init(&p->terms);
    if (p->room < text.n + 1) {
        p->room = text.n + 1;
        free(p->begins);
        free(p->shown);
        p->begins = malloc(p->room);
        p->shown = malloc(p->room);
        PROVE(NULL, p->begins && p->shown);
    }
    memset(p->begins, 0, text.n + 1);
    memset(p->shown, 0, text.n + 1);
    uint32_t cp;
    for (size_t at = 0; at < text.n; at += proof_char(text, at, &cp))
        p->begins[at] = 1;
    p->begins[text.n] = 1;
}

static inline struct terms *proof_ingest(struct proof *p, const struct lex *lex)
{
    for (size_t i = 0; i < p->ningest; i++)
        if (p->ingest[i].lex == lex)
            return p->ingest[i].of;
    PROVE(p, p->ningest < PROOF_LEXICONS);
    p->ingest[p->ningest].lex = lex;
    PROVE(p, terms_new(lex, 1, &p->ingest[p->ningest].of, NULL) == ST_OK);
    return p->ingest[p->ningest++].of;
}

/* The terms of a document of this text, no two of them alike. */
static inline void proof_terms(struct proof *p, const struct lex *lex, struct str text)
{
    const struct ix_doc doc = {.body = text};
    const struct ix_term *term;
    size_t n;
    PROVE(p, terms_of(proof_ingest(p, lex), &doc, &term, &n, NULL) == ST_OK);
    for (size_t i = 0; i < n; i++) {
        uint64_t *slot = map_slot(&p->terms, term[i].bytes);
        PROVE(p, slot && *slot == 0);
        *slot = 1;
    }
}

static inline void proof_text(struct proof *p, struct an *an, const struct lex *lex,
                              struct str text)
{
    proof_begin(p, lex, text);
    for (int v = AN_VIEW_TEXT; v <= AN_VIEW_MARKS; v++)
        PROVE(p, an_fold(text, (enum an_view)v, &p->view[v]) == ST_OK);
    proof_terms(p, lex, text);
    PROVE(p, an_analyze(an, text, proof_take, p) == ST_OK);
    uint32_t cp;
    for (size_t at = 0; at < text.n; at += proof_char(text, at, &cp)) {
        proof_char(text, at, &cp);
        uint32_t fold = an_fold_char(cp);
        PROVE(p, fold == '\n' || fold == ' ' || p->shown[at]);
    }
}

/* ---- pieces ---- */

/* Whether a document with the text's terms matches. */
static inline bool proof_matches(const struct proof *p, const struct ix_node *node)
{
    size_t yes = 0;
    if (node->op == IX_TERM)
        return map_get(&p->terms, node->term) != NULL;
    if (node->op == IX_PREFIX)
        return proof_has_prefix(p, node->term);
    if (node->op == IX_SCALE || node->op == IX_AND_MAYBE)
        return proof_matches(p, node->kid[0]);
    if (node->op == IX_WHERE) {
        const struct ix_doc doc = {.body = p->text};
        return proof_matches(p, node->kid[0]) && node->accept(node->accept_ctx, &doc);
    }
    PROVE(p, node->op == IX_AND || node->op == IX_OR);
    for (size_t i = 0; i < node->nkid; i++)
        yes += proof_matches(p, node->kid[i]);
    return node->op == IX_OR ? yes > 0 : yes == node->nkid;
}

static inline bool proof_stands(const struct proof *p, const struct q_run *run)
{
    if (run->text.n == 0)
        return an_find(&p->view[AN_VIEW_MARKS], &run->marks, 0) != SIZE_MAX;
    return an_find(&p->view[AN_VIEW_TEXT], &run->text, 0) != SIZE_MAX ||
           an_find(&p->view[AN_VIEW_ALL], &run->all, 0) != SIZE_MAX;
}

/* Nothing but white space, and marks that are not seen. */
static inline bool proof_is_blank(struct proof *p, struct str piece)
{
    PROVE(p, an_fold_run(piece, AN_VIEW_MARKS, &p->slice) == ST_OK);
    return p->slice.n == 0;
}

/* A quoted piece is parsed as it stands, if there are quotes that are not in it. */
static inline void proof_parse(struct proof *p, struct str piece, const struct q_opts *opts)
{
    static const struct str pair[][2] = {
        {{"\"", 1}, {"\"", 1}}, {{"“", 3}, {"”", 3}}, {{"「", 3}, {"」", 3}}};
    if (utf8_check(piece.p, piece.n) != piece.n)
        return;
    for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
        struct q_node *tree;
        if (memmem(piece.p, piece.n, pair[i][1].p, pair[i][1].n))
            continue;
        const char *text = arena_fmt(&p->a, STR_FMT STR_FMT STR_FMT, STR_ARG(pair[i][0]),
                                     STR_ARG(piece), STR_ARG(pair[i][1]));
        if (memchr(piece.p, 0, piece.n))
            return; /* the formatted text ends there */
        enum st st = q_parse(str_of(text), opts, &p->a, &tree, NULL);
        if (st != ST_OK)
            PROVE(p, st == ST_SYNTAX && proof_is_blank(p, piece));
        else
            PROVE(p, tree->kind == Q_EXACT && str_eq(tree->text, piece));
    }
}

/* piece is a piece of the text, cut on character boundaries, without a line break. */
static inline void proof_piece(struct proof *p, struct an *an, struct str piece)
{
    const struct q_opts opts = {
        .limits = {.runs = 32, .terms = Q_TERMS_MAX, .depth = 16, .expansion = 1000},
        .weights = {.word = 1.0, .bigram = 0.5, .character = 0.3, .piece = 0.5},
        .check = &p->check};
    struct q_node exact = {.kind = Q_EXACT, .text = piece, .typed = piece};
    struct q_plan plan;
    p->piece = piece;
    arena_reset(&p->a);
    proof_parse(p, piece, &opts);
    enum st st = q_lower(an, &exact, &opts, &p->a, &plan, NULL);
    if (st == ST_TOO_MUCH)
        return;
    if (st != ST_OK) {
        PROVE(p, st == ST_SYNTAX && proof_is_blank(p, piece));
        return;
    }
    p->asked++;
    PROVE(p, proof_matches(p, plan.all));
    PROVE(p, !plan.some); /* a quoted run is not relaxed */
    PROVE(p, plan.nrun == 1 && proof_stands(p, &plan.run[0]));
    PROVE(p, p->check.st == ST_OK);
    if (p->text.n > 4096)
        return; /* folding for each piece is slow */
    plan.run[0].typed = STR("\x01 not in the text, so it is folded \x02");
    PROVE(p, proof_matches(p, plan.all));
}

#endif
