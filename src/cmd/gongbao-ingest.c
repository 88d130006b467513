/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao-ingest: bulletins in, one new generation of an index out. The exit status:
 *
 *     0  all in
 *     1  some documents were rejected, the rest are in
 *     2  usage or configuration
 *     3  another writer holds the index, or somebody has exchanged it meanwhile
 *     4  input or output failed, the index is damaged, or a signal asked for the end
 *     5  a canary query would find less than before
 *
 * With 2, 3, 4 and 5 the index is as it was.
 *
 * Writing does without libxapian, and loading it takes longer than a small batch. So this program
 * is linked without what searches; where canary queries are to be asked, gongbao, which stands
 * beside it and has everything, takes its place.
 */
#include "ingest.h"
#include "rlimit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOOL "gongbao"

/* The path of gongbao in the folder of this program. */
static int find_tool(char out[PATH_MAX + sizeof(TOOL)])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX);
    if (n < 0)
        return -1;
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    memcpy(slash ? slash + 1 : out, TOOL, sizeof(TOOL));
    return 0;
}

/* Become gongbao with the same arguments. */
static int take_over(int argc, char **argv)
{
    char path[PATH_MAX + sizeof(TOOL)] = TOOL;
    char **args = calloc((size_t)argc + 2, sizeof(*args));
    if (args && find_tool(path) == 0) {
        args[0] = (char[]){TOOL};
        args[1] = (char[]){"ingest"};
        memcpy(args + 2, argv + 1, (size_t)(argc - 1) * sizeof(*args));
        execv(path, args);
    }
    fprintf(stderr, "gongbao-ingest: %s, which asks the canary queries: %s\n", path,
            strerror(errno));
    free(args);
    return 4;
}

int main(int argc, char **argv)
{
    rlimit_prepare();
    int status = ingest_main(argc, argv, NULL);
    return status == INGEST_MUST_ASK ? take_over(argc, argv) : status;
}
