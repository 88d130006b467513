/* SPDX-License-Identifier: GPL-2.0-or-later */

/* gongbao search, count, get, explain, why, stats: one request to a running daemon.
 *
 * The request is sent, the connection is closed for writing, and everything that comes back is
 * read. With --json the daemon's line is printed as it is, otherwise the rows (client_print.c). In
 * both cases the daemon has escaped what a terminal could act upon, and it stays so.
 *
 * Exit status: 0 there is an answer; 1 nothing was found; 2 the request is wrong; 4 the daemon
 * cannot be reached or failed.
 */
#include "client_print.h"
#include "cmd.h"
#include "settings.h"

#include <errno.h>
#include <getopt.h>
#include <gongbao/buf.h>
#include <gongbao/net.h>
#include <gongbao/utf8.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define REPLY_MAX   (512u << 20)
#define REQUEST_MAX (4u << 20)
#define PATIENCE_S  60 /* for the daemon to say something */

enum { EXIT_NOTHING = 1, EXIT_WRONG = 2, EXIT_FAILED = 4 };

/* Options of a search that are sent as they are; the daemon knows what they may be. */
static const char *const sent[] = {"sort",   "strict",   "snippet",     "width", "facet",
                                   "issuer", "tag",      "who",         "from",  "to",
                                   "since",  "collapse", "deadline_ms", "year",  "month"};

enum { SENT = 256, NSENT = sizeof(sent) / sizeof(sent[0]) };

struct client {
    const char *name; /* of the sub-command */
    const char *host; /* ADDR:PORT */
    const char *unix_path;
    const char *limit, *offset, *in;
    const char *asked[NSENT];
    bool json, help;
    struct buf request, reply;
};

static const struct option long_options[] = {
    {"host", required_argument, NULL, 'h'},
    {"unix", required_argument, NULL, 'u'},
    {"limit", required_argument, NULL, 'l'},
    {"offset", required_argument, NULL, 'o'},
    {"in", required_argument, NULL, 'i'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'H'},

    {"sort", required_argument, NULL, SENT},
    {"strict", required_argument, NULL, SENT + 1},
    {"snippet", required_argument, NULL, SENT + 2},
    {"width", required_argument, NULL, SENT + 3},
    {"facet", required_argument, NULL, SENT + 4},
    {"issuer", required_argument, NULL, SENT + 5},
    {"tag", required_argument, NULL, SENT + 6},
    {"who", required_argument, NULL, SENT + 7},
    {"from", required_argument, NULL, SENT + 8},
    {"to", required_argument, NULL, SENT + 9},
    {"since", required_argument, NULL, SENT + 10},
    {"collapse", required_argument, NULL, SENT + 11},
    {"deadline_ms", required_argument, NULL, SENT + 12},
    {"year", required_argument, NULL, SENT + 13},
    {"month", required_argument, NULL, SENT + 14},
    {NULL, 0, NULL, 0},
};

/* What one sub-command is. */
struct kind {
    const char *verb;
    const char *usage;
    bool pages;     /* takes --limit and --offset */
    bool searches;  /* takes the options that are sent as they are */
    bool has_index; /* takes --in */
    bool has_text;
    bool has_id;       /* the first argument is an id, and text follows */
    const char *total; /* key of the number that is 0 when nothing was found; NULL: none */
    void (*print)(struct str head, struct str rows);
};

/* ---- asking ---- */

static enum st send_request(struct client *c, int fd, struct err *err)
{
    for (size_t at = 0; at < c->request.n;) {
        ssize_t n = send(fd, c->request.p + at, c->request.n - at, MSG_NOSIGNAL);
        if (n < 0)
            return err_sys(err, "cannot send to", "the daemon");
        at += (size_t)n;
    }
    shutdown(fd, SHUT_WR);
    return ST_OK;
}

static enum st read_reply(struct client *c, int fd, struct err *err)
{
    for (;;) {
        char *to = buf_room(&c->reply, 65536);
        if (!to)
            return err_set(err, ST_NO_MEMORY, "the reply is too large");
        ssize_t n = read(fd, to, 65536);
        if (n == 0)
            return c->reply.n > 0 ? ST_OK
                                  : err_set(err, ST_IO, "the daemon closed without an answer");
        if (n < 0 && errno == EAGAIN)
            return err_set(err, ST_IO, "the daemon says nothing for %d s", PATIENCE_S);
        if (n < 0)
            return err_sys(err, "cannot read from", "the daemon");
        c->reply.n += (size_t)n;
    }
}

static enum st ask(struct client *c, struct err *err)
{
    struct timeval patience = {PATIENCE_S, 0};
    int fd;
    enum st st = net_dial(c->host, c->unix_path, &fd, err);
    if (st != ST_OK)
        return st;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    st = send_request(c, fd, err);
    if (st == ST_OK)
        st = read_reply(c, fd, err);
    close(fd);
    return st;
}

static void add_option(struct client *c, const char *key, const char *value)
{
    if (!value)
        return;
    bool quoted = value[0] == '"' || strchr(value, ' ');
    buf_addf(&c->request, quoted ? " %s=\"%s\"" : " %s=%s", key, value);
}

/* A quote before a space would end it. */
static bool can_be_sent(const char *value)
{
    return !value || !strstr(value, "\" ");
}

static enum st build_request(struct client *c, const struct kind *k, int argc, char **argv,
                             struct err *err)
{
    buf_addz(&c->request, k->verb);
    add_option(c, "limit", c->limit);
    add_option(c, "offset", c->offset);
    add_option(c, "in", c->in);
    for (size_t i = 0; i < NSENT; i++) {
        if (!can_be_sent(c->asked[i]))
            return err_set(err, ST_USAGE, "--%s takes no value with a quote before a space",
                           sent[i]);
        add_option(c, sent[i], c->asked[i]);
    }
    add_option(c, "fmt", c->json ? "json" : NULL);
    if (k->has_id) {
        if (!can_be_sent(argv[0]))
            return err_set(err, ST_USAGE, "an id with a quote before a space cannot be asked for");
        add_option(c, "id", argv[0]);
        argc--;
        argv++;
    }
    if (argc > 0)
        buf_addz(&c->request, " --");
    for (int i = 0; i < argc; i++)
        buf_addf(&c->request, " %s", argv[i]);
    if (!buf_ok(&c->request))
        return err_set(err, ST_USAGE, "the text is too long");
    if (memchr(c->request.p, '\n', c->request.n))
        return err_set(err, ST_USAGE, "a request is one line: there is a line break in it");
    buf_addc(&c->request, '\n');
    return ST_OK;
}

/* The exit status for a reply's code. */
static int exit_of(uint64_t code)
{
    if (code < 300)
        return 0;
    if (code == 404)
        return EXIT_NOTHING;
    return code == 408 || code == 429 || code >= 500 ? EXIT_FAILED : EXIT_WRONG;
}

/* The number behind a key in a line of JSON. A key is not found within a text, whose quotes are
 * escaped. */
static uint64_t json_number(struct str line, const char *key, uint64_t fallback)
{
    char quoted[32];
    int n = snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *at = memmem(line.p, line.n, quoted, (size_t)n);
    if (!at)
        return fallback;
    at += n;
    size_t digits = 0;
    while (at + digits < line.p + line.n && at[digits] >= '0' && at[digits] <= '9')
        digits++;
    uint64_t v;
    return str_u64(str_from(at, digits), UINT64_MAX, &v) ? v : fallback;
}

static int print_json(struct str line, const struct kind *k)
{
    uint64_t code = json_number(line, "code", 500);
    fwrite(line.p, 1, line.n, stdout);
    if (code < 300 && k->total && json_number(line, k->total, 1) == 0)
        return EXIT_NOTHING;
    return exit_of(code);
}

/* The query and, under the place that an error names, a caret. */
static void print_caret(const struct client *c, struct str head)
{
    struct str query = buf_str(&c->request);
    const char *text = memmem(query.p, query.n, " -- ", 4);
    uint64_t offset;
    if (!text || !str_u64(client_value(head, "offset"), query.n, &offset))
        return;
    query = str_from(text + 4, (size_t)(query.p + query.n - text) - 5);
    if (offset > query.n)
        return;
    int column = 0;
    for (size_t at = 0; at < offset;) {
        uint32_t cp = 0;
        unsigned n = utf8_next(query.p + at, query.p + query.n, &cp);
        column += (int)utf8_columns(cp);
        at += n ? n : 1;
    }
    fprintf(stderr, "  " STR_FMT "\n  %*s^\n", STR_ARG(query), column, "");
}

static int print_text(const struct client *c, struct str rows, const struct kind *k)
{
    struct str head = str_cut(&rows, '\n'), rest = head;
    uint64_t code = 500;
    str_u64(str_cut(&rest, ' '), 599, &code);
    if (code >= 300) {
        fprintf(stderr, "gongbao %s: " STR_FMT "\n", c->name, STR_ARG(head));
        if (code == 422)
            print_caret(c, head);
        return exit_of(code);
    }
    k->print(head, rows);
    return k->total && str_eq(client_value(head, k->total), STR("0")) ? EXIT_NOTHING : 0;
}

static int print_reply(const struct client *c, const struct kind *k)
{
    struct str reply = buf_str(&c->reply);
    return c->json ? print_json(reply, k) : print_text(c, reply, k);
}

/* ---- sub-commands ---- */

/* Read the options, up to --help; false for a wrong command line. */
static bool read_options(struct client *c, const struct kind *k, int argc, char **argv)
{
    int o;
    c->host = SETTINGS_LISTEN;
    while ((o = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        bool known = (o != 'l' && o != 'o') || k->pages;
        if (o == '?' || !known || (o == 'i' && !k->has_index) || (o >= SENT && !k->searches))
            return false;
        if (o == 'j')
            c->json = true;
        else if (o == 'H')
            return c->help = true;
        else
            *(o >= SENT  ? &c->asked[o - SENT]
              : o == 'h' ? &c->host
              : o == 'u' ? &c->unix_path
              : o == 'l' ? &c->limit
              : o == 'o' ? &c->offset
                         : &c->in) = optarg;
    }
    return (optind + k->has_id < argc) == k->has_text;
}

static int run(const struct kind *k, int argc, char **argv)
{
    struct client c = {.name = argv[0]};
    struct err err = ERR_INIT;
    bool understood = read_options(&c, k, argc, argv);
    if (!understood || c.help) {
        fprintf(c.help ? stdout : stderr, "usage: gongbao %s %s\n", argv[0], k->usage);
        return c.help ? 0 : EXIT_WRONG;
    }
    buf_init(&c.request, REQUEST_MAX);
    buf_init(&c.reply, REPLY_MAX);
    enum st st = build_request(&c, k, argc - optind, argv + optind, &err);
    if (st == ST_OK)
        st = ask(&c, &err);
    int code = st == ST_OK ? print_reply(&c, k) : cmd_fail(argv[0], &err);
    buf_fini(&c.request);
    buf_fini(&c.reply);
    if (fflush(stdout) != 0)
        code = EXIT_FAILED;
    return code;
}

#define WHERE "[--host ADDR:PORT | --unix PATH] [--json]"

int cmd_search(int argc, char **argv)
{
    static const struct kind k = {
        .verb = "SEARCH",
        .usage = WHERE
        " [--limit N] [--offset N] [--in NAME] [--OPTION VALUE]… QUERY…\n"
        "OPTION: sort, strict, snippet, width, facet, collapse, issuer, tag, who, from, to, "
        "year, month, since, deadline_ms",
        .pages = true,
        .searches = true,
        .has_index = true,
        .has_text = true,
        .total = "total",
        .print = client_print_hits,
    };
    return run(&k, argc, argv);
}

int cmd_count(int argc, char **argv)
{
    static const struct kind k = {
        .verb = "COUNT",
        .usage =
            WHERE " [--in NAME] [--OPTION VALUE]… QUERY…\n"
                  "OPTION: strict, issuer, tag, who, from, to, year, month, since, deadline_ms",
        .searches = true,
        .has_index = true,
        .has_text = true,
        .total = "n",
        .print = client_print_count,
    };
    return run(&k, argc, argv);
}

int cmd_get(int argc, char **argv)
{
    static const struct kind k = {
        .verb = "GET",
        .usage = WHERE " [--in NAME] ID",
        .has_index = true,
        .has_text = true,
        .print = client_print_document,
    };
    return run(&k, argc, argv);
}

int cmd_explain(int argc, char **argv)
{
    static const struct kind k = {
        .verb = "EXPLAIN",
        .usage = WHERE " [--in NAME] QUERY…",
        .has_index = true,
        .has_text = true,
        .print = client_print_all,
    };
    return run(&k, argc, argv);
}

int cmd_why(int argc, char **argv)
{
    static const struct kind k = {
        .verb = "WHY",
        .usage = WHERE " [--in NAME] ID QUERY…",
        .has_index = true,
        .has_text = true,
        .has_id = true,
        .print = client_print_all,
    };
    return run(&k, argc, argv);
}

int cmd_stats(int argc, char **argv)
{
    static const struct kind k = {.verb = "STATS", .usage = WHERE, .print = client_print_stats};
    return run(&k, argc, argv);
}
