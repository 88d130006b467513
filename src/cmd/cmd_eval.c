/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao eval --index DIR --queries FILE --qrels FILE [--conf FILE] [--lexicon FILE]
 *
 * How well an index answers queries whose answers are known. Each query goes through the door that
 * the daemon's workers use, with the settings that the daemon would have from the same file, its
 * deadline included. It goes twice: for the first page with snippets, as a user asks for it, which
 * gives the times; and for the first DEEP hits without snippets, which gives the ranks.
 *
 * A query that is refused or runs into its deadline counts as one without hits. Anything else that
 * goes wrong (no index, damage) ends the run, for its figures would mean nothing.
 */

#include "cmd.h"
#include "eval.h"
#include "settings.h"
#include <getopt.h>
#include <gongbao/clock.h>
#include <gongbao/file.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE     10
#define DEEP     100
#define FILE_CAP ((size_t)1 << 30)
#define DATA_CAP ((size_t)1 << 32)
#define PAGE_CAP ((size_t)1 << 28)

struct args {
    const char *index, *queries, *qrels, *conf, *lexicon;
};

struct sums {
    double mrr, ndcg, recall, deep_recall;
    double *ms; /* one a query */
    size_t failed;
};

struct eval {
    struct settings settings;
    struct srch_index index;
    struct srch_opts opts;
    struct srch *srch;
    struct eval_set set;
    struct sums sums;
    struct buf queries, qrels; /* the files */
    struct arena config, data, page;
};

static int usage(FILE *out, int status)
{
    fprintf(out, "usage: gongbao eval --index DIR --queries FILE --qrels FILE\n"
                 "                    [--conf FILE] [--lexicon FILE]\n");
    return status;
}

/* Read the command line; anything but -1 is the status to exit with. */
static int read_args(int argc, char **argv, struct args *out)
{
    static const struct option options[] = {{"index", required_argument, NULL, 'i'},
                                            {"queries", required_argument, NULL, 'q'},
                                            {"qrels", required_argument, NULL, 'r'},
                                            {"conf", required_argument, NULL, 'c'},
                                            {"lexicon", required_argument, NULL, 'l'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        const char **field = c == 'i'   ? &out->index
                             : c == 'q' ? &out->queries
                             : c == 'r' ? &out->qrels
                             : c == 'c' ? &out->conf
                             : c == 'l' ? &out->lexicon
                                        : NULL;
        if (!field)
            return c == 'h' ? usage(stdout, 0) : usage(stderr, 2);
        *field = optarg;
    }
    bool whole = out->index && out->queries && out->qrels && optind == argc;
    return whole ? -1 : usage(stderr, 2);
}

/* ---- before the first query ---- */

static enum st read_settings(const struct args *args, struct eval *e, struct err *err)
{
    enum st st = settings_load(args->conf, &e->settings, &e->config, err);
    if (st == ST_OK && args->lexicon)
        st = cfg_set(settings_keys, STR("lexicon"), str_of(args->lexicon), "--lexicon",
                     &e->settings, &e->config, err);
    if (st != ST_OK)
        return st;
    settings_search(&e->settings, &e->config, &e->opts);
    e->index = (struct srch_index){.name = "eval", .dir = args->index};
    e->opts.index = &e->index;
    e->opts.nindex = 1;
    return e->config.failed ? err_nomem(err) : ST_OK;
}

static enum st read_data(const struct args *args, struct eval *e, struct err *err)
{
    enum st st = file_read(args->queries, &e->queries, err);
    if (st == ST_OK)
        st = file_read(args->qrels, &e->qrels, err);
    if (st == ST_OK)
        st = eval_read(buf_str(&e->queries), args->queries, buf_str(&e->qrels), args->qrels,
                       &e->data, &e->set, err);
    if (st == ST_OK && e->set.n == 0)
        st = err_set(err, ST_REJECTED, "%s has no answer to any query of %s", args->qrels,
                     args->queries);
    if (st != ST_OK)
        return st;
    e->sums.ms = arena_calloc(&e->data, e->set.n, sizeof(*e->sums.ms));
    return e->sums.ms ? ST_OK : err_nomem(err);
}

/* ---- the queries ---- */

static enum st ask(struct eval *e, struct str text, uint64_t limit, bool snippet,
                   struct srch_result *out, struct err *err)
{
    struct srch_request req = {.text = text,
                               .limit = limit,
                               .snippet = snippet,
                               .deadline_ns = clock_ns() + e->settings.deadline_ms * 1000000};
    arena_reset(&e->page);
    return srch_search(e->srch, &req, &e->page, out, err);
}

static int descending(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

/* The grades of the answers, the highest first; their number. */
static size_t grades_of(const struct eval_query *q, uint32_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < q->njudged; i++)
        if (q->judged[i].grade > 0)
            out[n++] = q->judged[i].grade;
    qsort(out, n, sizeof(*out), descending);
    return n;
}

static enum st add_ranks(struct eval *e, const struct eval_query *q, const struct srch_result *r,
                         struct err *err)
{
    uint32_t grade[DEEP];
    uint32_t *best = arena_calloc(&e->page, q->njudged, sizeof(*best));
    if (!best)
        return err_nomem(err);
    size_t nbest = grades_of(q, best);
    for (size_t i = 0; i < r->nhit; i++)
        grade[i] = eval_grade(q, r->hit[i].doc.id);
    e->sums.mrr += eval_reciprocal_rank(grade, r->nhit, PAGE);
    e->sums.ndcg += eval_ndcg(grade, r->nhit, best, nbest, PAGE);
    e->sums.recall += eval_recall(grade, r->nhit, nbest, PAGE);
    e->sums.deep_recall += eval_recall(grade, r->nhit, nbest, DEEP);
    return ST_OK;
}

/* Whether it is the query that failed, and not the index or the machine. */
static bool is_refused(enum st st)
{
    return st == ST_SYNTAX || st == ST_TOO_MUCH || st == ST_DEADLINE || st == ST_BAD_UTF8;
}

static enum st run_query(struct eval *e, size_t i, struct err *err)
{
    const struct eval_query *q = &e->set.query[i];
    struct srch_result r;
    uint64_t begin = clock_ns();
    enum st st = ask(e, q->text, e->settings.search_limit, true, &r, err);
    e->sums.ms[i] = (double)(clock_ns() - begin) / 1e6;
    if (st == ST_OK)
        st = ask(e, q->text, DEEP, false, &r, err);
    if (st == ST_OK)
        return add_ranks(e, q, &r, err);
    if (!is_refused(st))
        return st;
    if (e->sums.failed++ == 0)
        fprintf(stderr, "gongbao eval: query " STR_FMT " failed: %s\n", STR_ARG(q->id), err->text);
    return ST_OK;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static enum st print_sums(struct eval *e, struct err *err)
{
    struct sums *s = &e->sums;
    double n = (double)e->set.n;
    qsort(s->ms, e->set.n, sizeof(*s->ms), ascending);
    printf("queries\t%zu\nfailed\t%zu\n", e->set.n, s->failed);
    printf("MRR@10\t%.4f\nnDCG@10\t%.4f\n", s->mrr / n, s->ndcg / n);
    printf("recall@10\t%.4f\nrecall@100\t%.4f\n", s->recall / n, s->deep_recall / n);
    printf("p50_ms\t%.2f\np99_ms\t%.2f\n", eval_percentile(s->ms, e->set.n, 0.5),
           eval_percentile(s->ms, e->set.n, 0.99));
    return fflush(stdout) == 0 ? ST_OK : err_sys(err, "write", "standard output");
}

static enum st run(const struct args *args, struct eval *e, struct err *err)
{
    enum st st = read_settings(args, e, err);
    if (st == ST_OK)
        st = read_data(args, e, err);
    if (st == ST_OK)
        st = srch_open(&e->opts, &e->srch, err);
    for (size_t i = 0; st == ST_OK && i < e->set.n; i++)
        st = run_query(e, i, err);
    return st == ST_OK ? print_sums(e, err) : st;
}

int cmd_eval(int argc, char **argv)
{
    struct args args = {0};
    struct eval e = {0};
    struct err err = ERR_INIT;
    int status = read_args(argc, argv, &args);
    if (status >= 0)
        return status;
    arena_init(&e.config, SETTINGS_MEMORY);
    arena_init(&e.data, DATA_CAP);
    arena_init(&e.page, PAGE_CAP);
    buf_init(&e.queries, FILE_CAP);
    buf_init(&e.qrels, FILE_CAP);
    enum st st = run(&args, &e, &err);
    srch_close(e.srch);
    buf_fini(&e.queries);
    buf_fini(&e.qrels);
    arena_fini(&e.config);
    arena_fini(&e.data);
    arena_fini(&e.page);
    return st == ST_OK ? 0 : cmd_fail("eval", &err);
}
