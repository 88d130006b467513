/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao: the command-line tool.
 *
 * One table holds the sub-commands; what is typed is looked up there and usage is printed from it.
 * Each has a function of its own, which reads the options behind its name and returns the exit
 * status: those that ask a daemon in cmd_client.c, the others in files of their names.
 */

#include "cmd.h"
#include "rlimit.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage; /* what follows the name */
    const char *text;
};

static const struct subcommand subcommands[] = {
    {"search", cmd_search, "[--limit N] [--offset N] [--in NAME] [WHERE] QUERY…",
     "ask a running daemon for ranked hits"},
    {"count", cmd_count, "[--in NAME] [WHERE] QUERY…", "how many bulletins match"},
    {"get", cmd_get, "[--in NAME] [WHERE] ID", "one bulletin, whole"},
    {"explain", cmd_explain, "[--in NAME] [WHERE] QUERY…", "how a search comes to its answer"},
    {"why", cmd_why, "[--in NAME] [WHERE] ID QUERY…",
     "why a search shows a bulletin where it does, or does not show it"},
    {"stats", cmd_stats, "[WHERE]", "the state of the daemon and its indexes"},
    {"analyze", cmd_analyze, "[--lexicon FILE] [--graph[=dot]] [TEXT…]",
     "show the tokens of a text, or the words it could be cut into"},
    {"check", cmd_check, "[--lexicon FILE] DIR", "check an index from end to end, and the lexicon"},
    {"backup", cmd_backup, "[--copy] INDEX DIR", "copy an index while it is in use"},
    {"restore", cmd_restore, "[--copy] [--force] DIR INDEX", "put such a copy in an index's place"},
    {"ingest", cmd_ingest, "--index DIR … SOURCE…", "the same as gongbao-ingest"},
    {"eval", cmd_eval, "--index DIR --queries FILE --qrels FILE [--conf FILE] [--lexicon FILE]",
     "how well an index answers queries whose answers are known"},
    {"lexicon", cmd_lexicon, "compile|add|remove|test|mine|info|verify …",
     "the words that the analyzer knows, and those of this place"},
};

static void usage(FILE *out)
{
    fprintf(out, "usage: gongbao COMMAND …\n"
                 "       gongbao COMMAND --help | --help | --version\n"
                 "WHERE is --host ADDR:PORT or --unix PATH, and --json for JSON\n\n");
    for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
        fprintf(out, "  gongbao %s %s\n      %s\n", subcommands[i].name, subcommands[i].usage,
                subcommands[i].text);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    rlimit_prepare();
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0) {
        printf("gongbao %s\n", GONGBAO_VERSION);
        return 0;
    }
    for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
        if (strcmp(subcommands[i].name, name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, "gongbao: no command %s\n", name);
    usage(stderr);
    return 2;
}
