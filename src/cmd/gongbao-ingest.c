/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gongbao-ingest: bulletins in, one new generation of an index out.
 *
 * The command line and the configuration become the options of one batch; the work is done by
 * src/ingest. What is the program's own: the report file, the signals that ask for an early end,
 * the summary on standard output, and the exit status:
 *
 *     0  all in
 *     1  some documents were rejected, the rest are in
 *     2  usage or configuration
 *     3  another writer holds the index
 *     4  input or output failed, the index is damaged, or a signal asked for the end
 *
 * With 2, 3 and 4 the index is as it was. The summary is printed in every case, as the last line;
 * after a failure it counts nothing, because nothing was changed.
 */
#include "settings.h"
#include "version.h"

#include <gongbao/index.h>
#include <gongbao/ingest.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

struct command {
    const char *index, *conf, *report, *lexicon, *deletions;
    const char *const *source;
    size_t nsource;
    const char *answer; /* a text to print instead of working */
};

static const char usage_text[] =
    "usage: gongbao-ingest --index DIR [--conf FILE] [--report FILE] [--lexicon FILE]\n"
    "                      [--delete FILE] SOURCE...\n"
    "\n"
    "SOURCE is a .jsonl or .txt file, either with .gz behind it, a folder of such files,\n"
    "or - for JSON Lines on standard input.\n"
    "\n"
    "  --index DIR     the index, made when it is missing\n"
    "  --conf FILE     configuration\n"
    "  --report FILE   where to write what was rejected; standard error otherwise\n"
    "  --lexicon FILE  the compiled lexicon, instead of the configured one\n"
    "  --delete FILE   ids to delete, one a line\n"
    "  --help, --version\n"
    "\n"
    "See gongbao-ingest(1).\n";

static void on_signal(int sig)
{
    (void)sig;
    stop = 1;
}

/* Without SA_RESTART, so that a read that waits is woken. */
static void catch_signals(void)
{
    struct sigaction act = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&act.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

enum option_code {
    OPT_INDEX = 1,
    OPT_CONF,
    OPT_REPORT,
    OPT_LEXICON,
    OPT_DELETE,
    OPT_HELP,
    OPT_VERSION
};

static enum st parse(int argc, char **argv, struct command *out, struct err *err)
{
    static const struct option options[] = {
        {"index", required_argument, NULL, OPT_INDEX},
        {"conf", required_argument, NULL, OPT_CONF},
        {"report", required_argument, NULL, OPT_REPORT},
        {"lexicon", required_argument, NULL, OPT_LEXICON},
        {"delete", required_argument, NULL, OPT_DELETE},
        {"help", no_argument, NULL, OPT_HELP},
        {"version", no_argument, NULL, OPT_VERSION},
        {NULL, 0, NULL, 0},
    };
    *out = (struct command){0};
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        switch (c) {
        case OPT_INDEX:
            out->index = optarg;
            break;
        case OPT_CONF:
            out->conf = optarg;
            break;
        case OPT_REPORT:
            out->report = optarg;
            break;
        case OPT_LEXICON:
            out->lexicon = optarg;
            break;
        case OPT_DELETE:
            out->deletions = optarg;
            break;
        case OPT_HELP:
            out->answer = usage_text;
            return ST_OK;
        case OPT_VERSION:
            out->answer = "gongbao-ingest " GONGBAO_VERSION "\n";
            return ST_OK;
        case ':':
            return err_set(err, ST_USAGE, "%s needs a value", argv[optind - 1]);
        default:
            return err_set(err, ST_USAGE, "unknown option %s", argv[optind - 1]);
        }
    }
    out->source = (const char *const *)argv + optind;
    out->nsource = (size_t)(argc - optind);
    if (!out->index)
        return err_set(err, ST_USAGE, "--index is missing");
    if (out->nsource == 0 && !out->deletions)
        return err_set(err, ST_USAGE, "nothing to do: no SOURCE and no --delete");
    return ST_OK;
}

/* The report goes to standard error unless a file is named. */
static enum st open_report(const struct command *cmd, int *fd, struct err *err)
{
    *fd = STDERR_FILENO;
    if (!cmd->report)
        return ST_OK;
    *fd = open(cmd->report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
    if (*fd >= 0)
        return ST_OK;
    return err_set(err, ST_USAGE, "report %s: %s", cmd->report, strerror(errno));
}

static enum st batch(const struct command *cmd, const struct settings *s, const struct lex *lex,
                     struct ing_counts *out, struct err *err)
{
    int report;
    enum st st = open_report(cmd, &report, err);
    if (st != ST_OK)
        return st;
    const struct ing_opts opts = {
        .index = cmd->index,
        .lexicon = lex,
        .source = cmd->source,
        .nsource = cmd->nsource,
        .deletions = cmd->deletions,
        .report_fd = report,
        .progress_fd = isatty(STDERR_FILENO) ? STDERR_FILENO : -1,
        .body_max = s->ingest_body_max,
        .line_max = s->ingest_line_max,
        .title_weight = s->rank_title,
        .segment_bytes = s->ingest_segment_bytes,
        .stop = &stop,
    };
    catch_signals();
    st = ing_run(&opts, out, err);
    if (report != STDERR_FILENO)
        close(report);
    return st;
}

static enum st ingest(const struct command *cmd, struct ing_counts *out, struct err *err)
{
    struct settings s;
    struct arena mem;
    struct lex *lex = NULL;
    arena_init(&mem, SETTINGS_MEMORY);
    enum st st = settings_load(cmd->conf, &s, &mem, err);
    if (st == ST_OK) {
        const char *path = cmd->lexicon ? cmd->lexicon : arena_str(&mem, s.lexicon).p;
        st = lex_open(path ? path : "", &lex, err);
    }
    /* A file that is named wrongly is a mistake in usage, not a failing disk. */
    if (st == ST_IO || st == ST_DAMAGED)
        st = ST_CONFIG;
    if (st == ST_OK)
        st = batch(cmd, &s, lex, out, err);
    if (lex)
        lex_close(lex);
    arena_fini(&mem);
    return st;
}

/* What a batch that failed has done: nothing. */
static struct ing_counts nothing(const char *index, const struct ing_counts *seen)
{
    struct ing_counts c = {.rejected = seen->rejected, .seconds = seen->seconds};
    if (index)
        ix_generation(index, &c.generation, NULL);
    return c;
}

static int print_summary(const struct ing_counts *c)
{
    printf("ingest: added=%" PRIu64 " updated=%" PRIu64 " unchanged=%" PRIu64 " deleted=%" PRIu64
           " rejected=%" PRIu64 " body_bytes=%" PRIu64 " seconds=%.3f generation=%" PRIu64 "\n",
           c->added, c->updated, c->unchanged, c->deleted, c->rejected, c->body_bytes, c->seconds,
           c->generation);
    return fflush(stdout);
}

static int exit_status(enum st st, const struct ing_counts *c)
{
    switch (st) {
    case ST_OK:
        return c->rejected > 0 ? 1 : 0;
    case ST_USAGE:
    case ST_CONFIG:
        return 2;
    case ST_LOCKED:
        return 3;
    default:
        return 4;
    }
}

int main(int argc, char **argv)
{
    struct command cmd;
    struct ing_counts counts = {0};
    struct err err = ERR_INIT;
    enum st st = parse(argc, argv, &cmd, &err);
    if (cmd.answer)
        return fputs(cmd.answer, stdout) < 0 || fflush(stdout) != 0 ? 4 : 0;
    if (st == ST_OK)
        st = ingest(&cmd, &counts, &err);
    if (st != ST_OK) {
        fprintf(stderr, "gongbao-ingest: %s%s\n", err.text,
                st == ST_STOPPING ? "; the index is as it was" : "");
        if (st == ST_USAGE)
            fputs("Try gongbao-ingest --help.\n", stderr);
        counts = nothing(cmd.index, &counts);
    }
    if (print_summary(&counts) != 0 && st == ST_OK)
        fprintf(stderr, "gongbao-ingest: standard output: %s\n", strerror(errno));
    return exit_status(st, &counts);
}
