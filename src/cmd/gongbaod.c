/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbaod: the daemon. Reads the command line and the configuration, hands the options to net,
 * and prints one line when it can answer.
 *
 * What the command line says stands over what the file says, now and after every SIGHUP. Each
 * reading of the configuration has an arena of its own: the one in use is freed only when a worker
 * has shown that it can work with the next.
 *
 * Exit status: 0 stopped as asked; 2 usage or configuration; 4 an address, the index or the
 * lexicon cannot be used.
 */
#include "lexicon.h"
#include "rlimit.h"
#include "settings.h"
#include "version.h"

#include <getopt.h>
#include <gongbao/net.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_CONFIG = 2, EXIT_IO = 4 };

enum { ARG_CONF = 256, ARG_INDEX, ARG_LEXICON, ARG_LISTEN, ARG_UNIX, ARG_WORKERS, ARG_CHECK };

static const struct option long_options[] = {
    {"conf", required_argument, NULL, ARG_CONF},
    {"index", required_argument, NULL, ARG_INDEX},
    {"lexicon", required_argument, NULL, ARG_LEXICON},
    {"listen", required_argument, NULL, ARG_LISTEN},
    {"unix", required_argument, NULL, ARG_UNIX},
    {"workers", required_argument, NULL, ARG_WORKERS},
    {"check", no_argument, NULL, ARG_CHECK},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: gongbaod [--conf FILE] [--index [NAME=]DIR]... [--lexicon FILE]\n"
    "                [--listen ADDR:PORT]... [--unix PATH] [--workers N] [--check]\n";

/* One --option of the command line that sets a key. */
struct override {
    const char *option; /* "--listen" */
    const char *key;
    const char *value;
};

struct args {
    const char *conf;
    bool check;
    struct override *set;
    size_t nset;
};

/* One reading of the configuration. */
struct config {
    struct arena arena;
    struct settings s;
    struct net_opts opts;
    struct lex *lex; /* what the workers search with */
};

struct daemon {
    struct args args;
    struct config *now, *next;
    struct log log;
};

static const struct {
    int arg;
    const char *option;
    const char *key;
} override_of[] = {
    {ARG_INDEX, "--index", "index"},       {ARG_LEXICON, "--lexicon", "lexicon"},
    {ARG_LISTEN, "--listen", "listen"},    {ARG_UNIX, "--unix", "unix"},
    {ARG_WORKERS, "--workers", "workers"},
};

static void add_override(struct args *a, int arg, const char *value)
{
    for (size_t i = 0; i < sizeof(override_of) / sizeof(override_of[0]); i++)
        if (override_of[i].arg == arg)
            a->set[a->nset++] = (struct override){override_of[i].option, override_of[i].key, value};
}

/* Read the command line; anything but -1 is the status to exit with. */
static int read_args(int argc, char **argv, struct args *out)
{
    int c;
    out->set = calloc((size_t)argc + 1, sizeof(*out->set));
    if (!out->set)
        return EXIT_IO;
    while ((c = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
        if (c == 'h')
            return fputs(usage, stdout) < 0 ? EXIT_IO : 0;
        if (c == 'V')
            return printf("gongbaod %s\n", GONGBAO_VERSION) < 0 ? EXIT_IO : 0;
        if (c == '?')
            return fputs(usage, stderr), EXIT_CONFIG;
        if (c == ARG_CONF)
            out->conf = optarg;
        else if (c == ARG_CHECK)
            out->check = true;
        else
            add_override(out, c, optarg);
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "gongbaod: unexpected argument %s\n%s", argv[optind], usage);
    return EXIT_CONFIG;
}

/* ---- settings to options ---- */

/* A list on the command line stands instead of the one in the file. */
static void drop_replaced_lists(const struct args *args, struct settings *s)
{
    for (size_t i = 0; i < args->nset; i++) {
        if (strcmp(args->set[i].key, "index") == 0)
            s->index.n = 0;
        if (strcmp(args->set[i].key, "listen") == 0)
            s->listen.n = 0;
    }
}

static enum st apply_args(const struct args *args, struct config *c, struct err *err)
{
    drop_replaced_lists(args, &c->s);
    for (size_t i = 0; i < args->nset; i++) {
        const struct override *o = &args->set[i];
        enum st st = cfg_set(settings_keys, str_of(o->key), str_of(o->value), o->option, &c->s,
                             &c->arena, err);
        if (st != ST_OK)
            return st;
    }
    return settings_complete(&c->s, &c->arena, err);
}

static enum st map_lists(struct config *c, struct err *err)
{
    const struct settings *s = &c->s;
    struct srch_index *index = arena_calloc(&c->arena, s->index.n, sizeof(*index));
    const char **listen = arena_calloc(&c->arena, s->listen.n, sizeof(*listen));
    if (!index || !listen)
        return err_nomem(err);
    if (s->index.n == 0)
        return err_set(err, ST_CONFIG, "no index to serve: give --index DIR or the key index");
    for (size_t i = 0; i < s->index.n; i++) {
        struct str name, dir;
        enum st st = settings_index(s->index.item[i], &name, &dir, err);
        if (st != ST_OK)
            return st;
        index[i].name = arena_str(&c->arena, name).p;
        index[i].dir = arena_str(&c->arena, dir).p;
    }
    for (size_t i = 0; i < s->listen.n; i++)
        listen[i] = arena_str(&c->arena, s->listen.item[i]).p;
    c->opts.listen = listen;
    c->opts.nlisten = s->listen.n;
    c->opts.search.index = index;
    c->opts.search.nindex = s->index.n;
    return ST_OK;
}

static uint64_t cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (uint64_t)n;
}

static enum st map_settings(struct config *c, struct err *err)
{
    const struct settings *s = &c->s;
    c->opts = (struct net_opts){
        .version = GONGBAO_VERSION,
        .workers = s->workers ? s->workers : cores(),
        .kill_ms = s->worker_kill_ms,
        .start_ms = s->worker_start_ms,
        .deadline_ms = s->deadline_ms,
        .queue_max = s->queue_max,
        .cache_bytes = s->cache_bytes,
        .slow_ms = s->slowlog_ms,
        .line_max = s->line_max_bytes,
        .connections_max = s->line_max_connections,
        .pending_max = s->line_max_pending,
        .out_bytes = s->line_out_bytes,
        .idle_ms = s->line_idle_ms,
        .limit = s->search_limit,
        .limit_max = s->search_limit_max,
        .window = s->search_window,
    };
    settings_search(s, &c->arena, &c->opts.search);
    if (s->unix_path.n > 0)
        c->opts.unix_path = arena_str(&c->arena, s->unix_path).p;
    enum st st = map_lists(c, err);
    return st == ST_OK && c->arena.failed ? err_nomem(err) : st;
}

static void config_free(struct config *c)
{
    if (!c)
        return;
    lex_close(c->lex);
    arena_fini(&c->arena);
    free(c);
}

static enum st config_load(const struct args *args, struct config **out, struct err *err)
{
    struct config *c = calloc(1, sizeof(*c));
    if (!c)
        return err_nomem(err);
    arena_init(&c->arena, SETTINGS_MEMORY);
    enum st st = settings_load(args->conf, &c->s, &c->arena, err);
    if (st == ST_IO) /* a file that is named wrongly */
        st = err->st = ST_CONFIG;
    if (st == ST_OK)
        st = apply_args(args, c, err);
    if (st == ST_OK)
        st = map_settings(c, err);
    if (st != ST_OK) {
        config_free(c);
        return st;
    }
    *out = c;
    return ST_OK;
}

/* The lexicon is read once, here, and workers get it by being forked: to overwrite or to remove its
 * file harms nobody until the next SIGHUP, which refuses a bad one. */
static enum st load_lexicon(struct config *c, struct err *err)
{
    enum st st = lex_read(c->opts.search.lexicon, &c->lex, err);
    c->opts.search.lex = c->lex;
    return st;
}

/* ---- what net asks for ---- */

static void say_ready(void *ctx, const struct net_ready *info)
{
    (void)ctx;
    printf("gongbaod: ready line=%s unix=%s generation=%llu documents=%llu\n", info->line,
           info->unix_path, (unsigned long long)info->generation,
           (unsigned long long)info->documents);
    fflush(stdout);
}

static enum st reload(void *ctx, struct net_opts *out, struct err *err)
{
    struct daemon *d = ctx;
    enum st st = config_load(&d->args, &d->next, err);
    if (st == ST_OK)
        st = load_lexicon(d->next, err);
    if (st == ST_OK) {
        *out = d->next->opts;
        return ST_OK;
    }
    config_free(d->next);
    d->next = NULL;
    return st;
}

static void settled(void *ctx, bool taken)
{
    struct daemon *d = ctx;
    struct config *gone = taken ? d->now : d->next;
    if (taken) {
        d->now = d->next;
        d->log.level = d->now->s.level;
    }
    d->next = NULL;
    config_free(gone);
}

static int exit_of(const struct err *err)
{
    return err->st == ST_CONFIG || err->st == ST_USAGE ? EXIT_CONFIG : EXIT_IO;
}

/* What --check looks at beside the configuration itself. */
static enum st check_lexicon(const struct config *c, struct err *err)
{
    struct lex_info info;
    if (lexicon_check(c->opts.search.lexicon, &info, err) != ST_OK)
        return err->st = ST_CONFIG;
    return ST_OK;
}

/* Read the configuration and, unless it was only to be checked, serve with it. */
static enum st serve(struct daemon *d, struct err *err)
{
    struct net_calls calls = {d, say_ready, reload, settled};
    struct config *first = NULL;
    struct net *net = NULL;

    enum st st = config_load(&d->args, &first, err);
    if (st != ST_OK || !first)
        return st;
    d->now = first;
    if (d->args.check)
        return check_lexicon(first, err);
    st = load_lexicon(first, err);
    if (st != ST_OK)
        return st;
    log_init(&d->log, first->s.level);
    st = net_open(&first->opts, &calls, &d->log, &net, err);
    if (st == ST_OK)
        st = net_run(net, err);
    net_close(net);
    return st;
}

int main(int argc, char **argv)
{
    struct daemon d = {0};
    struct err err = ERR_INIT;

    rlimit_prepare();
    int code = read_args(argc, argv, &d.args);
    if (code < 0) {
        enum st st = serve(&d, &err);
        if (st != ST_OK)
            fprintf(stderr, "gongbaod: %s\n", err.text);
        code = st == ST_OK ? 0 : exit_of(&err);
    }
    config_free(d.now);
    config_free(d.next);
    free(d.args.set);
    return code;
}
