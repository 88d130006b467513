/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Groonga's searches, in this process: groonga_search DATABASE.
 *
 * The database is as bench_peers_search.py has it made: Docs with title and body, and a bigram
 * index over both. Standard input has a kind and a query a line, with a tab between; for each,
 * microseconds and the number of matches are printed. A query is the `select` that a client would
 * send, its answer read to the end, without Groonga's cache of answers. A run of characters is
 * looked for as a phrase, which is what Groonga makes of it, and several runs are joined by AND.
 */

#include <groonga.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void die(const char *what)
{
    fprintf(stderr, "groonga_search: %s\n", what);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The matches told at the head of the answer, [[[12],[[... */
static unsigned long run(grn_ctx *ctx, const char *command)
{
    unsigned long matches = 0;
    int flags = 0, first = 1;
    grn_ctx_send(ctx, command, (unsigned)strlen(command), 0);
    do {
        char *part = NULL;
        unsigned n = 0;
        grn_ctx_recv(ctx, &part, &n, &flags);
        if (ctx->rc != GRN_SUCCESS)
            die(ctx->errbuf);
        if (first && n > 3)
            matches = strtoul(part + 3, NULL, 10);
        first = 0;
    } while (flags & GRN_CTX_MORE);
    return matches;
}

static void answer(grn_ctx *ctx, char *line)
{
    char command[4096];
    line[strcspn(line, "\n")] = '\0';
    char *query = strchr(line, '\t');
    if (!query)
        die("a line without a tab");
    query++;
    snprintf(command, sizeof(command),
             "select Docs --match_columns title||body --query \"%s\" --output_columns _key,title"
             " --sort_keys -_score --limit 10 --cache no",
             query);
    uint64_t begun = now_ns();
    unsigned long matches = run(ctx, command);
    printf("%.1f %lu\n", (double)(now_ns() - begun) / 1e3, matches);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    grn_ctx ctx;
    char line[2048];
    if (argc != 2)
        die("usage: groonga_search DATABASE");
    if (grn_init() != GRN_SUCCESS || grn_ctx_init(&ctx, 0) != GRN_SUCCESS)
        die("cannot begin");
    if (!grn_db_open(&ctx, argv[1]))
        die("cannot open the database");
    while (fgets(line, sizeof(line), stdin))
        answer(&ctx, line);
    grn_ctx_fin(&ctx);
    grn_fin();
    return 0;
}
