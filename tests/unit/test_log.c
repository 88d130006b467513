/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The log: one event is one line, and nothing in it can look like another. */

#include "harness.h"
#include <gongbao/log.h>
#include <gongbao/utf8.h>
#include <sys/stat.h>

/* What log_line writes for text, into line. */
static void logged(const struct log *like, enum log_level level, const char *text, char *line,
                   size_t size)
{
    int ends[2];
    struct log lg = *like;
    assert_int_equal(pipe(ends), 0);
    lg.fd = ends[1];
    log_line(&lg, level, "%s", text);
    close(ends[1]);
    ssize_t n = read(ends[0], line, size - 1);
    assert_true(n >= 0);
    line[n] = '\0';
    close(ends[0]);
}

static void a_line(void **state)
{
    (void)state;
    const struct log lg = {.level = LOG_INFO};
    char line[100];
    logged(&lg, LOG_INFO, "ready line=127.0.0.1:7311 documents=56851", line, sizeof(line));
    assert_string_equal(line, "info ready line=127.0.0.1:7311 documents=56851\n");
    logged(&lg, LOG_ERROR, "worker-died signal=11", line, sizeof(line));
    assert_string_equal(line, "error worker-died signal=11\n");
    logged(&lg, LOG_DEBUG, "too much detail", line, sizeof(line));
    assert_string_equal(line, "");
    log_line(NULL, LOG_ERROR, "to nobody");
}

static void the_journal_gets_priorities(void **state)
{
    (void)state;
    const struct log lg = {.level = LOG_DEBUG, .journal = true};
    char line[100];
    logged(&lg, LOG_ERROR, "x", line, sizeof(line));
    assert_string_equal(line, "<3>error x\n");
    logged(&lg, LOG_WARN, "x", line, sizeof(line));
    assert_string_equal(line, "<4>warn x\n");
    logged(&lg, LOG_DEBUG, "x", line, sizeof(line));
    assert_string_equal(line, "<7>debug x\n");
}

static void a_query_cannot_forge_a_line(void **state)
{
    (void)state;
    const struct log lg = {.level = LOG_INFO};
    char line[200];
    logged(&lg, LOG_INFO, "slow q=强调\nerror disk-full\r\t\x1b[2J\x7f", line, sizeof(line));
    assert_string_equal(line, "info slow q=强调\\nerror disk-full\\r\\t\\x1b[2J\\x7f\n");
    logged(&lg, LOG_INFO, "q=\xc2\x9b \xe2\x80\xae \xff\xe5\xbc", line, sizeof(line));
    assert_string_equal(line, "info q=\\xc2\\x9b \\xe2\\x80\\xae \\xff\\xe5\\xbc\n");
}

static void a_long_line_is_cut_between_characters(void **state)
{
    (void)state;
    const struct log lg = {.level = LOG_INFO};
    for (size_t shift = 0; shift < 3; shift++) {
        char text[4000], line[9000];
        size_t n = shift;
        memset(text, 'x', shift);
        for (; n + 3 < sizeof(text); n += 3)
            memcpy(text + n, "强", 3);
        text[n] = '\0';
        logged(&lg, LOG_INFO, text, line, sizeof(line));
        size_t length = strlen(line);
        assert_in_range(length, 5 + 1997, 5 + 2001);
        assert_int_equal(line[length - 1], '\n');
        assert_int_equal(utf8_check(line, length), length);
        assert_null(strstr(line, "\\x"));
    }
    char text[3000], line[9000];
    memset(text, 1, sizeof(text) - 1); /* each byte grows to four */
    text[sizeof(text) - 1] = '\0';
    logged(&lg, LOG_INFO, text, line, sizeof(line));
    assert_in_range(strlen(line), 5 + 4 * 1999, 5 + 4 * 2000 + 1);
}

static void levels_by_name(void **state)
{
    (void)state;
    enum log_level level = LOG_ERROR;
    assert_true(log_level_of(STR("debug"), &level) && level == LOG_DEBUG);
    assert_true(log_level_of(STR("warn"), &level) && level == LOG_WARN);
    assert_false(log_level_of(STR("Warn"), &level));
    assert_false(log_level_of(STR(""), &level));
    assert_int_equal(level, LOG_WARN);
}

static void the_journal_is_known_by_its_stream(void **state)
{
    (void)state;
    struct stat info;
    struct log lg;
    char stream[64];
    assert_int_equal(fstat(STDERR_FILENO, &info), 0);
    snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_init(&lg, LOG_WARN);
    assert_true(lg.journal);
    assert_int_equal(lg.fd, STDERR_FILENO);
    assert_int_equal(lg.level, LOG_WARN);
    setenv("JOURNAL_STREAM", "1:1", 1); /* inherited, but standard error went elsewhere */
    log_init(&lg, LOG_WARN);
    assert_false(lg.journal);
    unsetenv("JOURNAL_STREAM");
    log_init(&lg, LOG_WARN);
    assert_false(lg.journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line),
        cmocka_unit_test(the_journal_gets_priorities),
        cmocka_unit_test(a_query_cannot_forge_a_line),
        cmocka_unit_test(a_long_line_is_cut_between_characters),
        cmocka_unit_test(levels_by_name),
        cmocka_unit_test(the_journal_is_known_by_its_stream),
    };
    return RUN_TESTS(tests);
}
