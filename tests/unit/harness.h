/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_HARNESS_H
#define GONGBAO_HARNESS_H

/* What every unit test shares: cmocka, a main, and input that ends where the memory ends.
 *
 *     #include "harness.h"
 *
 *     static void finds_the_word(void **state) { ... }
 *
 *     int main(void)
 *     {
 *         const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_word)};
 *         return RUN_TESTS(tests);
 *     }
 *
 * A program must end with the descriptors it began with; RUN_TESTS fails when it does not.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <gongbao/str.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#define RUN_TESTS(tests) harness_run(tests, sizeof(tests) / sizeof((tests)[0]))

/* A str and a C string, or two strs, are the same bytes. */
#define assert_str(actual, literal) harness_assert_str((actual), STR(literal), __FILE__, __LINE__)

static inline void harness_assert_str(struct str actual, struct str wanted, const char *file,
                                      int line)
{
    if (str_eq(actual, wanted))
        return;
    print_error("\"" STR_FMT "\" instead of \"" STR_FMT "\"\n", STR_ARG(actual), STR_ARG(wanted));
    _fail(file, line);
}

enum { HARNESS_FDS = 1024 };

static inline bool harness_is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

/* How many descriptors are open. */
static inline size_t harness_open(void)
{
    size_t n = 0;
    for (int fd = 0; fd < HARNESS_FDS; fd++)
        n += harness_is_open(fd);
    return n;
}

static inline void harness_name_fd(int fd)
{
    char link[64], target[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, target, sizeof(target));
    fprintf(stderr, "descriptor %d is still open: %.*s\n", fd, n > 0 ? (int)n : 0, target);
}

/* Run the tests; 0 when all passed and no descriptor was left open or closed. */
static inline int harness_run(const struct CMUnitTest *tests, size_t n)
{
    bool before[HARNESS_FDS];
    for (int fd = 0; fd < HARNESS_FDS; fd++)
        before[fd] = harness_is_open(fd);
    int failed = _cmocka_run_group_tests(program_invocation_short_name, tests, n, NULL, NULL);
    for (int fd = 0; fd < HARNESS_FDS; fd++) {
        bool after = harness_is_open(fd);
        if (after && !before[fd])
            harness_name_fd(fd);
        if (!after && before[fd])
            fprintf(stderr, "descriptor %d was closed\n", fd);
        failed += after != before[fd];
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Bytes at whose end a page begins that cannot be touched, so that reading one byte too many is a
 * crash and not luck. */
struct guarded {
    char *p;
    size_t n;
    char *map;
    size_t map_n;
};

static inline struct guarded guard(struct str bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (bytes.n + page - 1) / page * page;
    struct guarded g = {.n = bytes.n, .map_n = room + page};
    g.map = mmap(NULL, g.map_n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(g.map, MAP_FAILED);
    assert_int_equal(mprotect(g.map + room, page, PROT_NONE), 0);
    g.p = g.map + room - bytes.n;
    if (bytes.n)
        memcpy(g.p, bytes.p, bytes.n);
    return g;
}

static inline struct str guarded_str(struct guarded g)
{
    return str_from(g.p, g.n);
}

static inline void unguard(struct guarded *g)
{
    munmap(g->map, g->map_n);
    *g = (struct guarded){0};
}

/* A fresh folder below the one the runner gives, or below /tmp; the caller removes it and frees
 * its name. */
static inline char *harness_folder(void)
{
    const char *base = getenv("GONGBAO_TMP");
    char *path = NULL;
    assert_true(asprintf(&path, "%s/test-XXXXXX", base ? base : "/tmp") > 0);
    assert_non_null(mkdtemp(path));
    return path;
}

#endif
