/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_COMMAND_H
#define NET_COMMAND_H

#include "history.h"
#include "proto.h"
#include "reply.h"

#include <stdint.h>

enum command_id {
    CMD_SEARCH,
    CMD_COUNT,
    CMD_GET,
    CMD_KWIC,
    CMD_FIRST,
    CMD_TREND,
    CMD_SIMILAR,
    CMD_ANALYZE,
    CMD_EXPLAIN,
    CMD_WHY,
    CMD_SUGGEST,
    CMD_SPELL,
    CMD_STATS,
    CMD_TOP,
    CMD_SLOWLOG,
    CMD_HELP,
    CMD_HELLO,
    CMD_MODE,
    CMD_PING,
    CMD_QUIT,
    CMD_END
};

enum command_place {
    IN_LOOP,  /* answered at once from what the loop knows */
    IN_WORKER /* needs the index or the analyzer */
};

enum command_text { TEXT_NONE, TEXT_MAY, TEXT_MUST };

/* One row of the one table of commands. */
struct command {
    const char *verb;
    const char *key; /* the verb in lower case, for counters */
    enum command_place place;
    enum command_text text;
    uint64_t options; /* bit 1 << enum of the option table in command.c */
    const char *usage;
    const char *help;
};

/* The row of a command. */
const struct command *command_row(enum command_id id);

/* The command with a verb in any case, or CMD_END. */
enum command_id command_find(struct str verb);

struct command_limits {
    uint64_t limit; /* when none is given */
    uint64_t limit_max;
    uint64_t window;      /* most that offset + limit may come to */
    uint64_t deadline_ms; /* most time that a request may take */
};

/* A request that passed every check which needs no index. Strings are slices of the line. */
struct request {
    enum command_id id;
    enum reply_fmt fmt;
    bool fmt_given;
    struct str tag, text, in, doc;
    uint64_t limit, offset;
    bool snippet, graph;
    enum top_by top;
    uint64_t deadline_ms;

    /* Of a search, as in struct srch_request, where label is its tag. */
    enum srch_sort sort;
    bool strict, whole, collapse, by_year;
    uint64_t width, since;
    struct str facet, issuer, label, who, from, to;
};

/* The format a line asks for, or fallback; for answering lines that are wrong otherwise. */
enum reply_fmt command_fmt(const struct proto_line *line, enum reply_fmt fallback);

/* Check a line against the table. *usage is the usage to show beside an error, or NULL.
 * ST_UNKNOWN_VERB, ST_UNKNOWN_OPTION, ST_BAD_VALUE. */
enum st command_check(const struct proto_line *line, const struct command_limits *limits,
                      enum reply_fmt fallback, struct request *out, const char **usage,
                      struct err *err);

/* The reply to HELP: all commands, or the one that topic names. ST_UNKNOWN_VERB. */
enum st command_help(struct reply *r, struct str topic, const char **usage, struct err *err);

#endif
