/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao lexicon compile --words FILE [--user FILE] [--aliases FILE] --out FILE
 * gongbao lexicon info FILE
 * gongbao lexicon verify FILE
 *
 * Each list may be given several times; user words are read last, so that they can correct the
 * frequencies of the others.
 */

#include "cmd.h"
#include <getopt.h>
#include <gongbao/analysis.h>
#include <gongbao/file.h>
#include <gongbao/lexicon.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LIST_MAX  ((size_t)256 << 20)
#define LISTS_MAX 16

typedef enum st add_list(struct lex_builder *b, struct str text, const char *name, struct err *err);

struct lists {
    const char *path[LISTS_MAX];
    size_t n;
};

/* Print how it is used, because somebody asked or did it wrong; the exit status. */
static int usage(bool asked)
{
    fprintf(
        asked ? stdout : stderr,
        "usage: gongbao lexicon compile --words FILE [--user FILE] [--aliases FILE] --out FILE\n"
        "       gongbao lexicon info FILE\n"
        "       gongbao lexicon verify FILE\n");
    return asked ? 0 : 2;
}

static enum st add_lists(struct lex_builder *b, const struct lists *lists, add_list *add,
                         struct err *err)
{
    enum st st = ST_OK;
    struct buf text;
    buf_init(&text, LIST_MAX);
    for (size_t i = 0; i < lists->n && st == ST_OK; i++) {
        buf_reset(&text);
        st = file_read(lists->path[i], &text, err);
        if (st == ST_OK)
            st = add(b, buf_str(&text), lists->path[i], err);
    }
    buf_fini(&text);
    return st;
}

static int compile(const struct lists *words, const struct lists *user, const struct lists *aliases,
                   const char *out)
{
    struct err err = ERR_INIT;
    struct lex_builder *b = NULL;
    enum st st = lex_builder_new(an_lexicon_char, an_fold_version(), &b, &err);
    if (st == ST_OK)
        st = add_lists(b, words, lex_builder_words, &err);
    if (st == ST_OK)
        st = add_lists(b, user, lex_builder_words, &err);
    if (st == ST_OK)
        st = add_lists(b, aliases, lex_builder_aliases, &err);
    if (st == ST_OK)
        st = lex_builder_finish(b, out, &err);
    lex_builder_free(b);
    return st == ST_OK ? 0 : cmd_fail("lexicon compile", &err);
}

static int run_compile(int argc, char **argv)
{
    static const struct option options[] = {
        {"words", required_argument, NULL, 'w'},   {"user", required_argument, NULL, 'u'},
        {"aliases", required_argument, NULL, 'a'}, {"out", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},          {0}};
    struct lists words = {.n = 0}, user = {.n = 0}, aliases = {.n = 0};
    const char *out = NULL;
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        struct lists *l = c == 'w' ? &words : c == 'u' ? &user : c == 'a' ? &aliases : NULL;
        if (c == 'o')
            out = optarg;
        else if (l && l->n < LISTS_MAX)
            l->path[l->n++] = optarg;
        else
            return usage(c == 'h');
    }
    if (optind != argc || !out || words.n + user.n == 0)
        return usage(false);
    return compile(&words, &user, &aliases, out);
}

static int run_info(const char *path)
{
    struct err err = ERR_INIT;
    struct lex *lex = NULL;
    if (lex_open(path, &lex, &err) != ST_OK)
        return cmd_fail("lexicon info", &err);
    struct lex_info info;
    lex_info(lex, &info);
    printf("words %" PRIu32 "\nbytes %" PRIu64 "\nstamp %016" PRIx64 "\nfold %08" PRIx32 "%s\n",
           info.words, info.bytes, info.stamp, info.fold,
           info.fold == an_fold_version() ? "" : " (not this program's)");
    lex_close(lex);
    return 0;
}

static int run_verify(const char *path)
{
    struct err err = ERR_INIT;
    struct lex *lex = NULL;
    enum st st = lex_open(path, &lex, &err);
    if (st == ST_OK)
        st = lex_verify(lex, &err);
    lex_close(lex);
    if (st != ST_OK)
        return cmd_fail("lexicon verify", &err);
    printf("%s: ok\n", path);
    return 0;
}

int cmd_lexicon(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "compile") == 0)
        return run_compile(argc - 1, argv + 1);
    if (strcmp(what, "info") == 0 && argc == 3)
        return run_info(argv[2]);
    if (strcmp(what, "verify") == 0 && argc == 3)
        return run_verify(argv[2]);
    return usage(argc == 2 && strcmp(what, "--help") == 0);
}
