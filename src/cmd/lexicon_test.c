/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao lexicon test [--weight N] [--lexicon FILE] [--lines FILE] WORD
 * gongbao lexicon test [--weight N] [--lexicon FILE] --index DIR [--limit N] WORD
 *
 * What a word would change, before anybody adds it: the lines that have it are cut into words with
 * and without it, and those that differ are shown. Lines come from a file or standard input, or are
 * those of the bulletins in an index that have the word, found as a quoted query is. With means
 * with the weight given, or the weight that the lexicon has, or the one that `lexicon add` would
 * give. Nothing is written.
 */

#include "compare.h"
#include "lexicon.h"
#include "settings.h"

#include "cmd.h"
#include <getopt.h>
#include <gongbao/file.h>
#include <gongbao/utf8.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE_CAP ((size_t)1 << 30)

struct test {
    const char *lexicon, *lines, *index;
    uint64_t weight, limit;
    struct str word;
    uint32_t key[LEX_WORD_MAX], nkey;
    struct lex *lex[2]; /* without the word, and with it */
    struct an *an[2];
    struct compare compare;
    struct arena config, page;
    uint64_t total; /* bulletins that have the word */
};

/* ---- the two lexicons ---- */

static enum st make_lexicon(struct test *t, bool with, struct err *err)
{
    struct buf line;
    buf_init(&line, 1024);
    if (!with)
        buf_addc(&line, '-');
    buf_adds(&line, t->word);
    if (with && t->weight > 0)
        buf_addf(&line, " %" PRIu64, t->weight);
    enum st st = buf_ok(&line) ? lexicon_variant(t->lexicon, buf_str(&line), &t->lex[with], err)
                               : err_nomem(err);
    buf_fini(&line);
    return st;
}

static enum st make_lexicons(struct test *t, struct err *err)
{
    struct lex_match m;
    enum st st = lex_word_key(an_lexicon_char, t->word, t->key, &t->nkey, err);
    if (st == ST_OK)
        st = lex_open(t->lexicon, &t->lex[1], err);
    if (st == ST_OK && (t->weight > 0 || !lex_find(t->lex[1], t->key, t->nkey, &m))) {
        lex_close(t->lex[1]);
        t->lex[1] = NULL;
        st = make_lexicon(t, true, err);
    }
    if (st == ST_OK)
        st = make_lexicon(t, false, err);
    for (int i = 0; i < 2 && st == ST_OK; i++)
        st = an_new(t->lex[i], &t->an[i], err);
    return st;
}

/* ---- where the lines come from ---- */

static enum st read_stream(FILE *in, struct buf *out, struct err *err)
{
    size_t got = 1;
    while (got > 0) {
        char *to = buf_room(out, 65536);
        if (!to)
            return err_set(err, ST_REJECTED, "standard input is larger than %zu bytes", out->max);
        got = fread(to, 1, 65536, in);
        out->n += got;
    }
    return ferror(in) ? err_sys(err, "read", "standard input") : ST_OK;
}

static enum st test_lines(struct test *t, struct err *err)
{
    struct buf text;
    bool standard = !t->lines || strcmp(t->lines, "-") == 0;
    buf_init(&text, LEXICON_TEXT_MAX);
    enum st st = standard ? read_stream(stdin, &text, err) : file_read(t->lines, &text, err);
    if (st == ST_OK)
        st = compare_lines(&t->compare, buf_str(&text), standard ? "-" : t->lines, err);
    buf_fini(&text);
    return st;
}

/* The bulletins that have the word: a quoted query, best hits first. */
static enum st find_bulletins(struct test *t, struct srch *srch, struct srch_result *out,
                              struct err *err)
{
    char text[2 + 4 * LEX_WORD_MAX];
    size_t n = 0;
    text[n++] = '"';
    n += utf8_puts(t->key, t->nkey, text + n);
    text[n++] = '"';
    const struct srch_request req = {.text = str_from(text, n), .limit = t->limit};
    enum st st = srch_search(srch, &req, &t->page, out, err);
    t->total = st == ST_OK ? out->total : 0;
    return st;
}

static enum st test_bulletins(struct test *t, struct srch *srch, struct err *err)
{
    struct srch_result r = {0};
    enum st st = find_bulletins(t, srch, &r, err);
    for (size_t i = 0; i < r.nhit && st == ST_OK; i++) {
        const char *id = arena_fmt(&t->page, STR_FMT, STR_ARG(r.hit[i].doc.id));
        const char *title = arena_fmt(&t->page, "%s title", id);
        st = compare_lines(&t->compare, r.hit[i].doc.title, title, err);
        if (st == ST_OK)
            st = compare_lines(&t->compare, r.hit[i].doc.body, id, err);
    }
    return st;
}

static enum st test_index(struct test *t, struct err *err)
{
    struct settings settings;
    struct srch *srch = NULL;
    const struct srch_index index = {.name = "test", .dir = t->index};
    struct srch_opts opts;
    enum st st = settings_load(NULL, &settings, &t->config, err);
    if (st != ST_OK)
        return st;
    settings_search(&settings, &t->config, &opts);
    opts.lexicon = t->lexicon;
    opts.index = &index;
    opts.nindex = 1;
    st = srch_open(&opts, &srch, err);
    if (st == ST_OK)
        st = test_bulletins(t, srch, err);
    srch_close(srch);
    return st;
}

/* ---- the command ---- */

static enum st print_sums(const struct test *t, struct err *err)
{
    const struct compare *c = &t->compare;
    if (t->index)
        printf("bulletins=%" PRIu64 " looked_at=%" PRIu64 " ", t->total,
               t->total < t->limit ? t->total : t->limit);
    printf("lines=%zu with_the_word=%zu changed=%zu unchanged=%zu\n", c->lines, c->found,
           c->changed, c->found - c->changed);
    return fflush(stdout) == 0 ? ST_OK : err_sys(err, "write", "standard output");
}

static int run(struct test *t)
{
    struct err err = ERR_INIT;
    arena_init(&t->config, SETTINGS_MEMORY);
    arena_init(&t->page, PAGE_CAP);
    enum st st = make_lexicons(t, &err);
    compare_init(&t->compare, t->an[0], t->an[1], t->key, t->nkey);
    if (st == ST_OK)
        st = t->index ? test_index(t, &err) : test_lines(t, &err);
    if (st == ST_OK)
        st = print_sums(t, &err);
    compare_fini(&t->compare);
    for (int i = 0; i < 2; i++) {
        an_free(t->an[i]);
        lex_close(t->lex[i]);
    }
    arena_fini(&t->config);
    arena_fini(&t->page);
    return st == ST_OK ? 0 : cmd_fail("lexicon test", &err);
}

/* Take one option; false when its value is wrong or it is not one. */
static bool take_option(struct test *t, int c, const char *value)
{
    switch (c) {
    case 'l':
        t->lexicon = value;
        return true;
    case 'f':
        t->lines = value;
        return true;
    case 'i':
        t->index = value;
        return true;
    case 'w':
        return str_u64(str_of(value), UINT32_MAX, &t->weight) && t->weight > 0;
    case 'n':
        return str_u64(str_of(value), UINT32_MAX, &t->limit) && t->limit > 0;
    default:
        return false;
    }
}

int lexicon_test(int argc, char **argv)
{
    static const struct option options[] = {{"lexicon", required_argument, NULL, 'l'},
                                            {"lines", required_argument, NULL, 'f'},
                                            {"index", required_argument, NULL, 'i'},
                                            {"weight", required_argument, NULL, 'w'},
                                            {"limit", required_argument, NULL, 'n'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    char beside[PATH_MAX];
    struct test t = {.lexicon = lexicon_default(beside), .limit = 100};
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!take_option(&t, c, optarg))
            return lexicon_usage(c == 'h');
    if (argc - optind != 1 || (t.index && t.lines))
        return lexicon_usage(false);
    t.word = str_of(argv[optind]);
    return run(&t);
}
