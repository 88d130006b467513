/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_LOG_H
#define GONGBAO_LOG_H

/* One event, one line: "LEVEL event key=value ..." on a descriptor, control characters escaped,
 * so that nothing a client sends can forge a line. When the descriptor is the journal's, lines
 * carry the <N> priority prefix that systemd reads. */

#include <gongbao/str.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log {
    int fd;
    enum log_level level; /* lines above it are dropped */
    bool journal;         /* prefix <3>, <4>, <6>, <7> */
};

/* Log to standard error; journal prefixes when JOURNAL_STREAM names it. */
void log_init(struct log *lg, enum log_level level);

/* "error" "warn" "info" "debug"; false for anything else. */
bool log_level_of(struct str name, enum log_level *out);

/* One line; the formatted text is cut at 2,000 bytes and escaped. lg may be NULL: nothing. */
void log_line(const struct log *lg, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
