/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One event, one line, one write.
 *
 * A line is put together on the stack, made harmless character by character, and handed to the
 * kernel in one piece, so that lines of several processes on one descriptor do not mix. There is
 * no buffer to flush and no state to lock. A line that cannot be written is lost: logging must
 * never stop the work it tells of.
 */

#include <gongbao/file.h>
#include <gongbao/log.h>
#include <gongbao/utf8.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LONGEST = 2000,                /* of the formatted text, before escaping */
    ESCAPED = sizeof("\\xff") - 1, /* the most that one byte grows to */
};

static const struct {
    const char *name;
    char priority; /* of syslog(3), as systemd reads it */
} levels[] = {
    [LOG_ERROR] = {"error", '3'},
    [LOG_WARN] = {"warn", '4'},
    [LOG_INFO] = {"info", '6'},
    [LOG_DEBUG] = {"debug", '7'},
};

/* JOURNAL_STREAM is "device:inode" of the stream systemd made; it counts only while fd is still
 * that stream. */
static bool is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat info;
    char mine[64];
    if (!stream || fstat(fd, &info) != 0)
        return false;
    snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
    return strcmp(stream, mine) == 0;
}

void log_init(struct log *lg, enum log_level level)
{
    *lg = (struct log){.fd = STDERR_FILENO, .level = level, .journal = is_journal(STDERR_FILENO)};
}

bool log_level_of(struct str name, enum log_level *out)
{
    for (unsigned i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (str_eq(name, str_of(levels[i].name))) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* Copy text to out, with control characters and broken bytes as \n, \t, \r or \xNN. Returns how
 * much was written; out has room for ESCAPED bytes to each one of text. */
static size_t escape(char *out, const char *text, size_t n)
{
    const char *end = text + n;
    char *to = out;
    while (text < end) {
        uint32_t cp;
        unsigned len = utf8_next(text, end, &cp);
        if (len && !utf8_is_control(cp)) {
            memcpy(to, text, len);
            to += len;
            text += len;
            continue;
        }
        for (unsigned i = 0; i < (len ? len : 1); i++, text++) {
            const char *letter = *text ? strchr("\nn\tt\rr", *text) : NULL;
            if (letter && letter[1] != *text && (unsigned char)*text < 0x20)
                to += sprintf(to, "\\%c", letter[1]);
            else
                to += sprintf(to, "\\x%02x", (unsigned char)*text);
        }
    }
    return (size_t)(to - out);
}

void log_line(const struct log *lg, enum log_level level, const char *fmt, ...)
{
    if (!lg || level > lg->level)
        return;
    char text[LONGEST + 1], line[16 + LONGEST * ESCAPED + 1];
    va_list ap;
    va_start(ap, fmt);
    int wanted = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (wanted < 0)
        return;
    size_t n = strlen(text);
    if ((size_t)wanted > n && n) /* cut: do not leave half a character */
        n = utf8_floor(text, n, n - 1);
    size_t at = 0;
    if (lg->journal)
        at += (size_t)sprintf(line, "<%c>", levels[level].priority);
    at += (size_t)sprintf(line + at, "%s ", levels[level].name);
    at += escape(line + at, text, n);
    line[at++] = '\n';
    (void)file_write_all(lg->fd, str_from(line, at)); /* a line that cannot be written is lost */
}
