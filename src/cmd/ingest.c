/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command line of gongbao-ingest and its configuration become the options of one batch; the
 * work is done by src/ingest. What is the program's own: the signals that ask for an early end, the
 * summary on standard output, and the exit status.
 *
 * The summary is printed in every case, as the last line; after a failure it counts nothing,
 * because nothing was changed.
 */
#include "ingest.h"

#include "canary.h"
#include "settings.h"
#include "version.h"

#include <gongbao/index.h>
#include <gongbao/ingest.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_bool stop; /* a signal handler may set it, and every thread looks at it */

struct args {
    const char *index, *conf, *report, *lexicon, *deletions, *jobs, *canary;
    const char *const *source;
    size_t nsource;
    bool optimize, rollback, force;
    const char *answer; /* a text to print instead of working */
};

static const char usage_text[] =
    "usage: gongbao-ingest --index DIR [--conf FILE] [--report FILE] [--lexicon FILE]\n"
    "                      [--delete FILE] [--jobs N] [--canary FILE] [--force]\n"
    "                      [--optimize] SOURCE...\n"
    "       gongbao-ingest --index DIR --rollback\n"
    "\n"
    "SOURCE is a .jsonl or .txt file, either with .gz behind it, a folder of such files,\n"
    "or - for JSON Lines on standard input.\n"
    "\n"
    "  --index DIR     the index, made when it is missing\n"
    "  --conf FILE     configuration\n"
    "  --report FILE   where to write what was rejected; standard error otherwise\n"
    "  --lexicon FILE  the compiled lexicon, instead of the configured one\n"
    "  --delete FILE   ids to delete, one a line; - is standard input\n"
    "  --jobs N        how many threads work; one a core otherwise\n"
    "  --canary FILE   searches that must go on finding what they find, instead of the\n"
    "                  configured ones\n"
    "  --force         publish although one of them finds less than before\n"
    "  --optimize      merge the whole index into one segment; no SOURCE is needed\n"
    "  --rollback      go back to the generation before, as a new one\n"
    "  --help, --version\n"
    "\n"
    "See gongbao-ingest(1).\n";

static void on_signal(int sig)
{
    (void)sig;
    atomic_store(&stop, true);
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

/* Where the value of an option goes; those without a value follow. */
static const struct {
    const char *option;
    size_t place;
} value_of[] = {
    {"index", offsetof(struct args, index)},      {"conf", offsetof(struct args, conf)},
    {"report", offsetof(struct args, report)},    {"lexicon", offsetof(struct args, lexicon)},
    {"delete", offsetof(struct args, deletions)}, {"jobs", offsetof(struct args, jobs)},
    {"canary", offsetof(struct args, canary)},
};

#define NVALUE (sizeof(value_of) / sizeof(value_of[0]))

/* What getopt returns for a row of the table is its number plus one. */
enum {
    OPT_HELP = NVALUE + 1,
    OPT_VERSION,
    OPT_OPTIMIZE,
    OPT_ROLLBACK,
    OPT_FORCE,
    NOPTION = NVALUE + 6
};

static void list_options(struct option out[NOPTION])
{
    for (size_t i = 0; i < NVALUE; i++)
        out[i] = (struct option){value_of[i].option, required_argument, NULL, (int)i + 1};
    out[NVALUE] = (struct option){"help", no_argument, NULL, OPT_HELP};
    out[NVALUE + 1] = (struct option){"version", no_argument, NULL, OPT_VERSION};
    out[NVALUE + 2] = (struct option){"optimize", no_argument, NULL, OPT_OPTIMIZE};
    out[NVALUE + 3] = (struct option){"rollback", no_argument, NULL, OPT_ROLLBACK};
    out[NVALUE + 4] = (struct option){"force", no_argument, NULL, OPT_FORCE};
    out[NVALUE + 5] = (struct option){NULL, 0, NULL, 0};
}

static enum st check_args(const struct args *args, struct err *err)
{
    if (!args->index)
        return err_set(err, ST_USAGE, "--index is missing");
    bool batch = args->nsource > 0 || args->deletions || args->optimize;
    if (args->rollback && batch)
        return err_set(err, ST_USAGE, "--rollback stands alone: no SOURCE, --delete or --optimize");
    if (!batch && !args->rollback)
        return err_set(err, ST_USAGE, "nothing to do: no SOURCE, no --delete and no --optimize");
    return ST_OK;
}

static enum st parse(int argc, char **argv, struct args *out, struct err *err)
{
    struct option options[NOPTION];
    list_options(options);
    *out = (struct args){0};
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (c == ':')
            return err_set(err, ST_USAGE, "%s needs a value", argv[optind - 1]);
        if (c == '?')
            return err_set(err, ST_USAGE, "unknown option %s", argv[optind - 1]);
        if (c == OPT_HELP || c == OPT_VERSION) {
            out->answer = c == OPT_HELP ? usage_text : "gongbao-ingest " GONGBAO_VERSION "\n";
            return ST_OK;
        }
        if (c == OPT_OPTIMIZE)
            out->optimize = true;
        else if (c == OPT_ROLLBACK)
            out->rollback = true;
        else if (c == OPT_FORCE)
            out->force = true;
        else
            *(const char **)((char *)out + value_of[c - 1].place) = optarg;
    }
    out->source = (const char *const *)argv + optind;
    out->nsource = (size_t)(argc - optind);
    return check_args(out, err);
}

static enum st batch(const struct args *args, const struct settings *s, const struct lex *lex,
                     struct canary_set *canaries, ing_approve *ask, struct ing_counts *out,
                     struct err *err)
{
    const struct ing_opts opts = {
        .index = args->index,
        .lexicon = lex,
        .source = args->source,
        .nsource = args->nsource,
        .deletions = args->deletions,
        .report = args->report,
        .report_fd = STDERR_FILENO,
        .progress_fd = isatty(STDERR_FILENO) ? STDERR_FILENO : -1,
        .body_max = s->ingest_body_max,
        .line_max = s->ingest_line_max,
        .title_weight = s->rank_title,
        .segment_bytes = s->ingest_segment_bytes,
        .merge_seconds = s->merge_max_seconds,
        .optimize = args->optimize,
        .memory = s->ingest_memory,
        .jobs = s->ingest_jobs,
        .approve = canaries->n > 0 ? ask : NULL,
        .approve_ctx = canaries,
        .stop = &stop,
    };
    catch_signals();
    return ing_run(&opts, out, err);
}

/* The canary queries, none when no file of them is named. */
static enum st load_canaries(const struct args *args, const struct settings *s, struct arena *mem,
                             struct canary_set *out, struct err *err)
{
    const char *path = args->canary ? args->canary : arena_str(mem, s->canary).p;
    *out = (struct canary_set){0};
    enum st st = path && path[0] ? canary_load(path, mem, out, err) : ST_OK;
    out->index = args->index;
    out->force = args->force;
    return st;
}

/* *must_ask: there are canary queries and nobody to ask them; nothing was done. */
static enum st ingest(const struct args *args, ing_approve *ask, bool *must_ask,
                      struct ing_counts *out, struct err *err)
{
    struct settings s;
    struct arena mem;
    struct lex *lex = NULL;
    struct canary_set canaries;
    struct srch_opts search;
    arena_init(&mem, SETTINGS_MEMORY + CANARY_MEMORY);
    enum st st = settings_load(args->conf, &s, &mem, err);
    if (st == ST_OK && args->jobs)
        st =
            cfg_set(settings_keys, STR("ingest.jobs"), str_of(args->jobs), "--jobs", &s, &mem, err);
    if (st == ST_OK) {
        const char *path = args->lexicon ? args->lexicon : arena_str(&mem, s.lexicon).p;
        st = lex_open(path ? path : "", &lex, err);
    }
    /* A file that is named wrongly is a mistake in usage, not a failing disk. */
    if (st == ST_IO || st == ST_DAMAGED)
        st = ST_CONFIG;
    if (st == ST_OK)
        st = load_canaries(args, &s, &mem, &canaries, err);
    *must_ask = st == ST_OK && canaries.n > 0 && !ask;
    if (st == ST_OK && !*must_ask) {
        settings_search(&s, &mem, &search);
        search.lex = lex;
        canaries.search = &search;
        st = batch(args, &s, lex, &canaries, ask, out, err);
    }
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
    case ST_NO_INDEX:  /* to go back in */
    case ST_NOT_FOUND: /* to go back to */
        return 2;
    case ST_LOCKED:
        return 3;
    case ST_CANARY:
        return 5;
    default:
        return 4;
    }
}

int ingest_main(int argc, char **argv, ing_approve *ask)
{
    struct args args;
    struct ing_counts counts = {0};
    struct err err = ERR_INIT;
    bool must_ask = false;
    /* What a document or a chunk of them needs goes back to the system when it is freed; else each
     * thread would keep some for the largest it has met. */
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    enum st st = parse(argc, argv, &args, &err);
    if (args.answer)
        return fputs(args.answer, stdout) < 0 || fflush(stdout) != 0 ? 4 : 0;
    if (st == ST_OK)
        st = args.rollback ? ix_rollback(args.index, &counts.generation, &err)
                           : ingest(&args, ask, &must_ask, &counts, &err);
    if (must_ask)
        return INGEST_MUST_ASK;
    if (st != ST_OK) {
        fprintf(stderr, "gongbao-ingest: %s%s\n", err.text,
                st == ST_STOPPING || st == ST_CANARY ? "; the index is as it was" : "");
        if (st == ST_USAGE)
            fputs("Try gongbao-ingest --help.\n", stderr);
        counts = nothing(args.index, &counts);
    }
    if (print_summary(&counts) != 0 && st == ST_OK)
        fprintf(stderr, "gongbao-ingest: standard output: %s\n", strerror(errno));
    return exit_status(st, &counts);
}
