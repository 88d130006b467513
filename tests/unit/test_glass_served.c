/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A segment behind xapian-tcpsrv finds what the segment itself finds, with the same weights. */

#include "../../index/glass_compare.h"
#include "harness.h"
#include "index_fixture.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static void fill(struct fixture *f)
{
    struct ix_writer *w = open_writer(f);
    for (int i = 0; i < 500; i++) {
        char id[16], body[200];
        snprintf(id, sizeof(id), "%d", i);
        snprintf(body, sizeof(body), "apple %s w%d x%d y%d 丽水 市委%s", i % 2 ? "强调" : "书记",
                 i % 3, i % 17, i, i % 5 ? "" : " apple apple");
        put(f, w, id, body);
    }
    publish(f, w);
}

/* A server of the segment on a port; 0 when the program is not there. It gets a process group of
 * its own, for when it is told to end it tells all of its group. */
static pid_t serve(const char *segment, unsigned port)
{
    char number[16];
    snprintf(number, sizeof(number), "%u", port);
    const char *argv[] = {"xapian-tcpsrv", "--quiet", "--interface", "127.0.0.1",
                          "--port",        number,    segment,       NULL};
    posix_spawnattr_t own;
    pid_t pid = 0;
    assert_int_equal(posix_spawnattr_init(&own), 0);
    assert_int_equal(posix_spawnattr_setflags(&own, POSIX_SPAWN_SETPGROUP), 0);
    if (posix_spawnp(&pid, argv[0], NULL, &own, (char *const *)(uintptr_t)argv, environ) != 0)
        pid = 0;
    posix_spawnattr_destroy(&own);
    return pid;
}

static void stop(pid_t pid)
{
    int status;
    kill(pid, SIGTERM);
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* Compare as soon as the server answers. */
static enum st compare(struct fixture *f, const char *segment, unsigned port)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    enum st st = ST_IO;
    for (int i = 0; i < 100 && st == ST_IO; i++) {
        nanosleep(&pause, NULL);
        st = glass_compare_served(segment, "127.0.0.1", port, &f->err);
    }
    return st;
}

static void a_served_segment_finds_the_same(void **state)
{
    struct fixture *f = *state;
    char segment[PATH_MAX + 16];
    fill(f);
    snprintf(segment, sizeof(segment), "%s/seg-1-0", f->dir);
    unsigned port = 20000 + (unsigned)getpid() % 20000;
    enum st st = ST_IO;
    for (int i = 0; i < 5 && st == ST_IO; i++, port += 7) { /* a port may be taken */
        pid_t pid = serve(segment, port);
        if (pid == 0) {
            print_message("xapian-tcpsrv is not installed (package xapian-tools)\n");
            skip();
        }
        st = compare(f, segment, port);
        stop(pid);
    }
    assert_ok(st, f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_served_segment_finds_the_same, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}
