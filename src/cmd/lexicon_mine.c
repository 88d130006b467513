/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao lexicon mine [--lexicon FILE] [--limit N] [--documents N] DIR
 *
 * Propose new words from the bulletins of an index: phrases that are quoted, then strings that look
 * like words (gongbao/mine.h), neither of them in the lexicon. What is printed can be
 * appended to the user words: a line is a word, and a comment with its figures and an example.
 *
 * Memory is bounded: CHARACTERS_MAX characters are held, about seven bytes each. Of a larger index
 * every second document is read, or every third, and so on; what occurs often enough to be worth a
 * line occurs there too. Progress goes to standard error.
 */

#include "lexicon.h"

#include "cmd.h"
#include <getopt.h>
#include <gongbao/clock.h>
#include <gongbao/index.h>
#include <gongbao/mine.h>
#include <gongbao/utf8.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHARACTERS_MAX ((uint64_t)64 << 20)
#define HITS_CAP       ((size_t)4 << 30)
#define DOCUMENT_CAP   ((size_t)1 << 30)
#define EXAMPLE_AROUND 12 /* characters before and behind the word */

struct mine {
    const char *dir, *lexicon;
    uint64_t limit, documents;
    struct lex *lex;
    struct an *an;
    struct ix_reader *reader;
    struct ix_view *view;
    struct arena hits, page;
    struct ix_result all;
    uint64_t step; /* every so many documents are read */
    struct mine_text text;
    struct mine_suffixes suffixes;
    struct an_text body; /* for examples */
};

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("gongbao lexicon mine: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
}

/* ---- reading ---- */

static enum st open_index(struct mine *m, struct err *err)
{
    struct ix_info info;
    struct ix_node all = {.op = IX_ALL};
    enum st st = lex_open(m->lexicon, &m->lex, err);
    if (st == ST_OK)
        st = an_new(m->lex, &m->an, err);
    if (st == ST_OK)
        st = ix_reader_open(m->dir, &m->reader, err);
    if (st == ST_OK)
        st = ix_view_open(&m->reader, 1, &m->view, err);
    if (st != ST_OK)
        return st;
    ix_reader_info(m->reader, &info);
    uint64_t characters = info.body_bytes / 2 + 64 * info.documents + 1024;
    m->step = 1 + characters / CHARACTERS_MAX;
    st = mine_text_init(&m->text, m->an,
                        (size_t)(characters < CHARACTERS_MAX ? characters : CHARACTERS_MAX), err);
    struct ix_search q = {.query = &all, .limit = info.documents, .k1 = 1.2, .b = 0.75};
    return st == ST_OK ? ix_search(m->view, &q, &m->hits, &m->all, err) : st;
}

static enum st read_documents(struct mine *m, struct err *err)
{
    enum st st = ST_OK;
    uint64_t told = clock_ns();
    for (size_t i = 0; i < m->all.n && st == ST_OK; i += m->step) {
        struct ix_doc doc;
        arena_reset(&m->page);
        st = ix_document(m->view, m->all.hit[i].doc, &m->page, &doc, err);
        if (st != ST_OK)
            return st;
        st = mine_text_document(&m->text);
        if (st == ST_OK)
            st = mine_text_add(&m->text, doc.title);
        if (st == ST_OK)
            st = mine_text_add(&m->text, doc.body);
        if (clock_ns() - told > UINT64_C(2000000000)) {
            told = clock_ns();
            say("%zu of %zu documents read", i, m->all.n);
        }
    }
    return st == ST_OK ? ST_OK : err_nomem(err);
}

/* ---- printing ---- */

/* The first place of a text where the word stands, as it is written there, with what is around it.
 * False when it stands nowhere, or without memory. */
static bool show_example(struct mine *m, const struct mine_word *w, struct str text)
{
    uint32_t cp[MINE_WORD_MAX];
    for (size_t i = 0; i < w->n; i++)
        cp[i] = m->text.cp_of[m->text.code[w->at + i]];
    const struct an_text needle = {.cp = cp, .n = w->n}, *body = &m->body;
    size_t from =
        an_fold(text, AN_VIEW_TEXT, &m->body) == ST_OK ? an_find(body, &needle, 0) : SIZE_MAX;
    if (from == SIZE_MAX)
        return false;
    size_t first = from > EXAMPLE_AROUND ? from - EXAMPLE_AROUND : 0, last = from + w->n - 1;
    size_t after = last + EXAMPLE_AROUND < body->n ? last + EXAMPLE_AROUND : body->n - 1;
    cmd_print(str_from(text.p + body->start[first], body->start[from] - body->start[first]));
    putchar('[');
    cmd_print(str_from(text.p + body->start[from], body->end[last] - body->start[from]));
    putchar(']');
    cmd_print(str_from(text.p + body->end[last], body->end[after] - body->end[last]));
    return true;
}

static enum st print_example(struct mine *m, const struct mine_word *w, struct err *err)
{
    size_t nth = mine_text_document_of(&m->text, w->at) * m->step;
    struct ix_doc doc;
    arena_reset(&m->page);
    enum st st = ix_document(m->view, m->all.hit[nth].doc, &m->page, &doc, err);
    if (st == ST_OK && !show_example(m, w, doc.body))
        show_example(m, w, doc.title);
    return st;
}

/* Prints the words of the path, one behind the other, each as the dictionary spells it. */
static enum st spell(void *ctx, const struct an_token *tok, size_t n)
{
    uint32_t *end = ctx;
    for (size_t i = 0; i < n; i++) {
        if (tok[i].kind != AN_WORD || tok[i].start < *end)
            continue;
        *end = tok[i].end;
        for (size_t k = 0; k < tok[i].ncp; k++) {
            char utf8[4] = {0};
            fwrite(utf8, 1, utf8_put(tok[i].cp[k], utf8), stdout);
        }
    }
    return ST_OK;
}

/* 著作权法 and not 着作权法, which is its key. */
static enum st print_spelled(struct mine *m, const struct mine_word *w)
{
    char key[4 * MINE_WORD_MAX];
    size_t n = 0;
    uint32_t end = 0;
    for (size_t i = 0; i < w->n; i++)
        n += utf8_put(m->text.cp_of[m->text.code[w->at + i]], key + n);
    return an_analyze(m->an, str_from(key, n), spell, &end);
}

static enum st print_word(struct mine *m, const struct mine_word *w, struct err *err)
{
    if (print_spelled(m, w) != ST_OK)
        return err_nomem(err);
    printf("\t# documents=%" PRIu32 " occurrences=%" PRIu32, w->documents, w->count);
    if (w->quoted > 0)
        printf(" quoted=%" PRIu32, w->quoted);
    else
        printf(" cohesion=%.1f left=%.1f right=%.1f", w->cohesion, w->left, w->right);
    printf(" score=%.1f ", w->score);
    enum st st = print_example(m, w, err);
    putchar('\n');
    return st;
}

static enum st print_words(struct mine *m, const char *title, const struct mine_words *w,
                           struct err *err)
{
    enum st st = ST_OK;
    printf("# %s\n", title);
    for (size_t i = 0; i < w->n && i < m->limit && st == ST_OK; i++)
        st = print_word(m, &w->word[i], err);
    return st;
}

/* ---- the command ---- */

static enum st propose(struct mine *m, struct err *err)
{
    struct mine_words quoted = {0}, cohesive = {0};
    const struct mine_opts opts = {m->lex, (size_t)m->documents};
    enum st st = mine_quoted(&m->text, &m->suffixes, &opts, &quoted, err);
    if (st == ST_OK)
        st = mine_cohesive(&m->text, &m->suffixes, &opts, &cohesive, err);
    if (st == ST_OK) {
        say("%zu quoted phrases, %zu cohesive strings", quoted.n, cohesive.n);
        st = print_words(m, "between quotes", &quoted, err);
    }
    if (st == ST_OK)
        st = print_words(m, "by cohesion and freedom", &cohesive, err);
    mine_words_fini(&quoted);
    mine_words_fini(&cohesive);
    return st;
}

static enum st mine(struct mine *m, struct err *err)
{
    enum st st = open_index(m, err);
    if (st == ST_OK)
        st = read_documents(m, err);
    if (st == ST_OK) {
        say("%zu documents, %zu characters read; sorting", m->text.ndocuments, m->text.n);
        st = mine_sort(&m->text, &m->suffixes, err);
    }
    if (st == ST_OK)
        st = propose(m, err);
    return st == ST_OK && fflush(stdout) != 0 ? err_sys(err, "write", "standard output") : st;
}

static int run(struct mine *m)
{
    struct err err = ERR_INIT;
    arena_init(&m->hits, HITS_CAP);
    arena_init(&m->page, DOCUMENT_CAP);
    an_text_init(&m->body);
    enum st st = mine(m, &err);
    an_text_fini(&m->body);
    mine_suffixes_fini(&m->suffixes);
    mine_text_fini(&m->text);
    if (m->view)
        ix_view_close(m->view);
    if (m->reader)
        ix_reader_close(m->reader);
    an_free(m->an);
    lex_close(m->lex);
    arena_fini(&m->hits);
    arena_fini(&m->page);
    return st == ST_OK ? 0 : cmd_fail("lexicon mine", &err);
}

int lexicon_mine(int argc, char **argv)
{
    static const struct option options[] = {{"lexicon", required_argument, NULL, 'l'},
                                            {"limit", required_argument, NULL, 'n'},
                                            {"documents", required_argument, NULL, 'd'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    char beside[PATH_MAX];
    struct mine m = {.lexicon = lexicon_default(beside), .limit = 200, .documents = 5};
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        bool ok = c == 'l';
        if (c == 'l')
            m.lexicon = optarg;
        else if (c == 'n')
            ok = str_u64(str_of(optarg), UINT32_MAX, &m.limit);
        else if (c == 'd')
            ok = str_u64(str_of(optarg), UINT32_MAX, &m.documents) && m.documents > 0;
        if (!ok)
            return lexicon_usage(c == 'h');
    }
    if (argc - optind != 1)
        return lexicon_usage(false);
    m.dir = argv[optind];
    return run(&m);
}
