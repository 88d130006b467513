/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao lexicon: the table of its sub-commands, and the two that look at one file.
 *
 *     gongbao lexicon info [FILE]
 *     gongbao lexicon verify [FILE]
 *
 * Without FILE it is that of lexicon_default.
 */

#include "cmd.h"
#include "lexicon.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int run_info(int argc, char **argv);
static int run_verify(int argc, char **argv);

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
} commands[] = {
    {"compile", lexicon_compile, "[--base FILE] [--user FILE] [--out FILE]"},
    {"compile", lexicon_compile, "--words FILE [--aliases FILE] [--user FILE] --out FILE"},
    {"add", lexicon_edit, "[--base FILE] [--user FILE] [--lexicon FILE] WORD [WEIGHT]"},
    {"remove", lexicon_edit, "[--base FILE] [--user FILE] [--lexicon FILE] WORD"},
    {"test", lexicon_test, "[--weight N] [--lexicon FILE] [--lines FILE] WORD"},
    {"test", lexicon_test, "[--weight N] [--lexicon FILE] --index DIR [--limit N] WORD"},
    {"mine", lexicon_mine, "[--lexicon FILE] [--limit N] [--documents N] DIR"},
    {"info", run_info, "[FILE]"},
    {"verify", run_verify, "[FILE]"},
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

int lexicon_usage(bool asked)
{
    for (size_t i = 0; i < NCOMMANDS; i++)
        fprintf(asked ? stdout : stderr, "%s gongbao lexicon %s %s\n", i == 0 ? "usage:" : "      ",
                commands[i].name, commands[i].usage);
    return asked ? 0 : 2;
}

/* The FILE of the command line, or the default; NULL when it is used wrongly. */
static const char *file_of(int argc, char **argv, char path[PATH_MAX])
{
    if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
        return NULL;
    return argc == 2 ? argv[1] : lexicon_default(path);
}

static int run_info(int argc, char **argv)
{
    char beside[PATH_MAX];
    const char *path = file_of(argc, argv, beside);
    if (!path)
        return lexicon_usage(argc == 2 && strcmp(argv[1], "--help") == 0);
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

static int run_verify(int argc, char **argv)
{
    char beside[PATH_MAX];
    const char *path = file_of(argc, argv, beside);
    if (!path)
        return lexicon_usage(argc == 2 && strcmp(argv[1], "--help") == 0);
    struct err err = ERR_INIT;
    struct lex_info info;
    if (lexicon_check(path, &info, &err) != ST_OK)
        return cmd_fail("lexicon verify", &err);
    printf("%s: ok\n", path);
    return 0;
}

int cmd_lexicon(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < NCOMMANDS; i++)
        if (strcmp(commands[i].name, what) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return lexicon_usage(argc == 2 && strcmp(what, "--help") == 0);
}
