/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command table.
 *
 * Everything about a command that is not its doing stands in one row: where it runs, which options
 * it takes, whether it takes text, how it is used. Checking a request, HELP, the usage in errors,
 * and the counters of STATS are all read from here, so a new command is one row (and one case
 * where it is carried out: slot.c for those of the loop, worker.c for the others).
 *
 * Options have a table of their own, since several commands share them. What an option's value
 * may be is checked here too, limits included; a value is never bent to fit.
 */
#include "command.h"

#include "value.h"

enum option {
    OPT_LIMIT,
    OPT_OFFSET,
    OPT_IN,
    OPT_SORT,
    OPT_STRICT,
    OPT_SNIPPET,
    OPT_WIDTH,
    OPT_FACET,
    OPT_ISSUER,
    OPT_TAG,
    OPT_WHO,
    OPT_FROM,
    OPT_TO,
    OPT_YEAR,
    OPT_MONTH,
    OPT_SINCE,
    OPT_COLLAPSE,
    OPT_DEADLINE,
    OPT_BY,
    OPT_GRAPH,
    OPT_ID,
    OPT_FMT,
    OPT_END
};

static const struct {
    const char *name;
    const char *usage;
    const char *help;
} options[OPT_END] = {
    [OPT_LIMIT] = {"limit", "limit=N", "hits on a page"},
    [OPT_OFFSET] = {"offset", "offset=N", "hits to pass over before the page"},
    [OPT_IN] = {"in", "in=NAME,…",
                "names of the indexes to look in, with commas; all when not given"},
    [OPT_SORT] = {"sort", "sort=date|-date|score",
                  "date: newest first; -date: oldest first; score: best first"},
    [OPT_STRICT] = {"strict", "strict=1", "1: broken syntax is an error, and not text"},
    [OPT_SNIPPET] = {"snippet", "snippet=0|1|full", "0: without snippets; full: the whole text"},
    [OPT_WIDTH] = {"width", "width=N", "columns of a snippet; a Han character takes 2"},
    [OPT_FACET] = {"facet", "facet=issuer,year,month,tag,who", "count the hits by these"},
    [OPT_ISSUER] = {"issuer", "issuer=NAME", "only what this issuer gave out"},
    [OPT_TAG] = {"tag", "tag=NAME", "only what has this tag"},
    [OPT_WHO] = {"who", "who=NAME", "only what names this person or body"},
    [OPT_FROM] = {"from", "from=DATE", "only of this day, month or year, or later"},
    [OPT_TO] = {"to", "to=DATE", "only of this day, month or year, or earlier"},
    [OPT_YEAR] = {"year", "year=YYYY", "only of this year"},
    [OPT_MONTH] = {"month", "month=YYYY-MM", "only of this month"},
    [OPT_SINCE] = {"since", "since=GENERATION", "only what came after this generation"},
    [OPT_COLLAPSE] = {"collapse", "collapse=near", "nearly equal texts as one hit"},
    [OPT_DEADLINE] = {"deadline_ms", "deadline_ms=N", "time for the request"},
    [OPT_BY] = {"by", "by=WORD", "what to count by; the usage of the verb has the words"},
    [OPT_GRAPH] = {"graph", "graph=1", "1: the word graph, its weights and the path chosen"},
    [OPT_ID] = {"id", "id=ID", "the document's id; one with spaces is given as text"},
    [OPT_FMT] = {"fmt", "fmt=json", "text, or json: one line of JSON"},
};

#define BIT(opt) (UINT64_C(1) << (opt))
#define FMT      BIT(OPT_FMT)

/* Columns of a snippet that may be asked for, as conf/gongbao.conf has them. */
#define WIDTH_MIN 20
#define WIDTH_MAX 2000

/* What they look into, and what they look for. */
#define FILTER_OPTIONS                                                                             \
    (BIT(OPT_IN) | BIT(OPT_ISSUER) | BIT(OPT_TAG) | BIT(OPT_WHO) | BIT(OPT_FROM) | BIT(OPT_TO) |   \
     BIT(OPT_YEAR) | BIT(OPT_MONTH) | BIT(OPT_SINCE) | BIT(OPT_DEADLINE) | FMT)
#define COUNT_OPTIONS (BIT(OPT_STRICT) | FILTER_OPTIONS)

#define SEARCH_OPTIONS                                                                             \
    (BIT(OPT_LIMIT) | BIT(OPT_OFFSET) | BIT(OPT_SORT) | BIT(OPT_SNIPPET) | BIT(OPT_WIDTH) |        \
     BIT(OPT_FACET) | BIT(OPT_COLLAPSE) | COUNT_OPTIONS)

static const struct command commands[CMD_END] = {
    [CMD_SEARCH] = {"SEARCH", "search", IN_WORKER, TEXT_MUST, SEARCH_OPTIONS,
                    "SEARCH [limit=N] [offset=N] [OPTION=VALUE …] [fmt=json] QUERY "
                    "(HELP SEARCH lists the options)",
                    "ranked hits; the verb may be left out before Chinese text or a ?"},
    [CMD_COUNT] = {"COUNT", "count", IN_WORKER, TEXT_MUST, COUNT_OPTIONS,
                   "COUNT [in=NAME,…] [OPTION=VALUE …] [fmt=json] QUERY",
                   "how many documents match"},
    [CMD_GET] = {"GET", "get", IN_WORKER, TEXT_MAY, BIT(OPT_ID) | BIT(OPT_IN) | FMT,
                 "GET [in=NAME,…] [fmt=json] id=ID", "one document, whole"},
    [CMD_KWIC] = {"KWIC", "kwic", IN_WORKER, TEXT_MUST,
                  BIT(OPT_LIMIT) | BIT(OPT_OFFSET) | BIT(OPT_SORT) | BIT(OPT_WIDTH) |
                      FILTER_OPTIONS,
                  "KWIC [limit=N] [offset=N] [sort=date|-date] [width=N] [OPTION=VALUE …] "
                  "[fmt=json] TEXT",
                  "where a phrase stands, in its contexts, by date"},
    [CMD_FIRST] = {"FIRST", "first", IN_WORKER, TEXT_MUST, BIT(OPT_WIDTH) | FILTER_OPTIONS,
                   "FIRST [width=N] [OPTION=VALUE …] [fmt=json] TEXT",
                   "the first and the last use of a phrase"},
    [CMD_TREND] = {"TREND", "trend", IN_WORKER, TEXT_MUST, BIT(OPT_BY) | COUNT_OPTIONS,
                   "TREND [by=month|year] [OPTION=VALUE …] [fmt=json] QUERY",
                   "how many documents of each month or year match"},
    [CMD_SIMILAR] = {"SIMILAR", "similar", IN_WORKER, TEXT_MAY,
                     BIT(OPT_ID) | BIT(OPT_LIMIT) | FILTER_OPTIONS,
                     "SIMILAR [limit=N] [OPTION=VALUE …] [fmt=json] id=ID",
                     "the documents most like one, near duplicates first"},
    [CMD_ANALYZE] = {"ANALYZE", "analyze", IN_WORKER, TEXT_MUST, BIT(OPT_GRAPH) | FMT,
                     "ANALYZE [graph=1] [fmt=json] TEXT",
                     "the tokens of a text as the index sees it"},
    [CMD_EXPLAIN] = {"EXPLAIN", "explain", IN_WORKER, TEXT_MUST, SEARCH_OPTIONS,
                     "EXPLAIN [OPTION=VALUE …] [fmt=json] QUERY (options are those of SEARCH)",
                     "how a SEARCH is understood, and what each step of it takes"},
    [CMD_WHY] = {"WHY", "why", IN_WORKER, TEXT_MUST, SEARCH_OPTIONS | BIT(OPT_ID),
                 "WHY id=ID [OPTION=VALUE …] [fmt=json] QUERY (options are those of SEARCH)",
                 "why a SEARCH shows a document where it does, or does not show it"},
    [CMD_SUGGEST] = {"SUGGEST", "suggest", IN_WORKER, TEXT_MUST,
                     BIT(OPT_LIMIT) | BIT(OPT_IN) | BIT(OPT_DEADLINE) | FMT,
                     "SUGGEST [limit=N] [in=NAME,…] [deadline_ms=N] [fmt=json] TEXT",
                     "how a text that is being typed may go on, by characters or pinyin"},
    [CMD_SPELL] = {"SPELL", "spell", IN_WORKER, TEXT_MUST,
                   BIT(OPT_LIMIT) | BIT(OPT_IN) | BIT(OPT_DEADLINE) | FMT,
                   "SPELL [limit=N] [in=NAME,…] [deadline_ms=N] [fmt=json] QUERY",
                   "what may have been meant by a query that finds nothing"},
    [CMD_STATS] = {"STATS", "stats", IN_WORKER, TEXT_NONE, FMT, "STATS [fmt=json]",
                   "the index, the daemon and its counters"},
    [CMD_TOP] = {"TOP", "top", IN_LOOP, TEXT_NONE, BIT(OPT_BY) | BIT(OPT_LIMIT) | FMT,
                 "TOP [by=queries|empty|day] [limit=N] [fmt=json]",
                 "frequent queries, those that find nothing, or searches by day"},
    [CMD_SLOWLOG] = {"SLOWLOG", "slowlog", IN_LOOP, TEXT_NONE, BIT(OPT_LIMIT) | FMT,
                     "SLOWLOG [limit=N] [fmt=json]", "the last slow requests"},
    [CMD_HELP] = {"HELP", "help", IN_LOOP, TEXT_MAY, FMT, "HELP [fmt=json] [VERB]",
                  "the commands, or one of them with its options"},
    [CMD_HELLO] = {"HELLO", "hello", IN_LOOP, TEXT_MAY, FMT, "HELLO [fmt=json]",
                   "the greeting, as for an empty line"},
    [CMD_MODE] = {"MODE", "mode", IN_LOOP, TEXT_NONE, FMT, "MODE fmt=text|json",
                  "the format of replies on this connection from here on"},
    [CMD_PING] = {"PING", "ping", IN_LOOP, TEXT_NONE, FMT, "PING [fmt=json]",
                  "whether the daemon is there"},
    [CMD_QUIT] = {"QUIT", "quit", IN_LOOP, TEXT_NONE, FMT, "QUIT [fmt=json]",
                  "close the connection after the replies before it"},
};

const struct command *command_row(enum command_id id)
{
    return &commands[id];
}

enum command_id command_find(struct str verb)
{
    for (int i = 0; i < CMD_END; i++)
        if (str_eq_nocase(verb, str_of(commands[i].verb)))
            return (enum command_id)i;
    return CMD_END;
}

static enum option find_option(struct str name)
{
    for (int i = 0; i < OPT_END; i++)
        if (str_eq_nocase(name, str_of(options[i].name)))
            return (enum option)i;
    return OPT_END;
}

#define NEAR 2 /* edits within which a guess at what was meant is worth making */

/* Edits from what was typed to a name; a guess must leave half of the letters in place. */
static unsigned distance(struct str typed, const char *name)
{
    struct str n = str_of(name);
    unsigned d = str_distance(typed, n);
    return d <= (typed.n > n.n ? typed.n : n.n) / 2 ? d : NEAR + 1;
}

static enum st unknown_verb(struct str verb, const char **usage, struct err *err)
{
    enum command_id near = CMD_HELP;
    unsigned best = NEAR + 1;
    for (int i = 0; i < CMD_END; i++) {
        unsigned d = distance(verb, commands[i].verb);
        if (d < best) {
            best = d;
            near = (enum command_id)i;
        }
    }
    *usage = commands[near].usage;
    struct str v = value_brief(verb);
    if (best > NEAR)
        return err_set(err, ST_UNKNOWN_VERB, "there is no verb " STR_FMT "; HELP lists them",
                       STR_ARG(v));
    return err_set(err, ST_UNKNOWN_VERB, "there is no verb " STR_FMT ", did you mean %s?",
                   STR_ARG(v), commands[near].verb);
}

static enum st unknown_option(const struct command *cmd, struct str name, struct err *err)
{
    struct str n = value_brief(name);
    const char *near = NULL;
    unsigned best = NEAR + 1;
    for (int i = 0; i < OPT_END; i++) {
        unsigned d = distance(name, options[i].name);
        if ((cmd->options & BIT(i)) && d < best) {
            best = d;
            near = options[i].name;
        }
    }
    if (near)
        return err_set(err, ST_UNKNOWN_OPTION,
                       "%s has no option " STR_FMT ", did you mean %s? (-- ends the options)",
                       cmd->verb, STR_ARG(n), near);
    return err_set(err, ST_UNKNOWN_OPTION, "%s has no option " STR_FMT " (-- ends the options)",
                   cmd->verb, STR_ARG(n));
}

static bool read_fmt(struct str value, enum reply_fmt *out)
{
    if (!str_eq(value, STR("json")) && !str_eq(value, STR("text")))
        return false;
    *out = value.p[0] == 'j' ? REPLY_JSON : REPLY_TEXT;
    return true;
}

enum reply_fmt command_fmt(const struct proto_line *line, enum reply_fmt fallback)
{
    enum reply_fmt fmt = fallback;
    for (size_t i = 0; i < line->noption; i++)
        if (find_option(line->option[i].key) == OPT_FMT)
            read_fmt(line->option[i].value, &fmt);
    return fmt;
}

#define WORDS(array, shown) array, sizeof(array) / sizeof((array)[0]), shown

/* Uses of a phrase come by date: they have no score. */
static enum st read_sort(const struct proto_option *o, struct request *out, struct err *err)
{
    static const char *const word[] = {"date", "-date", "score"};
    static const enum srch_sort sort[] = {SRCH_NEWEST, SRCH_OLDEST, SRCH_BY_SCORE};
    size_t i;
    enum st st = out->id == CMD_KWIC ? value_choice(o, word, 2, "date, -date", &i, err)
                                     : value_choice(o, WORDS(word, "date, -date, score"), &i, err);
    if (st == ST_OK)
        out->sort = sort[i];
    return st;
}

static enum st read_snippet(const struct proto_option *o, struct request *out, struct err *err)
{
    static const char *const word[] = {"0", "1", "full"};
    size_t i;
    enum st st = value_choice(o, WORDS(word, "0, 1, full"), &i, err);
    out->snippet = i > 0;
    out->whole = i == 2;
    return st;
}

static enum st read_collapse(const struct proto_option *o, bool *out, struct err *err)
{
    static const char *const word[] = {"near"};
    size_t i;
    *out = true;
    return value_choice(o, WORDS(word, "near"), &i, err);
}

/* What may follow by= is a matter of the verb. */
static enum st read_by(const struct proto_option *o, struct request *out, struct err *err)
{
    static const char *const period[] = {"month", "year"};
    static const char *const top[] = {
        [TOP_QUERIES] = "queries", [TOP_EMPTY] = "empty", [TOP_DAY] = "day"};
    size_t i;
    if (out->id != CMD_TOP) {
        enum st st = value_choice(o, WORDS(period, "month, year"), &i, err);
        out->by_year = i == 1;
        return st;
    }
    enum st st = value_choice(o, WORDS(top, "queries, empty, day"), &i, err);
    out->top = st == ST_OK ? (enum top_by)i : TOP_QUERIES;
    return st;
}

static enum st read_facet(const struct proto_option *o, struct str *out, struct err *err)
{
    static const char *const word[] = {"issuer", "year", "month", "tag", "who"};
    *out = o->value;
    return value_choices(o, WORDS(word, "issuer, year, month, tag, who"), err);
}

/* What is of a period is from it and up to it. */
static enum st read_period(const struct proto_option *o, size_t n, const char *example,
                           struct request *out, struct err *err)
{
    if (o->value.n != n || value_date(o, &out->from, NULL) != ST_OK)
        return value_unlike(o, example, err);
    out->to = out->from;
    return ST_OK;
}

static enum st read_option(enum option opt, const struct proto_option *o,
                           const struct command_limits *lim, struct request *out, struct err *err)
{
    switch (opt) {
    case OPT_LIMIT:
        return value_number(o, 1, lim->limit_max, &out->limit, err);
    case OPT_OFFSET:
        return value_number(o, 0, lim->window, &out->offset, err);
    case OPT_IN:
        return value_name(o, &out->in, err);
    case OPT_ID:
        return value_name(o, &out->doc, err);
    case OPT_SORT:
        return read_sort(o, out, err);
    case OPT_STRICT:
        return value_flag(o, &out->strict, err);
    case OPT_SNIPPET:
        return read_snippet(o, out, err);
    case OPT_WIDTH:
        return value_number(o, WIDTH_MIN, WIDTH_MAX, &out->width, err);
    case OPT_FACET:
        return read_facet(o, &out->facet, err);
    case OPT_ISSUER:
        return value_name(o, &out->issuer, err);
    case OPT_TAG:
        return value_name(o, &out->label, err);
    case OPT_WHO:
        return value_name(o, &out->who, err);
    case OPT_FROM:
        return value_date(o, &out->from, err);
    case OPT_TO:
        return value_date(o, &out->to, err);
    case OPT_YEAR:
        return read_period(o, 4, "2024", out, err);
    case OPT_MONTH:
        return read_period(o, 7, "2024-10", out, err);
    case OPT_SINCE:
        return value_number(o, 1, UINT64_MAX, &out->since, err);
    case OPT_COLLAPSE:
        return read_collapse(o, &out->collapse, err);
    case OPT_DEADLINE:
        return value_number(o, 1, lim->deadline_ms, &out->deadline_ms, err);
    case OPT_BY:
        return read_by(o, out, err);
    case OPT_GRAPH:
        return value_flag(o, &out->graph, err);
    case OPT_FMT:
        out->fmt_given = read_fmt(o->value, &out->fmt);
        return out->fmt_given ? ST_OK : value_bad(o, "text, json", err);
    case OPT_END:
        break;
    }
    return ST_OK;
}

static enum st read_options(const struct proto_line *line, const struct command *cmd,
                            const struct command_limits *limits, struct request *out,
                            struct err *err)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < line->noption; i++) {
        const struct proto_option *o = &line->option[i];
        enum option opt = find_option(o->key);
        if (opt == OPT_END || !(cmd->options & BIT(opt)))
            return unknown_option(cmd, o->key, err);
        if (seen & BIT(opt))
            return err_set(err, ST_BAD_VALUE, "%s is given twice", options[opt].name);
        seen |= BIT(opt);
        bool dated = seen & (BIT(OPT_FROM) | BIT(OPT_TO));
        if (dated + !!(seen & BIT(OPT_YEAR)) + !!(seen & BIT(OPT_MONTH)) > 1)
            return err_set(err, ST_BAD_VALUE,
                           "year, month, and from with to: only one of these can be given");
        enum st st = read_option(opt, o, limits, out, err);
        if (st != ST_OK)
            return st;
    }
    return ST_OK;
}

/* What cannot be told from one option alone. */
static enum st check_whole(const struct command *cmd, const struct command_limits *limits,
                           struct request *out, struct err *err)
{
    bool blank = str_trim(out->text).n == 0;
    if (cmd->text == TEXT_NONE && !blank)
        return err_set(err, ST_BAD_VALUE, "%s takes no text", cmd->verb);
    if (cmd->text == TEXT_MUST && blank)
        return err_set(err, ST_BAD_VALUE, "%s needs a text", cmd->verb);
    if ((cmd->options & BIT(OPT_OFFSET)) && out->offset + out->limit > limits->window)
        return err_set(err, ST_BAD_VALUE, "offset and limit together come to more than %llu",
                       (unsigned long long)limits->window);
    if (out->id == CMD_MODE && !out->fmt_given)
        return err_set(err, ST_BAD_VALUE, "MODE needs fmt=text or fmt=json");
    if (out->id == CMD_WHY && out->doc.n == 0)
        return err_set(err, ST_BAD_VALUE, "WHY needs id=");
    if (out->id != CMD_GET && out->id != CMD_SIMILAR)
        return ST_OK;
    if (out->doc.n > 0 && !blank)
        return err_set(err, ST_BAD_VALUE,
                       "the id is given twice; one with spaces is given as text alone");
    if (out->doc.n == 0)
        out->doc = out->text;
    return out->doc.n > 0 ? ST_OK : err_set(err, ST_BAD_VALUE, "%s needs an id", cmd->verb);
}

enum st command_check(const struct proto_line *line, const struct command_limits *limits,
                      enum reply_fmt fallback, struct request *out, const char **usage,
                      struct err *err)
{
    *out = (struct request){
        .fmt = command_fmt(line, fallback),
        .tag = line->tag,
        .text = line->text,
        .limit = limits->limit,
        .snippet = true,
    };
    *usage = NULL;
    if (line->bare)
        out->id = CMD_SEARCH;
    else
        out->id = line->verb.n == 0 ? CMD_HELLO : command_find(line->verb);
    if (out->id == CMD_END)
        return unknown_verb(line->verb, usage, err);

    const struct command *cmd = command_row(out->id);
    *usage = cmd->usage;
    if (out->id == CMD_SPELL)
        out->limit = 1;
    enum st st = read_options(line, cmd, limits, out, err);
    return st == ST_OK ? check_whole(cmd, limits, out, err) : st;
}

static void help_row(struct reply *r, const char *name, const char *usage, const char *help)
{
    reply_row_begin(r);
    reply_cell(r, "name", str_of(name));
    reply_cell(r, "usage", str_of(usage));
    reply_cell(r, "help", str_of(help));
    reply_row_end(r);
}

static void help_one(struct reply *r, const struct command *cmd)
{
    help_row(r, cmd->verb, cmd->usage, cmd->help);
    for (int i = 0; i < OPT_END; i++)
        if (cmd->options & BIT(i))
            help_row(r, options[i].name, options[i].usage, options[i].help);
}

enum st command_help(struct reply *r, struct str topic, const char **usage, struct err *err)
{
    enum command_id id = CMD_END;
    topic = str_trim(topic);
    if (topic.n > 0) {
        id = command_find(topic);
        if (id == CMD_END)
            return unknown_verb(topic, usage, err);
    }
    reply_begin(r, 210, "help");
    reply_rows_begin(r, "rows");
    if (topic.n > 0)
        help_one(r, command_row(id));
    else
        for (int i = 0; i < CMD_END; i++)
            help_row(r, commands[i].verb, commands[i].usage, commands[i].help);
    reply_rows_end(r);
    return ST_OK;
}
